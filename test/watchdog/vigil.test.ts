import { describe, expect, test } from 'vitest';
import {
  beginVigil,
  CANARY_AFTER_MS,
  hear,
  hearStranger,
  holdAgainst,
  LIMITS,
  look,
  type Notice,
  RECOVERED_AFTER_MS,
  REPEAT_EVERY_MS,
  type Report,
  SILENT_AFTER_MS,
  stateOf,
  STOOD_STILL_MS,
  STRANGER_FOR_MS,
  UNTOLD_AFTER_MS,
  type Vigil,
} from '../../server/watchdog/vigil.ts';
import { TELL_EVERY_MS } from '../../shared/watchdog-message.ts';

const WELL: Report = {
  type: 'well',
  well: true,
  reasons: [],
  canaryAgeS: 20,
  hasCheckpoint: true,
};
const sick = (...reasons: string[]): Report => ({ ...WELL, well: false, reasons });

const TICK_MS = 250;
const TELL_S = TELL_EVERY_MS / 1000;

/** A vigil that is looked at four times a second, as the process does it. */
function vigilRun(vigil: Vigil = beginVigil(0)) {
  let nowMs = 0;
  const told: string[] = [];
  const notices: Notice[] = [];
  const step = (): void => {
    const looked = look(vigil, nowMs, LIMITS);
    vigil = looked.vigil;
    if (!looked.notice) return;
    notices.push(looked.notice);
    told.push(`${nowMs / 1000} ${looked.notice.type} ${looked.notice.reasons.join(' ')}`);
  };
  const run = {
    told,
    notices,
    state: () => stateOf(vigil, nowMs, LIMITS),
    hear(report: Report): void {
      vigil = hear(vigil, report, nowMs);
      step();
    },
    change(next: (vigil: Vigil, atMs: number) => Vigil): void {
      vigil = next(vigil, nowMs);
      step();
    },
    pass(seconds: number): void {
      for (const untilMs = nowMs + seconds * 1000; nowMs < untilMs;) {
        nowMs += TICK_MS;
        step();
      }
    },
    /** Says the same every 5 s, the first time at once. */
    says(report: Report, seconds: number): void {
      for (let s = 0; s < seconds; s += TELL_S) {
        run.hear(report);
        run.pass(TELL_S);
      }
    },
    standStill: (seconds: number): void => void (nowMs += seconds * 1000),
  };
  return run;
}

test('the limits are those that are promised', () => {
  expect([TELL_EVERY_MS, SILENT_AFTER_MS, CANARY_AFTER_MS]).toEqual([5_000, 15_000, 120_000]);
  expect([REPEAT_EVERY_MS, RECOVERED_AFTER_MS]).toEqual([600_000, 15_000]);
  expect(LIMITS).toEqual({
    silentAfterMs: SILENT_AFTER_MS,
    canaryAfterMs: CANARY_AFTER_MS,
    repeatEveryMs: REPEAT_EVERY_MS,
    recoveredAfterMs: RECOVERED_AFTER_MS,
  });
});

describe('[WD2] what alarms, and when', () => {
  // prettier-ignore
  const REPORTS: [what: string, report: Report, told: string[]][] = [
    ['all is well',              WELL,                                  []],
    ['a fault',                  sick('store-failing'),                 ['0 raised store-failing']],
    ['two faults',               sick('store-failing', 'broker-lost'),  ['0 raised store-failing broker-lost']],
    ['not well, without why',    sick(),                                ['0 raised not-well']],
    ['a canary of two minutes',  { ...WELL, canaryAgeS: 120 },          []],
    ['a canary older than that', { ...WELL, canaryAgeS: 120.1 },        ['0 raised canary-missed']],
    ['no canary at all',         { ...WELL, canaryAgeS: null },         []],
    ['a loop that stands still', { type: 'stalled' },                   ['0 raised stalled']],
  ];

  test.each(REPORTS)('%s', (_what, report, told) => {
    const run = vigilRun();
    run.hear(report);
    run.pass(4);
    expect(run.told).toEqual(told);
    expect(run.state()).toBe(told.length === 0 ? 'well' : 'not-well');
  });

  test('silence of 15 s, and none before', () => {
    const run = vigilRun();
    run.says(WELL, 20);
    run.pass(9.75);
    expect(run.told).toEqual([]);
    expect(run.state()).toBe('well');
    run.pass(0.25);
    expect(run.told).toEqual(['30 raised silent']);
    expect(run.state()).toBe('silent');
  });

  test('a server that was never heard is silent 15 s after the watch begins', () => {
    const run = vigilRun();
    run.pass(60);
    expect(run.told).toEqual(['15 raised silent']);
  });

  test.each([
    ['canary-missed', { ...WELL, canaryAgeS: null }],
    ['checkpoint-missing', { ...WELL, hasCheckpoint: false }],
  ] as const)('%s: what was told once cannot be left out for long', (reason, less) => {
    const run = vigilRun();
    run.hear(WELL);
    run.pass(TELL_S);
    run.says(less, UNTOLD_AFTER_MS / 1000 + TELL_S);
    expect(run.told).toEqual([`${TELL_S + UNTOLD_AFTER_MS / 1000} raised ${reason}`]);
  });
});

