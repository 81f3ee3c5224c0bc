import type { Alert } from '../../shared/alert.ts';
import { toInstant } from '../../shared/instant.ts';
import { registerPair, spot } from '../../test/e2e/case-world.ts';
import {
  brokerOf,
  connectDevice,
  type DeviceClient,
  positionAt,
} from '../../test/e2e/device-client.ts';
import type { ConsoleProbe } from '../../test/support/console-probe.ts';
import { startServer } from '../../test/support/server-process.ts';
import { type Fault, outcomeOf, pause } from './fault.ts';

const DAY_MS = 86_400_000;
const TRACK = 10_000;
const INTERVAL_MS = 5_000;
/** Together under the 64 KiB of a message. */
const AT_ONCE = 250;
/** A burst of late messages is judged when it is over. (SPEC PA2) */
const JUDGED_AFTER_MS = 7_000;

const HER_HOME = spot(5_000, 5_000);
/** Far enough to raise nothing, near enough to be no jump for who comes a day later. */
const AWAY = spot(12_000, 5_000);
const AT_HERS = spot(5_100, 5_000);

export const replayedTrack: Fault = {
  number: 21,
  name: 'yesterday’s track sent again',
  fault: `a device’s messages of yesterday, at the victim’s home, are sent again: ${TRACK.toLocaleString('en')} as they were, then as many under new numbers`,
  expected: 'none counts as live: no breach is told; told as implausible',
  perStore: false,
  async run() {
    const server = await startServer();
    try {
      await registerPair(server, 'again');
      const desk = await server.openConsole();
      const phone = await connectDevice(brokerOf(server), 'phone-again');
      const ankle = await connectDevice(brokerOf(server), 'ankle-again');
      await sendTrack(ankle, 1);
      await phone.deliver('position', positionAt(1, HER_HOME));
      await ankle.deliver('position', positionAt(TRACK + 1, AWAY));
      await ankle.deliver('position', positionAt(TRACK + 2, AWAY));
      await pause(JUDGED_AFTER_MS);
      const before = desk.changes().length;
      await sendTrack(ankle, 1);
      await pause(JUDGED_AFTER_MS);
      const asTheyWere = told(desk, before);
      const middle = desk.changes().length;
      await sendTrack(ankle, 2 * TRACK);
      await pause(JUDGED_AFTER_MS);
      const renumbered = told(desk, middle);
      await Promise.all([phone.close(), ankle.close(), desk.close()]);
      return outcomeOf(
        [
          { what: 'as they were: no breach', holds: asTheyWere.breaches === 0 },
          { what: 'under new numbers: no breach', holds: renumbered.breaches === 0 },
          { what: 'under new numbers: told as implausible', holds: renumbered.implausible },
        ],
        [
          `as they were: ${asTheyWere.breaches} breaches told, ${asTheyWere.implausible ? '' : 'not '}told as implausible`,
          `under new numbers: ${renumbered.breaches} breaches told, ${renumbered.implausible ? '' : 'not '}told as implausible`,
        ],
        ['messages are not signed yet: who has the device’s account can number them anew'],
      );
    } finally {
      await server.remove();
    }
  },
};

/** A day old, all at her home. */
async function sendTrack(device: DeviceClient, firstSeq: number): Promise<void> {
  const startMs = Date.now() - DAY_MS - TRACK * INTERVAL_MS;
  const from = sentFromMs.get(device) ?? startMs;
  sentFromMs.set(device, from);
  for (let first = 0; first < TRACK; first += AT_ONCE) {
    const batch = Array.from({ length: AT_ONCE }, (_, i) => {
      const time = toInstant(from + (first + i) * INTERVAL_MS);
      return { ...positionAt(firstSeq + first + i, AT_HERS), time };
    });
    await device.publish('position', batch);
    await device.ackOf(firstSeq + first + AT_ONCE - 1);
  }
}

/** The same track has the same times whenever it is sent. */
const sentFromMs = new WeakMap<DeviceClient, number>();

function told(desk: ConsoleProbe, from: number): { breaches: number; implausible: boolean } {
  const since: Alert[] = desk.changes().slice(from);
  const isBreach = ({ stage, retrospective }: Alert): boolean =>
    stage === 'breach' && !retrospective;
  return {
    breaches: new Set(since.filter(isBreach).map(({ alertId }) => alertId)).size,
    implausible: since.some(({ code }) => code === 'implausible'),
  };
}
