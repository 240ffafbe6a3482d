-- What waits for people, every offer with its author, and answers that a repeated management call gets again.

CREATE TABLE offer (
  pid         TEXT NOT NULL REFERENCES negotiation (pid),
  number      INTEGER NOT NULL,
  offered_by  TEXT NOT NULL CHECK (offered_by IN ('CONSUMER', 'PROVIDER')),
  offer       TEXT NOT NULL,
  at          INTEGER NOT NULL,
  PRIMARY KEY (pid, number)
) STRICT;

CREATE TABLE idempotency (
  key             TEXT PRIMARY KEY,
  request_digest  TEXT NOT NULL,
  status          INTEGER NOT NULL,
  body            TEXT NOT NULL,
  at              INTEGER NOT NULL
) STRICT;
CREATE INDEX idempotency_age ON idempotency (at);

-- Whether it was we, the consumer, who resumed the transfer: EDC's provider then says again where the data is.
ALTER TABLE transfer ADD COLUMN resumed INTEGER NOT NULL DEFAULT 0 CHECK (resumed IN (0, 1));

-- Processes in which nothing is on its way: somebody's turn, ours or the counter-party's.
CREATE INDEX negotiation_idle ON negotiation (updated_at)
  WHERE state NOT IN ('FINALIZED', 'TERMINATED') AND unacknowledged IS NULL;
CREATE INDEX transfer_idle ON transfer (updated_at)
  WHERE state IN ('INITIAL', 'REQUESTED') AND unacknowledged IS NULL;
