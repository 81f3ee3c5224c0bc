import type { Browser, Page } from 'playwright-core';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { OrderView } from '../../shared/order-view.ts';
import { choose } from '../console/approval-door.ts';
import { launchChromium } from '../support/chromium.ts';
import { type Person, type ServerProcess, startServer } from '../support/server-process.ts';
import { contactBan, orderOf, register } from './case-world.ts';
import { brokerOf, connectDevice, positionAt } from './device-client.ts';

/** A browser that draws in software, beside a server, on a busy machine with two cores. */
const PATIENCE_MS = 30_000;

let server: ServerProcess;
let browser: Browser;
beforeEach(async () => {
  server = await startServer({ env: { CORDON_APPROVAL: 'required' } });
  browser = await launchChromium({ webgl: true });
});
afterEach(async () => {
  await browser?.close();
  await server?.remove();
});

async function pageOf(person: Person): Promise<Page> {
  const context = await browser.newContext({ viewport: { width: 1366, height: 768 } });
  context.setDefaultTimeout(PATIENCE_MS);
  const page = await context.newPage();
  await page.goto(server.httpUrl);
  const { username, password } = server.credentials[person];
  await page.fill('input[name=username]', username);
  await page.fill('input[name=password]', password);
  await page.click('form.sign-in button.primary');
  await page.waitForSelector('.approval.live');
  return page;
}

const order = async (): Promise<OrderView> =>
  (await server.ask<OrderView>('cjib', 'GET', '/v1/orders/o-1')).body;

test('[OR13] [AV8] an order in words: one draws, another approves, and then he is watched', async () => {
  await register(server, 'ankle-1', 'w-1');
  const bans = [contactBan('v-1'), { banId: 'b2', kind: 'location-ban', place: 'Kerkstraat 12' }];
  const put = await server.ask('cjib', 'PUT', '/v1/orders/o-1', orderOf('w-1', bans));
  expect(put.status).toBe(201);

  const drawer = await pageOf('approver');
  await choose(drawer, 'o-1');
  await drawer.click('[data-ban=b2]');
  await drawer.waitForSelector('.zone-form');
  await drawer.fill('[name=centre-x]', '5.1214');
  await drawer.fill('[name=centre-y]', '52.0907');
  await drawer.fill('[name=radius]', '300');
  await drawer.getByText('De server kan dit gebied bewaken.').waitFor();
  await drawer.getByRole('button', { name: 'Gebied opslaan' }).click();
  await drawer.locator('.zone-form').waitFor({ state: 'detached' });
  expect(await order()).toMatchObject({ version: 2, cause: 'zone', standing: null });
  // Who drew it is no second person.
  const own = await server.ask('approver', 'POST', '/v1/orders/o-1/approvals', {});
  expect(own.body).toMatchObject({ status: 403, code: 'same-person' });

  const second = await pageOf('secondApprover');
  await choose(second, 'o-1');
  for (const box of await second.locator('.decide input[type=checkbox]').all()) await box.check();
  await second.locator('.approve:enabled').click();
  await second.locator('.queue .awaiting [data-order="o-1"]').waitFor({ state: 'detached' });
  expect(await order()).toMatchObject({
    version: 3,
    status: 'active',
    by: server.credentials.secondApprover.username,
    standing: { version: 3, status: 'active' },
    enforcement: [
      { banId: 'contact', enforced: false },
      { banId: 'b2', enforced: true },
    ],
  });

  const desk = await server.openConsole();
  const ankle = await connectDevice(brokerOf(server), 'ankle-1');
  await ankle.deliver('position', positionAt(1, { lon: 5.1214, lat: 52.0907 }));
  await desk.alert('he stands in the zone that was drawn', ({ banId, stage }) => {
    return banId === 'b2' && stage === 'breach';
  });
  await Promise.all([ankle.close(), desk.close()]);
}, 180_000);
