import { createHash } from 'node:crypto';
import { toAlert } from '../core/alert-record.ts';
import type { Registration } from '../kept.ts';
import type { Archive, Decision } from '../ports.ts';

/** What is looked up must say the same as the journal that it was made of. */

const ROWS_PER_READ = 1_000;

/** Something in the journal that cannot be as it was written. */
export interface JournalFault {
  /** The row at which it shows; null for what concerns no single row. */
  readonly seq: number | null;
  readonly what: string;
}

/** How things stand as the journal tells it, gathered row by row. */
export class Told {
  /** By order: the number of its newest version. */
  readonly orders = new Map<string, number>();
  /** By alert: a digest of how it stands. */
  readonly alerts = new Map<string, string>();
  /** By kind and key: a digest; none for what was taken back. */
  readonly registrations = new Map<string, string>();

  note(decision: Decision): void {
    if (decision.type === 'order-version') this.orders.set(decision.orderId, decision.version);
    if (decision.type === 'alert-change') {
      const { record } = decision.change;
      this.alerts.set(record.alertId, digestOf(toAlert(record)));
    }
    if (decision.type !== 'registration') return;
    if (decision.value === null) this.registrations.delete(nameOf(decision));
    else this.registrations.set(nameOf(decision), registrationDigest(decision));
  }
}

export const indexFaults = async (archive: Archive, told: Told): Promise<JournalFault[]> => [
  ...(await orderFaults(archive, told)),
  ...(await registrationFaults(archive, told)),
  ...(await alertFaults(archive, told)),
];

const fault = (what: string): JournalFault => ({ seq: null, what });

async function orderFaults(archive: Archive, told: Told): Promise<JournalFault[]> {
  const found = await archive.orders();
  const orders = new Map<string, number>(found.map((each) => [each.orderId, each.version]));
  return [...told.orders]
    .filter(([orderId, version]) => (orders.get(orderId) ?? 0) < version)
    .map(([orderId, version]) => fault(`order ${orderId} is not found in its version ${version}`));
}

/** Whoever brought back a key that was taken back could send orders with it. */
async function registrationFaults(archive: Archive, told: Told): Promise<JournalFault[]> {
  const found = await archive.registrations();
  const missing = new Map(told.registrations);
  const faults: JournalFault[] = [];
  for (const each of found) {
    const name = nameOf(each);
    const digest = missing.get(name);
    missing.delete(name);
    if (digest === registrationDigest(each)) continue;
    faults.push(fault(`${name} does not stand as last told`));
  }
  for (const name of missing.keys()) {
    faults.push(fault(`${name} is told in the journal and not found`));
  }
  return faults;
}

async function alertFaults(archive: Archive, told: Told): Promise<JournalFault[]> {
  const faults: JournalFault[] = [];
  const missing = new Map(told.alerts);
  let after: string | null = null;
  do {
    const page = await archive.alerts({ state: 'all', limit: ROWS_PER_READ, after });
    for (const alert of page) {
      const digest = missing.get(alert.alertId);
      missing.delete(alert.alertId);
      if (digest === undefined || digest === digestOf(alert)) continue;
      faults.push(fault(`alert ${alert.alertId} does not stand as last told`));
    }
    after = page.length < ROWS_PER_READ ? null : page.at(-1)!.alertId;
  } while (after !== null);
  for (const alertId of missing.keys()) {
    faults.push(fault(`alert ${alertId} is told in the journal and not found`));
  }
  return faults;
}

const nameOf = ({ kind, key }: Registration): string => `${kind} ${key}`;

const registrationDigest = ({ kind, key, atMs, by, value }: Registration): string =>
  digestOf([kind, key, atMs, by, value]);

const digestOf = (value: unknown): string =>
  createHash('sha256').update(JSON.stringify(value)).digest('base64');
