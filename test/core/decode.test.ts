import { describe, expect, test } from 'vitest';
import { decode, type RejectionReason } from '../../server/core/decode.ts';
import { PAYLOAD_BYTES_MAX, POSITIONS_PER_MESSAGE_MAX } from '../../shared/topics.ts';
import { T0 } from '../support/given.ts';

const POSITION = 'cordon/v1/ankle/position';
const EVENT = 'cordon/v1/ankle/event';
const STATUS = 'cordon/v1/ankle/status';
const RECEIPT = 'cordon/v1/ankle/receipt';
const GOOD = { seq: 7, time: '2026-11-23T10:00:00.000Z', lat: 52.1, lon: 5.1 };

const position = (other: object): string => JSON.stringify({ ...GOOD, ...other });
const many = (count: number): string =>
  JSON.stringify(Array.from({ length: count }, (_, seq) => ({ ...GOOD, seq })));
/** JSON of exactly so many bytes. */
const sized = (bytes: number): string => {
  const empty = position({ altitude: 1, note: '' });
  return position({ altitude: 1, note: 'x'.repeat(bytes - empty.length) });
};

function reasonsOf(topic: string, payload: string): [reasons: RejectionReason[], seqs: unknown[]] {
  const { rejections } = decode(topic, payload, T0);
  return [rejections.map(({ reason }) => reason), rejections.map(({ seq }) => seq)];
}

describe('what cannot be used is counted by its reason', () => {
  // prettier-ignore
  test.each<[rule: string, name: string, topic: string, payload: string, reason: RejectionReason, seq: number | null]>([
    ['IN1', 'another root',               'other/v1/ankle/position',           position({}), 'unknown-topic', null],
    ['IN1', 'another version',            'cordon/v2/ankle/position',          position({}), 'unknown-topic', null],
    ['IN1', 'another channel',            'cordon/v1/ankle/speed',             position({}), 'unknown-topic', null],
    ['IN1', 'what the server says itself', 'cordon/v1/ankle/ack',              position({}), 'unknown-topic', null],
    ['IN1', 'a level too many',           'cordon/v1/ankle/position/x',        position({}), 'unknown-topic', null],
    ['IN1', 'a level too few',            'cordon/v1/position',                position({}), 'unknown-topic', null],
    ['IN1', 'a space in the device id',   'cordon/v1/an kle/position',         position({}), 'unknown-topic', null],
    ['IN1', 'a device id of 65',          `cordon/v1/${'a'.repeat(65)}/position`, position({}), 'unknown-topic', null],
    ['IN1', 'an empty topic',             '',                                  position({}), 'unknown-topic', null],
    ['IN3', '64 KiB and a byte',          POSITION, sized(PAYLOAD_BYTES_MAX + 1),            'payload-too-large', null],
    ['IN3', '70 KB',                      POSITION, sized(70_000),                           'payload-too-large', null],
    ['IN3', '501 positions',              POSITION, many(POSITIONS_PER_MESSAGE_MAX + 1),     'too-many-positions', null],
    ['IN1', 'no JSON',                    POSITION, '{"seq":7,',                             'malformed-json', null],
    ['IN1', 'nothing',                    POSITION, '',                                      'malformed-json', null],
    ['IN1', 'NaN',                        POSITION, position({}).replace('52.1', 'NaN'),     'malformed-json', null],
    ['IN1', 'bytes that are no text',     POSITION, '\u0000\u0001',                          'malformed-json', null],
    ['IN1', 'a number',                   POSITION, '7',                                     'invalid-position', null],
    ['IN1', 'null',                       POSITION, 'null',                                  'invalid-position', null],
    ['IN1', 'latitude 1e309',             POSITION, position({}).replace('52.1', '1e309'),   'invalid-position', 7],
    ['IN1', 'latitude 90.1',              POSITION, position({ lat: 90.1 }),                 'invalid-position', 7],
    ['IN1', 'longitude -180.1',           POSITION, position({ lon: -180.1 }),               'invalid-position', 7],
    ['IN1', 'latitude as text',           POSITION, position({ lat: '52.1' }),               'invalid-position', 7],
    ['IN1', 'no latitude',                POSITION, position({ lat: undefined }),            'invalid-position', 7],
    ['IN1', 'no time',                    POSITION, position({ time: undefined }),           'invalid-position', 7],
    ['IN1', 'a time without offset',      POSITION, position({ time: '2026-11-23T10:00:00' }), 'invalid-position', 7],
    ['IN1', 'a time of offset unknown',   POSITION, position({ time: '2026-11-23T10:00:00-00:00' }), 'invalid-position', 7],
    ['IN1', 'a time in 1999',             POSITION, position({ time: '1999-12-31T23:59:59Z' }), 'invalid-position', 7],
    ['IN1', 'a day that is not',          POSITION, position({ time: '2026-02-30T10:00:00Z' }), 'invalid-position', 7],
    ['IN1', 'no number',                  POSITION, position({ seq: undefined }),            'invalid-position', null],
    ['IN1', 'number -1',                  POSITION, position({ seq: -1 }),                   'invalid-position', null],
    ['IN1', 'number 1.5',                 POSITION, position({ seq: 1.5 }),                  'invalid-position', null],
    ['IN1', 'number 2^53',                POSITION, position({ seq: 2 ** 53 }),              'invalid-position', null],
    ['IN1', 'one bad field beside a bad optional one', POSITION, position({ lat: 99, speed: -1 }), 'invalid-position', 7],
    ['IN1', 'an event of no kind',        EVENT,    position({ kind: 'dance' }),             'invalid-event', 7],
    ['IN1', 'an event without time',      EVENT,    '{"seq":7,"kind":"sos"}',                'invalid-event', 7],
    ['IN1', 'a status of no state',       STATUS,   '{"state":"asleep"}',                    'invalid-status', null],
    ['IN1', 'a receipt without id',       RECEIPT,  '{"state":"shown"}',                     'invalid-receipt', null],
  ])('[%s] %s', (_, _name, topic, payload, reason, seq) => {
    expect(reasonsOf(topic, payload)).toEqual([[reason], [seq]]);
    const { positions, event, status, receipt } = decode(topic, payload, T0);
    expect([positions, event, status, receipt]).toEqual([[], null, null, null]);
  });
});

