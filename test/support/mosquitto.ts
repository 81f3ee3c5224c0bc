import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createConnection } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from './free-port.ts';

export interface Mosquitto {
  readonly url: string;
  /** Stops it as kill -9 does: what it has not written to a file is gone. */
  kill(): Promise<void>;
  /** Starts it again at the same port. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

const START_WITHIN_MS = 10_000;

export interface MosquittoWish {
  readonly port?: number;
  /** Keeps its sessions in a file that it writes every second, as a broker in service does. */
  readonly persistent?: boolean;
}

/** Debian's broker on loopback, with the limits that lose messages by default taken away. */
export async function startMosquitto(wish: MosquittoWish = {}): Promise<Mosquitto> {
  const binary = findBinary('mosquitto');
  const dir = mkdtempSync(join(tmpdir(), 'cordon-mosquitto-'));
  const atPort = wish.port ?? (await freePort());
  const configPath = join(dir, 'mosquitto.conf');
  writeFileSync(configPath, configOf(atPort, wish.persistent ? dir : null));

  const launch = async (): Promise<ChildProcess> => {
    const child = spawn(binary, ['-c', configPath], { stdio: 'ignore' });
    await accepting(child, atPort);
    return child;
  };
  let child = await launch();
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill(signal);
    await once(child, 'exit');
  };
  return {
    url: `mqtt://127.0.0.1:${atPort}`,
    kill: () => end('SIGKILL'),
    restart: async () => {
      await end('SIGKILL');
      child = await launch();
    },
    stop: async () => {
      await end('SIGTERM');
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

/** Where Debian puts it; a test that needs it must not pass without it. */
export function findBinary(name: string): string {
  const dirs = [...(process.env.PATH ?? '').split(':'), '/usr/sbin', '/usr/bin'];
  const found = dirs.map((dir) => join(dir, name)).find((path) => existsSync(path));
  if (found) return found;
  throw new Error(`${name} is not installed: run test/support/install-parts.sh as root`);
}

const configOf = (port: number, keepIn: string | null): string =>
  [
    `listener ${port} 127.0.0.1`,
    'allow_anonymous true',
    ...(keepIn === null
      ? ['persistence false']
      : ['persistence true', `persistence_location ${keepIn}/`, 'autosave_interval 1']),
    'sys_interval 1',
    'max_inflight_messages 0',
    'max_queued_messages 0',
    'set_tcp_nodelay true',
    'log_dest none',
    // Started by root it would change to a user that may not exist here.
    ...(process.getuid?.() === 0 ? ['user root'] : []),
    '',
  ].join('\n');

async function accepting(child: ChildProcess, port: number): Promise<void> {
  const untilMs = Date.now() + START_WITHIN_MS;
  while (!(await accepts(port))) {
    if (child.exitCode !== null) throw new Error(`mosquitto ended with code ${child.exitCode}`);
    if (Date.now() > untilMs) throw new Error(`mosquitto did not listen at ${port} in time`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection(port, '127.0.0.1');
    const answer = (accepted: boolean): void => {
      socket.destroy();
      resolve(accepted);
    };
    socket.once('connect', () => answer(true));
    socket.once('error', () => answer(false));
  });
}
