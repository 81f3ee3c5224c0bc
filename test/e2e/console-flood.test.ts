import { expect, test } from 'vitest';
import { FLOOD_DEVICES, measureFlood } from '../../bench/faults/flood.ts';

/** Headings of the sections of the list, and what their first rows say. */
interface Seen {
  readonly first: string;
  readonly technical: string;
  readonly rows: number;
  readonly hidden: string;
  readonly afterMore: number;
}

/**
 * How long it takes is printed and not tested, for this machine has other things to do: that is
 * what bench/faults is for.
 */
test('[WS5] a breach behind ten thousand low batteries stands on top of them', async () => {
  const seen: Seen[] = [];
  const figures = await measureFlood({
    page: true,
    look: async (page) => {
      const first = (await page.locator('.list .row').first().innerText()).replaceAll(/\s+/g, ' ');
      const section = page.locator('.section.technical');
      await section.locator('.section-count', { hasText: String(FLOOD_DEVICES) }).waitFor();
      const rows = await section.locator('.row').count();
      const hidden = await section.locator('.more span').innerText();
      await section.locator('.more button').click();
      await section.locator('.row').nth(rows).waitFor();
      const afterMore = await section.locator('.row').count();
      seen.push({ first, technical: await section.innerText(), rows, hidden, afterMore });
    },
  });
  process.stdout.write(`flood: ${JSON.stringify(figures)}\n`);
  expect(figures.alerts).toBe(FLOOD_DEVICES);
  const [{ first, technical, rows, hidden, afterMore }] = seen as [Seen];
  expect(first).toContain('Prioriteit 1 Contactverbod · overtreding');
  expect(first).toContain('w-flood');
  expect(technical).toContain('Batterij bijna leeg');
  expect(hidden).toContain(String(FLOOD_DEVICES - rows));
  expect([rows, afterMore]).toEqual([60, 120]);
  // The breach was heard while most of the flood was still to come.
  expect(figures.ahead).toBeLessThan(FLOOD_DEVICES);
}, 120_000);
