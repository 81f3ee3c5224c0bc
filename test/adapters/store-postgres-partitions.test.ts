import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { postgresStore, type PostgresStore } from '../../server/adapters/store-postgres.ts';
import { type Connection, connect } from '../../server/adapters/store-postgres-connection.ts';
import { DAY_MS } from '../../server/adapters/store-postgres-partitions.ts';
import type { DeviceId } from '../../shared/ids.ts';
import { type Postgres, startPostgres } from '../support/postgres.ts';
import { databases } from '../support/postgres-places.ts';
import { aChange, anAlert, aPosition, closedBy, T0_MS } from '../support/store-samples.ts';

let server: Postgres;
beforeAll(async () => {
  server = await startPostgres();
});
afterAll(() => server?.stop());

const places = databases(() => server);
const under = {} as { place: string; store: PostgresStore; connection: Connection };
beforeEach(async () => {
  under.place = await places.newPlace();
  under.store = await postgresStore(under.place);
  under.connection = await connect(under.place);
});
afterEach(async () => {
  await under.connection.end();
  await under.store.close();
  await places.removePlace(under.place);
});

/** T0 is on 23 November. */
const HOUR_MS = 3_600_000;
const at = (atMs: number, receivedAtMs = atMs + 250) => ({ atMs, receivedAtMs });

async function partitions(): Promise<string[]> {
  const sql = `SELECT relname FROM pg_inherits JOIN pg_class ON pg_class.oid = inhrelid
    WHERE inhparent = 'positions'::regclass ORDER BY relname`;
  const { rows } = await under.connection.query<{ relname: string }>(sql);
  return rows.map(({ relname }) => relname.replace('positions_', ''));
}

async function countIn(table: string): Promise<number> {
  const { rows } = await under.connection.query(`SELECT count(*) AS n FROM ${table}`);
  return (rows[0] as { n: number }).n;
}

async function keptSeqs(deviceId = 'o-1'): Promise<number[]> {
  const query = { deviceIds: [deviceId as DeviceId], fromMs: 0, untilMs: T0_MS * 2, limit: 10_000 };
  return (await under.store.positions(query)).map(({ fix }) => fix.seq);
}

test('each day has a partition, those to come too; a clock far off gets none', async () => {
  await under.store.append([
    aPosition('o-1', 1, at(T0_MS)),
    aPosition('o-1', 2, at(T0_MS - 5 * DAY_MS, T0_MS)),
    aPosition('o-1', 3, at(T0_MS - 400 * DAY_MS, T0_MS)),
    aPosition('o-1', 4, at(T0_MS + 9 * DAY_MS, T0_MS)),
  ]);
  const days = ['20261118', '20261123', '20261124', '20261125', '20261126'];
  expect(await partitions()).toEqual([...days, 'default']);
  expect(await countIn('positions_20261123')).toBe(1);
  expect(await countIn('positions_default')).toBe(2);
  expect(await keptSeqs()).toEqual([3, 2, 1, 4]);
  const limits = await under.store.limits();
  const ahead = { name: 'partitions-ahead', used: 0, max: 3, unit: 'days' };
  expect(limits).toContainEqual(ahead);
  const names = ['journal-numbers', 'connections', 'transaction-ids', 'partitions-ahead'];
  expect(limits.map(({ name }) => name)).toEqual(names);
});

test('[ST12] a day that is past goes as a whole, but for the tracks of alerts', async () => {
  const hours = Array.from({ length: 72 }, (_, hour) => T0_MS + hour * HOUR_MS);
  await under.store.append(hours.map((atMs, hour) => aPosition('o-1', hour, at(atMs))));
  await under.store.append(hours.map((atMs, hour) => aPosition('o-2', hour, at(atMs))));
  const raised = anAlert('a-1', { raisedAtMs: T0_MS + 2 * HOUR_MS });
  const ended = closedBy('anna', T0_MS + 4 * HOUR_MS);
  await under.store.append([aChange({ ...raised, ...ended }, { change: 'closed' })]);
  const before = await under.store.recover(2);
  const cutoffMs = T0_MS + 48 * HOUR_MS;
  await under.store.prune(cutoffMs);
  // The term ends at ten o'clock on the 25th: the 23rd and 24th are past.
  expect(await partitions()).toEqual([
    '20261125',
    '20261126',
    '20261127',
    '20261128',
    '20261129',
    'default',
  ]);
  const { rows } = await under.connection.query("SELECT to_regclass('positions_20261123') AS t");
  expect(rows).toEqual([{ t: null }]);
  expect(await keptSeqs('o-1')).toEqual(
    [2, 3, 4, ...hours.keys()].filter((n) => n < 5 || n >= 48).filter((n, i) => i < 3 || n >= 48),
  );
  expect(await keptSeqs('o-2')).toEqual([...hours.keys()].filter((hour) => hour >= 48));
  expect(await countIn('kept_positions')).toBe(3);
  expect((await under.store.recover(2)).positions).toEqual(before.positions);
});

