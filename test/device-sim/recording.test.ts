import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { type LoadedScenario, loadScenario } from '../../device-sim/scenario-file.ts';
import { recordingOf } from '../../device-sim/recording.ts';
import { DeviceEvent, DeviceReceipt, DeviceStatus, Position } from '../../shared/device-message.ts';
import { parseUplinkTopic, POSITIONS_PER_MESSAGE_MAX } from '../../shared/topics.ts';

const startMs = Date.UTC(2026, 10, 23, 10);

function record(name: string, seconds: number, seed?: number): string[] {
  const loaded = loadScenario(name);
  if (!loaded.ok) throw new Error(loaded.error);
  const value: LoadedScenario = loaded.value;
  return [...recordingOf(value, { startMs, seconds, seed: seed ?? value.scenario.seed })];
}

const SCHEMAS = {
  position: Position,
  event: DeviceEvent,
  status: DeviceStatus,
  receipt: DeviceReceipt,
};

describe('recording', () => {
  test('is the same to the byte for a seed, and another for another', () => {
    const digest = (seed: number): string =>
      createHash('sha256')
        .update(record('demo', 300, seed).join('\n'))
        .digest('hex');
    expect(digest(1)).toBe(digest(1));
    expect(digest(1)).not.toBe(digest(2));
  });

  test.each([
    ['demo', 600],
    ['tamper', 900],
    ['outage-backlog', 1_200],
    ['normal-day', 3_600],
  ])('%s is in order of arrival, and every message is valid', (name, seconds) => {
    let beforeMs = startMs;
    for (const line of record(name, seconds)) {
      const { receivedAt, topic, payload } = JSON.parse(line);
      const atMs = Date.parse(receivedAt);
      expect(atMs).toBeGreaterThanOrEqual(beforeMs);
      beforeMs = atMs;
      const channel = parseUplinkTopic(topic)!.channel;
      const bodies = [payload].flat();
      expect(bodies.length).toBeLessThanOrEqual(POSITIONS_PER_MESSAGE_MAX);
      for (const body of bodies)
        expect(SCHEMAS[channel].strict().safeParse(body).error).toBeUndefined();
    }
  });

  test('an outage shows as silence, then the newest fix, then the backlog', () => {
    const lines = record('outage-backlog', 1_000).map((line) => JSON.parse(line));
    const ankle = lines.filter(({ topic }) => topic === 'cordon/v1/ankle-outage-backlog/position');
    const backlog = ankle.filter(({ payload }) => Array.isArray(payload));
    expect(backlog.flatMap(({ payload }) => payload).length).toBeGreaterThan(55);
    const inOutage = ankle.filter(({ receivedAt }) => {
      const atS = (Date.parse(receivedAt) - startMs) / 1_000;
      return atS > 305 && atS < 840;
    });
    expect(inOutage).toEqual([]);
  });

  test('demo-3 falls silent after 10 s and says no goodbye', () => {
    const own = record('demo', 400)
      .map((line) => JSON.parse(line))
      .filter(({ topic }) => topic.startsWith('cordon/v1/ankle-demo-3/'));
    expect(own.some(({ payload }) => payload.state === 'offline')).toBe(false);
    const last = Math.max(...own.flatMap(({ payload }) => Date.parse(payload.time)));
    expect(last - startMs).toBeLessThanOrEqual(10_000);
  });
});
