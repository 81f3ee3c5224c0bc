import { describe, expect, test } from 'vitest';
import { DeviceCommand } from '../../shared/device-message.ts';
import { toInstant } from '../../shared/instant.ts';
import {
  ANKLE,
  guarded,
  NEAR_LON,
  PHONE,
  serviceWorld,
  type ServiceWorld,
} from '../support/service-world.ts';

const FAR_LON = 5.5;
const COMMANDS = 'cordon/v1/phone/command';

const commandsIn = ({ published }: ServiceWorld): DeviceCommand[] =>
  published
    .filter(({ topic }) => topic === COMMANDS)
    .map(({ payload }) => DeviceCommand.parse(payload));

const secondsIn = (world: ServiceWorld): number[] =>
  commandsIn(world).map((command) => (command.kind === 'report-interval' ? command.seconds : NaN));

const confirm = (world: ServiceWorld, { id }: DeviceCommand): Promise<void> =>
  world.send('cordon/v1/phone/receipt', {
    id,
    state: 'delivered',
    time: toInstant(world.clock.nowMs()),
  });

/** She at home, he 34 km away, and time looked at once. */
async function watched(): Promise<ServiceWorld> {
  const world = await guarded(await serviceWorld());
  await world.position('ankle', 1, FAR_LON);
  world.clock.advance(20_000);
  return world;
}

describe('commands', () => {
  test('[RI1] go to her device: 60 s while he is far, 5 s as soon as he is near', async () => {
    const world = await watched();
    expect(secondsIn(world)).toEqual([60]);
    await world.position('phone', 2, 5);
    world.clock.advance(600_000);
    world.published.length = 0;
    await world.position('phone', 3, 5);
    await world.position('ankle', 2, NEAR_LON);
    expect(secondsIn(world).at(-1)).toBe(5);
  });

  test('[RI4] follow in the turn in which the consoles are told, though the disk hangs', async () => {
    const world = await watched();
    world.store.held = true;
    world.published.length = 0;
    void world.event('phone', 9, 'sos');
    expect(secondsIn(world)).toEqual([5]);
    world.store.release();
  });

  test('[RI7] are sent again until the receipt comes, and counted', async () => {
    const world = await watched();
    const [first] = commandsIn(world);
    await world.position('phone', 2, 5);
    world.clock.advance(60_000);
    expect(commandsIn(world)).toEqual([first, first]);
    expect(world.counted()).toEqual({ sent: 1, again: 1, unsettled: 1 });
    await confirm(world, first!);
    expect(world.counted()).toEqual({ sent: 1, again: 1, unsettled: 0 });
    await world.position('phone', 3, 5);
    world.clock.advance(60_000);
    expect(commandsIn(world)).toHaveLength(2);
  });

  test('[RI7] are sent again when she comes online', async () => {
    const world = await watched();
    const [first] = commandsIn(world);
    await confirm(world, first!);
    await world.send('cordon/v1/phone/status', { state: 'online' });
    expect(commandsIn(world)).toEqual([first, first]);
  });
});

describe('after a restart', () => {
  const restarted = (world: ServiceWorld, afterMs = 2_000): Promise<ServiceWorld> =>
    serviceWorld(world.store, { startMs: world.clock.nowMs() + afterMs });

  test('[RI6] nobody is asked again who has confirmed', async () => {
    const world = await watched();
    await confirm(world, commandsIn(world)[0]!);
    const after = await restarted(world);
    expect(after.counted().unsettled).toBe(0);
    await after.position('phone', 2, 5);
    after.clock.advance(80_000);
    expect(commandsIn(after)).toEqual([]);
  });

  test('[RI6, RI7] who has not is sent the same command 30 s after the last, once heard', async () => {
    const world = await watched();
    const [first] = commandsIn(world);
    const after = await restarted(world);
    expect(after.counted().unsettled).toBe(1);
    after.clock.advance(60_000);
    expect(commandsIn(after)).toEqual([]);
    await after.position('phone', 2, 5);
    after.clock.advance(15_000);
    expect(commandsIn(after)).toEqual([first]);
    expect(after.counted()).toEqual({ sent: 0, again: 1, unsettled: 1 });
    await confirm(after, first!);
    expect(after.counted().unsettled).toBe(0);
  });

  test('[RI6] tries go on counting, over any number of restarts', async () => {
    let world = await watched();
    for (let tries = 2; tries <= 4; tries++) {
      world = await restarted(world);
      await world.position('phone', tries, 5);
      world.clock.advance(45_000);
      expect(commandsIn(world)).toHaveLength(1);
    }
    const asked = world.store.written.flatMap((entry) =>
      entry.type === 'command' ? [entry.asked.tries] : [],
    );
    expect(asked).toEqual([1, 2, 3, 4]);
  });

  test('[RI1, RI6] what is faster is asked at once, by what is known of before', async () => {
    const world = await watched();
    await confirm(world, commandsIn(world)[0]!);
    const after = await restarted(world);
    await after.position('phone', 2, 5);
    await after.position('ankle', 2, NEAR_LON);
    expect(secondsIn(after)).toEqual([5]);
  });

  test('[RI6] by a clock that was set back, no case fails', async () => {
    const world = await watched();
    const after = await restarted(world, -3_600_000);
    after.clock.advance(1_000);
    await after.position('phone', 2, 5);
    after.clock.advance(60_000);
    expect(after.heard.filter(({ code }) => code === 'case-failed')).toEqual([]);
    expect(secondsIn(after).at(-1)).toBe(60);
  });

  test('[RI6] a device that went to somebody who is a wearer is told nothing more', async () => {
    const world = await watched();
    await world.service.putDevice({ ...PHONE, personId: ANKLE.personId }, 'administrator');
    const after = await restarted(world);
    await after.position('phone', 2, 5);
    after.clock.advance(60_000);
    expect(commandsIn(after)).toEqual([]);
  });
});

describe('what was asked is kept', () => {
  test('[RI6] when it is sent, sent again and confirmed, and once for each', async () => {
    const world = await watched();
    const [first] = commandsIn(world);
    await world.position('phone', 2, 5);
    world.clock.advance(30_000);
    await confirm(world, first!);
    await confirm(world, first!);
    const kept = world.store.written.flatMap((entry) =>
      entry.type === 'command' ? [[entry.asked.tries, entry.asked.delivered]] : [],
    );
    expect(kept).toEqual([
      [1, false],
      [2, false],
      [2, true],
    ]);
  });

  test('[RI6] without anything waiting for the disk', async () => {
    const world = await guarded(await serviceWorld());
    world.store.held = true;
    void world.position('ankle', 1, FAR_LON);
    world.clock.advance(20_000);
    expect(secondsIn(world)).toEqual([60]);
    world.store.release();
  });
});
