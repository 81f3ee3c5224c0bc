import { beforeEach, describe, expect, test } from 'vitest';
import { FairIntake } from '../../server/service/fair-intake.ts';
import { ALLOWANCE, WAITING_BYTES_MAX, WAITING_MAX } from '../../server/service/message-lane.ts';
import { topicOf } from '../../shared/topics.ts';

interface World {
  readonly fair: FairIntake;
  nowMs: number;
  /** The disk: handling ends when it says so. */
  held: boolean;
  release(): void;
  /** `device:number`, in the order in which they were handled. */
  readonly handled: string[];
  readonly floods: string[];
  readonly counts: { waited: number; refused: number };
}

function worldOf(): World {
  const ends: (() => void)[] = [];
  const world: World = {
    nowMs: 1_000_000,
    held: false,
    release: () => ends.splice(0).forEach((end) => end()),
    handled: [],
    floods: [],
    counts: { waited: 0, refused: 0 },
    fair: new FairIntake({
      handle(topic, payload) {
        world.handled.push(`${topic.split('/')[2]}:${Buffer.from(payload).toString().trim()}`);
        return world.held ? new Promise((resolve) => ends.push(resolve)) : Promise.resolve();
      },
      isRegistered: (deviceId) => !deviceId.startsWith('stranger'),
      nowMs: () => world.nowMs,
      onFlood: (about, standing) => void world.floods.push(`${about} ${standing}`),
      meter: { held: (outcome) => void (world.counts[outcome] += 1) },
    }),
  };
  return world;
}

let world: World;
beforeEach(() => {
  world = worldOf();
});

const send = (deviceId: string, text: string | number): Promise<void> =>
  world.fair.take(topicOf(deviceId, 'position'), Buffer.from(String(text)));

const sendMany = (deviceId: string, count: number): Promise<void>[] =>
  Array.from({ length: count }, (_, number) => send(deviceId, number));

const numbersOf = (deviceId: string): number[] =>
  world.handled
    .filter((each) => each.startsWith(`${deviceId}:`))
    .map((each) => Number(each.split(':')[1]));

const upTo = (count: number): number[] => Array.from({ length: count }, (_, number) => number);

/** Spends its whole burst, in portions that its lane holds. */
async function exhaust(deviceId: string): Promise<void> {
  for (let sent = 0; sent < ALLOWANCE.burst; sent += 500) {
    await Promise.all(sendMany(deviceId, 500));
  }
  expect(world.floods).toEqual([]);
  world.handled.length = 0;
}

describe('within its allowance', () => {
  test('a message is handled in the call itself', () => {
    void send('d-1', 1);
    expect(world.handled).toEqual(['d-1:1']);
  });

  test('a burst is handled in order, its device had its share and others come between', async () => {
    const burst = sendMany('d-1', 500);
    expect(world.handled.length).toBeLessThan(20);
    void send('d-2', 0);
    expect(world.handled.at(-1)).toBe('d-2:0');
    await Promise.all(burst);
    expect(numbersOf('d-1')).toEqual(upTo(500));
    expect(world.floods).toEqual([]);
  });

  test('a device that has waited is served before one that floods', async () => {
    await exhaust('flood');
    const all = [...sendMany('flood', 300), ...sendMany('d-1', 200)];
    await Promise.all(all);
    const lastOfHers = world.handled.lastIndexOf('d-1:199');
    const beforeHers = world.handled.slice(0, lastOfHers).filter((each) => each.startsWith('f'));
    expect(beforeHers.length).toBeLessThan(20);
  });
});

describe('beyond its allowance', () => {
  test('all is handled, in order, when nothing else waits, and told as a flood once', async () => {
    await exhaust('d-1');
    await Promise.all(sendMany('d-1', 900));
    expect(numbersOf('d-1')).toEqual(upTo(900));
    expect(world.floods).toEqual(['d-1 true']);
    expect(world.counts.refused).toBe(0);
  });

  test('two floods take turns', async () => {
    await exhaust('d-1');
    await exhaust('d-2');
    await Promise.all([...sendMany('d-1', 400), ...sendMany('d-2', 400)]);
    const middle = world.handled.slice(200, 600);
    const hers = middle.filter((each) => each.startsWith('d-2')).length;
    expect(hers).toBeGreaterThan(150);
    expect(hers).toBeLessThan(250);
  });

  test('what its lane cannot hold is refused, and it goes on when there is room', async () => {
    await exhaust('d-1');
    world.held = true;
    const results = await Promise.race([
      Promise.allSettled(sendMany('d-1', WAITING_MAX + 50)),
      new Promise<null>((resolve) => setImmediate(() => setImmediate(() => resolve(null)))),
    ]);
    expect(results).toBeNull();
    expect(world.counts.refused).toBeGreaterThan(0);
    expect(world.counts.refused).toBeLessThanOrEqual(50);
    world.held = false;
    world.release();
    await send('d-2', 1);
    await expect(
      world.fair.take(topicOf('d-1', 'position'), Buffer.alloc(WAITING_BYTES_MAX)),
    ).rejects.toThrow('too many messages of d-1');
  });

  test('while the disk hangs it has its allowance, and no more than a hundred beside it', async () => {
    await exhaust('d-1');
    world.held = true;
    void Promise.all(sendMany('d-1', 500));
    const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
    for (let i = 0; i < 50; i++) await turn();
    expect(world.handled).toHaveLength(100);
    world.nowMs += 1_000;
    world.fair.tick();
    for (let i = 0; i < 50; i++) await turn();
    expect(world.handled).toHaveLength(100 + ALLOWANCE.perSecond);
    world.held = false;
    world.release();
  });

  test('it has calmed when half of its burst is back, and may flood again', async () => {
    await exhaust('d-1');
    await Promise.all(sendMany('d-1', 10));
    world.nowMs += 49_000;
    world.fair.tick();
    expect(world.floods).toEqual(['d-1 true']);
    world.nowMs += 2_000;
    world.fair.tick();
    world.fair.tick();
    expect(world.floods).toEqual(['d-1 true', 'd-1 false']);
    world.nowMs += 100_000;
    await exhaustAgain();
    expect(world.floods).toEqual(['d-1 true', 'd-1 false', 'd-1 true']);
  });
});

async function exhaustAgain(): Promise<void> {
  for (let i = 0; i < 5; i++) await Promise.all(sendMany('d-1', 500));
}

test('names that nobody registered share one allowance', async () => {
  for (let i = 0; i < 5; i++) {
    await Promise.all(upTo(500).map((number) => send(`stranger-${i}-${number}`, number)));
  }
  expect(world.floods).toEqual(['unregistered true']);
});

test('a long message costs more than a short one', async () => {
  const long = Buffer.alloc(64 * 1024 - 1, ' ');
  for (let i = 0; i < 126; i++) await world.fair.take(topicOf('d-1', 'position'), long);
  expect(world.floods).toEqual(['d-1 true']);
});
