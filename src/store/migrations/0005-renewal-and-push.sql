-- Tokens that can be renewed, data that is pushed, and data that is pushed to us.

-- The digest of the refresh token that was given out beside this token; NULL where it cannot be renewed.
ALTER TABLE access_token ADD COLUMN refresh_hash TEXT;
-- When the start was made that this token goes back to: a renewed one keeps the place of the one before it.
ALTER TABLE access_token ADD COLUMN started_at INTEGER NOT NULL DEFAULT 0;

-- When the token of the data address came to us, from which its life is counted; NULL where there is none.
ALTER TABLE transfer ADD COLUMN address_at INTEGER;
UPDATE transfer SET address_at = peer_moved_at WHERE role = 'CONSUMER' AND data_address IS NOT NULL;

-- Data that we owe the consumer of a transfer: one row a transfer, due while that is open.
CREATE TABLE push (
  pid               TEXT PRIMARY KEY REFERENCES transfer (pid) ON DELETE CASCADE,
  counterparty      TEXT NOT NULL,
  attempts          INTEGER NOT NULL CHECK (attempts >= 0),
  due_at            INTEGER NOT NULL,
  deadline_at       INTEGER,
  -- The delivery that took the use for it, NULL while none has; and that of the last attempt.
  delivery_id       TEXT,
  last_delivery_id  TEXT,
  last_error        TEXT,
  last_status       INTEGER,
  done_at           INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX push_due ON push (due_at) WHERE done_at IS NULL;

-- Data that a provider owes us, and where it is to be put. The credentials of the sink are sealed.
CREATE TABLE reception (
  pid         TEXT PRIMARY KEY REFERENCES transfer (pid) ON DELETE CASCADE,
  token_hash  TEXT NOT NULL,
  sink        TEXT NOT NULL,
  bytes       INTEGER,
  digest      TEXT,
  done_at     INTEGER
) STRICT, WITHOUT ROWID;
