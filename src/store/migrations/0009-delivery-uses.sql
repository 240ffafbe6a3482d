-- What a policy asks of the deliveries under one agreement: when uses were taken, and how much is on its way.

CREATE INDEX delivery_uses ON delivery (agreement_id, started_at) WHERE counted = 1;
CREATE INDEX delivery_under_way ON delivery (agreement_id) WHERE outcome = 'open';
