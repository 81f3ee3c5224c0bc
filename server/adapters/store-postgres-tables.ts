import { type Bulk, bulkInsert } from './store-postgres-bulk.ts';

/** How the rows of each table are written. Names of prepared statements are those of the keys. */

const POSITION = {
  table: 'positions',
  columns: [
    ['fix_at_ms', 'bigint'],
    ['seq', 'bigint'],
    ['received_at_ms', 'bigint'],
    ['lon', 'double precision'],
    ['lat', 'double precision'],
    ['accuracy_m', 'double precision'],
    ['speed_ms', 'double precision'],
    ['heading_deg', 'double precision'],
    ['battery', 'double precision'],
    ['device_id', 'text'],
    ['boot', 'text'],
    ['source', 'text'],
    ['payload', 'text'],
  ],
  onConflict: 'ON CONFLICT DO NOTHING',
} as const;

export const INTO_POSITIONS: Bulk = bulkInsert('positions', POSITION);

/** A track of an alert may be all that is left of such a day, and the same fix come again. */
export const INTO_DEFAULT_POSITIONS: Bulk = bulkInsert('default-positions', {
  ...POSITION,
  where: `WHERE NOT EXISTS (SELECT FROM kept_positions AS kept
    WHERE kept.device_id = added.device_id AND kept.fix_at_ms = added.fix_at_ms
      AND kept.boot = added.boot AND kept.seq = added.seq)`,
});

export const INTO_POSITIONED: Bulk = bulkInsert('positioned', {
  table: 'positioned',
  columns: [['device_id', 'text']],
  onConflict: 'ON CONFLICT DO NOTHING',
});

export const INTO_DEVICE_EVENTS: Bulk = bulkInsert('device-events', {
  table: 'device_events',
  columns: [
    ['seq', 'bigint'],
    ['event_at_ms', 'bigint'],
    ['received_at_ms', 'bigint'],
    ['device_id', 'text'],
    ['boot', 'text'],
    ['kind', 'text'],
    ['payload', 'text'],
  ],
  onConflict: 'ON CONFLICT DO NOTHING',
});

export const INTO_JOURNAL: Bulk = bulkInsert('journal', {
  table: 'journal',
  columns: [
    ['seq', 'bigint'],
    ['at_ms', 'bigint'],
    ['type', 'text'],
    ['body', 'text'],
    ['hash', 'text'],
  ],
});

export const INTO_CHECKPOINTS: Bulk = bulkInsert('checkpoints', {
  table: 'checkpoints',
  columns: [
    ['seq', 'bigint'],
    ['at_ms', 'bigint'],
    ['hash', 'text'],
    ['key_id', 'text'],
    ['signature', 'text'],
  ],
});

export const INTO_ALERTS: Bulk = bulkInsert('alerts', {
  table: 'alerts',
  columns: [
    ['alert_id', 'text'],
    ['cause', 'text'],
    ['episode', 'bigint'],
    ['kind', 'text'],
    ['case_id', 'text'],
    ['order_id', 'text'],
    ['ban_id', 'text'],
    ['device_id', 'text'],
    ['is_open', 'boolean'],
    ['is_closed', 'boolean'],
    ['raised_at_ms', 'bigint'],
    ['updated_at_ms', 'bigint'],
    ['seq', 'bigint'],
  ],
  onConflict: `ON CONFLICT (alert_id) DO UPDATE SET
    cause = excluded.cause, episode = excluded.episode, is_open = excluded.is_open,
    is_closed = excluded.is_closed, raised_at_ms = excluded.raised_at_ms,
    updated_at_ms = excluded.updated_at_ms, seq = excluded.seq`,
});

export const INTO_ALERT_EVENTS: Bulk = bulkInsert('alert-events', {
  table: 'alert_events',
  columns: [
    ['alert_id', 'text'],
    ['seq', 'bigint'],
  ],
});

