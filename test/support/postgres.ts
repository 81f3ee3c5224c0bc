import { type ChildProcess, execFile, execFileSync, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import {
  copyFileSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { freePort } from './free-port.ts';

/** A PostgreSQL cluster of one's own, empty at first, gone after `stop`. */
export interface Postgres {
  readonly url: string;
  readonly dataDir: string;
  /** Rows as text, through Debian's own client: needs no package. */
  query(sql: string): Promise<string[][]>;
  /** Ends the server and all its processes as kill -9 does. */
  kill(): Promise<void>;
  /** Every process stands still: connections stay open and nobody answers. */
  pause(): void;
  goOn(): void;
  /** Starts it again at the same port, after a crash if it was killed. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

export interface PostgresWish {
  /** Lines for postgresql.conf, beyond the defaults: `fsync` is on unless a line says otherwise. */
  readonly settings?: readonly string[];
  /** In place of the postgresql.conf that initdb makes; its address and port do not count. */
  readonly configFile?: string;
  /** How the cluster is made, beyond UTF-8 and passwords for all. */
  readonly initdbArgs?: readonly string[];
}

const BINARIES = '/usr/lib/postgresql';
const USER = 'cordon';
/** A recovery after a crash under load replays some hundred megabytes. */
const START_WITHIN_MS = 60_000;
const LOOK_EVERY_MS = 50;

/** Debian's server on loopback, in a folder of its own; never the machine's own cluster. */
export async function startPostgres(wish: PostgresWish = {}): Promise<Postgres> {
  const { settings = [], configFile, initdbArgs = [] } = wish;
  const bin = binariesDir();
  const dir = mkdtempSync(join(tmpdir(), 'cordon-postgres-'));
  const dataDir = join(dir, 'data');
  const password = randomBytes(12).toString('hex');
  const port = await freePort();
  // Where the server's own user can read it.
  const config = configFile === undefined ? [] : [`config_file=${join(dir, 'server.conf')}`];
  if (configFile !== undefined) copyFileSync(configFile, join(dir, 'server.conf'));
  initialise({ bin, dir, dataDir, password, initdbArgs });
  const url = `postgresql://${USER}:${password}@127.0.0.1:${port}/postgres`;
  const launch = (): ChildProcess =>
    spawn(
      ...asUser([
        join(bin, 'postgres'),
        '-D',
        dataDir,
        ...flags(dir, port, [...config, ...settings]),
      ]),
      {
        stdio: 'ignore',
      },
    );
  let server = launch();
  await accepting(server, bin, url);
  const end = async (name: NodeJS.Signals, all: boolean): Promise<void> => {
    if (hasEnded(server)) return;
    const exit = once(server, 'exit');
    if (all) signal(family(server.pid!), name);
    else {
      // What stands still takes no signal but SIGKILL and the one to go on.
      signal(family(server.pid!), 'SIGCONT');
      signal([server.pid!], name);
    }
    await exit;
  };
  return {
    url,
    dataDir,
    query: async (sql) => rowsOf(await psql(bin, url, sql)),
    kill: () => end('SIGKILL', true),
    pause: () => signal(family(server.pid!), 'SIGSTOP'),
    goOn: () => signal(family(server.pid!), 'SIGCONT'),
    async restart() {
      await end('SIGKILL', true);
      // While a child of the last one still dies it refuses to start, and is started again.
      for (const untilMs = performance.now() + START_WITHIN_MS; ;) {
        server = launch();
        try {
          return await accepting(server, bin, url);
        } catch (error) {
          if (!hasEnded(server) || performance.now() > untilMs) throw error;
        }
      }
    },
    async stop() {
      // "Fast": connections are cut, what was committed is flushed.
      await end('SIGINT', false);
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

const hasEnded = ({ exitCode, signalCode }: ChildProcess): boolean =>
  exitCode !== null || signalCode !== null;

/** The newest version that Debian has put there; a test that needs it must not pass without it. */
function binariesDir(): string {
  const versions = existsSync(BINARIES) ? readdirSync(BINARIES) : [];
  const newest = versions
    .filter((version) => existsSync(join(BINARIES, version, 'bin', 'initdb')))
    .toSorted((a, b) => Number(b) - Number(a))[0];
  if (newest !== undefined) return join(BINARIES, newest, 'bin');
  throw new Error(
    `PostgreSQL is not installed (no initdb below ${BINARIES}): ` +
      'run test/support/install-parts.sh as root, or apt-get install postgresql',
  );
}

/** PostgreSQL refuses to run as root; Debian's package has made a user for it. */
function asUser(command: readonly string[]): [file: string, args: string[]] {
  if (process.getuid?.() !== 0) return [command[0]!, command.slice(1)];
  const user = ['--reuid=postgres', '--regid=postgres', '--init-groups'];
  return ['setpriv', [...user, ...command]];
}

interface NewCluster {
  readonly bin: string;
  readonly dir: string;
  readonly dataDir: string;
  readonly password: string;
  readonly initdbArgs: readonly string[];
}

function initialise({ bin, dir, dataDir, password, initdbArgs }: NewCluster): void {
  const passwordFile = join(dir, 'password');
  writeFileSync(passwordFile, password, { mode: 0o600 });
  if (process.getuid?.() === 0) execFileSync('chown', ['-R', 'postgres:postgres', dir]);
  const options = ['--auth=scram-sha-256', '--encoding=UTF8', '--locale=C', `--username=${USER}`];
  const files = ['-D', dataDir, `--pwfile=${passwordFile}`];
  execFileSync(...asUser([join(bin, 'initdb'), ...options, ...initdbArgs, ...files]), {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  rmSync(passwordFile);
}

const flags = (dir: string, port: number, settings: readonly string[]): string[] =>
  [
    `port=${port}`,
    'listen_addresses=127.0.0.1',
    `unix_socket_directories=${dir}`,
    ...settings,
  ].flatMap((setting) => ['-c', setting]);

/** The server and its children: each child leads a process group of its own. */
function family(pid: number): number[] {
  const children = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((each) => parentOf(each) === pid);
  return [pid, ...children];
}

function parentOf(pid: number): number | null {
  try {
    // The name, in brackets, may hold spaces: count from its end.
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
  } catch {
    return null;
  }
}

function signal(pids: readonly number[], name: NodeJS.Signals): void {
  for (const pid of pids) {
    try {
      process.kill(pid, name);
    } catch {
      // It has ended meanwhile.
    }
  }
}

async function accepting(server: ChildProcess, bin: string, url: string): Promise<void> {
  const untilMs = performance.now() + START_WITHIN_MS;
  for (;;) {
    if (hasEnded(server)) throw new Error(`PostgreSQL ended with code ${server.exitCode}`);
    if (await psql(bin, url, 'SELECT 1').catch(() => null)) return;
    if (performance.now() > untilMs) throw new Error('PostgreSQL took too long to start');
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
  }
}

async function psql(bin: string, url: string, sql: string): Promise<string> {
  const options = ['--no-psqlrc', '--tuples-only', '--csv', '--quiet'];
  const limits = { maxBuffer: 256 * 1024 * 1024 };
  const { stdout } = await promisify(execFile)(
    join(bin, 'psql'),
    [...options, '--set=ON_ERROR_STOP=1', url, '--command', sql],
    limits,
  );
  return stdout;
}

/** Fields without commas, quotes and line ends, as ids and numbers are. */
const rowsOf = (csv: string): string[][] =>
  csv
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => line.split(','));
