-- Records that were delivered, where a policy asks for their number; null where nobody counted them.

ALTER TABLE delivery ADD COLUMN records INTEGER;
ALTER TABLE usage ADD COLUMN records INTEGER;

-- When the first delivery under an agreement began.

ALTER TABLE usage ADD COLUMN first_at INTEGER;
UPDATE usage SET first_at = (SELECT min(started_at) FROM delivery WHERE delivery.agreement_id = usage.agreement_id);
