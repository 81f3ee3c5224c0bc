import { describe, expect, test } from 'vitest';
import { offsetBy } from '../../shared/geodesy.ts';
import { toInstant } from '../../shared/instant.ts';
import { prng, type Prng } from '../../shared/prng.ts';
import { topicOf } from '../../shared/topics.ts';
import { Device } from '../../shared/device.ts';
import { ANKLE, heldStore, orderOf, PHONE, serviceWorld } from '../support/service-world.ts';
import { type Line, tellsApart } from '../support/wearer-hears.ts';

/** RELIABILITY T6 and T7: he walks about and watches whatever his devices are sent. (SPEC RI8) */

type Place = readonly [lon: number, lat: number];
const HOME: Place = [5, 52];
const WORLD_S = 420;

/** Where she is at each second; null while her device says nothing. */
type Whereabouts = (s: number, him: Place) => Place | null;

const HER: Readonly<Record<string, (random: Prng) => Whereabouts>> = {
  near: () => () => offsetBy(...HOME, 120, 40),
  far: () => () => offsetBy(...HOME, 60_000, 20_000),
  absent: () => () => null,
  'coming and going': () => (s) => offsetBy(...HOME, 6_000 - 30 * Math.abs(200 - s), 0),
  'always with him': () => (_, him) => him,
  'seen now and then': (random) => () =>
    random.next() < 0.2
      ? offsetBy(...HOME, 3_000 * random.normal(), 3_000 * random.normal())
      : null,
};

interface Message {
  readonly s: number;
  readonly topic: string;
  readonly body: object;
}

const at = (startMs: number, s: number): string => toInstant(startMs + 1_000 * s);

/** His messages of one seed: positions, batches, doubles, wrong ones, events, states, receipts. */
function hisMessages(random: Prng, startMs: number, deviceIds: readonly string[]): Message[] {
  const messages: Message[] = [];
  const seqs = new Map(deviceIds.map((deviceId) => [deviceId, 0]));
  for (let s = 1; s < WORLD_S; s += 1 + random.below(9)) {
    const deviceId = deviceIds[random.below(deviceIds.length)]!;
    const seq = seqs.get(deviceId)!;
    seqs.set(deviceId, seq + 1);
    const [lon, lat] = whereHeIs(s);
    const time = at(startMs, s);
    const position = { seq, time, lon, lat, accuracy: 5, speed: 8 };
    const bodies: [channel: Parameters<typeof topicOf>[1], body: object][] = [
      ['position', position],
      ['position', position],
      ['position', [position, { ...position, seq: Math.max(0, seq - 1) }, { seq, lat: 99 }]],
      ['event', { seq, time, kind: random.next() < 0.5 ? 'strap-tamper' : 'sos' }],
      ['status', { state: 'online', time }],
      ['receipt', { id: 'ri-guess-5', state: 'delivered', time }],
    ];
    const [channel, body] = bodies[random.below(bodies.length)]!;
    messages.push({ s, topic: topicOf(deviceId, channel), body });
  }
  return messages;
}

const whereHeIs = (s: number): Place => offsetBy(...HOME, 8 * (s % 120), 300 * Math.sin(s / 60));

interface Wish {
  readonly seed: number;
  readonly her: (random: Prng) => Whereabouts;
  /** Each must stay away from the other, and he carries a victim's device too. */
  readonly mutual: boolean;
}

const HIS_PHONE = Device.parse({ deviceId: 'hers', kind: 'victim-device', personId: 'w-1' });

