import { type CourtOrder, isDrawn } from '../../shared/court-order.ts';
import type { Device } from '../../shared/device.ts';
import type { BanId, DeviceId, PersonId } from '../../shared/ids.ts';
import { toInstant } from '../../shared/instant.ts';
import type { BanForecast, OrderForecast } from '../../shared/order-preview.ts';
import { topicOf } from '../../shared/topics.ts';
import type { AlertChange } from './alert-record.ts';
import type { Fix } from './case-event.ts';
import { isCarried, validityOf } from './case-state.ts';
import { Engine, MessageFailed } from './engine.ts';
import { followedMs } from './stays.ts';

/** A position as the store keeps it. */
export interface RecordedPosition {
  readonly deviceId: DeviceId;
  readonly fix: Fix;
  /** As the device sent it, JSON. */
  readonly payload: string;
}

const DAY_MS = 86_400_000;
/**
 * After so long without a word from anybody the engine begins anew: until then it has told all that
 * could not be ruled out, and each further second costs as much as one with news.
 */
const STRETCH_GAP_MS = 6 * 3_600_000;
const WEEK_DAYS = 7;

/**
 * What an order would have cost, had it been in force all the time that was recorded: the engine
 * that runs live takes the same positions in the order in which they came in, with no other order
 * known. Null when the wearer was not followed. (SPEC PV7)
 */
export function forecastOf(
  order: CourtOrder,
  devices: readonly Device[],
  recorded: readonly RecordedPosition[],
  nowMs: number,
): OrderForecast | null {
  const followed = followedMs(fixesOf(order.wearerId, devices, recorded));
  if (followed === 0) return null;
  const weeks = followed / DAY_MS / WEEK_DAYS;
  const { told, breached, priority1 } = alertsOf(order, devices, recorded, nowMs);
  const perWeek = (alerts: ReadonlyMap<string, BanId>, banId?: BanId): number =>
    [...alerts.values()].filter((of) => banId === undefined || of === banId).length / weeks;
  const bans = order.bans.filter(isDrawn).map((ban): BanForecast => {
    const { banId } = ban;
    const judged =
      ban.kind !== 'contact-ban' || fixesOf(ban.victimId, devices, recorded).length > 0;
    const alertsPerWeek = perWeek(told, banId);
    return { banId, alertsPerWeek, breachesPerWeek: perWeek(breached, banId), judged };
  });
  return {
    recordedDays: followed / DAY_MS,
    positions: recorded.length,
    alertsPerWeek: perWeek(told),
    priority1PerWeek: perWeek(priority1),
    bans,
  };
}

/** What the devices of a person saw while that person carried them. */
export function fixesOf(
  personId: PersonId,
  devices: readonly Device[],
  recorded: readonly RecordedPosition[],
): Fix[] {
  const carried = new Map(
    devices
      .filter((device) => device.personId === personId)
      .map((device) => [device.deviceId, { valid: validityOf(device) }]),
  );
  return recorded.flatMap(({ deviceId, fix }) => {
    const device = carried.get(deviceId);
    return device && isCarried(device, fix.atMs) ? [fix] : [];
  });
}

/** Each alert of the order's bans, with its ban. */
interface Told {
  readonly told: Map<string, BanId>;
  readonly breached: Map<string, BanId>;
  readonly priority1: Map<string, BanId>;
}

function alertsOf(
  order: CourtOrder,
  devices: readonly Device[],
  recorded: readonly RecordedPosition[],
  nowMs: number,
): Told {
  const all: Told = { told: new Map(), breached: new Map(), priority1: new Map() };
  for (const [number, stretch] of stretchesOf(recorded).entries()) {
    // Numbers of episodes begin anew with each engine, and with them the ids of alerts.
    for (const change of play(order, devices, stretch, nowMs)) countOne(all, number, change);
  }
  return all;
}

/** In the order in which they came in, cut where nothing came in for long. */
function stretchesOf(recorded: readonly RecordedPosition[]): RecordedPosition[][] {
  const stretches: RecordedPosition[][] = [];
  let lastMs = -Infinity;
  const arrived = recorded.toSorted(
    (a, b) =>
      a.fix.receivedAtMs - b.fix.receivedAtMs || a.fix.atMs - b.fix.atMs || a.fix.seq - b.fix.seq,
  );
  for (const position of arrived) {
    const { receivedAtMs } = position.fix;
    if (receivedAtMs - lastMs > STRETCH_GAP_MS) stretches.push([]);
    stretches.at(-1)!.push(position);
    lastMs = receivedAtMs;
  }
  return stretches;
}

function* play(
  order: CourtOrder,
  devices: readonly Device[],
  stretch: readonly RecordedPosition[],
  nowMs: number,
): Generator<AlertChange> {
  const startMs = stretch.reduce((first, { fix }) => Math.min(first, fix.atMs), nowMs);
  const endMs = Math.min(nowMs, stretch.at(-1)!.fix.receivedAtMs + STRETCH_GAP_MS);
  const engine = new Engine();
  for (const device of devices) yield* engine.setDevice(device, startMs);
  yield* engine.setOrder({ order: allAlong(order, startMs, nowMs), ...IN_FORCE }, startMs);
  for (const position of stretch) yield* taken(engine, position);
  yield* engine.advanceTo(endMs);
}

const IN_FORCE = { version: 1, status: 'active' } as const;

/** In force before the first position was measured and after the last came in. */
const allAlong = (order: CourtOrder, startMs: number, nowMs: number): CourtOrder => ({
  ...order,
  validFrom: toInstant(startMs - DAY_MS),
  validUntil: toInstant(nowMs + DAY_MS),
});

function taken(
  engine: Engine,
  { deviceId, fix, payload }: RecordedPosition,
): readonly AlertChange[] {
  try {
    return engine.message(topicOf(deviceId, 'position'), payload, fix.receivedAtMs).changes;
  } catch (error) {
    // Live it would be set aside, and the next one taken.
    if (error instanceof MessageFailed) return error.changes;
    throw error;
  }
}

function countOne(all: Told, stretch: number, { change, record }: AlertChange): void {
  const { banId, stage, priority } = record;
  const alert = `${stretch}/${record.alertId}`;
  if (banId === null) return;
  if (change === 'raised') all.told.set(alert, banId);
  if (stage === 'breach') all.breached.set(alert, banId);
  if (priority === 1) all.priority1.set(alert, banId);
}
