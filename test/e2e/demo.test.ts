import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Alert } from '../../shared/alert.ts';
import { launchChromium } from '../support/chromium.ts';
import type { ConsoleProbe } from '../support/console-probe.ts';
import { type ServerProcess, startServer } from '../support/server-process.ts';

/** What `npm run demo` promises to show, counted from its start. (DESIGN §8) */
const SHOWN_WITHIN_MS = 60_000;
const BUILT = new URL('../../dist/console/index.html', import.meta.url);

let server: ServerProcess;
let desk: ConsoleProbe;
let browser: Browser;
let page: Page;
let deadlineMs: number;
const complaints: string[] = [];
/** Set CORDON_SCREENSHOT to keep what the browser test saw. */
const folder = mkdtempSync(join(tmpdir(), 'cordon-demo-'));
const screenshot = process.env['CORDON_SCREENSHOT'] ?? join(folder, 'console.png');

beforeAll(async () => {
  if (!existsSync(BUILT)) throw new Error('the console is not built: npm run build');
  browser = await launchChromium({ webgl: true });
  deadlineMs = Date.now() + SHOWN_WITHIN_MS;
  server = await startServer({ demo: true });
  desk = await server.openConsole();
  page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
  page.on('pageerror', (error) => complaints.push(error.message));
});

afterAll(async () => {
  await browser?.close();
  await server?.remove();
  rmSync(folder, { recursive: true, force: true });
});

const shown = (what: string, fits: (alert: Alert) => boolean): Promise<Alert> =>
  desk.waitFor(what, () => desk.changes().find(fits), deadlineMs - Date.now());

test(
  'an operator signs in, starts the shift and sees the breach that is going on',
  async () => {
    const { username, password } = server.credentials.operator;
    await page.goto(server.httpUrl);
    await page.fill('input[name=username]', username);
    await page.fill('input[name=password]', password);
    await page.click('form.sign-in button.primary');
    await page.click('.card button.primary:not([disabled]):not(form *)');
    await page.waitForSelector('.desk.live');
    const { alertId } = await shown('a breach of w-demo-1', (alert) => {
      return alert.wearerId === 'w-demo-1' && alert.stage === 'breach';
    });
    await page.locator(`.row[data-alert="${alertId}"]`).waitFor({ timeout: 5_000 });
  },
  SHOWN_WITHIN_MS,
);

const PROMISED: readonly [what: string, fits: (alert: Alert) => boolean][] = [
  [
    'w-demo-2 inside a zone he is banned from',
    (alert) =>
      alert.wearerId === 'w-demo-2' && alert.kind === 'location' && alert.stage === 'breach',
  ],
  [
    "the silence of w-demo-3's device",
    ({ code, deviceId }) => code === 'silent' && deviceId === 'ankle-demo-3',
  ],
  ['the SOS of v-demo-4', ({ code, victimId }) => code === 'sos' && victimId === 'v-demo-4'],
  [
    'two recorded trips that meet, w-demo-5',
    (alert) => alert.wearerId === 'w-demo-5' && alert.stage === 'breach',
  ],
];

test.each(PROMISED)(
  'within a minute it shows %s',
  async (what, fits) => {
    await shown(what, fits);
  },
  SHOWN_WITHIN_MS,
);

test('w-demo-1 was seen to approach before he broke the ban', () => {
  const stages = desk
    .changes()
    .filter(({ wearerId, kind }) => wearerId === 'w-demo-1' && kind === 'contact')
    .map(({ stage }) => stage);
  expect(stages[0]).toBe('approach');
  expect(stages).toContain('breach');
});

test('those who lead their normal lives raise nothing', () => {
  const about = ({ wearerId, victimId }: Alert): number =>
    Number((wearerId ?? victimId ?? '0').split('-').at(-1));
  const others = desk.changes().filter((alert) => about(alert) > 5);
  expect(others.map(({ code, wearerId, victimId }) => [code, wearerId, victimId])).toEqual([]);
});

test('the console shows all of it, without an error on the page', async () => {
  const urgent = [...desk.alerts().values()].filter(({ priority }) => priority === 1);
  for (const { alertId } of urgent) {
    await page.locator(`.row[data-alert="${alertId}"]`).waitFor({ timeout: 5_000 });
  }
  await page.locator(`.row[data-alert="${urgent[0]!.alertId}"]`).click();
  await page.screenshot({ path: screenshot });
  expect(complaints).toEqual([]);
});

test('Ctrl-C ends the server and the simulator, cleanly', async () => {
  await desk.close();
  await page.close();
  const { stdout } = await promisify(execFile)('pgrep', ['-P', String(server.child.pid)]);
  const children = stdout.trim().split('\n').map(Number);
  expect(children.length).toBeGreaterThan(0);
  expect(await server.interrupt()).toBe(0);
  for (const pid of children) await gone(pid);
  expect(server.output()).not.toMatch(/error/i);
});

const GONE_WITHIN_MS = 5_000;

/** No event tells of the end of somebody else's child: look until it is gone. */
async function gone(pid: number): Promise<void> {
  const untilMs = Date.now() + GONE_WITHIN_MS;
  while (isAlive(pid)) {
    if (Date.now() > untilMs) throw new Error(`process ${pid} outlived the server`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

test('a second start in the same folder leaves the orders as they are', async () => {
  server = await startServer({ demo: true, like: server });
  const { body } = await server.ask<{ items: { orderId: string; version: number }[] }>(
    'cjib',
    'GET',
    '/v1/orders',
  );
  // Put and approved; of one another text was put, and waits.
  const versions = body.items.map(({ orderId, version }) => `${orderId}/${version}`);
  expect(versions).toHaveLength(9);
  expect(versions).toContain('order-demo-6/3');
  expect(versions.filter((each) => each.endsWith('/2'))).toHaveLength(8);
}, 60_000);
