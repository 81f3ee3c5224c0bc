import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import {
  AGREED_MS,
  LOOK_EVERY_MS,
  lookAtClocks,
  type Readings,
  SLEW_RATE_MAX,
  startSteady,
  steadyAt,
  type SteadyTime,
  STEP_MS,
} from '../../server/adapters/steady-time.ts';
import { systemClock } from '../../server/adapters/system-clock.ts';
import type { SystemFault } from '../../server/core/case-event.ts';
import { prng } from '../../shared/prng.ts';
import { serviceWorld } from '../support/service-world.ts';

const NOON_MS = Date.UTC(2026, 10, 26, 12);
const HOUR_MS = 3_600_000;
const TOLD_WITHIN_MS = 10_000;

const AT_START: Readings = { monotonicMs: 5_000, wallMs: NOON_MS, uptimeMs: 90_000 };

/** A machine whose clocks go on together until a test moves one of them. */
function machine() {
  const now = { ...AT_START };
  return {
    read: (): Readings => ({ ...now }),
    pass(ms: number): void {
      now.monotonicMs += ms;
      now.wallMs += ms;
      now.uptimeMs += ms;
    },
    setWall: (ms: number): void => void (now.wallMs += ms),
    sleep(ms: number): void {
      now.wallMs += ms;
      now.uptimeMs += ms;
    },
  };
}

interface Walked {
  readonly time: SteadyTime;
  readonly told: { afterMs: number; steppedMs: number | null }[];
}

function walk(time: SteadyTime, own: ReturnType<typeof machine>, ms: number): Walked {
  const told: Walked['told'] = [];
  for (let afterMs = LOOK_EVERY_MS; afterMs <= ms; afterMs += LOOK_EVERY_MS) {
    own.pass(LOOK_EVERY_MS);
    const before = time.steppedMs;
    time = lookAtClocks(time, own.read());
    if (time.steppedMs !== before) told.push({ afterMs, steppedMs: time.steppedMs });
  }
  return { time, told };
}

const elapsed = (time: SteadyTime, own: ReturnType<typeof machine>): number =>
  steadyAt(time, own.read().monotonicMs) - NOON_MS;

describe('[CK1] [CK2] a wall clock that steps', () => {
  // prettier-ignore
  const STEPS = [
    ['an hour ahead',         HOUR_MS, true],
    ['an hour back',         -HOUR_MS, true],
    ['a year ahead',  365 * 24 * HOUR_MS, true],
    ['0.6 s ahead',               600, true],
    ['0.6 s back',               -600, true],
    ['0.4 s ahead',               400, false],
    ['0.4 s back',               -400, false],
  ] as const;

  test.each(STEPS)('%s: time goes on as before, and it is told', (_what, stepMs, isTold) => {
    const own = machine();
    const before = walk(startSteady(own.read()), own, 60_000);
    own.setWall(stepMs);
    const after = walk(before.time, own, TOLD_WITHIN_MS);
    expect(before.told).toEqual([]);
    const wandered = elapsed(after.time, own) - 60_000 - TOLD_WITHIN_MS;
    expect(Math.abs(wandered)).toBeLessThanOrEqual(TOLD_WITHIN_MS * SLEW_RATE_MAX);
    expect(after.told.map(({ steppedMs }) => steppedMs)).toEqual(isTold ? [stepMs] : []);
    expect(after.told.every(({ afterMs }) => afterMs <= TOLD_WITHIN_MS)).toBe(true);
  });

  test.each([HOUR_MS, -HOUR_MS, 600])('by %d ms and back again is told to be over', (stepMs) => {
    const own = machine();
    own.setWall(stepMs);
    const stepped = walk(startSteady(AT_START), own, TOLD_WITHIN_MS);
    own.setWall(-stepMs);
    const back = walk(stepped.time, own, TOLD_WITHIN_MS);
    expect(stepped.told).toHaveLength(1);
    expect(back.told).toEqual([{ afterMs: LOOK_EVERY_MS, steppedMs: null }]);
  });

  test('that steps twice is told twice; a difference that stays is told once', () => {
    const own = machine();
    own.setWall(HOUR_MS);
    const once = walk(startSteady(AT_START), own, HOUR_MS);
    own.setWall(HOUR_MS);
    const twice = walk(once.time, own, HOUR_MS);
    expect(once.told.map(({ steppedMs }) => steppedMs)).toEqual([HOUR_MS]);
    expect(twice.told.map(({ steppedMs }) => steppedMs)).toEqual([2 * HOUR_MS]);
  });

  test('is over only well within a step: a difference that hovers there does not flap', () => {
    const own = machine();
    own.setWall(STEP_MS + 20);
    const stepped = walk(startSteady(AT_START), own, TOLD_WITHIN_MS);
    own.setWall(-40);
    const hovering = walk(stepped.time, own, 60_000);
    expect(hovering.told).toEqual([]);
    // From there on it is led back, at most half a millisecond a second.
    const led = walk(hovering.time, own, ((STEP_MS - AGREED_MS) / SLEW_RATE_MAX) * 1.1);
    expect(led.told).toMatchObject([{ steppedMs: null }]);
  });

  test('a halt between two readings of one look is not a step', () => {
    const own = machine();
    const time = lookAtClocks(startSteady(own.read()), { ...own.read(), wallMs: NOON_MS + 900 });
    expect(walk(time, own, TOLD_WITHIN_MS).told).toEqual([]);
  });
});

