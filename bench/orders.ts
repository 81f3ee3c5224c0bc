import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connectAsync } from 'mqtt';
import { openCordon } from '../server/orders-client/cordon.ts';
import { importOrders, orderFilesIn } from '../server/orders-client/import-orders.ts';
import { tallyOf } from '../server/orders-client/import-report.ts';
import { offsetBy } from '../shared/geodesy.ts';
import { toInstant } from '../shared/instant.ts';
import { topicOf } from '../shared/topics.ts';
import { TOKEN } from '../test/support/http-world.ts';
import { startPostgres } from '../test/support/postgres.ts';
import { newDatabase } from '../test/support/postgres-places.ts';
import { type Page, type ServerProcess, startServer } from '../test/support/server-process.ts';
import { writeOrders } from './order-world.ts';

/**
 * `npm run bench -- --only orders`: a country's orders through the import of `npm run orders`, over
 * HTTP, into a real server on each store; and how soon a new order guards somebody.
 */
export interface OrderFigures {
  readonly name: string;
  readonly seconds: number;
  readonly perSecond: number;
  readonly serialPerSecond: number;
  /** Of the server, all its threads: the same however busy the machine is. */
  readonly cpuMsPerOrder: number;
  /** The same folder again: nothing changes. */
  readonly againSeconds: number | null;
  /** From the answer to a new order until the console has the alert of the next position. */
  readonly guardedMedianMs: number | null;
  readonly guardedWorstMs: number | null;
  /** After kill -9 and a restart; all, or the run fails. */
  readonly durable: number | null;
}

const ORDERS = Number(process.env['BENCH_ORDERS'] ?? 10_000);
const WEARERS = Math.ceil(ORDERS * 0.3);
/** One after the other, before the rest comes in parallel. */
const SERIAL = 500;
const PARALLEL = 16;
const PROBES = 20;
const PAGE_LIMIT = 500;

type Place = Pick<ServerProcess, 'httpUrl'>;

async function importInto(
  { httpUrl }: Place,
  token: string,
  paths: readonly string[],
  parallel: number,
): Promise<number> {
  const connection = { url: httpUrl, identity: { type: 'token', token } as const, tls: {} };
  const cordon = openCordon(connection, { connectionsMax: parallel });
  const begunMs = performance.now();
  const wish = { parallel, crs: 'wgs84', signer: null, told: () => {} } as const;
  const { refused, unanswered } = tallyOf(await importOrders(cordon, paths, wish));
  cordon.close();
  if (refused + unanswered > 0) throw new Error(`${refused} refused, ${unanswered} not answered`);
  return (performance.now() - begunMs) / 1000;
}

type Rates = Pick<OrderFigures, 'seconds' | 'perSecond' | 'serialPerSecond' | 'cpuMsPerOrder'>;

async function cpuSecondsOf({ httpUrl }: Place): Promise<number> {
  const metrics = await (await fetch(`${httpUrl}/metrics`)).text();
  return Number(/^process_cpu_seconds_total (\S+)/m.exec(metrics)?.[1]);
}

async function ratesOf(server: Place, token: string, paths: readonly string[]): Promise<Rates> {
  const first = Math.min(SERIAL, Math.floor(paths.length / 2));
  const serialS = await importInto(server, token, paths.slice(0, first), 1);
  const cpuBeforeS = await cpuSecondsOf(server);
  const restS = await importInto(server, token, paths.slice(first), PARALLEL);
  const cpuS = (await cpuSecondsOf(server)) - cpuBeforeS;
  const rest = paths.length - first;
  const perSecond = rest / restS;
  // As if all had come in parallel: the serial ones are there for the comparison.
  return {
    seconds: paths.length / perSecond,
    perSecond,
    serialPerSecond: first / serialS,
    cpuMsPerOrder: (1000 * cpuS) / rest,
  };
}

