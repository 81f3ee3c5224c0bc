import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { toInstant } from '../../shared/instant.ts';
import type { Problem } from '../../shared/problem.ts';
import type { ConsoleProbe } from '../support/console-probe.ts';
import { type ServerProcess, startServer } from '../support/server-process.ts';
import { INSIDE, locationBan, orderOf, OUTSIDE, putOrder, register, ZONE } from './case-world.ts';
import { brokerOf, connectDevice, positionAt } from './device-client.ts';

let server: ServerProcess;
let desk: ConsoleProbe;

beforeAll(async () => {
  server = await startServer();
  desk = await server.openConsole();
});

afterAll(async () => {
  await desk?.close();
  await server?.remove();
});

const DAY_MS = 86_400_000;
const good = (other: object = {}): string => JSON.stringify(positionAt(1, OUTSIDE, other));
/** JSON has neither, but devices written in C send them. */
const withLat = (lat: string): string => good({ lat: 'HERE' }).replace('"HERE"', lat);

const MESSAGES: readonly [what: string, payload: () => string, reason: string][] = [
  ['malformed JSON', () => '{"seq":1,', 'malformed-json'],
  ['NaN', () => withLat('NaN'), 'malformed-json'],
  ['1e309', () => withLat('1e309'), 'invalid-position'],
  ['70 KB', () => good({ pad: 'x'.repeat(70_000) }), 'payload-too-large'],
  ['latitude 95', () => withLat('95'), 'invalid-position'],
  ['no time', () => good({ time: undefined }), 'invalid-position'],
  ['a negative accuracy', () => good({ accuracy: -1 }), 'field-ignored'],
  ['501 positions', () => `[${Array(501).fill('{}').join()}]`, 'too-many-positions'],
];

describe('a bad message is counted once, and the next one is evaluated', () => {
  test.each(MESSAGES.map((row, index) => [...row, index] as const))(
    '[IN1] %s',
    async (_, payload, reason, index) => {
      const name = `bad-${index}`;
      await register(server, `ankle-${name}`, `w-${name}`);
      await putOrder(server, `o-${name}`, orderOf(`w-${name}`, [locationBan]));
      const device = await connectDevice(brokerOf(server), `ankle-${name}`);
      const label = `reason="${reason}"`;
      const before = await server.metric('cordon_rejections_total', label);
      await device.publish('position', payload());
      await device.deliver('position', positionAt(2, INSIDE));
      expect(await server.metric('cordon_rejections_total', label)).toBe(before + 1);
      const breach = await desk.alert('a breach', ({ wearerId }) => wearerId === `w-${name}`);
      expect(breach).toMatchObject({ stage: 'breach', certainty: 'certain' });
      await device.close();
    },
  );

  test('[IN1] a device that nobody has registered yet', async () => {
    const label = 'reason="unknown-device"';
    const before = await server.metric('cordon_rejections_total', label);
    const device = await connectDevice(brokerOf(server), 'ankle-new');
    await device.publish('position', positionAt(1, OUTSIDE));
    expect(await server.metric('cordon_rejections_total', label)).toBe(before + 1);
    await register(server, 'ankle-new', 'w-new');
    await putOrder(server, 'o-new', orderOf('w-new', [locationBan]));
    await device.deliver('position', positionAt(2, INSIDE));
    await desk.alert('a breach', ({ wearerId, kind }) => {
      return wearerId === 'w-new' && kind === 'location';
    });
    expect(device.acked).toEqual(new Set([2]));
    await device.close();
  });
});

describe('a clock that is wrong by a day', () => {
  test.each([
    ['ahead', DAY_MS],
    ['behind', -DAY_MS],
  ])('[PL1] %s is told, and hides nobody', async (name, offsetMs) => {
    await register(server, `ankle-${name}`, `w-${name}`);
    await putOrder(server, `o-${name}`, orderOf(`w-${name}`, [locationBan]));
    const device = await connectDevice(brokerOf(server), `ankle-${name}`);
    const wrong = (seq: number, place: typeof INSIDE): object =>
      positionAt(seq, place, { time: toInstant(Date.now() + offsetMs) });
    await device.deliver('position', positionAt(1, OUTSIDE));
    await device.deliver('position', wrong(2, OUTSIDE) as { seq: number });
    await desk.alert('the clock told', ({ code, deviceId, basis }) => {
      return code === 'implausible' && deviceId === `ankle-${name}` && basis.reason === 'clock-off';
    });
    await device.deliver('position', wrong(3, INSIDE) as { seq: number });
    await desk.alert('a breach', ({ wearerId, kind, stage }) => {
      return wearerId === `w-${name}` && kind === 'location' && stage === 'breach';
    });
    await device.close();
  });
});

const ring = (...coordinates: number[][]) => ({ type: 'Polygon', coordinates: [coordinates] });
const zoned = (zone: object) => orderOf('w-1', [{ ...locationBan, zone }]);

const ORDERS: readonly [what: string, order: object, pointer: string][] = [
  [
    'a bow-tie',
    zoned(ring([5.1, 52], [5.2, 52.1], [5.2, 52], [5.1, 52.1], [5.1, 52])),
    '/bans/0/zone',
  ],
  ['no area', zoned(ring([5.1, 52], [5.2, 52], [5.1, 52], [5.1, 52])), '/bans/0/zone'],
  [
    'longitude and latitude swapped',
    zoned(ring([52, 5.1], [52, 5.2], [52.1, 5.2], [52, 5.1])),
    '/bans/0/zone',
  ],
  [
    'an end before its start',
    orderOf('w-1', [{ ...locationBan, zone: ZONE }], { validUntil: '2026-01-01T00:00:00Z' }),
    '/validUntil',
  ],
];

describe('a bad order is refused with where it is wrong, and nothing of it is kept', () => {
  test.each(ORDERS)('[OR1] %s', async (_, order, pointer) => {
    const path = '/v1/orders/o-bad';
    const { status, headers, body } = await server.ask<Problem>('cjib', 'PUT', path, order);
    expect(status).toBe(400);
    expect(headers.get('content-type')).toContain('application/problem+json');
    expect(body.errors?.some((each) => each.pointer.startsWith(pointer))).toBe(true);
    expect((await server.ask('cjib', 'GET', path)).status).toBe(404);
  });
});
