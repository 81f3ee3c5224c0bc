import { readFile } from 'node:fs/promises';
import { Command } from 'commander';
import { checkedManifest, importFrom } from './adapters/import-folder.ts';
import { signingKey } from './adapters/signing-key.ts';
import { readConfig } from './config.ts';
import { openStore } from './stores.ts';

interface Options {
  readonly from: string;
  readonly key?: string;
}

/** `npm run import`: reads an export into an empty store, whichever kind it came from. */
async function main({ from, key }: Options): Promise<void> {
  const config = readConfig(process.env);
  const manifest = await checkedManifest(from, key ? await readFile(key, 'utf8') : null);
  const store = await openStore(config);
  try {
    await importFrom(from, manifest, store, signingKey(config.dataDir), Date.now());
  } finally {
    await store.close();
  }
  const told = manifest.files.map(({ name, rows }) => `  ${name}: ${rows} rows\n`).join('');
  const { seq, hash } = manifest.journal;
  const trust = key ? '' : ': compare it with the one that the export was made with';
  process.stdout.write(
    `imported from ${from}, signed by key ${manifest.key.keyId}${trust}\n${told}` +
      `  the journal is the same to the last row, ${seq}, with ${hash}\n`,
  );
}

new Command('import')
  .description('read an export into the empty store that the CORDON_ settings name')
  .requiredOption('--from <folder>', 'what npm run export wrote')
  .option('--key <file>', 'public key of the server that exported, PEM; else that of the export')
  .action(main)
  .parseAsync()
  .catch((error: unknown) => {
    process.stderr.write(`import: ${error instanceof Error ? error.message : String(error)}\n`);
    process.exit(1);
  });
