import { spawn, execFile, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { z } from 'zod';
import { writeDurably } from './adapters/durable-file.ts';
import { ConfigError, readConfig, type Config } from './config.ts';
import { DemoClient, newDemoClient, registerDemoClient } from './demo-client.ts';
import { startCordon, type NewAccount, type Running } from './start.ts';

/**
 * `npm run demo`: server, broker and store in this process, demo orders through the real API, and
 * the simulator beside it over real MQTT. `--empty` gives the same server with nothing in it.
 */
const DEMO_DATA_DIR = join('data', 'demo');
const SIMULATOR = fileURLToPath(new URL('../device-sim/main.ts', import.meta.url));
const CREDENTIALS_FILE = 'demo-credentials.json';
const PEOPLE = ['operator', 'approver', 'administrator', 'auditor'] as const;

const SignIn = z.object({ username: z.string(), password: z.string() });
type SignIn = z.infer<typeof SignIn>;

const secret = (): string => randomBytes(12).toString('base64url');
const newAccount = (username: string): SignIn => ({ username, password: secret() });
const Credentials = z.object({
  httpUrl: z.string(),
  mqttUrl: z.string(),
  operator: SignIn,
  approver: SignIn,
  /** Who draws a zone cannot approve it. Older folders have none. */
  secondApprover: SignIn.prefault(() => newAccount('approver-2')),
  administrator: SignIn,
  auditor: SignIn,
  cjib: z.object({ token: z.string() }),
  /** Older folders have none. */
  cjibClient: DemoClient.prefault(newDemoClient),
  broker: SignIn,
});
type Credentials = z.infer<typeof Credentials>;

/**
 * Those of the last run in this data folder if there are any, so that a restart locks nobody out.
 */
async function credentialsIn(dataDir: string): Promise<Credentials> {
  try {
    return Credentials.parse(JSON.parse(await readFile(join(dataDir, CREDENTIALS_FILE), 'utf8')));
  } catch {
    return {
      httpUrl: '',
      mqttUrl: '',
      operator: newAccount('operator'),
      approver: newAccount('approver'),
      secondApprover: newAccount('approver-2'),
      administrator: newAccount('administrator'),
      auditor: newAccount('auditor'),
      cjib: { token: randomBytes(24).toString('base64url') },
      cjibClient: newDemoClient(),
      broker: newAccount('broker'),
    };
  }
}

const accountsOf = (credentials: Credentials): NewAccount[] => [
  ...PEOPLE.map((role) => ({
    username: credentials[role].username,
    role,
    secret: credentials[role].password,
  })),
  {
    username: credentials.secondApprover.username,
    role: 'approver',
    secret: credentials.secondApprover.password,
  },
  { username: 'cjib', role: 'cjib', secret: credentials.cjib.token },
];

/** The demo's own defaults; whatever the environment says goes before them. */
function demoConfig(empty: boolean, credentials: Credentials): Config {
  return readConfig({
    CORDON_DATA_DIR: DEMO_DATA_DIR,
    CORDON_LOG_LEVEL: 'warn',
    ...(empty ? { CORDON_APPROVAL: 'not-required' } : { CORDON_SILENT_AFTER_S: '30' }),
    ...process.env,
    CORDON_MQTT_USERNAME: credentials.broker.username,
    CORDON_MQTT_PASSWORD: credentials.broker.password,
  });
}

async function main(): Promise<void> {
  const empty = process.argv.includes('--empty');
  const dataDir = process.env.CORDON_DATA_DIR ?? DEMO_DATA_DIR;
  // A demo of yesterday would fill today's screen; a folder that somebody chose is left alone.
  if (process.env.CORDON_DATA_DIR === undefined)
    await rm(dataDir, { recursive: true, force: true });
  await mkdir(dataDir, { recursive: true });
  const known = await credentialsIn(dataDir);
  const config = demoConfig(empty, known);
  const running = await startCordon(config, async (store) => {
    await registerDemoClient(store, known.cjibClient);
    return accountsOf(known);
  });
  const { httpUrl, mqttUrl } = running;
  const cjibClient = { ...known.cjibClient, tokenUrl: running.tokenUrl };
  const credentials = { ...known, httpUrl, mqttUrl, cjibClient };
  const path = join(dataDir, CREDENTIALS_FILE);
  // Lost in a power cut, every device would be locked out by the next start's new secrets.
  writeDurably(path, `${JSON.stringify(credentials, null, 2)}\n`, 0o600);
  const simulator = empty ? null : await simulate(running, credentials);
  stopOnSignal(running, simulator);
  process.stdout.write(empty ? emptyText(credentials, path) : demoText(credentials, path, running));
}

const Setup = z.object({
  devices: z.array(z.looseObject({ deviceId: z.string() })),
  orders: z.array(
    z.looseObject({
      orderId: z.string(),
      wearerId: z.string(),
      bans: z.array(z.looseObject({ kind: z.string() })),
    }),
  ),
});

const PROPOSED_FOR = 'w-demo-6';
const LESS = { distanceM: 150, warningDistanceM: 300 };

/** Orders go in as CJIB sends them and as an approver approves them, then the devices start. */
async function simulate(running: Running, credentials: Credentials): Promise<ChildProcess> {
  const tsx = ['--import', 'tsx', SIMULATOR];
  const { stdout } = await promisify(execFile)(process.execPath, [
    ...tsx,
    'setup',
    '--scenario',
    'demo',
  ]);
  const setup = Setup.parse(JSON.parse(stdout));
  const administrator = await signIn(running.httpUrl, credentials.administrator);
  const approver = await signIn(running.httpUrl, credentials.approver);
  const cjib = { authorization: `Bearer ${credentials.cjib.token}` };
  for (const { deviceId, ...body } of setup.devices) {
    await call(running, 'PUT', `/v1/devices/${deviceId}`, body, { cookie: administrator });
  }
  // Of an earlier start in a folder that somebody chose: they stand, and are left as they are.
  const { items: known = [] } = await call(running, 'GET', '/v1/orders?limit=500', undefined, cjib);
  const isNew = ({ orderId }: { orderId: string }): boolean =>
    !known.some((order) => order.orderId === orderId);
  for (const { orderId, ...body } of setup.orders.filter(isNew)) {
    const stored = await call(running, 'PUT', `/v1/orders/${orderId}`, body, cjib);
    if (stored.status === 'awaiting-approval') {
      await call(running, 'POST', `/v1/orders/${orderId}/approvals`, {}, { cookie: approver });
    }
  }
  if (known.length === 0) await proposeLess(running, setup.orders, cjib);
  const { username, password } = credentials.broker;
  return spawn(process.execPath, [...tsx, 'run', '--scenario', 'demo', '--mqtt', running.mqttUrl], {
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { ...process.env, CORDON_MQTT_USERNAME: username, CORDON_MQTT_PASSWORD: password },
  });
}

/** Leaves something for the approver to decide: less distance, which somebody must agree to. */
async function proposeLess(
  running: Running,
  orders: z.infer<typeof Setup>['orders'],
  cjib: Record<string, string>,
): Promise<void> {
  const { orderId, ...body } = orders.find(({ wearerId }) => wearerId === PROPOSED_FOR)!;
  const path = `/v1/orders/${orderId}`;
  const { version } = await call(running, 'GET', path, undefined, cjib);
  const bans = body.bans.map((ban) => (ban.kind === 'contact-ban' ? { ...ban, ...LESS } : ban));
  const text = `De verboden afstand wordt teruggebracht tot ${LESS.distanceM} meter.`;
  const headers = { ...cjib, 'if-match': `"${version}"` };
  await call(running, 'PUT', path, { ...body, text, bans }, headers);
}

async function signIn(httpUrl: string, account: z.infer<typeof SignIn>): Promise<string> {
  const answer = await fetch(`${httpUrl}/v1/sessions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(account),
  });
  const cookie = answer.headers.get('set-cookie')?.split(';')[0];
  if (!answer.ok || !cookie) throw new Error(`demo sign-in failed: ${answer.status}`);
  return cookie;
}

/** What the demo looks at in an answer. */
interface Told {
  readonly status?: string;
  readonly version?: number;
  readonly items?: readonly { readonly orderId: string }[];
}

async function call(
  { httpUrl }: Running,
  method: string,
  path: string,
  body: unknown,
  headers: Record<string, string>,
): Promise<Told> {
  const answer = await fetch(httpUrl + path, {
    method,
    headers: body === undefined ? headers : { 'content-type': 'application/json', ...headers },
    body: body === undefined ? null : JSON.stringify(body),
  });
  if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
  return (await answer.json()) as Told;
}

function stopOnSignal(running: Running, simulator: ChildProcess | null): void {
  let stopping = false;
  const stop = (): void => {
    if (stopping) process.exit(1);
    stopping = true;
    simulator?.kill('SIGTERM');
    running.stop().then(
      () => process.exit(0),
      () => process.exit(1),
    );
  };
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
}

const emptyText = (credentials: Credentials, path: string): string => `
Cordon is up, with no orders and no devices.
  API and console  ${credentials.httpUrl}
  MQTT             ${credentials.mqttUrl}
  accounts         ${path}
`;

const demoText = (credentials: Credentials, path: string, running: Running): string => `
Cordon demo — stop with Ctrl-C

  Console   ${credentials.httpUrl}
  Sign in   ${credentials.operator.username} / ${credentials.operator.password}
  Approve   ${credentials.approver.username} / ${credentials.approver.password}   an order waits
  MQTT      ${credentials.mqttUrl}   over WebSocket ${running.mqttWsUrl ?? '-'}
  Accounts  ${path}

  What you will see in the first minute:
    w-demo-1  cycles towards v-demo-1: approach, then breach of a contact ban
    w-demo-2  walks into a zone he is banned from
    w-demo-3  falls silent
    v-demo-4  presses SOS
    w-demo-5  and v-demo-5: two recorded Dutch car trips that meet
    the others lead their normal lives, and raise nothing
`;

main().catch((error: unknown) => {
  const told = error instanceof ConfigError ? error.message : String(error);
  process.stderr.write(`${told}\n`);
  process.exit(1);
});
