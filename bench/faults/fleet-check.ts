import { fleetDeviceId } from '../../device-sim/load-fleet.ts';
import type { Setup } from '../../device-sim/scenario-setup.ts';
import type { TrackFeature } from '../../server/adapters/http-track.ts';
import { toInstant } from '../../shared/instant.ts';
import type { Page, ServerProcess } from '../../test/support/server-process.ts';
import type { Fleet } from './fleet.ts';

/** So many requests at once keep the server busy without queueing behind each other. */
const AT_ONCE = 8;

/** Does the same for each, a few at a time. */
export async function forEachOf<T>(all: readonly T[], work: (each: T) => Promise<void>) {
  const left = all.values();
  const worker = async (): Promise<void> => {
    for (const each of left) await work(each);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
}

/** Registers devices and puts orders, as an administrator and CJIB do. */
export async function enrol(server: ServerProcess, setup: Setup): Promise<void> {
  await forEachOf(setup.devices, async ({ deviceId, ...body }) => {
    await expectOk(server, 'administrator', `/v1/devices/${deviceId}`, body);
  });
  await forEachOf(setup.orders, async ({ orderId, ...body }) => {
    await expectOk(server, 'cjib', `/v1/orders/${orderId}`, body);
  });
}

async function expectOk(
  server: ServerProcess,
  as: 'administrator' | 'cjib',
  path: string,
  body: object,
): Promise<void> {
  const answer = await server.ask(as, 'PUT', path, body);
  if (answer.status > 299) throw new Error(`PUT ${path}: ${answer.status} ${answer.text}`);
}

/** Acknowledged so far, over all devices. */
export const ackedOf = (fleet: Fleet): number =>
  fleet.acked().reduce((sum, { size }) => sum + size, 0);

export interface Since {
  readonly atMs: number;
  /** Of each device, the first number that counts. */
  readonly seqs: readonly number[];
}

export const sinceNow = (fleet: Fleet): Since => ({ atMs: Date.now(), seqs: fleet.nextSeqs() });

export interface Comparison {
  readonly acked: number;
  /** Acknowledged, so deleted by the device, and not with the server: lost for ever. */
  readonly lost: number;
  /** Made, and neither with the server nor lost: still owed. */
  readonly missing: number;
}

/** Compares what devices were told with what the server gives, through its own API. */
export async function compare(
  server: ServerProcess,
  fleet: Fleet,
  setup: Setup,
  since: Since,
): Promise<Comparison> {
  const total = { acked: 0, lost: 0, missing: 0 };
  const ackedNow = fleet.acked();
  const madeNow = fleet.nextSeqs();
  const indexes = Array.from({ length: fleet.devices }, (_, index) => index);
  await forEachOf(indexes, async (index) => {
    const { personId, deviceId } = setup.devices[index]!;
    if (deviceId !== fleetDeviceId(index)) throw new Error(`${deviceId} is not device ${index}`);
    const kept = await keptOf(server, personId, since.atMs);
    for (let seq = since.seqs[index]!; seq < madeNow[index]!; seq++) {
      const isAcked = ackedNow[index]!.has(seq);
      if (isAcked) total.acked += 1;
      if (kept.has(seq)) continue;
      if (isAcked) total.lost += 1;
      else total.missing += 1;
    }
  });
  return total;
}

/** The devices' clock and the server's are one, but a fix is a moment older than its record. */
const MARGIN_MS = 1_000;

/** Numbers of all positions that the server has of a person since then. */
async function keptOf(
  server: ServerProcess,
  personId: string,
  fromMs: number,
): Promise<ReadonlySet<number>> {
  const kept = new Set<number>();
  const window = `from=${toInstant(fromMs - MARGIN_MS)}&to=${toInstant(Date.now() + MARGIN_MS)}`;
  const reason = 'reason=comparison+after+a+fault';
  let path: string | null = `/v1/persons/${personId}/positions?${window}&${reason}`;
  while (path !== null) {
    const answer: { status: number; text: string; body: Page<TrackFeature> } = await server.ask<
      Page<TrackFeature>
    >('operator', 'GET', path);
    if (answer.status !== 200) throw new Error(`${path}: ${answer.status} ${answer.text}`);
    for (const { properties } of answer.body.items) kept.add(properties.seq);
    path = answer.body.next;
  }
  return kept;
}
