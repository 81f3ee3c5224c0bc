import { prng, type Prng } from '../../shared/prng.ts';
import { type Given, given, T0 } from '../../test/support/given.ts';
import { type Fault, outcomeOf } from './fault.ts';

/** On virtual time, through the engine that runs live: devices that lie or cannot see. */

const SEEDS = 200;
const SEEDS_QUICK = 20;
const EVERY_S = 5;
const SPOOFED_M_MIN = 5_000;
const SPOOFED_M_SPREAD = 20_000;
/** Both places are judged for so long. (SPEC PL2) */
const JUDGED_S = 540;
const FLAGGED_FIXES_MAX = 3;
const JAMMED_FIXES_MAX = 3;
/** Ten minutes of them. */
const JAMMED_FIXES = 120;
const DAY_S = 86_400;
/** Four reports: it takes three to tell a wrong clock from a late message. */
const CLOCK_LATE_S_MAX = 20;

const each = (quick: boolean): number[] =>
  Array.from({ length: quick ? SEEDS_QUICK : SEEDS }, (_, seed) => seed);

/** Seconds at which the first change of a code that fits was told; Infinity if never. */
const toldS = (world: Given, fits: (told: Given['told'][number]) => boolean): number =>
  ((world.told.find(fits)?.atMs ?? Infinity) - T0) / 1000;

export const jammed: Fault = {
  number: 25,
  name: 'GNSS jammed, network alive',
  fault:
    'the wearer’s receiver sees nothing more, 1.5 km from her; the network still places him, within 1.5 to 3 km',
  expected: `within ${JAMMED_FIXES_MAX} fixes it is told that a contact cannot be ruled out; the jamming itself at once`,
  perStore: false,
  async run({ quick, seed }) {
    const seeds = each(quick);
    const fixesUntil = seeds.map((own) => jammedFixes(prng(seed + own)));
    const worst = Math.max(...fixesUntil.map(({ contact }) => contact));
    const told = fixesUntil.filter(({ jamming }) => jamming).length;
    return outcomeOf(
      [
        { what: 'contact not ruled out in time', holds: worst <= JAMMED_FIXES_MAX },
        { what: 'jamming told', holds: told === seeds.length },
      ],
      [
        `${seeds.length} seeds`,
        `contact not ruled out after ${worst} fixes (worst)`,
        `jamming told ${told} times`,
      ],
    );
  },
};

function jammedFixes(random: Prng): { contact: number; jamming: boolean } {
  const world = given();
  const startS = 300;
  for (let s = 0; s <= startS; s += EVERY_S) {
    world.fix('phone', s);
    world.fix('ankle', s, { eastM: 1_500 });
  }
  const before = world.alerts().length;
  if (before > 0) throw new Error('an alert stood before the fault');
  world.event('ankle', 'jamming', startS + 1);
  const jamming = world.alerts('jamming').length === 1;
  for (let fix = 1; fix <= JAMMED_FIXES; fix++) {
    const s = startS + fix * EVERY_S;
    world.fix('phone', s);
    const accuracy = 1_500 + random.next() * 1_500;
    const eastM = 1_500 + random.normal() * 400;
    world.fix('ankle', s, { eastM, accuracy, source: 'cell' });
    if (world.alerts('contact-ban').length > 0) return { contact: fix, jamming };
  }
  return { contact: Infinity, jamming };
}

export const teleport: Fault = {
  number: 26,
  name: 'spoofed: 5 km and more in 5 s',
  fault:
    'during a breach the wearer’s fixes are suddenly 5 to 25 km away, and stay there for nine minutes',
  expected: `told as implausible within ${FLAGGED_FIXES_MAX} fixes; the breach stays open`,
  perStore: false,
  async run({ quick, seed }) {
    const seeds = each(quick);
    const runs = seeds.map((own) => spoofedRun(prng(seed + own)));
    const flagged = Math.max(...runs.map(({ flaggedFixes }) => flaggedFixes));
    const cleared = runs.filter(({ open }) => !open).length;
    return outcomeOf(
      [
        { what: 'flagged in time', holds: flagged <= FLAGGED_FIXES_MAX },
        { what: 'no open breach cleared', holds: cleared === 0 },
      ],
      [
        `${seeds.length} seeds`,
        `flagged after ${flagged} fixes (worst)`,
        `${cleared} open breaches cleared`,
      ],
    );
  },
};

