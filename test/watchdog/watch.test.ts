import { appendFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Signer } from '../../server/evidence/checkpoint.ts';
import { SERVERS_MAX } from '../../server/watchdog/known-servers.ts';
import { NONCE_GOOD_FOR_MS } from '../../server/watchdog/nonces.ts';
import { NO_SERVER } from '../../server/watchdog/watch.ts';
import { compareCheckpoint } from '../../server/watchdog/witness.ts';
import {
  checkpoint,
  type Facts,
  type Folder,
  folder,
  keyIn,
  messageOf,
  watchOn,
  type WatchWish,
} from './watchdog-world.ts';

let dir: Folder;
let key: Signer;
let other: Signer;
beforeEach(() => {
  dir = folder('watch');
  key = keyIn(dir.path, 'a');
  other = keyIn(dir.path, 'b');
});
afterEach(() => dir.remove());

const open = (wish?: WatchWish) => watchOn(dir.path, wish);
const linesOf = (file: string): Record<string, unknown>[] =>
  readFileSync(join(dir.path, file), 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Record<string, unknown>);

describe('[WD1] a word that all is well', () => {
  test('counts once', () => {
    const world = open();
    const { message, refused } = world.say(key);
    expect(refused).toBeNull();
    expect(world.watch.well(message, world.nowMs())).toBe('nonce');
  });

  // prettier-ignore
  const CHANGED: [what: string, change: Facts][] = [
    ['what it says',   { well: false }],
    ['a reason',       { reasons: ['none'] }],
    ['its canary',     { canaryAgeS: 1 }],
    ['its checkpoint', { checkpoint: checkpoint(7) }],
    ['its time',       { at: '2026-11-26T13:00:00Z' }],
    ['who it is by',   { serverId: 'other' }],
  ];

  test.each(CHANGED)('does not count with %s changed on the way', (_what, change) => {
    const world = open();
    const nonce = world.watch.nonceFor(change.serverId ?? 'cordon', world.nowMs());
    const message = { ...messageOf(key, { nonce }), ...change };
    expect(world.watch.well(message, world.nowMs())).toBe('signature');
    expect(world.watch.view(world.nowMs())).toMatchObject([{ serverId: NO_SERVER }]);
  });

  test('does not count unsigned, nor over a nonce that was made up, is another’s, or is old', () => {
    const world = open();
    const say = (nonce: string): string | null =>
      world.watch.well(messageOf(key, { nonce }), world.nowMs());
    const own = world.watch.nonceFor('cordon', world.nowMs());
    const unsigned = { ...messageOf(key, { nonce: own }), signature: '' };
    expect(world.watch.well(unsigned, world.nowMs())).toBe('signature');
    expect(say('')).toBe('nonce');
    expect(say('1.2.3')).toBe('nonce');
    expect(say(`${own}A`)).toBe('nonce');
    expect(say(own.replace(/^\d+/, (ms) => String(Number(ms) + 60_000)))).toBe('nonce');
    expect(say(world.watch.nonceFor('other', world.nowMs()))).toBe('nonce');
    world.pass(NONCE_GOOD_FOR_MS / 1000 + 0.25);
    expect(say(own)).toBe('nonce');
  });

  test('played again a hundred times does not keep a dead server alive', () => {
    const world = open();
    const { message } = world.say(key);
    let counted = 0;
    for (let i = 0; i < 100; i += 1) {
      world.pass(0.25);
      if (world.watch.well(message, world.nowMs()) === null) counted += 1;
    }
    expect(counted).toBe(0);
    expect(world.told).toEqual(['cordon raised silent']);
  });

  test('does not lose its nonce to whoever asks for a thousand', () => {
    const world = open();
    world.say(key);
    const nonce = world.watch.nonceFor('cordon', world.nowMs());
    for (let i = 0; i < 1_000; i += 1) {
      world.watch.well(messageOf(other), world.nowMs());
      world.watch.nonceFor('cordon', world.nowMs());
    }
    expect(world.watch.well(messageOf(key, { nonce }), world.nowMs())).toBeNull();
  });
});

describe('[WD5] the key of a server', () => {
  test('is learnt at first contact and kept over a restart', () => {
    const first = open();
    first.say(key);
    first.close();
    const world = open();
    expect(world.say(other).refused).toBe('key');
    expect(world.told).toEqual(['cordon raised key-changed']);
    expect(world.say(key).refused).toBeNull();
    world.known.forget('cordon', world.nowMs());
    expect(world.say(other).refused).toBeNull();
  });

  test('is one of those given, if any are, and a given one replaces one that no longer is', () => {
    const strict = open({ keys: [key.publicKeyPem] });
    expect(strict.say(other).refused).toBe('key');
    expect(strict.say(key).refused).toBeNull();
    strict.close();
    const renewed = open({ keys: [other.publicKeyPem] });
    expect(renewed.say(key).refused).toBe('key');
    expect(renewed.say(other).refused).toBeNull();
  });
});

