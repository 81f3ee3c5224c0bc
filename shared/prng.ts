/** Seeded pseudo-random numbers: the same seed gives the same world, for ever. */
export interface Prng {
  /** Uniform in [0, 1). */
  next(): number;
  /** Standard normal. */
  normal(): number;
  /** Uniform integer in [0, below). */
  below(below: number): number;
  /** An independent stream, so that one part drawing more does not shift another. */
  fork(label: string): Prng;
}

/** mulberry32: 32 bits of state, good enough for simulation, never for secrets. */
export function prng(seed: number): Prng {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
  return {
    next,
    normal: () => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next()),
    below: (below) => Math.floor(next() * below),
    fork: (label) => prng(hash32(`${seed}/${label}`)),
  };
}

/** FNV-1a, to turn a label into a seed. */
export function hash32(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) {
    hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  }
  return hash >>> 0;
}
