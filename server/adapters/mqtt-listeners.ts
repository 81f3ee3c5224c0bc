import { createServer as createHttpServer } from 'node:http';
import { createServer as createTcpServer, type AddressInfo, type Server } from 'node:net';
import type { Duplex } from 'node:stream';
import { createWebSocketStream, type WebSocket, WebSocketServer } from 'ws';

export interface Listeners {
  readonly ports: { readonly mqtt: number; readonly ws: number };
  /** Takes no new connections; whoever owns the open ones ends them. */
  stop(): void;
}

export interface ListenOptions {
  readonly host: string;
  readonly mqttPort: number;
  readonly mqttWsPort: number;
  readonly connectionsMax: number;
  readonly frameBytesMax: number;
  readonly onConnection: (connection: Duplex) => void;
  /** Something failed that ends no more than one connection, as too many open files. */
  readonly onError: (error: Error) => void;
}

/** MQTT over TCP, and over WebSocket for phones behind firewalls. */
export async function listen(options: ListenOptions): Promise<Listeners> {
  // Without noDelay an acknowledgement waits for the next one. (PERFORMANCE)
  const tcp = createTcpServer({ noDelay: true }, options.onConnection);
  const http = createHttpServer((_, response) => response.writeHead(426).end());
  const webSockets = new WebSocketServer({
    server: http,
    maxPayload: options.frameBytesMax,
    perMessageDeflate: false,
    handleProtocols: (offered) => (offered.has('mqtt') ? 'mqtt' : false),
  });
  webSockets.on('connection', (socket) => handleWebSocket(socket, options));
  // It repeats the errors of `http`, which are handled there.
  webSockets.on('error', () => {});

  const servers = [tcp, http];
  for (const server of servers) server.maxConnections = options.connectionsMax;
  const stop = (): void => {
    for (const server of servers) server.close();
    webSockets.close();
  };
  try {
    const mqtt = await bind(tcp, options.host, options.mqttPort);
    const ws = await bind(http, options.host, options.mqttWsPort);
    for (const server of servers) server.on('error', options.onError);
    return { ports: { mqtt, ws }, stop };
  } catch (error) {
    stop();
    throw error;
  }
}

function handleWebSocket(socket: WebSocket, { onConnection, onError }: ListenOptions): void {
  if (socket.protocol === 'mqtt') return onConnection(createWebSocketStream(socket));
  socket.on('error', onError);
  socket.terminate();
}

/** Port 0 picks a free one; the answer says which. */
function bind(server: Server, host: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve((server.address() as AddressInfo).port);
    });
  });
}
