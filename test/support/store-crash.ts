import type { Store } from '../../server/ports.ts';
import { aPosition } from './store-samples.ts';

/** Appends until it is killed, and says each number on standard output once it is durable. */

/** Enough for batches to form; few enough for many batches before the end. */
const AT_ONCE = 20;

const [moduleUrl, opener, place] = process.argv.slice(2) as [string, string, string];
const adapter = (await import(moduleUrl)) as Record<string, (place: string) => Promise<Store>>;
const store = await adapter[opener]!(place);

const say = (seq: number): Promise<unknown> =>
  new Promise((resolve) => process.stdout.write(`${seq}\n`, resolve));

async function appendOn(first: number): Promise<never> {
  for (let seq = first; ; seq += AT_ONCE) {
    await store.append([aPosition('o-1', seq)]);
    await say(seq);
  }
}

await Promise.all(Array.from({ length: AT_ONCE }, (_, first) => appendOn(first)));