export const INTO_TRACKS: Bulk = bulkInsert('tracks', {
  table: 'alert_tracks',
  columns: [
    ['device_id', 'text'],
    ['alert_id', 'text'],
    ['from_ms', 'bigint'],
  ],
  onConflict: `ON CONFLICT (device_id, alert_id)
    DO UPDATE SET from_ms = least(alert_tracks.from_ms, excluded.from_ms)`,
});

/** All tracks of an alert end with it, those of earlier batches too. */
export const END_TRACKS: Bulk = {
  name: 'end-tracks',
  text: `UPDATE alert_tracks SET until_ms = ended.until_ms
    FROM unnest($1::text[], $2::bigint[]) AS ended (alert_id, until_ms)
    WHERE alert_tracks.alert_id = ended.alert_id`,
  columns: 2,
};

export const INTO_ORDERS: Bulk = bulkInsert('orders', {
  table: 'order_versions',
  columns: [
    ['order_id', 'text'],
    ['version', 'bigint'],
    ['seq', 'bigint'],
  ],
});

const newestOf = (table: string): Bulk =>
  bulkInsert(table, {
    table,
    columns: [
      ['device_id', 'text'],
      ['seq', 'bigint'],
    ],
    onConflict: 'ON CONFLICT (device_id) DO UPDATE SET seq = excluded.seq',
  });

export const INTO_DEVICES: Bulk = newestOf('devices');
export const INTO_COMMANDS: Bulk = newestOf('commands');

export const INTO_REGISTRATIONS: Bulk = bulkInsert('registrations', {
  table: 'registrations',
  columns: [
    ['kind', 'text'],
    ['key', 'text'],
    ['seq', 'bigint'],
  ],
  onConflict: 'ON CONFLICT (kind, key) DO UPDATE SET seq = excluded.seq',
});

export const INTO_DELIVERIES: Bulk = bulkInsert('deliveries', {
  table: 'deliveries',
  columns: [
    ['subscription_id', 'text'],
    ['seq', 'bigint'],
    ['at_ms', 'bigint'],
  ],
  onConflict: `ON CONFLICT (subscription_id)
    DO UPDATE SET seq = excluded.seq, at_ms = excluded.at_ms`,
});

export const INTO_ACCOUNTS: Bulk = bulkInsert('accounts', {
  table: 'accounts',
  columns: [
    ['username', 'text'],
    ['role', 'text'],
    ['secret_hash', 'text'],
  ],
  onConflict: `ON CONFLICT (username)
    DO UPDATE SET role = excluded.role, secret_hash = excluded.secret_hash`,
});

export const INTO_SESSIONS: Bulk = bulkInsert('sessions', {
  table: 'sessions',
  columns: [
    ['token_hash', 'text'],
    ['username', 'text'],
    ['role', 'text'],
    ['created_at_ms', 'bigint'],
    ['expires_at_ms', 'bigint'],
  ],
  onConflict: `ON CONFLICT (token_hash) DO UPDATE SET username = excluded.username,
    role = excluded.role, created_at_ms = excluded.created_at_ms,
    expires_at_ms = excluded.expires_at_ms`,
});

export const END_SESSIONS: Bulk = {
  name: 'end-sessions',
  text: 'DELETE FROM sessions WHERE token_hash = ANY ($1::text[])',
  columns: 1,
};

export const INTO_REJECTIONS: Bulk = bulkInsert('rejections', {
  table: 'rejections',
  columns: [
    ['at_ms', 'bigint'],
    ['topic', 'text'],
    ['reason', 'text'],
    ['detail', 'text'],
    ['payload', 'text'],
  ],
});

export const INTO_BEATS: Bulk = bulkInsert('beats', {
  table: 'beats',
  columns: [
    ['at_ms', 'bigint'],
    ['took_ms', 'double precision'],
  ],
  onConflict: 'ON CONFLICT (at_ms) DO UPDATE SET took_ms = excluded.took_ms',
});
