import type { Sent } from './base-order.ts';

/** A place in the order, and a word of the reason that is told for it. */
export type Told = readonly [pointer: string, reason: RegExp];

/** One malformed order. Every fault that is told is listed, and none that is not. */
export type Row = readonly [name: string, sent: Sent, ...told: Told[]];

/** One that is refused as a whole. */
export type WholeRow = readonly [
  name: string,
  sent: Sent,
  status: number,
  code: string,
  why: RegExp,
];
