import { AxeBuilder } from '@axe-core/playwright';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { build } from 'vite';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { CircleZone } from '../../shared/zone.ts';
import { launchChromium } from '../support/chromium.ts';
import { ME, nightOrders } from './approval-fixtures.ts';
import { type FakeOrders, fakeOrders } from './fake-orders.ts';
import { type FakeServer, fakeServer } from './fake-server.ts';

const folder = mkdtempSync(join(tmpdir(), 'cordon-approval-'));
const root = join(folder, 'site');
const WCAG = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];
/** Rendering and the test's own steps, on a busy machine with two cores. */
const PATIENCE_MS = 20_000;

let browser: Browser;
let server: FakeServer;
let orders: FakeOrders;
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

interface Opening {
  readonly preferences?: { language: 'nl' | 'en'; theme: 'light' | 'dark' };
  readonly in?: Browser;
  /** The browser reports each answer that says no. */
  readonly refused?: RegExp;
}

async function open({ preferences, in: where = browser, refused }: Opening = {}): Promise<Page> {
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
}

async function choose(page: Page, orderId: string): Promise<void> {
  await page.locator(`.queue [data-order="${orderId}"]`).first().click();
  await page.locator('.dossier-head', { hasText: orderId }).waitFor();
}

const textOf = async (page: Page, selector: string): Promise<string> =>
  (await page.locator(selector).first().innerText()).replaceAll(/\s+/g, ' ');
