import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { Role } from '../shared/session.ts';
import { writeDurably } from './adapters/durable-file.ts';
import { ConfigError, readConfig } from './config.ts';
import { startCordon, type NewAccount } from './start.ts';
import type { Store } from './ports.ts';

/**
 * One of each, made at the first start, and a second approver, for who draws a zone cannot approve
 * it; `cjib`'s secret is its bearer token.
 */
const FIRST_ACCOUNTS: readonly { readonly username: string; readonly role: Role }[] = [
  ...Role.options.map((role) => ({ username: role, role })),
  { username: 'approver-2', role: 'approver' },
];

/** `npm start`: the server alone, configured by the environment. (DESIGN §8) */
async function main(): Promise<void> {
  const config = readConfig(process.env);
  const firstAccounts = async (store: Store): Promise<readonly NewAccount[]> => {
    if ((await store.accounts()).length > 0) return [];
    const accounts = FIRST_ACCOUNTS.map((account) => ({
      ...account,
      secret: randomBytes(24).toString('base64url'),
    }));
    const path = join(config.dataDir, 'initial-accounts.json');
    // Before the accounts are: their secrets are nowhere else, and they are made only once.
    writeDurably(path, `${JSON.stringify(accounts, null, 2)}\n`, 0o600);
    process.stderr.write(`first start: one account of each role, with its secret, in ${path}\n`);
    return accounts;
  };
  const running = await startCordon(config, firstAccounts);
  let stopping = false;
  const stop = (): void => {
    if (stopping) process.exit(1);
    stopping = true;
    running.stop().then(
      () => process.exit(0),
      () => process.exit(1),
    );
  };
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
}

main().catch((error: unknown) => {
  const told = error instanceof ConfigError ? error.message : String(error);
  process.stderr.write(`${told}\n`);
  process.exit(1);
});
