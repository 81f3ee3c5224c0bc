import {
  type Belief,
  firstBelief,
  type Habit,
  mixed,
  onwards,
  type Sighting,
  sighted,
} from './motion-model.ts';

/**
 * Interacting multiple models: the device stands, goes steadily or manoeuvres, nobody knows which,
 * and each report says how likely each is. The usual recipe: mix, predict, correct, weigh.
 */
export interface Models {
  readonly beliefs: readonly Belief[];
  readonly weights: readonly number[];
}

const HABITS: readonly Habit[] = [
  { restlessness: 0.001, persistenceS: 0 },
  { restlessness: 0.05, persistenceS: Infinity },
  { restlessness: 2, persistenceS: Infinity },
];

/** How long each habit is kept, on average. */
const KEPT_S = [300, 120, 30] as const;
const WEIGHT_MIN = 1e-6;

export function firstModels(seen: Sighting): Models {
  const belief = firstBelief(seen);
  return { beliefs: HABITS.map(() => belief), weights: HABITS.map(() => 1 / HABITS.length) };
}

/** From each habit into each other, in so much time: rows from, columns into. */
function transitions(dtS: number): number[][] {
  return KEPT_S.map((keptS, from) => {
    const stays = Math.exp(-dtS / keptS);
    const leaves = (1 - stays) / (KEPT_S.length - 1);
    return KEPT_S.map((_, into) => (into === from ? stays : leaves));
  });
}

function predicted({ beliefs, weights }: Models, atMs: number): Models {
  const change = transitions((atMs - beliefs[0]!.atMs) / 1000);
  const into = HABITS.map((_, j) => weights.reduce((sum, w, i) => sum + w * change[i]![j]!, 0));
  const started = HABITS.map((_, j) =>
    mixed(
      beliefs,
      weights.map((weight, i) => (weight * change[i]![j]!) / into[j]!),
    ),
  );
  return { beliefs: started.map((one, j) => onwards(one, atMs, HABITS[j]!)), weights: into };
}

export function afterSighting(before: Models, seen: Sighting): Models {
  const { beliefs, weights } = predicted(before, seen.atMs);
  const found = beliefs.map((belief) => sighted(belief, seen));
  const best = Math.max(...found.map(({ logLikelihood }) => logLikelihood));
  const raw = found.map(({ logLikelihood }, i) =>
    Math.max(WEIGHT_MIN, weights[i]! * Math.exp(logLikelihood - best)),
  );
  const total = raw.reduce((sum, one) => sum + one, 0);
  return { beliefs: found.map(({ belief }) => belief), weights: raw.map((one) => one / total) };
}

export function expectedAt(models: Models, atMs: number): Belief {
  const { beliefs, weights } = predicted(models, atMs);
  return mixed(beliefs, weights);
}
