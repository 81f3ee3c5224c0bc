import { type Postgres, startPostgres } from '../../test/support/postgres.ts';

export type StoreName = 'sqlite' | 'postgres';

/** Where the servers under fault keep what they have. */
export interface ChosenStore {
  readonly name: StoreName;
  /** A store for one server; nothing of another one is in it. */
  open(): Promise<OpenStore>;
}

export interface OpenStore {
  /** What a server is started with to use it. */
  readonly env: Readonly<Record<string, string>>;
  /** Null where the store is a folder of the server's own. */
  readonly postgres: Postgres | null;
  close(): Promise<void>;
}

export function chosenStore(name: StoreName): ChosenStore {
  return { name, open: name === 'sqlite' ? async () => FOLDER : openPostgres };
}

const FOLDER: OpenStore = { env: {}, postgres: null, close: async () => {} };

async function openPostgres(): Promise<OpenStore> {
  const postgres = await startPostgres();
  return {
    env: { CORDON_DATABASE_URL: postgres.url },
    postgres,
    close: () => postgres.stop(),
  };
}
