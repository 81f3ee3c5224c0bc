import type { EncounterCase, Threshold } from '../../bench/detection/case-set.ts';
import type { AlertLine } from '../../bench/detection/playback.ts';

/** Cases small enough to score in one's head: seconds since a start that is not zero. */
export const START_MS = Date.UTC(2026, 2, 2);
const atMs = (seconds: number): number => START_MS + seconds * 1000;

const NEVER: Threshold = { firstBelowMs: null, startsBelow: false, episodesMs: [] };

export function below(...episodesS: [fromS: number, untilS: number][]): Threshold {
  const [first] = episodesS;
  return {
    firstBelowMs: first ? atMs(first[0]) : null,
    startsBelow: first?.[0] === 0,
    episodesMs: episodesS.map(([fromS, untilS]) => [atMs(fromS), atMs(untilS)]),
  };
}

/** An hour of one pair, never within any distance but those given. */
export function encounter(
  id: string,
  thresholds: Partial<EncounterCase['thresholds']>,
  kind = 'head_on',
): EncounterCase {
  const none = { 100: NEVER, 250: NEVER, 500: NEVER, 1000: NEVER, 2000: NEVER };
  return {
    id,
    kind,
    pool: 'nl',
    durationS: 3600,
    startMs: START_MS,
    closestApproachM: 0,
    thresholds: { ...none, ...thresholds },
  };
}

const RAISED: AlertLine = {
  atMs: 0,
  change: 'raised',
  alertId: 'a',
  orderId: null,
  banId: null,
  kind: 'contact',
  stage: 'breach',
  certainty: 'likely',
  priority: 2,
  state: 'unacknowledged',
  retrospective: false,
};

/** One line of an alert about a case, `a` unless named otherwise. */
export function said(
  caseId: string,
  distanceM: number,
  atS: number,
  what: Partial<AlertLine> = {},
): AlertLine {
  const about = { orderId: `order-${caseId}`, banId: `d${distanceM}` };
  return { ...RAISED, ...about, alertId: `${caseId}/${distanceM}`, atMs: atMs(atS), ...what };
}

export const GONE: Partial<AlertLine> = { change: 'cleared', state: 'cleared-unacknowledged' };
