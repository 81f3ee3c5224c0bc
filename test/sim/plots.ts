import type { z } from 'zod';
import type { Ban } from '../../shared/court-order.ts';
import type { Leg } from '../../device-sim/itinerary.ts';
import type { Prng } from '../../shared/prng.ts';
import type { Zone } from '../../shared/zone.ts';

type Place = [lon: number, lat: number];
type LegInput = z.input<typeof Leg>;

export interface Journey {
  readonly start: Place;
  readonly legs: readonly LegInput[];
}

/** What one pair does in one simulated world, and the ban it is about. */
export interface Plot {
  readonly wearer: Journey;
  readonly victim: Journey;
  readonly ban: z.input<typeof Ban>;
}

/** Metres east and north of the middle of the pair's own piece of land. */
export type Ground = (eastM: number, northM: number) => Place;

type Plotter = (ground: Ground, random: Prng, victimId: string) => Plot;

/** Beyond this a person passing at the same speed cannot be taken for a breach. */
const NEAR_MISS_SHARE = 1.25;
const NEAR_MISS_M = 150;
/** Local time in Amsterdam; the worlds begin there at 11:00. */
const DUTY_HOURS = { from: '11:10', until: '11:35' };

const between = (random: Prng, least: number, most: number): number =>
  least + (most - least) * random.next();

const pick = <T>(random: Prng, choices: readonly T[]): T => choices[random.below(choices.length)]!;

const movingMode = (random: Prng) => pick(random, ['walk', 'cycle', 'drive'] as const);

const go = (random: Prng, mode: 'walk' | 'cycle' | 'drive', ...via: Place[]): LegInput => ({
  mode,
  via,
  stops: random.next() < 0.3,
});

const dwell = (forS: number): LegInput => ({ mode: 'dwell', forS });

const contactBan = (victimId: string, distanceM: number): Plot['ban'] => ({
  banId: 'contact',
  kind: 'contact-ban',
  victimId,
  distanceM,
});

const distanceOf = (random: Prng): number => Math.round(between(random, 250, 800));

const waiting = (random: Prng): LegInput => dwell(between(random, 60, 600));

/** The wearer passes a victim who stays where she is; `missM` away at the closest. */
function passing(ground: Ground, random: Prng, missM: number): Pick<Plot, 'wearer' | 'victim'> {
  const mode = pick(random, ['cycle', 'drive'] as const);
  return {
    wearer: {
      start: ground(-4_000, 0),
      legs: [waiting(random), go(random, mode, ground(4_000, 0))],
    },
    victim: { start: ground(0, missM), legs: [] },
  };
}

function headOn(ground: Ground, random: Prng, victimId: string): Plot {
  const mode = movingMode(random);
  return {
    wearer: {
      start: ground(-2_000, 0),
      legs: [waiting(random), go(random, mode, ground(2_000, 0))],
    },
    victim: {
      start: ground(2_000, 0),
      legs: [waiting(random), go(random, mode, ground(-2_000, 0))],
    },
    ban: contactBan(victimId, distanceOf(random)),
  };
}

function follow(ground: Ground, random: Prng, victimId: string): Plot {
  const way = [ground(0, 0), ground(700, 100), ground(900, 900), ground(200, 1_300)];
  return {
    wearer: {
      start: ground(-1_800, -300),
      legs: [waiting(random), go(random, 'cycle', ...way), dwell(600)],
    },
    victim: { start: ground(-100, 0), legs: [go(random, 'walk', ...way)] },
    ban: contactBan(victimId, distanceOf(random)),
  };
}

function sheComes(ground: Ground, random: Prng, victimId: string): Plot {
  const mode = movingMode(random);
  const stay = dwell(between(random, 120, 600));
  const [home, away] = [ground(2_200, 400), ground(0, 0)];
  return {
    wearer: { start: away, legs: [] },
    victim: { start: home, legs: [go(random, mode, away), stay, go(random, mode, home)] },
    ban: contactBan(victimId, distanceOf(random)),
  };
}

