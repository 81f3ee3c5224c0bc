import { type DistanceM, INTERVALS_S, type IntervalS } from './case-set.ts';
import type { Measured } from './requirement-table.ts';
import {
  legendSvg,
  linear,
  type Look,
  type Panel,
  panelSvg,
  type Point,
  svgDocument,
} from './svg-chart.ts';

const LOOKS: Readonly<Record<IntervalS, Look>> = {
  5: { name: 'reports every 5 s', colour: '#0072b2', dash: '', mark: 'circle' },
  15: { name: 'reports every 15 s', colour: '#b34700', dash: '8 4', mark: 'square' },
  60: { name: 'reports every 60 s', colour: '#00714f', dash: '2 4', mark: 'triangle' },
};
const DISTANCES: readonly DistanceM[] = [250, 500, 1000];

const [WIDTH, LEFT, TOP] = [1080, 76, 112];
const [PANEL_WIDTH, PANEL_HEIGHT] = [268, 260];
const [STRIDE_X, STRIDE_Y] = [346, 352];
const [EARLIEST_S, LATEST_S, STEP_S] = [120, -60, 5];
const TICK_S = 30;
/** Marks of curves that lie on each other stand beside each other. */
const MARK_FROM_S: Readonly<Record<IntervalS, number>> = { 5: 0, 15: 10, 60: 20 };

/** How long before the line "act now" was said: of so many encounters, at least so long before. */
export function leadChart(measured: readonly Measured[]): string {
  const sets = [...new Set(measured.map(({ set }) => set))];
  const panels = sets.flatMap((set, row) =>
    DISTANCES.map((distanceM, column) => {
      const series = INTERVALS_S.flatMap((intervalS) => {
        const one = measured.find((each) => each.set === set && each.intervalS === intervalS);
        if (!one) return [];
        return [{ look: LOOKS[intervalS], points: leadsOf(one, distanceM) } as const];
      });
      const panel: Panel = {
        title: `${set.replace('-', ' ')}, ban of ${distanceM} m`,
        left: LEFT + column * STRIDE_X,
        top: TOP + row * STRIDE_Y,
        width: PANEL_WIDTH,
        height: PANEL_HEIGHT,
        x: linear(LATEST_S, EARLIEST_S, TICK_S),
        y: linear(0, 100, 20),
        xName: 'told at least so long before the line, s',
        yName: 'of the encounters, %',
        series,
      };
      return panelSvg(panel);
    }),
  );
  const title = 'Priority 1: lead time before the line is crossed';
  const legend = legendSvg(Object.values(LOOKS), 290, 56, 190);
  return svgDocument(WIDTH, TOP + sets.length * STRIDE_Y - 20, title, [legend, ...panels]);
}

/** Encounters that were never told count among all, and never among the told. */
function leadsOf({ intervalS, outcome }: Measured, distanceM: DistanceM): Point[] {
  const { delaysS, episodes } = outcome.cordon.overall.priority1[distanceM];
  const points: Point[] = [];
  for (let leadS = LATEST_S; leadS <= EARLIEST_S; leadS += STEP_S) {
    const told = delaysS.filter((delayS) => -delayS >= leadS).length;
    const y = episodes > 0 ? (100 * told) / episodes : 0;
    points.push({ x: leadS, y, passing: (leadS - LATEST_S) % TICK_S !== MARK_FROM_S[intervalS] });
  }
  return points;
}
