import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** A network between a client and a server that can lose what a test wants lost. */
export interface CutLink {
  /** The server's address, as it is reached over this link. */
  readonly url: string;
  /** The next request with this in it reaches the server, but no answer comes back: then a cut. */
  loseAnswerTo(text: string): void;
  /** The next request with this in it is lost, and the connection with it. */
  loseRequest(text: string): void;
  /** Whatever is open now stays open and carries nothing more; what is opened later does. */
  freeze(): void;
  /** Nobody gets through anew, until everybody does. */
  refuse(): void;
  accept(): void;
  close(): Promise<void>;
}

type Loss = { readonly text: string; readonly what: 'answer' | 'request' };

export async function cutLink(serverUrl: string): Promise<CutLink> {
  const { hostname, port } = new URL(serverUrl);
  const sockets = new Set<Socket>();
  let frozen = new Set<Socket>();
  let loss: Loss | null = null;
  let refusing = false;
  const server = createServer((near) => {
    if (refusing) return void near.destroy();
    const far = connect(Number(port), hostname);
    let answersLost = false;
    for (const socket of [near, far]) {
      sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => sockets.delete(socket));
    }
    const cut = (): void => {
      near.destroy();
      far.destroy();
    };
    near.on('data', (data) => {
      if (frozen.has(near)) return;
      const hit = loss !== null && data.includes(loss.text);
      if (hit && loss!.what === 'request') {
        loss = null;
        return cut();
      }
      if (hit) {
        loss = null;
        answersLost = true;
      }
      far.write(data);
    });
    far.on('data', (data) => {
      if (answersLost) return cut();
      if (!frozen.has(near)) near.write(data);
    });
    near.on('close', () => {
      if (!frozen.has(near)) far.end();
    });
    far.on('close', () => near.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = new URL(serverUrl);
  url.port = String((server.address() as AddressInfo).port);
  return {
    url: url.href,
    loseAnswerTo: (text) => void (loss = { text, what: 'answer' }),
    loseRequest: (text) => void (loss = { text, what: 'request' }),
    refuse: () => void (refusing = true),
    accept: () => void (refusing = false),
    freeze: () => void (frozen = new Set(sockets)),
    async close() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
