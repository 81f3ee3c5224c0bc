import { Command } from 'commander';
import { exportTo } from './adapters/export-folder.ts';
import { signingKey } from './adapters/signing-key.ts';
import { readConfig } from './config.ts';
import { openArchive } from './stores.ts';

/** `npm run export`: all that the store keeps, into a folder; the server may run meanwhile. */
async function main({ to }: { to: string }): Promise<void> {
  const config = readConfig(process.env);
  const archive = await openArchive(config);
  const createdAt = new Date().toISOString();
  const manifest = await exportTo(to, archive, signingKey(config.dataDir), createdAt);
  await archive.close();
  const told = manifest.files.map(({ name, rows }) => `  ${name}: ${rows} rows\n`).join('');
  const { seq, hash } = manifest.journal;
  process.stdout.write(
    `exported to ${to}, signed by key ${manifest.key.keyId}\n${told}` +
      `  the journal ends at ${seq} with ${hash}; ${manifest.openAlerts} alerts are open\n`,
  );
}

new Command('export')
  .description('write everything that the store of the CORDON_ settings keeps into a folder')
  .requiredOption('--to <folder>', 'an empty folder, or one that is to be made')
  .action(main)
  .parseAsync()
  .catch((error: unknown) => {
    process.stderr.write(`export: ${error instanceof Error ? error.message : String(error)}\n`);
    process.exit(1);
  });
