import type { Alert } from '../../shared/alert.ts';
import type { AlertAct } from '../../shared/alert-act.ts';
import type { CourtOrder, OrderStatus } from '../../shared/court-order.ts';
import type { OrderCause } from '../../shared/order-view.ts';
import type { Device } from '../../shared/device.ts';
import type { OrderId } from '../../shared/ids.ts';
import { fromInstant } from '../../shared/instant.ts';
import type { AlertChange, AlertRecord } from '../core/alert-record.ts';
import type { Decision } from '../ports.ts';
import type { EntryOf } from './store-entry.ts';
import type { Connection } from './store-sqlite-connection.ts';
import { decisionWriter } from './store-sqlite-decision.ts';
import { integerOf, orNull, type Row, textOf } from './store-row.ts';
import { statement } from './store-sqlite-statement.ts';

/**
 * Carries what version 1 kept in four tables over into the journal, in the order of time; part of
 * migration 2, and of its transaction. What was decided then is evidence too. (RELIABILITY §1)
 */
export function carryOver(connection: Connection): void {
  const rows = (table: string, order: string): Row[] =>
    statement(connection, `SELECT * FROM old_${table} ORDER BY ${order}`).all();
  const records = recordsOf(statement(connection, 'SELECT * FROM alerts').all());
  const decisions = [
    ...rows('order_versions', 'at_ms').map(orderVersionOf),
    ...rows('device_versions', 'id').map(deviceOf),
    ...alertChangesOf(rows('alert_events', 'seq'), records),
    ...rows('looks', 'id').map(lookOf),
  ].toSorted((a, b) => timeOf(a) - timeOf(b));
  // The alerts stand anew as their changes are written.
  for (const table of ['alert_tracks', 'old_alert_events', 'old_order_versions', 'alerts']) {
    connection.exec(`DELETE FROM ${table}`);
  }
  for (const table of ['alert_events', 'order_versions', 'device_versions', 'looks']) {
    connection.exec(`DROP TABLE old_${table}`);
  }
  for (const column of ['record', 'alert']) {
    connection.exec(`ALTER TABLE alerts DROP COLUMN ${column}`);
  }
  const journal = decisionWriter(connection);
  for (const decision of decisions) journal.write(decision);
  journal.saveHead();
}

const timeOf = (decision: Decision): number =>
  decision.type === 'alert-change' ? decision.change.atMs : decision.atMs;

const recordsOf = (rows: readonly Row[]): ReadonlyMap<string, AlertRecord> =>
  new Map(
    rows.map((row) => [textOf(row, 'alert_id'), JSON.parse(textOf(row, 'record')) as AlertRecord]),
  );

function alertChangesOf(
  rows: readonly Row[],
  records: ReadonlyMap<string, AlertRecord>,
): EntryOf<'alert-change'>[] {
  const last = new Map(rows.map((row) => [textOf(row, 'alert_id'), row]));
  return rows.map((row) => {
    const alertId = textOf(row, 'alert_id');
    const stands = records.get(alertId)!;
    const alert = JSON.parse(textOf(row, 'alert')) as Alert;
    const by = orNull(textOf, row, 'by_user');
    const act = orNull(textOf, row, 'act');
    const change: AlertChange = {
      atMs: integerOf(row, 'at_ms'),
      change: textOf(row, 'change') as AlertChange['change'],
      record: last.get(alertId) === row ? stands : recordOf(alert, stands.episode),
      act: by === null || act === null ? null : { by, act: JSON.parse(act) as AlertAct },
    };
    return { type: 'alert-change', change, feed: null };
  });
}

/** The inverse of `toAlert`; whether the condition held follows from whether it had cleared. */
function recordOf(alert: Alert, episode: number): AlertRecord {
  const { raisedAt, updatedAt, clearedAt, acknowledgedAt, shelvedUntil, closure, ...same } = alert;
  const { distanceM, uncertaintyM, closingSpeedMs, timeToBreachS, timeToContactS, ...rest } = same;
  const ms = (instant: string | null): number | null =>
    instant === null ? null : fromInstant(instant);
  return {
    ...rest,
    episode,
    standing: clearedAt === null && closure === null,
    raisedAtMs: fromInstant(raisedAt),
    updatedAtMs: fromInstant(updatedAt),
    clearedAtMs: ms(clearedAt),
    acknowledgedAtMs: ms(acknowledgedAt),
    shelvedUntilMs: ms(shelvedUntil),
    closure: closure && {
      finding: closure.finding,
      by: closure.by,
      atMs: fromInstant(closure.at),
    },
    figures: { distanceM, uncertaintyM, closingSpeedMs, timeToBreachS, timeToContactS },
  };
}

const orderVersionOf = (row: Row): Decision => ({
  type: 'order-version',
  orderId: textOf(row, 'order_id') as OrderId,
  version: integerOf(row, 'version'),
  status: textOf(row, 'status') as OrderStatus,
  order: JSON.parse(textOf(row, 'court_order')) as CourtOrder,
  atMs: integerOf(row, 'at_ms'),
  by: textOf(row, 'by_user'),
  cause: textOf(row, 'cause') as OrderCause,
  reason: orNull(textOf, row, 'reason'),
});

const deviceOf = (row: Row): Decision => ({
  type: 'device',
  atMs: integerOf(row, 'at_ms'),
  by: textOf(row, 'by_user'),
  device: JSON.parse(textOf(row, 'device')) as Device,
});

const lookOf = (row: Row): Decision => ({
  type: 'look',
  atMs: integerOf(row, 'at_ms'),
  by: textOf(row, 'by_user'),
  what: textOf(row, 'what'),
  subject: textOf(row, 'subject'),
  reason: textOf(row, 'reason'),
});
