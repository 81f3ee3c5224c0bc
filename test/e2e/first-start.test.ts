import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'libsql';
import { afterEach, expect, test } from 'vitest';
import { z } from 'zod';
import { freePort } from '../support/free-port.ts';
import { withoutOurs } from '../support/server-process.ts';

/** `npm start` for the first time, cut off at its worst moment. */

const Accounts = z.array(z.object({ username: z.string(), role: z.string(), secret: z.string() }));
const UP_WITHIN_MS = 30_000;
const LOOK_EVERY_MS = 10;

let dataDir = '';
const children: ChildProcess[] = [];
afterEach(() => {
  for (const child of children) child.kill('SIGKILL');
  rmSync(dataDir, { recursive: true, force: true });
});

async function start(dir: string): Promise<{ child: ChildProcess; httpUrl: string }> {
  const httpPort = String(await freePort());
  const child = spawn(process.execPath, ['--import', 'tsx', 'server/main.ts'], {
    stdio: 'ignore',
    env: {
      ...withoutOurs(process.env),
      CORDON_DATA_DIR: dir,
      CORDON_HTTP_PORT: httpPort,
      CORDON_MQTT_PORT: String(await freePort()),
    },
  });
  children.push(child);
  return { child, httpUrl: `http://127.0.0.1:${httpPort}` };
}

async function holds(what: () => Promise<boolean> | boolean): Promise<void> {
  const untilMs = Date.now() + UP_WITHIN_MS;
  while (!(await what())) {
    if (Date.now() > untilMs) throw new Error('waited in vain');
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
  }
}

const isReady = (httpUrl: string) => (): Promise<boolean> =>
  fetch(`${httpUrl}/health/ready`).then(
    ({ ok }) => ok,
    () => false,
  );

/** Looks from outside, as soon as there is something to look at. */
const hasAccounts = (dir: string) => (): boolean => {
  const path = join(dir, 'cordon.db');
  if (!existsSync(path)) return false;
  const database = new Database(path, { readonly: true });
  try {
    const row = database.prepare('SELECT count(*) FROM accounts').raw().get() as [number];
    return row[0] > 0;
  } catch {
    return false;
  } finally {
    database.close();
  }
};

test('killed when its first account is on disk, it lets all of them in later', async () => {
  dataDir = mkdtempSync(join(tmpdir(), 'cordon-first-'));
  const first = await start(dataDir);
  await holds(hasAccounts(dataDir));
  first.child.kill('SIGKILL');
  await once(first.child, 'exit');

  const { httpUrl } = await start(dataDir);
  await holds(isReady(httpUrl));
  const told = readFileSync(join(dataDir, 'initial-accounts.json'), 'utf8');
  const people = Accounts.parse(JSON.parse(told)).filter(({ role }) => role !== 'cjib');
  expect(people.length).toBeGreaterThan(3);
  for (const { username, secret } of people) {
    const answer = await fetch(`${httpUrl}/v1/sessions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ username, password: secret }),
    });
    expect([username, answer.status]).toEqual([username, 201]);
  }
});
