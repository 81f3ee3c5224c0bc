import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { type ServerProcess, withoutOurs } from './server-process.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

export interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** `npm run orders`, with the credentials of this server: its client's key once it has one. */
export async function runOrders(
  { dataDir, httpUrl }: Pick<ServerProcess, 'dataDir' | 'httpUrl'>,
  ...args: readonly string[]
): Promise<Ended> {
  const env = {
    ...withoutOurs(process.env),
    CORDON_ORDERS_URL: httpUrl,
    CORDON_ORDERS_CREDENTIALS: join(dataDir, 'demo-credentials.json'),
  };
  const program = ['--import', 'tsx', 'server/orders-client/main.ts', ...args];
  try {
    const done = await promisify(execFile)(process.execPath, program, { cwd: ROOT, env });
    return { code: 0, ...done };
  } catch (error) {
    const { code, stdout, stderr } = error as Ended;
    return { code, stdout, stderr };
  }
}
