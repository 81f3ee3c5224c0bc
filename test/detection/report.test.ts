import { describe, expect, test } from 'vitest';
import { delayChart } from '../../bench/detection/delay-chart.ts';
import type { Outcome, Scored } from '../../bench/detection/job.ts';
import { leadChart } from '../../bench/detection/lead-chart.ts';
import { optionsOf } from '../../bench/detection/options.ts';
import {
  type Measured,
  meanAndSpread,
  requirementTable,
} from '../../bench/detection/requirement-table.ts';
import { scoreByFamily, scoreOf } from '../../bench/detection/score.ts';
import { fromZeroLogarithmic, linear } from '../../bench/detection/svg-chart.ts';
import { below, encounter, said } from './encounter.ts';

/** One encounter at each distance, told so many seconds after it began. */
function told(delayS: number): Scored {
  const met = below([100, 200]);
  const cases = [encounter('x', { 250: met, 500: met, 1000: met })];
  const lines = [250, 500, 1000].map((d) => said('x', d, 100 + delayS, { priority: 1 }));
  return { overall: scoreOf(cases, lines), families: scoreByFamily(cases, lines) };
}

const outcome = (delayS: number): Outcome => ({ cordon: told(delayS), rawDistance: told(7) });
const measured = (delayS: number, redrawn: readonly Outcome[] = []): Measured => ({
  set: 'simulated-noise',
  intervalS: 5,
  outcome: outcome(delayS),
  redrawn,
});

describe('the table of requirements', () => {
  const cellsOf = (table: string, figure: string): string[] =>
    table
      .split('\n')
      .find((line) => line.includes(figure))!
      .split(' | ');

  test('says of each limit whether it is reached', () => {
    const figure = 'breach at 250 m, median delay, s';
    expect(cellsOf(requirementTable(measured(2)), figure).slice(1)).toEqual([
      '≤ 2',
      '2',
      'reached',
      '7 |',
    ]);
    expect(cellsOf(requirementTable(measured(2.1)), figure)[3]).toBe('**missed**');
  });

  test('says what could not be measured', () => {
    expect(cellsOf(requirementTable(measured(2)), 'far days').slice(2, 4)).toEqual([
      '–',
      'not measured',
    ]);
  });

  test('has error bars when noise was drawn again', () => {
    const table = requirementTable(measured(2, [outcome(1), outcome(3)]));
    expect(cellsOf(table, 'breach at 500 m, median delay')[4]).toBe('2 ± 1.41');
  });

  test('gives a mean no spread where there is none, and none where a value lacks', () => {
    expect(meanAndSpread([4])).toBe('4');
    expect(meanAndSpread([4, null])).toBe('–');
    expect(meanAndSpread([])).toBe('–');
  });
});

describe('the charts', () => {
  test('of delays have each series in each panel, with names and units', () => {
    const svg = delayChart([measured(1)]);
    for (const series of ['Cordon', 'raw distance']) {
      for (const distance of ['250 m', '500 m', '1000 m']) {
        expect(svg).toContain(`<title>${series}, ban of ${distance}</title>`);
      }
    }
    expect(svg).toContain('false alarms per pair-day');
    expect(svg).toContain('median delay, s');
    expect(svg).toContain('simulated noise, reports every 5 s');
  });

  test('of leads have a curve for each interval, from all to none', () => {
    const svg = leadChart([measured(-30), { ...measured(-10), intervalS: 60 }]);
    expect(svg.match(/<title>reports every 5 s<\/title>/g)).toHaveLength(3);
    expect(svg.match(/<title>reports every 60 s<\/title>/g)).toHaveLength(3);
    expect(svg).toContain('before the line, s');
    expect(svg).not.toContain('NaN');
  });

  test('have scales that begin and end where they say', () => {
    expect(linear(-60, 120, 30).ticks).toEqual([-60, -30, 0, 30, 60, 90, 120]);
    expect(linear(-60, 120, 30).share(30)).toBe(0.5);
    const scale = fromZeroLogarithmic(1000, []);
    expect([scale.share(0), scale.share(1000)]).toEqual([0, 1]);
  });
});

describe('the options', () => {
  test('of a plain run ask for everything and write it', () => {
    const { quick, sets, intervalsS, seeds, writes } = optionsOf([]);
    expect([quick, sets.length, intervalsS.length, seeds, writes]).toEqual([false, 2, 3, 5, true]);
  });

  test('of a part of it write nothing', () => {
    expect(optionsOf(['--quick'])).toMatchObject({ quick: true, seeds: 0, writes: false });
    const part = optionsOf(['--set', 'real-receivers', '--interval', '60', '--seeds', '2']);
    expect(part).toMatchObject({ sets: ['real-receivers'], intervalsS: [60], writes: false });
  });
});