describe('[WD3] an alarm', () => {
  test('is raised once, repeated until it is over, and its end is told once', () => {
    const run = vigilRun();
    run.hear(WELL);
    run.pass(15 + 2 * 600 + 60);
    run.says(WELL, 60);
    expect(run.told).toEqual([
      '15 raised silent',
      '615 repeated silent',
      '1215 repeated silent',
      '1290 recovered silent',
    ]);
    expect(run.notices.map(({ sinceMs }) => sinceMs)).toEqual([15_000, 15_000, 15_000, 15_000]);
  });

  test('tells each reason that joins it, and not again one that comes and goes', () => {
    const run = vigilRun();
    run.says(sick('store-failing'), 10);
    run.says(sick('store-failing', 'broker-lost'), 10);
    run.says(sick('broker-lost'), 10);
    run.says(sick('store-failing'), 10);
    expect(run.told).toEqual(['0 raised store-failing', '10 added store-failing broker-lost']);
  });

  test('of a server that comes and goes is one alarm', () => {
    const run = vigilRun();
    for (let times = 0; times < 10; times += 1) {
      run.says(sick('broker-lost'), 5);
      run.says(WELL, 10);
    }
    run.says(WELL, 20);
    expect(run.told).toEqual(['0 raised broker-lost', '155 recovered broker-lost']);
  });

  test('is raised anew when it comes back after its end', () => {
    const run = vigilRun();
    run.says(sick('broker-lost'), 5);
    run.says(WELL, 20);
    run.says(sick('broker-lost'), 5);
    expect(run.told).toEqual([
      '0 raised broker-lost',
      '20 recovered broker-lost',
      '25 raised broker-lost',
    ]);
  });

  test('tells a bounded number of reasons, whatever a server makes up', () => {
    const run = vigilRun();
    for (let n = 0; n < 100; n += 1) run.says(sick(`fault-${n}`), 5);
    expect(run.told).toHaveLength(20);
  });
});

describe('[WD5] a foreign key', () => {
  test('alarms at once, and for as long as it is used', () => {
    const run = vigilRun();
    run.says(WELL, 10);
    run.change(hearStranger);
    run.says(WELL, 60);
    const overS = 10 + (STRANGER_FOR_MS + RECOVERED_AFTER_MS) / 1000;
    expect(run.told).toEqual(['10 raised key-changed', `${overS} recovered key-changed`]);
  });
});

describe('[WD4] what is held against a journal', () => {
  test('stands though all is well, until a person accepts it', () => {
    const run = vigilRun();
    run.change((vigil) => holdAgainst(vigil, 'checkpoint-forked'));
    run.says(WELL, 660);
    expect(run.told).toEqual(['0 raised checkpoint-forked', '600 repeated checkpoint-forked']);
    expect(vigilRun(beginVigil(0, 'checkpoint-forked')).state()).toBe('not-well');
  });
});

describe('[WD7] a watchdog that stood still itself', () => {
  test('takes its own absence for nobody’s silence, and then waits as ever', () => {
    const run = vigilRun();
    run.hear(WELL);
    run.pass(5);
    run.standStill(3_600);
    run.pass(9.75);
    expect(run.told).toEqual([]);
    run.pass(1);
    expect(run.told).toEqual(['3615.25 raised silent']);
  });

  test('a look that is a little late is no absence', () => {
    const run = vigilRun();
    run.hear(WELL);
    run.pass(13);
    run.standStill(STOOD_STILL_MS / 1000 - 0.5);
    run.pass(0.25);
    expect(run.told).toEqual(['15.75 raised silent']);
  });
});
