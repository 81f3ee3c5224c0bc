import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { sqliteArchive, sqliteStore } from './adapters/store-sqlite.ts';
import { type Config, ConfigError } from './config.ts';
import type { Archive, Store } from './ports.ts';

/** A store to write to, and what the administrator must know about it. */
export type OpenStore = Store & { readonly warnings: readonly string[] };

/** The store that the settings name. */
export const openStore = (config: Config): Promise<OpenStore> => sqliteStore(config.dataDir);

/** The same, to be read only, also while a server writes to it. */
export async function openArchive(config: Config): Promise<Archive> {
  const path = join(config.dataDir, 'cordon.db');
  if (!existsSync(path)) {
    throw new ConfigError(`there is no ${path}: set CORDON_DATA_DIR to the server's data folder`);
  }
  return sqliteArchive(config.dataDir);
}
