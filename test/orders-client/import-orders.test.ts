import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  type Imported,
  importOrders,
  type ImportWish,
  orderFilesIn,
} from '../../server/orders-client/import-orders.ts';
import {
  exitCodeOf,
  linesOf,
  progressOn,
  tallyLine,
  tallyOf,
  writeReport,
} from '../../server/orders-client/import-report.ts';
import {
  cordonAt,
  type FakeCordon,
  fakeCordon,
  type Handler,
  orderKeeper,
  problemOf,
  type Said,
} from './fake-cordon.ts';

let dir: string;
let cordon: FakeCordon | null = null;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'cordon-orders-'));
});
afterEach(async () => {
  await cordon?.close();
  cordon = null;
  rmSync(dir, { recursive: true });
});

const write = (name: string, body: unknown): void =>
  writeFileSync(join(dir, name), typeof body === 'string' ? body : JSON.stringify(body));

async function imported(handler: Handler, wish: Partial<ImportWish> = {}): Promise<Imported[]> {
  cordon ??= await fakeCordon(handler);
  const parallel = wish.parallel ?? 4;
  const client = cordonAt(cordon.url, undefined, { connectionsMax: parallel });
  const done = await importOrders(client, orderFilesIn(dir), {
    parallel,
    crs: 'wgs84',
    signer: null,
    told: () => {},
    ...wish,
  });
  client.close();
  return done;
}

const wordsOf = (done: readonly Imported[]): string[] =>
  done.map(({ orderId, outcome }) => {
    return `${orderId} ${outcome.type === 'accepted' ? outcome.change : outcome.type}`;
  });

describe('[OC4] an import can be run again and again', () => {
  test('and amends what has changed over the version that it finds', async () => {
    write('a.json', { orderId: 'o-1', n: 1 });
    write('b.json', { n: 1 });
    write('notes.txt', 'no order');
    const { handler, kept } = orderKeeper();
    expect(wordsOf(await imported(handler))).toEqual(['o-1 created', 'b created']);
    expect(wordsOf(await imported(handler))).toEqual(['o-1 unchanged', 'b unchanged']);
    write('b.json', { n: 2 });
    expect(wordsOf(await imported(handler))).toEqual(['o-1 unchanged', 'b changed']);
    expect(kept.get('/v1/orders/b')).toEqual({ text: '{"n":2}', version: 2 });
  });

  test('who amends at the same time is looked at again, not for ever', async () => {
    write('a.json', {});
    let rounds = 0;
    const racing: Handler = ({ method }) => {
      if (method === 'GET') return { status: 200, body: {}, headers: { etag: `"${++rounds}"` } };
      return rounds < 2
        ? problemOf(412, 'version-mismatch')
        : { status: 200, body: { version: 3 } };
    };
    expect(wordsOf(await imported(racing))).toEqual(['a changed']);
    rounds = -1_000;
    const [lost] = await imported(racing);
    expect(lost!.outcome).toMatchObject({ type: 'refused', problem: { code: 'version-mismatch' } });
  });

  test('never with more orders under way than told', async () => {
    for (let i = 0; i < 40; i++) write(`o-${i}.json`, { i });
    const { handler } = orderKeeper();
    const waiting: (() => void)[] = [];
    const done = await imported(
      async (heard) => {
        // Answers once three are waiting, or the last ones are.
        await new Promise<void>((resolve) => {
          waiting.push(resolve);
          if (waiting.length === 3 || cordon!.heard.length >= 39) {
            for (const release of waiting.splice(0)) release();
          }
        });
        return handler(heard);
      },
      { parallel: 3 },
    );
    expect(done).toHaveLength(40);
    expect(cordon!.mostAtOnce()).toBe(3);
  });
});

describe('[OC5] every file has an outcome', () => {
  test('with every pointer and reason, in the report too', async () => {
    write('a.json', { ok: 1 });
    write('b.json', 'wrong');
    const done = await imported(orderKeeper().handler);
    const report = join(dir, 'report.ndjson');
    writeReport(report, done);
    const [a, b] = readFileSync(report, 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(a).toMatchObject({ orderId: 'a', type: 'accepted', change: 'created', version: 1 });
    expect(b).toMatchObject({
      type: 'refused',
      problem: { code: 'invalid-input', errors: [{ pointer: '/bans', detail: 'gives none' }] },
    });
    expect(linesOf('b', done[1]!.outcome)).toEqual([
      'b: refused, 400 invalid-input: why',
      '  /bans gives none',
    ]);
    expect(exitCodeOf(tallyOf(done))).toBe(1);
  });

  test('the same order in two files is refused the second time', async () => {
    write('a.json', { orderId: 'o-1', n: 1 });
    write('b.json', { orderId: 'o-1', n: 2 });
    const done = await imported(orderKeeper().handler, { parallel: 1 });
    expect(wordsOf(done)).toEqual(['o-1 created', 'o-1 refused']);
    expect(linesOf('b', done[1]!.outcome).join()).toMatch(/also in .*a\.json: leave one/);
  });

  test('a fault of the server is none of the order, and the others go on', async () => {
    write('a.json', { n: 'failing' });
    write('b.json', {});
    const { handler } = orderKeeper();
    const done = await imported((heard) =>
      heard.body.includes('failing') ? problemOf(500, 'failed') : handler(heard),
    );
    expect(wordsOf(done)).toEqual(['a unanswered', 'b created']);
    expect(exitCodeOf(tallyOf(done))).toBe(2);
  });

  test.each<[why: string, said: Said | 'cut', requests: number]>([
    ['nobody answers', 'cut', 8],
    ['nobody lets it in', problemOf(401, 'not-signed-in'), 1],
  ])('once %s the rest is not tried', async (_why, said, requests) => {
    for (let i = 0; i < 9; i++) write(`o-${i}.json`, { i });
    const done = await imported(() => said, { parallel: 1 });
    expect(cordon!.heard).toHaveLength(requests);
    expect(done).toHaveLength(9);
    expect(done[8]!.outcome).toEqual({
      type: 'unanswered',
      why: 'not tried: the import stopped',
    });
    expect(exitCodeOf(tallyOf(done))).toBe(2);
  });

  test('is told to a person as a bar, to a log as lines', async () => {
    write('a.json', {});
    write('b.json', 'wrong');
    const done = await imported(orderKeeper().handler);
    const written = (isTTY: boolean): string => {
      let text = '';
      const progress = progressOn({ isTTY, write: (part: string) => (text += part) }, 2);
      for (const each of done) progress.one(each);
      progress.end();
      return text;
    };
    expect(written(false)).toBe(
      `${join(dir, 'b.json')}: refused, 400 invalid-input: why\n  /bans gives none\n`,
    );
    expect(written(true)).toMatch(/\[#{15}\.{15}\] 1\/2.*\n.*\n\r\[#{30}\] 2\/2\n$/s);
    expect(tallyLine(tallyOf(done), 2)).toBe(
      '2 files in 2.0 s (1 a second): 1 created, 0 changed, 0 unchanged, 1 refused, 0 unanswered',
    );
  });

  test('a folder that is not there is told', () => {
    expect(() => orderFilesIn(join(dir, 'none'))).toThrow('is no folder that can be read');
  });
});
