import type { Command } from '../../server/core/ask-intervals.ts';
import { type Given, instant } from './given.ts';

export const FAR = { eastM: 20_000 };
export const NEAR = { eastM: 800 };
/** Second it was asked, device, interval; `again` if it was sent before. */
export type Asked = readonly [s: number, deviceId: string, seconds: number, again?: 'again'];

export const asked = (s: number, { deviceId, command, again }: Command): Asked => {
  if (command.kind !== 'report-interval') throw new Error(`a command of kind ${command.kind}`);
  return again ? [s, deviceId, command.seconds, 'again'] : [s, deviceId, command.seconds];
};

export const online = (world: Given, deviceId: string, s: number): unknown =>
  world.message(deviceId, 'status', { state: 'online', time: instant(s) }, s);

/** Takes the commands of each second from one to the other, in which `each` happens first. */
export function asks(
  world: Given,
  fromS: number,
  untilS: number,
  each = (_: number): void => {},
): Asked[] {
  const all: Asked[] = [];
  for (let s = fromS; s <= untilS; s++) {
    each(s);
    world.at(s);
    all.push(...world.engine.takeCommands().map((command) => asked(s, command)));
  }
  return all;
}

/** Both report every 5 s, she at home, he where he is at that second. */
export const both =
  (world: Given, eastM: (s: number) => number) =>
  (s: number): void => {
    if (s % 5 !== 0) return;
    world.fix('phone', s);
    world.fix('ankle', s, { eastM: eastM(s) });
  };

/** The same while both stay where they are. */
export const asksAt = (world: Given, fromS: number, untilS: number, eastM: number): Asked[] =>
  asks(
    world,
    fromS,
    untilS,
    both(world, () => eastM),
  );

/** As a device that obeys: a receipt for each command, a second later. */
export function receipts(world: Given, deviceId: string): (s: number) => void {
  const due = new Set<string>();
  return (s) => {
    for (const id of due) world.message(deviceId, 'receipt', receipt(id, s), s);
    due.clear();
    const state = world.engine.caseload.caseOfDevice(deviceId as never)!;
    for (const { id, delivered } of state.asked) if (!delivered) due.add(id);
  };
}

export const receipt = (id: string, s: number) => ({ id, state: 'delivered', time: instant(s) });
export const idOf = (world: Given, deviceId = 'phone'): string =>
  world.engine.caseload.caseOfDevice(deviceId as never)!.asked[0]!.id;
