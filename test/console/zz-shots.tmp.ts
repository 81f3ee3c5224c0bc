import { launchChromium } from '/work/main/test/support/chromium.ts';
import { fakeServer } from '/work/main/test/console/fake-server.ts';
import { nightAlerts, positionOf, contactBan, homeZone } from '/work/main/test/console/fixtures.ts';
const which = process.argv.slice(2);
const now = Date.now();
const full = {
  alerts: nightAlerts(now),
  features: [positionOf('ankle-monitor', {}, now), positionOf('victim-device', {}, now)],
  bans: [contactBan, homeZone],
};
const empty = { alerts: [], features: [], bans: [] };
const shots: Record<string, any> = {
  'night-dark': { world: full, w: 1440, h: 900, theme: 'dark', lang: 'nl' },
  'night-light': { world: full, w: 1440, h: 900, theme: 'light', lang: 'nl' },
  'small-dark-en': { world: full, w: 1024, h: 768, theme: 'dark', lang: 'en' },
  'small-light': { world: full, w: 1024, h: 768, theme: 'light', lang: 'nl' },
  'empty-dark': { world: empty, w: 1440, h: 900, theme: 'dark', lang: 'nl' },
  'lost-light': { world: full, w: 1440, h: 900, theme: 'light', lang: 'nl', lost: true },
  'lost-dark': { world: full, w: 1440, h: 900, theme: 'dark', lang: 'en', lost: true },
  'nogl-light': { world: full, w: 1440, h: 900, theme: 'light', lang: 'nl', nogl: true },
  signin: { world: full, w: 1024, h: 768, theme: 'light', lang: 'nl', door: true },
};
for (const name of which) {
  const s = shots[name];
  const server = await fakeServer('/work/main/dist/console', s.world);
  const browser = await launchChromium({ webgl: !s.nogl });
  const page = await browser.newPage({ viewport: { width: s.w, height: s.h } });
  page.on('console', (m) => {
    if (['error', 'warning'].includes(m.type()) && !/GL Driver|401/.test(m.text()))
      console.log(name, m.type(), m.text());
  });
  page.on('pageerror', (e) => console.log(name, 'PAGEERROR', e.message));
  await page.addInitScript(
    (p) => {
      try {
        localStorage.setItem('cordon-console', JSON.stringify(p));
      } catch {}
    },
    { language: s.lang, theme: s.theme, shortcuts: true },
  );
  await page.goto(server.url);
  await page.waitForSelector('form.sign-in');
  if (s.door) {
    await page.screenshot({ path: `/tmp/shot-${name}.png` });
    await browser.close();
    await server.close();
    continue;
  }
  await page.fill('input[name=username]', 'm.devries');
  await page.fill('input[name=password]', 'geheim');
  await page.click('form.sign-in button');
  await page.click('.card button.primary');
  await page.waitForSelector('.list');
  if (s.nogl) await page.waitForSelector('.no-map');
  else await page.waitForSelector('[data-map=drawn]', { timeout: 30000 });
  await page.waitForTimeout(1500);
  if (s.lost) {
    server.fallSilent();
    await page.waitForSelector('.banner.down', { timeout: 9000 });
    await page.waitForTimeout(800);
  }
  await page.screenshot({ path: `/tmp/shot-${name}.png` });
  await browser.close();
  await server.close();
}
