import { isOpen } from '../../shared/alert.ts';
import { fromInstant } from '../../shared/instant.ts';
import { assertNever } from '../../shared/result.ts';
import { type AlertChange, type AlertRecord, toAlert } from '../core/alert-record.ts';
import type { Entry } from '../ports.ts';
import type { Connection } from './store-sqlite-database.ts';
import { statement } from './store-sqlite-statement.ts';

type EntryOf<Type extends Entry['type']> = Extract<Entry, { type: Type }>;

/** A broken device must not fill the disk with what we refused of it. */
export const REJECTIONS_MAX = 10_000;

/** How an encounter came about and ended belongs to its evidence. */
export const TRACK_MARGIN_MS = 30 * 60_000;

/** Writes one entry inside the transaction under way. */
export function entryWriter(connection: Connection): (entry: Entry) => void {
  const position = positionWriter(connection);
  const deviceEvent = deviceEventWriter(connection);
  const alertChange = alertChangeWriter(connection);
  const orderVersion = orderVersionWriter(connection);
  const access = accessWriter(connection);
  const rejection = rejectionWriter(connection);
  const device = statement(
    connection,
    'INSERT INTO device_versions (device_id, at_ms, by_user, device) VALUES (?, ?, ?, ?)',
  );
  const command = statement(
    connection,
    `INSERT INTO commands VALUES (?, ?, ?) ON CONFLICT (device_id)
     DO UPDATE SET at_ms = excluded.at_ms, asked = excluded.asked`,
  );
  return (entry) => {
    switch (entry.type) {
      case 'position':
        return position(entry);
      case 'device-event':
        return deviceEvent(entry);
      case 'alert-change':
        return alertChange(entry.change);
      case 'command':
        command.run(entry.deviceId, entry.atMs, JSON.stringify(entry.asked));
        return;
      case 'device':
        device.run(entry.device.deviceId, entry.atMs, entry.by, JSON.stringify(entry.device));
        return;
      case 'order-version':
        return orderVersion(entry);
      case 'account':
      case 'session':
      case 'session-ended':
      case 'look':
        return access(entry);
      case 'rejection':
        return rejection(entry);
      default:
        return assertNever(entry);
    }
  };
}

function positionWriter(connection: Connection) {
  const insert = statement(
    connection,
    'INSERT INTO positions VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING',
  );
  return ({ deviceId, fix, payload }: EntryOf<'position'>): void => {
    insert.run(
      deviceId,
      fix.atMs,
      fix.boot ?? '',
      fix.seq,
      fix.receivedAtMs,
      fix.lon,
      fix.lat,
      fix.accuracyM,
      fix.speedMs,
      fix.headingDeg,
      fix.source,
      fix.battery,
      payload,
    );
  };
}

function deviceEventWriter(connection: Connection) {
  const insert = statement(
    connection,
    'INSERT INTO device_events VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING',
  );
  return (entry: EntryOf<'device-event'>): void => {
    const { deviceId, boot, seq, kind, eventAtMs, receivedAtMs, payload } = entry;
    insert.run(deviceId, boot ?? '', seq, kind, eventAtMs, receivedAtMs, payload);
  };
}

function alertChangeWriter(connection: Connection) {
  const upsertAlert = alertWriter(connection);
  const upsertTracks = trackWriter(connection);
  const insertEvent = statement(
    connection,
    `INSERT INTO alert_events (alert_id, at_ms, change, by_user, act, alert)
     VALUES (?, ?, ?, ?, ?, ?)`,
  );
  return ({ atMs, change, record, act }: AlertChange): void => {
    const alert = JSON.stringify(toAlert(record));
    upsertAlert(record, alert);
    upsertTracks(record);
    const actJson = act && JSON.stringify(act.act);
    insertEvent.run(record.alertId, atMs, change, act?.by ?? null, actJson, alert);
  };
}

function alertWriter(connection: Connection) {
  const upsert = statement(
    connection,
    `INSERT INTO alerts VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
     ON CONFLICT (alert_id) DO UPDATE SET
       cause = excluded.cause, episode = excluded.episode, is_open = excluded.is_open,
       is_closed = excluded.is_closed, raised_at_ms = excluded.raised_at_ms,
       updated_at_ms = excluded.updated_at_ms, record = excluded.record, alert = excluded.alert`,
  );
  return (record: AlertRecord, alert: string): void => {
    upsert.run(
      record.alertId,
      causeOf(record),
      record.episode,
      record.kind,
      record.caseId,
      record.orderId,
      record.banId,
      record.deviceId,
      isOpen(record) ? 1 : 0,
      record.state === 'closed' ? 1 : 0,
      record.raisedAtMs,
      record.updatedAtMs,
      JSON.stringify(record),
      alert,
    );
  };
}

