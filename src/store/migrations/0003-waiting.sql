-- Transfers that run and whose last step the counter-party may have refused: they wait in the inbox beside those in turn.
CREATE INDEX transfer_refused ON transfer (updated_at)
  WHERE state IN ('STARTED', 'SUSPENDED') AND unacknowledged IS NULL AND problem IS NOT NULL;

-- What the last attempt to deliver was answered with: one 401 after another says more than one of them.
ALTER TABLE outbox ADD COLUMN last_status INTEGER;
