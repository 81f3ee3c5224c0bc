import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { JSON_DEPTH_MAX, keyFaults } from '../../shared/json-keys.ts';
import { pointerOf } from '../../shared/problem.ts';

const told = (text: string): string[] => keyFaults(text).map(({ path }) => pointerOf(path));

describe('keys that a parser would drop in silence', () => {
  // prettier-ignore
  test.each<[text: string, pointers: string[]]>([
    ['{"a":1,"a":2}',                        ['/a']],
    ['{"a":1,"a":2,"a":3}',                  ['/a', '/a']],
    ['{"a":[{"b":1},{"b":1,"c":[],"b":2}]}', ['/a/1/b']],
    ['{"a":1,"\\u0061":2}',                  ['/a']],
    ['{"a/b":1,"a\\/b":2}',                  ['/a~1b']],
    ['{"a":"\\"","a":1}',                    ['/a']],
    ['{"a":"a","b":"a"}',                    []],
    ['{"a":{"a":{"a":1}}}',                  []],
    ['[{"a":1},{"a":2}]',                    []],
    ['["a","a",{"a":"a"}]',                  []],
    ['{"__proto__":1}',                      ['/__proto__']],
    ['{"\\u005f_proto__":1}',                ['/__proto__']],
    ['{"constructor":{"prototype":1}}',      ['/constructor/prototype']],
    ['{"prototype":{"constructor":1}}',      []],
    ['',                                     []],
    ['{"a":1,"a',                            []],
    ['}}]]',                                 []],
  ])('%s', (text, pointers) => {
    expect(told(text)).toEqual(pointers);
  });

  test('what is nested to the limit is taken, one deeper is not', () => {
    const nested = (depth: number): string => '['.repeat(depth) + ']'.repeat(depth);
    expect(keyFaults(nested(JSON_DEPTH_MAX))).toEqual([]);
    expect(keyFaults(nested(JSON_DEPTH_MAX + 1))).toMatchObject([
      { message: expect.stringMatching('nested deeper') },
    ]);
  });

  test('what JSON.stringify writes has no fault', () => {
    const values = fc.jsonValue({ maxDepth: 5 }).filter((value) => {
      return !/"(__proto__|prototype)":/.test(JSON.stringify(value));
    });
    fc.assert(
      fc.property(values, fc.constantFrom(undefined, 2), (value, space) => {
        expect(keyFaults(JSON.stringify(value, null, space))).toEqual([]);
      }),
      { seed: 1, numRuns: 500 },
    );
  });

  test('any text at all is looked at without harm', () => {
    const texts = fc.array(fc.constantFrom(...'{}[],:"\\a1 u'), { maxLength: 60 });
    fc.assert(
      fc.property(texts, (letters) => void keyFaults(letters.join(''))),
      { seed: 1, numRuns: 2_000 },
    );
  });
});
