-- What each device was asked last, as the core goes on from it.
CREATE TABLE commands (
  device_id TEXT PRIMARY KEY,
  at_ms INTEGER NOT NULL,
  asked TEXT NOT NULL
) STRICT, WITHOUT ROWID;
