// Objects of /api/v1 and /api/v2. Sums are decimal texts, moments RFC 3339 in UTC; what may be null
// is null where there is nothing to say, and never absent.
import { disputeStatuses, evidenceNames, payoutStatuses } from './onerway_money.mjs';
import {
  answer,
  anyOf,
  flag,
  id,
  list,
  maybe,
  nothing,
  only,
  orNull,
  ref,
  request,
  text,
  whole,
  words,
} from './schema.mjs';

const kUuid = '[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}';
const kSeedUuid = '550e8400-e29b-41d4-a716-446655440000';

const uuid = text({ pattern: `^${kUuid}$`, examples: [kSeedUuid] });
const uuidOf = (prefix) =>
  text({ pattern: `^${prefix}_${kUuid}$`, examples: [`${prefix}_${kSeedUuid}`] });
const decimal = text({ pattern: '^-?[0-9]+\\.[0-9]{2,3}$', examples: ['59.49'] });
const time = text({ format: 'date-time', examples: ['2026-01-28T10:00:00.000Z'] });
const currency = text({ pattern: '^[A-Z]{3}$', examples: ['USD'] });
const maybeText = orNull(text());
const maybeTime = orNull(time);
const gateway = orNull(text({ description: 'As the configuration names it.' }));
const metadata = { type: 'object', additionalProperties: text({ maxLength: 500 }) };

export const paymentStatuses = [
  'pending',
  'processing',
  'succeeded',
  'failed',
  'canceled',
  'refunded',
];
const paymentStatus = words('succeeded', ...paymentStatuses.filter((one) => one !== 'succeeded'));
const methodType = words('card', 'bank_transfer', 'wechat_pay', 'alipay');
const brands = ['visa', 'mastercard', 'amex', 'discover', 'diners', 'jcb', 'unionpay', 'unknown'];

const flatMethod = {
  method_type: methodType,
  last_four: orNull(text({ pattern: '^[0-9]{4}$' })),
  card_brand: orNull(words(...brands)),
  exp_month: orNull(text({ pattern: '^(0[1-9]|1[0-2])$' })),
  exp_year: orNull(text({ pattern: '^[0-9]{4}$' })),
  cardholder_name: maybeText,
};

const nestedMethod = {
  type: methodType,
  card: maybe(
    answer({
      brand: words(...brands),
      last4: text({ pattern: '^[0-9]{4}$' }),
      exp_month: whole({ minimum: 1, maximum: 12 }),
      exp_year: whole(),
      fingerprint: maybeText,
      name: maybeText,
      three_d_secure: orNull(answer({ authentication_flow: words('frictionless', 'challenge') })),
    }),
  ),
  bank_transfer: maybe(
    answer({
      last4: text(),
      routing_number: maybeText,
      account_holder_name: maybeText,
      bank_name: maybeText,
      fingerprint: maybeText,
    }),
  ),
};

const token = orNull(uuidOf('pm'));

const actionTypes = words('three_d_secure', 'redirect', 'qr_code');
const customerAction = {
  action_type: actionTypes,
  action_data: answer({
    type: words('use_stripe_sdk', 'redirect', 'qr_code'),
    stripe_js: maybe(answer({ type: only('three_d_secure_redirect'), stripe_js: text() })),
    redirect_url: orNull(text({ format: 'uri' })),
    qr_code: maybe(maybeText),
    return_url: maybeText,
  }),
  expires_at: maybeTime,
};

const terms = {
  description: maybeText,
  receipt_email: maybeText,
  receipt_url: orNull(text({ format: 'uri' })),
  captured: flag,
  capture_method: words('automatic', 'manual'),
  confirmation_method: words('automatic', 'manual'),
  setup_future_usage: orNull(words('on_session', 'off_session')),
  return_url: maybeText,
  customer_id: maybeText,
};

const failure = {
  failure_code: orNull(
    words(
      'card_declined',
      'insufficient_funds',
      'expired_card',
      'incorrect_cvc',
      'processing_error',
    ),
  ),
  decline_code: maybeText,
  cancellation_reason: maybeText,
};

