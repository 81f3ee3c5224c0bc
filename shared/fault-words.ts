import type { z } from 'zod';

/**
 * What is wrong with a field, in words that name the remedy; a schema's own words go before these.
 * For `safeParse(data, { error: faultWords })`.
 */
export const faultWords: z.core.$ZodErrorMap = (issue) => {
  switch (issue.code) {
    case 'invalid_type':
      return typeWords(issue.expected, issue.input);
    case 'invalid_value':
      return choiceWords(issue.values, issue.input);
    case 'invalid_union':
      return unionWords(issue);
    case 'too_small':
      return sizeWords(issue.origin, issue.minimum, 'at least', issue.inclusive !== false);
    case 'too_big':
      return sizeWords(issue.origin, issue.maximum, 'at most', issue.inclusive !== false);
    default:
      return undefined;
  }
};

const TYPES: Readonly<Record<string, string>> = {
  string: 'a text in quotes',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  tuple: 'a list of two numbers, longitude and latitude',
  object: 'an object',
};

function typeWords(expected: string, input: unknown): string {
  const give = `give ${TYPES[expected] ?? expected}`;
  return input === undefined ? `is missing: ${give}` : `is ${nameOf(input)}: ${give}`;
}

function nameOf(input: unknown): string {
  if (input === null) return 'null';
  if (Array.isArray(input)) return 'a list';
  if (typeof input === 'number' && !Number.isFinite(input)) return 'too large for a number';
  if (typeof input === 'string') return 'a text';
  return TYPES[typeof input] ?? typeof input;
}

function choiceWords(values: readonly unknown[], input: unknown): string {
  const choice = values.length === 1 ? '' : 'one of ';
  const give = `give ${choice}${values.map(String).join(', ')}`;
  return input === undefined ? `is missing: ${give}` : `is not known here: ${give}`;
}

type UnionIssue = Parameters<z.core.$ZodErrorMap<z.core.$ZodIssueInvalidUnion>>[0];

function unionWords(issue: UnionIssue): string | undefined {
  const { discriminator, options } = issue as { discriminator?: string; options?: unknown[] };
  if (discriminator === undefined || options === undefined) return undefined;
  const value = (issue.input as Record<string, unknown> | null)?.[discriminator];
  return choiceWords(options, value);
}

const COUNTED: Readonly<Record<string, string>> = { string: ' characters', array: ' items' };

function sizeWords(
  origin: string,
  limit: number | bigint,
  bound: 'at least' | 'at most',
  inclusive: boolean,
): string {
  const of = COUNTED[origin];
  if (of !== undefined && bound === 'at least' && Number(limit) === 1) return 'is empty: give one';
  if (of !== undefined)
    return `is too ${bound === 'at most' ? 'long' : 'short'}: ${bound} ${limit}${of}`;
  if (inclusive) return `must be ${bound} ${limit}`;
  return `must be ${bound === 'at least' ? 'above' : 'below'} ${limit}`;
}
