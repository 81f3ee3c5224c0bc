import type { Limit } from '../kept.ts';
import type { Select } from './store-postgres-connection.ts';
import { dayOf, DAYS_AHEAD, presentDays } from './store-postgres-partitions.ts';
import { HEAD, headOf } from './store-postgres-session.ts';
import { integerOf, orNull, type Row } from './store-row.ts';

/**
 * Three million before its 31 bits are full PostgreSQL gives out no transaction id any more.
 * (postgresql.org: Preventing Transaction ID Wraparound Failures)
 */
const TRANSACTION_AGE_MAX = 2 ** 31 - 3_000_000;

/** Of all databases of the server, since they share connections and transaction ids. */
const SERVER = `SELECT
  (SELECT max(age(datfrozenxid)) FROM pg_database) AS transaction_age,
  (SELECT sum(numbackends)::int FROM pg_stat_database) AS connections,
  current_setting('max_connections')::int
    - current_setting('superuser_reserved_connections')::int AS connections_max`;

/** What may run out. How full the server's disk is it tells nobody: that is its host's to watch. */
export async function readLimits(select: Select): Promise<readonly Limit[]> {
  const [server] = await select(SERVER);
  return [
    {
      name: 'journal-numbers',
      used: headOf(await select(HEAD)).seq,
      max: Number.MAX_SAFE_INTEGER,
      unit: 'rows',
    },
    ...connectionLimit(server!),
    {
      name: 'transaction-ids',
      used: integerOf(server!, 'transaction_age'),
      max: TRANSACTION_AGE_MAX,
      unit: 'transactions',
    },
    ...(await partitionLimit(select)),
  ];
}

const connectionLimit = (server: Row): readonly Limit[] => [
  {
    name: 'connections',
    used: integerOf(server, 'connections'),
    max: integerOf(server, 'connections_max'),
    unit: 'connections',
  },
];

/** How many of the days that are made ahead are used up; nothing before the first write. */
async function partitionLimit(select: Select): Promise<readonly Limit[]> {
  const [newest] = await select('SELECT at_ms FROM newest');
  const atMs = orNull(integerOf, newest!, 'at_ms');
  if (atMs === null) return [];
  const ahead = (await presentDays(select)).filter((day) => day > dayOf(atMs)).length;
  const used = Math.max(0, DAYS_AHEAD - ahead);
  return [{ name: 'partitions-ahead', used, max: DAYS_AHEAD, unit: 'days' }];
}
