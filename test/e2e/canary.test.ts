import { join } from 'node:path';
import Database from 'libsql';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Page, type ServerProcess, startServer } from '../support/server-process.ts';

let server: ServerProcess;

beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server?.remove());

const beats = (): { took_ms: number | null }[] => {
  const db = new Database(join(server.dataDir, 'cordon.db'));
  const rows = db.prepare('SELECT took_ms FROM beats').all() as { took_ms: number | null }[];
  db.close();
  return rows;
};

test('[PO1] the canary comes through all stages, and nobody sees it', async () => {
  const desk = await server.openConsole();
  await expect.poll(beats, { timeout: 20_000 }).toHaveLength(1);
  expect(beats()[0]!.took_ms).not.toBeNull();
  const lists = ['/v1/devices', '/v1/orders', '/v1/alerts?state=open', '/v1/alerts'];
  for (const path of lists) {
    const who = path === '/v1/devices' ? 'administrator' : 'operator';
    const { status, body } = await server.ask<Page<unknown>>(who, 'GET', path);
    expect([path, status, body.items]).toEqual([path, 200, []]);
  }
  const device = { kind: 'ankle-monitor', personId: 'w-1' };
  const own = await server.ask('administrator', 'PUT', '/v1/devices/cordon.canary.wearer', device);
  expect([own.status, own.text]).toEqual([400, expect.stringContaining('the canary')]);
  expect([...desk.alerts().keys()]).toEqual([]);
  expect(server.output()).not.toMatch(/canary/);
});
