// Every object holds every key of its table: null where nothing is set ("?"), never absent.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventually } from './lib/delivery.mjs';
import { pay, startPaying } from './lib/stripe_client.mjs';

// A name and its keys; "?" is after those that may be null.
const kTables = `
payment_intent:
  amount, capture_method, confirmation_method, created, currency, id, livemode, object,
  payment_method_types, status, allowed_payment_method_types?, amount_capturable,
  amount_received, application?, application_fee_amount?, automatic_payment_methods?,
  canceled_at?, cancellation_reason?, client_secret?, customer?, customer_account?,
  description?, excluded_payment_method_types?, last_payment_error?, latest_charge?,
  managed_payments?, metadata, next_action?, on_behalf_of?, payment_method?,
  payment_method_configuration_details?, payment_method_options?, payment_record?,
  processing?, receipt_email?, review?, setup_future_usage?, shipping?, source?,
  statement_descriptor?, statement_descriptor_suffix?, transfer_group?
payment_method:
  billing_details, created, id, livemode, object, type, customer?, customer_account?,
  metadata?
customer:
  created, id, livemode, object, balance, default_source?, description?, email?,
  invoice_settings, metadata, shipping?
deleted_customer:
  deleted, id, object
refund:
  amount, created, currency, id, object, balance_transaction?, charge?, customer?,
  customer_account?, metadata?, payment_intent?, payment_method?, reason?, receipt_number?,
  source_transfer_reversal?, status?, transfer_reversal?
event:
  created, data, id, livemode, object, pending_webhooks, type, api_version?, request?
dispute:
  amount, balance_transactions, charge, created, currency, evidence, evidence_details, id,
  is_charge_refundable, livemode, metadata, object, reason, status,
  enhanced_eligibility_types, intended_submission_method?, payment_intent?
payout:
  amount, arrival_date, automatic, created, currency, id, livemode, method, object,
  reconciliation_status, source_type, status, type, application_fee?,
  application_fee_amount?, balance_transaction?, description?, destination?,
  failure_balance_transaction?, failure_code?, failure_message?, metadata?,
  original_payout?, payout_method?, reversed_by?, statement_descriptor?, trace_id?
balance:
  available, livemode, object, pending
balance_transaction:
  amount, available_on, created, currency, fee, fee_details, id, net, object,
  reporting_category, status, type, balance_type, description?, exchange_rate?, source?
transfer:
  amount, amount_reversed, created, currency, id, livemode, metadata, object, reversals,
  reversed, balance_transaction?, description?, destination?, source_transaction?,
  transfer_group?
transfer_reversal:
  amount, created, currency, id, object, transfer, balance_transaction?,
  destination_payment_refund?, metadata?, source_refund?
webhook_endpoint:
  created, enabled_events, id, livemode, metadata, object, status, url, api_version?,
  application?, description?
deleted_webhook_endpoint:
  deleted, id, object
charge:
  amount, amount_captured, amount_refunded, billing_details, captured, created, currency,
  disputed, id, livemode, metadata, object, paid, refunded, status, application?,
  application_fee?, application_fee_amount?, balance_transaction?,
  calculated_statement_descriptor?, customer?, description?, failure_balance_transaction?,
  failure_code?, failure_message?, fraud_details?, on_behalf_of?, outcome?, payment_intent?,
  payment_method?, payment_method_details?, receipt_email?, receipt_number?, receipt_url?,
  review?, shipping?, source?, source_transfer?, statement_descriptor?,
  statement_descriptor_suffix?, transfer_data?, transfer_group?
card:
  brand, checks?, country?, display_brand?, exp_month, exp_year, funding, generated_from?, last4,
  networks?, regulated_status?, three_d_secure_usage?, wallet?, fingerprint
details:
  address?, email?, name?, phone?, tax_id?
outcome:
  advice_code?, network_advice_code?, network_decline_code?, network_status?, reason?,
  seller_message?, type
evidence_details:
  due_by?, enhanced_eligibility, has_evidence, past_due, submission_count, submission_method
event_request:
  id?, idempotency_key?
charge_card:
  amount_authorized?, authorization_code?, brand?, checks?, country?,
  electronic_commerce_indicator?, exp_month, exp_year, funding?, installments?, last4?, mandate?,
  network?, network_transaction_id?, regulated_status?, three_d_secure?, transaction_link_id?,
  wallet?
three_d_secure:
  authentication_flow?, electronic_commerce_indicator?, exemption_indicator?, result?,
  result_reason?, transaction_id?, version?
list:
  object, data, has_more, url
search_result:
  object, data, has_more, url, next_page?
`;

