import { hash32, prng, type Prng } from '../shared/prng.ts';

/**
 * Randomness by key instead of by history: a step of the simulation draws the same numbers however
 * often it is taken and whoever drew before, so its state needs to carry a counter and no
 * generator.
 */
export function drawsAt(seed: number, label: string, tick: number): Prng {
  return prng(hash32(`${seed}/${label}/${tick}`));
}

export function exponential(random: Prng, mean: number): number {
  return -mean * Math.log(1 - random.next());
}

/** `sigma` is the standard deviation of the logarithm. */
export function lognormal(random: Prng, median: number, sigma: number): number {
  return median * Math.exp(sigma * random.normal());
}
