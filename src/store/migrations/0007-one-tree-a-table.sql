-- Tables that are looked up by their whole key and by nothing else rest in one tree each, not in a table and an index beside
-- it: every message writes to most of them, and every page that is written once less makes its commit shorter.

ALTER TABLE replay RENAME TO replay_before;
CREATE TABLE replay (
  iss         TEXT NOT NULL,
  jti         TEXT NOT NULL,
  expires_at  INTEGER NOT NULL,
  PRIMARY KEY (iss, jti)
) STRICT, WITHOUT ROWID;
INSERT INTO replay SELECT * FROM replay_before;
DROP TABLE replay_before;
CREATE INDEX replay_expiry ON replay (expires_at);

ALTER TABLE outbox RENAME TO outbox_before;
CREATE TABLE outbox (
  pid           TEXT PRIMARY KEY,
  kind          TEXT NOT NULL CHECK (kind IN ('negotiation', 'transfer')),
  counterparty  TEXT NOT NULL,
  url           TEXT NOT NULL,
  move          TEXT NOT NULL,
  message_id    TEXT NOT NULL,
  body          TEXT NOT NULL,
  attempts      INTEGER NOT NULL,
  due_at        INTEGER NOT NULL,
  deadline_at   INTEGER NOT NULL,
  last_error    TEXT,
  last_status   INTEGER
) STRICT, WITHOUT ROWID;
INSERT INTO outbox SELECT * FROM outbox_before;
DROP TABLE outbox_before;
CREATE INDEX outbox_due ON outbox (due_at);

ALTER TABLE offer RENAME TO offer_before;
CREATE TABLE offer (
  pid         TEXT NOT NULL REFERENCES negotiation (pid),
  number      INTEGER NOT NULL,
  offered_by  TEXT NOT NULL CHECK (offered_by IN ('CONSUMER', 'PROVIDER')),
  offer       TEXT NOT NULL,
  at          INTEGER NOT NULL,
  PRIMARY KEY (pid, number)
) STRICT, WITHOUT ROWID;
INSERT INTO offer SELECT * FROM offer_before;
DROP TABLE offer_before;

-- A move of ours whose message may still be under way though the counter-party's has overtaken it, {"move", "until"}.
ALTER TABLE transfer ADD COLUMN overtaken TEXT;
