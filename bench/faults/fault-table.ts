import { cpus } from 'node:os';
import type { Fault, Outcome } from './fault.ts';

/** One run of one fault, as it stands in the table. */
export interface Row {
  readonly fault: Fault;
  /** Null where the store makes no difference. */
  readonly store: string | null;
  readonly outcome: Outcome;
  /** Processes that wanted a core, for each core, over the last minute of it. */
  readonly load: number;
  readonly date: string;
}

export const verdictOf = ({ passed }: Outcome): string =>
  passed === null ? 'not run' : passed ? 'passed' : '**failed**';

/** What stands first in a row tells it from all others. */
const keyOf = ({ fault, store }: Row): string =>
  store === null ? String(fault.number) : `${fault.number} ${store}`;

const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll('\n', ' ');

function lineOf(row: Row): string {
  const { fault, outcome, load, date } = row;
  const measured = [outcome.figures, outcome.notes].filter((text) => text !== '').join('. ');
  const does = `**${fault.name}**: ${fault.fault}`;
  const cells = [keyOf(row), does, fault.expected, measured, verdictOf(outcome)];
  return `| ${[...cells, load.toFixed(1), date].map(cell).join(' | ')} |`;
}

const ROW = /^\| ([^|]+?) \|/;
const HEAD = ['#', 'fault', 'expected', 'measured', 'verdict', 'load', 'date'];

/** The rows of an earlier table stay, but for those that were run anew. */
export function tableText(rows: readonly Row[], earlier: string, order: readonly Fault[]): string {
  const lines = new Map<string, string>();
  for (const line of earlier.split('\n')) {
    const key = ROW.exec(line)?.[1];
    if (key !== undefined && key !== '#') lines.set(key, line);
  }
  for (const row of rows) lines.set(keyOf(row), lineOf(row));
  const rank = (key: string): number =>
    order.findIndex(({ number }) => String(number) === key.split(' ')[0]);
  const sorted = [...lines].toSorted(([a], [b]) => rank(a) - rank(b) || a.localeCompare(b));
  return [...introduction(), ...sorted.map(([, line]) => line), ''].join('\n');
}

function introduction(): string[] {
  const machine = `${cpus().length} × ${cpus()[0]?.model.trim()}, Node ${process.version}`;
  return [
    '# Faults',
    '',
    `\`npm run faults\` on ${machine}, real processes unless it says virtual time. Numbers are those`,
    'of the forty failure tests of the design. *Load* is how many processes wanted a core, for each',
    'core, in the last minute of the run: above 1 the machine had other work to do too, and times are',
    'longer than they would be. A fault that failed stands as it was measured.',
    '',
    `| ${HEAD.join(' | ')} |`,
    `|${'---|'.repeat(HEAD.length)}`,
  ];
}
