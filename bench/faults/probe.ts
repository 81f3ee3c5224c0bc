import {
  positionAt,
  brokerOf,
  connectDevice,
  type DeviceClient,
} from '../../test/e2e/device-client.ts';
import { registerPair, spot } from '../../test/e2e/case-world.ts';
import type { ConsoleProbe } from '../../test/support/console-probe.ts';
import type { ServerProcess } from '../../test/support/server-process.ts';
import { forEachOf } from './fleet-check.ts';

/** Pairs that stay apart until the moment at which it is measured how long a breach takes. */
export interface Probe {
  /** Brings the next pair together; resolves with the time until the console had the breach. */
  breach(desk: ConsoleProbe, withinMs: number): Promise<number>;
  /** All breaches so far and the time of each; Infinity for one that never came. */
  readonly times: readonly number[];
  /** Makes a breach every so often until `stop`, waiting for none. */
  start(desk: ConsoleProbe, everyMs: number, withinMs: number): void;
  /** Resolves when the last breach came or was given up. */
  stop(): Promise<void>;
  close(): Promise<void>;
}

/** Far from each other, so that no pair is another one's business. */
const APART_M = 5_000;
const NEAR_M = 20;

const homeOf = (pair: number) => spot(20_000 + pair * APART_M, 40_000);
const nearbyOf = (pair: number) => spot(20_000 + pair * APART_M + NEAR_M, 40_000);

/** Registers the pairs; each victim has told where she is. */
export async function probeOf(
  server: ServerProcess,
  pairs: number,
  name = 'probe',
): Promise<Probe> {
  const numbers = Array.from({ length: pairs }, (_, pair) => pair);
  await forEachOf(numbers, (pair) => registerPair(server, `${name}-${pair}`));
  const sender: DeviceClient = await connectDevice(brokerOf(server), `${name}-sender`);
  for (const pair of numbers) {
    const payload = JSON.stringify(positionAt(1, homeOf(pair)));
    await sender.mqtt.publishAsync(`cordon/v1/phone-${name}-${pair}/position`, payload, { qos: 1 });
  }
  const times: number[] = [];
  const underWay = new Set<Promise<number>>();
  let timer: NodeJS.Timeout | undefined;
  let next = 0;

  const breach: Probe['breach'] = async (desk, withinMs) => {
    const pair = next++;
    if (pair >= pairs) throw new Error(`only ${pairs} pairs were registered`);
    const begunMs = performance.now();
    const payload = JSON.stringify(positionAt(1, nearbyOf(pair)));
    const topic = `cordon/v1/ankle-${name}-${pair}/position`;
    sender.mqtt.publish(topic, payload, { qos: 1 }, () => {});
    const wearerId = `w-${name}-${pair}`;
    const took = await desk
      .alert(
        `a breach of ${wearerId}`,
        (each) => each.wearerId === wearerId && each.stage === 'breach',
        withinMs,
      )
      .then(
        () => performance.now() - begunMs,
        () => Infinity,
      );
    times.push(took);
    return took;
  };
  return {
    breach,
    times,
    start(desk, everyMs, withinMs) {
      timer = setInterval(() => {
        if (next >= pairs) return;
        const one = breach(desk, withinMs);
        underWay.add(one);
        void one.finally(() => underWay.delete(one));
      }, everyMs);
    },
    async stop() {
      clearInterval(timer);
      await Promise.all(underWay);
    },
    close: () => sender.close(),
  };
}
