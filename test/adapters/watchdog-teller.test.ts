import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import type { Server, ServerResponse } from 'node:http';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { signingKey } from '../../server/adapters/signing-key.ts';
import { watchdogLine } from '../../server/adapters/watchdog-line.ts';
import { tellWatchdog } from '../../server/adapters/watchdog-teller.ts';
import { wellbeing, type Wellbeing } from '../../server/adapters/wellbeing.ts';
import type { Health } from '../../server/ports.ts';
import type { Log } from '../../server/ports.ts';
import { watchdogListener } from '../../server/watchdog/listener.ts';
import { TELL_EVERY_MS } from '../../shared/watchdog-message.ts';
import { fakeClock } from '../support/fake-store.ts';
import { checkpoint, type Folder, folder, watchOn } from '../watchdog/watchdog-world.ts';

let dir: Folder;
let server: Server;
let world: ReturnType<typeof watchOn>;
let url: string;
beforeEach(async () => {
  dir = folder('teller');
  world = watchOn(dir.path);
  server = watchdogListener(world.watch, world.nowMs);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterEach(() => {
  server.closeAllConnections();
  server.close();
  dir.remove();
});

const WELL: Wellbeing = { well: true, reasons: [], canaryAgeS: 12.5, checkpoint: checkpoint(7) };

/** A log whose lines a test can wait for. */
function hearing() {
  const lines: string[] = [];
  let wake = (): void => {};
  const line = (_facts: unknown, message: string): void => {
    lines.push(message);
    wake();
  };
  const log: Log = { info: line, warn: line, error: line };
  const heard = async (count: number): Promise<string[]> => {
    while (lines.length < count) await new Promise<void>((resolve) => (wake = resolve));
    return lines;
  };
  return { log, heard };
}

const tellerParts = (wellbeingNow: () => Wellbeing) => ({
  url,
  serverId: 'cordon',
  key: signingKey(dir.path),
  clock: fakeClock(),
  wellbeing: wellbeingNow,
});

describe('[WD1] the line to the watchdog', () => {
  test('is refused once for want of a nonce, then told over each answer’s nonce', async () => {
    const requests: string[] = [];
    server.on('request', (request, response) => {
      response.on('finish', () => requests.push(`${request.url} ${response.statusCode}`));
    });
    const key = signingKey(dir.path);
    const line = watchdogLine({ url, serverId: 'cordon', key, nowMs: world.nowMs });
    await line.tell('well', { ...WELL });
    await line.tell('well', { ...WELL });
    await line.tell('stalled', { stalledForS: 2.5 });
    expect(requests).toEqual(['/well 401', '/well 200', '/well 200', '/stalled 200']);
    expect(world.told).toEqual(['cordon raised stalled']);
    const state = (await (await fetch(url)).json()) as { servers: unknown[] };
    expect(state.servers).toEqual([
      {
        serverId: 'cordon',
        state: 'not-well',
        reasons: ['stalled'],
        heardAgoS: 0,
        alarmForS: 0,
        checkpointSeq: 7,
      },
    ]);
  });

  test('a path behind a proxy keeps its place', async () => {
    const key = signingKey(dir.path);
    const line = watchdogLine({ url: `${url}/w`, serverId: 'a', key, nowMs: world.nowMs });
    await expect(line.tell('well', { ...WELL })).rejects.toThrow('404');
  });
});

describe('the teller', () => {
  test('[WD2] tells at once what is wrong, and logs only that it began to tell', async () => {
    const { log, heard } = hearing();
    let now = WELL;
    const parts = tellerParts(() => now);
    const stop = tellWatchdog({ ...parts, log });
    await heard(1);
    now = { ...WELL, well: false, reasons: ['store-failing'] };
    const taken = once(server, 'request');
    parts.clock.advance(TELL_EVERY_MS);
    const [, response] = (await taken) as [unknown, ServerResponse];
    await once(response, 'finish');
    stop();
    expect(world.told).toEqual(['cordon raised store-failing']);
    expect(await heard(1)).toEqual(['the watchdog is told']);
  });

  test('never throws into its server, and logs that nobody is told once', async () => {
    const { log, heard } = hearing();
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
    const parts = tellerParts(() => WELL);
    const stop = tellWatchdog({ ...parts, log });
    await heard(1);
    parts.clock.advance(4 * TELL_EVERY_MS);
    stop();
    expect(await heard(1)).toEqual(['the watchdog is not told']);
  });

  test('that cannot judge its server says nothing, which is an alarm', async () => {
    const { log, heard } = hearing();
    const parts = tellerParts(() => {
      throw new Error('no health');
    });
    const stop = tellWatchdog({ ...parts, log });
    expect(await heard(1)).toEqual(['the watchdog is not told']);
    stop();
  });
});

describe('the listener', () => {
  const post = (path: string, body: string) => fetch(url + path, { method: 'POST', body });

  // prettier-ignore
  test.each([
    ['/well',    '',                    400],
    ['/well',    'not json',            400],
    ['/well',    '{"well":true}',       400],
    ['/well',    'x'.repeat(10_000),    413],
    ['/stalled', '[]',                  400],
    ['/nothing', '{}',                  404],
  ])('%s %.20s is answered %#', async (path, body, status) => {
    expect((await post(path, body)).status).toBe(status);
    expect(world.watch.view(world.nowMs())).toMatchObject([{ heardAgoS: 0, reasons: [] }]);
  });
});

test('[WD2] well is who can write and hears its broker; a broker that blinks is not missed', () => {
  const clock = fakeClock();
  let health: Health = { ready: true, store: 'up', broker: 'up', lagMs: 0, canaryAgeS: null };
  const set = (change: object): void => void (health = { ...health, ...change });
  const judge = wellbeing({ health: () => health }, clock, { canaryAgeS: () => 30 });
  expect(judge()).toEqual({ well: true, reasons: [], canaryAgeS: 30, checkpoint: null });
  set({ store: 'failing' });
  expect(judge()).toMatchObject({ well: false, reasons: ['store-failing'] });
  set({ store: 'up', broker: 'down' });
  expect(judge()).toMatchObject({ well: true });
  clock.advance(4_999);
  expect(judge()).toMatchObject({ well: true });
  clock.advance(1);
  expect(judge()).toMatchObject({ well: false, reasons: ['broker-lost'] });
  set({ broker: 'up' });
  expect(judge()).toMatchObject({ well: true });
});
