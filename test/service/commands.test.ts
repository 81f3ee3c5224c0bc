import { describe, expect, test } from 'vitest';
import { DeviceCommand } from '../../shared/device-message.ts';
import { toInstant } from '../../shared/instant.ts';
import { guarded, NEAR_LON, serviceWorld, type ServiceWorld } from '../support/service-world.ts';

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

  test('[RI6] are asked anew after a restart, by the first look', async () => {
    const world = await watched();
    const [first] = commandsIn(world);
    await confirm(world, first!);
    const after = await serviceWorld(world.store, { startMs: world.clock.nowMs() + 2_000 });
    after.clock.advance(1_000);
    expect(secondsIn(after)).toEqual([60]);
    expect(commandsIn(after)[0]!.id).not.toBe(first!.id);
  });
});
