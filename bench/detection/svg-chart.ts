/** Charts as SVG text, written by hand: the few shapes that the two pictures of a report need. */
export interface Scale {
  readonly from: number;
  readonly until: number;
  /** Where a value stands, from 0 at `from` to 1 at `until`. */
  readonly share: (value: number) => number;
  readonly ticks: readonly number[];
}

export function linear(from: number, until: number, step: number): Scale {
  const count = Math.round((until - from) / step);
  const ticks = Array.from({ length: count + 1 }, (_, i) => from + i * step);
  return { from, until, ticks, share: (value) => (value - from) / (until - from) };
}

/** Logarithmic from 1 up, so that hundreds fit beside 0, which a plain logarithm lacks. */
export function fromZeroLogarithmic(until: number, ticks: readonly number[]): Scale {
  const share = (value: number): number => Math.log1p(value) / Math.log1p(until);
  return { from: 0, until, ticks, share };
}

/** A series has a shape and a stroke besides its colour: colour is never the only difference. */
export interface Look {
  readonly name: string;
  readonly colour: string;
  readonly dash: string;
  readonly mark: 'circle' | 'square' | 'triangle';
  /** Marks alone, where nothing lies between one point and the next. */
  readonly unlinked?: boolean;
  readonly hollow?: boolean;
  readonly size?: number;
}

export interface Point {
  readonly x: number;
  readonly y: number;
  /** On the way only: the line goes through it without a mark. */
  readonly passing?: boolean;
}

export interface Series {
  readonly look: Look;
  readonly points: readonly Point[];
}

export interface Panel {
  readonly title: string;
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
  readonly x: Scale;
  readonly y: Scale;
  readonly xName: string;
  readonly yName: string;
  readonly series: readonly Series[];
}

const INK = '#1a1a1a';
const GRID = '#d9d9d9';
const MARK_SIZE = 4.5;

const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
const at = (value: number): string => String(Number(value.toFixed(1)));

export function textAt(
  x: number,
  y: number,
  text: string,
  style: { size?: number; anchor?: string; weight?: string; turn?: boolean } = {},
): string {
  const { size = 12, anchor = 'middle', weight = 'normal', turn = false } = style;
  const turned = turn ? ` transform="rotate(-90 ${at(x)} ${at(y)})"` : '';
  const font = `font-size="${size}" text-anchor="${anchor}" font-weight="${weight}"`;
  return `<text x="${at(x)}" y="${at(y)}" ${font}${turned}>${escaped(text)}</text>`;
}

export function panelSvg(panel: Panel): string {
  const { left, top, width, height, title, xName, yName } = panel;
  const middle = left + width / 2;
  return [
    axes(panel),
    textAt(middle, top - 10, title, { size: 13, weight: 'bold' }),
    textAt(middle, top + height + 36, xName),
    textAt(left - 38, top + height / 2, yName, { turn: true }),
    ...panel.series.map((series) => seriesSvg(panel, series)),
  ].join('\n');
}

const xOf = ({ left, width, x }: Panel, value: number): number => left + width * x.share(value);
const yOf = ({ top, height, y }: Panel, value: number): number =>
  top + height * (1 - y.share(value));

function axes(panel: Panel): string {
  const { left, top, width, height, x, y } = panel;
  const lines = [
    ...x.ticks.map((tick) => {
      const here = xOf(panel, tick);
      const mark = textAt(here, top + height + 17, String(tick), { size: 11 });
      return `${line(here, top, here, top + height, GRID)}${mark}`;
    }),
    ...y.ticks.map((tick) => {
      const here = yOf(panel, tick);
      const mark = textAt(left - 7, here + 4, String(tick), { size: 11, anchor: 'end' });
      return `${line(left, here, left + width, here, GRID)}${mark}`;
    }),
  ];
  const frame = `x="${at(left)}" y="${at(top)}" width="${at(width)}" height="${at(height)}"`;
  return `${lines.join('\n')}\n<rect ${frame} fill="none" stroke="${INK}"/>`;
}

const line = (x1: number, y1: number, x2: number, y2: number, stroke: string): string =>
  `<line x1="${at(x1)}" y1="${at(y1)}" x2="${at(x2)}" y2="${at(y2)}" stroke="${stroke}"/>`;

function seriesSvg(panel: Panel, { look, points }: Series): string {
  const placed = points.map(({ x, y, passing = false }) => ({
    px: xOf(panel, x),
    py: yOf(panel, y),
    passing,
  }));
  const path = placed.map(({ px, py }) => `${at(px)},${at(py)}`).join(' ');
  const marks = placed.filter(({ passing }) => !passing).map(({ px, py }) => markSvg(look, px, py));
  const title = `<title>${escaped(look.name)}</title>`;
  const way = look.unlinked ? '' : `<polyline points="${path}" fill="none" ${strokeOf(look)}/>`;
  return `<g>${title}${way}${marks.join('')}</g>`;
}

const strokeOf = ({ colour, dash }: Look): string =>
  `stroke="${colour}" stroke-width="2"${dash === '' ? '' : ` stroke-dasharray="${dash}"`}`;

function markSvg({ mark, colour, hollow = false, size = MARK_SIZE }: Look, x: number, y: number) {
  const paint = hollow
    ? `fill="#ffffff" stroke="${colour}" stroke-width="2"`
    : `fill="${colour}" stroke="#ffffff"`;
  const polygon = (corners: readonly (readonly [number, number])[]): string => {
    const points = corners.map(([dx, dy]) => `${at(x + dx * size)},${at(y + dy * size)}`);
    return `<polygon points="${points.join(' ')}" ${paint}/>`;
  };
  switch (mark) {
    case 'circle':
      return `<circle cx="${at(x)}" cy="${at(y)}" r="${size}" ${paint}/>`;
    case 'square':
      return polygon([[-0.9, -0.9], [0.9, -0.9], [0.9, 0.9], [-0.9, 0.9]]); // prettier-ignore
    case 'triangle':
      return polygon([[0, -1.2], [1.1, 0.9], [-1.1, 0.9]]); // prettier-ignore
  }
}

/** One line of samples with their names, from the left. */
export function legendSvg(
  looks: readonly Look[],
  left: number,
  top: number,
  columnWidth: number,
): string {
  return looks
    .map((look, i) => {
      const x = left + i * columnWidth;
      const way = `<line x1="${x}" y1="${top}" x2="${x + 36}" y2="${top}" ${strokeOf(look)}/>`;
      const sample = look.unlinked ? '' : way;
      const name = textAt(x + 44, top + 4, look.name, { anchor: 'start' });
      return `${sample}${markSvg(look, x + 18, top)}${name}`;
    })
    .join('\n');
}

export function svgDocument(
  width: number,
  height: number,
  title: string,
  parts: readonly string[],
): string {
  const size = `width="${width}" height="${height}" viewBox="0 0 ${width} ${height}"`;
  const font = `font-family="Noto Sans, DejaVu Sans, Arial, sans-serif" fill="${INK}"`;
  return `<svg xmlns="http://www.w3.org/2000/svg" ${size} role="img" ${font}>
<title>${escaped(title)}</title>
<rect width="${width}" height="${height}" fill="#ffffff"/>
${textAt(width / 2, 26, title, { size: 16, weight: 'bold' })}
${parts.join('\n')}
</svg>
`;
}
