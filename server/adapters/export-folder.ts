import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { assertNever } from '../../shared/result.ts';
import type { Signer } from '../evidence/checkpoint.ts';
import {
  EXPORT_PARTS,
  type ExportPart,
  type Manifest,
  signedManifest,
} from '../evidence/manifest.ts';
import type { JournalHead } from '../kept.ts';
import type { Archive, Entry } from '../ports.ts';
import { writeDurably } from './durable-file.ts';
import { writeNdjson } from './ndjson-file.ts';

export const MANIFEST_FILE = 'manifest.json';
const ROWS_PER_PAGE = 2_000;
const FOLDER_MODE = 0o700;

/**
 * Writes all that a store keeps into an empty folder: accounts, the journal with its checkpoints,
 * positions, device events and how far subscriptions were told; the manifest last, so that a folder
 * without one is no export. The server may run meanwhile: of the journal comes what was there at
 * the beginning. (SPEC EX1)
 */
export async function exportTo(
  folder: string,
  archive: Archive,
  signer: Signer,
  createdAt: string,
): Promise<Manifest> {
  await mkdir(folder, { recursive: true, mode: FOLDER_MODE });
  if ((await readdir(folder)).length > 0) throw new Error(`${folder} is not empty`);
  const journal = await archive.journalHead();
  const openAlerts = await countOpen(archive);
  const files: Manifest['files'] = [];
  for (const part of EXPORT_PARTS) {
    const name = `${part}.ndjson.gz`;
    const written = await writeNdjson(join(folder, name), pagesOf(archive, part, journal));
    files.push({ part, name, rows: written.rows, sha256: written.sha256 });
  }
  const manifest = signedManifest({ createdAt, journal, openAlerts, files }, signer);
  writeDurably(join(folder, MANIFEST_FILE), `${JSON.stringify(manifest, null, 2)}\n`, 0o600);
  return manifest;
}

async function countOpen(archive: Archive): Promise<number> {
  let count = 0;
  let after: string | null = null;
  do {
    const page = await archive.alerts({ state: 'open', limit: ROWS_PER_PAGE, after });
    count += page.length;
    after = page.length < ROWS_PER_PAGE ? null : page.at(-1)!.alertId;
  } while (after !== null);
  return count;
}

async function* pagesOf(
  archive: Archive,
  part: ExportPart,
  head: JournalHead,
): AsyncGenerator<readonly unknown[]> {
  switch (part) {
    case 'journal':
      yield* journalPages(archive, head);
      return;
    case 'checkpoints':
      yield (await archive.checkpoints()).filter(({ seq }) => seq <= head.seq);
      return;
    case 'deliveries':
      yield (await archive.dump(part, null, ROWS_PER_PAGE)).entries.map((entry) =>
        toldWithin(entry, head),
      );
      return;
    case 'accounts':
    case 'positions':
    case 'device-events': {
      let after: string | null = null;
      do {
        const page = await archive.dump(part, after, ROWS_PER_PAGE);
        yield page.entries;
        after = page.next;
      } while (after !== null);
      return;
    }
    default:
      assertNever(part);
  }
}

/**
 * What was told beyond the journal that is exported: behind its end others will follow, and a mark
 * further on would leave them untold.
 */
const toldWithin = (entry: Entry, { seq }: JournalHead): Entry =>
  entry.type === 'delivered' ? { ...entry, seq: Math.min(entry.seq, seq) } : entry;

async function* journalPages(archive: Archive, head: JournalHead): AsyncGenerator<unknown[]> {
  for (let seq = 0; seq < head.seq;) {
    const rows = await archive.journal(seq, Math.min(ROWS_PER_PAGE, head.seq - seq));
    if (rows.length === 0) throw new Error(`the journal ends at ${seq} instead of ${head.seq}`);
    yield [...rows];
    seq = rows.at(-1)!.seq;
  }
}
