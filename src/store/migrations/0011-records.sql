-- Records that were delivered, where a policy asks for their number; null where nobody counted them.

ALTER TABLE delivery ADD COLUMN records INTEGER;
ALTER TABLE usage ADD COLUMN records INTEGER;
