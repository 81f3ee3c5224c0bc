import { expect, test } from 'vitest';
import { isOpen, type Alert } from '../../shared/alert.ts';
import { topicOf } from '../../shared/topics.ts';
import { toAlert } from '../../server/core/alert-record.ts';
import type { SystemFault } from '../../server/core/case-event.ts';
import { Engine } from '../../server/core/engine.ts';
import type { Entry } from '../../server/ports.ts';
import { BEAT_EVERY_MS, Canary } from '../../server/service/canary.ts';
import { CANARY_CASE, registerCanary } from '../../server/service/canary-pair.ts';
import { fakeClock } from '../support/fake-store.ts';

/** The engine between a canary and its console, with a part of the chain that can be cut. */
function chain() {
  const clock = fakeClock();
  const engine = new Engine();
  registerCanary(engine, clock.nowMs());
  const told: SystemFault[] = [];
  const beats: Extract<Entry, { type: 'beat' }>[] = [];
  const works = { broker: true, store: true, console: true };
  const open = new Map<string, Alert>();
  const codes = new Set<string>();
  const follow = (changes: ReturnType<Engine['advanceTo']>): void => {
    for (const { record } of changes) {
      const alert = toAlert(record);
      codes.add(alert.code);
      expect(alert.caseId).toBe(CANARY_CASE);
      open.set(alert.alertId, alert);
      if (works.console) canary.shown(alert);
    }
  };
  const canary = new Canary({
    clock,
    alarms: { report: (fault) => void told.push(fault) },
    write: (entry) => void beats.push(entry as Extract<Entry, { type: 'beat' }>),
    world: {
      send(deviceId, position) {
        if (!works.broker) return;
        const text = JSON.stringify(position);
        follow(engine.message(topicOf(deviceId, 'position'), text, clock.nowMs()).changes);
        const { seq, boot } = position as { seq: number; boot: string };
        // The answer comes when the caller has finished its turn.
        if (works.store) acks.push(() => canary.acknowledged(deviceId, [seq], boot));
      },
      openAlerts: () => [...open.values()].filter(isOpen),
      close: (alertId) =>
        follow(
          engine.act(
            { alertId: alertId as never, act: { type: 'close', finding: 'test' }, by: 'canary' },
            clock.nowMs(),
          ).changes,
        ),
    },
  });
  const acks: (() => void)[] = [];
  canary.start();
  const run = (ms: number): void => {
    for (let passed = 0; passed < ms; passed += 250) {
      clock.advance(250);
      follow(engine.advanceTo(clock.nowMs()));
      acks.splice(0).forEach((ack) => ack());
    }
  };
  return { clock, canary, told, beats, works, run, codes };
}

const standing = (told: readonly SystemFault[]): SystemFault[] =>
  told.filter((fault) => fault.standing);

test('[PO1] they meet once a minute, for an hour and a half, and every beat comes through', () => {
  const { canary, told, beats, run, codes, clock } = chain();
  run(90 * BEAT_EVERY_MS);
  expect(beats.length).toBeGreaterThanOrEqual(90);
  expect(beats.filter(({ tookMs }) => tookMs === null || tookMs > 1_000)).toEqual([]);
  expect(standing(told)).toEqual([]);
  expect(clock.nowMs() - canary.provenAtMs!).toBeLessThan(BEAT_EVERY_MS + 5_000);
  expect([...codes]).toEqual(['contact-ban']);
});

test.each([
  ['broker', /no acknowledgement of the wearer.*victim.*; no alert on the console feed/],
  ['store', /no acknowledgement of the wearer.*victim/],
  ['console', /^no alert on the console feed$/],
] as const)('[PO2] a broken %s is told within two beats, and so is its end', (part, detail) => {
  const { told, beats, works, run } = chain();
  run(5 * BEAT_EVERY_MS);
  works[part] = false;
  run(2 * BEAT_EVERY_MS - 1);
  expect(standing(told).at(-1)).toMatchObject({ code: 'canary-missed', standing: true });
  expect(standing(told).at(-1)!.detail).toMatch(detail);
  expect(beats.at(-1)!.tookMs).toBeNull();
  works[part] = true;
  run(3 * BEAT_EVERY_MS);
  expect(told.at(-1)).toMatchObject({ code: 'canary-missed', standing: false });
});