describe('a bad optional field', () => {
  // prettier-ignore
  test.each<[field: string, bad: unknown]>([
    ['accuracy', -1], ['accuracy', '5'], ['speed', -0.1], ['speed', {}], ['heading', 361], ['heading', -1],
    ['battery', 1.1], ['battery', 'full'], ['source', 'guess'], ['altitude', 'high'], ['boot', ''], ['boot', 7],
    ['boot', 'x'.repeat(65)],
  ])('[IN2] %s %j is left out, and the position used', (field, bad) => {
    const payload = position({ speed: 1, [field]: bad });
    const { positions, rejections } = decode(POSITION, payload, T0);
    expect(rejections).toMatchObject([{ reason: 'field-ignored', seq: 7 }]);
    expect(positions[0]!.fix).toMatchObject({ seq: 7, lat: 52.1, lon: 5.1, receivedAtMs: T0 });
    if (field !== 'speed') expect(positions[0]!.fix.speedMs).toBe(1);
    expect(rejections[0]!.detail).toContain(field);
  });

  test('[IN2] of 1e309 too', () => {
    const payload = position({ accuracy: 5 }).replace(':5}', ':1e309}');
    const { positions, rejections } = decode(POSITION, payload, T0);
    expect(rejections[0]!.reason).toBe('field-ignored');
    expect(positions[0]!.fix.accuracyM).toBeNull();
  });

  test('[IN2] several at once, and what is kept is what was sent', () => {
    const payload = position({ speed: -1, heading: 400, battery: 2 });
    const { positions } = decode(POSITION, payload, T0);
    expect(positions[0]!.payload).toBe(payload);
    expect(positions[0]!.fix).toMatchObject({ speedMs: null, headingDeg: null, battery: null });
  });
});

describe('what can be used', () => {
  // prettier-ignore
  test.each<[name: string, topic: string, payload: string]>([
    ['all that must be there',    POSITION, position({})],
    ['null where it may be absent', POSITION, position({ accuracy: null, speed: null, heading: null, source: null, battery: null, boot: null })],
    ['every limit',               POSITION, position({ seq: 2 ** 53 - 1, lat: -90, lon: 180, heading: 360, battery: 1, accuracy: 0, speed: 0 })],
    ['fields that we do not know', POSITION, position({ colour: 'red' })],
    ['64 KiB',                    POSITION, sized(PAYLOAD_BYTES_MAX)],
    ['500 positions',             POSITION, many(POSITIONS_PER_MESSAGE_MAX)],
    ['no positions',              POSITION, '[]'],
    ['an event',                  EVENT,    '{"seq":7,"time":"2026-11-23T11:00:00+01:00","kind":"sos"}'],
    ['a status without time',     STATUS,   '{"state":"offline"}'],
    ['a receipt',                 RECEIPT,  '{"id":"c1","state":"shown","time":"2026-11-23T10:00:00Z"}'],
  ])('[IN3] %s', (_, topic, payload) => {
    expect(reasonsOf(topic, payload)).toEqual([[], []]);
  });

  test('[IN5] of a batch the good ones, whatever stands beside them', () => {
    const payload = JSON.stringify([
      GOOD,
      { ...GOOD, seq: 8, lat: 99 },
      'x',
      null,
      { ...GOOD, seq: 9 },
    ]);
    const { positions, rejections } = decode(POSITION, payload, T0);
    expect(positions.map(({ fix }) => fix.seq)).toEqual([7, 9]);
    expect(rejections.map(({ reason, seq }) => [reason, seq])).toEqual([
      ['invalid-position', 8],
      ['invalid-position', null],
      ['invalid-position', null],
    ]);
  });

  test('[IN1] a refused part says its boot too, so that it can be acknowledged', () => {
    const { rejections } = decode(POSITION, position({ lat: 99, boot: 'b' }), T0);
    expect(rejections).toMatchObject([{ seq: 7, boot: 'b' }]);
  });
});
