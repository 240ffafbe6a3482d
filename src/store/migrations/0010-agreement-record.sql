-- What is on record under an agreement beside its text: facts that somebody put there, and what is owed by when.

CREATE TABLE agreement_record (
  agreement_id  TEXT NOT NULL REFERENCES agreement (id) ON DELETE CASCADE,
  name          TEXT NOT NULL,
  value         TEXT NOT NULL,
  valid_until   INTEGER,
  reference     TEXT,
  by            TEXT NOT NULL,
  at            INTEGER NOT NULL,
  PRIMARY KEY (agreement_id, name)
) STRICT, WITHOUT ROWID;

CREATE TABLE obligation (
  agreement_id  TEXT NOT NULL REFERENCES agreement (id) ON DELETE CASCADE,
  path          TEXT NOT NULL,
  uid           TEXT,
  action        TEXT NOT NULL,
  state         TEXT NOT NULL CHECK (state IN ('active', 'fulfilled', 'violated', 'late')),
  due_at        INTEGER,
  at            INTEGER NOT NULL,
  proof         TEXT,
  PRIMARY KEY (agreement_id, path)
) STRICT, WITHOUT ROWID;
CREATE INDEX obligation_due ON obligation (due_at) WHERE state = 'active' AND due_at IS NOT NULL;