/** All that can tell two causes apart; finer than the core's own key does no harm. */
function causeOf(record: AlertRecord): string {
  const { kind, code, caseId, orderId, banId, wearerId, victimId, deviceId } = record;
  const { retrospective } = record;
  return JSON.stringify([
    [kind, code, caseId, orderId, banId],
    [wearerId, victimId, deviceId, retrospective],
  ]);
}

/** A retrospective alert rests on fixes from long before it was raised: those count too. */
function trackWriter(connection: Connection) {
  const upsert = statement(
    connection,
    `INSERT INTO alert_tracks VALUES (?, ?, ?, NULL) ON CONFLICT (device_id, alert_id)
     DO UPDATE SET from_ms = min(from_ms, excluded.from_ms)`,
  );
  const setEnd = statement(connection, 'UPDATE alert_tracks SET until_ms = ? WHERE alert_id = ?');
  return (record: AlertRecord): void => {
    const { fixes } = record.basis;
    const fixTimes = fixes.map((fix) => fromInstant(fix.time));
    const beginMs = Math.min(record.raisedAtMs, beganMs(record), ...fixTimes);
    const deviceIds = new Set<string>(fixes.map((fix) => fix.deviceId));
    if (record.deviceId !== null) deviceIds.add(record.deviceId);
    for (const deviceId of deviceIds) {
      upsert.run(deviceId, record.alertId, beginMs - TRACK_MARGIN_MS);
    }
    const endMs = record.clearedAtMs ?? record.closure?.atMs ?? null;
    setEnd.run(endMs && endMs + TRACK_MARGIN_MS, record.alertId);
  };
}

/** What was learnt afterwards began when it says so, not when it was told. */
function beganMs({ basis }: AlertRecord): number {
  const { from } = basis.detail;
  return typeof from === 'string' ? fromInstant(from) : Infinity;
}

function orderVersionWriter(connection: Connection) {
  const insert = statement(
    connection,
    'INSERT INTO order_versions VALUES (?, ?, ?, ?, ?, ?, ?, ?)',
  );
  return (entry: EntryOf<'order-version'>): void => {
    const { orderId, version, atMs, by, status, cause, reason, order } = entry;
    insert.run(orderId, version, atMs, by, status, cause, reason, JSON.stringify(order));
  };
}

function accessWriter(connection: Connection) {
  const account = statement(
    connection,
    `INSERT INTO accounts VALUES (?, ?, ?) ON CONFLICT (username)
     DO UPDATE SET role = excluded.role, secret_hash = excluded.secret_hash`,
  );
  const session = statement(connection, 'INSERT OR REPLACE INTO sessions VALUES (?, ?, ?, ?, ?)');
  const sessionEnded = statement(connection, 'DELETE FROM sessions WHERE token_hash = ?');
  const look = statement(
    connection,
    'INSERT INTO looks (at_ms, by_user, what, subject, reason) VALUES (?, ?, ?, ?, ?)',
  );
  return (entry: EntryOf<'account' | 'session' | 'session-ended' | 'look'>): void => {
    if (entry.type === 'account') {
      account.run(entry.username, entry.role, entry.secretHash);
    } else if (entry.type === 'session') {
      const { tokenHash, username, role, createdAtMs, expiresAtMs } = entry;
      session.run(tokenHash, username, role, createdAtMs, expiresAtMs);
    } else if (entry.type === 'session-ended') {
      sessionEnded.run(entry.tokenHash);
    } else {
      look.run(entry.atMs, entry.by, entry.what, entry.subject, entry.reason);
    }
  };
}

function rejectionWriter(connection: Connection) {
  const insert = statement(
    connection,
    'INSERT INTO rejections (at_ms, topic, reason, detail, payload) VALUES (?, ?, ?, ?, ?)',
  );
  const dropOld = statement(connection, 'DELETE FROM rejections WHERE id <= ?');
  return ({ atMs, topic, reason, detail, payload }: EntryOf<'rejection'>): void => {
    const { lastInsertRowid } = insert.run(atMs, topic, reason, detail, payload);
    dropOld.run(lastInsertRowid - REJECTIONS_MAX);
  };
}
