import { existsSync } from 'node:fs';
import { type Browser, chromium } from 'playwright-core';

const CANDIDATES = [
  process.env['CHROMIUM_PATH'],
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
];

/** Keeps the browser from calling anybody on its own: what a test sees asked, the page asked. */
const QUIET_FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

export function chromiumPath(): string {
  const path = CANDIDATES.find((candidate) => candidate && existsSync(candidate));
  if (path !== undefined) return path;
  throw new Error(
    'no Chromium found for the browser tests: run `bash test/support/install-parts.sh` as root, ' +
      'or `apt-get install chromium`, or name one in CHROMIUM_PATH',
  );
}

/** A headless browser that draws in software; `webgl: false` gives one that cannot draw a map. */
export function launchChromium({ webgl }: { webgl: boolean }): Promise<Browser> {
  return chromium.launch({
    executablePath: chromiumPath(),
    args: [...QUIET_FLAGS, webgl ? '--enable-unsafe-swiftshader' : '--disable-software-rasterizer'],
  });
}