async function bound(paths: readonly string[]): Promise<OrderFigures> {
  const child = spawn(process.execPath, ['--import', 'tsx', 'bench/answering-server.ts'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = (await once(child.stdout, 'data')) as [Buffer];
  const rates = await ratesOf({ httpUrl: line.toString().trim() }, TOKEN, paths);
  child.kill();
  const none = { againSeconds: null, guardedMedianMs: null, guardedWorstMs: null, durable: null };
  return { name: 'answered only: nothing kept, nothing evaluated', ...rates, ...none };
}

async function measured(
  name: string,
  env: Readonly<Record<string, string>>,
  paths: readonly string[],
): Promise<OrderFigures> {
  const server = await startServer({ env });
  const { token } = server.credentials.cjib;
  const rates = await ratesOf(server, token, paths);
  const guardedMs = await guardedWithin(server);
  const againSeconds = await importInto(server, token, paths, PARALLEL);
  await server.kill();
  const restarted = await startServer({ env, like: server, startWithinMs: 120_000 });
  const durable = await countOrders(restarted);
  await restarted.remove();
  if (durable !== paths.length + PROBES) throw new Error(`${name}: ${durable} orders are left`);
  return {
    name,
    ...rates,
    againSeconds,
    guardedMedianMs: guardedMs[Math.floor(guardedMs.length / 2)]!,
    guardedWorstMs: guardedMs.at(-1)!,
    durable,
  };
}

async function countOrders(server: ServerProcess): Promise<number> {
  let path: string | null = `/v1/orders?limit=${PAGE_LIMIT}`;
  let count = 0;
  while (path !== null) {
    const { body }: { body: Page<unknown> } = await server.ask<Page<unknown>>('cjib', 'GET', path);
    count += body.items.length;
    path = body.next;
  }
  return count;
}

/** Sorted. Pairs stand 50 m from each other; a moment after the order is answered he reports. */
async function guardedWithin(server: ServerProcess): Promise<number[]> {
  const desk = await server.openConsole();
  const { username, password } = server.credentials.broker;
  const mqtt = await connectAsync(server.mqttUrl, { username, password, clientId: 'bench' });
  const report = (deviceId: string, probe: number, eastM: number) => {
    const [lon, lat] = offsetBy(5.1 + probe / 100, 53.2, eastM, 0);
    const position = { seq: 1, time: toInstant(Date.now()), lon, lat, accuracy: 5 };
    return mqtt.publishAsync(topicOf(deviceId, 'position'), JSON.stringify(position), { qos: 1 });
  };
  const times: number[] = [];
  for (let probe = 0; probe < PROBES; probe++) {
    const [ankle, phone] = [`probe-ankle-${probe}`, `probe-phone-${probe}`];
    const [wearerId, victimId] = [`w-probe-${probe}`, `v-probe-${probe}`];
    const register = (deviceId: string, kind: string, personId: string) =>
      server.ask('administrator', 'PUT', `/v1/devices/${deviceId}`, { kind, personId });
    await register(ankle, 'ankle-monitor', wearerId);
    await register(phone, 'victim-device', victimId);
    await report(phone, probe, 0);
    const { status } = await server.ask('cjib', 'PUT', `/v1/orders/probe-${probe}`, {
      reference: 'PROBE',
      legalBasis: 'special-condition',
      wearerId,
      validFrom: toInstant(Date.now() - 86_400_000),
      validUntil: toInstant(Date.now() + 86_400_000),
      bans: [{ banId: 'b', kind: 'contact-ban', victimId, distanceM: 500 }],
    });
    if (status !== 201) throw new Error(`a probe's order was answered ${status}`);
    const answeredMs = performance.now();
    await report(ankle, probe, 50);
    await desk.alert('the alert of a probe', (alert) => {
      return alert.wearerId === wearerId && alert.code === 'contact-ban';
    });
    times.push(performance.now() - answeredMs);
  }
  await Promise.all([mqtt.endAsync(true), desk.close()]);
  return times.toSorted((a, b) => a - b);
}

export async function benchOrders(): Promise<readonly OrderFigures[]> {
  const folder = mkdtempSync(join(tmpdir(), 'cordon-bench-'));
  writeOrders(folder, ORDERS, WEARERS, Date.now());
  const paths = orderFilesIn(folder);
  const postgres = await startPostgres();
  const figures = [
    await bound(paths),
    await measured('SQLite', {}, paths),
    await measured('PostgreSQL', { CORDON_DATABASE_URL: await newDatabase(postgres) }, paths),
  ];
  await postgres.stop();
  rmSync(folder, { recursive: true, force: true });
  return figures;
}

const whole = (value: number): string => Math.round(value).toLocaleString('en');
const orNone = (value: number | null, text: (value: number) => string): string =>
  value === null ? '–' : text(value);

const COLUMNS = [
  'store',
  's',
  'orders a second',
  'of the bound',
  'one at a time',
  'CPU ms an order',
  'again, s',
  'guarded, median ms',
  'worst ms',
  'left after kill -9',
];

export async function ordersText(): Promise<string> {
  const figures = await benchOrders();
  const free = figures[0]!.perSecond;
  const rows = figures.map((each) => {
    const cells = [
      each.name,
      each.seconds.toFixed(1),
      whole(each.perSecond),
      `${((100 * each.perSecond) / free).toFixed(0)} %`,
      whole(each.serialPerSecond),
      each.cpuMsPerOrder.toFixed(1),
      orNone(each.againSeconds, (s) => s.toFixed(1)),
      orNone(each.guardedMedianMs, (ms) => ms.toFixed(0)),
      orNone(each.guardedWorstMs, (ms) => ms.toFixed(0)),
      orNone(each.durable, whole),
    ];
    return `| ${cells.join(' | ')} |`;
  });
  return `## Import of ${whole(ORDERS)} court orders

Of ${whole(WEARERS)} wearers, by \`npm run orders -- import\`, ${PARALLEL} at once, into a real server, each
order on disk before it is answered; then one after the other, again without a change, and
kill -9. Guarded: from the answer to a new order until the console has the alert of his next
position. \`npm run bench -- --only orders\`.

| ${COLUMNS.join(' | ')} |
|${COLUMNS.map(() => '---|').join('')}
${rows.join('\n')}
`;
}
