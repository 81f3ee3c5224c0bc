import { type DistanceM, type IntervalS, INTERVALS_S } from './case-set.ts';
import type { Outcome } from './job.ts';
import type { Measured } from './requirement-table.ts';
import {
  fromZeroLogarithmic,
  legendSvg,
  linear,
  type Look,
  type Panel,
  panelSvg,
  type Series,
  svgDocument,
} from './svg-chart.ts';

/** Nearer bans have smaller marks and come last, so that marks in one place are all seen. */
const MARKS: readonly (readonly [DistanceM, Pick<Look, 'mark' | 'size'>])[] = [
  [1000, { mark: 'square', size: 8 }],
  [500, { mark: 'circle', size: 6 }],
  [250, { mark: 'triangle', size: 5.5 }],
];

type By = 'cordon' | 'rawDistance';
const PAINTS: Readonly<Record<By, Pick<Look, 'colour' | 'hollow'> & { who: string }>> = {
  rawDistance: { who: 'raw distance', colour: '#b34700', hollow: true },
  cordon: { who: 'Cordon', colour: '#0072b2', hollow: false },
};

function looksOf(by: By): Map<DistanceM, Look> {
  const { who, ...paint } = PAINTS[by];
  return new Map(
    MARKS.map(([distanceM, mark]) => {
      const name = `${who}, ban of ${distanceM} m`;
      return [distanceM, { name, ...paint, ...mark, dash: '', unlinked: true }];
    }),
  );
}

const [WIDTH, LEFT, TOP] = [1080, 76, 118];
const [PANEL_WIDTH, PANEL_HEIGHT] = [268, 230];
const [STRIDE_X, STRIDE_Y] = [346, 322];

/** How soon and how falsely each would tell of a breach: the corner at the bottom left is best. */
export function delayChart(measured: readonly Measured[]): string {
  const sets = [...new Set(measured.map(({ set }) => set))];
  const panels = sets.flatMap((set, row) =>
    INTERVALS_S.flatMap((intervalS, column) => {
      const one = measured.find((each) => each.set === set && each.intervalS === intervalS);
      return one ? [panelSvg(panelOf(one, row, column))] : [];
    }),
  );
  const title = 'Breach of a contact ban: median delay against false alarms (bottom left is best)';
  const height = TOP + sets.length * STRIDE_Y - 20;
  const legends = (['cordon', 'rawDistance'] as const).map((by, line) =>
    legendSvg([...looksOf(by).values()].toReversed(), 200, 50 + 20 * line, 240),
  );
  return svgDocument(WIDTH, height, title, [...legends, ...panels]);
}

/** The same in a row of panels, so that one can be read against the other. */
const DELAY_S_MAX: Record<IntervalS, [until: number, step: number]> = {
  5: [8, 2],
  15: [16, 4],
  60: [40, 10],
};

function panelOf({ set, intervalS, outcome }: Measured, row: number, column: number): Panel {
  const [delayMaxS, stepS] = DELAY_S_MAX[intervalS];
  const series = [...seriesOf('rawDistance', outcome), ...seriesOf('cordon', outcome)];
  const delaysS = series.flatMap(({ points }) => points.map(({ y }) => y));
  const lowestS = Math.floor(Math.min(0, ...delaysS) / stepS) * stepS;
  const highestS = Math.ceil(Math.max(delayMaxS, ...delaysS) / stepS) * stepS;
  return {
    title: `${set.replace('-', ' ')}, reports every ${intervalS} s`,
    left: LEFT + column * STRIDE_X,
    top: TOP + row * STRIDE_Y,
    width: PANEL_WIDTH,
    height: PANEL_HEIGHT,
    x: fromZeroLogarithmic(1000, [0, 1, 3, 10, 30, 100, 300, 1000]),
    y: linear(lowestS, highestS, stepS),
    xName: 'false alarms per pair-day',
    yName: 'median delay, s',
    series,
  };
}

function seriesOf(by: By, outcome: Outcome): Series[] {
  return [...looksOf(by)].flatMap(([distanceM, look]) => {
    const { delayP50S, falsePerPairDay } = outcome[by].overall.breach[distanceM];
    if (delayP50S === null) return [];
    return [{ look, points: [{ x: falsePerPairDay, y: delayP50S }] }];
  });
}
