import { setImmediate as turn } from 'node:timers/promises';
import { FairIntake } from '../server/service/fair-intake.ts';
import { topicOf } from '../shared/topics.ts';

const DEVICES = 10_000;
/** So many come in one turn of the event loop under load. */
const MESSAGES_PER_TURN = 500;
const ROUNDS = 15;
const TURNS_PER_ROUND = 400;

/** What it costs a message to be weighed against its device's allowance; the median round. */
export async function benchIntake(): Promise<number> {
  const done = Promise.resolve();
  const payload = Buffer.alloc(150);
  const topics = Array.from({ length: DEVICES }, (_, i) => topicOf(`device-${i}`, 'position'));
  let nowMs = 1_000_000;
  let handled = 0;
  const handle = (): Promise<void> => {
    handled += 1;
    return done;
  };
  const fair = new FairIntake({
    handle,
    isRegistered: () => true,
    nowMs: () => nowMs,
    onFlood: () => undefined,
    meter: { held: () => undefined },
  });
  const timesNs = async (take: (topic: string) => unknown): Promise<number> => {
    let spentMs = 0;
    for (let i = 0; i < TURNS_PER_ROUND; i++) {
      // A topic comes from the wire: a text of its own, not yet looked at.
      const fresh = Array.from({ length: MESSAGES_PER_TURN }, (_, j) =>
        Buffer.from(topics[(i * MESSAGES_PER_TURN + j) % DEVICES]!).toString(),
      );
      const begun = performance.now();
      for (const topic of fresh) take(topic);
      await turn();
      spentMs += performance.now() - begun;
      nowMs += 500;
    }
    return (spentMs * 1e6) / (TURNS_PER_ROUND * MESSAGES_PER_TURN);
  };
  const extra: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const without = await timesNs(handle);
    extra.push((await timesNs((topic) => fair.take(topic, payload))) - without);
  }
  if (handled !== 2 * ROUNDS * TURNS_PER_ROUND * MESSAGES_PER_TURN) throw new Error('some waited');
  return extra.toSorted((a, b) => a - b)[Math.floor(ROUNDS / 2)]!;
}
