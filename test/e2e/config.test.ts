import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { collect, withoutOurs } from '../support/server-process.ts';

let dataDir: string;
beforeAll(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'cordon-config-'));
});
afterAll(() => rmSync(dataDir, { recursive: true, force: true }));

async function startWith(setting: string, value: string): Promise<{ code: number; text: string }> {
  const child = spawn(process.execPath, ['--import', 'tsx', 'server/main.ts'], {
    env: { ...withoutOurs(process.env), CORDON_DATA_DIR: dataDir, [setting]: value },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const text = collect(child);
  const [code] = (await once(child, 'close')) as [number];
  return { code, text: text() };
}

const WRONG = [
  ['CORDON_HTTP_PORT', '80800'],
  ['CORDON_MQTT_URL', 'http://broker'],
  ['CORDON_AREA', '7,50,3,53'],
  ['CORDON_DATABASE_URL', 'mysql://cordon:topsecret@127.0.0.1/cordon'],
  ['CORDON_APPROVAL', 'perhaps'],
  ['CORDON_HTTP_PROT', '8080'],
] as const;

test.each(WRONG)('%s=%s stops the start and is named', async (setting, value) => {
  const { code, text } = await startWith(setting, value);
  expect(code).toBe(1);
  expect(text).toContain(setting);
  expect(text).not.toContain('topsecret');
  expect(text).not.toMatch(/^\s+at /m);
  expect(readdirSync(dataDir)).toEqual([]);
});
