import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { launchChromium } from '../../test/support/chromium.ts';
import type { ServerProcess } from '../../test/support/server-process.ts';

/** The real page as an operator has it before her, in a browser of its own. */
export interface OpenPage {
  readonly page: Page;
  /** When the first row of the list was this alert, painted, on this machine's clock. */
  onTopAtMs(title: string): Promise<number>;
  close(): Promise<void>;
}

/** A control room's screen. */
const VIEWPORT = { width: 1_440, height: 900 };
const PATIENCE_MS = 60_000;

const BUILT = fileURLToPath(new URL('../../dist/console/index.html', import.meta.url));

export async function openPage(server: ServerProcess): Promise<OpenPage> {
  if (!existsSync(BUILT)) throw new Error('there is no page to open: first `npm run build`');
  const browser: Browser = await launchChromium({ webgl: true });
  const context = await browser.newContext({ viewport: VIEWPORT });
  context.setDefaultTimeout(PATIENCE_MS);
  const page = await context.newPage();
  await page.addInitScript(watchTop);
  await page.goto(server.httpUrl);
  await page.fill('input[name=username]', server.credentials.operator.username);
  await page.fill('input[name=password]', server.credentials.operator.password);
  await page.click('form.sign-in button.primary');
  await page.click('.card button.primary:has-text("ienst")');
  await page.waitForSelector('.desk.live');
  return {
    page,
    onTopAtMs: async (title) => {
      const seen = await page.waitForFunction(
        (text) => (globalThis as unknown as Watched).topSince?.[text] ?? null,
        title,
      );
      return (await seen.jsonValue()) as number;
    },
    close: () => browser.close(),
  };
}

interface Watched {
  topSince?: Record<string, number | null>;
}

/**
 * Runs in the page: notes when a kind of alert first stood in the first row on the screen. No
 * function in here has a name, for what the compiler adds to keep names is not in the page.
 */
function watchTop(): void {
  const seen: Record<string, number | null> = {};
  (globalThis as unknown as Watched).topSince = seen;
  new MutationObserver(() => {
    const kind = document.querySelector('.list .row .kind')?.textContent?.trim() ?? '';
    if (kind === '' || kind in seen) return;
    seen[kind] = null;
    // A frame that begins after the next was drawn: what that shows is on the screen.
    requestAnimationFrame(() =>
      requestAnimationFrame(() => {
        seen[kind] = performance.timeOrigin + performance.now();
      }),
    );
  }).observe(document, { childList: true, subtree: true, characterData: true });
}
