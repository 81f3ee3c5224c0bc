import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  CASES_SHOWN_MAX,
  GLASS_BROKEN_MS,
  GLASSES_BROKEN_MAX,
} from '../../server/adapters/console-positions.ts';
import { REQUESTS_AT_ONCE_MAX } from '../../server/adapters/console-hall.ts';
import { type Look } from '../support/fake-store.ts';
import { alertOf, featureOf } from '../support/sample.ts';
import { httpWorld, type HttpWorld, cookieOf } from '../support/http-world.ts';
import { type ConsoleClient, listen, openConsole } from '../support/console-client.ts';

let world: HttpWorld;
let wsUrl: string;

beforeEach(async () => {
  world = await httpWorld();
  wsUrl = await listen(world.app);
});
afterEach(() => world.app.close());

/** An operator's console that has its snapshot. */
async function enter(cookie?: string): Promise<ConsoleClient> {
  const headers = cookie === undefined ? world.as('operator') : { cookie };
  const client = await openConsole(wsUrl, headers);
  client.send({ type: 'resume', epoch: null });
  await client.next('snapshot');
  return client;
}

const looks = (): Look[] => world.store.entries.filter((e): e is Look => e.type === 'look');
const casesIn = (client: ConsoleClient): string[][] =>
  client.heard.flatMap((m) =>
    m.type === 'positions' ? [m.features.map((f) => String(f.properties.caseId))] : [],
  );
const REASON = 'a colleague on the street asks for her';

/** Moves time to just after positions went out, without making any ping late. */
async function aSecondLater(...clients: ConsoleClient[]): Promise<void> {
  world.clock.advance(1_000);
  for (const client of clients) await client.settled();
}

describe('positions', () => {
  test('are those of cases with an open alert, sent when they change', async () => {
    world.desk.features.push(featureOf('c-1', 'd-1'), featureOf('c-2', 'd-2'));
    const client = await enter();
    await aSecondLater(client);
    expect(casesIn(client)).toEqual([]);
    world.desk.raise(alertOf('a-1', { caseId: 'c-1' }));
    for (let i = 0; i < 3; i++) await aSecondLater(client);
    world.desk.features[0] = featureOf('c-1', 'd-1', 5.2);
    await aSecondLater(client);
    world.desk.raise(alertOf('a-1', { caseId: 'c-1', state: 'closed' }));
    await aSecondLater(client);
    expect(casesIn(client)).toEqual([['c-1'], ['c-1'], []]);
    await client.close();
  });

  test('never hold a case without an open alert, even if the desk says too much', async () => {
    const state = fc.constantFrom('unacknowledged', 'closed', 'cleared', 'acknowledged');
    const priority = fc.constantFrom(1, 3);
    const known = fc.array(fc.record({ state, priority }), { minLength: 1, maxLength: 6 });
    world.desk.overshares = true;
    for (let i = 0; i < 6; i++) world.desk.features.push(featureOf(`c-${i}`, `d-${i}`));
    const client = await enter();
    await fc.assert(
      fc.asyncProperty(known, async (alerts) => {
        world.desk.alerts.clear();
        alerts.forEach((other, i) => {
          world.desk.raise(alertOf(`a-${i}`, { caseId: `c-${i}`, ...other }));
        });
        await aSecondLater(client);
        const open = new Set(world.desk.openAlerts().map(({ caseId }) => String(caseId)));
        expect(casesIn(client).at(-1) ?? []).toEqual([...open]);
      }),
      { seed: 3, numRuns: 30 },
    );
    await client.close();
  });

  test('[WS9] of a flood are those of the most urgent cases, and what is left out is told', async () => {
    const left = 30;
    for (let i = 0; i < CASES_SHOWN_MAX + left; i++) {
      world.desk.features.push(featureOf(`low-${i}`, `d-${i}`));
      world.desk.raise(alertOf(`low-${i}`, { caseId: `low-${i}`, priority: 3 }));
    }
    world.desk.features.push(featureOf('c-1', 'd-breach'));
    world.desk.raise(alertOf('breach', { caseId: 'c-1', priority: 1 }));
    const client = await enter();
    await aSecondLater(client);
    const shown = await client.next('positions');
    expect(shown.features).toHaveLength(CASES_SHOWN_MAX);
    expect(casesIn(client)[0]).toContain('c-1');
    expect(shown.casesLeftOut).toBe(left + 1);
    const out = [...Array(CASES_SHOWN_MAX + left).keys()]
      .map((i) => `low-${i}`)
      .find((caseId) => !casesIn(client)[0]?.includes(caseId))!;
    client.send({ type: 'break-glass', requestId: 'r', alertId: out, reason: REASON });
    const again = await client.next('positions');
    expect(again.features.map(({ properties }) => properties.caseId)).toContain(out);
    expect(again.features).toHaveLength(CASES_SHOWN_MAX);
    await client.close();
  });

  test('are logged as looked at once for each session and case, and again after a while', async () => {
    world.desk.features.push(featureOf('c-1', 'd-1'), featureOf('c-2', 'd-2'));
    world.desk.raise(alertOf('a-1', { caseId: 'c-1' }));
    const [one, two] = [await enter(), await enter(cookieOf('operator-2'))];
    for (let i = 0; i < 5; i++) {
      world.desk.features[0] = featureOf('c-1', 'd-1', 5 + i / 100);
      await aSecondLater(one, two);
    }
    const expected = ['operator', 'operator-2'].map((by) => ({
      by,
      what: 'positions',
      subject: 'c-1',
      reason: 'open alert',
    }));
    expect(looks()).toMatchObject(expected);
    for (let i = 0; i < 900; i += 4) {
      world.clock.advance(4_000);
      await Promise.all([one.settled(), two.settled()]);
    }
    world.desk.features[0] = featureOf('c-1', 'd-1', 5.9);
    await aSecondLater(one, two);
    expect(looks()).toHaveLength(4);
    await Promise.all([one.close(), two.close()]);
  });

  test('of a case in danger are shown even when the look cannot be written, and it is tried again', async () => {
    world.desk.features.push(featureOf('c-1', 'd-1'));
    world.desk.raise(alertOf('a-1', { caseId: 'c-1' }));
    const client = await enter();
    world.store.failing = true;
    await aSecondLater(client);
    expect(casesIn(client)).toEqual([['c-1']]);
    world.store.failing = false;
    world.desk.features[0] = featureOf('c-1', 'd-1', 5.3);
    await aSecondLater(client);
    expect(looks()).toHaveLength(1);
    expect(world.log.lines.join()).toMatch('a look could not be logged');
    await client.close();
  });
});

