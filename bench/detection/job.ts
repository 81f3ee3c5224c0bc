import { type CaseSet, type EncounterCase, INTERVALS_S, type IntervalS } from './case-set.ts';
import { type Message, readCaseSet, readMessages } from './case-set.ts';
import { type AlertLine, playBack } from './playback.ts';
import { rawDistanceAlerts } from './raw-distance.ts';
import { type Ground, groundOf, phasesOf, type Redraw, redraw, redrawnMessages } from './redraw.ts';
import { type Score, scoreByFamily, scoreOf } from './score.ts';

/** One piece of work: small enough to share out, and its outcome small enough to send back. */
export interface Job {
  readonly folder: string;
  readonly intervalS: IntervalS;
  /** Null plays what was recorded; a number draws the noise anew from it. */
  readonly seed: number | null;
}

export interface Scored {
  readonly overall: Score;
  readonly families: Readonly<Record<string, Score>>;
}

export interface Outcome {
  readonly cordon: Scored;
  readonly rawDistance: Scored;
}

export function runJob({ folder, intervalS, seed }: Job): Outcome {
  const set = readCaseSet(folder);
  const recorded = readMessages(folder, intervalS);
  if (seed === null) return outcomeOf(set, set.cases, recorded);
  const drawn = knownRedraw(set, seed);
  const messages = redrawnMessages(drawn, intervalS, phasesOf(recorded));
  return outcomeOf(set, drawn.ground.cases, messages);
}

function outcomeOf(
  { setup }: CaseSet,
  cases: readonly EncounterCase[],
  messages: readonly Message[],
): Outcome {
  const scored = (lines: readonly AlertLine[]): Scored => ({
    overall: scoreOf(cases, lines),
    families: scoreByFamily(cases, lines),
  });
  return {
    cordon: scored(playBack(setup, messages)),
    rawDistance: scored(rawDistanceAlerts(messages)),
  };
}

/** The ways are the same whatever the seed, and take a while to find. */
const grounds = new Map<string, Ground>();

export function knownGround(set: CaseSet): Ground {
  const known = grounds.get(set.folder) ?? groundOf(set, readMessages(set.folder, INTERVALS_S[0]));
  grounds.set(set.folder, known);
  return known;
}

/** Jobs of one seed follow each other; one draw serves all its intervals. */
let latest: Redraw | null = null;

function knownRedraw(set: CaseSet, seed: number): Redraw {
  const ground = knownGround(set);
  if (latest?.ground !== ground || latest.seed !== seed) latest = redraw(ground, seed);
  return latest;
}