function parseTables(text) {
  const tables = new Map();
  let keys;
  for (const line of text.trim().split('\n')) {
    if (line.startsWith(' ')) keys.push(...line.split(',').map((key) => key.trim()));
    else tables.set(line.slice(0, -1), (keys = []));
  }
  return new Map([...tables].map(([name, all]) => [name, all.filter((key) => key !== '')]));
}

const tables = parseTables(kTables);

function complete(name, object) {
  const keys = tables.get(name);
  const absent = keys.filter((key) => !(key.replace('?', '') in object));
  assert.deepEqual(absent, [], `${name} lacks keys`);
  const empty = keys.filter((key) => !key.endsWith('?') && object[key] === null);
  assert.deepEqual(empty, [], `${name} has null where a value is due`);
}

test('objects are whole', async (t) => {
  const { stripe } = await startPaying(t);
  const customer = await stripe.customers.create({ email: 'ada@example.com' });
  const paid = await pay(stripe, { payment_method: 'pm_card_bypassPending', amount: 9000 });
  const bare = await stripe.paymentIntents.create({ amount: 500, currency: 'usd' });
  const asked = await pay(stripe, { payment_method: 'pm_card_authenticationRequired' });
  const charge = await stripe.charges.retrieve(paid.latest_charge);
  const frictionless = await stripe.paymentMethods.create({
    type: 'card',
    card: { number: '4000000000003220', exp_month: 1, exp_year: 2030, cvc: '123' },
  });
  const secured = await pay(stripe, {
    payment_method: frictionless.id,
    expand: ['latest_charge'],
  });
  await pay(stripe, { payment_method: 'pm_card_createDispute' });
  const [dispute] = await eventually('a dispute', async () => {
    const { data } = await stripe.disputes.list();
    return data.length > 0 && data;
  });
  const refund = await stripe.refunds.create({ payment_intent: paid.id, amount: 100 });
  const transfer = await stripe.transfers.create({
    amount: 100,
    currency: 'usd',
    destination: 'acct_1',
  });
  const payout = await stripe.payouts.create({ amount: 100, currency: 'usd' });
  const [line] = (await stripe.balanceTransactions.list()).data;
  const endpoint = await stripe.webhookEndpoints.create({
    url: 'http://127.0.0.1:8443/hook',
    enabled_events: ['customer.created'],
  });
  const [event] = (await stripe.events.list()).data;
  const gone = await stripe.customers.create({});
  const cardOfCharge = secured.latest_charge.payment_method_details.card;
  const objects = [
    ['payment_intent', bare],
    ['payment_intent', paid],
    ['payment_intent', asked],
    ['payment_method', frictionless],
    ['card', frictionless.card],
    ['details', frictionless.billing_details],
    ['customer', customer],
    ['deleted_customer', await stripe.customers.del(gone.id)],
    ['refund', refund],
    ['event', event],
    ['event_request', event.request],
    ['dispute', dispute],
    ['evidence_details', dispute.evidence_details],
    ['payout', payout],
    ['balance', await stripe.balance.retrieve()],
    ['balance_transaction', line],
    ['transfer', transfer],
    ['list', transfer.reversals],
    ['webhook_endpoint', endpoint],
    ['deleted_webhook_endpoint', await stripe.webhookEndpoints.del(endpoint.id)],
    ['charge', charge],
    ['outcome', charge.outcome],
    ['charge_card', cardOfCharge],
    ['three_d_secure', cardOfCharge.three_d_secure],
    ['list', await stripe.paymentIntents.list()],
    ['search_result', await stripe.paymentIntents.search({ query: "status:'succeeded'" })],
  ];
  for (const [name, object] of objects) await t.test(name, () => complete(name, object));
  await t.test('no challenge was needed', () => {
    assert.equal(cardOfCharge.three_d_secure.authentication_flow, 'frictionless');
  });
});
