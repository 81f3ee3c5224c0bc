import { type Fault, millis, outcomeOf } from './fault.ts';
import { FLOOD_DEVICES, measureFlood } from './flood.ts';
import { measureSlowConsole } from './slow-console.ts';

const OTHERS_MS_MAX = 2_000;
const BUFFERED_BYTES_MAX = 2 ** 20;
/** Ten seconds without progress, after the network's own buffers are full. */
const DROPPED_S_MAX = 30;
const CONTACT_MS_MAX = 2_000;

export const slowConsole: Fault = {
  number: 34,
  name: 'slow console',
  fault: 'one console reads 1 KB/s during 400 changes of alerts a second',
  expected: `other consoles get alerts within ${millis(OTHERS_MS_MAX)} (p99); at most ${BUFFERED_BYTES_MAX / 1024} KB kept for the slow one; dropped within ${DROPPED_S_MAX} s`,
  perStore: false,
  async run({ patience }) {
    const { othersP99Ms, droppedAfterS, bufferedBytesMax } = await measureSlowConsole();
    return outcomeOf(
      [
        { what: 'others in time', holds: othersP99Ms <= OTHERS_MS_MAX * patience },
        { what: 'little kept', holds: bufferedBytesMax <= BUFFERED_BYTES_MAX },
        { what: 'dropped in time', holds: droppedAfterS <= DROPPED_S_MAX * patience },
      ],
      [
        `others p99 ${millis(othersP99Ms)}`,
        `dropped after ${droppedAfterS.toFixed(1)} s`,
        `at most ${Math.round(bufferedBytesMax / 1024)} KB kept`,
      ],
    );
  },
};

export const flood: Fault = {
  number: 37,
  name: 'flood of alerts',
  fault: `${FLOOD_DEVICES.toLocaleString('en')} low batteries, and behind them one contact`,
  expected: `the contact on top of the console’s page within ${millis(CONTACT_MS_MAX)}`,
  perStore: false,
  async run({ patience }) {
    const { frameMs, pageMs, alerts, ahead } = await measureFlood({ page: true });
    return outcomeOf(
      [
        { what: 'on top in time', holds: (pageMs ?? Infinity) <= CONTACT_MS_MAX * patience },
        { what: 'there was a flood', holds: alerts >= FLOOD_DEVICES },
      ],
      [
        `${alerts} alerts, ${ahead} of them ahead`,
        `frame after ${millis(frameMs)}`,
        `on the page after ${millis(pageMs ?? NaN)}`,
      ],
    );
  },
};
