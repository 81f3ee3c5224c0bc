import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { gunzipSync } from 'node:zlib';
import { prng, type Prng } from '../../shared/prng.ts';
import { Given, given, instant, place } from '../../test/support/given.ts';
import { type Fault, outcomeOf } from './fault.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const CASES = join(ROOT, 'test/cases/real-receivers');
/** Five minutes of this recording. */
const AGAIN_LINES = 500;

export const tripled: Fault = {
  number: 18,
  name: 'every message three times',
  fault:
    'a recording of real receivers is replayed with every message three times at once; and with every message again some minutes later',
  expected: 'the same alerts at the same times; later doubles change no alert of a ban',
  perStore: false,
  async run() {
    const lines = gunzipSync(readFileSync(join(CASES, 'events-15s.ndjson.gz')))
      .toString()
      .trim()
      .split('\n');
    const once = await replayed(lines);
    const thrice = await replayed(lines.flatMap((line) => [line, line, line]));
    const again = await replayed(repeated(lines));
    const moved = differing(once.map(faceOf), thrice.map(faceOf));
    const bans = differing(banAlerts(once), banAlerts(again));
    const others = differing(otherAlerts(once), otherAlerts(again));
    return outcomeOf(
      [
        { what: 'the same changes at the same times', holds: moved === 0 && once.length > 0 },
        { what: 'the same alerts of bans', holds: bans === 0 },
      ],
      [
        `${lines.length} messages, ${new Set(once.map(({ alertId }) => alertId)).size} alerts`,
        `three times at once: ${moved} of ${once.length} changes differ`,
        `again later: ${bans} alerts of bans differ, ${others} of devices`,
      ],
      ['who sends an old message again is in contact: then `blind` is told, not `silent`'],
    );
  },
};

/** How many stand in one list and not in the other. */
function differing(some: readonly string[], others: readonly string[]): number {
  const [a, b] = [new Set(some), new Set(others)];
  return (
    [...a].filter((each) => !b.has(each)).length + [...b].filter((each) => !a.has(each)).length
  );
}

const isOfBan = ({ banId }: Change): boolean => banId !== null;
const banAlerts = (changes: readonly Change[]): string[] =>
  changes.filter(isOfBan).map(({ alertId }) => alertId);
const otherAlerts = (changes: readonly Change[]): string[] =>
  changes.filter((change) => !isOfBan(change)).map(({ alertId }) => alertId);

interface Change {
  readonly at: string;
  readonly change: string;
  readonly alertId: string;
  readonly banId: string | null;
  readonly stage: string | null;
  readonly priority: number;
}

/** What an operator is told, without what only says which message told it. */
const faceOf = ({ at, change, alertId, stage, priority }: Change): string =>
  [at, change, alertId, stage, priority].join(' ');

/** Each line, and once more later, as received then. */
function repeated(lines: readonly string[]): string[] {
  return lines.flatMap((line, i) => {
    const earlier = lines[i - AGAIN_LINES];
    if (earlier === undefined) return [line];
    const { receivedAt } = JSON.parse(line) as { receivedAt: string };
    const again = { ...(JSON.parse(earlier) as object), receivedAt };
    return [line, JSON.stringify(again)];
  });
}

