-- Ids are 64-bit. A table of 32-bit ids once ran full and left 16,000 wearers unmonitored for
-- half a day. Times are milliseconds since 1970; `by_user` is a user name.

-- Clustered by device and time of measurement: a track is one range scan, and the key itself
-- makes a message that comes twice harmless. An absent `boot` is ''.
CREATE TABLE positions (
  device_id TEXT NOT NULL,
  fix_at_ms INTEGER NOT NULL,
  boot TEXT NOT NULL,
  seq INTEGER NOT NULL,
  received_at_ms INTEGER NOT NULL,
  lon REAL NOT NULL,
  lat REAL NOT NULL,
  accuracy_m REAL,
  speed_ms REAL,
  heading_deg REAL,
  source TEXT,
  battery REAL,
  payload TEXT NOT NULL,
  PRIMARY KEY (device_id, fix_at_ms, boot, seq)
) STRICT, WITHOUT ROWID;

CREATE TABLE device_events (
  device_id TEXT NOT NULL,
  boot TEXT NOT NULL,
  seq INTEGER NOT NULL,
  kind TEXT NOT NULL,
  event_at_ms INTEGER NOT NULL,
  received_at_ms INTEGER NOT NULL,
  payload TEXT NOT NULL,
  PRIMARY KEY (device_id, boot, seq, kind)
) STRICT, WITHOUT ROWID;

-- An alert as it stands. `record` is what the core goes on from, `alert` what consoles see,
-- `cause` all that distinguishes one cause from another; `episode` counts within it.
CREATE TABLE alerts (
  alert_id TEXT PRIMARY KEY,
  cause TEXT NOT NULL,
  episode INTEGER NOT NULL,
  kind TEXT NOT NULL,
  case_id TEXT NOT NULL,
  order_id TEXT,
  ban_id TEXT,
  device_id TEXT,
  is_open INTEGER NOT NULL CHECK (is_open IN (0, 1)),
  is_closed INTEGER NOT NULL CHECK (is_closed IN (0, 1)),
  raised_at_ms INTEGER NOT NULL,
  updated_at_ms INTEGER NOT NULL,
  record TEXT NOT NULL,
  alert TEXT NOT NULL
) STRICT;
CREATE INDEX alerts_by_time ON alerts (raised_at_ms, alert_id);
CREATE INDEX alerts_open_by_time ON alerts (raised_at_ms, alert_id) WHERE is_open = 1;
CREATE INDEX alerts_not_closed ON alerts (raised_at_ms, alert_id) WHERE is_closed = 0;
CREATE INDEX alerts_by_cause ON alerts (cause, episode);

-- `seq` is dense and in commit order: a reader that has seen n has missed nothing below n.
CREATE TABLE alert_events (
  seq INTEGER PRIMARY KEY,
  alert_id TEXT NOT NULL REFERENCES alerts,
  at_ms INTEGER NOT NULL,
  change TEXT NOT NULL,
  by_user TEXT,
  act TEXT,
  alert TEXT NOT NULL
) STRICT;
CREATE INDEX alert_events_by_alert ON alert_events (alert_id, seq);

-- Positions that are evidence and outlive the retention time; no end while an alert stands.
CREATE TABLE alert_tracks (
  device_id TEXT NOT NULL,
  alert_id TEXT NOT NULL REFERENCES alerts,
  from_ms INTEGER NOT NULL,
  until_ms INTEGER,
  PRIMARY KEY (device_id, alert_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX alert_tracks_by_alert ON alert_tracks (alert_id);

CREATE TABLE order_versions (
  order_id TEXT NOT NULL,
  version INTEGER NOT NULL,
  at_ms INTEGER NOT NULL,
  by_user TEXT NOT NULL,
  status TEXT NOT NULL,
  cause TEXT NOT NULL,
  reason TEXT,
  court_order TEXT NOT NULL,
  PRIMARY KEY (order_id, version)
) STRICT, WITHOUT ROWID;

-- Every registration of a device; the last one counts.
CREATE TABLE device_versions (
  id INTEGER PRIMARY KEY,
  device_id TEXT NOT NULL,
  at_ms INTEGER NOT NULL,
  by_user TEXT NOT NULL,
  device TEXT NOT NULL
) STRICT;
CREATE INDEX device_versions_by_device ON device_versions (device_id, id);

CREATE TABLE accounts (
  username TEXT PRIMARY KEY,
  role TEXT NOT NULL,
  secret_hash TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE sessions (
  token_hash TEXT PRIMARY KEY,
  username TEXT NOT NULL,
  role TEXT NOT NULL,
  created_at_ms INTEGER NOT NULL,
  expires_at_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE looks (
  id INTEGER PRIMARY KEY,
  at_ms INTEGER NOT NULL,
  by_user TEXT NOT NULL,
  what TEXT NOT NULL,
  subject TEXT NOT NULL,
  reason TEXT NOT NULL
) STRICT;

-- AUTOINCREMENT so that an id is never given twice, however many rows were dropped.
CREATE TABLE rejections (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  at_ms INTEGER NOT NULL,
  topic TEXT NOT NULL,
  reason TEXT NOT NULL,
  detail TEXT NOT NULL,
  payload TEXT NOT NULL
) STRICT;
CREATE INDEX rejections_by_time ON rejections (at_ms);

-- One row: the newest server time ever written, so that a start after a clock step notices.
CREATE TABLE newest (
  one INTEGER PRIMARY KEY CHECK (one = 1),
  at_ms INTEGER
) STRICT;
INSERT INTO newest VALUES (1, NULL);

-- The journal is evidence: nothing in it is rewritten, not even by a bug of ours.
CREATE TRIGGER alert_events_keep BEFORE UPDATE ON alert_events
BEGIN SELECT raise(ABORT, 'alert_events is append-only'); END;
CREATE TRIGGER alert_events_stay BEFORE DELETE ON alert_events
BEGIN SELECT raise(ABORT, 'alert_events is append-only'); END;
CREATE TRIGGER order_versions_keep BEFORE UPDATE ON order_versions
BEGIN SELECT raise(ABORT, 'order_versions is append-only'); END;
CREATE TRIGGER order_versions_stay BEFORE DELETE ON order_versions
BEGIN SELECT raise(ABORT, 'order_versions is append-only'); END;
CREATE TRIGGER device_versions_keep BEFORE UPDATE ON device_versions
BEGIN SELECT raise(ABORT, 'device_versions is append-only'); END;
CREATE TRIGGER device_versions_stay BEFORE DELETE ON device_versions
BEGIN SELECT raise(ABORT, 'device_versions is append-only'); END;
CREATE TRIGGER looks_keep BEFORE UPDATE ON looks
BEGIN SELECT raise(ABORT, 'looks is append-only'); END;
CREATE TRIGGER looks_stay BEFORE DELETE ON looks
BEGIN SELECT raise(ABORT, 'looks is append-only'); END;
