import { type IntervalS, readCaseSet, readMessages } from './case-set.ts';
import { type AlertLine, playBack } from './playback.ts';
import { rawDistanceAlerts } from './raw-distance.ts';
import { type Score, scoreByFamily, scoreOf } from './score.ts';

/** One piece of work: small enough to share out, and its outcome small enough to send back. */
export interface Job {
  readonly folder: string;
  readonly intervalS: IntervalS;
}

export interface Scored {
  readonly overall: Score;
  readonly families: Readonly<Record<string, Score>>;
}

export interface Outcome {
  readonly cordon: Scored;
  readonly rawDistance: Scored;
}

export function runJob({ folder, intervalS }: Job): Outcome {
  const { setup, cases } = readCaseSet(folder);
  const messages = readMessages(folder, intervalS);
  const scored = (lines: readonly AlertLine[]): Scored => ({
    overall: scoreOf(cases, lines),
    families: scoreByFamily(cases, lines),
  });
  return {
    cordon: scored(playBack(setup, messages)),
    rawDistance: scored(rawDistanceAlerts(messages)),
  };
}
