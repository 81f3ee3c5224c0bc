import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { topicOf } from '../../shared/topics.ts';
import { contactBan, orderOf, putOrder, register, spot } from '../e2e/case-world.ts';
import { brokerOf, connectDevice, positionAt } from '../e2e/device-client.ts';
import type { ConsoleProbe } from './console-probe.ts';
import type { ServerProcess } from './server-process.ts';

const HOME = spot(5_000, 5_000);
const NEARBY = spot(5_050, 5_000);

/** Pairs of which both are known to the server, and she is at home. */
export async function registerPairs(server: ServerProcess, count: number): Promise<string[]> {
  const names = Array.from({ length: count }, (_, i) => `p${i}`);
  const phones = await connectDevice(brokerOf(server), 'phones');
  for (const name of names) {
    await register(server, `ankle-${name}`, `w-${name}`);
    await register(server, `phone-${name}`, `v-${name}`);
    await putOrder(server, `o-${name}`, orderOf(`w-${name}`, [contactBan(`v-${name}`)]));
    const body = JSON.stringify(positionAt(1, HOME));
    await phones.mqtt.publishAsync(topicOf(`phone-${name}`, 'position'), body, { qos: 1 });
  }
  await phones.close();
  return names;
}

export interface Flooder {
  /** How many of its messages had been acknowledged when it last said so. */
  acknowledged(): number;
  /** Resolves when it says so again. */
  next(): Promise<number>;
  stop(): Promise<void>;
}

/** A registered device that publishes as fast as it can, in a process of its own. */
export async function startFlooder(server: ServerProcess, deviceId: string): Promise<Flooder> {
  const { mqttUrl, username, password } = brokerOf(server);
  const script = fileURLToPath(new URL('./flooder.ts', import.meta.url));
  const args = ['--import', 'tsx', script, mqttUrl, username!, password!, deviceId];
  const child: ChildProcess = spawn(process.execPath, args, {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let acknowledged = 0;
  child.stdout!.setEncoding('utf8').on('data', (text: string) => {
    acknowledged = Number(text.trim().split('\n').at(-1));
  });
  return {
    acknowledged: () => acknowledged,
    async next() {
      await once(child.stdout!, 'data');
      return acknowledged;
    },
    async stop() {
      const ended = once(child, 'exit');
      child.kill('SIGKILL');
      await ended;
    },
  };
}

/** Brings each pair together, and gives the milliseconds until a console heard of it, sorted. */
export async function timesToConsole(
  server: ServerProcess,
  desk: ConsoleProbe,
  names: readonly string[],
): Promise<number[]> {
  const ankles = await connectDevice(brokerOf(server), 'ankles');
  const times: number[] = [];
  for (const name of names) {
    const begun = performance.now();
    const body = JSON.stringify(positionAt(1, NEARBY));
    const sent = ankles.mqtt.publishAsync(topicOf(`ankle-${name}`, 'position'), body, { qos: 1 });
    await desk.alert('a breach', ({ wearerId, kind }) => {
      return wearerId === `w-${name}` && kind === 'contact';
    });
    times.push(performance.now() - begun);
    await sent;
  }
  await ankles.close();
  return times.toSorted((a, b) => a - b);
}
