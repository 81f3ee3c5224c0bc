import type { Recovered } from '../kept.ts';
import type { PositionRow } from '../ports.ts';
import { CLOCK_AHEAD_MS_MAX, FEED_CHANGES_MAX } from './store-entry.ts';
import { alertChangeOf, commandOf, deviceOf, feedChangeOf, orderOf } from './store-journal-row.ts';
import type { Select } from './store-postgres-connection.ts';
import { partitionOf, presentDays } from './store-postgres-partitions.ts';
import { reliedDevices } from './store-relied.ts';
import { integerOf, orNull, textOf, toJournalRow, toPosition } from './store-row.ts';

const NEWEST_DEVICES =
  'SELECT journal.* FROM devices JOIN journal USING (seq) ORDER BY devices.device_id';

export const NEWEST_ORDERS = `
  SELECT journal.* FROM (
    SELECT DISTINCT ON (order_id) order_id, seq FROM order_versions
    ORDER BY order_id, version DESC
  ) AS newest JOIN journal USING (seq) ORDER BY order_id`;

export const NEWEST_ORDERS_AFTER = `
  SELECT journal.* FROM (
    SELECT DISTINCT ON (order_id) order_id, seq FROM order_versions WHERE order_id > $1
    ORDER BY order_id, version DESC LIMIT $2
  ) AS newest JOIN journal USING (seq) ORDER BY order_id`;

const NEWEST_COMMANDS =
  'SELECT journal.* FROM commands JOIN journal USING (seq) ORDER BY commands.device_id';

/** As a union, so that each half reads its own index and not years of closed alerts. */
const RECOVERED_ALERTS = `
  SELECT journal.* FROM alerts JOIN journal USING (seq) WHERE alert_id IN (
    SELECT alert_id FROM alerts WHERE NOT is_closed
    UNION
    SELECT alert_id FROM alerts WHERE (cause, episode) IN
      (SELECT cause, max(episode) FROM alerts GROUP BY cause)
  )
  ORDER BY raised_at_ms, alert_id`;

const NEWEST_CHANGES =
  "SELECT * FROM journal WHERE type = 'alert-change' ORDER BY seq DESC LIMIT $1";

/** Few enough that other work of the process comes in between. */
const DEVICES_AT_ONCE = 5_000;

/** All that the service goes on from. */
export const recovery =
  (select: Select) =>
  async (relied: number, other = relied): Promise<Recovered> => {
    const rowsOf = async (text: string) => (await select(text)).map(toJournalRow);
    const changes = await select(NEWEST_CHANGES, [FEED_CHANGES_MAX]);
    const [newest] = await select('SELECT at_ms FROM newest');
    const devices = (await rowsOf(NEWEST_DEVICES)).map((row) => deviceOf(row).device);
    const orders = (await rowsOf(NEWEST_ORDERS)).map(orderOf);
    return {
      devices,
      orders,
      alerts: (await rowsOf(RECOVERED_ALERTS)).map((row) => alertChangeOf(row).change.record),
      positions: await newestPositions(select, { relied, other }, reliedDevices(devices, orders)),
      asked: (await rowsOf(NEWEST_COMMANDS)).map((row) => commandOf(row).asked),
      feed: changes
        .toReversed()
        .map(toJournalRow)
        .map(feedChangeOf)
        .filter((change) => change !== null),
      lastAtMs: orNull(integerOf, newest!, 'at_ms'),
    };
  };

/** A probe of the key for each device, whatever the planner thinks of so many. */
const newestIn = (table: string): string => `
  SELECT newest.* FROM unnest($1::text[]) AS device (id) CROSS JOIN LATERAL (
    SELECT * FROM ${table} WHERE device_id = device.id AND fix_at_ms <= received_at_ms + $2::bigint
    ORDER BY device_id DESC, fix_at_ms DESC, boot DESC, seq DESC LIMIT $3
  ) AS newest`;

async function newestPositions(
  select: Select,
  counts: { readonly relied: number; readonly other: number },
  ofRelied: ReadonlySet<string>,
): Promise<PositionRow[]> {
  const devices = await select('SELECT device_id FROM positioned ORDER BY device_id');
  const ids = devices.map((row) => textOf(row, 'device_id'));
  const days = await presentDays(select);
  const found: PositionRow[] = [];
  const read = async (some: readonly string[], count: number): Promise<void> => {
    for (let start = 0; start < some.length; start += DEVICES_AT_ONCE) {
      const few = some.slice(start, start + DEVICES_AT_ONCE);
      for (const position of await newestOf(select, few, days, count)) found.push(position);
    }
  };
  await read(
    ids.filter((id) => ofRelied.has(id)),
    counts.relied,
  );
  await read(
    ids.filter((id) => !ofRelied.has(id)),
    counts.other,
  );
  return found;
}

/**
 * Day by day backwards, each time only of the devices that lack some: nearly all are found in the
 * first two. What lies outside of the days may be of any time, and is asked of all.
 */
async function newestOf(
  select: Select,
  ids: readonly string[],
  days: readonly number[],
  count: number,
): Promise<PositionRow[]> {
  const found = new Map<string, PositionRow[]>(ids.map((id) => [id, []]));
  const look = async (table: string, of: readonly string[]): Promise<void> => {
    const rows = await select(newestIn(table), [of, CLOCK_AHEAD_MS_MAX, count]);
    for (const row of rows.map(toPosition)) found.get(row.deviceId)!.push(row);
  };
  let lacking = ids;
  for (const day of days.toReversed()) {
    await look(partitionOf(day), lacking);
    lacking = lacking.filter((id) => found.get(id)!.length < count);
    if (lacking.length === 0) break;
  }
  await look('positions_default', ids);
  await look('kept_positions', ids);
  return [...found.values()].flatMap((rows) => rows.sort(byTime).slice(-count));
}

function byTime({ fix: a }: PositionRow, { fix: b }: PositionRow): number {
  if (a.atMs !== b.atMs) return a.atMs - b.atMs;
  if (a.boot !== b.boot) return (a.boot ?? '') < (b.boot ?? '') ? -1 : 1;
  return a.seq - b.seq;
}