/** One world through the running service: all that went to and fro between it and him. */
async function heardByHim({ seed, her, mutual }: Wish): Promise<{ lines: Line[]; toHer: number }> {
  const world = await serviceWorld(heldStore());
  const startMs = world.clock.nowMs();
  const his = mutual ? [ANKLE, HIS_PHONE] : [ANKLE];
  for (const device of [...his, PHONE]) await world.service.putDevice(device, 'administrator');
  await world.service.putOrder(orderOf(500), null, 'cjib');
  if (mutual) {
    const [ban] = orderOf(500).bans;
    const theOther = { orderId: 'order-2', wearerId: 'v-1', bans: [{ ...ban, victimId: 'w-1' }] };
    await world.service.putOrder({ ...orderOf(500), ...theOther } as never, null, 'cjib');
  }
  const whereabouts = her(prng(seed).fork('her'));
  const messages = hisMessages(
    prng(seed).fork('him'),
    startMs,
    his.map(({ deviceId }) => deviceId),
  );
  const lines: Line[] = [];
  let seen = 0;
  let toHer = 0;
  const listen = (): void => {
    for (const { topic, payload } of world.published.slice(seen)) {
      if (topic.startsWith('cordon/v1/phone/')) toHer += topic.endsWith('/command') ? 1 : 0;
      else lines.push({ type: 'heard', topic, payload: JSON.stringify(payload) });
    }
    seen = world.published.length;
  };
  for (let s = 1; s < WORLD_S; s++) {
    const place = s % 5 === 0 ? whereabouts(s, whereHeIs(s)) : null;
    if (place) await world.position('phone', s, place[0]);
    for (const { topic, body } of messages.filter((message) => message.s === s)) {
      listen();
      lines.push({ type: 'sent', topic, payload: JSON.stringify(body) });
      await world.send(topic, body);
    }
    world.clock.advance(1_000);
    listen();
  }
  return { lines, toHer };
}

const SEEDS = [1, 2, 3, 4];

describe.each([false, true])('he is told nothing of where she is (mutual: %s)', (mutual) => {
  test.each(SEEDS)(
    '[RI8] seed %d: all that reaches him is the same in every world',
    async (seed) => {
      const known = await heardByHim({ seed, her: HER['near']!, mutual });
      expect(known.lines.some(({ type }) => type === 'heard')).toBe(true);
      for (const [name, her] of Object.entries(HER)) {
        const { lines } = await heardByHim({ seed, her, mutual });
        expect([name, ...tellsApart(known.lines, lines)]).toEqual([name]);
      }
    },
  );
});

test('[RI1, RI8] she is asked meanwhile, or the worlds would show nothing', async () => {
  const near = await heardByHim({ seed: 1, her: HER['near']!, mutual: false });
  const absent = await heardByHim({ seed: 1, her: HER['absent']!, mutual: false });
  expect(near.toHer).toBeGreaterThan(0);
  expect(absent.toHer).toBe(0);
});

describe('the checker sees', () => {
  const topic = 'cordon/v1/ankle/ack';
  const sent: Line = { type: 'sent', topic: 'cordon/v1/ankle/position', payload: '{"seq":1}' };
  const ack: Line = { type: 'heard', topic, payload: '{"seqs":[1]}' };
  const command: Line = {
    type: 'heard',
    topic: 'cordon/v1/ankle/command',
    payload: '{"id":"ri-1-5","kind":"report-interval","seconds":5}',
  };
  const sound = [sent, ack, sent, ack];

  test.each<[what: string, tampered: Line[]]>([
    ['a command to him', [sent, ack, command, sent, ack]],
    ['a command at the end', [...sound, command]],
    ['an acknowledgement that comes later', [sent, sent, ack, ack]],
    ['one too few', [sent, ack, sent]],
    ['one with other words', [sent, ack, sent, { ...ack, payload: '{"upTo":1}' }]],
    ['one on another topic', [sent, ack, sent, { ...ack, topic: `${topic}s` }]],
  ])('%s', (_, tampered) => {
    expect(tellsApart(sound, tampered)).toHaveLength(1);
    expect(tellsApart(sound, [...sound])).toEqual([]);
  });

  test('two runs that prove nothing, for he did not send the same', () => {
    expect(() => tellsApart(sound, [sent, ack])).toThrow('did not send the same');
  });
});
