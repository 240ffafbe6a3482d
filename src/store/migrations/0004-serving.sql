-- What a delivery is a delivery of, so that a broken one can be continued; what was used under an agreement; sealed credentials.

-- Path with query, ETag and size are those of the whole; NULL in rows from before, which cannot be continued.
ALTER TABLE delivery ADD COLUMN path TEXT;
ALTER TABLE delivery ADD COLUMN etag TEXT;
ALTER TABLE delivery ADD COLUMN size INTEGER CHECK (size >= 0);
-- The bytes that were asked for, {"first", "last"}; NULL for all of them.
ALTER TABLE delivery ADD COLUMN part TEXT;
-- The delivery whose use this one goes on with.
ALTER TABLE delivery ADD COLUMN continues TEXT;
-- Whether a use was taken for it and not given back.
ALTER TABLE delivery ADD COLUMN counted INTEGER NOT NULL DEFAULT 1 CHECK (counted IN (0, 1));
-- Bytes that were sent under its use in all, its continuations included; while they run, those set aside for them.
ALTER TABLE delivery ADD COLUMN spent INTEGER NOT NULL DEFAULT 0 CHECK (spent >= 0);
-- When its bytes were last written down while it ran.
ALTER TABLE delivery ADD COLUMN noted_at INTEGER;
CREATE INDEX delivery_resumable ON delivery (transfer_pid, path, started_at) WHERE counted = 1 AND etag IS NOT NULL;

-- No row where nothing was delivered yet. It goes with its agreement.
CREATE TABLE usage (
  agreement_id  TEXT PRIMARY KEY REFERENCES agreement (id) ON DELETE CASCADE,
  deliveries    INTEGER NOT NULL CHECK (deliveries >= 0),
  bytes         INTEGER NOT NULL CHECK (bytes >= 0),
  milliseconds  INTEGER NOT NULL CHECK (milliseconds >= 0)
) STRICT;
INSERT INTO usage (agreement_id, deliveries, bytes, milliseconds)
  SELECT agreement_id, count(*), sum(bytes), sum(iif(outcome = 'interrupted', 0, max(0, ended_at - started_at)))
  FROM delivery WHERE ended_at IS NOT NULL AND bytes > 0 GROUP BY agreement_id;

-- The datasets whose sources hold credentials: looked through at every start, in a catalogue of any size.
CREATE INDEX dataset_with_secrets ON dataset (id)
  WHERE json_extract(source, '$.headers') IS NOT NULL OR json_extract(source, '$.secretAccessKey') IS NOT NULL;
