-- The payment API's own events carry their Stripe form; the defaults are those of ingest.
ALTER TABLE events ADD COLUMN subject_id {bigint} NOT NULL DEFAULT 0;
ALTER TABLE events ADD COLUMN stripe_type TEXT NOT NULL DEFAULT '';
ALTER TABLE events ADD COLUMN request_id TEXT NOT NULL DEFAULT '';
ALTER TABLE events ADD COLUMN idempotency_key TEXT NOT NULL DEFAULT '';
-- The object in both forms, packed; where it is, the column of the object is empty.
ALTER TABLE events ADD COLUMN snapshots {bytes};

-- What was told of one payment, refund, dispute or payout.
CREATE INDEX events_by_subject ON events (subject_id, id) WHERE subject_id <> 0;
-- Those under a name that only Stripe's users know.
CREATE INDEX events_by_stripe_type ON events (account_id, livemode, own_type, id) WHERE kind = 3;

CREATE TABLE customers (
    id {bigint} PRIMARY KEY,
    account_id {bigint} NOT NULL REFERENCES accounts (id),
    livemode {bigint} NOT NULL,
    external_id TEXT NOT NULL,
    email TEXT NOT NULL,
    default_method_id {bigint},
    methods {bigint} NOT NULL,
    created_at {bigint} NOT NULL,
    deleted_at {bigint},
    details TEXT NOT NULL
) {table_options};

CREATE INDEX customers_by_owner ON customers (account_id, livemode, id) WHERE deleted_at IS NULL;
CREATE INDEX customers_by_email ON customers (account_id, livemode, email, id)
    WHERE email <> '' AND deleted_at IS NULL;
-- A deleted customer keeps its external id to be shown with; a new one may have it again.
CREATE UNIQUE INDEX customers_by_external_id ON customers (account_id, livemode, external_id)
    WHERE external_id <> '' AND deleted_at IS NULL;

CREATE TABLE payment_methods (
    id {bigint} PRIMARY KEY,
    account_id {bigint} NOT NULL REFERENCES accounts (id),
    livemode {bigint} NOT NULL,
    type {bigint} NOT NULL,
    state {bigint} NOT NULL,
    customer_id {bigint},
    fingerprint TEXT NOT NULL,
    created_at {bigint} NOT NULL,
    gateway_token TEXT NOT NULL,
    vault {bytes} NOT NULL,
    details TEXT NOT NULL
) {table_options};

CREATE INDEX payment_methods_by_customer ON payment_methods (customer_id, id)
    WHERE customer_id IS NOT NULL;
-- Those that may still pay; a shop's used ones are many and no list shows them.
CREATE INDEX payment_methods_by_owner ON payment_methods (account_id, livemode, id)
    WHERE state IN (0, 3);

-- Cards, type 0, are most of them: a list of them is the owner's list.
CREATE INDEX payment_methods_by_type ON payment_methods (account_id, livemode, type, id)
    WHERE state IN (0, 3) AND type <> 0;

-- How much an owner has of what is counted: the next payment's number, the customers' limit.
CREATE TABLE owner_counts (
    account_id {bigint} NOT NULL,
    livemode {bigint} NOT NULL,
    kind {bigint} NOT NULL,
    value TEXT NOT NULL,
    count {bigint} NOT NULL,
    PRIMARY KEY (account_id, livemode, kind, value)
) {table_options};

-- No foreign keys on what every payment writes: the services know what they refer to.
CREATE TABLE payments (
    id {bigint} PRIMARY KEY,
    account_id {bigint} NOT NULL,
    livemode {bigint} NOT NULL,
    number {bigint} NOT NULL,
    version {bigint} NOT NULL,
    status {bigint} NOT NULL,
    face_status {bigint} NOT NULL,
    amount {bigint} NOT NULL,
    -- The same in thousandths of the currency's unit: so those of all currencies compare.
    amount_thousandths {bigint} NOT NULL,
    currency TEXT NOT NULL,
    capturable {bigint} NOT NULL,
    received {bigint} NOT NULL,
    refunded {bigint} NOT NULL,
    capture_method {bigint} NOT NULL,
    confirmation_method {bigint} NOT NULL,
    gateway {bigint} NOT NULL,
    gateway_payment_id TEXT NOT NULL,
    customer_id {bigint},
    method_id {bigint},
    charge_id {bigint},
    dispute_id {bigint},
    order_id TEXT NOT NULL,
    client_secret TEXT NOT NULL,
    created_at {bigint} NOT NULL,
    updated_at {bigint} NOT NULL,
    captured_at {bigint},
    canceled_at {bigint},
    details TEXT NOT NULL
) {table_options};

-- Trailing columns are there so that a list's other conditions are decided without the row.
CREATE INDEX payments_by_owner
    ON payments (account_id, livemode, id, amount_thousandths, currency);
