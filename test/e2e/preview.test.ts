import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Alert } from '../../shared/alert.ts';
import { OrderPreview } from '../../shared/order-preview.ts';
import type { ConsoleProbe } from '../support/console-probe.ts';
import { type Page, type ServerProcess, startServer } from '../support/server-process.ts';
import { registerPair, spot } from './case-world.ts';
import { brokerOf, connectDevice, type DeviceClient, positionAt } from './device-client.ts';

let server: ServerProcess;
let desk: ConsoleProbe;
let devices: DeviceClient[];

beforeAll(async () => {
  server = await startServer();
  desk = await server.openConsole();
  await registerPair(server, 'p');
  const broker = brokerOf(server);
  devices = [await connectDevice(broker, 'phone-p'), await connectDevice(broker, 'ankle-p')];
});

afterAll(async () => {
  await Promise.all([...(devices ?? []).map((device) => device.close()), desk?.close()]);
  await server?.remove();
});

test('[PV7] a real server forecasts from its disk what it has just raised', async () => {
  const [phone, ankle] = devices as [DeviceClient, DeviceClient];
  await phone.deliver('position', positionAt(1, spot(0, 0)));
  await ankle.deliver('position', positionAt(1, spot(130, 0)));
  await desk.alert('a contact breach', ({ kind, stage }) => {
    return kind === 'contact' && stage === 'breach';
  });
  await ankle.deliver('position', positionAt(2, spot(120, 0)));
  const { status, body } = await server.ask('approver', 'POST', '/v1/orders/o-p/previews', {});
  expect(status).toBe(201);
  const { forecast, forecastState, bans } = OrderPreview.parse(body);
  expect([forecastState, forecast!.positions]).toEqual(['done', 3]);
  const alerts = await server.ask<Page<Alert>>('operator', 'GET', '/v1/alerts?state=all');
  const live = alerts.body.items.filter(
    ({ orderId, banId }) => orderId === 'o-p' && banId === 'contact',
  );
  const weeks = forecast!.recordedDays / 7;
  expect(Math.round(forecast!.alertsPerWeek * weeks)).toBe(live.length);
  expect(live).toHaveLength(1);
  expect(bans).toEqual([{ banId: 'contact', areaM2: null, points: null, overlaps: [] }]);
});

test('[PV1] and the auditor finds the look', async () => {
  const { body } = await server.ask<Page<object>>('auditor', 'GET', '/v1/looks');
  expect(body.items).toContainEqual(expect.objectContaining({ what: 'preview', subject: 'o-p' }));
});
