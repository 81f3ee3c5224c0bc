import type { AlertChange } from '../../server/core/alert-record.ts';
import type { Heard, Run } from './simulation.ts';
import { trueBans } from './truth.ts';
import type { Violation } from './violation.ts';

const BEFORE_MS = 240_000;
const AFTER_MS = 60_000;
const TRUTH_EVERY_MS = 30_000;
const LINES_MAX = 120;
const TOLD_MAX = 3;

type Line = readonly [atMs: number, text: string];

/** What happened around each violation, in order of time: enough to see why without a debugger. */
export function storyOf(run: Run, violations: readonly Violation[]): string {
  const { seed, crashes, network } = run.scene;
  const hostile = network.lostShare > 0 ? 'hostile' : 'usual';
  const kind = `${hostile} network, ${crashes.length} restarts`;
  const head = `seed ${seed}: ${violations.length} broken promises; ${kind}`;
  const chapters = violations.slice(0, TOLD_MAX).map((violation) => chapter(run, violation));
  return [head, ...chapters, `again: npx tsx test/sim/hunt.ts --seed ${seed}`].join('\n\n');
}

function chapter(run: Run, violation: Violation): string {
  const { startMs, plots } = run.scene;
  const { promise, atMs, text, orderId } = violation;
  const plot = orderId === null ? '' : ` (${orderId}: ${plots.get(orderId)})`;
  const lines = orderId === null ? [] : linesOf(run, orderId, atMs);
  const told = lines
    .filter(([ms]) => ms >= atMs - BEFORE_MS && ms <= atMs + AFTER_MS)
    .toSorted(([a], [b]) => a - b)
    .slice(-LINES_MAX)
    .map(([ms, line]) => `  ${clock(ms - startMs)}  ${line}`);
  return [`${promise} at ${clock(atMs - startMs)}${plot}: ${text}`, ...told].join('\n');
}

const clock = (ms: number): string => {
  const minutes = String(Math.floor(ms / 60_000)).padStart(3);
  return `${minutes}:${((ms % 60_000) / 1_000).toFixed(1).padStart(4, '0')}`;
};

function linesOf(run: Run, orderId: string, aroundMs: number): Line[] {
  const suffix = `-${orderId.split('-')[1]}`;
  const heard = run.heard.filter(({ arrival }) => arrival.deviceId.endsWith(suffix));
  const told = run.told.filter(
    ({ change: { record } }) => record.orderId === orderId || record.deviceId?.endsWith(suffix),
  );
  return [
    ...truthLines(run, orderId, aroundMs),
    ...heard.map((each): Line => [each.arrival.atMs, heardLine(each)]),
    ...told.map(({ change, durable, process }): Line => [
      change.atMs,
      `${changeLine(change)}${durable ? '' : ' (lost in a crash)'} [process ${process}]`,
    ]),
    ...run.scene.crashes.flatMap(({ fromMs, untilMs }): Line[] => [
      [fromMs, 'THE SERVER IS KILLED'],
      [untilMs, 'the server is back'],
    ]),
  ];
}

function truthLines(run: Run, orderId: string, aroundMs: number): Line[] {
  const bans = trueBans(run.scene).filter((ban) => ban.orderId === orderId);
  const lines: Line[] = [];
  for (let ms = aroundMs - BEFORE_MS; ms <= aroundMs + AFTER_MS; ms += TRUTH_EVERY_MS) {
    const missing = bans.map(({ banId, missingM }) => `${banId} ${missingM(ms).toFixed(0)} m`);
    lines.push([ms, `truth: missing for a breach of ${missing.join(', ')}`]);
  }
  return lines;
}

function heardLine({ arrival, handled }: Heard): string {
  const { positions, event, status } = handled.decoded;
  const late = (ms: number): string => `${((arrival.atMs - ms) / 1_000).toFixed(1)} s old`;
  const fixes = positions.map(
    ({ fix }, i) =>
      `#${fix.seq} ${fix.source} ±${fix.accuracyM} m, ${late(fix.atMs)}, ${handled.taken[i]}`,
  );
  const shown = fixes.length > 3 ? [`${fixes.length} fixes`, ...fixes.slice(-1)] : fixes;
  const said = [
    ...shown,
    ...(event ? [`${event.kind} #${event.seq}, ${handled.taken[0]}`] : []),
    ...(status ? [status.state] : []),
  ];
  return `${arrival.deviceId} ${said.join('; ')}`;
}

function changeLine({ change, record, act }: AlertChange): string {
  const { code, banId, deviceId, alertId, stage, certainty, priority, state } = record;
  const about = banId ?? deviceId ?? 'system';
  const grade = [stage, certainty].filter((word) => word !== null).join(' ');
  const { distanceM, uncertaintyM } = record.figures;
  const figures = distanceM === null ? '' : `, ${distanceM} ±${uncertaintyM} m`;
  const by = act ? ` by ${act.act.type}` : '';
  const name = `${code} of ${about} ${alertId.slice(0, 6)}`;
  return `→ ${change}${by}: ${name} ${grade} P${priority} ${state}${figures}`;
}
