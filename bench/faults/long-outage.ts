import {
  acknowledged,
  appended,
  dispatched,
  EMPTY_OUTBOX,
  nextDispatchMs,
  type Outbox,
  reconnected,
} from '../../device-sim/outbox.ts';
import { DeviceAck, type Position } from '../../shared/device-message.ts';
import { toInstant } from '../../shared/instant.ts';
import { topicOf } from '../../shared/topics.ts';
import { registerPair, spot } from '../../test/e2e/case-world.ts';
import {
  brokerOf,
  connectDevice,
  type DeviceClient,
  positionAt,
} from '../../test/e2e/device-client.ts';
import type { ConsoleProbe } from '../../test/support/console-probe.ts';
import { startServer } from '../../test/support/server-process.ts';
import { type Fault, millis, outcomeOf, seconds } from './fault.ts';

const OFFLINE_MS = 6 * 3_600_000;
const INTERVAL_MS = 10_000;
const FIXES = OFFLINE_MS / INTERVAL_MS;
const LIVE_MS_MAX = 5_000;
const BACKFILL_MS_MAX = 60_000;
const GIVE_UP_MS = 180_000;

const HER_HOME = spot(5_000, 5_000);
const AT_HERS = spot(5_100, 5_000);
const FAR_AWAY = spot(30_000, 5_000);

export const longOutage: Fault = {
  number: 20,
  name: 'device back after six hours without network',
  fault: `an ankle monitor with ${FIXES.toLocaleString('en')} fixes in its outbox connects; its wearer is at the victim's`,
  expected: `the breach on the console within ${seconds(LIVE_MS_MAX)} of the connection; all fixes acknowledged within ${seconds(BACKFILL_MS_MAX)}`,
  perStore: false,
  async run({ patience }) {
    const server = await startServer();
    try {
      await registerPair(server, 'away');
      const desk = await server.openConsole();
      const phone = await connectDevice(brokerOf(server), 'phone-away');
      await phone.deliver('position', positionAt(1, HER_HOME));
      const outbox = outboxOfSixHours(Date.now());
      const begunMs = performance.now();
      const device = await connectDevice(brokerOf(server), 'ankle-away');
      const live = breachAfter(desk, begunMs);
      const doneMs = await deliverAll(device, outbox, begunMs);
      const liveMs = await live;
      await Promise.all([device.close(), phone.close(), desk.close()]);
      return outcomeOf(
        [
          { what: 'live breach in time', holds: liveMs <= LIVE_MS_MAX * patience },
          { what: 'all acknowledged in time', holds: doneMs <= BACKFILL_MS_MAX * patience },
        ],
        [
          `breach on the console ${millis(liveMs)} after the device began to connect`,
          `${FIXES} fixes acknowledged after ${seconds(doneMs)}`,
        ],
        ['the device sends 4 messages of 200 fixes a second, as device-sim does'],
      );
    } finally {
      await server.remove();
    }
  },
};

/** All far away, but for the newest. */
function outboxOfSixHours(nowMs: number): Outbox {
  let outbox = EMPTY_OUTBOX;
  for (let seq = 1; seq <= FIXES; seq++) {
    const time = toInstant(nowMs - (FIXES - seq) * INTERVAL_MS);
    const at = seq === FIXES ? AT_HERS : FAR_AWAY;
    const body = { ...positionAt(seq, at), time } as Position;
    outbox = appended(outbox, { channel: 'position', body }, nowMs);
  }
  return reconnected(outbox, nowMs);
}

const breachAfter = (desk: ConsoleProbe, begunMs: number): Promise<number> =>
  desk
    .alert(
      'a breach',
      ({ stage, retrospective }) => stage === 'breach' && !retrospective,
      GIVE_UP_MS,
    )
    .then(
      () => performance.now() - begunMs,
      () => Infinity,
    );

/** Resolves with the time when nothing is left in the outbox. */
function deliverAll(device: DeviceClient, full: Outbox, begunMs: number): Promise<number> {
  let outbox = full;
  let timer: NodeJS.Timeout | undefined;
  return new Promise((resolve) => {
    const settle = (tookMs: number): void => {
      clearTimeout(timer);
      clearTimeout(giveUp);
      resolve(tookMs);
    };
    const giveUp = setTimeout(() => settle(Infinity), GIVE_UP_MS);
    const step = (): void => {
      const now = Date.now();
      const next = dispatched(outbox, now);
      outbox = next.outbox;
      for (const records of next.dispatches) {
        const bodies = records.map(({ body }) => body);
        const payload = JSON.stringify(bodies.length === 1 ? bodies[0] : bodies);
        device.mqtt.publish(topicOf('ankle-away', 'position'), payload, { qos: 1 }, () => {});
      }
      const dueMs = nextDispatchMs(outbox, now);
      if (dueMs < Infinity) timer = setTimeout(step, Math.max(1, dueMs - now));
    };
    device.mqtt.on('message', (_, payload) => {
      outbox = acknowledged(outbox, DeviceAck.parse(JSON.parse(String(payload))));
      if (outbox.records.length === 0) settle(performance.now() - begunMs);
    });
    step();
  });
}