describe('breaking the glass', () => {
  beforeEach(() => {
    world.desk.features.push(featureOf('c-9', 'd-9'));
    world.store.alertRows.push(alertOf('old', { caseId: 'c-9', state: 'closed' }));
  });
  const glass = { type: 'break-glass', requestId: 'r-1', alertId: 'old', reason: REASON };

  test('shows the case to that person alone, for a quarter of an hour', async () => {
    const [mine, other] = [await enter(), await enter(cookieOf('operator-2'))];
    mine.send(glass);
    expect(await mine.next('result')).toMatchObject({ requestId: 'r-1', ok: true });
    expect((await mine.next('positions')).features).toHaveLength(1);
    expect(looks()).toMatchObject([
      { by: 'operator', what: 'break-glass', subject: 'c-9', reason: REASON },
    ]);
    for (let ms = 0; ms < GLASS_BROKEN_MS; ms += 5_000) {
      world.clock.advance(5_000);
      await Promise.all([mine.settled(), other.settled()]);
    }
    await aSecondLater(mine, other);
    expect(casesIn(mine)).toEqual([['c-9'], []]);
    expect(casesIn(other)).toEqual([]);
    await Promise.all([mine.close(), other.close()]);
  });

  // prettier-ignore
  test.each([
    ['no reason',            { reason: undefined },    'invalid-input'],
    ['a short reason',       { reason: 'look' },       'invalid-input'],
    ['a blank reason',       { reason: ' '.repeat(20) }, 'invalid-input'],
    ['an alert of nowhere',  { alertId: 'nothing' },   'unknown-alert'],
  ])('with %s shows nothing', async (_name, wrong, code) => {
    const client = await enter();
    client.send({ ...glass, ...wrong });
    expect(await client.next('result')).toMatchObject({ ok: false, problem: { code } });
    await aSecondLater(client);
    expect([casesIn(client), looks()]).toEqual([[], []]);
    await client.close();
  });

  test('shows nothing when the reason cannot be written', async () => {
    const client = await enter();
    world.store.failing = true;
    client.send(glass);
    expect(await client.next('result')).toMatchObject({ problem: { code: 'store-failing' } });
    await aSecondLater(client);
    expect(casesIn(client)).toEqual([]);
    await client.close();
  });

  test('of case after case comes to an end', async () => {
    const client = await enter();
    for (let i = 0; i <= GLASSES_BROKEN_MAX; i++) {
      world.store.alertRows.push(alertOf(`old-${i}`, { caseId: `c-${i}x` }));
      client.send({ ...glass, alertId: `old-${i}`, requestId: `r-${i}` });
      const last = await client.next('result');
      expect(last.ok).toBe(i < GLASSES_BROKEN_MAX);
    }
    await client.close();
  });
});

