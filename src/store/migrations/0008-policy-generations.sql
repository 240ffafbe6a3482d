-- What the policies folder held, reading by reading: what is in force, what was before, and what was refused and why. The
-- files themselves stand apart by their digest, so that going back to a generation keeps no second copy of them.

CREATE TABLE policy_content (
  digest  TEXT PRIMARY KEY,
  packed  TEXT NOT NULL
) STRICT;

CREATE TABLE policy_generation (
  number         INTEGER PRIMARY KEY,
  digest         TEXT NOT NULL REFERENCES policy_content (digest),
  folder_digest  TEXT NOT NULL,
  state          TEXT NOT NULL CHECK (state IN ('active', 'superseded', 'refused')),
  back_to        INTEGER,
  at             INTEGER NOT NULL,
  by             TEXT NOT NULL,
  files          INTEGER NOT NULL,
  bytes          INTEGER NOT NULL,
  mistakes       INTEGER NOT NULL,
  findings       TEXT NOT NULL
) STRICT;
CREATE INDEX policy_generation_digest ON policy_generation (digest);
CREATE UNIQUE INDEX policy_generation_active ON policy_generation (state) WHERE state = 'active';
