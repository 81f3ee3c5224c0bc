/** Often enough that a count of seconds never skips one, seldom enough to cost nothing. */
export const TICK_MS = 250;