CREATE UNIQUE INDEX payments_by_number ON payments (account_id, livemode, number);
CREATE INDEX payments_by_gateway_id ON payments (gateway, gateway_payment_id)
    WHERE gateway_payment_id <> '';
CREATE INDEX payments_by_customer
    ON payments (customer_id, id, account_id, livemode, face_status, gateway, amount_thousandths)
    WHERE customer_id IS NOT NULL;
CREATE INDEX payments_by_order ON payments (account_id, livemode, order_id, id)
    WHERE order_id <> '';
CREATE INDEX payments_by_status
    ON payments (account_id, livemode, status, id, amount_thousandths, currency);
CREATE INDEX payments_by_face_status
    ON payments (account_id, livemode, face_status, id, gateway, amount_thousandths);
CREATE INDEX payments_by_gateway
    ON payments (account_id, livemode, gateway, id, amount_thousandths);
CREATE INDEX payments_by_amount
    ON payments (account_id, livemode, amount_thousandths, id, face_status, gateway, currency);
-- Holds that nobody captures end by themselves: those of a gateway, the oldest first. 4:
-- requires_capture.
CREATE INDEX payments_held ON payments (gateway, created_at, id, charge_id) WHERE status = 4;

-- How many payments of each kind there are in each block of numbers, so that a page deep in a list
-- is found, and a total told, without counting rows.
CREATE TABLE payment_blocks (
    account_id {bigint} NOT NULL,
    livemode {bigint} NOT NULL,
    block {bigint} NOT NULL,
    face_status {bigint} NOT NULL,
    gateway {bigint} NOT NULL,
    count {bigint} NOT NULL,
    PRIMARY KEY (account_id, livemode, block, face_status, gateway)
) {table_options};

-- The same for the order by amount, of which a run goes from its (amount_thousandths, id) up to the
-- next run's. The first begins at (0, 0).
CREATE TABLE payment_runs (
    account_id {bigint} NOT NULL,
    livemode {bigint} NOT NULL,
    amount_thousandths {bigint} NOT NULL,
    id {bigint} NOT NULL,
    face_status {bigint} NOT NULL,
    gateway {bigint} NOT NULL,
    count {bigint} NOT NULL,
    PRIMARY KEY (account_id, livemode, amount_thousandths, id, face_status, gateway)
) {table_options};

-- For searches by metadata: each pair of a payment.
CREATE TABLE payment_metadata (
    account_id {bigint} NOT NULL,
    livemode {bigint} NOT NULL,
    name TEXT NOT NULL,
    value TEXT NOT NULL,
    payment_id {bigint} NOT NULL,
    PRIMARY KEY (account_id, livemode, name, value, payment_id)
) {table_options};

CREATE TABLE charges (
    id {bigint} PRIMARY KEY,
    account_id {bigint} NOT NULL,
    livemode {bigint} NOT NULL,
    payment_id {bigint} NOT NULL,
    status {bigint} NOT NULL,
    captured {bigint} NOT NULL,
    amount {bigint} NOT NULL,
    currency TEXT NOT NULL,
    captured_amount {bigint} NOT NULL,
    refunded {bigint} NOT NULL,
    customer_id {bigint},
    method_id {bigint},
    balance_transaction_id {bigint},
    dispute_id {bigint},
    gateway_charge_id TEXT NOT NULL,
    created_at {bigint} NOT NULL,
    details TEXT NOT NULL
) {table_options};

CREATE INDEX charges_by_payment ON charges (payment_id, id);
CREATE INDEX charges_by_owner ON charges (account_id, livemode, id);
CREATE INDEX charges_by_customer ON charges (customer_id, id) WHERE customer_id IS NOT NULL;

CREATE TABLE refunds (
    id {bigint} PRIMARY KEY,
    account_id {bigint} NOT NULL,
    livemode {bigint} NOT NULL,
    payment_id {bigint} NOT NULL,
    charge_id {bigint} NOT NULL,
    status {bigint} NOT NULL,
    amount {bigint} NOT NULL,
    currency TEXT NOT NULL,
    gateway {bigint} NOT NULL,
    gateway_refund_id TEXT NOT NULL,
    balance_transaction_id {bigint},
    created_at {bigint} NOT NULL,
    updated_at {bigint} NOT NULL,
    details TEXT NOT NULL
) {table_options};

CREATE INDEX refunds_by_payment ON refunds (payment_id, id);
CREATE INDEX refunds_by_charge ON refunds (charge_id, id);
CREATE INDEX refunds_by_owner ON refunds (account_id, livemode, id);
CREATE INDEX refunds_by_gateway_id ON refunds (gateway, gateway_refund_id)
    WHERE gateway_refund_id <> '';

