import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { runOrders } from '../support/orders-process.ts';
import { type ServerProcess, startServer } from '../support/server-process.ts';
import { contactBan, orderOf } from './case-world.ts';

/** Each command is a process of its own, and the machine is shared. */
vi.setConfig({ testTimeout: 120_000 });

let server: ServerProcess;
let dir: string;
beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'cordon-orders-'));
  server = await startServer();
});
afterAll(async () => {
  await server?.remove();
  rmSync(dir, { recursive: true, force: true });
});

const write = (orderId: string, other: object = {}): void =>
  writeFileSync(
    join(dir, `${orderId}.json`),
    JSON.stringify(orderOf(`w-${orderId}`, [contactBan(`v-${orderId}`)], other)),
  );

test('[OC4] a folder of orders goes in, again without a change, and what changed is amended', async () => {
  for (let i = 0; i < 20; i++) write(`o-${i}`);
  const first = await runOrders(server, 'import', dir);
  expect([first.code, first.stderr]).toEqual([0, '']);
  expect(first.stdout).toMatch(/20 files .*: 20 created/);
  write('o-3', { reference: 'amended' });
  write('o-wrong', { legalBasis: 'none', bans: [] });
  const report = join(dir, 'report.ndjson');
  const second = await runOrders(server, 'import', dir, '--parallel', '4', '--report', report);
  expect(second.code).toBe(1);
  expect(second.stdout).toMatch(/: 0 created, 1 changed, 19 unchanged, 1 refused, 0 unanswered/);
  expect(second.stderr).toMatch(/o-wrong\.json: refused, 400 invalid-input/);
  expect(second.stderr).toMatch(/^ {2}\/bans an order without a ban protects nobody$/m);
  expect(readFileSync(report, 'utf8').trim().split('\n')).toHaveLength(21);
  const { body } = await server.ask('cjib', 'GET', '/v1/orders/o-3');
  expect(body).toMatchObject({ reference: 'amended', version: 2 });
});

test('[OC5] one order is put, got, counted and withdrawn; what is refused exits with 1', async () => {
  write('single');
  const path = join(dir, 'single.json');
  expect((await runOrders(server, 'put', path)).stdout).toMatch('single: created, version 1');
  write('single', { reference: 'amended' });
  const blind = await runOrders(server, 'put', path);
  expect([blind.code, blind.stderr]).toEqual([1, expect.stringMatching(/428 version-required/)]);
  const amended = await runOrders(server, 'put', path, '--if-match', '1');
  expect([amended.code, amended.stdout]).toEqual([0, expect.stringMatching('version 2')]);
  const got = await runOrders(server, 'get', 'single');
  expect(JSON.parse(got.stdout)).toMatchObject({ orderId: 'single', reference: 'amended' });
  const { orders } = JSON.parse((await runOrders(server, 'status')).stdout) as { orders: number };
  expect(orders).toBeGreaterThanOrEqual(1);
  const withdrawn = await runOrders(server, 'withdraw', 'single', '--reason', 'by the court');
  expect([withdrawn.code, withdrawn.stdout]).toEqual([0, expect.stringMatching('single: changed')]);
  const unknown = await runOrders(server, 'withdraw', 'none', '--reason', 'none');
  expect([unknown.code, unknown.stderr]).toEqual([1, expect.stringMatching('404 unknown-order')]);
});

test('[OC6] what is wrong with the command is told, and nothing is sent', async () => {
  const none = await runOrders(server, 'put', join(dir, 'absent.json'));
  expect([none.code, none.stderr]).toEqual([2, expect.stringMatching('cannot be read')]);
  const checked = await runOrders(server, 'check', join(dir, 'o-1.json'));
  expect([checked.code, checked.stdout]).toEqual([0, expect.stringMatching('no fault')]);
});
