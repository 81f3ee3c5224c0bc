import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { HEARTBEAT_EVERY_MS, ServerToConsole } from '../../shared/console-message.ts';
import { RESUME_GRACE_MS } from '../../server/adapters/console-sequence.ts';
import { SESSION_COOKIE } from '../../server/adapters/http-auth.ts';
import { SESSION_LIFE_MS } from '../../server/adapters/http-session-book.ts';
import { hashToken } from '../../server/adapters/passwords.ts';
import { alertOf } from '../support/sample.ts';
import { httpWorld, type HttpWorld } from '../support/http-world.ts';
import {
  type ConsoleClient,
  listen,
  openConsole,
  refusedStatus,
} from '../support/console-client.ts';

let world: HttpWorld;
let wsUrl: string;

beforeEach(async () => {
  world = await httpWorld({ feedKept: 5 });
  wsUrl = await listen(world.app);
});
afterEach(() => world.app.close());

const enter = async (): Promise<ConsoleClient> => openConsole(wsUrl, world.as('operator'));
const raise = (...ids: string[]): void => ids.forEach((id) => world.desk.raise(alertOf(id)));
const FRESH = { type: 'resume', epoch: null, seq: null };

/** Sequence numbers of the alerts that a console heard, and those of snapshots as text. */
const seqsOf = ({ heard }: ConsoleClient): (number | string)[] =>
  heard.flatMap((m): (number | string)[] => {
    if (m.type === 'alert') return [m.seq];
    return m.type === 'snapshot' ? [`snapshot ${m.seq}`] : [];
  });

describe('who may open it', () => {
  test.each([
    ['nobody', null, {}, 401],
    ['an auditor', 'auditor', {}, 403],
    ['an approver', 'approver', {}, 403],
    ['an administrator', 'administrator', {}, 403],
    ['a machine', 'cjib', {}, 403],
    ['an operator from a foreign page', 'operator', { origin: 'https://evil.example' }, 403],
    ['an operator from a sandboxed page', 'operator', { origin: 'null' }, 403],
  ] as const)('%s is refused before there is a socket', async (_who, role, headers, status) => {
    const own = role === null ? {} : world.as(role);
    expect(await refusedStatus(`${wsUrl}/v1/console`, { ...own, ...headers })).toBe(status);
  });

  test('no other address is a WebSocket', async () => {
    expect(await refusedStatus(`${wsUrl}/v1/alerts`, world.as('operator'))).toBe(404);
  });

  test('an operator from our own page comes in', async () => {
    const origin = wsUrl.replace('ws', 'http');
    const client = await openConsole(wsUrl, { ...world.as('operator'), origin });
    expect(client.heard[0]).toMatchObject({ type: 'welcome', operator: 'operator', seq: 0 });
    await client.close();
  });
});

describe('the sequence of alerts', () => {
  test('a fresh console gets a snapshot, then each alert once', async () => {
    raise('a-1', 'a-2');
    const client = await enter();
    client.send(FRESH);
    expect((await client.next('snapshot')).alerts.map((a) => a.alertId)).toEqual(['a-1', 'a-2']);
    raise('a-3', 'a-4');
    await client.settled();
    expect(seqsOf(client)).toEqual(['snapshot 2', 3, 4]);
    for (const message of client.heard) ServerToConsole.parse(message);
    await client.close();
  });

  test('a console that says nothing gets its snapshot when the grace is over', async () => {
    raise('a-1');
    const client = await enter();
    raise('a-2');
    await client.settled();
    world.clock.advance(RESUME_GRACE_MS - 1);
    await client.settled();
    expect(seqsOf(client)).toEqual([]);
    world.clock.advance(1);
    raise('a-3');
    await client.settled();
    expect(seqsOf(client)).toEqual(['snapshot 2', 3]);
    await client.close();
  });

  // prettier-ignore
  test.each([
    ['in time',              { epoch: 'epoch-1', seq: 4 },   [5, 6, 7, 8]],
    ['up to date',           { epoch: 'epoch-1', seq: 7 },   [8]],
    ['the last that is kept', { epoch: 'epoch-1', seq: 2 },  [3, 4, 5, 6, 7, 8]],
    ['too old',              { epoch: 'epoch-1', seq: 1 },   ['snapshot 7', 8]],
    ['of another epoch',     { epoch: 'epoch-0', seq: 4 },   ['snapshot 7', 8]],
    ['from the future',      { epoch: 'epoch-1', seq: 99 },  ['snapshot 7', 8]],
    ['without a number',     { epoch: 'epoch-1', seq: null }, ['snapshot 7', 8]],
    ['with a foolish number', { epoch: 'epoch-1', seq: -1 }, ['snapshot 7', 8]],
  ])('a resume %s', async (_name, resume, seqs) => {
    raise('1', '2', '3', '4', '5', '6', '7');
    const client = await enter();
    client.send({ type: 'resume', ...resume });
    await client.settled();
    world.clock.advance(RESUME_GRACE_MS);
    raise('8');
    await client.settled();
    expect(seqsOf(client)).toEqual(seqs);
    await client.close();
  });

  test('a resume that comes late gets what lies before the snapshot, once', async () => {
    raise('1', '2', '3', '4');
    const client = await enter();
    world.clock.advance(RESUME_GRACE_MS);
    raise('5');
    client.send({ type: 'resume', epoch: 'epoch-1', seq: 2 });
    client.send({ type: 'resume', epoch: 'epoch-1', seq: 0 });
    await client.settled();
    expect(seqsOf(client)).toEqual(['snapshot 4', 5, 3, 4]);
    await client.close();
  });

  test('however often a console comes back, it misses none and sees none twice', async () => {
    const runs = fc.array(fc.record({ away: fc.nat(2), there: fc.nat(3) }), {
      maxLength: 8,
    });
    await fc.assert(
      fc.asyncProperty(runs, async (visits) => {
        let seq = world.desk.feed.seq;
        const startSeq = seq;
        const seen: number[] = [];
        for (const { away, there } of visits) {
          for (let i = 0; i < away; i++) raise(`x-${i}`);
          const client = await enter();
          client.send({ type: 'resume', epoch: 'epoch-1', seq });
          for (let i = 0; i < there; i++) raise(`y-${i}`);
          await client.settled();
          for (const each of seqsOf(client)) seen.push(each as number);
          seq = seen.at(-1) ?? seq;
          await client.close();
        }
        expect(seen).toEqual(seen.map((_, i) => startSeq + 1 + i));
        expect(seq).toBe(world.desk.feed.seq);
      }),
      { seed: 2, numRuns: 15 },
    );
  });
});