const moments = {
  created_at: time,
  updated_at: time,
  captured_at: maybeTime,
  completed_at: maybeTime,
  canceled_at: maybeTime,
};

const payment = {
  id: uuid,
  payment_id: uuidOf('pay'),
  transaction_id: id('pi'),
  order_id: maybeText,
  amount: decimal,
  currency,
  status: paymentStatus,
  gateway,
  gateway_payment_id: text({ examples: ['pi_3O'] }),
  client_secret: text({ pattern: '_secret_', examples: ['pi_3O_secret_1'] }),
  payment_method: orNull(ref('UsedMethod')),
  ...terms,
  captured_amount: decimal,
  capturable_amount: decimal,
  refunded_amount: decimal,
  refunds: list(ref('Refund')),
  dispute: orNull(ref('Dispute')),
  next_action: orNull(ref('CustomerAction')),
  ...failure,
  metadata,
  ...moments,
};

const intent = {
  id: id('pi'),
  payment_id: uuidOf('pay'),
  client_secret: payment.client_secret,
  amount: decimal,
  amount_capturable: decimal,
  amount_received: decimal,
  currency,
  status: words(
    'requires_confirmation',
    'requires_payment_method',
    'requires_action',
    'processing',
    'requires_capture',
    'succeeded',
    'canceled',
  ),
  payment_status: words('pending', ...paymentStatuses.slice(1)),
  gateway,
  payment_method: token,
  payment_method_details: orNull(ref('UsedMethod')),
  order_id: maybeText,
  ...terms,
  next_action: orNull(ref('CustomerAction')),
  ...failure,
  metadata,
  ...moments,
};

const refund = {
  id: uuid,
  refund_id: uuidOf('ref'),
  payment_id: uuidOf('pay'),
  gateway_refund_id: text({ examples: ['re_3O'] }),
  order_id: maybeText,
  gateway,
  amount: decimal,
  currency,
  status: words('succeeded', 'pending', 'failed', 'canceled', 'requires_action'),
  reason: maybeText,
  failure_reason: maybeText,
  metadata,
  created_at: time,
  updated_at: time,
};

// This dialect's name of what the other keeps.
const rcName = (name) => (name === 'customer_email_address' ? 'customer_email' : name);

const dispute = {
  id: uuid,
  dispute_id: uuidOf('dp'),
  payment_id: uuidOf('pay'),
  gateway_dispute_id: text({ examples: ['dp_3O'] }),
  order_id: maybeText,
  gateway,
  amount: decimal,
  currency,
  status: words(...disputeStatuses),
  reason: maybeText,
  evidence: request(Object.fromEntries(evidenceNames.map((name) => [rcName(name), text()])), {
    description: 'What was given, by either dialect.',
  }),
  evidence_submissions: whole({ minimum: 0 }),
  evidence_due_by: maybeTime,
  metadata,
  created_at: time,
  updated_at: time,
  closed_at: maybeTime,
};

const payout = {
  id: uuid,
  payout_id: uuidOf('po'),
  gateway_payout_id: text({ examples: ['po_3O'] }),
  gateway,
  amount: decimal,
  currency,
  status: words(...payoutStatuses),
  method: words('standard', 'instant'),
  automatic: flag,
  destination: maybeText,
  description: maybeText,
  failure_code: maybeText,
  metadata,
  arrival_date: maybeTime,
  created_at: time,
  updated_at: time,
};

const line = {
  id: uuidOf('txn'),
  type: words(
    'charge',
    'refund',
    'refund_failure',
    'dispute',
    'dispute_reversal',
    'transfer',
    'transfer_refund',
    'payout',
    'payout_cancel',
    'payout_failure',
  ),
  amount: decimal,
  fee: decimal,
  net: decimal,
  currency,
  status: words('available', 'pending'),
  payment_id: orNull(uuidOf('pay')),
  source: maybeText,
  available_on: time,
  created_at: time,
};

const sums = list(answer({ currency, amount: decimal }));