CREATE TABLE disputes (
    id {bigint} PRIMARY KEY,
    account_id {bigint} NOT NULL,
    livemode {bigint} NOT NULL,
    payment_id {bigint} NOT NULL,
    charge_id {bigint} NOT NULL,
    status {bigint} NOT NULL,
    amount {bigint} NOT NULL,
    currency TEXT NOT NULL,
    gateway {bigint} NOT NULL,
    gateway_dispute_id TEXT NOT NULL,
    withdrawn_id {bigint},
    reinstated_id {bigint},
    submissions {bigint} NOT NULL,
    due_by {bigint},
    created_at {bigint} NOT NULL,
    updated_at {bigint} NOT NULL,
    closed_at {bigint},
    details TEXT NOT NULL
) {table_options};

CREATE INDEX disputes_by_payment ON disputes (payment_id, id);
CREATE INDEX disputes_by_charge ON disputes (charge_id, id);
CREATE INDEX disputes_by_owner ON disputes (account_id, livemode, id);
CREATE INDEX disputes_by_status ON disputes (account_id, livemode, status, id);
CREATE INDEX disputes_by_gateway_id ON disputes (gateway, gateway_dispute_id)
    WHERE gateway_dispute_id <> '';

CREATE TABLE payouts (
    id {bigint} PRIMARY KEY,
    account_id {bigint} NOT NULL,
    livemode {bigint} NOT NULL,
    status {bigint} NOT NULL,
    amount {bigint} NOT NULL,
    currency TEXT NOT NULL,
    method {bigint} NOT NULL,
    origin {bigint} NOT NULL,
    gateway {bigint} NOT NULL,
    gateway_payout_id TEXT NOT NULL,
    arrival_at {bigint} NOT NULL,
    balance_transaction_id {bigint},
    failure_transaction_id {bigint},
    created_at {bigint} NOT NULL,
    updated_at {bigint} NOT NULL,
    details TEXT NOT NULL
) {table_options};

CREATE INDEX payouts_by_owner ON payouts (account_id, livemode, id);
CREATE INDEX payouts_by_gateway_id ON payouts (gateway, gateway_payout_id)
    WHERE gateway_payout_id <> '';

CREATE TABLE transfers (
    id {bigint} PRIMARY KEY,
    account_id {bigint} NOT NULL,
    livemode {bigint} NOT NULL,
    amount {bigint} NOT NULL,
    currency TEXT NOT NULL,
    reversed {bigint} NOT NULL,
    destination TEXT NOT NULL,
    transfer_group TEXT NOT NULL,
    source_charge_id {bigint},
    balance_transaction_id {bigint},
    created_at {bigint} NOT NULL,
    details TEXT NOT NULL
) {table_options};

CREATE INDEX transfers_by_owner ON transfers (account_id, livemode, id);
CREATE INDEX transfers_by_destination ON transfers (account_id, livemode, destination, id);
CREATE INDEX transfers_by_group ON transfers (account_id, livemode, transfer_group, id)
    WHERE transfer_group <> '';
CREATE INDEX transfers_by_source ON transfers (source_charge_id)
    WHERE source_charge_id IS NOT NULL;

CREATE TABLE transfer_reversals (
    id {bigint} PRIMARY KEY,
    transfer_id {bigint} NOT NULL,
    account_id {bigint} NOT NULL,
    livemode {bigint} NOT NULL,
    amount {bigint} NOT NULL,
    currency TEXT NOT NULL,
    balance_transaction_id {bigint},
    created_at {bigint} NOT NULL,
    metadata TEXT NOT NULL
) {table_options};

CREATE INDEX transfer_reversals_by_transfer ON transfer_reversals (transfer_id, id);

-- The books. A movement is the postings of one movement_id; their sum is zero.
CREATE TABLE ledger_entries (
    id {bigint} PRIMARY KEY,
    movement_id {bigint} NOT NULL,
    account_id {bigint} NOT NULL,
    livemode {bigint} NOT NULL,
    currency TEXT NOT NULL,
    ledger_account {bigint} NOT NULL,
    amount {bigint} NOT NULL,
    created_at {bigint} NOT NULL
) {table_options};

CREATE INDEX ledger_entries_by_owner ON ledger_entries (account_id, livemode, currency, id);

-- The sums of the entries, written with them.
CREATE TABLE ledger_balances (
    account_id {bigint} NOT NULL,
    livemode {bigint} NOT NULL,
    currency TEXT NOT NULL,
    ledger_account {bigint} NOT NULL,
    balance {bigint} NOT NULL,
    PRIMARY KEY (account_id, livemode, currency, ledger_account)
) {table_options};

