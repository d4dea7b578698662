-- Several nodes on one store. Times are microseconds by the clock of the database server, so that
-- nodes need not agree on theirs.

-- One row for each running process. Whose lease has ended does nothing more for the cluster.
CREATE TABLE nodes (
    id {bigint} PRIMARY KEY,
    number {bigint} NOT NULL UNIQUE,
    name TEXT NOT NULL,
    -- The same for each process that starts in one data directory, of which one runs at a time.
    home TEXT NOT NULL,
    version TEXT NOT NULL,
    -- 0: it only receives, and serves no endpoint.
    delivers {bigint} NOT NULL,
    started_at {bigint} NOT NULL,
    lease_until {bigint} NOT NULL
) {table_options};

-- What only one node does at a time. The fence grows with each new holder.
CREATE TABLE leases (
    name TEXT PRIMARY KEY,
    node_id {bigint} NOT NULL,
    fence {bigint} NOT NULL,
    lease_until {bigint} NOT NULL
) {table_options};

-- Which node serves an endpoint, as long as that node's own lease lasts.
CREATE TABLE lanes (
    endpoint_id {bigint} PRIMARY KEY,
    node_id {bigint} NOT NULL,
    fence {bigint} NOT NULL
) {table_options};

CREATE INDEX lanes_by_node ON lanes (node_id);

-- What others hold in memory and have to read again.
CREATE TABLE changes (
    number {bigint} PRIMARY KEY,
    kind {bigint} NOT NULL,
    subject_id {bigint} NOT NULL,
    changed_at {bigint} NOT NULL
) {table_options};

-- Rows to be locked, and nothing else.
CREATE TABLE turns (
    name TEXT PRIMARY KEY
) {table_options};

INSERT INTO turns (name) VALUES ('general');

-- Several clocks make ids, so the sequence alone tells which event of a payment was first.
DROP INDEX deliveries_by_order_key;
CREATE INDEX deliveries_in_order ON deliveries (endpoint_id, order_key, sequence)
    WHERE order_key <> 0;

-- Each node asks gateways about the orders that it made itself.
CREATE INDEX gateway_orders_of_node ON gateway_orders (((id >> 14) & 63), due_at, id);