const offer = answer({
  method_type: methodType,
  enabled: only(true),
  display_name: text({ description: 'In English or Chinese.', examples: ['信用卡/借记卡'] }),
  requires_redirect: flag,
  supports_3ds: flag,
  supports_tokenization: flag,
  supports_recurring: flag,
  required_fields: list(
    answer({
      name: text(),
      label: text(),
      field_type: words(
        'card_number',
        'expiry_date',
        'cvc',
        'text',
        'account_number',
        'routing_number',
      ),
      required: flag,
      pattern: maybeText,
      placeholder: maybeText,
    }),
  ),
  supported_currencies: list(currency),
  min_amount: decimal,
  max_amount: decimal,
});

const failed = (error) => ({
  type: only('failed'),
  payment_id: uuidOf('pay'),
  error_code: words(...failure.failure_code.enum.filter(Boolean), 'payment_canceled'),
  decline_code: maybeText,
  error_message: text({ examples: ['您的卡被拒绝。'] }),
  retry_allowed: flag,
  error,
});

export const objects = {
  Payment: answer(payment),
  Intent: answer(intent),
  UsedMethod: answer({ ...nestedMethod, ...flatMethod, token }),
  CustomerAction: answer(customerAction),
  Refund: answer(refund),
  Dispute: answer(dispute),
  Payout: answer(payout),
  BalanceTransaction: answer(line),
  Balance: answer({ available: sums, pending: sums, instant_available: sums }),
  PaymentSuccess: answer({
    type: only('success'),
    payment_id: uuidOf('pay'),
    transaction_id: id('pi'),
    payment_status: paymentStatus,
    payment_method: orNull(answer({ ...flatMethod, token })),
    receipt_url: orNull(text({ format: 'uri' })),
  }),
  PaymentRequiresAction: answer(
    {
      type: only('requires_action'),
      payment_id: uuidOf('pay'),
      action_type: words(...actionTypes.enum, 'confirm', 'payment_method'),
      action_data: anyOf(
        customerAction.action_data,
        answer({ type: words('confirm', 'payment_method') }),
      ),
      expires_at: maybeTime,
    },
    {
      description:
        'The customer goes to redirect_url or scans qr_code, and then the shop completes. ' +
        'Where the action is confirm or payment_method, it is the shop that must go on.',
    },
  ),
  PaymentFailed: answer(failed(ref('ErrorMembers'))),
  SavedMethod: answer({
    id: uuidOf('pm'),
    token: uuidOf('pm'),
    customer_id: maybeText,
    ...nestedMethod,
    ...flatMethod,
    is_default: flag,
    metadata,
    created_at: time,
  }),
  MethodToken: answer({
    token: uuidOf('pm'),
    payment_method: answer(flatMethod),
    is_default: flag,
    expires_at: nothing,
  }),
  ListedToken: answer({ token: uuidOf('pm'), ...flatMethod, is_default: flag }),
  DeletedToken: answer({ success: only(true), message: text(), token: uuidOf('pm') }),
  GatewayOffer: answer({
    gateway_id: text({ examples: ['stripe'] }),
    gateway_name: text({ examples: ['Stripe'] }),
    payment_methods: list(offer),
  }),
  Settlement: answer({
    settled: whole({ minimum: 0 }),
    more: flag,
    balance: ref('Balance'),
  }),
  Page: answer({
    request_id: text({ pattern: '^req_[0-9a-f]{24}$', examples: [`req_${'0'.repeat(24)}`] }),
    timestamp: time,
    pagination: answer({
      total: whole({ minimum: 0 }),
      per_page: whole({ minimum: 1, maximum: 100, examples: [20] }),
      current_page: whole({ minimum: 1, examples: [1] }),
      total_pages: whole({ minimum: 0 }),
      has_next: flag,
      has_prev: flag,
    }),
  }),
};
for (const name of ['Payment', 'Refund', 'Dispute', 'Payout', 'SavedMethod']) {
  objects[`${name}List`] = answer({ data: list(ref(name)), meta: ref('Page') });
}
objects.BalanceTransactionList = answer({
  data: list(ref('BalanceTransaction')),
  meta: ref('Page'),
});
objects.TokenList = list(ref('ListedToken'));
objects.GatewayOffers = list(ref('GatewayOffer'));
