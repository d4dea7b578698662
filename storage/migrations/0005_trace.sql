-- The trace that a webhook, its events and each attempt belong to: 25 bytes, core/trace.hpp. Of the
-- inbox it stands behind the body, so only what reads the body reads it too.
ALTER TABLE inbox ADD COLUMN trace {bytes};
ALTER TABLE events ADD COLUMN trace {bytes};
ALTER TABLE attempts ADD COLUMN trace {bytes};
