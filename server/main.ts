import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ConfigError, readConfig } from './config.ts';
import { startCordon, type NewAccount } from './start.ts';
import type { Store } from './ports.ts';

/** `npm start`: the server alone, configured by the environment. (DESIGN §8) */
async function main(): Promise<void> {
  const config = readConfig(process.env);
  const firstAccounts = async (store: Store): Promise<readonly NewAccount[]> => {
    if ((await store.accounts()).length > 0) return [];
    const secret = randomBytes(18).toString('base64url');
    const path = join(config.dataDir, 'initial-administrator.json');
    await writeFile(path, JSON.stringify({ username: 'administrator', password: secret }), {
      mode: 0o600,
    });
    process.stderr.write(`first start: the administrator's password is in ${path}\n`);
    return [{ username: 'administrator', role: 'administrator', secret }];
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
