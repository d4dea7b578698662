// What a team builds with the usual Node packages: fastify takes a payment, pg writes it and all
// that belongs to it in one transaction of prepared statements, and the answer leaves when
// PostgreSQL has committed. The gateway is a sandbox here too: it says yes at once.
// POSTERN_PEER_PROCESSES, _PORT, _SECRET (the API key), and what libpq reads: PGHOST, PGPORT, …
import cluster from 'node:cluster';
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import process from 'node:process';

import Fastify from 'fastify';
import pg from 'pg';

const environment = process.env;
const processes = Number(environment.POSTERN_PEER_PROCESSES);
const connectionsEach = 16;
const account = 'acct_1';
const uniqueViolation = '23505';

// The indexes are what its lists need: newest first, of a customer, of a status, by metadata.
const schema = `
CREATE TABLE payment_intents (
  id text PRIMARY KEY, account text NOT NULL, status text NOT NULL, amount bigint NOT NULL,
  currency text NOT NULL, received bigint NOT NULL, customer text, method text NOT NULL,
  charge text NOT NULL, client_secret text NOT NULL, description text, receipt_email text,
  metadata jsonb NOT NULL, created_at timestamptz NOT NULL);
CREATE INDEX ON payment_intents (account, created_at, id);
CREATE INDEX ON payment_intents (account, status, created_at);
CREATE INDEX ON payment_intents (customer, created_at) WHERE customer IS NOT NULL;
CREATE INDEX ON payment_intents USING gin (metadata jsonb_path_ops);
CREATE TABLE payment_methods (
  id text PRIMARY KEY, account text NOT NULL, type text NOT NULL, card jsonb NOT NULL,
  customer text, used boolean NOT NULL, created_at timestamptz NOT NULL);
CREATE TABLE charges (
  id text PRIMARY KEY, account text NOT NULL, payment text NOT NULL, status text NOT NULL,
  amount bigint NOT NULL, currency text NOT NULL, line text NOT NULL, method jsonb NOT NULL,
  created_at timestamptz NOT NULL);
CREATE INDEX ON charges (payment);
CREATE INDEX ON charges (account, created_at);
CREATE TABLE ledger_entries (
  id bigserial PRIMARY KEY, movement text NOT NULL, account text NOT NULL, currency text NOT NULL,
  ledger text NOT NULL, amount bigint NOT NULL, created_at timestamptz NOT NULL);
CREATE INDEX ON ledger_entries (account, currency, id);
CREATE TABLE balance_lines (
  id text PRIMARY KEY, account text NOT NULL, type text NOT NULL, amount bigint NOT NULL,
  fee bigint NOT NULL, currency text NOT NULL, source text NOT NULL,
  available_on timestamptz NOT NULL, created_at timestamptz NOT NULL);
CREATE INDEX ON balance_lines (account, created_at);
CREATE INDEX ON balance_lines (source);
CREATE TABLE events (
  id text PRIMARY KEY, account text NOT NULL, type text NOT NULL, subject text NOT NULL,
  object text NOT NULL, created_at timestamptz NOT NULL);
CREATE INDEX ON events (account, created_at);
CREATE INDEX ON events (subject);
CREATE TABLE idempotency (
  account text NOT NULL, key text NOT NULL, request bytea NOT NULL, status int NOT NULL,
  reply text NOT NULL, created_at timestamptz NOT NULL, PRIMARY KEY (account, key));
CREATE TABLE outbox (
  id bigserial PRIMARY KEY, event text NOT NULL, due_at timestamptz NOT NULL,
  tries int NOT NULL DEFAULT 0);
CREATE INDEX ON outbox (due_at);
`;

const places = (rows, columns) => Array.from({ length: rows }, (_, row) =>
  `(${Array.from({ length: columns }, (_, column) => `$${row * columns + column + 1}`)})`).join();
