import { chmodSync, existsSync, readFileSync, watch, writeFileSync } from 'node:fs';
import { once } from 'node:events';
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { SILENT_AFTER_MS } from '../../server/watchdog/vigil.ts';
import { NO_SERVER } from '../../server/watchdog/watch.ts';
import { TELL_EVERY_MS, type WellMessage } from '../../shared/watchdog-message.ts';
import { type ServerProcess, startServer } from '../support/server-process.ts';
import {
  type AlarmGateway,
  alarmGateway,
  type Received,
  startWatchdog,
  type WatchdogProcess,
} from '../support/watchdog-process.ts';
import { type Folder, folder } from '../watchdog/watchdog-world.ts';

/** One look of the watchdog, one delivery, and a machine that is shared. */
const SLACK_MS = 1_000;
/** The server that is stopped would be killed by its own guard, did that not know better. */
const KILL_AFTER_S = 3;
const RECOVERED_AFTER_S = 2;

let dir: Folder;
let gateway: AlarmGateway;
let watchdog: WatchdogProcess;
let tap: Tap;
let killed: ServerProcess;
let stopped: ServerProcess;

/** Between the servers and the watchdog: hears all that is said, and passes it on. */
interface Tap {
  readonly url: string;
  /** The newest word of this server that the watchdog took, and when. */
  lastOf(serverId: string): { body: string; atMs: number } | undefined;
  /** Resolves when the watchdog has next taken a word of this server. */
  word(serverId: string): Promise<void>;
  close(): void;
}

