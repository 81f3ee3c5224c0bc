import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { postgresArchive, postgresStore } from './adapters/store-postgres.ts';
import { sqliteArchive, sqliteStore } from './adapters/store-sqlite.ts';
import { type Config, ConfigError } from './config.ts';
import type { Archive, Store } from './ports.ts';

/** A store to write to, and what the administrator must know about it. */
export type OpenStore = Store & { readonly warnings: readonly string[] };

/**
 * The store that the settings name. `onTrouble` hears what is wrong with the connection to it, and
 * null when all is well again. Keys and first secrets are in the data folder in any case.
 */
export async function openStore(
  { databaseUrl, dataDir }: Config,
  onTrouble: (trouble: string | null) => void = () => undefined,
): Promise<OpenStore> {
  if (databaseUrl === null) return sqliteStore(dataDir);
  await mkdir(dataDir, { recursive: true });
  return postgresStore(databaseUrl, { onTrouble });
}

/** The same, to be read only, also while a server writes to it. */
export async function openArchive(config: Config): Promise<Archive> {
  if (config.databaseUrl !== null) return postgresArchive(config.databaseUrl);
  const path = join(config.dataDir, 'cordon.db');
  if (!existsSync(path)) {
    throw new ConfigError(`there is no ${path}: set CORDON_DATA_DIR to the server's data folder`);
  }
  return sqliteArchive(config.dataDir);
}
