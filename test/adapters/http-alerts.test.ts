import { beforeEach, describe, expect, test } from 'vitest';
import { AlertEvent } from '../../shared/alert.ts';
import type { Device } from '../../shared/device.ts';
import { toInstant } from '../../shared/instant.ts';
import { type Look, START_MS } from '../support/fake-store.ts';
import { alertOf, positionRow } from '../support/sample.ts';
import { httpWorld, type HttpWorld } from '../support/http-world.ts';

let world: HttpWorld;
beforeEach(async () => {
  world = await httpWorld();
});

type Json = Record<string, unknown>;
type Page<T = Json> = { items: T[]; next: string | null };

const looks = (): Look[] => world.store.entries.filter((e): e is Look => e.type === 'look');
const idsOf = ({ items }: Page): unknown[] => items.map((item) => item['alertId']);
const minutes = (count: number): number => START_MS + count * 60_000;

async function got<T = Json>(url: string): Promise<Page<T>> {
  const answer = await world.ask('operator', 'GET', url);
  expect(answer.statusCode).toBe(200);
  return answer.json<Page<T>>();
}

/** All items, page by page. */
async function walked(url: string): Promise<unknown[]> {
  const found: unknown[] = [];
  for (let next: string | null = url; next !== null;) {
    const page: Page = await got(next);
    found.push(...idsOf(page));
    next = page.next;
  }
  return found;
}

describe('the list of alerts', () => {
  test('open ones: the most urgent first, then the newest, through all pages', async () => {
    const raised = (count: number) => ({ raisedAt: toInstant(minutes(count)) });
    world.desk.raise(alertOf('low-new', { priority: 3, ...raised(9) }));
    world.desk.raise(alertOf('urgent-old', raised(1)));
    world.desk.raise(alertOf('urgent-new', raised(2)));
    world.desk.raise(alertOf('urgent-new-too', raised(2)));
    world.desk.raise(alertOf('over', { state: 'closed' }));
    const order = ['urgent-new', 'urgent-new-too', 'urgent-old', 'low-new'];
    expect(await walked('/v1/alerts?state=open')).toEqual(order);
    expect(await walked('/v1/alerts?state=open&limit=1')).toEqual(order);
    expect(await walked('/v1/alerts?state=open&limit=2')).toEqual(order);
  });

  test('all: as the store keeps them, through all pages', async () => {
    const ids = ['a', 'b', 'c', 'd'];
    world.store.alertRows.push(...ids.map((id) => alertOf(id, { state: 'closed' })));
    for (const limit of [1, 2, 3, 4, 5]) {
      expect(await walked(`/v1/alerts?state=all&limit=${limit}`)).toEqual(ids);
    }
  });

  test.each(['state=closed', 'limit=0', 'limit=1000', 'limit=ten'])(
    '?%s is refused',
    async (query) => {
      expect((await world.ask('operator', 'GET', `/v1/alerts?${query}`)).statusCode).toBe(400);
    },
  );
});

describe('one alert', () => {
  test('is found open or closed, with its history', async () => {
    const closed = alertOf('a-2', { state: 'closed' });
    world.desk.raise(alertOf('a-1'));
    world.store.alertRows.push(closed);
    const event = { seq: 7, atMs: START_MS, change: 'closed', by: 'operator', act: null };
    world.store.eventRows.set('a-2', [{ ...event, change: 'closed', alert: closed }]);
    for (const id of ['a-1', 'a-2']) {
      expect((await world.ask('auditor', 'GET', `/v1/alerts/${id}`)).json()).toMatchObject({
        alertId: id,
      });
    }
    const { items } = await got('/v1/alerts/a-2/events');
    expect(AlertEvent.parse(items[0])).toMatchObject({
      seq: 7,
      at: toInstant(START_MS),
      by: 'operator',
    });
    expect((await got('/v1/alerts/a-1/events')).items).toEqual([]);
  });

  // prettier-ignore
  test.each([
    ['GET',  '/v1/alerts/none',                 undefined],
    ['GET',  '/v1/alerts/none/events',          undefined],
    ['GET',  '/v1/alerts/none/track',           undefined],
    ['POST', '/v1/alerts/none/acknowledgement', undefined],
    ['POST', '/v1/alerts/none/notes',           { text: 'x' }],
  ])('%s %s is unknown', async (method, url, body) => {
    const answer = await world.ask('operator', method, url, body);
    expect([answer.statusCode, answer.problem['code']]).toEqual([404, 'unknown-alert']);
  });
});