async function tapOn(target: string): Promise<Tap> {
  const last = new Map<string, { body: string; atMs: number }>();
  const passOn = (incoming: IncomingMessage, response: ServerResponse, body: string): void => {
    const { method, headers, url } = incoming;
    const onward = request(new URL(url!, target), { method: method!, headers }, (answer) => {
      response.writeHead(answer.statusCode!, answer.headers);
      answer.pipe(response);
      if (answer.statusCode !== 200) return;
      const { serverId } = JSON.parse(body) as WellMessage;
      last.set(serverId, { body, atMs: performance.now() });
      server.emit(`word of ${serverId}`);
    });
    onward.on('error', () => response.destroy());
    onward.end(body);
  };
  const server = createServer((incoming, response) => {
    const parts: Buffer[] = [];
    incoming.on('data', (part: Buffer) => parts.push(part));
    incoming.on('end', () => passOn(incoming, response, Buffer.concat(parts).toString()));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    lastOf: (serverId) => last.get(serverId),
    word: async (serverId) => void (await once(server, `word of ${serverId}`)),
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

const HEARD = 'heard.txt';

/** A program that somebody gave as `--command`: it writes its facts down. */
function commandIn({ path }: Folder): string {
  const script = join(path, 'alarm.sh');
  const facts = '"$CORDON_WATCHDOG_TYPE $CORDON_WATCHDOG_SERVER $CORDON_WATCHDOG_REASONS"';
  writeFileSync(script, `#!/bin/sh\necho ${facts} >> '${join(path, HEARD)}'\n`);
  chmodSync(script, 0o700);
  return script;
}

/** Resolves when the command has written this line. */
async function commandHeard(line: string): Promise<void> {
  const path = join(dir.path, HEARD);
  const changes = watch(dir.path);
  try {
    while (!(existsSync(path) && readFileSync(path, 'utf8').includes(line))) {
      await once(changes, 'change');
    }
  } finally {
    changes.close();
  }
}

const stateOf = async (serverId: string): Promise<string | undefined> =>
  (await watchdog.view()).servers.find((server) => server.serverId === serverId)?.state;

const of = (type: string, serverId: string) => (alarm: Received) =>
  alarm.type === type && alarm.serverId === serverId;

const envOf = (serverId: string): Record<string, string> => ({
  CORDON_SERVER_ID: serverId,
  CORDON_WATCHDOG_URL: tap.url,
  CORDON_KILL_STALLED_AFTER_S: String(KILL_AFTER_S),
});

beforeAll(async () => {
  dir = folder('watchdog');
  gateway = await alarmGateway();
  watchdog = await startWatchdog(
    `--state-dir=${join(dir.path, 'state')}`,
    `--webhook=${gateway.url}`,
    `--command=${commandIn(dir)}`,
    `--recovered-after-s=${RECOVERED_AFTER_S}`,
  );
  tap = await tapOn(watchdog.url);
  const words = ['killed', 'stopped'].map((serverId) => tap.word(serverId));
  [killed, stopped] = await Promise.all([
    startServer({ env: envOf('killed') }),
    startServer({ env: envOf('stopped') }),
  ]);
  await Promise.all(words);
});

afterAll(async () => {
  await Promise.all([killed?.remove(), stopped?.remove(), watchdog?.end()]);
  tap?.close();
  gateway?.close();
  dir?.remove();
});

describe('a watchdog beside two servers', () => {
  test('hears at once that all is well, by keys that it has learnt', async () => {
    expect(await stateOf('killed')).toBe('well');
    expect(await stateOf('stopped')).toBe('well');
    // Where two servers take long to start there was none for a while, which is told.
    expect(gateway.received.filter(({ serverId }) => serverId !== NO_SERVER)).toEqual([]);
    // The second word comes by itself.
    await Promise.all([tap.word('killed'), tap.word('stopped')]);
  });

  test('[WD2] alarms within 15 s when one is killed and the other stands still', async () => {
    stopped.pause();
    await killed.kill();
    const deadAtMs = performance.now();
    const alarms = await Promise.all(
      ['killed', 'stopped'].map((serverId) => gateway.next(of('raised', serverId))),
    );
    for (const { serverId, reasons, receivedAtMs } of alarms) {
      expect(reasons).toEqual(['silent']);
      const silentMs = receivedAtMs - tap.lastOf(serverId)!.atMs;
      expect(silentMs).toBeGreaterThan(SILENT_AFTER_MS - 100);
      expect(silentMs).toBeLessThan(SILENT_AFTER_MS + SLACK_MS);
      expect(receivedAtMs - deadAtMs).toBeLessThan(SILENT_AFTER_MS + SLACK_MS);
      expect(watchdog.output()).toContain(`ALARM: Cordon ${serverId} has not said`);
      await commandHeard(`raised ${serverId} silent`);
    }
  }, 40_000);

  test('[WD1] is not fooled by the last words of the dead, played again', async () => {
    const { body } = tap.lastOf('killed')!;
    const statuses = [];
    for (let times = 0; times < 20; times += 1) {
      const answer = await fetch(`${watchdog.url}/well`, { method: 'POST', body });
      statuses.push(answer.status);
    }
    expect(new Set(statuses)).toEqual(new Set([401]));
    expect(await stateOf('killed')).toBe('silent');
  });

  test('[WD3] [WD6] tells that one is well again, though the gateway is out of order', async () => {
    gateway.outOfOrder = true;
    stopped.goOn();
    await gateway.refusal();
    expect(watchdog.output()).toContain('over: Cordon stopped is well again');
    gateway.outOfOrder = false;
    const { reasons } = await gateway.next(of('recovered', 'stopped'));
    expect(reasons).toEqual(['silent']);
    expect(gateway.received.filter(of('recovered', 'stopped'))).toHaveLength(1);
    expect(await stateOf('stopped')).toBe('well');
    expect(await stateOf('killed')).toBe('silent');
  });

  test('[LP2] the one that stood still for longer than a stall may last lives on', async () => {
    expect(SILENT_AFTER_MS - TELL_EVERY_MS).toBeGreaterThan(KILL_AFTER_S * 1000);
    expect((await stopped.ask(null, 'GET', '/health/ready')).status).toBe(200);
    expect(stopped.child.signalCode).toBeNull();
    expect(stopped.output()).not.toContain('this process ends here');
  });

  test('[WD4] sees how far the journal of a server had come when it was stopped', async () => {
    // At its end a server signs for its journal; the next process tells that at its first word.
    await stopped.interrupt();
    const word = tap.word('stopped');
    stopped = await startServer({ like: stopped, env: envOf('stopped') });
    await word;
    const path = join(dir.path, 'state', 'checkpoints.ndjson');
    const [seen] = readFileSync(path, 'utf8').split('\n');
    expect(JSON.parse(seen!)).toMatchObject({ type: 'seen', serverId: 'stopped' });
    const { servers } = await watchdog.view();
    const { checkpointSeq } = servers.find(({ serverId }) => serverId === 'stopped')!;
    expect(checkpointSeq).toBeGreaterThan(0);
  });
});
