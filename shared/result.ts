/** An operating error is a value that the caller must look at; only broken invariants throw. */
export type Result<T, E> = { ok: true; value: T } | { ok: false; error: E };

export const ok = <T>(value: T): { ok: true; value: T } => ({ ok: true, value });
export const refused = <E>(error: E): { ok: false; error: E } => ({ ok: false, error });

/** Ends every `switch` over a union: a new member that nobody handles does not compile. */
export function assertNever(value: never): never {
  throw new Error(`unhandled case ${JSON.stringify(value)}`);
}

/** States what we believe; a false belief stops the case that holds it, loudly. */
export function assert(belief: unknown, message: string): asserts belief {
  if (!belief) throw new Error(`broken invariant: ${message}`);
}
