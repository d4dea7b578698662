-- What a next version may add while nodes of the version before work: they know neither of these.
ALTER TABLE deliveries ADD COLUMN next_note TEXT NOT NULL DEFAULT '';

CREATE INDEX deliveries_by_next_note ON deliveries (endpoint_id, next_note);
