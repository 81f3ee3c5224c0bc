import type { Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { CircleZone } from '../../shared/zone.ts';
import { launchChromium } from '../support/chromium.ts';
import { approvalDoor, choose, textOf, violations } from './approval-door.ts';

const door = approvalDoor();

describe('a zone', () => {
  const draw = async (page: Page, orderId = 'CJIB-451'): Promise<void> => {
    await choose(page, orderId);
    await page.click('[data-ban=b2]');
    await page.waitForSelector('.zone-form');
  };

  test('[AV8] is typed in RD metres beside the words of the order, checked and saved', async () => {
    const page = await door.open();
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
    const [put] = door.sent('/zone');
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
    const page = await door.open({ refused: /400/ });
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
    const page = await door.open();
    await page.waitForSelector('[data-map=drawn]');
    await draw(page, 'CJIB-398');
    await page.getByText('De server kan dit gebied bewaken.').waitFor();
    await page.locator('.pens').getByRole('button', { name: 'Cirkel' }).click();
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
    const page = await door.open({ preferences: { language, theme } });
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
    const page = await door.open();
    await page.waitForSelector('[data-map=drawn]');
    await choose(page, 'CJIB-398');
    await page.click('[data-ban=b2]');
    await page.waitForSelector('.verdict .good');
    const small = await page
      .locator('.approval button:visible, .approval summary:visible, .approval select:visible')
      .evaluateAll((all) =>
        all
          // A row is clicked anywhere; beside the buttons of the map library stand ours.
          .filter((one) => !one.matches('.select, [class^=maplibre] *, details .menu *'))
          .filter((one) => one.getBoundingClientRect().height < 44)
          .map((one) => one.outerHTML),
      );
    expect(small).toEqual([]);
  });

  test('the language is switched, and the queue walked by keyboard', async () => {
    const page = await door.open();
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
      const page = await door.open({ in: plain });
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
      expect(door.sent('/zone')[0]?.body).toEqual({
        type: 'Circle',
        center: [5.1214, 52.0907],
        radiusM: 300,
      });
    } finally {
      await plain.close();
    }
  });
});