describe('[CK1] server time', () => {
  test('is led to a wall clock that drifts, and never goes back', () => {
    const random = prng(7);
    const own = machine();
    let time = startSteady(own.read());
    let lastMs = 0;
    for (let look = 0; look < 7_200; look += 1) {
      own.pass(LOOK_EVERY_MS);
      own.setWall(0.2 * (look < 3_600 ? 1 : -1) + (random.next() - 0.5));
      const beforeMs = elapsed(time, own);
      time = lookAtClocks(time, own.read());
      expect(elapsed(time, own)).toBeGreaterThanOrEqual(beforeMs - 1e-6);
      expect(beforeMs).toBeGreaterThan(lastMs);
      lastMs = beforeMs;
      expect(time.steppedMs).toBeNull();
    }
    const apartMs = own.read().wallMs - NOON_MS - elapsed(time, own);
    expect(Math.abs(apartMs)).toBeLessThan(20);
  });

  // prettier-ignore
  const SLEEPS = [
    ['a minute',    60_000,       0],
    ['a weekend', 64 * HOUR_MS,   0],
    ['a minute, uptime in whole seconds', 60_000, 900],
  ] as const;

  test.each(SLEEPS)('takes in that the machine slept %s', (_what, ms, uptimeShortMs) => {
    const own = machine();
    const awake = walk(startSteady(own.read()), own, 60_000);
    own.sleep(ms);
    const read = own.read();
    const time = lookAtClocks(awake.time, { ...read, uptimeMs: read.uptimeMs - uptimeShortMs });
    expect(elapsed(time, own)).toBeCloseTo(60_000 + ms, 0);
    expect(walk(time, own, TOLD_WITHIN_MS).told).toEqual([]);
  });

  test('does not take a step for sleep, nor lose a step by sleeping', () => {
    const own = machine();
    own.setWall(HOUR_MS);
    const stepped = walk(startSteady(AT_START), own, TOLD_WITHIN_MS);
    own.sleep(HOUR_MS);
    const woken = walk(stepped.time, own, TOLD_WITHIN_MS);
    expect(elapsed(woken.time, own)).toBeCloseTo(HOUR_MS + 2 * TOLD_WITHIN_MS, 0);
    expect(woken.time.steppedMs).toBe(HOUR_MS);
  });
});

describe('the system clock', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  test('[CK1] [CK2] a step of an hour makes no device silent, and is an alert until it is over', async () => {
    const own = machine();
    const clock = systemClock({
      monotonicMs: () => own.read().monotonicMs,
      wallMs: () => own.read().wallMs,
      uptimeMs: () => own.read().uptimeMs,
    });
    const faults: SystemFault[] = [];
    clock.reportTo({ report: (fault) => void faults.push(fault) });
    const pass = (seconds: number): void => {
      for (let i = 0; i < seconds; i += 1) {
        own.pass(1_000);
        vi.advanceTimersByTime(1_000);
      }
    };
    pass(5);
    own.setWall(HOUR_MS);
    pass(10);
    expect(clock.nowMs() - NOON_MS).toBe(15_000);
    own.setWall(-HOUR_MS);
    pass(10);
    expect(clock.nowMs() - NOON_MS).toBe(25_000);
    expect(faults.map(({ code, standing }) => `${code} ${standing}`)).toEqual([
      'clock-stepped false',
      'clock-stepped true',
      'clock-stepped false',
    ]);
    expect(faults[1]!.detail).toBe("wall clock 3600.0 s ahead of the server's time");
    clock.stop();
  });
});

test('[CK2] the service tells a step as a system alert', async () => {
  const world = await serviceWorld();
  const fault = { code: 'clock-stepped', detail: 'an hour ahead' } as const;
  world.service.report({ ...fault, standing: true });
  world.clock.advance(250);
  world.service.report({ ...fault, standing: false });
  world.clock.advance(250);
  expect(world.heard.map(({ code, state }) => `${code} ${state}`)).toEqual([
    'clock-stepped unacknowledged',
    'clock-stepped cleared-unacknowledged',
  ]);
});
