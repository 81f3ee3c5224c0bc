import type { FastifyInstance, FastifyPluginAsync } from 'fastify';
import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import type { StoredSession } from '../kept.ts';
import type { Clock, Desk, Log, Meter, Store } from '../ports.ts';
import { canaryStand } from './console-canary.ts';
import { ConsoleHall } from './console-hall.ts';
import { allow, identify, isForeign } from './http-auth.ts';
import { endSocket } from './http-errors.ts';
import { type ProblemCode, problem, ProblemError } from './http-problem.ts';
import type { SessionBook } from './http-session-book.ts';

/** Each takes memory and a share of every alert's sending; a control room has a few dozen. */
export const CONSOLES_MAX = 1_000;
/** An act with its longest text is a tenth of this. */
const MESSAGE_BYTES_MAX = 64 * 1024;
const PATH = '/v1/console';

export interface GatewayParts {
  readonly desk: Desk;
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
  readonly meter: Meter;
  readonly book: SessionBook;
  /** Behind TLS. */
  readonly secure: boolean;
  /** Shown by the canary; known to this process only. */
  readonly canarySecret: string;
}

/** The door to the consoles' WebSocket: who may come in is settled before there is a socket. */
export const consoleGateway =
  (parts: GatewayParts): FastifyPluginAsync =>
  async (app: FastifyInstance) => {
    const hall = new ConsoleHall(parts);
    const canary = canaryStand(parts.desk, parts.canarySecret);
    const sockets = new WebSocketServer({
      noServer: true,
      clientTracking: false,
      perMessageDeflate: false,
      maxPayload: MESSAGE_BYTES_MAX,
    });
    const onUpgrade = (request: IncomingMessage, socket: Duplex, head: Buffer): void => {
      socket.on('error', () => socket.destroy());
      if (pathOf(request) === PATH && canary.admits(request)) {
        return sockets.handleUpgrade(request, socket, head, (ws) => canary.enter(ws));
      }
      const entry = admit(parts, hall, request);
      if (typeof entry === 'string') return endSocket(socket, problem(entry));
      // A warning is small and must leave now, not when more has gathered.
      (socket as Socket).setNoDelay(true);
      sockets.handleUpgrade(request, socket, head, (ws) => hall.enter(ws, socket, entry));
    };
    app.server.on('upgrade', onUpgrade);
    app.addHook('preClose', async () => {
      app.server.off('upgrade', onUpgrade);
      hall.close();
      canary.close();
    });

    app.get(PATH, { ...allow(['operator']), schema: { tags: ['alerts'] } as object }, async () => {
      throw new ProblemError('upgrade-required', [], { upgrade: 'websocket' });
    });
  };

const pathOf = ({ url }: IncomingMessage): string | undefined => url?.split('?', 1)[0];

/** The session of who may come in, or why not. */
function admit(
  { book, secure }: GatewayParts,
  hall: ConsoleHall,
  request: IncomingMessage,
): StoredSession | ProblemCode {
  if (pathOf(request) !== PATH) return 'not-found';
  if (isForeign(request, secure)) return 'foreign-origin';
  const identity = identify(request, book);
  if (identity === null) return 'not-signed-in';
  if (identity.session === null || identity.role !== 'operator') return 'not-allowed';
  return hall.count < CONSOLES_MAX ? identity.session : 'too-many-consoles';
}