describe('[WD7] servers', () => {
  test('that were known are waited for after a restart', () => {
    const first = open();
    first.say(key);
    first.say(other, { serverId: 'second' });
    first.close();
    const world = open();
    world.pass(14);
    world.say(key);
    world.pass(2);
    expect(world.told).toEqual(['second raised silent']);
  });

  test('that are expected are waited for though they never came; without any, somebody is', () => {
    const expecting = open({ expected: ['cordon'] });
    expecting.pass(16);
    expect(expecting.told).toEqual(['cordon raised silent']);
    expecting.close();
    const empty = open();
    empty.pass(16);
    empty.say(key);
    empty.pass(4);
    expect(empty.told).toEqual([`${NO_SERVER} raised silent`, `${NO_SERVER} recovered silent`]);
  });

  test(`are at most ${SERVERS_MAX}`, () => {
    const world = open();
    const say = (n: number) => world.say(key, { serverId: `server-${n}` }).refused;
    for (let n = 0; n < SERVERS_MAX; n += 1) expect(say(n)).toBeNull();
    expect(say(SERVERS_MAX)).toBe('too-many-servers');
    expect(say(0)).toBeNull();
  });
});

describe('[WD4] the witness of a journal', () => {
  // prettier-ignore
  const SEEN = [
    ['the first',            null,               checkpoint(0),          'new'],
    ['a later one',          checkpoint(7),      checkpoint(9),          'new'],
    ['the same again',       checkpoint(7),      checkpoint(7),          'same'],
    ['an earlier one',       checkpoint(7),      checkpoint(6),          'checkpoint-backwards'],
    ['another at one place', checkpoint(7),      checkpoint(7, 'other'), 'checkpoint-forked'],
  ] as const;
  test.each(SEEN)('%s', (_what, newest, given, finding) => {
    expect(compareCheckpoint(newest, given)).toBe(finding);
  });

  test('keeps every new checkpoint and each contradiction once, in a file that only grows', () => {
    const world = open();
    const given = [checkpoint(7), checkpoint(7), checkpoint(5), checkpoint(5), checkpoint(8)];
    for (const each of given) expect(world.say(key, { checkpoint: each }).refused).toBeNull();
    expect(world.told).toEqual(['cordon raised checkpoint-backwards']);
    expect(linesOf('checkpoints.ndjson')).toMatchObject([
      { type: 'seen', serverId: 'cordon', checkpoint: checkpoint(7) },
      { type: 'fault', fault: 'checkpoint-backwards', checkpoint: checkpoint(5) },
      { type: 'seen', checkpoint: checkpoint(8) },
    ]);
  });

  test('holds a fork against its server over a restart, until it is accepted', () => {
    const first = open();
    first.say(key, { checkpoint: checkpoint(7) });
    first.say(key, { checkpoint: checkpoint(7, 'other') });
    expect(first.told).toEqual(['cordon raised checkpoint-forked']);
    first.close();
    const world = open();
    world.say(key, { checkpoint: checkpoint(9) });
    expect(world.told).toEqual(['cordon raised checkpoint-forked']);
    world.witness.accept('cordon', world.nowMs());
    world.close();
    const accepted = open();
    accepted.say(key, { checkpoint: checkpoint(3) });
    expect(accepted.told).toEqual([]);
  });

  test('a line that was half written loses nothing before or after it', () => {
    const first = open();
    first.say(key, { checkpoint: checkpoint(7) });
    first.close();
    appendFileSync(join(dir.path, 'checkpoints.ndjson'), '{"type":"se');
    const second = open();
    expect(second.witness.unreadable).toBe(1);
    second.say(key, { checkpoint: checkpoint(8) });
    second.close();
    const third = open();
    expect(third.witness.newest('cordon')).toEqual(checkpoint(8));
  });

  test('that cannot write says so, and not that the server is silent', () => {
    const world = open();
    world.say(key);
    world.witness.close();
    world.say(key, { checkpoint: checkpoint(7) });
    expect(world.told).toEqual(['cordon raised witness-failing']);
    expect(world.watch.view(world.nowMs())[0]!.state).toBe('not-well');
  });
});
