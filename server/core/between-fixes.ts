import { toInstant } from '../../shared/instant.ts';
import { boxDistanceM } from './box.ts';
import { outlookOfContact, outlookOfZone } from './ban-outlook.ts';
import { isCarried, type BanState, type DeviceState } from './case-state.ts';
import { watchOf, type Draft } from './draft.ts';
import { passageOf } from './passage.ts';
import { findingOf } from './probability.ts';
import { isLikelyEnough } from './raising.ts';
import { isLocated, PASSAGE_MS, type Located } from './track.ts';
import { certaintyOf, rounded, toThousandths, type Verdict } from './verdict.ts';

/** A device of which more is known, and since when: its way from there on is looked at anew. */
export interface Fresh {
  readonly device: DeviceState;
  readonly sinceMs: number;
}

/**
 * What news of a device shows of the way that led here: two may have passed each other between
 * their fixes, or he been in a zone. The verdict then says so; else it stays. (SPEC BF1)
 */
export function withPassing(draft: Draft, ban: BanState, verdict: Verdict, fresh: Fresh): Verdict {
  if (ban.kind === 'location-duty' || verdict.stage === 'breach') return verdict;
  const { track, device } = fresh.device;
  if (!isLocated(track) || track.last.fix.source === 'cell') return verdict;
  // What was before the last breach was told with it. (SPEC BF2)
  const toldMs = watchOf(draft, ban.key).told.at(-1)?.untilMs ?? -Infinity;
  const fromMs = Math.max(fresh.sinceMs, draft.atMs - PASSAGE_MS, toldMs);
  const untilMs = track.last.atMs;
  if (fromMs >= untilMs) return verdict;
  if (ban.victimId === null) return throughZone(ban, verdict, track, fromMs, untilMs);
  const otherId = device.personId === ban.wearerId ? ban.victimId : ban.wearerId;
  let found = verdict;
  for (const other of draft.state.devices) {
    if (other.device.personId !== otherId || !isCarried(other, draft.atMs)) continue;
    if (isLocated(other.track)) found = pastEachOther(ban, found, track, other.track, fromMs);
  }
  return found;
}

function pastEachOther(
  ban: BanState,
  verdict: Verdict,
  track: Located,
  other: Located,
  fromMs: number,
): Verdict {
  const passage = passageOf(track, other, fromMs, track.last.atMs, ban.distanceM);
  if (!passage) return verdict;
  const { atMs, withinP, sigmaM, apartM } = passage;
  const now = { atMs, probability: withinP, sigmaM, forecast: false };
  if (!isLikelyEnough(now, outlookOfContact(ban, track, other, atMs))) return verdict;
  return {
    ...breachBy(verdict, withinP),
    reason: 'passed-within',
    rules: ['BF1', 'CB2'],
    detail: {
      ...verdict.detail,
      withinP: toThousandths(withinP),
      closestM: rounded(apartM),
      closestAt: toInstant(atMs),
    },
  };
}

const STEP_MS = 5_000;
const STEPS_MAX = 24;
const SIGMAS_FAR = 6;

function throughZone(
  ban: BanState,
  verdict: Verdict,
  track: Located,
  fromMs: number,
  untilMs: number,
): Verdict {
  const { lon, lat, sigmaM } = track.last;
  const farM = track.roamM + SIGMAS_FAR * sigmaM;
  if (!ban.shape || boxDistanceM(ban.shape.box, lon, lat) > farM) return verdict;
  const outlook = outlookOfZone(ban, track, untilMs);
  const steps = Math.min(STEPS_MAX, Math.ceil((untilMs - fromMs) / STEP_MS));
  let deepest: { atMs: number; nearM: number; sigmaM: number; probability: number } | null = null;
  for (let i = 0; i <= steps; i++) {
    const atMs = Math.round(fromMs + ((untilMs - fromMs) * i) / steps);
    const place = outlook.at(atMs);
    if (place && place.probability > (deepest?.probability ?? 0)) deepest = { ...place, atMs };
  }
  if (!deepest || !isLikelyEnough({ ...deepest, forecast: false }, outlook)) return verdict;
  return {
    ...breachBy(verdict, deepest.probability),
    reason: 'passed-inside',
    rules: ['BF1', 'LB2'],
    detail: {
      ...verdict.detail,
      insideP: toThousandths(deepest.probability),
      depthM: rounded(Math.max(0, -deepest.nearM)),
      closestAt: toInstant(deepest.atMs),
    },
  };
}

function breachBy(verdict: Verdict, probability: number): Verdict {
  const finding = findingOf(probability);
  const certainty = certaintyOf(finding);
  return { ...verdict, standing: true, stage: 'breach', certainty, finding, priority: 1 };
}