describe('signs of life', () => {
  test('a heartbeat every two seconds, with how late evaluation runs', async () => {
    const client = await enter();
    world.desk.healthNow = { ...world.desk.healthNow, lagMs: 77 };
    world.clock.advance(HEARTBEAT_EVERY_MS);
    world.clock.advance(HEARTBEAT_EVERY_MS);
    const [first, second] = [await client.next('heartbeat'), await client.next('heartbeat')];
    expect(first.lagMs).toBe(77);
    const apartMs = Date.parse(second.serverTime) - Date.parse(first.serverTime);
    expect(apartMs).toBe(HEARTBEAT_EVERY_MS);
    await client.close();
  });

  test('it tells when the chain was last proven, if it ever was', async () => {
    const client = await enter();
    world.clock.advance(HEARTBEAT_EVERY_MS);
    expect((await client.next('heartbeat')).provenAt).toBeNull();
    world.desk.healthNow = { ...world.desk.healthNow, canaryAgeS: 12 };
    world.clock.advance(HEARTBEAT_EVERY_MS);
    const { serverTime, provenAt } = await client.next('heartbeat');
    expect(Date.parse(serverTime) - Date.parse(provenAt ?? '')).toBe(12_000);
    await client.close();
  });

  test('a console that answers no ping is gone within ten seconds', async () => {
    const client = await enter();
    await client.settled();
    client.socket.pong = () => {};
    client.socket.removeAllListeners('ping');
    (client.socket as unknown as { _autoPong: boolean })._autoPong = false;
    world.clock.advance(10_000);
    expect((await client.closed).code).toBe(1006);
  });

  test('a console of which a hard limit is reached is dropped, the quick one beside it misses nothing', async () => {
    const [slow, quick] = [await enter(), await enter()];
    for (const client of [slow, quick]) client.send(FRESH);
    await Promise.all([slow.next('snapshot'), quick.next('snapshot')]);
    slow.socket.pause();
    const detail = { text: 'x'.repeat(1_000_000) };
    const basis = { ...alertOf('big').basis, detail };
    for (let i = 1; i <= 40; i++) {
      world.desk.raise(alertOf(`big-${i}`, { basis }));
      await quick.next('alert');
    }
    slow.socket.resume();
    expect(await slow.closed).toEqual({ code: 4008, reason: 'too-far-behind' });
    const seqs = seqsOf(slow).slice(1);
    expect(seqs).toEqual(seqs.map((_, i) => i + 1));
    const again = await enter();
    again.send({ type: 'resume', epoch: 'epoch-1', seq: 37 });
    await again.settled();
    expect(seqsOf(again)).toEqual([38, 39, 40]);
    await Promise.all([quick.close(), again.close()]);
  });
});

describe('the end of a session ends its consoles', () => {
  test('signing out closes at once', async () => {
    const client = await enter();
    await world.ask('operator', 'DELETE', '/v1/sessions/current');
    expect((await client.closed).code).toBe(4401);
    raise('after');
    expect(seqsOf(client)).toEqual([]);
  });

  test('so does the end of its life', async () => {
    const token = 'a token that was given out nearly twelve hours ago';
    const createdAtMs = world.clock.nowMs() - SESSION_LIFE_MS + 3_000;
    const who = { username: 'operator', role: 'operator' as const, tokenHash: hashToken(token) };
    const life = { createdAtMs, expiresAtMs: createdAtMs + SESSION_LIFE_MS };
    await world.store.append([{ type: 'session', ...who, ...life }]);
    const { store, clock } = world;
    const restarted = await httpWorld({ store, clock });
    const client = await openConsole(await listen(restarted.app), {
      cookie: `${SESSION_COOKIE}=${token}`,
    });
    clock.advance(2_000);
    await client.next('heartbeat');
    clock.advance(2_000);
    expect((await client.closed).code).toBe(4401);
    await restarted.app.close();
  });
});
