-- Accounts that another one made, as its applications.
ALTER TABLE accounts ADD COLUMN parent_id {bigint} REFERENCES accounts (id);
ALTER TABLE accounts ADD COLUMN uid TEXT NOT NULL DEFAULT '';
ALTER TABLE accounts ADD COLUMN metadata TEXT NOT NULL DEFAULT '{}';
ALTER TABLE accounts ADD COLUMN updated_at {bigint} NOT NULL DEFAULT 0;
ALTER TABLE accounts ADD COLUMN deleted_at {bigint};
UPDATE accounts SET updated_at = created_at;

-- A deleted account gives its name free.
CREATE UNIQUE INDEX accounts_by_uid ON accounts (parent_id, uid)
    WHERE uid <> '' AND deleted_at IS NULL;
CREATE INDEX accounts_by_parent ON accounts (parent_id, id) WHERE deleted_at IS NULL;

-- The defaults are those of an event from a provider: ingest does not name these columns.
ALTER TABLE events ADD COLUMN kind {bigint} NOT NULL DEFAULT 0;
ALTER TABLE events ADD COLUMN own_type TEXT NOT NULL DEFAULT '';
ALTER TABLE events ADD COLUMN external_id TEXT NOT NULL DEFAULT '';
ALTER TABLE events ADD COLUMN channels TEXT NOT NULL DEFAULT '';

CREATE UNIQUE INDEX events_by_external_id ON events (account_id, livemode, external_id)
    WHERE external_id <> '';
CREATE INDEX events_by_kind ON events (account_id, livemode, kind, id) WHERE kind <> 0;

CREATE TABLE endpoints (
    id {bigint} PRIMARY KEY,
    account_id {bigint} NOT NULL REFERENCES accounts (id),
    livemode {bigint} NOT NULL,
    status {bigint} NOT NULL,
    revision {bigint} NOT NULL,
    created_at {bigint} NOT NULL,
    updated_at {bigint} NOT NULL,
    deleted_at {bigint},
    uid TEXT NOT NULL,
    disabled_reason TEXT NOT NULL,
    url TEXT NOT NULL,
    settings TEXT NOT NULL,
    secrets {bytes} NOT NULL
) {table_options};

CREATE UNIQUE INDEX endpoints_by_uid ON endpoints (account_id, livemode, uid)
    WHERE uid <> '' AND deleted_at IS NULL;
CREATE INDEX endpoints_by_owner ON endpoints (account_id, livemode, id) WHERE deleted_at IS NULL;

-- Apart from the endpoint's long row, because it is written with every event.
CREATE TABLE endpoint_sequences (
    endpoint_id {bigint} PRIMARY KEY REFERENCES endpoints (id),
    last_sequence {bigint} NOT NULL
) {table_options};

CREATE TABLE endpoint_health (
    endpoint_id {bigint} PRIMARY KEY REFERENCES endpoints (id),
    failing_since {bigint},
    failures {bigint} NOT NULL,
    not_before {bigint},
    breaker_openings {bigint} NOT NULL
) {table_options};

CREATE TABLE deliveries (
    id {bigint} PRIMARY KEY,
    event_id {bigint} NOT NULL,
    endpoint_id {bigint} NOT NULL,
    account_id {bigint} NOT NULL,
    livemode {bigint} NOT NULL,
    sequence {bigint} NOT NULL,
    order_key {bigint} NOT NULL,
    state {bigint} NOT NULL,
    queue {bigint},
    due_at {bigint} NOT NULL,
    fence {bigint} NOT NULL,
    attempts {bigint} NOT NULL,
    round_attempts {bigint} NOT NULL,
    round_started_at {bigint} NOT NULL,
    trigger_kind {bigint} NOT NULL,
    last_status {bigint} NOT NULL,
    last_error {bigint} NOT NULL,
    created_at {bigint} NOT NULL,
    finished_at {bigint},
    reason TEXT NOT NULL,
    UNIQUE (event_id, endpoint_id)
) {table_options};

-- An endpoint's list, and the count of all it got.
CREATE INDEX deliveries_by_endpoint ON deliveries (endpoint_id, id);

-- What is to be sent next: open deliveries only, so it is as small as the backlog.
CREATE INDEX deliveries_due ON deliveries (endpoint_id, queue, due_at, id)
    WHERE queue IS NOT NULL;

-- Everything that did not arrive (2: delivered). Gaps, lists and counts by state, and what a
-- recovery looks for are all read from it, whatever has arrived meanwhile. A delivery that arrives
-- at once enters and leaves it on the same few newest pages.
CREATE INDEX deliveries_not_delivered ON deliveries (endpoint_id, state, sequence)
    WHERE state <> 2;

CREATE INDEX deliveries_by_order_key ON deliveries (endpoint_id, order_key, id)
    WHERE order_key <> 0;

-- By its own id, so that rows are appended and old ones are found from the front.
CREATE TABLE attempts (
    id {bigint} PRIMARY KEY,
    delivery_id {bigint} NOT NULL,
    number {bigint} NOT NULL,
    started_at {bigint} NOT NULL,
    dns_us {bigint} NOT NULL,
    connect_us {bigint} NOT NULL,
    tls_us {bigint} NOT NULL,
    first_byte_us {bigint} NOT NULL,
    total_us {bigint} NOT NULL,
    trigger_kind {bigint} NOT NULL,
    status {bigint} NOT NULL,
    error {bigint} NOT NULL,
    address TEXT NOT NULL,
    response_headers {bytes} NOT NULL,
    response_body {bytes} NOT NULL,
    UNIQUE (delivery_id, number)
) {table_options};

CREATE TABLE jobs (
    id {bigint} PRIMARY KEY,
    account_id {bigint} NOT NULL REFERENCES accounts (id),
    livemode {bigint} NOT NULL,
    kind {bigint} NOT NULL,
    state {bigint} NOT NULL,
    endpoint_id {bigint},
    cursor_id {bigint} NOT NULL,
    total {bigint} NOT NULL,
    looked_at {bigint} NOT NULL,
    scheduled {bigint} NOT NULL,
    created_at {bigint} NOT NULL,
    updated_at {bigint} NOT NULL,
    error TEXT NOT NULL,
    parameters TEXT NOT NULL
) {table_options};

CREATE INDEX jobs_by_owner ON jobs (account_id, livemode, id);
CREATE INDEX jobs_by_endpoint ON jobs (endpoint_id, id) WHERE endpoint_id IS NOT NULL;
CREATE INDEX jobs_running ON jobs (id) WHERE state = 0;

CREATE TABLE idempotent_replies (
    account_id {bigint} NOT NULL,
    livemode {bigint} NOT NULL,
    key TEXT NOT NULL,
    request_hash {bytes} NOT NULL,
    status {bigint} NOT NULL,
    created_at {bigint} NOT NULL,
    reply {bytes} NOT NULL,
    PRIMARY KEY (account_id, livemode, key)
) {table_options};

CREATE INDEX idempotent_replies_by_age ON idempotent_replies (created_at);
