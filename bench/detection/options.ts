import { Command, InvalidArgumentError } from 'commander';
import { INTERVALS_S, type IntervalS, SET_NAMES, type SetName } from './case-set.ts';

export interface Options {
  /** Only what the project holds itself, nothing drawn anew and nothing written. */
  readonly quick: boolean;
  readonly sets: readonly SetName[];
  readonly intervalsS: readonly IntervalS[];
  readonly seeds: number;
  /** Part of a run is no report: it is shown, and the file stays as it was. */
  readonly writes: boolean;
}

/** More are only slower: the spread is known long before. */
const SEEDS_MAX = 100;
const SEEDS_DEFAULT = 5;

interface Given {
  readonly quick?: true;
  readonly set?: SetName;
  readonly interval?: IntervalS;
  readonly seeds: number;
}

export function optionsOf(argv: readonly string[]): Options {
  const command = new Command('detection')
    .description('how well Cordon detects encounters of which the truth is known')
    .option('--quick', 'the cases of the project only, no re-drawn noise, no file written')
    .option('--set <name>', `only this set: ${SET_NAMES.join(' or ')}`, setOf)
    .option('--interval <seconds>', `only this interval: ${INTERVALS_S.join(', ')}`, intervalOf)
    .option('--seeds <count>', 'how often the noise is re-drawn', seedsOf, SEEDS_DEFAULT)
    .allowExcessArguments(false)
    .parse(argv, { from: 'user' });
  const { quick = false, set, interval, seeds } = command.opts<Given>();
  return {
    quick,
    sets: set === undefined ? SET_NAMES : [set],
    intervalsS: interval === undefined ? INTERVALS_S : [interval],
    seeds: quick ? 0 : seeds,
    writes: !quick && set === undefined && interval === undefined,
  };
}

function setOf(text: string): SetName {
  const known = SET_NAMES.find((name) => name === text);
  if (known === undefined) throw new InvalidArgumentError(`There are ${SET_NAMES.join(', ')}.`);
  return known;
}

function intervalOf(text: string): IntervalS {
  const known = INTERVALS_S.find((seconds) => String(seconds) === text);
  if (known === undefined) {
    throw new InvalidArgumentError(`Cases were recorded every ${INTERVALS_S.join(', ')} s.`);
  }
  return known;
}

function seedsOf(text: string): number {
  const count = Number(text);
  if (text.trim() !== '' && Number.isInteger(count) && count >= 0 && count <= SEEDS_MAX) {
    return count;
  }
  throw new InvalidArgumentError(`Give a whole number from 0 to ${SEEDS_MAX}.`);
}
