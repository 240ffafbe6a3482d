-- The first schema: processes, agreements, the two boxes, the catalogue, the register, what was used, what is proved.

CREATE TABLE negotiation (
  pid             TEXT PRIMARY KEY,
  role            TEXT NOT NULL CHECK (role IN ('CONSUMER', 'PROVIDER')),
  peer_pid        TEXT,
  counterparty    TEXT NOT NULL,
  peer_address    TEXT NOT NULL,
  state           TEXT NOT NULL CHECK (state IN ('INITIAL', 'REQUESTED', 'OFFERED', 'ACCEPTED', 'AGREED', 'VERIFIED', 'FINALIZED', 'TERMINATED')),
  unacknowledged  TEXT,
  ending          INTEGER NOT NULL CHECK (ending IN (0, 1)),
  offer           TEXT NOT NULL,
  offered_by      TEXT NOT NULL CHECK (offered_by IN ('CONSUMER', 'PROVIDER')),
  agreement_id    TEXT,
  automation      TEXT NOT NULL,
  problem         TEXT,
  opening_digest  TEXT,
  created_at      INTEGER NOT NULL,
  updated_at      INTEGER NOT NULL,
  peer_moved_at   INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX negotiation_peer ON negotiation (counterparty, role, peer_pid) WHERE peer_pid IS NOT NULL;
CREATE INDEX negotiation_open ON negotiation (counterparty) WHERE state NOT IN ('FINALIZED', 'TERMINATED');

CREATE TABLE agreement (
  id               TEXT PRIMARY KEY,
  role             TEXT NOT NULL CHECK (role IN ('CONSUMER', 'PROVIDER')),
  negotiation_pid  TEXT NOT NULL REFERENCES negotiation (pid),
  counterparty     TEXT NOT NULL,
  dataset_id       TEXT NOT NULL,
  agreement        TEXT NOT NULL,
  policy_digest    TEXT NOT NULL,
  agreed_at        INTEGER NOT NULL,
  finalized_at     INTEGER,
  ended_at         INTEGER,
  end_reason       TEXT
) STRICT;
CREATE INDEX agreement_usable ON agreement (counterparty, role, dataset_id, agreed_at) WHERE finalized_at IS NOT NULL AND ended_at IS NULL;

CREATE TABLE transfer (
  pid             TEXT PRIMARY KEY,
  role            TEXT NOT NULL CHECK (role IN ('CONSUMER', 'PROVIDER')),
  peer_pid        TEXT,
  counterparty    TEXT NOT NULL,
  peer_address    TEXT NOT NULL,
  state           TEXT NOT NULL CHECK (state IN ('INITIAL', 'REQUESTED', 'STARTED', 'SUSPENDED', 'COMPLETED', 'TERMINATED')),
  unacknowledged  TEXT,
  ending          INTEGER NOT NULL CHECK (ending IN (0, 1)),
  -- No foreign key: a request that names no agreement of ours is remembered with its refusal.
  agreement_id    TEXT NOT NULL,
  dataset_id      TEXT NOT NULL,
  format          TEXT NOT NULL,
  data_address    TEXT,
  automation      TEXT NOT NULL,
  problem         TEXT,
  opening_digest  TEXT,
  created_at      INTEGER NOT NULL,
  updated_at      INTEGER NOT NULL,
  peer_moved_at   INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX transfer_peer ON transfer (counterparty, role, peer_pid) WHERE peer_pid IS NOT NULL;
CREATE INDEX transfer_open ON transfer (counterparty) WHERE state NOT IN ('COMPLETED', 'TERMINATED');
CREATE INDEX transfer_agreement ON transfer (agreement_id);

CREATE TABLE inbox (
  pid          TEXT NOT NULL,
  sender       TEXT NOT NULL,
  message_id   TEXT NOT NULL,
  body_digest  TEXT NOT NULL,
  accepted     INTEGER NOT NULL CHECK (accepted IN (0, 1)),
  state_after  TEXT NOT NULL,
  problem      TEXT,
  at           INTEGER NOT NULL,
  PRIMARY KEY (pid, sender, message_id, body_digest)
) STRICT;

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
  last_error    TEXT
) STRICT;
CREATE INDEX outbox_due ON outbox (due_at);

CREATE TABLE dataset (
  id          TEXT PRIMARY KEY,
  properties  TEXT NOT NULL,
  formats     TEXT NOT NULL,
  source      TEXT,
  created_at  INTEGER NOT NULL
) STRICT;

CREATE TABLE peer (
  did       TEXT PRIMARY KEY,
  name      TEXT NOT NULL,
  claims    TEXT NOT NULL,
  address   TEXT,
  added_at  INTEGER NOT NULL
) STRICT;

CREATE TABLE counter (
  agreement_id  TEXT NOT NULL REFERENCES agreement (id),
  action        TEXT NOT NULL,
  used          INTEGER NOT NULL CHECK (used >= 0),
  PRIMARY KEY (agreement_id, action)
) STRICT;

CREATE TABLE access_token (
  hash          TEXT PRIMARY KEY,
  transfer_pid  TEXT NOT NULL REFERENCES transfer (pid),
  message_id    TEXT NOT NULL,
  expires_at    INTEGER NOT NULL,
  used_at       INTEGER
) STRICT;
CREATE INDEX access_token_transfer ON access_token (transfer_pid);

CREATE TABLE delivery (
  id            TEXT PRIMARY KEY,
  transfer_pid  TEXT NOT NULL REFERENCES transfer (pid),
  agreement_id  TEXT NOT NULL REFERENCES agreement (id),
  started_at    INTEGER NOT NULL,
  ended_at      INTEGER,
  bytes         INTEGER NOT NULL,
  digest        TEXT,
  outcome       TEXT NOT NULL CHECK (outcome IN ('open', 'complete', 'cut', 'source-failed', 'peer-gone', 'interrupted'))
) STRICT;
CREATE INDEX delivery_open ON delivery (id) WHERE outcome = 'open';

CREATE TABLE replay (
  iss         TEXT NOT NULL,
  jti         TEXT NOT NULL,
  expires_at  INTEGER NOT NULL,
  PRIMARY KEY (iss, jti)
) STRICT;
CREATE INDEX replay_expiry ON replay (expires_at);

CREATE TABLE management_token (
  hash        TEXT PRIMARY KEY,
  name        TEXT NOT NULL,
  scope       TEXT NOT NULL,
  created_at  INTEGER NOT NULL,
  revoked_at  INTEGER
) STRICT;

CREATE TABLE evidence (
  seq        INTEGER PRIMARY KEY,
  at         INTEGER NOT NULL,
  type       TEXT NOT NULL,
  pid        TEXT,
  agreement  TEXT,
  aseq       INTEGER,
  envelope   TEXT NOT NULL,
  hash       TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX evidence_agreement ON evidence (agreement, aseq) WHERE agreement IS NOT NULL;
CREATE INDEX evidence_pid ON evidence (pid) WHERE pid IS NOT NULL;

CREATE TRIGGER evidence_keeps_what_is_written BEFORE UPDATE ON evidence
BEGIN SELECT RAISE(ABORT, 'evidence is append-only: an entry is never changed'); END;
CREATE TRIGGER evidence_keeps_every_entry BEFORE DELETE ON evidence
BEGIN SELECT RAISE(ABORT, 'evidence is append-only: an entry is never removed'); END;
-- "INSERT OR REPLACE" deletes without firing the trigger above: a number may be given once only.
CREATE TRIGGER evidence_numbers_are_given_once BEFORE INSERT ON evidence
WHEN NEW.seq <= (SELECT coalesce(max(seq), 0) FROM evidence)
BEGIN SELECT RAISE(ABORT, 'evidence is append-only: this number is taken'); END;