describe('acts', () => {
  // prettier-ignore
  test.each([
    ['acknowledgement', undefined,                                     { type: 'acknowledge' }],
    ['acknowledgement', {},                                            { type: 'acknowledge' }],
    ['acknowledgement', { text: 'mine' },                              { type: 'acknowledge', text: 'mine' }],
    ['notes',           { text: 'seen' },                              { type: 'note', text: 'seen' }],
    ['dispatches',      { unit: '11-01' },                             { type: 'dispatch', unit: '11-01' }],
    ['closure',         { finding: 'test', text: 'drill' },            { type: 'close', finding: 'test', text: 'drill' }],
    ['shelving',        { minutes: 10, reason: 'x', type: 'close' },   { type: 'shelve', minutes: 10, reason: 'x' }],
  ])('%s with %j', async (path, body, act) => {
    world.desk.raise(alertOf('a-1'));
    const answer = await world.ask('operator', 'POST', `/v1/alerts/a-1/${path}`, body);
    expect(answer.statusCode).toBe(201);
    expect(answer.json()).toMatchObject({ alertId: 'a-1', acknowledgedBy: 'operator' });
    expect(world.desk.acts).toEqual([{ alertId: 'a-1', act, by: 'operator' }]);
  });

  // prettier-ignore
  test.each([
    ['notes',      {},                               '/text'],
    ['notes',      { text: '  ' },                   '/text'],
    ['dispatches', { unit: '' },                     '/unit'],
    ['closure',    {},                               '/finding'],
    ['shelving',   { minutes: 61, reason: 'x' },     '/minutes'],
    ['shelving',   { minutes: 5 },                   '/reason'],
  ])('%s with %j is refused at %s', async (path, body, pointer) => {
    world.desk.raise(alertOf('a-1'));
    const answer = await world.ask('operator', 'POST', `/v1/alerts/a-1/${path}`, body);
    expect(answer.statusCode).toBe(400);
    expect(answer.problem['errors']).toMatchObject([{ pointer }]);
    expect(world.desk.acts).toEqual([]);
  });

  // prettier-ignore
  test.each([
    ['alert-closed',             409],
    ['priority-1-not-shelvable', 409],
    ['store-failing',            503],
  ] as const)('the refusal %s has status %i', async (refusal, status) => {
    world.desk.refuseNext = refusal;
    const answer = await world.ask('operator', 'POST', '/v1/alerts/a-1/notes', { text: 'x' });
    expect([answer.statusCode, answer.problem['code']]).toEqual([status, refusal]);
  });
});

const carried = (deviceId: string, personId: string, other: Json = {}): Device =>
  ({ deviceId, personId, kind: 'ankle-monitor', ...other }) as unknown as Device;
const seqsOf = ({ items }: Page<{ properties: { seq: number } }>): number[] =>
  items.map(({ properties }) => properties.seq);

describe('the track of an alert', () => {
  beforeEach(() => {
    world.desk.deviceList.push(carried('d-w', 'w-1'), carried('d-v', 'v-1'), carried('d-x', 'x-1'));
    world.clock.advance(60 * 60_000);
  });

  test('holds both parties from ten minutes before to ten minutes after, nobody else', async () => {
    world.desk.raise(alertOf('a-1', { state: 'cleared', clearedAt: toInstant(minutes(5)) }));
    for (const at of [-11, -9, 0, 14, 16]) {
      world.store.positionRows.push(positionRow('d-w', at, minutes(at)));
    }
    world.store.positionRows.push(
      positionRow('d-v', 100, minutes(1)),
      positionRow('d-x', 200, minutes(1)),
    );
    const track = await got<{ properties: { seq: number } }>('/v1/alerts/a-1/track');
    expect(seqsOf(track)).toEqual([-9, 0, 100, 14]);
    expect(looks()).toMatchObject([{ by: 'operator', what: 'track', subject: 'a-1' }]);
  });

  test('goes on until now while the alert stands', async () => {
    world.desk.raise(alertOf('a-1'));
    world.store.positionRows.push(
      positionRow('d-w', 1, minutes(59)),
      positionRow('d-w', 2, minutes(61)),
    );
    expect(seqsOf(await got('/v1/alerts/a-1/track'))).toEqual([1]);
  });

  test('leaves out what a device saw with somebody else', async () => {
    world.desk.deviceList.length = 0;
    world.desk.deviceList.push(carried('d-w', 'w-1', { validFrom: toInstant(minutes(2)) }));
    world.desk.raise(alertOf('a-1'));
    world.store.positionRows.push(
      positionRow('d-w', 1, minutes(1)),
      positionRow('d-w', 3, minutes(3)),
    );
    expect(seqsOf(await got('/v1/alerts/a-1/track'))).toEqual([3]);
  });

  test('is not shown when the look cannot be written', async () => {
    world.desk.raise(alertOf('a-1'));
    world.store.failing = true;
    const answer = await world.ask('operator', 'GET', '/v1/alerts/a-1/track');
    expect([answer.statusCode, answer.problem['code']]).toEqual([503, 'store-failing']);
  });
});

