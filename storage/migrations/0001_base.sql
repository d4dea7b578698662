-- What belongs to the store itself: its keys.
CREATE TABLE meta (
    name TEXT PRIMARY KEY,
    value {bytes} NOT NULL
) {table_options};

CREATE TABLE accounts (
    id {bigint} PRIMARY KEY,
    name TEXT NOT NULL,
    created_at {bigint} NOT NULL
) {table_options};

CREATE TABLE api_keys (
    id {bigint} PRIMARY KEY,
    account_id {bigint} NOT NULL REFERENCES accounts (id),
    livemode {bigint} NOT NULL,
    restricted {bigint} NOT NULL,
    key_hash {bytes} NOT NULL UNIQUE,
    hint TEXT NOT NULL,
    created_at {bigint} NOT NULL,
    revoked_at {bigint}
) {table_options};

-- A gateway's number is small, because every row and index entry of a webhook carries it.
CREATE TABLE gateways (
    number {bigint} PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    kind TEXT NOT NULL,
    account_id {bigint} REFERENCES accounts (id),
    created_at {bigint} NOT NULL
) {table_options};

-- The hot tables have no foreign keys: only ingest writes them, and it knows what it refers to.
-- The body comes last, so that lists read the columns before it without reading it.
CREATE TABLE inbox (
    id {bigint} PRIMARY KEY,
    account_id {bigint} NOT NULL,
    livemode {bigint} NOT NULL,
    gateway {bigint} NOT NULL,
    verdict {bigint} NOT NULL,
    reason TEXT NOT NULL,
    duplicate_of {bigint},
    received_at {bigint} NOT NULL,
    gateway_event_id TEXT NOT NULL,
    event_ids {bytes} NOT NULL,
    headers {bytes} NOT NULL,
    body_sha256 {bytes} NOT NULL,
    body {bytes} NOT NULL
) {table_options};

CREATE INDEX inbox_by_gateway ON inbox (gateway, id);
CREATE INDEX inbox_by_verdict ON inbox (verdict, id) WHERE verdict <> 0;
CREATE INDEX inbox_by_original ON inbox (duplicate_of) WHERE duplicate_of IS NOT NULL;

-- One entry for each thing that a provider ever said. Two hashes of 63 bits stand for gateway and
-- provider's id: the first is the place, the second tells two things of one place apart.
CREATE TABLE dedupe (
    key {bigint} PRIMARY KEY,
    check_hash {bigint} NOT NULL,
    inbox_id {bigint} NOT NULL
) {table_options};

-- The newest of these entries, where a driver finds it dear to write each at its random place.
CREATE TABLE dedupe_recent (
    id {bigint} PRIMARY KEY,
    key {bigint} NOT NULL,
    check_hash {bigint} NOT NULL,
    inbox_id {bigint} NOT NULL
) {table_options};

CREATE TABLE events (
    id {bigint} PRIMARY KEY,
    account_id {bigint} NOT NULL,
    livemode {bigint} NOT NULL,
    type {bigint} NOT NULL,
    gateway {bigint} NOT NULL,
    inbox_id {bigint} NOT NULL,
    gateway_event_id TEXT NOT NULL,
    gateway_event_type TEXT NOT NULL,
    created_at {bigint} NOT NULL,
    object TEXT NOT NULL
) {table_options};

CREATE INDEX events_by_type ON events (type, id);