function spoofedRun(random: Prng): { flaggedFixes: number; open: boolean } {
  const world = given();
  for (let s = 0; s <= 60; s += EVERY_S) {
    world.fix('phone', s);
    world.fix('ankle', s, { eastM: 100 });
  }
  const { alertId, stage } = world.alert('contact-ban');
  if (stage !== 'breach') throw new Error('there was no breach');
  const eastM = SPOOFED_M_MIN + random.next() * SPOOFED_M_SPREAD;
  for (let s = 65; s <= 65 + JUDGED_S; s += EVERY_S) {
    world.fix('phone', s);
    world.fix('ankle', s, { eastM: eastM + random.normal() * 5, northM: random.normal() * 5 });
  }
  const raisedS = toldS(world, ({ record }) => record.code === 'implausible');
  const now = world.alerts('contact-ban').find((record) => record.alertId === alertId);
  return { flaggedFixes: (raisedS - 60) / EVERY_S, open: now?.standing === true };
}

export const wrongDeviceClock: Fault = {
  number: 28,
  name: 'device clock wrong by a day',
  fault:
    'the wearer’s clock is a day ahead or behind, from the beginning or suddenly; he comes to her, reporting every 1 or 5 s',
  expected: `no breach missed or told more than ${CLOCK_LATE_S_MAX} s later than with a right clock; the wrong clock told`,
  perStore: false,
  async run({ quick, seed }) {
    const seeds = each(quick);
    const runs = seeds.flatMap((own) => [
      clockRun(prng(seed + own), DAY_S),
      clockRun(prng(seed + own), -DAY_S),
    ]);
    const isMissed = ({ lateS }: ClockRun): boolean => lateS === Infinity;
    const missed = runs.filter(isMissed).length;
    const missedAt1S = runs.filter((run) => run.everyS === 1 && isMissed(run)).length;
    const worst = Math.max(
      ...runs.filter(({ lateS }) => lateS < Infinity).map(({ lateS }) => lateS),
    );
    const untold = runs.filter(({ told }) => !told).length;
    return outcomeOf(
      [
        { what: 'no breach missed', holds: missed === 0 },
        { what: 'no breach late', holds: worst <= CLOCK_LATE_S_MAX },
        { what: 'wrong clock told', holds: untold === 0 },
      ],
      [
        `${runs.length} runs`,
        `${missed} breaches missed, ${missedAt1S} of them of a device that reports every second`,
        `told at most ${worst} s later than with a right clock`,
        `wrong clock told in ${runs.length - untold}`,
      ],
    );
  },
};

/** He comes at 5 m/s; his clock goes wrong at a drawn moment on the way, or was from the start. */
function clockRun(random: Prng, offsetS: number): ClockRun {
  const wrongFromS = random.next() < 0.3 ? 0 : random.next() * 300;
  const everyS = random.next() < 0.5 ? 1 : EVERY_S;
  const right = approached(Infinity, 0, everyS);
  const wrong = approached(wrongFromS, offsetS, everyS);
  const isBreach = ({ record }: Given['told'][number]): boolean =>
    record.kind === 'contact' && record.stage === 'breach' && !record.retrospective;
  return {
    everyS,
    lateS: toldS(wrong, isBreach) - toldS(right, isBreach),
    told: wrong.told.some(({ record }) => record.code === 'implausible'),
  };
}

interface ClockRun {
  readonly everyS: number;
  /** Than with a right clock; Infinity when missed. */
  readonly lateS: number;
  readonly told: boolean;
}

function approached(wrongFromS: number, offsetS: number, everyS: number): Given {
  const world = given();
  for (let s = 0; s <= 600; s += everyS) {
    world.fix('phone', s);
    const eastM = Math.max(100, 2_000 - 5 * s);
    const measuredS = s >= wrongFromS ? s + offsetS : s;
    world.fix('ankle', s, { eastM, measuredS, speed: eastM > 100 ? 5 : 0, heading: 270 });
  }
  return world;
}
