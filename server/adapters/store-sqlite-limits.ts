import { readdirSync, statfsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Limit } from '../kept.ts';
import type { Connection } from './store-sqlite-connection.ts';
import { storedHead } from './store-sqlite-decision.ts';

/** SQLite's own bound; 17 TB at 4 KiB a page. (sqlite.org/limits.html) */
const PAGES_MAX = 4_294_967_294;

/** What may run out here. A column of 32 bits once blinded 16,000 wearers. (RELIABILITY §1) */
export const limitsReader = (dataDir: string, connection: Connection) => (): readonly Limit[] => [
  diskLimit(dataDir),
  {
    name: 'journal-numbers',
    used: storedHead(connection).seq,
    max: Number.MAX_SAFE_INTEGER,
    unit: 'rows',
  },
  { name: 'database-pages', used: pagesOf(connection), max: PAGES_MAX, unit: 'pages' },
];

/**
 * How much of the room that there is for Cordon it has taken. What others have of the disk says
 * nothing: a disk of 10 TB that is 95 % full has room for years.
 */
function diskLimit(dataDir: string): Limit {
  const { bavail, bsize } = statfsSync(dataDir);
  const own = readdirSync(dataDir)
    .map((name) => statSync(join(dataDir, name), { throwIfNoEntry: false })?.size ?? 0)
    .reduce((sum, bytes) => sum + bytes, 0);
  return { name: 'disk', used: own, max: own + bavail * bsize, unit: 'bytes' };
}

function pagesOf(connection: Connection): number {
  const row = connection.prepare('PRAGMA page_count').raw().get() as unknown[];
  return Number(row[0]);
}
