import type { z } from 'zod';

/** A key that is misspelt or from another interface, and what is known in its place. */
export interface UnknownKey {
  readonly path: readonly PropertyKey[];
  readonly message: string;
}

/** Members that GeoJSON always allows. (RFC 7946 §5) */
const ALWAYS_KNOWN = new Set(['bbox']);

/** Everything in the data that the schema has no name for. */
export function unknownKeys(schema: z.ZodType, data: unknown): UnknownKey[] {
  const found: UnknownKey[] = [];
  walk(schema, data, [], found);
  return found;
}

interface Def {
  readonly type: string;
  readonly innerType?: z.ZodType;
  readonly element?: z.ZodType;
  readonly shape?: Readonly<Record<string, z.ZodType>>;
  /** Of an object that may have other fields too. */
  readonly catchall?: z.ZodType;
  readonly options?: readonly z.ZodType[];
  readonly discriminator?: string;
}

function walk(schema: z.ZodType, data: unknown, path: PropertyKey[], found: UnknownKey[]): void {
  if (typeof data !== 'object' || data === null) return;
  const def = schema.def as unknown as Def;
  if (def.innerType) return walk(def.innerType, data, path, found);
  if (def.element && Array.isArray(data)) {
    const { element } = def;
    data.forEach((item, index) => walk(element, item, [...path, index], found));
  }
  if (def.shape && !def.catchall && !Array.isArray(data)) walkObject(def.shape, data, path, found);
  if (def.options && def.discriminator !== undefined) {
    const chosen = optionFor(def.options, def.discriminator, data);
    if (chosen) walk(chosen, data, path, found);
  }
}

function walkObject(
  shape: Readonly<Record<string, z.ZodType>>,
  data: object,
  path: PropertyKey[],
  found: UnknownKey[],
): void {
  for (const [key, value] of Object.entries(data)) {
    const known = Object.hasOwn(shape, key) ? shape[key] : undefined;
    if (known) walk(known, value, [...path, key], found);
    else if (!ALWAYS_KNOWN.has(key)) {
      const hint = `known here: ${Object.keys(shape).join(', ')}`;
      found.push({ path: [...path, key], message: `is not a known field; ${hint}` });
    }
  }
}

function optionFor(options: readonly z.ZodType[], discriminator: string, data: object) {
  const value: unknown = (data as Record<string, unknown>)[discriminator];
  return options.find((option) => {
    const { shape } = option.def as unknown as Def;
    return shape?.[discriminator]?.safeParse(value).success;
  });
}
