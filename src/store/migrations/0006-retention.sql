-- What ended longest ago is found without looking at the rest, and removing it does not make SQLite search whole tables for
-- rows that refer to it. And a place to write to, for whoever asks whether the database still takes anything.

CREATE INDEX negotiation_over ON negotiation (updated_at, pid) WHERE state = 'TERMINATED';
CREATE INDEX transfer_over ON transfer (updated_at, pid) WHERE state IN ('COMPLETED', 'TERMINATED');
CREATE INDEX agreement_over ON agreement (ended_at, id) WHERE ended_at IS NOT NULL;

-- A row that is removed is looked for in the tables that refer to its own.
CREATE INDEX agreement_negotiation ON agreement (negotiation_pid);
CREATE INDEX delivery_transfer ON delivery (transfer_pid);
CREATE INDEX delivery_agreement ON delivery (agreement_id);

-- Empty between two questions.
CREATE TABLE probe (
  id    INTEGER PRIMARY KEY,
  room  BLOB NOT NULL
) STRICT;
