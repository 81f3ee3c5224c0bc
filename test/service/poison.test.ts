import { describe, expect, test } from 'vitest';
import { DEFAULT_RULES } from '../../server/core/case-state.ts';
import { decode } from '../../server/core/decode.ts';
import { Engine } from '../../server/core/engine.ts';
import { PARKED_CALM_MS, PoisonWatch } from '../../server/service/poison-watch.ts';
import { toInstant } from '../../shared/instant.ts';
import { START_MS } from '../support/fake-store.ts';
import {
  guarded,
  heldStore,
  NEAR_LON,
  serviceWorld,
  type ServiceWorld,
} from '../support/service-world.ts';

const POSITION = 'cordon/v1/ankle/position';
const GOOD = { time: toInstant(START_MS), lon: 6, lat: 52, accuracy: 5 };
/** A number that no program of ours can bear. */
const POISON = 666;

/** Reads as always, but throws where a message has that number. */
const poisoned: typeof decode = (topic, payload, atMs) => {
  const text = Buffer.from(payload as Uint8Array).toString();
  if (text.includes(`"seq":${POISON}`) || text.includes('no json')) throw new Error('a bug');
  return decode(topic, payload, atMs);
};

const poisonedWorld = async (store = heldStore(), startMs = START_MS): Promise<ServiceWorld> =>
  serviceWorld(store, { startMs, engine: new Engine(DEFAULT_RULES, poisoned) });

async function calm(): Promise<ServiceWorld> {
  const world = await guarded(await poisonedWorld());
  world.published.length = 0;
  return world;
}

const parkedIn = ({ store }: ServiceWorld) =>
  store.written.filter((entry) => entry.type === 'rejection');
const tellsIn = ({ heard }: ServiceWorld): string[] =>
  heard
    .filter(({ code }) => code === 'message-parked')
    .map(({ state, basis }) => `${basis.detail['about']} ${state}`);

describe('a message that cannot be handled', () => {
  test('[ST2] is left to be sent again the first time, and told to nobody', async () => {
    const world = await calm();
    await expect(world.send(POSITION, { ...GOOD, seq: POISON })).rejects.toThrow('a bug');
    world.clock.advance(1_000);
    expect([parkedIn(world), world.published, tellsIn(world)]).toEqual([[], [], []]);
  });

  test('[IN1] [FX5] [IN7] is set aside whole the second time, counted, acknowledged and told', async () => {
    const world = await calm();
    const body = { ...GOOD, seq: POISON, boot: 'b', note: 'x'.repeat(50_000) };
    await world.send(POSITION, body).catch(() => undefined);
    await world.send(POSITION, body);
    world.clock.advance(1_000);
    expect(parkedIn(world)).toEqual([
      {
        type: 'rejection',
        atMs: START_MS,
        topic: POSITION,
        reason: 'poison',
        detail: 'a bug',
        payload: JSON.stringify(body),
      },
    ]);
    expect(world.refused).toEqual(['poison']);
    expect(world.acks()).toEqual([
      { topic: 'cordon/v1/ankle/ack', payload: { seqs: [POISON], boot: 'b' } },
    ]);
    expect(tellsIn(world)).toEqual(['ankle unacknowledged']);
  });

  test('[ST2] is not acknowledged when it cannot be set aside', async () => {
    const world = await calm();
    const body = { ...GOOD, seq: POISON };
    await world.send(POSITION, body).catch(() => undefined);
    world.store.failing = true;
    await expect(world.send(POSITION, body)).rejects.toThrow('disk full');
    expect(world.published).toEqual([]);
    world.store.failing = false;
    await world.send(POSITION, body);
    expect(world.acks()).toHaveLength(1);
  });

  test('that is no JSON is set aside without a number to acknowledge', async () => {
    const world = await calm();
    const bytes = Buffer.from('no json');
    await world.service.onMessage(POSITION, bytes).catch(() => undefined);
    await world.service.onMessage(POSITION, bytes);
    expect(parkedIn(world)).toMatchObject([{ reason: 'poison', payload: 'no json' }]);
    expect(world.published).toEqual([]);
  });

  test('of a device that nobody knows gets no acknowledgement', async () => {
    const world = await calm();
    const topic = 'cordon/v1/stranger/position';
    await world.send(topic, { ...GOOD, seq: POISON }).catch(() => undefined);
    await world.send(topic, { ...GOOD, seq: POISON });
    world.clock.advance(1_000);
    expect(world.published).toEqual([]);
    expect(tellsIn(world)).toEqual(['unregistered unacknowledged']);
  });

  test('does not keep another device’s breach', async () => {
    const world = await calm();
    await world.send(POSITION, { ...GOOD, seq: POISON }).catch(() => undefined);
    await world.position('ankle', 7, NEAR_LON);
    expect(world.heard.map(({ stage }) => stage)).toEqual(['breach']);
  });
});

