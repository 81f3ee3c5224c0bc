-- What was set up and may be taken back: the newest of each kind and key counts.
CREATE TABLE registrations (
  kind text COLLATE "C" NOT NULL,
  key text COLLATE "C" NOT NULL,
  seq bigint NOT NULL REFERENCES journal,
  PRIMARY KEY (kind, key)
);

-- Up to where in the journal each subscription was told.
CREATE TABLE deliveries (
  subscription_id text COLLATE "C" PRIMARY KEY,
  seq bigint NOT NULL,
  at_ms bigint NOT NULL
);

CREATE INDEX alerts_by_order ON alerts (order_id, raised_at_ms, alert_id)
  WHERE order_id IS NOT NULL;
