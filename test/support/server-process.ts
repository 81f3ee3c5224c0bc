import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type ConsoleProbe, openProbe, type ProbeWish } from './console-probe.ts';
import type { JWK } from 'jose';
import { freePort } from './free-port.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const START_WITHIN_MS = 30_000;
const STOP_WITHIN_MS = 15_000;

export type Person = 'operator' | 'approver' | 'secondApprover' | 'administrator' | 'auditor';

export interface Credentials extends Record<Person, { username: string; password: string }> {
  readonly cjib: { readonly token: string };
  readonly cjibClient: {
    readonly clientId: string;
    readonly tokenUrl: string;
    readonly privateJwk: JWK & { readonly kid: string; readonly d: string };
  };
  readonly broker: { readonly username: string; readonly password: string };
}

/** What collections answer with. (DESIGN §6) */
export interface Page<T> {
  readonly items: readonly T[];
  readonly next: string | null;
}

export interface Answer<Body> {
  readonly status: number;
  readonly headers: Headers;
  /** Parsed when it is JSON, and taken to be what the test says it is. */
  readonly body: Body;
  readonly text: string;
}

/** `server/demo.ts` in a process of its own, as a user starts it. */
export interface ServerProcess {
  readonly child: ChildProcess;
  readonly httpUrl: string;
  readonly mqttUrl: string;
  readonly mqttPort: number;
  readonly dataDir: string;
  readonly credentials: Credentials;
  /** All that it has written to both outputs so far. */
  output(): string;
  ask<Body = Record<string, unknown>>(
    as: Person | 'cjib' | null,
    method: string,
    path: string,
    body?: unknown,
  ): Promise<Answer<Body>>;
  openConsole(wish?: ProbeWish): Promise<ConsoleProbe>;
  /** With which somebody asks, for whoever has to open the connection himself. */
  headersOf(as: Person | 'cjib'): Promise<Record<string, string>>;
  /** A figure of `/metrics`; 0 for one that was never counted. */
  metric(name: string, labels?: string): Promise<number>;
  /** As a power cut does. */
  kill(): Promise<void>;
  /** Stands still, as a machine that swaps or a process under a debugger. */
  pause(): void;
  goOn(): void;
  /** Ends it as Ctrl-C does, and gives its exit code. */
  interrupt(): Promise<number | null>;
  /** Ends it in whatever state it is, and removes its data. */
  remove(): Promise<void>;
}

export interface ServerWish {
  /** With its demo orders and devices; else empty. */
  readonly demo?: boolean;
  /** Of an earlier process, to go on where that one stopped. */
  readonly like?: Pick<ServerProcess, 'dataDir' | 'httpUrl' | 'mqttPort'>;
  /** A folder that exists: on a disk of its own, or with something in it. */
  readonly dataDir?: string;
  /** A program that starts it with other limits or another clock. */
  readonly under?: readonly string[];
  readonly startWithinMs?: number;
  readonly env?: Readonly<Record<string, string>>;
}

export async function startServer(wish: ServerWish = {}): Promise<ServerProcess> {
  const httpPort = wish.like ? new URL(wish.like.httpUrl).port : String(await freePort());
  const mqttPort = wish.like?.mqttPort ?? (await freePort());
  const dataDir = wish.like?.dataDir ?? wish.dataDir ?? newDataDir();
  // With the young generation that `npm start` gives a server.
  const flags = ['--max-semi-space-size=64', '--import', 'tsx'];
  const args = [...flags, 'server/demo.ts', ...(wish.demo ? [] : ['--empty'])];
  const [program, ...before] = [...(wish.under ?? []), process.execPath];
  const child = spawn(program!, [...before, ...args], {
    cwd: ROOT,
    // A process group of its own, as a terminal gives: its signals reach the simulator too.
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      ...withoutOurs(process.env),
      CORDON_HTTP_PORT: httpPort,
      CORDON_MQTT_PORT: String(mqttPort),
      CORDON_DATA_DIR: dataDir,
      ...wish.env,
    },
  });
  const output = collect(child);
  await said(child, output, /accounts/i, wish.startWithinMs ?? START_WITHIN_MS);
  const credentials = JSON.parse(
    readFileSync(join(dataDir, 'demo-credentials.json'), 'utf8'),
  ) as Credentials & { mqttUrl: string };
  const httpUrl = `http://localhost:${httpPort}`;
  return processOf({ child, output, httpUrl, mqttPort, dataDir, credentials });
}

const newDataDir = (): string => mkdtempSync(join(tmpdir(), 'cordon-e2e-'));

/** Settings of whoever runs the tests must not reach the servers under test. */
export const withoutOurs = (env: NodeJS.ProcessEnv): NodeJS.ProcessEnv =>
  Object.fromEntries(Object.entries(env).filter(([name]) => !name.startsWith('CORDON_')));

