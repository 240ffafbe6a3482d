-- What our offer said beside its rules when the agreement was written: version, template, annex, settlement.

ALTER TABLE agreement ADD COLUMN terms TEXT;
