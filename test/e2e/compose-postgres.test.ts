import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { postgresStore } from '../../server/adapters/store-postgres.ts';
import { type Postgres, startPostgres } from '../support/postgres.ts';
import { newDatabase } from '../support/postgres-places.ts';
import { aLook, aPosition } from '../support/store-samples.ts';
import { ROOT } from '../tidy/source-tree.ts';

/** What docker-compose.yml runs is what is tested: the same settings, on Debian's PostgreSQL. */

const compose = readFileSync(join(ROOT, 'docker-compose.yml'), 'utf8');
const configFile = join(ROOT, 'deploy/postgres.conf');

/** A service's own lines. */
const serviceOf = (name: string): string =>
  new RegExp(`^ {2}${name}:\\n((?: {4}.*\\n| *\\n| *#.*\\n)+)`, 'm').exec(compose)![1]!;
const settingOf = (service: string, name: string): string =>
  new RegExp(`^ +${name}: '?(.*?)'?$`, 'm').exec(serviceOf(service))![1]!;

let server: Postgres;
beforeAll(async () => {
  const initdbArgs = settingOf('postgres', 'POSTGRES_INITDB_ARGS').split(' ');
  server = await startPostgres({ configFile, initdbArgs });
});
afterAll(() => server?.stop());

test('the database service runs the settings file that is tested', () => {
  const service = serviceOf('postgres');
  const [, path] = /config_file=([^']+)/.exec(service)!;
  expect(service).toContain(`./deploy/postgres.conf:${path}:ro`);
});

test('its PostgreSQL is the one that is tested', async () => {
  const [[version]] = (await server.query('SHOW server_version_num')) as [[string]];
  const tested = Math.floor(Number(version) / 10_000);
  expect(settingOf('postgres', 'image')).toBe(`postgres:${tested}`);
});

test('PostgreSQL takes every line of the settings', async () => {
  const written = readFileSync(configFile, 'utf8')
    .split('\n')
    .filter((line) => /^[a-z]/.test(line))
    .map((line) => line.split(' ')[0]!)
    // A test listens on loopback, whatever the file says.
    .filter((name) => name !== 'listen_addresses');
  const sql = 'SELECT name FROM pg_file_settings WHERE error IS NULL ORDER BY seqno';
  expect((await server.query(sql)).flat()).toEqual(written);
  const inForce = `SELECT count(*) FROM pg_settings WHERE source = 'configuration file'
    AND name <> 'listen_addresses'`;
  expect(await server.query(inForce)).toEqual([[String(written.length)]]);
});

test('the store opens there without a warning, and writes', async () => {
  const store = await postgresStore(await newDatabase(server));
  expect(store.warnings).toEqual([]);
  await store.append([aPosition('o-1', 1), aLook('w-1')]);
  expect((await store.journalHead()).seq).toBe(1);
  await store.close();
});

test('the server is given that database, once it answers', () => {
  const url = new URL(settingOf('server', 'CORDON_DATABASE_URL').replace(/\$\{.*\}/, 'secret'));
  expect(url.username).toBe(settingOf('postgres', 'POSTGRES_USER'));
  expect(url.pathname).toBe(`/${settingOf('postgres', 'POSTGRES_DB')}`);
  expect(url.hostname).toBe('postgres');
  expect(serviceOf('server')).toContain('postgres: { condition: service_healthy }');
});

test('nothing is reached from outside the machine', () => {
  const published = [...compose.matchAll(/- '([\d.:]+)'$/gm)].map(([, port]) => port!);
  expect(published.length).toBeGreaterThan(3);
  expect(published.filter((port) => !port.startsWith('127.0.0.1:'))).toEqual([]);
});