/** Everything that a child writes, as it comes. */
export function collect(child: ChildProcess): () => string {
  let text = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (part: string) => {
      text += part;
    });
  }
  return () => text;
}

/** Waits until the child has said something, or tells what it said instead. */
function said(
  child: ChildProcess,
  output: () => string,
  what: RegExp,
  withinMs: number,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const fail = (why: string) => (): void => {
      settle();
      signal(child, 'SIGKILL');
      reject(new Error(`the server ${why} before it said ${what}:\n${output()}`));
    };
    const look = (): void => {
      if (!what.test(output())) return;
      settle();
      resolve();
    };
    const exited = fail('ended');
    const timer = setTimeout(fail('took too long'), withinMs);
    const settle = (): void => {
      clearTimeout(timer);
      child.off('exit', exited);
      child.stdout?.off('data', look);
    };
    child.once('exit', exited);
    child.stdout?.on('data', look);
  });
}

const hasEnded = ({ exitCode, signalCode }: ChildProcess): boolean =>
  exitCode !== null || signalCode !== null;

/** To the child and all that it has started. */
function signal({ pid }: ChildProcess, name: NodeJS.Signals): void {
  try {
    process.kill(-pid!, name);
  } catch {
    // The whole group has ended already.
  }
}

/** Sends a signal and waits for the end; null when the signal itself was the end. */
async function ended(child: ChildProcess, name: NodeJS.Signals): Promise<number | null> {
  if (hasEnded(child)) return child.exitCode;
  const exit = once(child, 'exit') as Promise<[number | null]>;
  signal(child, name);
  const timer = setTimeout(() => signal(child, 'SIGKILL'), STOP_WITHIN_MS);
  const [code] = await exit;
  clearTimeout(timer);
  return code;
}

interface Parts {
  readonly child: ChildProcess;
  readonly output: () => string;
  readonly httpUrl: string;
  readonly mqttPort: number;
  readonly dataDir: string;
  readonly credentials: Credentials & { mqttUrl: string };
}

function processOf(parts: Parts): ServerProcess {
  const { child, httpUrl, dataDir, credentials } = parts;
  const headersOf = signer(httpUrl, credentials);
  const ask = async <Body>(
    as: Person | 'cjib' | null,
    method: string,
    path: string,
    body?: unknown,
  ): Promise<Answer<Body>> => {
    const given = body === undefined ? {} : { body: JSON.stringify(body) };
    const type = body === undefined ? {} : { 'content-type': 'application/json' };
    const headers = { ...type, ...(await headersOf(as)) };
    return readAnswer<Body>(await fetch(httpUrl + path, { method, headers, ...given }));
  };
  return {
    ...parts,
    mqttUrl: credentials.mqttUrl,
    ask,
    headersOf,
    async openConsole(probe = {}) {
      return openProbe(httpUrl.replace('http', 'ws'), await headersOf('operator'), probe);
    },
    async metric(name, labels) {
      const line = labels === undefined ? `${name} ` : `${name}{${labels}} `;
      const { text } = await ask(null, 'GET', '/metrics');
      const found = text.split('\n').find((each) => each.startsWith(line));
      return found === undefined ? 0 : Number(found.slice(line.length));
    },
    kill: async () => void (await ended(child, 'SIGKILL')),
    pause: () => signal(child, 'SIGSTOP'),
    goOn: () => signal(child, 'SIGCONT'),
    interrupt: () => ended(child, 'SIGINT'),
    async remove() {
      await ended(child, 'SIGKILL');
      signal(child, 'SIGKILL');
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

/** Signs each person in once: passwords are slow to check, on purpose. */
function signer(httpUrl: string, credentials: Credentials) {
  const cookies = new Map<Person, Promise<string>>();
  const signIn = async (person: Person): Promise<string> => {
    const answer = await fetch(`${httpUrl}/v1/sessions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(credentials[person]),
    });
    if (!answer.ok) throw new Error(`${person} cannot sign in: ${answer.status}`);
    return answer.headers.get('set-cookie')!.split(';', 1)[0]!;
  };
  return async (as: Person | 'cjib' | null): Promise<Record<string, string>> => {
    if (as === null) return {};
    if (as === 'cjib') return { authorization: `Bearer ${credentials.cjib.token}` };
    if (!cookies.has(as)) cookies.set(as, signIn(as));
    return { cookie: await cookies.get(as)! };
  };
}

async function readAnswer<Body>(answer: Response): Promise<Answer<Body>> {
  const text = await answer.text();
  const json = answer.headers.get('content-type')?.includes('json') ?? false;
  const body = (json ? JSON.parse(text) : null) as Body;
  return { status: answer.status, headers: answer.headers, text, body };
}
