import { describe, expect, test } from 'vitest';
import { TECHNICAL_WAITING_MAX, withTechnicalLane } from '../../server/adapters/technical-lane.ts';
import type { Bus, BusHandlers } from '../../server/ports.ts';
import { topicOf, type UplinkChannel } from '../../shared/topics.ts';

/** A bus that brings what a test puts in, and the order in which it was handled. */
async function lanes(handle: (what: string) => Promise<void> = async () => {}) {
  const handled: string[] = [];
  let inner: BusHandlers | null = null;
  const bus: Bus = {
    start: async (handlers) => void (inner = handlers),
    publish: () => {},
    close: async () => {},
  };
  await withTechnicalLane(bus).start({
    onMessage(topic, payload) {
      const what = `${topic.split('/')[2]} ${kindIn(payload)}`;
      handled.push(what);
      return handle(what);
    },
    onLink: (state) => void handled.push(state),
    onSessionLost: () => {},
  });
  const bring = (deviceId: string, channel: UplinkChannel, payload: object): Promise<void> =>
    inner!.onMessage(topicOf(deviceId, channel), Buffer.from(JSON.stringify(payload)));
  const event = (deviceId: string, kind: string): Promise<void> =>
    bring(deviceId, 'event', { seq: 1, kind, time: '2026-11-26T10:00:00Z' });
  return { handled, bring, event, link: () => inner!.onLink('up', '') };
}

const kindIn = (payload: Uint8Array): string =>
  (JSON.parse(Buffer.from(payload).toString()) as { kind?: string }).kind ?? 'position';

describe('the technical lane', () => {
  test('lets a position overtake every technical event that came with it', async () => {
    const { handled, bring, event } = await lanes();
    const events = Array.from({ length: 5_000 }, (_, i) => event(`d-${i}`, 'battery-low'));
    await bring('wearer', 'position', { seq: 1 });
    expect(handled).toEqual(['wearer position']);
    await Promise.all(events);
    expect(handled).toHaveLength(5_001);
    expect(handled.slice(1)).toEqual(Array.from({ length: 5_000 }, (_, i) => `d-${i} battery-low`));
  });

  test.each(['sos', 'strap-tamper', 'case-tamper', 'power-off', 'jamming'])(
    'lets %s pass at once',
    async (kind) => {
      const { handled, event } = await lanes();
      const low = event('d', 'battery-low');
      await event('d', kind);
      expect(handled).toEqual([`d ${kind}`]);
      await low;
    },
  );

  test('lets the network in between its slices', async () => {
    const busy = (): Promise<void> => {
      const untilMs = performance.now() + 1;
      while (performance.now() < untilMs);
      return Promise.resolve();
    };
    const { handled, bring, event } = await lanes(busy);
    const events = Array.from({ length: 200 }, (_, i) => event(`d-${i}`, 'charging'));
    // After the first slice, as the next look at the network would find it.
    await new Promise((resolve) => setImmediate(resolve));
    expect(handled.length).toBeGreaterThan(0);
    await bring('wearer', 'position', { seq: 1 });
    expect(handled.indexOf('wearer position')).toBeLessThan(100);
    await Promise.all(events);
    expect(handled).toHaveLength(201);
  });

  test('passes on that a message could not be kept', async () => {
    const { event } = await lanes(() => Promise.reject(new Error('disk full')));
    await expect(event('d', 'battery-low')).rejects.toThrow('disk full');
  });

  test('holds no more than so many, and what is too long not at all', async () => {
    const { handled, bring, event } = await lanes();
    const held = Array.from({ length: TECHNICAL_WAITING_MAX }, () => event('d', 'charging'));
    await event('one-more', 'charging');
    await bring('long', 'event', { kind: 'battery-low', text: 'x'.repeat(2_000) });
    expect(handled).toEqual(['one-more charging', 'long battery-low']);
    await Promise.all(held);
    expect(handled).toHaveLength(TECHNICAL_WAITING_MAX + 2);
  });

  test('hands on the state of the link', async () => {
    const { handled, link } = await lanes();
    link();
    expect(handled).toEqual(['up']);
  });
});
