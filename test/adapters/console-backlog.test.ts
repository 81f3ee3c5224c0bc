import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { BEHIND_BYTES_MAX, OUTBOX_BYTES_MAX } from '../../server/adapters/console-outbox.ts';
import type { Alert } from '../../shared/alert.ts';
import { type ConsoleClient, listen, openConsole } from '../support/console-client.ts';
import { httpWorld, type HttpWorld } from '../support/http-world.ts';
import { alertOf } from '../support/sample.ts';

/** Real sockets, and a clock that stands still until a test moves it. */
let world: HttpWorld;
let wsUrl: string;

beforeEach(async () => {
  world = await httpWorld();
  wsUrl = await listen(world.app);
});
afterEach(() => world.app.close());

const ALERT_BYTES = 256 * 1024;
/** What the kernel may hold for a connection between two processes of one machine, and more. */
const KERNEL_BYTES_MAX = 10 * 2 ** 20;

function big(id: string): Alert {
  const detail = { text: 'x'.repeat(ALERT_BYTES) };
  return alertOf(id, { basis: { ...alertOf(id).basis, detail } });
}

async function enter(resume = { epoch: 'none', seq: 0 }): Promise<ConsoleClient> {
  const client = await openConsole(wsUrl, world.as('operator'));
  client.send({ type: 'resume', ...resume });
  await client.settled();
  return client;
}

/** Raises so much that some of it must wait in the server; the quick console reads along. */
async function raiseMuch(quick: ConsoleClient): Promise<void> {
  const bytes = KERNEL_BYTES_MAX + 2 * BEHIND_BYTES_MAX;
  for (let sent = 0; sent < bytes; sent += ALERT_BYTES) {
    world.desk.raise(big(`big-${world.desk.feed.seq}`));
    await quick.next('alert');
  }
}

/** Lets seconds pass while some consoles answer their pings. */
async function pass(seconds: number, ...alive: ConsoleClient[]): Promise<void> {
  for (let i = 0; i < seconds; i++) {
    world.clock.advance(1_000);
    for (const client of alive) await client.settled();
  }
}

async function metric(name: string): Promise<number> {
  const { body } = await world.app.inject({ url: '/metrics' });
  return Number(new RegExp(`^${name} (.+)$`, 'm').exec(body)?.[1]);
}

const seqsOf = ({ heard }: ConsoleClient): number[] =>
  heard.flatMap((message) => (message.type === 'alert' ? [message.seq] : []));
const upTo = (last: number, first = 1): number[] =>
  Array.from({ length: last - first + 1 }, (_, i) => first + i);

describe('[WS4] a console that reads nothing', () => {
  test('is dropped when too much has waited for ten seconds, and resumes', async () => {
    const [slow, quick] = [await enter(), await enter()];
    slow.socket.pause();
    await raiseMuch(quick);
    await pass(1, quick);
    const waiting = await metric('cordon_console_behind_bytes');
    expect(waiting).toBeGreaterThan(BEHIND_BYTES_MAX);
    expect(waiting).toBeLessThan(OUTBOX_BYTES_MAX);
    await pass(9, quick);
    expect(await metric('cordon_consoles')).toBe(2);
    await pass(1, quick);
    expect(await metric('cordon_consoles')).toBe(1);
    slow.socket.resume();
    expect(await slow.closed).toEqual({ code: 4008, reason: 'too-far-behind' });
    const last = world.desk.feed.seq;
    const reached = seqsOf(slow).at(-1)!;
    expect(seqsOf(slow)).toEqual(upTo(reached));
    expect(reached).toBeLessThan(last);
    expect(seqsOf(quick)).toEqual(upTo(last));
    const again = await enter({ epoch: 'epoch-1', seq: reached });
    expect(seqsOf(again)).toEqual(upTo(last, reached + 1));
    await Promise.all([again.close(), quick.close()]);
  });

  test('for a while only is not dropped, and misses nothing', async () => {
    const [slow, quick] = [await enter(), await enter()];
    for (let hiccup = 0; hiccup < 3; hiccup++) {
      slow.socket.pause();
      await raiseMuch(quick);
      await pass(7, quick);
      slow.socket.resume();
      await slow.settled();
      await pass(1, quick, slow);
    }
    expect(seqsOf(slow)).toEqual(upTo(world.desk.feed.seq));
    await Promise.all([slow.close(), quick.close()]);
  });
});
