import { expect, test } from 'vitest';
import { prng } from '../../shared/prng.ts';
import { LOOK_EVERY_MS } from '../../server/service/feedback-desk.ts';
import {
  decisionStore,
  fails,
  fakeReceiver,
  feedbackProcess,
  settled,
  TAKEN,
} from '../support/feedback-world.ts';
import { fakeClock } from '../support/fake-store.ts';
import { aChange, aLook, anAlert, anOrderVersion, T0_MS } from '../support/store-samples.ts';

/** Fails, hangs, takes an event and loses its answer, or takes it. */
function flakyReceiver(random: () => number) {
  const heard: number[] = [];
  const receiver = fakeReceiver();
  receiver.answer = ({ sequence }) => {
    const luck = random();
    if (luck < 0.15) return 'hangs';
    if (luck < 0.35) return fails('HTTP 500', luck < 0.2 ? 30_000 : 0);
    heard.push(Number(sequence));
    return luck < 0.5 ? fails('ECONNRESET') : TAKEN;
  };
  const recover = (): void => {
    receiver.answer = ({ sequence }) => {
      heard.push(Number(sequence));
      return TAKEN;
    };
  };
  return { receiver, heard, recover };
}

/** 150 things that happen: decisions, restarts, a disk that fills up, and time that passes. */
async function live(seed: number) {
  const { next: random } = prng(seed);
  const [store, clock] = [decisionStore(), fakeClock(T0_MS)];
  const { receiver, heard, recover } = flakyReceiver(random);
  let world = await feedbackProcess(store, clock, receiver, random);
  const restart = async (): Promise<void> => {
    world.kill();
    world = await feedbackProcess(store, clock, receiver, random);
  };
  const passes = async (looks: number): Promise<void> => {
    for (let i = 0; i < looks; i++) {
      clock.advance(LOOK_EVERY_MS);
      await settled();
    }
  };
  await world.desk.put('cjib', 'all', { sink: 'https://cjib.example/' });
  for (let n = 1; n <= 150; n++) {
    const luck = random();
    if (luck < 0.5) store.failing = false;
    if (luck < 0.4) await store.append([anOrderVersion(n), aLook('p')]);
    else if (luck < 0.5) await store.append([aChange(anAlert(`a-${n}`))]);
    else if (luck < 0.6) await restart();
    else if (luck < 0.65) store.failing = true;
    else await passes(Math.ceil(random() * 5));
  }
  store.failing = false;
  recover();
  await restart();
  await passes(10);
  const all = await world.desk.events(0, 500);
  const events = all.ok ? all.value.events : [];
  return { heard, expected: events.map(({ sequence }) => Number(sequence)) };
}

const SEEDS = [1, 2, 3, 4, 5, 6, 7, 8];

test.each(SEEDS)('[FB4] [FB5] a flaky receiver gets all, in order: seed %i', async (seed) => {
  const { heard, expected } = await live(seed);
  expect(expected.length).toBeGreaterThan(50);
  expect([...new Set(heard)]).toEqual(expected);
  // Told again, perhaps, but never ahead of one that was not heard yet.
  heard.forEach((seq, i) => {
    const before = new Set(heard.slice(0, i));
    expect(expected.filter((each) => each < seq && !before.has(each))).toEqual([]);
  });
});