const insert = (table, columns, rows = 1) => ({
  name: `insert_${table}`,
  text: `INSERT INTO ${table} (${columns}) VALUES ${places(rows, columns.split(',').length)}`,
});
const statements = {
  idempotency: insert('idempotency', 'account, key, request, status, reply, created_at'),
  payment: insert('payment_intents', 'id, account, status, amount, currency, received, customer, '
    + 'method, charge, client_secret, description, receipt_email, metadata, created_at'),
  method: insert('payment_methods', 'id, account, type, card, customer, used, created_at'),
  charge: insert('charges',
    'id, account, payment, status, amount, currency, line, method, created_at'),
  ledger: insert('ledger_entries', 'movement, account, currency, ledger, amount, created_at', 3),
  line: insert('balance_lines',
    'id, account, type, amount, fee, currency, source, available_on, created_at'),
  events: insert('events', 'id, account, type, subject, object, created_at', 3),
  outbox: insert('outbox', 'event, due_at'),
  replay: {
    name: 'replay', text: 'SELECT request, status, reply FROM idempotency '
      + 'WHERE account = $1 AND key = $2',
  },
};

// Ids that grow with time keep the indexes' new rows side by side.
const newId = (prefix) =>
  `${prefix}_${Date.now().toString(16).padStart(12, '0')}${randomBytes(10).toString('hex')}`;

function intentObject(payment) {
  return {
    id: payment.id, object: 'payment_intent', amount: payment.amount, amount_capturable: 0,
    amount_details: { tip: {} }, amount_received: payment.amount, application: null,
    application_fee_amount: null, automatic_payment_methods: payment.automatic, canceled_at: null,
    cancellation_reason: null, capture_method: 'automatic', client_secret: payment.clientSecret,
    confirmation_method: 'automatic', created: payment.created, currency: payment.currency,
    customer: null, description: payment.description, invoice: null, last_payment_error: null,
    latest_charge: payment.charge, livemode: false, metadata: payment.metadata, next_action: null,
    on_behalf_of: null, payment_method: payment.method, payment_method_options: {},
    payment_method_types: ['card'], processing: null, receipt_email: payment.receiptEmail,
    review: null, setup_future_usage: null, shipping: null, statement_descriptor: null,
    statement_descriptor_suffix: null, status: payment.status, transfer_data: null,
    transfer_group: null,
  };
}

function chargeObject(payment) {
  return {
    id: payment.charge, object: 'charge', amount: payment.amount, amount_captured: payment.amount,
    amount_refunded: 0, balance_transaction: payment.line, billing_details: {}, captured: true,
    created: payment.created, currency: payment.currency, customer: null,
    description: payment.description, disputed: false, failure_code: null, failure_message: null,
    livemode: false, metadata: payment.metadata, outcome: { network_status: 'approved_by_network' },
    paid: true, payment_intent: payment.id, payment_method: payment.method,
    payment_method_details: { card: payment.card, type: 'card' },
    receipt_email: payment.receiptEmail, refunded: false, status: 'succeeded',
  };
}

function readPayment(form) {
  const amount = Number(form.get('amount'));
  if (!Number.isInteger(amount) || amount < 50 || amount > 99_999_999) return undefined;
  const metadata = {};
  for (const [name, value] of form) {
    const found = /^metadata\[([^\]]{1,40})\]$/.exec(name);
    if (found) metadata[found[1]] = value;
  }
  const now = new Date();
  return {
    id: newId('pi'), charge: newId('ch'), method: newId('pm'), line: newId('txn'), amount,
    currency: form.get('currency').toLowerCase(), status: 'succeeded',
    clientSecret: randomBytes(16).toString('hex'), description: form.get('description'),
    receiptEmail: form.get('receipt_email'), metadata, now, created: Math.floor(now / 1000),
    automatic: { allow_redirects: 'never', enabled: true },
    card: { brand: 'visa', last4: '4242', exp_month: 12, exp_year: 2034, funding: 'credit' },
    fee: Math.round(amount * 0.029) + 30,
  };
}

