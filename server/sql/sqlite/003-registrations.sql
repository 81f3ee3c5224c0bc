-- What was set up and may be taken back: the newest of each kind and key counts.
CREATE TABLE registrations (
  kind TEXT NOT NULL,
  key TEXT NOT NULL,
  seq INTEGER NOT NULL REFERENCES journal,
  PRIMARY KEY (kind, key)
) STRICT, WITHOUT ROWID;

-- Up to where in the journal each subscription was told.
CREATE TABLE deliveries (
  subscription_id TEXT PRIMARY KEY,
  seq INTEGER NOT NULL,
  at_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX alerts_by_order ON alerts (order_id, raised_at_ms, alert_id)
  WHERE order_id IS NOT NULL;