function passBy(ground: Ground, random: Prng, victimId: string): Plot {
  const distanceM = distanceOf(random);
  return {
    ...passing(ground, random, between(random, 0, 0.6 * distanceM)),
    ban: contactBan(victimId, distanceM),
  };
}

function nearMiss(ground: Ground, random: Prng, victimId: string): Plot {
  const distanceM = distanceOf(random);
  const missM = NEAR_MISS_SHARE * distanceM + NEAR_MISS_M + between(random, 0, distanceM);
  return { ...passing(ground, random, missM), ban: contactBan(victimId, distanceM) };
}

function far(ground: Ground, random: Prng, victimId: string): Plot {
  const stroll = (eastM: number): Journey => {
    const legs = [1, 2, 3].map(() =>
      go(
        random,
        movingMode(random),
        ground(eastM + between(random, -800, 800), between(random, -800, 800)),
      ),
    );
    return { start: ground(eastM, 0), legs };
  };
  return {
    wearer: stroll(-7_000),
    victim: stroll(7_000),
    ban: contactBan(victimId, distanceOf(random)),
  };
}

function zoneOf(ground: Ground, random: Prng, radiusM: number): z.input<typeof Zone> {
  if (random.next() < 0.5) return { type: 'Circle', center: ground(0, 0), radiusM };
  const corners: [number, number][] = [
    [-radiusM, -radiusM],
    [radiusM, -radiusM],
    [radiusM, radiusM],
    [-radiusM, radiusM],
    [-radiusM, -radiusM],
  ];
  return { type: 'Polygon', coordinates: [corners.map((corner) => ground(...corner))] };
}

const elsewhere = (ground: Ground): Journey => ({ start: ground(9_000, 9_000), legs: [] });

function zoneVisit(ground: Ground, random: Prng): Plot {
  const mode = movingMode(random);
  const start = ground(-2_000, 300);
  const stay = dwell(between(random, 240, 900));
  const visit = [go(random, mode, ground(0, 0)), stay, go(random, mode, start)];
  const zone = zoneOf(ground, random, between(random, 200, 500));
  return {
    wearer: { start, legs: [waiting(random), ...visit] },
    victim: elsewhere(ground),
    ban: { banId: 'zone', kind: 'location-ban', bufferM: 200, zone },
  };
}

function zonePass(ground: Ground, random: Prng): Plot {
  const radiusM = between(random, 200, 500);
  const north = radiusM + between(random, 200, 600);
  const way = go(random, movingMode(random), ground(2_500, north));
  return {
    wearer: { start: ground(-2_500, north), legs: [waiting(random), way] },
    victim: elsewhere(ground),
    ban: {
      banId: 'zone',
      kind: 'location-ban',
      bufferM: 100,
      zone: zoneOf(ground, random, radiusM),
    },
  };
}

function duty(ground: Ground, random: Prng): Plot {
  const mode = movingMode(random);
  const outing = [
    go(random, mode, ground(1_500, 0)),
    dwell(between(random, 200, 700)),
    go(random, mode, ground(0, 0)),
  ];
  const weekly = [{ days: ['mon' as const], ...DUTY_HOURS }];
  return {
    wearer: { start: ground(0, 0), legs: [waiting(random), ...outing] },
    victim: elsewhere(ground),
    ban: {
      banId: 'duty',
      kind: 'location-duty',
      zone: zoneOf(ground, random, between(random, 200, 350)),
      schedule: random.next() < 0.5 ? { timeZone: 'Europe/Amsterdam', weekly } : null,
    },
  };
}

export const PLOTS: Record<string, Plotter> = {
  'head-on': headOn,
  'pass-by': passBy,
  'near-miss': nearMiss,
  follow,
  'she-comes': sheComes,
  far,
  'zone-visit': zoneVisit,
  'zone-pass': zonePass,
  duty,
};
