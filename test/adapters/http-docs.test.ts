import { AxeBuilder } from '@axe-core/playwright';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { html } from '../../server/adapters/http-docs-html.ts';
import { pageFor } from '../../server/adapters/http-docs-page.ts';
import { launchChromium } from '../support/chromium.ts';
import { httpWorld, type HttpWorld } from '../support/http-world.ts';

let world: HttpWorld;
beforeAll(async () => {
  world = await httpWorld();
});
afterAll(() => world.app.close());

const BROWSER_MS = 120_000;
const get = (url: string, accept = 'text/html') => world.app.inject({ url, headers: { accept } });

describe('the page for people', () => {
  test('[AP6] is for anybody, has no script and asks nothing of elsewhere', async () => {
    const answer = await get('/v1/docs');
    expect([answer.statusCode, answer.headers['content-type']]).toEqual([
      200,
      'text/html; charset=utf-8',
    ]);
    expect(answer.headers['content-security-policy']).toMatch(/^default-src 'none'/);
    expect(answer.headers['content-security-policy']).not.toMatch('unsafe');
    expect(answer.body).not.toMatch(/<script|<style| style=| on\w+=|src=|<link[^>]*https?:/);
    expect((await get('/v1/docs/style.css', 'text/css')).statusCode).toBe(200);
  });

  test('[AP6] has every call and every schema of the description', async () => {
    const { body } = await get('/v1/docs');
    const { paths, components } = (await world.app.inject({ url: '/v1/openapi.json' })).json();
    const ids = JSON.stringify(paths).matchAll(/"operationId":"(\w+)"/g);
    for (const [, id] of ids) expect(body).toMatch(`<h3 id="${id}">`);
    for (const name of Object.keys(components.schemas)) {
      expect(body).toMatch(`<h3 id="schema-${name}">`);
    }
    const anchors = new Set([...body.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id));
    for (const [, target] of body.matchAll(/href="#([^"]+)"/g)) expect(anchors).toContain(target);
    expect(body).toMatch('(<span lang="nl">bevel aanbieden</span>)');
    expect(body).toMatch('PUT /v1/orders/{orderId}');
    expect(body).toMatch('GET /health/live');
  });

  test('escapes whatever the description says', () => {
    const evil = '<script>alert("&")</script>';
    const page = pageFor({
      info: { version: evil, description: evil },
      tags: [{ name: 'x', description: evil }],
      paths: { [`/${evil}`]: { get: { tags: ['x'], summary: evil, operationId: 'x' } } },
    });
    expect(page).not.toMatch('<script');
    expect(page).toMatch('&lt;script&gt;alert(&quot;&amp;&quot;)&lt;/script&gt;');
    expect(html`${[html`<br />`, '<b>', 1]}`.text).toBe('<br />&lt;b&gt;1');
  });

  test(
    '[AP6] is readable in a browser: no fault of access, nothing refused, no sideways scrolling',
    async () => {
      const url = await world.app.listen({ port: 0, host: '127.0.0.1' });
      const browser = await launchChromium({ webgl: false });
      try {
        const page = await browser.newPage({ viewport: { width: 360, height: 800 } });
        const said: string[] = [];
        page.on('console', (message) => said.push(message.text()));
        await page.goto(`${url}/v1/docs`);
        expect(said).toEqual([]);
        const width: unknown = await page.evaluate('document.documentElement.scrollWidth');
        expect(width).toBeLessThanOrEqual(360);
        // What looks for faults is a script, which the page's own policy refuses.
        const open = await browser.newContext({ bypassCSP: true });
        const checked = await open.newPage();
        await checked.goto(`${url}/v1/docs`);
        const all = await new AxeBuilder({ page: checked }).analyze();
        await checked.emulateMedia({ colorScheme: 'dark' });
        const dark = await new AxeBuilder({ page: checked }).withRules('color-contrast').analyze();
        const faults = [...all.violations, ...dark.violations].map(({ id }) => id);
        expect(faults).toEqual([]);
      } finally {
        await browser.close();
      }
    },
    BROWSER_MS,
  );
});
