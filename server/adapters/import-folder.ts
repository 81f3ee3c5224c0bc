import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { signedCheckpoint, type Signer } from '../evidence/checkpoint.ts';
import { decisionOf, GENESIS, headOf } from '../evidence/journal-chain.ts';
import { isManifestGenuine, Manifest, type ManifestFile } from '../evidence/manifest.ts';
import { rowFaults } from '../evidence/verify-journal.ts';
import type { Checkpoint, JournalRow } from '../kept.ts';
import type { Entry, Store } from '../ports.ts';
import { MANIFEST_FILE } from './export-folder.ts';
import { readNdjson, sha256Of } from './ndjson-file.ts';

/** Why an export is not read in; the store is as it was, or must be made anew. */
export class ImportError extends Error {}

const ROWS_PER_APPEND = 1_000;

/** Reads the manifest and holds every file against it, before anything is written. (SPEC EX2) */
export async function checkedManifest(
  folder: string,
  publicKeyPem: string | null,
): Promise<Manifest> {
  const parsed = Manifest.safeParse(
    JSON.parse(await readFile(join(folder, MANIFEST_FILE), 'utf8')),
  );
  if (!parsed.success) throw new ImportError(`${MANIFEST_FILE}: ${parsed.error.message}`);
  const manifest = parsed.data;
  if (!isManifestGenuine(manifest, publicKeyPem ?? manifest.key.publicKeyPem)) {
    throw new ImportError(`${MANIFEST_FILE} was not signed with this key, or was changed`);
  }
  for (const { name, sha256 } of manifest.files) {
    if ((await sha256Of(join(folder, name))) === sha256) continue;
    throw new ImportError(`${name} is not the file that was exported`);
  }
  return manifest;
}

/**
 * Writes an export into an empty store. The same decisions in the same order give the same chain:
 * that the last hash is that of the manifest proves that nothing was lost. (SPEC EX3)
 */
export async function importFrom(
  folder: string,
  manifest: Manifest,
  store: Store,
  signer: Signer,
  atMs: number,
): Promise<void> {
  if ((await store.journalHead()).seq > 0 || (await store.accounts()).length > 0) {
    throw new ImportError('the store is not empty: import into a new data folder or database');
  }
  let before = GENESIS;
  for (const file of manifest.files) {
    let rows = 0;
    for await (const page of readNdjson(join(folder, file.name), ROWS_PER_APPEND)) {
      rows += page.length;
      if (file.part === 'journal') before = checkedChain(page as JournalRow[], before);
      await store.append(entriesOf(file, page));
    }
    if (rows !== file.rows)
      throw new ImportError(`${file.name} has ${rows} rows, not ${file.rows}`);
  }
  const { seq, hash } = await store.journalHead();
  if (seq !== manifest.journal.seq || hash !== manifest.journal.hash) {
    throw new ImportError(`the journal became another one: it ends at ${seq} with ${hash}`);
  }
  await vouch(manifest, store, signer, atMs);
}

function checkedChain(rows: readonly JournalRow[], from: typeof GENESIS): typeof GENESIS {
  let before = from;
  for (const row of rows) {
    const [fault] = rowFaults(before, row);
    if (fault) throw new ImportError(`the journal is not whole: ${fault.what}`);
    before = headOf(row);
  }
  return before;
}

function entriesOf({ part }: ManifestFile, page: readonly unknown[]): Entry[] {
  switch (part) {
    case 'journal':
      return (page as JournalRow[]).map(decisionOf);
    case 'checkpoints':
      return (page as Checkpoint[]).map((each) => ({ type: 'checkpoint', ...each }));
    case 'accounts':
    case 'positions':
    case 'device-events':
    case 'deliveries':
      return page as Entry[];
  }
}

/** From here on this server's key stands for the whole, and for the key before it. */
async function vouch(
  { key, journal, createdAt }: Manifest,
  store: Store,
  signer: Signer,
  atMs: number,
): Promise<void> {
  const detail = { keyId: key.keyId, publicKey: key.publicKeyPem, rows: journal.seq, createdAt };
  await store.append([{ type: 'system-event', atMs, kind: 'imported', detail }]);
  const checkpoint = signedCheckpoint(await store.journalHead(), atMs, signer);
  await store.append([{ type: 'checkpoint', ...checkpoint }]);
}