test('a fix that comes again after its day was dropped is there once', async () => {
  const fixes = [0, 1, 2].map((hour) => aPosition('o-1', hour, at(T0_MS + hour * HOUR_MS)));
  const raised = anAlert('a-1', {
    raisedAtMs: T0_MS + HOUR_MS,
    ...closedBy('anna', T0_MS + HOUR_MS),
  });
  await under.store.append([...fixes, aChange(raised)]);
  await under.store.prune(T0_MS + 2 * DAY_MS);
  expect(await keptSeqs()).toEqual([1]);
  const late = T0_MS + 3 * DAY_MS;
  const again = fixes.map((entry) => ({ ...entry, fix: { ...entry.fix, receivedAtMs: late } }));
  await under.store.append([...again, { type: 'alive', atMs: late }]);
  expect(await keptSeqs()).toEqual([0, 1, 2]);
  expect(await partitions()).toContain('20261123');
  await under.store.prune(T0_MS + 2 * DAY_MS);
  expect(await keptSeqs()).toEqual([1]);
  const muchLater = T0_MS + 60 * DAY_MS;
  await under.store.append([{ ...again[1]!, fix: { ...again[1]!.fix, receivedAtMs: muchLater } }]);
  expect(await keptSeqs()).toEqual([1]);
});

test('a clock ahead comes true: its day takes over what was kept apart', async () => {
  const early = aPosition('o-1', 1, at(T0_MS + 9 * DAY_MS, T0_MS));
  await under.store.append([early]);
  expect(await countIn('positions_default')).toBe(1);
  await under.store.append([{ type: 'alive', atMs: T0_MS + 9 * DAY_MS }, early]);
  expect(await countIn('positions_default')).toBe(0);
  expect(await countIn('positions_20261202')).toBe(1);
  expect(await keptSeqs()).toEqual([1]);
});

test('the newest few of each device are found, wherever they lie', async () => {
  const onDays = (deviceId: string, ...days: number[]) =>
    days.map((day, seq) => aPosition(deviceId, seq, at(T0_MS + day * DAY_MS, T0_MS + 9 * DAY_MS)));
  await under.store.append([
    ...onDays('each-day', 1, 2, 3, 4),
    ...onDays('one-day', 2),
    ...onDays('far-off', -90, -80, 3),
    ...onDays('on-track', 1),
    aChange(anAlert('a-1', { raisedAtMs: T0_MS + DAY_MS, deviceId: 'on-track' as DeviceId })),
  ]);
  const told = async (): Promise<string[]> =>
    (await under.store.recover(3)).positions.map(({ deviceId, fix }) => `${deviceId}/${fix.seq}`);
  const eachDay = ['each-day/1', 'each-day/2', 'each-day/3'];
  const farOff = ['far-off/0', 'far-off/1', 'far-off/2'];
  expect(await told()).toEqual([...eachDay, ...farOff, 'on-track/0', 'one-day/0']);
  await under.store.prune(T0_MS + 2.5 * DAY_MS);
  expect(await countIn('kept_positions')).toBe(1);
  expect(await told()).toEqual([...eachDay.slice(1), 'far-off/2', 'on-track/0']);
});

test('what a clock far off said goes row by row', async () => {
  await under.store.append([
    aPosition('o-1', 1, at(T0_MS - 400 * DAY_MS, T0_MS)),
    aPosition('o-1', 2, at(T0_MS + 400 * DAY_MS, T0_MS)),
  ]);
  await under.store.prune(T0_MS + 0.5);
  expect(await keptSeqs()).toEqual([2]);
});

test('while somebody reads for long, appends go on without a table of their own', async () => {
  await under.connection.query('BEGIN; SELECT FROM positions');
  await under.store.append([aPosition('o-1', 1, at(T0_MS))]);
  expect(await partitions()).toEqual(['default']);
  const limits = await under.store.limits();
  const ahead = { name: 'partitions-ahead', used: 3, max: 3, unit: 'days' };
  expect(limits).toContainEqual(ahead);
  await under.connection.query('COMMIT');
  expect(await keptSeqs()).toEqual([1]);
});

test('tracks and the newest of each device are read by key, never by a scan', async () => {
  await under.store.append([aPosition('o-1', 1)]);
  await under.connection.query('SET enable_seqscan = off');
  const plan = async (sql: string): Promise<string> => {
    const { rows } = await under.connection.query<{ 'QUERY PLAN': string }>(`EXPLAIN ${sql}`);
    return rows.map((row) => row['QUERY PLAN']).join('\n');
  };
  const track = await plan(`SELECT * FROM every_position WHERE device_id = ANY ('{o-1,o-2}')
    AND fix_at_ms >= ${T0_MS} AND fix_at_ms <= ${T0_MS + 9} ORDER BY fix_at_ms LIMIT 9`);
  expect(track).not.toContain('Seq Scan');
  expect(track).toContain('positions_20261123_pkey');
  expect(track).not.toContain('positions_20261124');
  const page = await plan(`SELECT * FROM every_position
    WHERE (device_id, fix_at_ms, boot, seq) > ('o-1', 0, '', 0)
    ORDER BY device_id, fix_at_ms, boot, seq LIMIT 9`);
  expect(page).toContain('Merge Append');
  expect(page).not.toContain('Sort  ');
});
