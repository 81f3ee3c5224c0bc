import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Postgres, startPostgres } from '../support/postgres.ts';

let postgres: Postgres;

beforeAll(async () => {
  postgres = await startPostgres();
  await postgres.query('CREATE TABLE kept (n integer)');
});

afterAll(() => postgres?.stop());

const kept = async (): Promise<string[]> =>
  (await postgres.query('SELECT n FROM kept ORDER BY n')).flat();

test('what PostgreSQL committed is there after kill -9 of all its processes', async () => {
  await postgres.query('INSERT INTO kept VALUES (1), (2)');
  await postgres.kill();
  await expect(postgres.query('SELECT 1')).rejects.toThrow(/refused|could not connect|failed/i);
  await postgres.restart();
  expect(await kept()).toEqual(['1', '2']);
  expect(await postgres.query('SHOW fsync')).toEqual([['on']]);
});

test('paused it keeps who asks waiting, and answers when it goes on', async () => {
  postgres.pause();
  let answered = false;
  const answer = postgres.query('INSERT INTO kept VALUES (3)').then(() => (answered = true));
  // A second is many times what the answer takes.
  await new Promise((resolve) => setTimeout(resolve, 1_000));
  expect(answered).toBe(false);
  postgres.goOn();
  await answer;
  expect(await kept()).toEqual(['1', '2', '3']);
});

test('killed while it stands still, it comes back', async () => {
  postgres.pause();
  await postgres.kill();
  await postgres.restart();
  expect(await kept()).toEqual(['1', '2', '3']);
});
