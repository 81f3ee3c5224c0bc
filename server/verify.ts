import { createPublicKey } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Command } from 'commander';
import { readConfig } from './config.ts';
import { keyIdOf } from './evidence/signature.ts';
import { type Trust, type Verification, verifyJournal } from './evidence/verify-journal.ts';
import type { Checkpoint } from './kept.ts';
import { openArchive } from './stores.ts';

/**
 * `npm run verify`: reads the whole journal of a data folder or database and tells every row that was
 * changed, dropped, moved or cut off. Ends with 0 only if there is none.
 */
interface Options {
  readonly key?: string;
  readonly witness?: string;
}

/** In a folder of Cordon the private key, of which only the public part is used. */
const OWN_KEY = 'signing-key.pem';

async function trustOf(options: Options, dataDir: string): Promise<Trust> {
  const pem = await readFile(options.key ?? join(dataDir, OWN_KEY), 'utf8');
  const key = createPublicKey(pem);
  const publicKeyPem = key.export({ type: 'spki', format: 'pem' }) as string;
  const lines = options.witness ? (await readFile(options.witness, 'utf8')).split('\n') : [];
  return {
    keys: new Map([[keyIdOf(key), publicKeyPem]]),
    witnessed: lines.filter((line) => line.trim() !== '').map(readCheckpoint),
  };
}

/** A line of the watchdog's `checkpoints.ndjson`. */
function readCheckpoint(line: string): Checkpoint {
  const parsed = JSON.parse(line) as Checkpoint & { checkpoint?: Checkpoint };
  return parsed.checkpoint ?? parsed;
}

function report({ rows, checkpoints, unsigned, head, faults }: Verification): string {
  const read = `${rows} rows, ${checkpoints} checkpoints, ${unsigned} rows not signed for yet`;
  if (faults.length === 0) return `the journal is whole: ${read}; it ends with ${head.hash}\n`;
  const told = faults.map(({ what }) => `  ${what}\n`).join('');
  return `THE JOURNAL IS NOT AS IT WAS WRITTEN: ${faults.length} faults in ${read}\n${told}`;
}

async function verify(options: Options): Promise<void> {
  const config = readConfig(process.env);
  const trust = await trustOf(options, config.dataDir);
  const archive = await openArchive(config);
  const verification = await verifyJournal(archive, trust);
  await archive.close();
  process.stdout.write(report(verification));
  if (verification.faults.length > 0) process.exitCode = 1;
}

new Command('verify')
  .description('check the journal of decisions of the store that the CORDON_ settings name')
  .option(
    '--key <file>',
    'public key that signed the checkpoints, PEM; else that of the data folder',
  )
  .option('--witness <file>', 'checkpoints that the watchdog kept, checkpoints.ndjson')
  .action(verify)
  .parseAsync()
  .catch((error: unknown) => {
    process.stderr.write(`verify: ${error instanceof Error ? error.message : String(error)}\n`);
    process.exit(2);
  });
