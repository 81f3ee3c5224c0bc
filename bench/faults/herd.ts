import { connect } from 'mqtt';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { fleetDeviceId, fleetPayload } from '../../device-sim/load-fleet.ts';
import { hash32 } from '../../shared/prng.ts';
import { topicOf } from '../../shared/topics.ts';

/**
 * A process of its own, so that whoever measures is not slowed down by ten thousand connections.
 * Arguments: url, username, password, devices. All connect in the same turn of the loop; each
 * subscribes to its acknowledgements and delivers one position. Prints one line of JSON at the end.
 */
const [url, username, password, devicesText] = process.argv.slice(2) as [
  string,
  string,
  string,
  string,
];
const devices = Number(devicesText);
const BOOT = 'herd';
/** Whoever is refused or forgotten tries again after a pause that is another for each. */
const RETRY_MS_MIN = 1_000;
const RETRY_MS_SPREAD = 4_000;
/** Radios give up a connection that is not accepted by then. */
const CONNECT_MS_MAX = 30_000;
/** The position goes out again over the same connection. */
const RESEND_AFTER_MS = 20_000;
const KEEPALIVE_S = 60;
const GIVE_UP_MS = 180_000;

export interface HerdSummary {
  readonly served: number;
  /** Connections tried beyond the first of each device. */
  readonly retries: number;
  /** Since all began, of each device served. */
  readonly servedMs: readonly number[];
  /** The longest that this process itself stood still. */
  readonly ownDelayMs: number;
}

const delay = monitorEventLoopDelay();
delay.enable();
const begunMs = performance.now();
const servedMs: number[] = [];
let retries = 0;

function join(index: number, attempt: number): void {
  const deviceId = fleetDeviceId(index);
  const client = connect(url, {
    clientId: deviceId,
    username,
    password,
    clean: true,
    reconnectPeriod: 0,
    connectTimeout: CONNECT_MS_MAX,
    keepalive: KEEPALIVE_S,
  });
  let served = false;
  const payload = fleetPayload(index, 0, BOOT, Date.now());
  const deliver = (): void => {
    client.publish(topicOf(deviceId, 'position'), payload, { qos: 1 }, () => {});
  };
  const resend = setInterval(() => client.connected && deliver(), RESEND_AFTER_MS);
  client.on('error', () => {});
  client.on('connect', () => {
    client.subscribe(topicOf(deviceId, 'ack'), { qos: 1 }, (error) => error ?? deliver());
  });
  client.on('message', (_, body) => {
    if (served || !String(body).includes(BOOT)) return;
    served = true;
    clearInterval(resend);
    servedMs.push(performance.now() - begunMs);
    if (servedMs.length === devices) end();
  });
  client.once('close', () => {
    clearInterval(resend);
    client.end(true);
    if (served) return;
    retries += 1;
    const spread = hash32(`${index}/${attempt}`) / 2 ** 32;
    setTimeout(() => join(index, attempt + 1), RETRY_MS_MIN + spread * RETRY_MS_SPREAD);
  });
}

function end(): void {
  const ownDelayMs = delay.max / 1e6;
  const summary: HerdSummary = { served: servedMs.length, retries, servedMs, ownDelayMs };
  process.stdout.write(`${JSON.stringify(summary)}\n`, () => process.exit(0));
}

setTimeout(end, GIVE_UP_MS);
for (let index = 0; index < devices; index++) join(index, 0);
