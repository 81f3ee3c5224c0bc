import { createServer } from 'node:net';

/**
 * Below those from which systems take the ports of outgoing connections: one of these that is free
 * now is not given to somebody else before the server that is to have it has begun.
 */
const FIRST = 15_000;
const COUNT = 15_000;
const TRIES_MAX = 50;

/** A port that was free a moment ago: for servers that can't say which one they took. */
export async function freePort(): Promise<number> {
  for (let tries = 0; tries < TRIES_MAX; tries++) {
    const port = FIRST + Math.floor(Math.random() * COUNT);
    if (await isFree(port)) return port;
  }
  throw new Error(`no free port between ${FIRST} and ${FIRST + COUNT}: end what runs there`);
}

const isFree = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
