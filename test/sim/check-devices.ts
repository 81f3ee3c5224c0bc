import { DEFAULT_RULES } from '../../server/core/case-state.ts';
import type { Device } from '../../shared/device.ts';
import type { Heard, Run, Told } from './simulation.ts';
import type { Violation } from './violation.ts';

const URGENT = ['sos', 'strap-tamper'] as const;

const toldOf = (run: Run, deviceId: string, code: string): Told[] =>
  run.told.filter(({ change: { record } }) => record.deviceId === deviceId && record.code === code);

const orderOf = (deviceId: string): string => `o-${deviceId.split('-')[1]}`;

/** A button pressed or a strap cut asks for attention in the moment in which it is heard of. */
export function checkUrgentEvents(run: Run): Violation[] {
  return run.heard.flatMap(({ arrival, handled }) => {
    const { event } = handled.decoded;
    const code = URGENT.find((kind) => kind === event?.kind);
    if (!code || handled.taken[0] !== 'new') return [];
    const last = toldOf(run, arrival.deviceId, code)
      .filter(({ change }) => change.atMs <= arrival.atMs)
      .at(-1)?.change.record;
    if (last?.state === 'unacknowledged' && last.standing) return [];
    // What this process took anew, one that was killed may have told before.
    if (wasHeardBefore(run, arrival.deviceId, event!.seq, arrival.atMs)) return [];
    const text = `${code} of ${arrival.deviceId} was heard, yet asks for nobody's attention`;
    return [{ promise: 'urgent', atMs: arrival.atMs, text, orderId: orderOf(arrival.deviceId) }];
  });
}

/** A button asks again only when it is pressed again, however often its message comes. */
export function checkAskedOnce(run: Run): Violation[] {
  return URGENT.flatMap((code) =>
    run.told.flatMap(({ change: { record, act, atMs }, process }) => {
      if (record.code !== code || act || record.state !== 'unacknowledged') return [];
      const arrived = run.heard.filter((each) => each.arrival.deviceId === record.deviceId);
      const seqs = arrived
        .filter(({ arrival }) => arrival.atMs === atMs)
        .flatMap(({ handled }) => handled.decoded.event?.seq ?? []);
      const known = arrived
        .filter((each) => each.arrival.atMs < atMs && each.process === process)
        .map(({ handled }) => handled.decoded.event?.seq);
      if (seqs.some((seq) => !known.includes(seq))) return [];
      const text = `${code} of ${record.deviceId} asks again, but was not pressed again`;
      return [{ promise: 'urgent', atMs, text, orderId: orderOf(record.deviceId!) }];
    }),
  );
}

const wasHeardBefore = (run: Run, deviceId: string, seq: number, atMs: number): boolean =>
  run.heard.some(
    ({ arrival, handled }) =>
      arrival.deviceId === deviceId && arrival.atMs < atMs && handled.decoded.event?.seq === seq,
  );

/** Late by the tick on whole seconds, and by the one in which the server looks. */
const SLACK_MS = 1_500;
/** A device that came rarely of late is given the time of two reports, at most this. */
const PATIENCE_MAX_MS = 300_000;
const PATIENCE_SLACK_MS = 20_000;
const REGULAR_MS = 30_000;
/** So many fixes after a gap the core's idea of the report interval is the true one again. */
const REGULAR_FIXES = 20;

/** A device of which nothing was heard for its limit is called silent, until it is heard again. */
export function checkSilence(run: Run): Violation[] {
  return run.scene.devices.flatMap((device) => {
    const heard = run.heard.filter(({ arrival }) => arrival.deviceId === device.deviceId);
    return [...missedSilence(run, device, heard), ...falseEnds(run, device, heard)];
  });
}

function missedSilence(run: Run, { deviceId }: Device, heard: readonly Heard[]): Violation[] {
  const lives = livesOf(run);
  const told = toldOf(run, deviceId, 'silent');
  return lives.flatMap(({ fromMs, untilMs }) => {
    const times = heard.map(({ arrival }) => arrival.atMs).filter((ms) => ms < untilMs);
    const contacts = [fromMs, ...times.filter((ms) => ms > fromMs)];
    return contacts.flatMap((contactMs, index) => {
      const limit = limitMs(heard, contactMs, slowestAskedMs(run, deviceId));
      const dueMs = contactMs + limit + SLACK_MS;
      if (dueMs >= Math.min(untilMs, contacts[index + 1] ?? Infinity)) return [];
      const last = told.filter(({ change }) => change.atMs <= dueMs).at(-1)?.change.record;
      // Standing, or a person closed it and nothing has been heard since.
      if (last?.standing) return [];
      const text = `nothing was heard of ${deviceId} for its limit, yet it is not called silent`;
      return [{ promise: 'silence', atMs: dueMs, text, orderId: orderOf(deviceId) }];
    });
  });
}

/** From when until when each server process lived. */
function livesOf({ scene }: Run): { fromMs: number; untilMs: number }[] {
  const starts = [scene.startMs, ...scene.crashes.map(({ untilMs }) => untilMs)];
  const ends = [...scene.crashes.map(({ fromMs }) => fromMs), scene.untilMs];
  return starts.map((fromMs, index) => ({ fromMs, untilMs: ends[index]! }));
}

/** The slowest interval that the server ever asked a device for; 0 where it asked nothing. */
const slowestAskedMs = ({ commands }: Run, deviceId: string): number =>
  Math.max(
    0,
    ...commands.map(({ command, ...to }) =>
      command.kind === 'report-interval' && to.deviceId === deviceId ? command.seconds * 1_000 : 0,
    ),
  );

/**
 * The short limit for a device whose last fixes came regularly and often, but the time of two
 * reports for one that was asked to report seldom; else the longest.
 */
function limitMs(heard: readonly Heard[], contactMs: number, askedMs: number): number {
  const fixes = heard
    .filter(({ arrival }) => arrival.atMs <= contactMs)
    .flatMap(({ handled }) =>
      handled.decoded.positions.filter((_, index) => handled.taken[index] === 'new'),
    )
    .slice(-REGULAR_FIXES)
    .map(({ fix }) => fix.atMs);
  const gaps = fixes.slice(1).map((ms, index) => ms - fixes[index]!);
  const regular = fixes.length === REGULAR_FIXES && gaps.every((gapMs) => gapMs <= REGULAR_MS);
  const patienceMs = askedMs > 0 ? 2 * askedMs + PATIENCE_SLACK_MS : 0;
  return regular ? Math.max(DEFAULT_RULES.silentAfterMs, patienceMs) : PATIENCE_MAX_MS;
}

/** Silence ends by hearing the device, and by nothing else. */
function falseEnds(run: Run, { deviceId }: Device, heard: readonly Heard[]): Violation[] {
  let standingSinceMs: number | null = null;
  return toldOf(run, deviceId, 'silent').flatMap(({ change }) => {
    const sinceMs = standingSinceMs;
    if (change.change !== 'cleared') {
      standingSinceMs = change.record.standing ? (sinceMs ?? change.atMs) : null;
      return [];
    }
    standingSinceMs = null;
    const spoke = heard.some(
      ({ arrival }) => arrival.atMs >= (sinceMs ?? 0) && arrival.atMs <= change.atMs,
    );
    if (spoke) return [];
    const text = `the silence of ${deviceId} was called over, but nothing had been heard of it`;
    return [{ promise: 'silence', atMs: change.atMs, text, orderId: orderOf(deviceId) }];
  });
}
