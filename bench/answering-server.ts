import type { AddressInfo } from 'node:net';
import type { Desk } from '../server/ports.ts';
import { ok } from '../shared/result.ts';
import { httpWorld } from '../test/support/http-world.ts';

/**
 * The same HTTP server, which reads and checks an order and answers it, but keeps and evaluates
 * nothing: no import can be faster. Says where it listens.
 */
const { app, desk } = await httpWorld();
const putOrder: Desk['putOrder'] = async (order) => {
  const { orderId } = order;
  const written = { version: 1, status: 'active', cause: 'put', reason: null } as const;
  return ok({ stored: { orderId, order, ...written, atMs: 0, by: 'cjib' }, created: true });
};
Object.assign(desk, { putOrder });
await app.listen({ host: '127.0.0.1', port: 0 });
process.stdout.write(`http://127.0.0.1:${(app.server.address() as AddressInfo).port}\n`);
