import { writeFileSync } from 'node:fs';
import type { Imported } from './import-orders.ts';
import type { Outcome } from './put-order.ts';

export interface Tally {
  readonly created: number;
  readonly changed: number;
  readonly unchanged: number;
  readonly refused: number;
  readonly unanswered: number;
}

export function tallyOf(all: readonly Imported[]): Tally {
  const count = (word: string): number =>
    all.filter(({ outcome }) => wordOf(outcome) === word).length;
  return {
    created: count('created'),
    changed: count('changed'),
    unchanged: count('unchanged'),
    refused: count('refused'),
    unanswered: count('unanswered'),
  };
}

const wordOf = (outcome: Outcome): string =>
  outcome.type === 'accepted' ? outcome.change : outcome.type;

/** 0: all is in; 1: something was refused; 2: something was not answered, so run it again. */
export function exitCodeOf({ refused, unanswered }: Pick<Tally, 'refused' | 'unanswered'>): number {
  if (unanswered > 0) return 2;
  return refused > 0 ? 1 : 0;
}

/** One line for what is in, and one more for each reason why it is not. */
export function linesOf(name: string, outcome: Outcome): string[] {
  switch (outcome.type) {
    case 'accepted': {
      const { change, version, status } = outcome;
      return [`${name}: ${change}, version ${version}, ${status}`];
    }
    case 'refused': {
      const { status, code, detail, errors = [] } = outcome.problem;
      const reasons = errors.map((error) => `  ${error.pointer || '(whole)'} ${error.detail}`);
      return [`${name}: refused, ${status} ${code}: ${detail}`, ...reasons];
    }
    case 'unanswered':
      return [`${name}: not answered: ${outcome.why}`];
  }
}

export function tallyLine(tally: Tally, seconds: number): string {
  const parts = Object.entries(tally).map(([word, count]) => `${count} ${word}`);
  const total = Object.values(tally).reduce((sum, count: number) => sum + count, 0);
  const rate = seconds > 0 ? ` (${Math.round(total / seconds)} a second)` : '';
  return `${total} files in ${seconds.toFixed(1)} s${rate}: ${parts.join(', ')}`;
}

/** One JSON line per file, for a program to read on. */
export function writeReport(path: string, all: readonly Imported[]): void {
  const lines = all.map(({ path: file, orderId, outcome }) =>
    JSON.stringify({ file, orderId, ...outcome }),
  );
  writeFileSync(path, lines.map((line) => `${line}\n`).join(''));
}

const BAR_WIDTH = 30;
const PLAIN_EVERY = 500;

export interface Progress {
  one(done: Imported): void;
  end(): void;
}

/** A bar for a person; for a log a line now and then. What is not in is named in both at once. */
export function progressOn(
  out: { isTTY?: boolean | undefined; write(text: string): unknown },
  total: number,
): Progress {
  let count = 0;
  const bar = (): string => {
    const full = Math.round((BAR_WIDTH * count) / Math.max(1, total));
    return `\r[${'#'.repeat(full).padEnd(BAR_WIDTH, '.')}] ${count}/${total}`;
  };
  return {
    one({ path, outcome }) {
      count += 1;
      if (outcome.type !== 'accepted') {
        const wipe = out.isTTY ? `\r${' '.repeat(BAR_WIDTH + 24)}\r` : '';
        out.write(`${wipe}${linesOf(path, outcome).join('\n')}\n`);
      }
      if (out.isTTY) out.write(bar());
      else if (count % PLAIN_EVERY === 0 && count < total) out.write(`${count}/${total}\n`);
    },
    end() {
      if (out.isTTY && count > 0) out.write('\n');
    },
  };
}