describe('acts', () => {
  beforeEach(() => world.desk.raise(alertOf('a-1')));

  // prettier-ignore
  test.each([
    [{ type: 'acknowledge' }],
    [{ type: 'note', text: 'seen' }],
    [{ type: 'dispatch', unit: '11-01' }],
    [{ type: 'close', finding: 'breach-confirmed' }],
    [{ type: 'shelve', minutes: 10, reason: 'known fault' }],
  ])('%j is done in the name of who signed in', async (act) => {
    const client = await enter();
    client.send({ ...act, requestId: 'r-1', alertId: 'a-1', by: 'somebody else' });
    expect(await client.next('result')).toEqual({ type: 'result', requestId: 'r-1', ok: true, problem: null });
    expect(world.desk.acts).toEqual([{ alertId: 'a-1', act, by: 'operator' }]);
    expect((await client.next('alert')).alert.acknowledgedBy).toBe('operator');
    await client.close();
  });

  test('that are refused say why', async () => {
    const client = await enter();
    world.desk.refuseNext = 'priority-1-not-shelvable';
    client.send({ type: 'shelve', requestId: 'r', alertId: 'a-1', minutes: 9, reason: 'x' });
    const { ok, problem } = await client.next('result');
    expect([ok, problem?.status, problem?.code]).toEqual([false, 409, 'priority-1-not-shelvable']);
    await client.close();
  });

  // prettier-ignore
  test.each([
    ['{',                                           null,  'malformed-json'],
    ['',                                            null,  'malformed-json'],
    ['null',                                        null,  'invalid-input'],
    ['[]',                                          null,  'invalid-input'],
    ['"resume"',                                    null,  'invalid-input'],
    ['{"type":"acknowledge"}',                      null,  'invalid-input'],
    ['{"type":"reboot","requestId":"r-7"}',         'r-7', 'invalid-input'],
    ['{"type":"note","requestId":"r-7","alertId":"a-1"}', 'r-7', 'invalid-input'],
    ['{"type":"note","requestId":7}',               null,  'invalid-input'],
    ['{"__proto__":{"type":"acknowledge"}}',        null,  'invalid-input'],
  ])('that cannot be read (%s) are answered, and the next one works', async (text, requestId, code) => {
    const client = await enter();
    client.send(text);
    expect(await client.next('result')).toMatchObject({ requestId, ok: false, problem: { code } });
    client.send({ type: 'acknowledge', requestId: 'r-8', alertId: 'a-1' });
    expect(await client.next('result')).toMatchObject({ requestId: 'r-8', ok: true });
    await client.close();
  });

  test('that never end are not heaped up', async () => {
    const client = await enter();
    world.desk.act = () => new Promise(() => {});
    for (let i = 0; i <= REQUESTS_AT_ONCE_MAX; i++) {
      client.send({ type: 'acknowledge', requestId: `r-${i}`, alertId: 'a-1' });
    }
    expect(await client.next('result')).toMatchObject({ problem: { code: 'too-many-requests' } });
    await client.close();
  });

  test('that break the desk are told as failed, without how', async () => {
    const client = await enter();
    world.desk.act = () => Promise.reject(new Error('secret at lon 5.123456'));
    client.send({ type: 'acknowledge', requestId: 'r', alertId: 'a-1' });
    const { problem } = await client.next('result');
    expect(problem?.code).toBe('failed');
    expect(JSON.stringify([problem, world.log.lines])).not.toMatch('5.123456');
    await client.close();
  });

  test('a message of more than 64 KiB ends the connection', async () => {
    const client = await enter();
    client.send({ type: 'note', requestId: 'r', alertId: 'a-1', text: 'x'.repeat(65_536) });
    expect((await client.closed).code).toBe(1009);
  });
});
