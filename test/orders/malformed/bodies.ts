import { newWith, ORDER, order, over, raw, under } from './base-order.ts';
import type { Row, WholeRow } from './row.ts';

const TEXT = JSON.stringify(ORDER);
const BAN = { banId: 'b', kind: 'contact-ban', victimId: 'v-1', distanceM: 500 };
const many = (count: number): object[] =>
  Array.from({ length: count }, (_, i) => ({ ...BAN, banId: `b-${i}` }));
const JSON_REASON = /one valid JSON value in UTF-8/;

/** What is no order at all, or comes in the wrong way. */
// prettier-ignore
export const WHOLE: readonly WholeRow[] = [
  ['no JSON',                          raw('reference=CJIB'),                                      400, 'malformed-json', JSON_REASON],
  ['JSON that ends too early',         raw(TEXT.slice(0, -2)),                                     400, 'malformed-json', JSON_REASON],
  ['two JSON values',                  raw(TEXT + TEXT),                                           400, 'malformed-json', JSON_REASON],
  ['NaN',                              raw(TEXT.replace('500', 'NaN')),                            400, 'malformed-json', JSON_REASON],
  ['bytes that are no UTF-8',          raw(Buffer.from(TEXT.replace('her home', 'bij Ren\u00e9'), 'latin1')), 400, 'malformed-json', JSON_REASON],
  ['no content type',                  raw(TEXT, null),                                            415, 'unsupported-media-type', /Send application\/json/],
  ['XML',                              raw('<order/>', 'application/xml'),                         415, 'unsupported-media-type', /Send application\/json/],
  ['six megabytes',                    raw(`{"reference":"${'x'.repeat(6 * 2 ** 20)}"}`),          413, 'too-large', /larger than/],
  ['another text without If-Match',    over(null),                                                 428, 'version-required', /If-Match/],
  ['another text over an old version', over('"7"'),                                                412, 'version-mismatch', /get the order/],
  ['If-Match without quotes',          over('1'),                                                  412, 'version-mismatch', /get the order/],
  ['a weak If-Match',                  over('W/"1"'),                                              412, 'version-mismatch', /get the order/],
  ['a new order with If-Match',        newWith('"1"'),                                             412, 'version-mismatch', /get the order/],
];

// prettier-ignore
export const BODIES: readonly Row[] = [
  ['no body',                     raw(''),                                    ['', /is null: give an object/]],
  ['null',                        raw('null'),                                ['', /is null: give an object/]],
  ['a list',                      raw(`[${TEXT}]`),                           ['', /is a list: give an object/]],
  ['a text in quotes',            raw(JSON.stringify(TEXT)),                  ['', /is a text: give an object/]],
  ['nothing in it',               raw('{}'),
    ['/reference', /is missing: give a text/], ['/legalBasis', /is missing: give one of behavioural-order/], ['/wearerId', /is missing/],
    ['/validFrom', /RFC 3339/], ['/validUntil', /RFC 3339/], ['/bans', /is missing: give a list/]],
  ['a key given twice',           raw(TEXT.replace('"bans"', '"wearerId":"w-2","bans"')), ['/wearerId', /is given twice: leave one/]],
  ['a key given twice in a ban',  raw(TEXT.replace('"distanceM":500', '"distanceM":5000,"distanceM":500')), ['/bans/0/distanceM', /is given twice/]],
  ['a key __proto__',             raw(TEXT.replace('{', '{"__proto__":{"legalBasis":"civil-order"},')), ['/__proto__', /is never a field/]],
  ['a prototype to reach',        raw(TEXT.replace('{', '{"constructor":{"prototype":{}},')),  ['/constructor/prototype', /is never a field/]],
  ['nested a hundred thousand deep', raw(`{"bans":${'['.repeat(100_000)}${']'.repeat(100_000)}}`), [`/bans${'/0'.repeat(31)}`, /nested deeper than 32/]],
  ['a misspelt key',              order({ exeptions: [] }),                   ['/exeptions', /not a known field; known here: reference/]],
  ['a reference of blanks',       order({ reference: '  ' }),                 ['/reference', /is empty/]],
  ['a reference that is a number', order({ reference: 100 }),                 ['/reference', /is a number: give a text in quotes/]],
  ['a reference with a NUL',      order({ reference: 'CJIB\u0000' }),         ['/reference', /control and direction marks/]],
  ['a reference that reads backwards', order({ reference: 'CJIB-\u202e001' }), ['/reference', /control and direction marks/]],
  ['a text too long',             order({ text: 'x'.repeat(20_001) }),        ['/text', /at most 20000 characters/]],
  ['an unknown legal basis',      order({ legalBasis: 'gedragsaanwijzing' }), ['/legalBasis', /not known here: give one of behavioural-order/]],
  ['another order than the address names', order({ orderId: 'ord-7' }),       ['/orderId', /the address names "ord-100"/]],
  ['an order id with a blank',    under('ord%20100'),                         ['/orderId', /use letters, digits/]],
  ['an order id too long',        under(`o${'1'.repeat(128)}`),               ['/orderId', /at most 128 characters/]],
  ['a wearer id with a line end', order({ wearerId: 'w-100\n' }),             ['/wearerId', /use letters, digits/]],
  ['bans that are no list',       order({ bans: BAN, exceptions: null }),     ['/bans', /is an object: give a list/]],
  ['no ban',                      order({ bans: [], exceptions: null }),      ['/bans', /protects nobody/]],
  ['101 bans',                    order({ bans: many(101), exceptions: null }), ['/bans', /at most 100/]],
  ['an unknown kind of ban',      order({ bans: [{ ...BAN, kind: 'phone-ban' }], exceptions: null }), ['/bans/0/kind', /give one of contact-ban, location-ban/]],
  ['a ban id twice',              order({ bans: [BAN, BAN], exceptions: null }), ['/bans/1/banId', /is used twice/]],
  ['a ban without id',            order({ bans: [{ ...BAN, banId: undefined }], exceptions: null }), ['/bans/0/banId', /is missing/]],
];
