import { AxeBuilder } from '@axe-core/playwright';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { build } from 'vite';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { HEARTBEAT_MISSED_MS } from '../../shared/console-message.ts';
import { launchChromium } from '../support/chromium.ts';
import { type FakeServer, fakeServer, type FakeWorld } from './fake-server.ts';
import { alertOf, contactBan, homeZone, nightAlerts, positionOf } from './fixtures.ts';

const folder = mkdtempSync(join(tmpdir(), 'cordon-console-'));
const root = join(folder, 'site');
const WCAG = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];
/** Rendering and the test's own steps, on a busy machine with two cores. */
const PATIENCE_MS = 20_000;

let browser: Browser;
let server: FakeServer;
let context: BrowserContext;
/** What went wrong on the page, and every address it asked. */
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

function night(): FakeWorld {
  const nowMs = Date.now();
  const features = [positionOf('ankle-monitor', {}, nowMs), positionOf('victim-device', {}, nowMs)];
  return { alerts: nightAlerts(nowMs), features, bans: [contactBan, homeZone] };
}

interface Opening {
  readonly world?: FakeWorld;
  readonly preferences?: { language: 'nl' | 'en'; theme: 'light' | 'dark' };
  readonly in?: Browser;
}

async function openDoor({ world = night(), preferences, in: where = browser }: Opening = {}) {
  server = await fakeServer(root, world);
  context = await where.newContext({ viewport: { width: 1440, height: 900 } });
  context.setDefaultTimeout(PATIENCE_MS);
  context.on('request', (request) => asked.push(request.url()));
  const page = await context.newPage();
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('console', (message) => {
    // The first look for a session is answered by 401; the browser reports every such answer.
    if (message.type() === 'error' && !/401|WebGL/.test(message.text())) {
      complaints.push(message.text());
    }
  });
  if (preferences !== undefined) {
    const stored = JSON.stringify({ ...preferences, shortcuts: false });
    await page.addInitScript((text) => localStorage.setItem('cordon-console', text), stored);
  }
  await page.goto(server.url);
  await page.waitForSelector('form.sign-in');
  return page;
}

async function openDesk(opening: Opening = {}): Promise<Page> {
  const page = await openDoor(opening);
  await page.fill('input[name=username]', 'm.devries');
  await page.fill('input[name=password]', 'geheim');
  await page.click('form.sign-in button.primary');
  await page.click(
    '.card button.primary:has-text("ienst"), .card button.primary:has-text("shift")',
  );
  await page.waitForSelector('.desk.live');
  return page;
}

