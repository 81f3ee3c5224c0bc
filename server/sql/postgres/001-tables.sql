-- Ids are 64-bit. A table of 32-bit ids once ran full and left 16,000 wearers unmonitored for
-- half a day. Times are milliseconds since 1970; `by_user` is a user name. Keys of text are
-- compared by their bytes: the order of a language changes with the operating system, and then
-- an index no longer finds what is in it.

-- A partition for each day (UTC) of measurement, so that what is too old goes with its files
-- instead of row by row. The key makes a message that comes twice harmless, and a track one range
-- scan. An absent `boot` is ''.
CREATE TABLE positions (
  fix_at_ms bigint NOT NULL,
  seq bigint NOT NULL,
  received_at_ms bigint NOT NULL,
  lon double precision NOT NULL,
  lat double precision NOT NULL,
  accuracy_m double precision,
  speed_ms double precision,
  heading_deg double precision,
  battery double precision,
  device_id text COLLATE "C" NOT NULL,
  boot text COLLATE "C" NOT NULL,
  source text,
  payload text NOT NULL,
  PRIMARY KEY (device_id, fix_at_ms, boot, seq)
) PARTITION BY RANGE (fix_at_ms);

-- What a clock far off says, and what came when its day had no partition yet.
CREATE TABLE positions_default PARTITION OF positions DEFAULT;
CREATE INDEX positions_default_by_time ON positions_default (fix_at_ms);

-- Tracks of alerts whose day is gone.
CREATE TABLE kept_positions (LIKE positions INCLUDING ALL);
CREATE INDEX kept_positions_by_time ON kept_positions (fix_at_ms);

CREATE VIEW every_position AS
  SELECT * FROM positions UNION ALL SELECT * FROM kept_positions;

-- Every device that ever sent a position: to find the newest of each without a scan of all.
CREATE TABLE positioned (
  device_id text COLLATE "C" PRIMARY KEY
);

CREATE TABLE device_events (
  seq bigint NOT NULL,
  event_at_ms bigint NOT NULL,
  received_at_ms bigint NOT NULL,
  device_id text COLLATE "C" NOT NULL,
  boot text COLLATE "C" NOT NULL,
  kind text COLLATE "C" NOT NULL,
  payload text NOT NULL,
  PRIMARY KEY (device_id, boot, seq, kind)
);

-- All decisions, chained by hash; what is looked up of them is an index into it.
CREATE TABLE journal (
  seq bigint PRIMARY KEY,
  at_ms bigint NOT NULL,
  type text NOT NULL,
  body text NOT NULL,
  hash text NOT NULL
);
CREATE INDEX journal_alert_changes ON journal (seq) WHERE type = 'alert-change';
CREATE INDEX journal_looks ON journal (seq) WHERE type = 'look';

-- One row: the newest of the journal. Whoever writes moves it on from what he believes it to be,
-- and so learns whether somebody else wrote meanwhile.
CREATE TABLE journal_head (
  one integer PRIMARY KEY CHECK (one = 1),
  seq bigint NOT NULL,
  hash text NOT NULL
);
INSERT INTO journal_head VALUES
  (1, 0, '0000000000000000000000000000000000000000000000000000000000000000');

CREATE TABLE checkpoints (
  seq bigint PRIMARY KEY,
  at_ms bigint NOT NULL,
  hash text NOT NULL,
  key_id text NOT NULL,
  signature text NOT NULL
);

-- An alert stands as its newest change in the journal says. `cause` is all that distinguishes one
-- cause from another; `episode` counts within it.
CREATE TABLE alerts (
  alert_id text COLLATE "C" PRIMARY KEY,
  cause text COLLATE "C" NOT NULL,
  episode bigint NOT NULL,
  kind text NOT NULL,
  case_id text NOT NULL,
  order_id text,
  ban_id text,
  device_id text,
  is_open boolean NOT NULL,
  is_closed boolean NOT NULL,
  raised_at_ms bigint NOT NULL,
  updated_at_ms bigint NOT NULL,
  seq bigint NOT NULL REFERENCES journal
);
CREATE INDEX alerts_by_time ON alerts (raised_at_ms, alert_id);
CREATE INDEX alerts_open_by_time ON alerts (raised_at_ms, alert_id) WHERE is_open;
CREATE INDEX alerts_not_closed ON alerts (raised_at_ms, alert_id) WHERE NOT is_closed;
CREATE INDEX alerts_by_cause ON alerts (cause, episode);

CREATE TABLE alert_events (
  alert_id text COLLATE "C" NOT NULL,
  seq bigint NOT NULL REFERENCES journal,
  PRIMARY KEY (alert_id, seq)
);

-- Positions that are evidence and outlive the retention time; no end while an alert stands.
CREATE TABLE alert_tracks (
  device_id text COLLATE "C" NOT NULL,
  alert_id text COLLATE "C" NOT NULL REFERENCES alerts,
  from_ms bigint NOT NULL,
  until_ms bigint,
  PRIMARY KEY (device_id, alert_id)
);
CREATE INDEX alert_tracks_by_alert ON alert_tracks (alert_id);

CREATE TABLE order_versions (
  order_id text COLLATE "C" NOT NULL,
  version bigint NOT NULL,
  seq bigint NOT NULL REFERENCES journal,
  PRIMARY KEY (order_id, version)
);

-- The last registration of each device counts.
CREATE TABLE devices (
  device_id text COLLATE "C" PRIMARY KEY,
  seq bigint NOT NULL REFERENCES journal
);

-- What each device was asked last.
CREATE TABLE commands (
  device_id text COLLATE "C" PRIMARY KEY,
  seq bigint NOT NULL REFERENCES journal
);

CREATE TABLE accounts (
  username text COLLATE "C" PRIMARY KEY,
  role text NOT NULL,
  secret_hash text NOT NULL
);

CREATE TABLE sessions (
  token_hash text COLLATE "C" PRIMARY KEY,
  username text NOT NULL,
  role text NOT NULL,
  created_at_ms bigint NOT NULL,
  expires_at_ms bigint NOT NULL
);

CREATE TABLE rejections (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  at_ms bigint NOT NULL,
  topic text NOT NULL,
  reason text NOT NULL,
  detail text NOT NULL,
  payload text NOT NULL
);
CREATE INDEX rejections_by_time ON rejections (at_ms);

-- Times at which the canary came through, or did not.
CREATE TABLE beats (
  at_ms bigint PRIMARY KEY,
  took_ms double precision
);

-- One row: the newest server time ever written, so that a start after a clock step notices.
CREATE TABLE newest (
  one integer PRIMARY KEY CHECK (one = 1),
  at_ms bigint
);
INSERT INTO newest VALUES (1, NULL);

-- The journal is evidence: nothing in it is rewritten, not even by a bug of ours. ALWAYS, for a
-- session that plays a replica would leave ordinary triggers out.
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER journal_stays BEFORE UPDATE OR DELETE OR TRUNCATE ON journal
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER checkpoints_stay BEFORE UPDATE OR DELETE OR TRUNCATE ON checkpoints
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
ALTER TABLE journal ENABLE ALWAYS TRIGGER journal_stays;
ALTER TABLE checkpoints ENABLE ALWAYS TRIGGER checkpoints_stay;
