import { execFile } from 'node:child_process';
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { fleetSetup } from '../../device-sim/load-fleet.ts';
import type { Alert } from '../../shared/alert.ts';
import { brokerOf } from '../../test/e2e/device-client.ts';
import { freePort } from '../../test/support/free-port.ts';
import {
  type Page,
  type ServerProcess,
  startServer,
  withoutOurs,
} from '../../test/support/server-process.ts';
import { clerkAt } from './clerk.ts';
import { type Fault, outcomeOf, pause, seconds } from './fault.ts';
import { enrol } from './fleet-check.ts';
import { fleetOf } from './fleet.ts';

const DEVICES = 100;
const RATE_PER_S = 500;
const LOAD_MS = 8_000;
const DRILL_MS_MAX = 3_600_000;

export const restoreDrill: Fault = {
  number: 40,
  name: 'restore on an empty machine',
  fault: 'everything is exported under load, and read into an empty folder elsewhere',
  expected: `counts, hashes and open alerts are equal; within ${DRILL_MS_MAX / 60_000} minutes`,
  perStore: true,
  async run({ seed, store }) {
    const opened = await store.open();
    const dir = mkdtempSync(join(tmpdir(), 'cordon-drill-'));
    const server = await startServer({ env: opened.env });
    const fleet = fleetOf({ broker: brokerOf(server), devices: DEVICES, seed, boot: 'drill' });
    let restored: ServerProcess | null = null;
    try {
      await enrol(server, fleetSetup(DEVICES, Date.now()));
      await clerkAt(server);
      await fleet.connectAll();
      fleet.report(RATE_PER_S);
      await pause(LOAD_MS);
      const beganMs = performance.now();
      const folder = join(dir, 'export');
      const exported = await program('export', server.dataDir, opened.env, '--to', folder);
      await fleet.close();
      const before = await facesOf(server);
      const dataDir = join(dir, 'restored');
      const imported = await program('import', dataDir, {}, '--from', folder);
      const verified = await program('verify', dataDir, {});
      copyFileSync(
        join(server.dataDir, 'demo-credentials.json'),
        join(dataDir, 'demo-credentials.json'),
      );
      const httpUrl = `http://localhost:${await freePort()}`;
      restored = await startServer({ like: { dataDir, httpUrl, mqttPort: await freePort() } });
      const tookMs = performance.now() - beganMs;
      const after = await facesOf(restored);
      const counts = /positions\.ndjson\.gz: (\d+) rows/;
      return outcomeOf(
        [
          { what: 'the journal is whole', holds: /the journal is whole/.test(verified) },
          {
            what: 'as many positions',
            holds: counts.exec(exported)?.[1] === counts.exec(imported)?.[1],
          },
          { what: 'the same open alerts', holds: before.length > 0 && `${after}` === `${before}` },
          { what: 'in time', holds: tookMs <= DRILL_MS_MAX },
        ],
        [
          `${counts.exec(exported)?.[1]} positions`,
          `${before.length} open alerts`,
          `${seconds(tookMs)} from export to service`,
        ],
      );
    } finally {
      await fleet.close();
      await restored?.remove();
      await server.remove();
      await opened.close();
      rmSync(dir, { recursive: true, force: true });
    }
  },
};

async function program(
  name: string,
  dataDir: string,
  env: Readonly<Record<string, string>>,
  ...args: readonly string[]
): Promise<string> {
  const all = { ...withoutOurs(process.env), ...env, CORDON_DATA_DIR: dataDir };
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ['--import', 'tsx', `server/${name}.ts`, ...args],
    { env: all },
  );
  return stdout;
}

async function facesOf(server: ServerProcess): Promise<string[]> {
  const answer = await server.ask<Page<Alert>>('operator', 'GET', '/v1/alerts?state=open');
  return answer.body.items
    .filter(({ kind }) => kind !== 'system')
    .map(({ alertId, code, raisedAt }) => `${alertId} ${code} ${raisedAt}`)
    .toSorted();
}