// The running sums of the books are left to a view: one row that every payment updates would make
// them wait for each other.
function rowsOf(payment, once) {
  const { id, now, amount, currency, fee } = payment;
  const created = { ...intentObject(payment), status: 'requires_confirmation', amount_received: 0 };
  const events = [
    ['payment_intent.created', created],
    ['charge.succeeded', chargeObject(payment)],
    ['payment_intent.succeeded', intentObject(payment)],
  ].map(([type, object]) => [newId('evt'), account, type, id, JSON.stringify(object), now]);
  const availableOn = new Date(now.getTime() + 2 * 86_400_000);
  return [
    [statements.idempotency, [account, once.key, once.request, 200, once.reply, now]],
    [statements.method, [payment.method, account, 'card', payment.card, null, true, now]],
    [statements.payment, [id, account, payment.status, amount, currency, amount, null,
      payment.method, payment.charge, payment.clientSecret, payment.description,
      payment.receiptEmail, payment.metadata, now]],
    [statements.charge, [payment.charge, account, id, 'succeeded', amount, currency, payment.line,
      payment.card, now]],
    [statements.ledger, [['clearing', -amount], ['pending', amount - fee], ['fees', fee]]
      .flatMap(([ledger, minor]) => [payment.line, account, currency, ledger, minor, now])],
    [statements.line, [payment.line, account, 'charge', amount, fee, currency, payment.charge,
      availableOn, now]],
    [statements.events, events.flat()],
    [statements.outbox, [events[2][0], now]],
  ];
}

async function write(pool, payment, once) {
  const client = await pool.connect();
  try {
    await client.query('BEGIN');
    for (const [statement, values] of rowsOf(payment, once)) {
      await client.query({ ...statement, values });
    }
    await client.query('COMMIT');
    return undefined;
  } catch (error) {
    await client.query('ROLLBACK');
    if (error.code !== uniqueViolation) throw error;
    const values = [account, once.key];
    return (await client.query({ ...statements.replay, values })).rows[0];
  } finally {
    client.release();
  }
}

const digest = (text) => createHash('sha256').update(text).digest();

async function serve() {
  const pool = new pg.Pool({ max: connectionsEach, min: connectionsEach });
  const secretDigest = digest(`Bearer ${environment.POSTERN_PEER_SECRET}`);
  const app = Fastify({ logger: false, bodyLimit: 1 << 20 });
  app.addContentTypeParser('application/x-www-form-urlencoded', { parseAs: 'string' },
    (request, body, done) => done(null, body));
  app.post('/v1/payment_intents', async (request, reply) => {
    if (!timingSafeEqual(digest(request.headers.authorization ?? ''), secretDigest)) {
      return reply.code(401).send({ error: { type: 'invalid_request_error' } });
    }
    const payment = readPayment(new URLSearchParams(request.body));
    if (!payment) return reply.code(400).send({ error: { type: 'invalid_request_error' } });
    const once = {
      key: request.headers['idempotency-key'] ?? newId('key'),
      request: digest(request.body),
      reply: JSON.stringify(intentObject(payment)),
    };
    const before = await write(pool, payment, once);
    if (before && !before.request.equals(once.request)) {
      return reply.code(400).send({ error: { type: 'idempotency_error' } });
    }
    return reply.code(200).type('application/json').send(before ? before.reply : once.reply);
  });
  await app.listen({ host: '127.0.0.1', port: Number(environment.POSTERN_PEER_PORT) });
}

if (cluster.isPrimary) {
  const client = new pg.Client();
  await client.connect();
  await client.query(schema);
  await client.end();
  for (let i = 0; i < processes; ++i) cluster.fork();
  process.on('SIGTERM', () => {
    for (const worker of Object.values(cluster.workers)) worker.process.kill();
    process.exit(0);
  });
} else {
  await serve();
}