async function replayed(lines: readonly string[]): Promise<Change[]> {
  const dir = mkdtempSync(join(tmpdir(), 'cordon-replay-'));
  const events = join(dir, 'events.ndjson');
  writeFileSync(events, lines.join('\n'));
  const args = ['--import', 'tsx', 'server/replay.ts', '--events', events];
  try {
    const { stdout } = await promisify(execFile)(
      process.execPath,
      [...args, '--setup', join(CASES, 'setup.json')],
      { cwd: ROOT, maxBuffer: 2 ** 30 },
    );
    return stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Change);
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

const SEEDS = 1_000;
const SEEDS_QUICK = 25;
const SEED_OFFSET = 19;
const EVERY_S = 10;
const WALK_S = 900;
/** Every message may come so much later than it was sent. */
const DELAY_S_MAX = 600;
/** By then everything late has been judged. */
const SETTLED_S = 300;

export const reordered: Fault = {
  number: 19,
  name: 'messages out of order',
  fault: 'all messages of a pair that meets come in any order within ten minutes',
  expected: 'the same last places; no meeting forgotten, none invented',
  perStore: false,
  async run({ quick, seed }) {
    const runs = Array.from({ length: quick ? SEEDS_QUICK : SEEDS }, (_, own) =>
      reorderedRun(prng(seed + SEED_OFFSET + own)),
    );
    const count = (of: (run: Reordered) => boolean): number => runs.filter(of).length;
    const elsewhere = count(({ samePlaces }) => !samePlaces);
    const forgotten = count(({ inOrder, shuffled }) => inOrder && !shuffled);
    const invented = count(({ inOrder, shuffled }) => !inOrder && shuffled);
    const met = count(({ inOrder }) => inOrder);
    return outcomeOf(
      [
        { what: 'same last places', holds: elsewhere === 0 },
        { what: 'no meeting forgotten', holds: forgotten === 0 },
        { what: 'no meeting invented', holds: invented === 0 },
        { what: 'some met and some did not', holds: met > 0 && met < runs.length },
      ],
      [
        `${runs.length} seeds, ${met} of them with a breach`,
        `${elsewhere} with other last places`,
        `${forgotten} breaches forgotten`,
        `${invented} invented`,
      ],
      ['a breach that comes late is told as one of the past, so when it is told differs'],
    );
  },
};

interface Reordered {
  readonly samePlaces: boolean;
  /** Was a breach told, live or of the past? */
  readonly inOrder: boolean;
  readonly shuffled: boolean;
}

interface Sent {
  readonly s: number;
  readonly deviceId: string;
  readonly body: object;
}

function reorderedRun(random: Prng): Reordered {
  const sent = walk(random);
  const inOrder = told(sent.map((each) => ({ ...each, atS: each.s })));
  const late = sent.map((each) => ({ ...each, atS: each.s + random.next() * DELAY_S_MAX }));
  const shuffled = told(late.toSorted((a, b) => a.atS - b.atS));
  return {
    samePlaces: placesOf(inOrder) === placesOf(shuffled),
    inOrder: hasBreach(inOrder),
    shuffled: hasBreach(shuffled),
  };
}

/** He walks past her at a drawn distance, some within the 500 m of the ban and some far outside. */
function walk(random: Prng): Sent[] {
  const passM = random.next() < 0.5 ? random.next() * 300 : 900 + random.next() * 600;
  const speed = 3 + random.next() * 5;
  const sent: Sent[] = [];
  for (let s = 0, seq = 1; s <= WALK_S; s += EVERY_S, seq++) {
    const eastM = (s - WALK_S / 2) * speed;
    const her = { seq, time: instant(s), ...spot(random.normal() * 3, random.normal() * 3) };
    const his = { seq, time: instant(s), ...spot(eastM, passM + random.normal() * 3) };
    sent.push({ s, deviceId: 'phone', body: { ...her, accuracy: 5, speed: 0 } });
    sent.push({ s, deviceId: 'ankle', body: { ...his, accuracy: 5, speed, heading: 90 } });
  }
  return sent;
}

function spot(eastM: number, northM: number): { lon: number; lat: number } {
  const [lon, lat] = place(eastM, northM);
  return { lon, lat };
}

function told(messages: readonly (Sent & { atS: number })[]): Given {
  const world = given();
  for (const { deviceId, body, atS } of messages) world.message(deviceId, 'position', body, atS);
  return world.at(WALK_S + DELAY_S_MAX + SETTLED_S);
}

const hasBreach = (world: Given): boolean =>
  world.told.some(({ record }) => record.kind === 'contact' && record.stage === 'breach');

/** The newest fix of each device that the engine goes by. */
function placesOf(world: Given): string {
  const devices = [...world.engine.caseload.cases()].flatMap((state) => state.devices);
  return devices
    .map(({ device, track }) => `${device.deviceId} ${track.last?.fix.seq}`)
    .toSorted()
    .join();
}
