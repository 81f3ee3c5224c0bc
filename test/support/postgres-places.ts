import { randomUUID } from 'node:crypto';
import type { Postgres } from './postgres.ts';
import type { Places } from './store-contract.ts';

/**
 * A database of its own for each test, on one server: made in a tenth of a second. It goes with the
 * server, since to drop one makes PostgreSQL write out all others.
 */
export const databases = (server: () => Postgres): Places => ({
  newPlace: () => newDatabase(server()),
  removePlace: async () => undefined,
});

/** Gives its address. */
export async function newDatabase(server: Postgres, options = ''): Promise<string> {
  const name = `cordon_${randomUUID().replaceAll('-', '')}`;
  await server.query(`CREATE DATABASE ${name} ${options}`);
  const url = new URL(server.url);
  url.pathname = `/${name}`;
  return url.href;
}

export const nameOf = (place: string): string => new URL(place).pathname.slice(1);
