import { AxeBuilder } from '@axe-core/playwright';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { build } from 'vite';
import { afterAll, afterEach, beforeAll, expect } from 'vitest';
import { launchChromium } from '../support/chromium.ts';
import { ME, nightOrders } from './approval-fixtures.ts';
import { type FakeOrders, fakeOrders, type HeardAct } from './fake-orders.ts';
import { type FakeServer, fakeServer } from './fake-server.ts';

const WCAG = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];
/** Rendering and the test's own steps, on a busy machine with two cores. */
const PATIENCE_MS = 20_000;

export interface Opening {
  readonly preferences?: { language: 'nl' | 'en'; theme: 'light' | 'dark' };
  readonly in?: Browser;
  /** The browser reports each answer that says no. */
  readonly refused?: RegExp;
}

/** The approval page as built, in a real browser, before the orders of one night. */
export interface ApprovalDoor {
  open(opening?: Opening): Promise<Page>;
  orders(): FakeOrders;
  /** Acts on an address that ends so. */
  sent(path: string): HeardAct[];
}

/** For one test file: whatever goes wrong on the page fails the test that opened it. */
export function approvalDoor(): ApprovalDoor {
  const folder = mkdtempSync(join(tmpdir(), 'cordon-approval-'));
  const root = join(folder, 'site');
  let browser: Browser;
  let server: FakeServer;
  let orders: FakeOrders;
  let context: BrowserContext;
  let complaints: string[] = [];
  let asked: string[] = [];

  beforeAll(async () => {
    await build({
      configFile: join(import.meta.dirname, '../../console/vite.config.ts'),
      build: { outDir: root, emptyOutDir: true },
      logLevel: 'warn',
    });
    browser = await launchChromium({ webgl: true });
  }, 120_000);
  afterEach(async () => {
    const outside = asked.filter((url) => !url.startsWith(server.url) && !url.startsWith('blob:'));
    await context.close();
    await server.close();
    expect(outside, 'asked of outside hosts').toEqual([]);
    expect(complaints, 'errors on the page').toEqual([]);
    complaints = [];
    asked = [];
  });
  afterAll(async () => {
    await browser?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  return {
    orders: () => orders,
    sent: (path) => orders.heard.filter((act) => act.path.endsWith(path)),
    async open({ preferences, in: where = browser, refused } = {}) {
      orders = fakeOrders(nightOrders(Date.now()));
      server = await fakeServer(root, { alerts: [], features: [], bans: [], orders });
      context = await where.newContext({ viewport: { width: 1366, height: 768 } });
      context.setDefaultTimeout(PATIENCE_MS);
      context.on('request', (request) => asked.push(request.url()));
      const page = await context.newPage();
      page.on('pageerror', (error) => complaints.push(error.message));
      page.on('console', (message) => {
        const expected = /401|WebGL/.test(message.text()) || refused?.test(message.text());
        if (message.type() === 'error' && !expected) complaints.push(message.text());
      });
      if (preferences !== undefined) {
        const stored = JSON.stringify({ ...preferences, shortcuts: false });
        await page.addInitScript((text) => localStorage.setItem('cordon-console', text), stored);
      }
      await page.goto(server.url);
      await page.fill('input[name=username]', ME);
      await page.fill('input[name=password]', 'geheim');
      await page.click('form.sign-in button.primary');
      await page.waitForSelector('.approval.live');
      return page;
    },
  };
}

export async function choose(page: Page, orderId: string): Promise<void> {
  await page.locator(`.queue [data-order="${orderId}"]`).first().click();
  await page.locator('.dossier-head', { hasText: orderId }).waitFor();
}

export const textOf = async (page: Page, selector: string): Promise<string> =>
  (await page.locator(selector).first().innerText()).replaceAll(/\s+/g, ' ');

export async function violations(page: Page): Promise<string[]> {
  const { violations: found } = await new AxeBuilder({ page }).withTags(WCAG).analyze();
  return found.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' | ')}`);
}
