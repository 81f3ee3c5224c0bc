import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { sqliteArchive, sqliteStore } from '../../server/adapters/store-sqlite.ts';
import { exportTo } from '../../server/adapters/export-folder.ts';
import { checkedManifest, importFrom } from '../../server/adapters/import-folder.ts';
import { signingKey } from '../../server/adapters/signing-key.ts';
import type { Manifest } from '../../server/evidence/manifest.ts';
import type { Alert } from '../../shared/alert.ts';
import {
  type Page,
  type ServerProcess,
  startServer,
  withoutOurs,
} from '../support/server-process.ts';
import { freePort } from '../support/free-port.ts';
import { registerPair, spot } from './case-world.ts';
import { aDelivery, aRegistration } from '../support/store-samples.ts';
import { brokerOf, connectDevice, eventOf, positionAt } from './device-client.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

const run = (program: string, dataDir: string, ...args: string[]) => {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ['--import', 'tsx', `server/${program}.ts`, ...args],
    {
      cwd: ROOT,
      env: { ...withoutOurs(process.env), CORDON_DATA_DIR: dataDir },
      encoding: 'utf8',
    },
  );
  return { status, told: stdout + stderr };
};

let server: ServerProcess;
const under = { dir: '', export: '' };

beforeAll(async () => {
  server = await startServer();
  await registerPair(server, 'x');
  const phone = await connectDevice(brokerOf(server), 'phone-x');
  const ankle = await connectDevice(brokerOf(server), 'ankle-x');
  await phone.deliver('position', positionAt(1, spot(9_000, 9_000)));
  await ankle.deliver('position', positionAt(1, spot(9_050, 9_000)));
  await phone.deliver('event', eventOf(2, 'sos'));
  await Promise.all([phone.close(), ankle.close()]);
});
afterAll(() => server?.remove());

beforeEach(() => {
  under.dir = mkdtempSync(join(tmpdir(), 'cordon-drill-'));
  under.export = join(under.dir, 'export');
});
afterEach(() => rmSync(under.dir, { recursive: true, force: true }));

const manifest = (): Manifest =>
  JSON.parse(readFileSync(join(under.export, 'manifest.json'), 'utf8')) as Manifest;

async function openAlerts(from: ServerProcess): Promise<readonly Alert[]> {
  const answer = await from.ask<Page<Alert>>('operator', 'GET', '/v1/alerts?state=open');
  return answer.body.items;
}

describe('the restore drill', () => {
  test('[EX1] [EX3] a running server is exported and goes on in an empty folder', async () => {
    const exported = run('export', server.dataDir, '--to', under.export);
    expect(exported.told).toMatch(/the journal ends at \d+ with [0-9a-f]{64}; 2 alerts are open/);
    const dataDir = join(under.dir, 'restored');
    const imported = run('import', dataDir, '--from', under.export);
    expect(imported.told).toMatch(/the journal is the same to the last row/);
    expect(imported.status).toBe(0);
    expect(run('verify', dataDir).told).toMatch(/the journal is whole/);

    const before = await openAlerts(server);
    const credentials = readFileSync(join(server.dataDir, 'demo-credentials.json'));
    writeFileSync(join(dataDir, 'demo-credentials.json'), credentials);
    const httpUrl = `http://localhost:${await freePort()}`;
    const restored = await startServer({ like: { dataDir, httpUrl, mqttPort: await freePort() } });
    const face = ({ alertId, state, raisedAt }: Alert) => ({ alertId, state, raisedAt });
    expect((await openAlerts(restored)).map(face)).toEqual(before.map(face));
    const order = await restored.ask('operator', 'GET', '/v1/orders/o-x');
    expect(order.body).toMatchObject({ version: 1, status: 'active' });
    await restored.remove();
  });

  test('[EX2] a file that was changed is named, and nothing is written', async () => {
    run('export', server.dataDir, '--to', under.export);
    writeFileSync(join(under.export, 'positions.ndjson.gz'), 'x');
    const dataDir = join(under.dir, 'restored');
    const { status, told } = run('import', dataDir, '--from', under.export);
    expect(told).toMatch(/positions.ndjson.gz is not the file that was exported/);
    expect(status).toBe(1);
  });

  test('[EX2] so is a manifest that was changed, or signed by somebody else', async () => {
    run('export', server.dataDir, '--to', under.export);
    const path = join(under.export, 'manifest.json');
    writeFileSync(path, JSON.stringify({ ...manifest(), openAlerts: 0 }));
    const { told } = run('import', join(under.dir, 'restored'), '--from', under.export);
    expect(told).toMatch(/manifest.json was not signed with this key, or was changed/);
  });

  test('[EX3] nothing is imported into a store that is in use', async () => {
    run('export', server.dataDir, '--to', under.export);
    const dataDir = join(under.dir, 'other');
    const store = await sqliteStore(dataDir);
    await store.append([{ type: 'system-event', atMs: 1, kind: 'started', detail: {} }]);
    await store.close();
    const { told } = run('import', dataDir, '--from', under.export);
    expect(told).toMatch(/the store is not empty/);
  });

  test('[EX3] so are clients, and how far subscriptions were told, but not beyond', async () => {
    const [from, to] = [join(under.dir, 'from'), join(under.dir, 'to')];
    const before = await sqliteStore(from);
    await before.append([aRegistration('cjib', { name: 'CJIB' }), aRegistration('old', null)]);
    // While the journal was exported it grew, and the subscription was told of that too.
    await before.append([aDelivery('s-1', 1), aDelivery('s-2', 3)]);
    const signer = signingKey(from);
    const exported = await exportTo(under.export, before, signer, new Date(0).toISOString());
    const registered = await before.registrations();
    await before.close();
    const checked = await checkedManifest(under.export, signer.publicKeyPem);
    expect(checked).toEqual(exported);
    const after = await sqliteStore(to);
    await importFrom(under.export, checked, after, signingKey(to), 0);
    expect(await after.registrations()).toEqual(registered);
    const marks = (await after.deliveries()).map(({ subscriptionId, seq }) => [
      subscriptionId,
      seq,
    ]);
    expect(marks).toEqual([
      ['s-1', 1],
      ['s-2', 2],
    ]);
    await after.close();
  });

  test('[EX1] counts are those of the store', async () => {
    run('export', server.dataDir, '--to', under.export);
    const archive = sqliteArchive(server.dataDir);
    const positions = await archive.dump('positions', null, 1_000);
    await archive.close();
    const rows = Object.fromEntries(manifest().files.map((file) => [file.part, file.rows]));
    expect(rows['positions']).toBe(positions.entries.length);
    expect(rows['positions']).toBeGreaterThanOrEqual(2);
    expect(rows['journal']).toBe(manifest().journal.seq);
    expect(rows['accounts']).toBe(6);
  });
});
