import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { type OpenPage, openPage } from '../../bench/faults/console-page.ts';
import { HEARTBEAT_MISSED_MS } from '../../shared/console-message.ts';
import { type ServerProcess, startServer } from '../support/server-process.ts';

/** Rendering and other processes, on a busy machine with two cores. */
const SLACK_MS = 3_000;
/** A dead viewer is known so soon. (RELIABILITY test 31) */
const VIEWER_GONE_MS = 10_000;
const LOOK_EVERY_MS = 200;

let server: ServerProcess;
let open: OpenPage | null = null;

beforeAll(async () => {
  server = await startServer();
});
afterEach(async () => {
  await open?.close();
  open = null;
});
afterAll(() => server?.remove());

test('[WS6] a page whose server stands still says so over its whole width', async () => {
  open = await openPage(server);
  const { page } = open;
  server.pause();
  const cutMs = performance.now();
  await page.waitForSelector('.banner.down');
  expect(performance.now() - cutMs).toBeLessThan(HEARTBEAT_MISSED_MS + SLACK_MS);
  const { width } = page.viewportSize()!;
  expect((await page.locator('.banner').boundingBox())?.width).toBe(width);
  expect(await page.locator('.banner').innerText()).toContain('Alles hieronder is oud');
  expect(await page.title()).toMatch(/^Oud! /);
  server.goOn();
  await page.waitForSelector('.desk.live');
});

test('a viewer that stands still is known to be none within ten seconds', async () => {
  const viewer = spawn(process.execPath, ['--import', 'tsx', VIEWER, server.httpUrl], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, COOKIE: (await server.headersOf('operator')).cookie },
  });
  await once(viewer.stdout, 'data');
  expect(await server.metric('cordon_consoles')).toBe(1);
  // Its kernel goes on to acknowledge what we send: only a ping tells.
  viewer.kill('SIGSTOP');
  const cutMs = performance.now();
  while ((await server.metric('cordon_consoles')) > 0) {
    expect(performance.now() - cutMs, 'still counted as a viewer').toBeLessThan(60_000);
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
  }
  expect(performance.now() - cutMs).toBeLessThan(VIEWER_GONE_MS + SLACK_MS);
  viewer.kill('SIGKILL');
}, 90_000);

const VIEWER = fileURLToPath(new URL('viewer.ts', import.meta.url));
