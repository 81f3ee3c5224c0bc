-- One journal of all decisions, chained by hash; what used to hold them becomes an index into it.
-- The rows of the tables renamed here are carried over by store-sqlite-carry-over.ts, which drops
-- them when all are in.
CREATE TABLE journal (
  seq INTEGER PRIMARY KEY,
  at_ms INTEGER NOT NULL,
  type TEXT NOT NULL,
  body TEXT NOT NULL,
  hash TEXT NOT NULL
) STRICT;
CREATE INDEX journal_alert_changes ON journal (seq) WHERE type = 'alert-change';
CREATE INDEX journal_looks ON journal (seq) WHERE type = 'look';

-- One row: the newest of the journal, so that a journal cut short shows.
CREATE TABLE journal_head (
  one INTEGER PRIMARY KEY CHECK (one = 1),
  seq INTEGER NOT NULL,
  hash TEXT NOT NULL
) STRICT;
INSERT INTO journal_head VALUES (1, 0, '0000000000000000000000000000000000000000000000000000000000000000');

CREATE TABLE checkpoints (
  seq INTEGER PRIMARY KEY,
  at_ms INTEGER NOT NULL,
  hash TEXT NOT NULL,
  key_id TEXT NOT NULL,
  signature TEXT NOT NULL
) STRICT;

DROP TRIGGER alert_events_keep;
DROP TRIGGER alert_events_stay;
DROP TRIGGER order_versions_keep;
DROP TRIGGER order_versions_stay;
DROP TRIGGER device_versions_keep;
DROP TRIGGER device_versions_stay;
DROP TRIGGER looks_keep;
DROP TRIGGER looks_stay;
DROP INDEX alert_events_by_alert;
DROP INDEX device_versions_by_device;
ALTER TABLE alert_events RENAME TO old_alert_events;
ALTER TABLE order_versions RENAME TO old_order_versions;
ALTER TABLE device_versions RENAME TO old_device_versions;
ALTER TABLE looks RENAME TO old_looks;

CREATE TABLE alert_events (
  alert_id TEXT NOT NULL,
  seq INTEGER NOT NULL REFERENCES journal,
  PRIMARY KEY (alert_id, seq)
) STRICT, WITHOUT ROWID;

CREATE TABLE order_versions (
  order_id TEXT NOT NULL,
  version INTEGER NOT NULL,
  seq INTEGER NOT NULL REFERENCES journal,
  PRIMARY KEY (order_id, version)
) STRICT, WITHOUT ROWID;

-- The last registration of each device counts.
CREATE TABLE devices (
  device_id TEXT PRIMARY KEY,
  seq INTEGER NOT NULL REFERENCES journal
) STRICT, WITHOUT ROWID;

-- What each device was asked last.
CREATE TABLE commands (
  device_id TEXT PRIMARY KEY,
  seq INTEGER NOT NULL REFERENCES journal
) STRICT, WITHOUT ROWID;

-- Times at which the canary came through, or did not.
CREATE TABLE beats (
  at_ms INTEGER PRIMARY KEY,
  took_ms REAL
) STRICT;

-- An alert stands as its newest change in the journal says.
ALTER TABLE alerts ADD COLUMN seq INTEGER NOT NULL DEFAULT 0;

-- The journal is evidence: nothing in it is rewritten, not even by a bug of ours.
CREATE TRIGGER journal_keep BEFORE UPDATE ON journal
BEGIN SELECT raise(ABORT, 'journal is append-only'); END;
CREATE TRIGGER journal_stay BEFORE DELETE ON journal
BEGIN SELECT raise(ABORT, 'journal is append-only'); END;
CREATE TRIGGER checkpoints_keep BEFORE UPDATE ON checkpoints
BEGIN SELECT raise(ABORT, 'checkpoints is append-only'); END;
CREATE TRIGGER checkpoints_stay BEFORE DELETE ON checkpoints
BEGIN SELECT raise(ABORT, 'checkpoints is append-only'); END;