const sent = (path: string) => orders.heard.filter((act) => act.path.endsWith(path));
const violations = async (page: Page) => {
  const { violations: found } = await new AxeBuilder({ page }).withTags(WCAG).analyze();
  return found.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' | ')}`);
};

describe('the queue', () => {
  test('[AV1, AV2] what nobody watches is on top and loud, then what waits longest', async () => {
    const page = await open();
    const shown = await page
      .locator('.queue .section:not(.every) [data-order]')
      .evaluateAll((rows) => rows.map((row) => (row as HTMLElement).dataset['order']));
    expect(shown).toEqual(['CJIB-451', 'CJIB-398', 'CJIB-377', 'CJIB-402']);
    const loud = await textOf(page, '.queue .row.loud');
    expect(loud).toContain('NOG NIET GEHANDHAAFD');
    expect(loud).toContain('Nieuw bevel wacht 2 u');
    expect(await page.locator('.queue .row.loud svg.sign-alarm').count()).toBe(1);
    expect(await page.title()).toBe('(4) Bevelen · Cordon');
    // Five orders in pages of three: the second page is read too.
    expect(await textOf(page, '.every h3')).toBe('Alle bevelen 5 bevelen');
    await page.fill('[name=search]', 'w-7');
    expect(await textOf(page, '.every h3')).toBe('Alle bevelen 1 bevel');
    await page.fill('[name=search]', '');
    await page.selectOption('[name=status]', 'active');
    expect(await textOf(page, '.every .rows')).toContain('CJIB-2026-000210');
  });

  test('[AV3] nothing moves under the pointer while others work', async () => {
    const page = await open();
    const row = page.locator('.queue .section.awaiting .row', { hasText: 'CJIB-398' });
    await row.hover();
    const before = await row.boundingBox();
    orders.amend('CJIB-451', { status: 'rejected', cause: 'rejection', by: 'b.smit' });
    const [first] = nightOrders(Date.now());
    const [version] = first!.versions;
    orders.add({ ...first!, versions: [{ ...version!, orderId: 'CJIB-460' as never }] });
    await page.locator('.queue .waiting', { hasText: '1 nieuw' }).waitFor();
    expect(await row.boundingBox()).toEqual(before);
    expect(await textOf(page, '.queue .row.over')).toContain('Intussen veranderd');
    await page.locator('.queue .waiting').click();
    await page.locator('.queue .loud [data-order="CJIB-460"]').waitFor();
    expect(await page.locator('.queue .row.over').count()).toBe(0);
  });

  test('[AV4] a server that is silent is told over the whole width, and decides nothing', async () => {
    const page = await open({ refused: /ERR_EMPTY_RESPONSE/ });
    await choose(page, 'CJIB-377');
    await page.check('[name=less-protection]');
    await page.locator('.approve:enabled').waitFor();
    orders.fallSilent();
    await page.waitForSelector('.banner.down');
    expect((await page.locator('.banner').boundingBox())?.width).toBe(1366);
    expect(await textOf(page, '.banner')).toContain('Alles hieronder is oud');
    expect(await page.title()).toMatch(/^Oud! /);
    expect(await page.locator('.decide button.primary:enabled').count()).toBe(0);
    expect(await violations(page)).toEqual([]);
    orders.speakAgain();
    await page.click('.banner button');
    await page.locator('.approve:enabled').waitFor();
  });

  test('[AV4] a session that ended is said, with a way to sign in again', async () => {
    const page = await open();
    orders.signOut();
    await page.getByText('Uw sessie is verlopen').waitFor();
    expect(await page.locator('.sign-in-again input[name=username]').count()).toBe(1);
    expect(await violations(page)).toEqual([]);
  });
});

describe('an order', () => {
  test('[AV6, AV7] what changes, for whom it is worse, and what it will cost', async () => {
    const page = await open();
    await choose(page, 'CJIB-398');
    const first = await textOf(page, '.change');
    expect(first).toBe(
      'MINDER BESCHERMING Contactverbod b1: Verboden afstand Was 500 m Wordt 300 m',
    );
    expect(await page.locator('.change').first().locator('svg.sign-less').count()).toBe(1);
    const text = await textOf(page, '.dossier-scroll');
    for (const part of [
      'Deze tekst komt in de plaats van versie 2, die nu geldt.',
      'Het slachtoffer krijgt op 1 punt MINDER bescherming.',
      'meer bescherming Locatieverbod b2 “woning slachtoffer”: Gebied',
      'Gedragsaanwijzing van de officier van justitie, art. 509hh Sv',
      '11 per week, waarvan minder dan 1 met prioriteit 1.',
      'Berust op 23 dagen van deze drager (61.204 posities).',
      'Wordt nu gehandhaafd zoals in versie 2',
      '80,1 ha, veelhoek met 4 hoekpunten',
      'TEGENSTRIJDIG',
      'Zijn werk ligt in dit gebied: ongeveer 32 uur per week.',
      'Overlapt locatieverbod “centrum” van bevel CJIB-210: 40 %.',
      'ma t/m vr 22:00–06:00 (volgende dag)',
      'Hij mag zich niet bevinden in de Kerkstraat',
    ]) {
      expect(text).toContain(part);
    }
    expect(text).toMatch(/wacht al 26 u/);
  });

  test('[AV5, AV6] is approved as it was seen, once the worse of it is ticked', async () => {
    const page = await open();
    await choose(page, 'CJIB-398');
    expect(await page.locator('.approve').isDisabled()).toBe(true);
    expect(await textOf(page, '#hindrance')).toBe('Vink eerst aan wat u hebt gezien.');
    await page.check('[name=less-protection]');
    await page.check('[name=contradiction]');
    await page.focus('.approve');
    await page.keyboard.press('Enter');
    await page.getByText('Goedgekeurd.', { exact: true }).waitFor();
    expect(sent('/approvals')).toMatchObject([{ path: '/v1/orders/CJIB-398/approvals' }]);
    expect(sent('/approvals')[0]?.ifMatch).toBe('"3"');
    await page.locator('.dossier-head', { hasText: 'versie 4' }).waitFor();
    expect(await page.locator('.queue .row.over, .section.awaiting .row').count()).toBe(2);
    const focus = await page.evaluate(() => document.activeElement?.className);
    expect(focus).toBe('dossier-scroll');
  });

  test('[AV5] that changed meanwhile is not approved', async () => {
    const page = await open({ refused: /412/ });
    await choose(page, 'CJIB-377');
    await page.check('[name=less-protection]');
    await page.locator('.approve:enabled').waitFor();
    orders.amend('CJIB-377', { cause: 'withdrawal', by: 'b.smit', reason: 'Vonnis vernietigd.' });
    await page.click('.approve');
    await page.getByText('Het bevel is intussen veranderd. Er is niets gedaan').waitFor();
    await page.locator('.notice', { hasText: 'Dit bevel is intussen veranderd' }).waitFor();
    expect(await page.locator('.approve').isDisabled()).toBe(true);
    await page.getByRole('button', { name: 'Nieuwe versie bekijken' }).click();
    await page.locator('.asked', { hasText: 'Intrekking' }).waitFor();
    // What was ticked for the version before counts for nothing.
    expect(await page.isChecked('[name=less-protection]')).toBe(false);
  });

  test('[AV10] that one asked for oneself must be approved by another', async () => {
    const page = await open();
    await choose(page, 'CJIB-402');
    const own = await textOf(page, '.decide .own');
    expect(own).toBe('U hebt dit zelf aangevraagd. Een ander moet dit goedkeuren.');
    expect(await page.locator('.approve').count()).toBe(0);
  });

  test('[AV10] is rejected with a reason and not without', async () => {
    const page = await open();
    await choose(page, 'CJIB-377');
    await page.locator('.step.rejection summary').focus();
    await page.keyboard.press('Enter');
    await page.fill('.step.rejection textarea', '   ');
    await page.click('.step.rejection button');
    expect(sent('/rejections')).toEqual([]);
    await page.fill('.step.rejection textarea', 'Niet overlegd met het slachtoffer.');
    await page.click('.step.rejection button');
    await page.getByText('Afgewezen. Wie het aanvroeg ziet uw reden.').waitFor();
    expect(sent('/rejections')).toMatchObject([
      { ifMatch: '"2"', body: { reason: 'Niet overlegd met het slachtoffer.' } },
    ]);
  });

  test('[AV10] in force is suspended with a reason', async () => {
    const page = await open();
    await choose(page, 'CJIB-210');
    expect(await page.locator('.step').count()).toBe(2);
    await page.click('.step.suspension summary');
    await page.fill('.step.suspension textarea', 'Opname in een kliniek.');
    await page.click('.step.suspension button');
    await page.getByText('Opschorting vastgelegd.').waitFor();
    expect(sent('/suspensions')).toMatchObject([{ ifMatch: '"1"' }]);
  });
});

describe('a zone', () => {
  const draw = async (page: Page, orderId = 'CJIB-451'): Promise<void> => {
    await choose(page, orderId);
    await page.click('[data-ban=b2]');
    await page.waitForSelector('.zone-form');
  };

  test('[AV8] is typed in RD metres beside the words of the order, checked and saved', async () => {
    const page = await open();
    await draw(page);
    expect(await textOf(page, '.zone-form .place')).toContain('Kerkstraat 12, 3511 KA Utrecht');
    await page.check('[name=crs][value=rd]');
    await page.fill('[name=centre-x]', '155000');
    await page.fill('[name=centre-y]', '463000,0');
    expect(await page.getByRole('button', { name: 'Gebied opslaan' }).isDisabled()).toBe(true);
    await page.fill('[name=radius]', '250');
    await page.getByText('De server kan dit gebied bewaken.').waitFor();
    expect(await textOf(page, '.live-area')).toBe('Oppervlakte 19,6 ha');
    await page.getByRole('button', { name: 'Gebied opslaan' }).click();
    await page.locator('.zone-form').waitFor({ state: 'detached' });
    const [put] = sent('/zone');
    expect(put).toMatchObject({ method: 'PUT', path: '/v1/orders/CJIB-451/bans/b2/zone' });
    expect(put?.ifMatch).toBe('"1"');
    // The tower of Amersfoort, where RD begins.
    const { center, ...circle } = CircleZone.parse(put?.body);
    expect(circle).toEqual({ type: 'Circle', radiusM: 250 });
    expect(center[0]).toBeCloseTo(5.387206, 5);
    expect(center[1]).toBeCloseTo(52.155173, 5);
    await page.locator('.asked', { hasText: 'Nieuw bevel, gebied getekend' }).waitFor();
  });

  test('[AV8] a corner that makes it cross itself is named, and undone', async () => {
    const page = await open({ refused: /400/ });
    await draw(page, 'CJIB-398');
    await page.getByText('De server kan dit gebied bewaken.').waitFor();
    const third = page.getByLabel('Hoekpunt 3, Lengte (oost)');
    const before = await third.inputValue();
    await third.fill('5.05');
    await page.getByText('Hoekpunt 3: de rand kruist of raakt zichzelf').waitFor();
    expect(await page.getByRole('button', { name: 'Gebied opslaan' }).isDisabled()).toBe(true);
    await page.getByRole('button', { name: 'Stap terug' }).click();
    expect(await third.inputValue()).toBe(before);
    await page.getByText('De server kan dit gebied bewaken.').waitFor();
    await page.getByRole('button', { name: 'Hoekpunt invoegen na 4' }).click();
    await page.getByText('Hoekpunt 5: is geen getal').waitFor();
    await page.getByRole('button', { name: 'Hoekpunt 5 weghalen' }).click();
    await page.getByText('De server kan dit gebied bewaken.').waitFor();
  });

  test('[AV8] is drawn by hand, and the numbers follow', async () => {
    const page = await open();
    await page.waitForSelector('[data-map=drawn]');
    await draw(page, 'CJIB-398');
    await page.getByText('De server kan dit gebied bewaken.').waitFor();
    await page.getByRole('button', { name: 'Cirkel tekenen' }).click();
    const map = page.locator('.map canvas');
    await map.click({ position: { x: 120, y: 200 } });
    await page.mouse.move(0, 0);
    await map.hover({ position: { x: 180, y: 200 } });
    await map.click({ position: { x: 180, y: 200 } });
    await page.locator('[name=shape][value=circle]:checked').waitFor();
    const radiusM = Number(await page.inputValue('[name=radius]'));
    expect(radiusM).toBeGreaterThan(50);
    await page.getByText('De server kan dit gebied bewaken.').waitFor();
    await page.getByRole('button', { name: 'Stap terug' }).click();
    await page.locator('[name=shape][value=polygon]:checked').waitFor();
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
    ['nl', 'light', 'MINDER BESCHERMING'],
    ['nl', 'dark', 'MINDER BESCHERMING'],
    ['en', 'light', 'LESS PROTECTION'],
    ['en', 'dark', 'LESS PROTECTION'],
  ] as const)('no barrier is found in %s, %s', async (language, theme, worse) => {
    const page = await open({ preferences: { language, theme } });
    await page.waitForSelector('[data-map=drawn]');
    await choose(page, 'CJIB-398');
    expect(await textOf(page, '.change')).toContain(worse);
    expect(await page.locator('html').getAttribute('lang')).toBe(language);
    await page.evaluate(openEverything);
    expect(await violations(page)).toEqual([]);
    await page.click('[data-ban=b2]');
    await page.waitForSelector('.verdict .good');
    expect(await violations(page)).toEqual([]);
  });

  test('every target is large enough', async () => {
    const page = await open();
    await page.waitForSelector('[data-map=drawn]');
    await choose(page, 'CJIB-398');
    await page.click('[data-ban=b2]');
    await page.waitForSelector('.verdict .good');
    const small = await page
      .locator('.approval button:visible, .approval summary:visible, .approval select:visible')
      .evaluateAll((all) =>
        all
          // A row is clicked anywhere; the buttons of the map library have keys and ours beside them.
          .filter((one) => !one.matches('.select, [class^=maplibre] *, details .menu *'))
          .filter((one) => one.getBoundingClientRect().height < 44)
          .map((one) => one.outerHTML),
      );
    expect(small).toEqual([]);
  });

  test('the language is switched, and the queue walked by keyboard', async () => {
    const page = await open();
    await page.getByRole('button', { name: 'English' }).click();
    await page.getByRole('heading', { name: 'To do' }).waitFor();
    expect(await textOf(page, '.queue .row.loud')).toContain('NOT YET ENFORCED');
    await page.locator('.queue .select').first().focus();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await page.locator('.dossier-head', { hasText: 'CJIB-398' }).waitFor();
    const focus = await page.evaluate(() => (document.activeElement as HTMLElement).dataset);
    expect(focus['order']).toBe('CJIB-398');
  });
});

describe('without WebGL', () => {
  test('[AV9] an order is read, a zone typed and saved', async () => {
    const plain = await launchChromium({ webgl: false });
    try {
      const page = await open({ in: plain });
      await page.waitForSelector('.no-map');
      await choose(page, 'CJIB-451');
      await page.click('[data-ban=b2]');
      await page.fill('[name=centre-x]', '5,1214');
      await page.fill('[name=centre-y]', '52,0907');
      await page.fill('[name=radius]', '300');
      await page.getByText('De server kan dit gebied bewaken.').waitFor();
      expect(await violations(page)).toEqual([]);
      await page.getByRole('button', { name: 'Gebied opslaan' }).click();
      await page.locator('.zone-form').waitFor({ state: 'detached' });
      expect(sent('/zone')[0]?.body).toEqual({
        type: 'Circle',
        center: [5.1214, 52.0907],
        radiusM: 300,
      });
    } finally {
      await plain.close();
    }
  });
});
