// Objects of /v1 about money that was paid: refunds, disputes, payouts, transfers, the balance; and
// events, webhook endpoints and errors.
import { expandable } from './onerway_payments.mjs';
import {
  answer,
  anyOf,
  currency,
  flag,
  id,
  list,
  maybe,
  metadata,
  moment,
  nothing,
  nulls,
  only,
  orNull,
  ref,
  text,
  whole,
  words,
} from './schema.mjs';

const maybeText = orNull(text());
const line = expandable('txn', 'BalanceTransaction');

// The texts, and the files by their ids.
export const evidenceNames = [
  'access_activity_log',
  'billing_address',
  'cancellation_policy',
  'cancellation_policy_disclosure',
  'cancellation_rebuttal',
  'customer_communication',
  'customer_email_address',
  'customer_name',
  'customer_purchase_ip',
  'customer_signature',
  'duplicate_charge_documentation',
  'duplicate_charge_explanation',
  'duplicate_charge_id',
  'product_description',
  'receipt',
  'refund_policy',
  'refund_policy_disclosure',
  'refund_refusal_explanation',
  'service_date',
  'service_documentation',
  'shipping_address',
  'shipping_carrier',
  'shipping_date',
  'shipping_documentation',
  'shipping_tracking_number',
  'uncategorized_file',
  'uncategorized_text',
];

export const disputeStatuses = [
  'needs_response',
  'under_review',
  'won',
  'lost',
  'warning_needs_response',
  'warning_under_review',
  'warning_closed',
];
export const payoutStatuses = ['pending', 'in_transit', 'paid', 'failed', 'canceled'];
export const lineTypes = [
  'adjustment',
  'charge',
  'payout',
  'payout_cancel',
  'payout_failure',
  'refund',
  'refund_failure',
  'transfer',
  'transfer_refund',
];

const refund = {
  id: id('re'),
  object: only('refund'),
  amount: whole({ minimum: 1, examples: [1000] }),
  balance_transaction: orNull(line),
  charge: expandable('ch', 'Charge'),
  created: moment,
  currency,
  customer: orNull(expandable('cus', 'Customer', 'DeletedCustomer')),
  customer_account: nothing,
  failure_balance_transaction: maybe(line),
  failure_reason: maybe(text()),
  metadata,
  payment_intent: expandable('pi', 'PaymentIntent'),
  payment_method: orNull(expandable('pm', 'PaymentMethod')),
  pending_reason: maybe(only('processing')),
  reason: orNull(words('duplicate', 'fraudulent', 'requested_by_customer')),
  ...nulls('receipt_number', 'source_transfer_reversal'),
  status: words('succeeded', 'pending', 'failed', 'canceled', 'requires_action'),
  transfer_reversal: nothing,
};

const dispute = {
  id: id('dp'),
  object: only('dispute'),
  amount: whole({ minimum: 0, examples: [5949] }),
  balance_transactions: list(ref('BalanceTransaction')),
  charge: expandable('ch', 'Charge'),
  created: moment,
  currency,
  enhanced_eligibility_types: list(text(), { maxItems: 0 }),
  evidence: answer({
    ...Object.fromEntries(evidenceNames.map((name) => [name, maybeText])),
    enhanced_evidence: answer({}),
  }),
  evidence_details: answer({
    due_by: orNull(moment),
    enhanced_eligibility: answer({}),
    has_evidence: flag,
    past_due: flag,
    submission_count: whole({ minimum: 0 }),
    submission_method: words('manual', 'not_submitted'),
  }),
  intended_submission_method: nothing,
  is_charge_refundable: flag,
  livemode: flag,
  metadata,
  network_reason_code: nothing,
  payment_intent: expandable('pi', 'PaymentIntent'),
  reason: text({ examples: ['fraudulent'] }),
  status: words(...disputeStatuses),
};

const payout = {
  id: id('po'),
  object: only('payout'),
  amount: whole({ minimum: 1, examples: [1000] }),
  ...nulls('application_fee', 'application_fee_amount'),
  arrival_date: moment,
  automatic: flag,
  balance_transaction: orNull(line),
  created: moment,
  currency,
  description: maybeText,
  destination: maybeText,
  failure_balance_transaction: orNull(line),
  failure_code: maybeText,
  failure_message: maybeText,
  livemode: flag,
  metadata,
  method: words('standard', 'instant'),
  ...nulls('original_payout', 'payout_method'),
  reconciliation_status: words('not_applicable', 'completed'),
  reversed_by: nothing,
  source_type: only('card'),
  statement_descriptor: maybeText,
  status: words(...payoutStatuses),
  trace_id: nothing,
  type: only('bank_account'),
};

