import { describe, expect, test } from 'vitest';
import { approvalDoor, choose, textOf, violations } from './approval-door.ts';
import { nightOrders } from './approval-fixtures.ts';

const door = approvalDoor();

describe('the queue', () => {
  test('[AV1, AV2] what nobody watches is on top and loud, then what waits longest', async () => {
    const page = await door.open();
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
    const page = await door.open();
    const row = page.locator('.queue .section.awaiting .row', { hasText: 'CJIB-398' });
    await row.hover();
    const before = await row.boundingBox();
    door.orders().amend('CJIB-451', { status: 'rejected', cause: 'rejection', by: 'b.smit' });
    const [first] = nightOrders(Date.now());
    const [version] = first!.versions;
    door.orders().add({ ...first!, versions: [{ ...version!, orderId: 'CJIB-460' as never }] });
    await page.locator('.queue .waiting', { hasText: '1 nieuw' }).waitFor();
    expect(await row.boundingBox()).toEqual(before);
    expect(await textOf(page, '.queue .row.over')).toContain('Intussen veranderd');
    await page.locator('.queue .waiting').click();
    await page.locator('.queue .loud [data-order="CJIB-460"]').waitFor();
    expect(await page.locator('.queue .row.over').count()).toBe(0);
  });

  test('[AV4] a server that is silent is told over the whole width, and decides nothing', async () => {
    const page = await door.open({ refused: /ERR_EMPTY_RESPONSE/ });
    await choose(page, 'CJIB-377');
    await page.check('[name=less-protection]');
    await page.locator('.approve:enabled').waitFor();
    door.orders().fallSilent();
    await page.waitForSelector('.banner.down');
    expect((await page.locator('.banner').boundingBox())?.width).toBe(1366);
    expect(await textOf(page, '.banner')).toContain('Alles hieronder is oud');
    expect(await page.title()).toMatch(/^Oud! /);
    expect(await page.locator('.decide button.primary:enabled').count()).toBe(0);
    expect(await violations(page)).toEqual([]);
    door.orders().speakAgain();
    await page.click('.banner button');
    await page.locator('.approve:enabled').waitFor();
  });

  test('[AV4] a session that ended is said, with a way to sign in again', async () => {
    const page = await door.open();
    door.orders().signOut();
    await page.getByText('Uw sessie is verlopen').waitFor();
    expect(await page.locator('.sign-in-again input[name=username]').count()).toBe(1);
    expect(await violations(page)).toEqual([]);
  });
});

describe('an order', () => {
  test('[AV6, AV7] what changes, for whom it is worse, and what it will cost', async () => {
    const page = await door.open();
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
    const page = await door.open();
    await choose(page, 'CJIB-398');
    expect(await page.locator('.approve').isDisabled()).toBe(true);
    expect(await textOf(page, '#hindrance')).toBe('Vink eerst aan wat u hebt gezien.');
    await page.check('[name=less-protection]');
    await page.check('[name=contradiction]');
    await page.focus('.approve');
    await page.keyboard.press('Enter');
    await page.getByText('Goedgekeurd.', { exact: true }).waitFor();
    expect(door.sent('/approvals')).toMatchObject([{ path: '/v1/orders/CJIB-398/approvals' }]);
    expect(door.sent('/approvals')[0]?.ifMatch).toBe('"3"');
    await page.locator('.dossier-head', { hasText: 'versie 4' }).waitFor();
    const row = page.locator('.section.awaiting [data-order="CJIB-398"]');
    await row.waitFor({ state: 'detached' });
    const focus = await page.evaluate(() => document.activeElement?.className);
    expect(focus).toBe('dossier-scroll');
  });

  test('[AV5] that changed meanwhile is not approved', async () => {
    const page = await door.open({ refused: /412/ });
    await choose(page, 'CJIB-377');
    await page.check('[name=less-protection]');
    await page.locator('.approve:enabled').waitFor();
    door
      .orders()
      .amend('CJIB-377', { cause: 'withdrawal', by: 'b.smit', reason: 'Vonnis vernietigd.' });
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
    const page = await door.open();
    await choose(page, 'CJIB-402');
    const own = await textOf(page, '.decide .own');
    expect(own).toBe('U hebt dit zelf aangevraagd. Een ander moet dit goedkeuren.');
    expect(await page.locator('.approve').count()).toBe(0);
  });

  test('[AV10] is rejected with a reason and not without', async () => {
    const page = await door.open();
    await choose(page, 'CJIB-377');
    await page.locator('.step.rejection summary').focus();
    await page.keyboard.press('Enter');
    await page.fill('.step.rejection textarea', '   ');
    await page.click('.step.rejection button');
    expect(door.sent('/rejections')).toEqual([]);
    await page.fill('.step.rejection textarea', 'Niet overlegd met het slachtoffer.');
    await page.click('.step.rejection button');
    await page.getByText('Afgewezen. Wie het aanvroeg ziet uw reden.').waitFor();
    expect(door.sent('/rejections')).toMatchObject([
      { ifMatch: '"2"', body: { reason: 'Niet overlegd met het slachtoffer.' } },
    ]);
  });

  test('[AV10] in force is suspended with a reason', async () => {
    const page = await door.open();
    await choose(page, 'CJIB-210');
    expect(await page.locator('.step').count()).toBe(2);
    await page.click('.step.suspension summary');
    await page.fill('.step.suspension textarea', 'Opname in een kliniek.');
    await page.click('.step.suspension button');
    await page.getByText('Opschorting vastgelegd.').waitFor();
    expect(door.sent('/suspensions')).toMatchObject([{ ifMatch: '"1"' }]);
  });
});
