import { afterAll, beforeAll } from 'vitest';
import { postgresStore } from '../../server/adapters/store-postgres.ts';
import { type Postgres, startPostgres } from '../support/postgres.ts';
import { databases } from '../support/postgres-places.ts';
import { describeStore } from '../support/store-contract.ts';

let server: Postgres;
beforeAll(async () => {
  server = await startPostgres();
});
afterAll(() => server?.stop());

describeStore('PostgreSQL', {
  ...databases(() => server),
  open: postgresStore,
  moduleUrl: new URL('../../server/adapters/store-postgres.ts', import.meta.url),
  opener: 'postgresStore',
});
