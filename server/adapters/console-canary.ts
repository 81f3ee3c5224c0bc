import { timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { WebSocket } from 'ws';
import type { FeedItem } from '../kept.ts';
import type { Desk } from '../ports.ts';
import { CANARY_HEADER } from './canary-link.ts';

/** The canary's own place among the consoles: it hears of the canary, and of nothing else. */
export interface CanaryStand {
  /** Has it shown the secret of this process? */
  admits(request: IncomingMessage): boolean;
  enter(socket: WebSocket): void;
  close(): void;
}

export function canaryStand({ canaryFeed }: Desk, secret: string): CanaryStand {
  const sockets = new Set<WebSocket>();
  const tell = ({ seq, alert }: FeedItem): void => {
    const frame = Buffer.from(JSON.stringify({ type: 'alert', seq, alert }));
    for (const socket of sockets) socket.send(frame, { binary: false });
  };
  const stop = canaryFeed.subscribe(tell);
  return {
    admits(request) {
      const shown = Buffer.from(String(request.headers[CANARY_HEADER] ?? ''));
      const expected = Buffer.from(secret);
      return shown.length === expected.length && timingSafeEqual(shown, expected);
    },
    enter(socket) {
      sockets.add(socket);
      socket.on('close', () => void sockets.delete(socket));
      socket.on('error', () => socket.terminate());
    },
    close() {
      stop();
      for (const socket of sockets) socket.terminate();
    },
  };
}
