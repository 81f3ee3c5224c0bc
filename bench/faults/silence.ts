import type { AlertRecord } from '../../server/core/alert-record.ts';
import { prng } from '../../shared/prng.ts';
import { brokerOf, connectDevice, positionAt } from '../../test/e2e/device-client.ts';
import { registerPair, spot } from '../../test/e2e/case-world.ts';
import { deviceOf, Given, given, orderOf, T0 } from '../../test/support/given.ts';
import { type ServerProcess, startServer } from '../../test/support/server-process.ts';
import { type Fault, outcomeOf, seconds } from './fault.ts';

/** SPEC DV2. */
const SILENT_AFTER_S = 90;
const TOLERANCE_S = 5;
const PAIRS = 1_000;
const INTERVALS_S = [5, 10, 15, 20, 30] as const;
const LAST_HEARD_S_MIN = 60;
const LAST_HEARD_S_SPREAD = 120;
const SEED_OFFSET = 23;
/** The same rule with another figure, for who can't wait: the least that DV2 leaves as it is. */
const QUICK_SILENT_S = 25;
const HEARD_UNTIL_S = 60;
const GIVE_UP_MS = 30_000;

export const silentDevices: Fault = {
  number: 23,
  name: 'wearer’s device silent',
  fault: `${PAIRS.toLocaleString('en')} ankle monitors that report every 5 to 30 s fall silent, each at a moment of its own (virtual time); and one on a real process`,
  expected: `each told as silent after ${SILENT_AFTER_S} s ± ${TOLERANCE_S} s`,
  perStore: false,
  async run(context) {
    const waitsS = silencesOf(context.seed + SEED_OFFSET);
    const real = await silentOnProcess(context.quick, 'ankle');
    const [least, most] = [Math.min(...waitsS), Math.max(...waitsS)];
    const inTime = waitsS.filter((s) => Math.abs(s - SILENT_AFTER_S) <= TOLERANCE_S).length;
    return outcomeOf(
      [
        { what: 'each told', holds: waitsS.length === PAIRS },
        { what: 'each told in time', holds: inTime === PAIRS },
        { what: 'in time on a real process', holds: isInTime(real, context.patience) },
      ],
      [
        `${inTime} of ${PAIRS} in time: ${least.toFixed(1)} to ${most.toFixed(1)} s`,
        `real process: ${seconds(real.tookMs)} (set to ${real.afterS} s)`,
      ],
    );
  },
};

export const silentVictim: Fault = {
  number: 24,
  name: 'victim’s device silent',
  fault: 'the victim’s phone falls silent while the wearer is 3 km away',
  expected: `told as silent after ${SILENT_AFTER_S} s ± ${TOLERANCE_S} s, with her name; later that a contact cannot be ruled out`,
  perStore: false,
  async run({ quick, patience }) {
    const world = given();
    for (let s = 0; s <= 600; s += 5) {
      if (s <= HEARD_UNTIL_S) world.fix('phone', s);
      world.fix('ankle', s, { eastM: 3_000 });
    }
    const silent = world.told.find(({ record }) => record.code === 'silent');
    const contact = world.told.find(({ record }) => record.kind === 'contact');
    const real = await silentOnProcess(quick, 'phone');
    const silentS = sinceStartS(silent?.atMs) - HEARD_UNTIL_S;
    return outcomeOf(
      [
        { what: 'told in time', holds: Math.abs(silentS - SILENT_AFTER_S) <= TOLERANCE_S },
        { what: 'names her', holds: silent?.record.victimId === 'v-1' },
        { what: 'contact not ruled out', holds: contact?.record.certainty === 'possible' },
        { what: 'in time on a real process', holds: isInTime(real, patience) },
      ],
      [
        `told after ${silentS.toFixed(1)} s`,
        `contact not ruled out ${(sinceStartS(contact?.atMs) - HEARD_UNTIL_S).toFixed(0)} s after her last fix`,
        `real process: ${seconds(real.tookMs)} (set to ${real.afterS} s)`,
      ],
      ['that she herself is told is the victim app’s, which is not there yet'],
    );
  },
};

const sinceStartS = (atMs = Infinity): number => (atMs - T0) / 1000;

/** How long each stayed unnoticed after its last message. */
function silencesOf(seed: number): number[] {
  const random = prng(seed);
  const world = new Given();
  const lastS = new Map<string, number>();
  const messages: { s: number; deviceId: string }[] = [];
  for (let pair = 0; pair < PAIRS; pair++) {
    const deviceId = `ankle-${pair}`;
    world.device(deviceOf(deviceId, 'ankle-monitor', `w-${pair}`));
    const ban = { banId: 'b', kind: 'contact-ban', victimId: `v-${pair}`, distanceM: 500 };
    world.order(orderOf([ban], { orderId: `o-${pair}`, wearerId: `w-${pair}` }));
    const everyS = INTERVALS_S[random.below(INTERVALS_S.length)]!;
    const untilS = LAST_HEARD_S_MIN + random.next() * LAST_HEARD_S_SPREAD;
    for (let s = random.next() * everyS; s <= untilS; s += everyS) {
      messages.push({ s, deviceId });
      lastS.set(deviceId, s);
    }
  }
  for (const { s, deviceId } of messages.toSorted((a, b) => a.s - b.s)) world.fix(deviceId, s);
  const endS = LAST_HEARD_S_MIN + LAST_HEARD_S_SPREAD + 3 * SILENT_AFTER_S;
  world.at(endS);
  const raised = world.told.filter(isRaisedSilent);
  return raised.map(({ atMs, record }) => sinceStartS(atMs) - lastS.get(record.deviceId!)!);
}

const isRaisedSilent = ({ change, record }: { change: string; record: AlertRecord }): boolean =>
  change === 'raised' && record.code === 'silent';

interface RealSilence {
  readonly afterS: number;
  readonly tookMs: number;
}

const isInTime = ({ afterS, tookMs }: RealSilence, patience: number): boolean =>
  Math.abs(tookMs / 1000 - afterS) <= TOLERANCE_S * patience;

/** A pair reports, then one of both says nothing any more. */
async function silentOnProcess(quick: boolean, who: 'ankle' | 'phone'): Promise<RealSilence> {
  const afterS = quick ? QUICK_SILENT_S : SILENT_AFTER_S;
  const server = await startServer({ env: { CORDON_SILENT_AFTER_S: String(afterS) } });
  try {
    return { afterS, tookMs: await silenceOf(server, who, afterS) };
  } finally {
    await server.remove();
  }
}

async function silenceOf(
  server: ServerProcess,
  who: 'ankle' | 'phone',
  afterS: number,
): Promise<number> {
  await registerPair(server, 's');
  const desk = await server.openConsole();
  const device = await connectDevice(brokerOf(server), `${who}-s`);
  // Two, so that the interval of reports is known to be short.
  await device.deliver('position', positionAt(1, spot(5_000, 5_000)));
  await device.deliver('position', positionAt(2, spot(5_000, 5_000)));
  const heardMs = performance.now();
  const isSilent = (alert: { code: string; deviceId: string | null }): boolean =>
    alert.code === 'silent' && alert.deviceId === `${who}-s`;
  const tookMs = await desk.alert('silence', isSilent, afterS * 1000 + GIVE_UP_MS).then(
    () => performance.now() - heardMs,
    () => Infinity,
  );
  await Promise.all([device.close(), desk.close()]);
  return tookMs;
}
