import type { FastifySchemaCompiler } from 'fastify';
import type { z } from 'zod';
import { faultWords } from '../../shared/fault-words.ts';
import { unknownKeys } from '../../shared/unknown-keys.ts';
import { type InputFault, ProblemError } from './http-problem.ts';

/** The only look at unknown input: parsed by the route's zod schema, every fault told at once. */
export const validateInput: FastifySchemaCompiler<unknown> = ({ schema }) => {
  return (data: unknown) => judged(parse(schema as z.ZodType, data), []);
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
      if (httpPart !== 'body') return judged(parse(schema, data), []);
      const strange = unknownKeys(schema, data).filter(
        ({ path }) => path.length > 1 || !readOnlyKeys.includes(String(path[0])),
      );
      return judged(parse(schema, data), [...strange, ...check(data)]);
    };
  };
}

const parse = (schema: z.ZodType, data: unknown) => schema.safeParse(data, { error: faultWords });

function judged(parsed: z.ZodSafeParseResult<unknown>, more: readonly InputFault[]) {
  const faults = [...(parsed.error?.issues ?? []), ...more];
  if (faults.length > 0) return { error: new ProblemError('invalid-input', faults) };
  return { value: parsed.data };
}