describe('positions of a person', () => {
  const REASON = 'asked for by the duty officer';
  const url = (query: Record<string, string>): string =>
    `/v1/persons/w-1/positions?${new URLSearchParams(query)}`;

  beforeEach(() => {
    world.desk.deviceList.push(carried('d-w', 'w-1'));
    for (const at of [-90, -30, -10, -1]) {
      world.store.positionRows.push(positionRow('d-w', at, minutes(at)));
    }
  });

  test('come with a reason, of the last hour unless said otherwise', async () => {
    expect(seqsOf(await got(url({ reason: REASON })))).toEqual([-30, -10, -1]);
    const window = { from: toInstant(minutes(-100)), to: toInstant(minutes(-20)) };
    expect(seqsOf(await got(url({ reason: REASON, ...window })))).toEqual([-90, -30]);
  });

  test('are logged as breaking the glass, unless an open alert names the person', async () => {
    await got(url({ reason: REASON }));
    world.desk.raise(alertOf('a-1'));
    await got(url({ reason: REASON }));
    const look = { by: 'operator', subject: 'w-1', reason: REASON };
    expect(looks()).toMatchObject([
      { ...look, what: 'break-glass' },
      { ...look, what: 'positions' },
    ]);
  });

  test('take the reason as a header, which no proxy writes down', async () => {
    const headers = { ...world.as('operator'), 'cordon-reason': REASON };
    const answer = await world.app.inject({ url: url({}), headers });
    expect(answer.statusCode).toBe(200);
    expect(looks()).toMatchObject([{ reason: REASON }]);
  });

  test('take an offset whose plus nobody escaped', async () => {
    const answer = await got(
      `/v1/persons/w-1/positions?reason=${encodeURIComponent(REASON)}&from=2026-11-23T10:15:00+01:00`,
    );
    expect(answer.items).toHaveLength(3);
  });

  // prettier-ignore
  test.each([
    [{},                                                                ['/reason']],
    [{ reason: 'short' },                                               ['/reason']],
    [{ reason: REASON, from: '2026-11-23T09:00:00' },                             ['/from']],
    [{ from: '2026-11-23T10:00:00Z', to: '2026-11-23T09:00:00Z' },      ['/reason', '/to']],
    [{ reason: REASON, from: '2026-11-20T10:00:00Z' },                  ['/from']],
  ])('with %j are refused at %j', async (query, pointers) => {
    const answer = await world.ask('operator', 'GET', url(query as Record<string, string>));
    expect(answer.statusCode).toBe(400);
    const errors = answer.problem['errors'] as { pointer: string }[];
    expect(errors.map(({ pointer }) => pointer)).toEqual(pointers);
    expect(looks()).toEqual([]);
  });

  test('of nobody we know are logged and not found', async () => {
    const query = new URLSearchParams({ reason: REASON });
    const answer = await world.ask('operator', 'GET', `/v1/persons/nobody/positions?${query}`);
    expect(answer.problem['code']).toBe('unknown-person');
    expect(looks()).toMatchObject([{ subject: 'nobody' }]);
  });

  test('are not shown when the look cannot be written', async () => {
    world.store.failing = true;
    const answer = await world.ask('operator', 'GET', url({ reason: REASON }));
    expect(answer.problem['code']).toBe('store-failing');
  });
});

test('who looked at what is told to the auditor, newest first, page by page', async () => {
  for (const subject of ['p-1', 'p-2', 'p-3'])
    await world.desk.look('operator', 'track', subject, 'x');
  const first = (await world.ask('auditor', 'GET', '/v1/looks?limit=2')).json<Page>();
  expect(first.items).toMatchObject([
    { subject: 'p-3' },
    { subject: 'p-2', at: toInstant(START_MS) },
  ]);
  const second = (await world.ask('auditor', 'GET', first.next!)).json<Page>();
  expect(second).toMatchObject({ items: [{ subject: 'p-1' }], next: null });
});
