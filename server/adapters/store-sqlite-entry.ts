import { assertNever } from '../../shared/result.ts';
import { type DataEntry, type EntryOf, REJECTIONS_MAX } from './store-entry.ts';
import type { Connection } from './store-sqlite-connection.ts';
import { statement } from './store-sqlite-statement.ts';

/** Writes one entry inside the transaction under way. */
export function entryWriter(connection: Connection): (entry: DataEntry) => void {
  const position = positionWriter(connection);
  const deviceEvent = deviceEventWriter(connection);
  const access = accessWriter(connection);
  const rejection = rejectionWriter(connection);
  const checkpoint = statement(connection, 'INSERT INTO checkpoints VALUES (?, ?, ?, ?, ?)');
  const beat = statement(connection, 'INSERT OR REPLACE INTO beats VALUES (?, ?)');
  const delivery = statement(connection, 'INSERT OR REPLACE INTO deliveries VALUES (?, ?, ?)');
  return (entry) => {
    switch (entry.type) {
      case 'position':
        return position(entry);
      case 'device-event':
        return deviceEvent(entry);
      case 'checkpoint': {
        const { seq, atMs, hash, keyId, signature } = entry;
        return void checkpoint.run(seq, atMs, hash, keyId, signature);
      }
      case 'beat':
        return void beat.run(entry.atMs, entry.tookMs);
      case 'delivered':
        return void delivery.run(entry.subscriptionId, entry.seq, entry.atMs);
      case 'alive':
        // Its time is noted with the batch.
        return;
      case 'account':
      case 'session':
      case 'session-ended':
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

function accessWriter(connection: Connection) {
  const account = statement(
    connection,
    `INSERT INTO accounts VALUES (?, ?, ?) ON CONFLICT (username)
     DO UPDATE SET role = excluded.role, secret_hash = excluded.secret_hash`,
  );
  const session = statement(connection, 'INSERT OR REPLACE INTO sessions VALUES (?, ?, ?, ?, ?)');
  const sessionEnded = statement(connection, 'DELETE FROM sessions WHERE token_hash = ?');
  return (entry: EntryOf<'account' | 'session' | 'session-ended'>): void => {
    if (entry.type === 'account') {
      account.run(entry.username, entry.role, entry.secretHash);
    } else if (entry.type === 'session') {
      const { tokenHash, username, role, createdAtMs, expiresAtMs } = entry;
      session.run(tokenHash, username, role, createdAtMs, expiresAtMs);
    } else {
      sessionEnded.run(entry.tokenHash);
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