describe('among others in one message', () => {
  const batch = (...seqs: number[]): object[] => seqs.map((seq) => ({ ...GOOD, seq }));

  test('[IN5] [IN7] it takes no good one down, in whatever company it comes', async () => {
    const world = await calm();
    await expect(world.send(POSITION, batch(1, POISON, 2))).rejects.toThrow('a bug');
    const acked = (): unknown[] => world.acks().map(({ payload }) => payload);
    expect(acked()).toEqual([{ seqs: [1] }, { seqs: [2] }]);
    await world.send(POSITION, batch(POISON, 3, 4));
    expect(acked().slice(2)).toHaveLength(3);
    expect(acked()).toContainEqual({ seqs: [POISON] });
    expect(parkedIn(world)).toHaveLength(1);
    const kept = world.store.written.flatMap((entry) =>
      entry.type === 'position' && entry.deviceId === 'ankle' ? [entry.fix.seq] : [],
    );
    expect(kept).toEqual([1, 2, 3, 4]);
  });

  test('alone in a list, it is the same as by itself', async () => {
    const world = await calm();
    await world.send(POSITION, batch(POISON)).catch(() => undefined);
    await world.send(POSITION, { ...GOOD, seq: POISON });
    expect(parkedIn(world)).toHaveLength(1);
  });
});

describe('the alert of it', () => {
  async function parked(): Promise<ServiceWorld> {
    const world = await calm();
    await world.send(POSITION, { ...GOOD, seq: POISON }).catch(() => undefined);
    await world.send(POSITION, { ...GOOD, seq: POISON });
    world.clock.advance(1_000);
    return world;
  }

  test('[SY1] is one for all of a device, and clears ten minutes after the last', async () => {
    const world = await parked();
    world.clock.advance(PARKED_CALM_MS / 2);
    const other = { ...GOOD, seq: POISON, note: 'another' };
    await world.send(POSITION, other).catch(() => undefined);
    await world.send(POSITION, other);
    world.clock.advance(PARKED_CALM_MS - 1_000);
    expect(tellsIn(world)).toEqual(['ankle unacknowledged']);
    world.clock.advance(2_000);
    expect(tellsIn(world)).toEqual(['ankle unacknowledged', 'ankle cleared-unacknowledged']);
  });

  test('[SY1] that stood when the process ended is over with the next', async () => {
    const world = await parked();
    const after = await poisonedWorld(world.store, world.clock.nowMs() + 2_000);
    after.clock.advance(1_000);
    expect(tellsIn(after)).toEqual(['ankle cleared-unacknowledged']);
  });
});

test('what failed is remembered up to a limit, the oldest forgotten first', () => {
  const watch = new PoisonWatch(() => undefined);
  for (let i = 0; i < 1_001; i++) expect(watch.failed('t', String(i))).toBe(false);
  expect(watch.failed('t', '1000')).toBe(true);
  expect(watch.failed('t', '1')).toBe(true);
  expect(watch.failed('t', '0')).toBe(false);
});

test('what was told before the failure stays told, and is written', async () => {
  const engine = new Engine();
  const world = await guarded(await serviceWorld(heldStore(), { engine }));
  const { apply } = engine.caseload;
  let events = 0;
  engine.caseload.apply = (event) => {
    events += 1;
    if (events === 2) throw new Error('a bug');
    return apply.call(engine.caseload, event);
  };
  const near = { ...GOOD, lon: NEAR_LON, speed: 0 };
  await world.send(POSITION, [
    { ...near, seq: 7 },
    { ...near, seq: 8 },
  ]);
  expect(world.heard.map(({ stage }) => stage)).toEqual(['breach']);
  const written = world.store.written.filter(({ type }) => type === 'alert-change');
  expect(written).toHaveLength(1);
});

test('[CA3] a failed case keeps and acknowledges its messages, and counts them', async () => {
  const engine = new Engine();
  const world = await guarded(await serviceWorld(heldStore(), { engine }));
  world.published.length = 0;
  for (const { bans } of engine.caseload.cases()) {
    for (const ban of bans) (ban as { activity: unknown }).activity = null;
  }
  await world.position('ankle', 7, NEAR_LON);
  await world.position('ankle', 8, NEAR_LON);
  expect(world.heard.map(({ code }) => code)).toEqual(['case-failed']);
  expect(world.refused).toEqual(['case-failed', 'case-failed']);
  expect(world.acks().map(({ payload }) => payload)).toEqual([{ seqs: [7] }, { seqs: [8] }]);
  expect(world.store.written.filter(({ type }) => type === 'position')).toHaveLength(3);
});
