import { afterAll, beforeAll, expect, test } from 'vitest';
import type { TrackFeature } from '../../server/adapters/http-track.ts';
import { Alert, type AlertEvent } from '../../shared/alert.ts';
import { topicOf } from '../../shared/topics.ts';
import type { ConsoleProbe } from '../support/console-probe.ts';
import { type Page, type ServerProcess, startServer } from '../support/server-process.ts';
import {
  INSIDE,
  locationBan,
  locationDuty,
  orderOf,
  OUTSIDE,
  putOrder,
  register,
  registerPair,
  spot,
} from './case-world.ts';
import {
  brokerOf,
  connectDevice,
  type DeviceClient,
  eventOf,
  mosquittoPub,
  positionAt,
} from './device-client.ts';

let server: ServerProcess;
let desk: ConsoleProbe;
let phone: DeviceClient;
let ankle: DeviceClient;

beforeAll(async () => {
  server = await startServer();
  desk = await server.openConsole();
  await registerPair(server, 'a');
  phone = await connectDevice(brokerOf(server), 'phone-a');
  ankle = await connectDevice(brokerOf(server), 'ankle-a');
});

afterAll(async () => {
  await Promise.all([phone?.close(), ankle?.close(), desk?.close()]);
  await server?.remove();
});

const HOME = spot(5_000, 5_000);
const NEARBY = spot(5_120, 5_000);
let breach: Alert;

test('a contact breach told by two kinds of MQTT client is on the console at once', async () => {
  await phone.deliver('position', positionAt(1, HOME));
  await mosquittoPub(brokerOf(server), topicOf('ankle-a', 'position'), positionAt(1, NEARBY));
  breach = await desk.alert('a contact breach', ({ kind, stage }) => {
    return kind === 'contact' && stage === 'breach';
  });
  expect(Alert.parse(breach)).toMatchObject({
    orderId: 'o-a',
    banId: 'contact',
    code: 'contact-ban',
    wearerId: 'w-a',
    victimId: 'v-a',
    certainty: 'certain',
    priority: 1,
    state: 'unacknowledged',
    retrospective: false,
    timeToBreachS: 0,
  });
  expect(breach.distanceM).toBeGreaterThan(110);
  expect(breach.distanceM).toBeLessThan(130);
  const fixes = breach.basis.fixes.map(({ deviceId, role, seq }) => [deviceId, role, seq]);
  expect(fixes).toEqual([
    ['ankle-a', 'wearer', 1],
    ['phone-a', 'victim', 1],
  ]);
});

test('[FX5] what the server acknowledges can be read back', async () => {
  await ankle.deliver('position', positionAt(2, NEARBY));
  const path = '/v1/persons/w-a/positions?reason=end-to-end+test';
  const { status, body } = await server.ask<Page<TrackFeature>>('operator', 'GET', path);
  expect(status).toBe(200);
  const seqs = body.items.map(({ properties }) => properties.seq);
  expect(seqs).toEqual([1, 2]);
});

test('[FX3] the same messages again change nothing', async () => {
  const last = positionAt(3, NEARBY);
  await ankle.deliver('position', last);
  const seq = desk.seq();
  for (let i = 0; i < 3; i++) await ankle.publish('position', last);
  await phone.publish('position', positionAt(1, HOME, { time: '2026-01-01T00:00:00Z' }));
  // Whatever they led to is told before the answer to a later request.
  await desk.request({ type: 'note', alertId: breach.alertId, text: 'a fence' });
  const since = desk.heard.filter((frame) => frame.type === 'alert' && frame.seq > seq);
  expect(since).toHaveLength(1);
});

test('[AC1] acts over the WebSocket and over HTTP are one and the same', async () => {
  const { alertId } = breach;
  const acknowledged = await desk.request({ type: 'acknowledge', alertId });
  expect(acknowledged).toMatchObject({ ok: true });
  await desk.alert('it acknowledged', (alert) => {
    return alert.alertId === alertId && alert.acknowledgedBy === 'operator';
  });
  const dispatch = { unit: '23.01' };
  const path = `/v1/alerts/${alertId}`;
  expect((await server.ask('operator', 'POST', `${path}/dispatches`, dispatch)).status).toBe(201);
  const shelve = { type: 'shelve', alertId, minutes: 5, reason: 'known' };
  expect(await desk.request(shelve)).toMatchObject({ ok: false });
  const closure = { finding: 'breach-confirmed' };
  expect((await server.ask('operator', 'POST', `${path}/closure`, closure)).status).toBe(201);
  await desk.alert('it closed', (alert) => alert.alertId === alertId && alert.state === 'closed');
  expect(await desk.request({ type: 'note', alertId, text: 'late' })).toMatchObject({
    ok: false,
    problem: { status: 409 },
  });
  const { body } = await server.ask<Page<AlertEvent>>('operator', 'GET', `${path}/events`);
  const acts = body.items.flatMap(({ act }) => (act ? [act.type] : []));
  expect(acts).toEqual(['note', 'acknowledge', 'dispatch', 'close']);
});

test('[WS1] a console that was away misses nothing and hears nothing twice', async () => {
  const before = await server.openConsole();
  const place = { epoch: before.epoch, seq: before.seq() };
  await before.close();
  await phone.deliver('event', eventOf(50, 'sos'));
  await ankle.deliver('event', eventOf(50, 'strap-tamper'));
  await desk.alert('the strap', ({ code }) => code === 'strap-tamper');
  const lastSeq = desk.seq();
  const after = await server.openConsole(place);
  await after.waitFor('what it missed', () => after.seq() >= lastSeq);
  const seqs = after.heard.flatMap((frame) => (frame.type === 'alert' ? [frame.seq] : []));
  expect(seqs).toEqual(Array.from({ length: seqs.length }, (_, i) => place.seq + 1 + i));
  expect(after.heard.some(({ type }) => type === 'snapshot')).toBe(false);
  expect(after.changes().map(({ code }) => code)).toEqual(
    expect.arrayContaining(['sos', 'strap-tamper']),
  );
  await after.close();
});

const EVENTS = [
  ['sos', 'phone-a', 'v-a'],
  ['strap-tamper', 'ankle-a', 'w-a'],
] as const;
test.each(EVENTS)('[DV1] %s of %s is of priority 1', async (code, deviceId, personId) => {
  const alert = await desk.alert(code, (each) => each.code === code);
  expect(alert).toMatchObject({ deviceId, kind: 'device', priority: 1, stage: null });
  expect([alert.wearerId, alert.victimId]).toContain(personId);
});

const ZONES = [
  ['location', locationBan, INSIDE, 'inside-zone'],
  ['duty', locationDuty, OUTSIDE, 'outside-zone'],
] as const;
test.each(ZONES)('a %s ban that is broken is a breach', async (kind, ban, place, reason) => {
  await register(server, `ankle-${kind}`, `w-${kind}`);
  await putOrder(server, `o-${kind}`, orderOf(`w-${kind}`, [ban]));
  const device = await connectDevice(brokerOf(server), `ankle-${kind}`);
  await device.deliver('position', positionAt(1, place));
  const alert = await desk.alert(`a ${kind} breach`, (each) => each.kind === kind);
  expect(alert).toMatchObject({
    stage: 'breach',
    certainty: 'certain',
    priority: 1,
    orderId: `o-${kind}`,
    wearerId: `w-${kind}`,
    victimId: null,
    basis: { reason },
  });
  await device.close();
});