const reversal = {
  id: id('trr'),
  object: only('transfer_reversal'),
  amount: whole({ minimum: 1, examples: [100] }),
  balance_transaction: orNull(line),
  created: moment,
  currency,
  destination_payment_refund: nothing,
  metadata,
  source_refund: nothing,
  transfer: expandable('tr', 'Transfer'),
};

const transfer = {
  id: id('tr'),
  object: only('transfer'),
  amount: whole({ minimum: 1, examples: [1000] }),
  amount_reversed: whole({ minimum: 0 }),
  balance_transaction: orNull(line),
  created: moment,
  currency,
  description: maybeText,
  destination: maybeText,
  livemode: flag,
  metadata,
  reversals: answer({
    object: only('list'),
    data: list(ref('TransferReversal')),
    has_more: only(false),
    total_count: whole({ minimum: 0 }),
    url: text(),
  }),
  reversed: flag,
  source_transaction: orNull(expandable('ch', 'Charge')),
  source_type: only('card'),
  transfer_group: maybeText,
};

const balanceTransaction = {
  id: id('txn'),
  object: only('balance_transaction'),
  amount: whole({ examples: [2000] }),
  available_on: moment,
  balance_type: only('payments'),
  created: moment,
  currency,
  ...nulls('description', 'exchange_rate'),
  fee: whole(),
  fee_details: list(
    answer({
      amount: whole(),
      application: nothing,
      currency,
      description: text(),
      type: only('stripe_fee'),
    }),
  ),
  net: whole(),
  reporting_category: words(
    'charge',
    'refund',
    'refund_failure',
    'dispute',
    'dispute_reversal',
    'transfer',
    'transfer_reversal',
    'payout',
    'payout_reversal',
  ),
  source: orNull(
    anyOf(
      text(),
      ...['Charge', 'Refund', 'Dispute', 'Payout', 'Transfer', 'TransferReversal'].map(ref),
    ),
  ),
  status: words('available', 'pending'),
  type: words(...lineTypes),
};

const amounts = list(
  answer({ amount: whole(), currency, source_types: answer({ card: whole() }) }),
);

const event = {
  id: id('evt'),
  object: only('event'),
  api_version: text({ pattern: '^[0-9]{4}-[0-9]{2}-[0-9]{2}$', examples: ['2024-11-01'] }),
  created: moment,
  data: answer({
    object: {
      type: 'object',
      description:
        'What the event is about, as it was then. Of a payment that a gateway told and this API ' +
        'did not make, what the gateway told.',
      required: ['object'],
      properties: { id: { type: ['string', 'null'] }, object: { type: ['string', 'null'] } },
    },
    previous_attributes: maybe({ type: 'object', description: 'What was changed, as before.' }),
  }),
  livemode: flag,
  pending_webhooks: whole({ minimum: 0 }),
  request: answer({ id: maybeText, idempotency_key: maybeText }),
  type: text({ examples: ['payment_intent.succeeded'] }),
};

const webhookEndpoint = {
  id: id('we'),
  object: only('webhook_endpoint'),
  api_version: maybeText,
  application: nothing,
  created: moment,
  description: maybeText,
  enabled_events: list(text(), { examples: [['payment_intent.succeeded']] }),
  livemode: flag,
  metadata: { type: 'object', additionalProperties: text() },
  secret: maybe(text({ description: 'Told once, when the endpoint is made.' })),
  status: words('enabled', 'disabled'),
  url: text({ format: 'uri', examples: ['https://shop.example/webhooks'] }),
};

export const moneyObjects = {
  Refund: answer(refund),
  RefundsOfCharge: answer({
    object: only('list'),
    data: list(ref('Refund')),
    has_more: flag,
    url: text(),
  }),
  Dispute: answer(dispute),
  Payout: answer(payout),
  Transfer: answer(transfer),
  TransferReversal: answer(reversal),
  BalanceTransaction: answer(balanceTransaction),
  Balance: answer({
    object: only('balance'),
    available: amounts,
    connect_reserved: list(nothing, { maxItems: 0 }),
    instant_available: amounts,
    livemode: flag,
    pending: amounts,
  }),
  Event: answer(event),
  WebhookEndpoint: answer(webhookEndpoint),
  DeletedWebhookEndpoint: answer({
    id: id('we'),
    object: only('webhook_endpoint'),
    deleted: only(true),
  }),
};
