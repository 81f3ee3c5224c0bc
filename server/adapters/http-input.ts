import type { FastifySchemaCompiler } from 'fastify';
import type { z } from 'zod';
import { type InputFault, ProblemError } from './http-problem.ts';

/** Members that GeoJSON always allows. (RFC 7946 §5) */
const ALWAYS_KNOWN = new Set(['bbox']);

/** The only look at unknown input: parsed by the route's zod schema, every fault told at once. */
export const validateInput: FastifySchemaCompiler<unknown> = ({ schema }) => {
  return (data: unknown) => judged((schema as z.ZodType).safeParse(data), []);
};

/**
 * For bodies with legal force: a key that we do not know is refused, because a misspelt
 * `exceptions` that is silently ignored would have us watch another order than the court gave.
 */
export function validateStrictly(
  readOnlyKeys: readonly string[],
  check: (data: unknown) => readonly InputFault[] = () => [],
): FastifySchemaCompiler<unknown> {
  return ({ schema: given, httpPart }) => {
    const schema = given as z.ZodType;
    return (data: unknown) => {
      if (httpPart !== 'body') return judged(schema.safeParse(data), []);
      const strange = unknownKeys(schema, data).filter(
        ({ path }) => path.length > 1 || !readOnlyKeys.includes(String(path[0])),
      );
      return judged(schema.safeParse(data), [...strange, ...check(data)]);
    };
  };
}

function judged(parsed: z.ZodSafeParseResult<unknown>, more: readonly InputFault[]) {
  const faults = [...(parsed.error?.issues ?? []), ...more];
  if (faults.length > 0) return { error: new ProblemError('invalid-input', faults) };
  return { value: parsed.data };
}

/** Everything in the data that the schema has no name for. */
export function unknownKeys(schema: z.ZodType, data: unknown): InputFault[] {
  const found: InputFault[] = [];
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

function walk(schema: z.ZodType, data: unknown, path: PropertyKey[], found: InputFault[]): void {
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
  found: InputFault[],
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
