import { expect, test } from 'vitest';
import { z } from 'zod';
import { faultWords } from '../../shared/fault-words.ts';
import { LonLat } from '../../shared/zone.ts';

const KIND = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('a') }),
  z.object({ kind: z.literal('b') }),
]);

// prettier-ignore
test.each<[schema: z.ZodType, given: unknown, words: string]>([
  [z.string(),               undefined,      'is missing: give a text in quotes'],
  [z.string(),               7,              'is a number: give a text in quotes'],
  [z.number(),               '7',            'is a text: give a number'],
  [z.number(),               Infinity,       'is too large for a number: give a number'],
  [z.number(),               null,           'is null: give a number'],
  [z.int(),                  1.5,            'is a number: give a whole number'],
  [z.array(z.string()),      {},             'is an object: give a list'],
  [z.object({}),             [],             'is a list: give an object'],
  [LonLat,                   7,              'is a number: give a list of two numbers, longitude and latitude'],
  [z.enum(['a', 'b']),       'c',            'is not known here: give one of a, b'],
  [z.enum(['a', 'b']),       undefined,      'is missing: give one of a, b'],
  [z.literal('a'),           'c',            'is not known here: give a'],
  [KIND,                     { kind: 'c' },  'is not known here: give one of a, b'],
  [KIND,                     {},             'is missing: give one of a, b'],
  [z.string().min(1),        '',             'is empty: give one'],
  [z.array(z.any()).min(1),  [],             'is empty: give one'],
  [z.string().min(3),        'x',            'is too short: at least 3 characters'],
  [z.string().max(3),        'xxxx',         'is too long: at most 3 characters'],
  [z.array(z.any()).max(1),  [1, 2],         'is too long: at most 1 items'],
  [z.number().min(3),        2,              'must be at least 3'],
  [z.number().max(3),        4,              'must be at most 3'],
  [z.number().positive(),    0,              'must be above 0'],
  [z.number().negative(),    0,              'must be below 0'],
  [z.string().min(1, 'own'), '',             'own'],
])('%o given %j', (schema, given, words) => {
  const parsed = schema.safeParse(given, { error: faultWords });
  expect(parsed.error?.issues.map(({ message }) => message)).toEqual([words]);
});
