import { CommanderError } from 'commander';
import { NotLetInError } from './access-token.ts';
import { commandLine } from './command-line.ts';
import { UnreachableError } from './cordon.ts';
import { UsageError } from './settings.ts';

/**
 * `npm run orders`: what CJIB's developers and testers send orders with, and an example of how.
 * Exits with 0 when all is done, 1 when something was refused, 2 when there was no answer.
 */
const EXIT_NO_ANSWER = 2;

/** What whoever typed the command can do something about is told without a stack. */
function exitCodeOf(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : EXIT_NO_ANSWER;
  const known = [UsageError, UnreachableError, NotLetInError].some((kind) => error instanceof kind);
  process.stderr.write(`${known ? (error as Error).message : String(error)}\n`);
  return EXIT_NO_ANSWER;
}

commandLine((code) => {
  process.exitCode = code;
})
  .parseAsync()
  .catch((error: unknown) => {
    process.exitCode = exitCodeOf(error);
  });