const rowOf = (page: Page, alertId: string) => page.locator(`.row[data-alert="${alertId}"]`);
const violations = async (page: Page) => {
  const { violations: found } = await new AxeBuilder({ page }).withTags(WCAG).analyze();
  return found.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' | ')}`);
};

describe('signing in', () => {
  test('a wrong password is said in words, and password managers are welcome', async () => {
    const page = await openDoor();
    await page.fill('input[name=username]', 'm.devries');
    await page.fill('input[name=password]', 'fout');
    await page.click('form.sign-in button.primary');
    await page.getByText('Gebruikersnaam of wachtwoord klopt niet.').waitFor();
    const kinds = await page
      .locator('input')
      .evaluateAll((inputs) => inputs.map((input) => input.getAttribute('autocomplete')));
    expect(kinds).toEqual(['username', 'current-password']);
    expect(await violations(page)).toEqual([]);
  });

  test('a started shift shows the breach with all that is needed to judge it', async () => {
    const page = await openDesk();
    const row = rowOf(page, 'a-1');
    await row.waitFor();
    const text = (await row.innerText()).replaceAll(/\s+/g, ' ');
    for (const part of ['Prioriteit 1', 'Contactverbod', 'overtreding', '430 ± 12 m']) {
      expect(text).toContain(part);
    }
    expect(text).toMatch(/Positie drager \d+ s oud Positie slachtoffer \d+ s oud/);
    expect(text).toMatch(/over ca\. 5 min/);
    expect(await page.title()).toBe('(2) Cordon');
    await page.waitForSelector('[data-map=drawn]');
    await page.locator('.marker.wearer.selected').waitFor();
    expect(await page.locator('.positions').innerText()).toContain('4.35350, 52.00850');
    await page.getByText(/^\d+ m ten noordwesten van Delft$/).waitFor();
    await page.screenshot({ path: join(folder, 'night.png') });
  });
});

describe('by keyboard alone', () => {
  test('an alert is acknowledged, and the focus stays in its row', async () => {
    const page = await openDesk();
    await rowOf(page, 'a-1').waitFor();
    const focused = (): Promise<string | null> =>
      page.evaluate(() => {
        const row = document.activeElement?.closest<HTMLElement>('.row');
        const name = document.activeElement?.className ?? '';
        return row ? `${row.dataset['alert']}/${name}` : null;
      });
    for (let presses = 0; presses < 40; presses++) {
      if ((await focused()) === 'a-1/acknowledge') break;
      await page.keyboard.press('Tab');
    }
    expect(await focused()).toBe('a-1/acknowledge');
    await page.keyboard.press('Enter');
    expect(await server.told('acknowledge')).toMatchObject({ alertId: 'a-1' });
    await rowOf(page, 'a-1').locator('.state.acknowledged').waitFor();
    expect(await focused()).toBe('a-1/select');
    await page.keyboard.press('ArrowDown');
    expect(await focused()).toBe('a-2/select');
  });

  test('a note is sent once and leaves an empty field', async () => {
    const page = await openDesk();
    await page.locator('summary', { hasText: 'Notitie' }).focus();
    await page.keyboard.press('Enter');
    await page.keyboard.press('Tab');
    await page.keyboard.type('Slachtoffer gebeld, is binnen.');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    const note = await server.told('note');
    expect(note).toMatchObject({ alertId: 'a-1', text: 'Slachtoffer gebeld, is binnen.' });
    expect(server.heard.filter(({ type }) => type === 'note')).toHaveLength(1);
    expect(await page.locator('.act textarea[name=text]').first().inputValue()).toBe('');
  });
});

describe('what comes in', () => {
  test('a new alert moves neither the focus nor the row under it, but is seen', async () => {
    const page = await openDesk();
    const row = rowOf(page, 'a-2');
    await row.locator('.select').focus();
    const before = await row.boundingBox();
    server.raise(
      alertOf('b-1', { caseId: 'case-9', wearerId: 'w-9', victimId: 'v-9' }, Date.now()),
    );
    await page.locator('.waiting.urgent').waitFor();
    expect(await row.boundingBox()).toEqual(before);
    const inRow = await row.evaluate((element) => element.contains(document.activeElement));
    expect(inRow).toBe(true);
    expect(await page.locator('#urgent').innerText()).toContain('Drager w-9');
    await page.locator('.waiting').click();
    await rowOf(page, 'b-1').waitFor();
  });
});

describe('when the server falls silent', () => {
  test('the whole page says so within the limit, and takes it back when it speaks', async () => {
    const page = await openDesk();
    await page.waitForSelector('.banner.none', { state: 'attached' });
    server.fallSilent();
    const startedAtMs = performance.now();
    await page.waitForSelector('.banner.down');
    expect(performance.now() - startedAtMs).toBeLessThan(HEARTBEAT_MISSED_MS + 2_000);
    expect(await page.locator('.banner.down').innerText()).toContain('Alles hieronder is oud');
    expect(await page.title()).toMatch(/^Oud! /);
    expect((await page.locator('.banner').boundingBox())?.width).toBe(1440);
    expect(await page.locator('.acknowledge:enabled').count()).toBe(0);
    expect(await violations(page)).toEqual([]);
    await page.screenshot({ path: join(folder, 'silent.png') });
    server.speakAgain();
    await page.waitForSelector('.desk.live');
  });
});

describe('the proof of the chain', () => {
  test.each([
    ['nl', 'light', /^Keten bewezen: \d+ s geleden$/, /^Keten niet bewezen sinds \d+:\d+$/],
    ['en', 'dark', /^Chain proven: \d+ s ago$/, /^Chain not proven since \d+:\d+$/],
  ] as const)('is ticked while it is fresh, in %s, %s', async (language, theme, fresh, old) => {
    const page = await openDesk({ preferences: { language, theme } });
    const secondsAgo = (seconds: number): string =>
      new Date(Date.now() - 1_000 * seconds).toISOString();
    const said = async (kind: string): Promise<string> =>
      (await page.locator(`.proof.${kind}`).innerText()).trim();
    await page.waitForSelector('[data-map=drawn]');
    expect(await page.locator('.proof').count()).toBe(0);
    server.prove(secondsAgo(12));
    await page.waitForSelector('.proof.fresh svg');
    expect(await said('fresh')).toMatch(fresh);
    expect(await violations(page)).toEqual([]);
    await page.screenshot({ path: join(folder, `proof-${language}.png`) });
    server.prove(secondsAgo(600));
    await page.waitForSelector('.proof.old');
    expect(await page.locator('.proof svg').count()).toBe(0);
    expect(await said('old')).toMatch(old);
    expect(await violations(page)).toEqual([]);
    await page.screenshot({ path: join(folder, `no-proof-${language}.png`) });
  });
});

/** Also the forms that shut each other, so that what is folded away is looked at too. */
function openEverything(): void {
  for (const details of document.querySelectorAll<HTMLDetailsElement>('.desk details')) {
    details.removeAttribute('name');
    if (!details.className.includes('maplibre')) details.open = true;
  }
}

describe('for everybody', () => {
  test.each([
    ['nl', 'light'],
    ['nl', 'dark'],
    ['en', 'light'],
    ['en', 'dark'],
  ] as const)('no barrier is found in %s, %s', async (language, theme) => {
    const page = await openDesk({ preferences: { language, theme } });
    await page.waitForSelector('[data-map=drawn]');
    await page.evaluate(openEverything);
    expect(await violations(page)).toEqual([]);
    expect(await page.locator('html').getAttribute('lang')).toBe(language);
    await page.screenshot({ path: join(folder, `${language}-${theme}.png`) });
  });

  test('the language is switched and remembered', async () => {
    const page = await openDesk();
    await page.getByRole('button', { name: 'English' }).click();
    await page.getByRole('heading', { name: 'Alerts' }).waitFor();
    await page.reload();
    await page.getByRole('button', { name: 'Start shift' }).waitFor();
  });
});

describe('without WebGL', () => {
  test('the list and the table do all the work', async () => {
    const plain = await launchChromium({ webgl: false });
    try {
      const page = await openDesk({ in: plain });
      await page.waitForSelector('.no-map');
      expect(await page.locator('.positions').innerText()).toContain('430 m uit elkaar');
      await rowOf(page, 'a-1').locator('.acknowledge').click();
      expect(await server.told('acknowledge')).toMatchObject({ alertId: 'a-1' });
      expect(await violations(page)).toEqual([]);
      await page.screenshot({ path: join(folder, 'no-webgl.png') });
    } finally {
      await plain.close();
    }
  });
});