CREATE TABLE balance_transactions (
    id {bigint} PRIMARY KEY,
    account_id {bigint} NOT NULL,
    livemode {bigint} NOT NULL,
    number {bigint} NOT NULL,
    type {bigint} NOT NULL,
    state {bigint} NOT NULL,
    bucket {bigint} NOT NULL,
    currency TEXT NOT NULL,
    amount {bigint} NOT NULL,
    fee {bigint} NOT NULL,
    available_on {bigint} NOT NULL,
    payment_id {bigint},
    created_at {bigint} NOT NULL,
    source TEXT NOT NULL
) {table_options};

CREATE UNIQUE INDEX balance_transactions_by_number
    ON balance_transactions (account_id, livemode, number);
CREATE INDEX balance_transactions_by_owner ON balance_transactions (account_id, livemode, id);
-- Charges, type 0, are most of the lines: a list of them is the owner's list.
CREATE INDEX balance_transactions_by_type ON balance_transactions (account_id, livemode, type, id)
    WHERE type <> 0;
CREATE INDEX balance_transactions_by_currency
    ON balance_transactions (account_id, livemode, currency, id);
CREATE INDEX balance_transactions_by_source
    ON balance_transactions (account_id, livemode, source, id);
-- What settles next.
CREATE INDEX balance_transactions_pending ON balance_transactions (available_on, id)
    WHERE state = 0;

-- What a gateway was asked and has not answered yet. Written with the state that waits for it, so
-- that after a crash it is asked again with the same idempotency key.
CREATE TABLE gateway_orders (
    id {bigint} PRIMARY KEY,
    account_id {bigint} NOT NULL,
    livemode {bigint} NOT NULL,
    gateway {bigint} NOT NULL,
    kind {bigint} NOT NULL,
    payment_id {bigint} NOT NULL,
    object_id {bigint} NOT NULL,
    asked {bigint} NOT NULL,
    due_at {bigint} NOT NULL,
    created_at {bigint} NOT NULL,
    amount {bigint} NOT NULL
) {table_options};

CREATE INDEX gateway_orders_due ON gateway_orders (due_at, id);
CREATE INDEX gateway_orders_by_payment ON gateway_orders (payment_id, id);

-- Pages that a sandbox gateway's customer is sent to.
CREATE TABLE sandbox_actions (
    id {bigint} PRIMARY KEY,
    account_id {bigint} NOT NULL,
    livemode {bigint} NOT NULL,
    payment_id {bigint} NOT NULL,
    kind {bigint} NOT NULL,
    state {bigint} NOT NULL,
    expires_at {bigint} NOT NULL,
    created_at {bigint} NOT NULL,
    return_url TEXT NOT NULL
) {table_options};

CREATE INDEX sandbox_actions_open ON sandbox_actions (expires_at, id) WHERE state = 0;

-- What a sandbox gateway has yet to say to our own receiver.
CREATE TABLE sandbox_messages (
    id {bigint} PRIMARY KEY,
    gateway {bigint} NOT NULL,
    due_at {bigint} NOT NULL,
    tries {bigint} NOT NULL,
    message TEXT NOT NULL
) {table_options};

CREATE INDEX sandbox_messages_due ON sandbox_messages (due_at, id);

CREATE TABLE request_log (
    id {bigint} PRIMARY KEY,
    account_id {bigint} NOT NULL,
    livemode {bigint} NOT NULL,
    api_key_id {bigint} NOT NULL,
    status {bigint} NOT NULL,
    duration_us {bigint} NOT NULL,
    created_at {bigint} NOT NULL,
    method TEXT NOT NULL,
    path TEXT NOT NULL,
    request_id TEXT NOT NULL,
    idempotency_key TEXT NOT NULL,
    peer_address TEXT NOT NULL,
    error_code TEXT NOT NULL,
    parameters TEXT NOT NULL
) {table_options};

-- The status is what most are looked for by: rows of others are passed over in the index itself.
CREATE INDEX request_log_by_owner ON request_log (account_id, livemode, id, status);

-- Request ids begin with their time, so this index only grows at its end.
CREATE INDEX request_log_by_request ON request_log (request_id);

-- Keys: what they may do, their plan, and when a rolled one stops.
ALTER TABLE api_keys ADD COLUMN kind {bigint} NOT NULL DEFAULT 0;
ALTER TABLE api_keys ADD COLUMN name TEXT NOT NULL DEFAULT '';
ALTER TABLE api_keys ADD COLUMN scopes TEXT NOT NULL DEFAULT '';
ALTER TABLE api_keys ADD COLUMN plan TEXT NOT NULL DEFAULT '';
ALTER TABLE api_keys ADD COLUMN expires_at {bigint};
ALTER TABLE api_keys ADD COLUMN last_used_at {bigint};
ALTER TABLE api_keys ADD COLUMN replaced_by {bigint};

-- The kind says what this said, and has room for a third.
UPDATE api_keys SET kind = restricted;
ALTER TABLE api_keys DROP COLUMN restricted;
