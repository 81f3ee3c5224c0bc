/** A promise that a run broke. */
export interface Violation {
  /** Name of the promise: safety, liveness, once, lifecycle … */
  readonly promise: string;
  readonly atMs: number;
  readonly text: string;
  /** Order of the case it happened in, for the story; null when it concerns none. */
  readonly orderId: string | null;
}
