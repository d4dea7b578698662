// Bodies of requests to /api/v1 and /api/v2.
import { flag, needed, orNull, ref, request, text, words } from './schema.mjs';

// Null is as good as absent.
const optional = (schema) => (schema.$ref ? { anyOf: [schema, { type: 'null' }] } : orNull(schema));
const short = text({ maxLength: 255 });
const sum = text({ pattern: '^[0-9]+(\\.[0-9]{1,3})?$', examples: ['59.49'] });
const currency = text({ description: 'Three letters of ISO 4217, in either case.' });
const numeral = { type: ['string', 'integer'] };
const metadata = {
  type: ['object', 'null'],
  additionalProperties: { type: ['string', 'number', 'boolean', 'null'], maxLength: 500 },
  maxProperties: 50,
};

const key = optional(text({ minLength: 1, maxLength: 255, pattern: '^[ -~]+$' }));
const input = (members) => request({ ...members, idempotency_key: key });

const card = request({
  number: needed(text()),
  exp_month: needed(numeral),
  exp_year: needed(numeral),
  cvc: needed(text()),
  name: text({ maxLength: 100 }),
});
const bank = request({
  account_number: needed(text()),
  routing_number: needed(text()),
  account_holder_name: needed(text({ maxLength: 100 })),
  bank_name: text({ maxLength: 100 }),
});
const methodMembers = {
  type: words(
    'card',
    'saved_card',
    'bank_transfer',
    'us_bank_account',
    'wechat_pay',
    'wechatpay',
    'alipay',
  ),
  card,
  token: text({ description: 'pm_… of a saved method, card_… as well; or pm_card_visa.' }),
  bank_transfer: bank,
};

const terms = {
  capture_method: optional(words('automatic', 'manual', 'automatic_async')),
  confirmation_method: optional(words('automatic', 'manual')),
  setup_future_usage: optional(words('on_session', 'off_session')),
  description: optional(text({ maxLength: 350 })),
  return_url: optional(text({ maxLength: 2048 })),
  metadata,
  order_id: optional(short),
  customer_email: optional(text({ maxLength: 254 })),
  receipt_email: optional(text({ maxLength: 254 })),
};

const money = { amount: needed(sum), currency: needed(currency) };
const customer = optional(text({ description: 'A UUID of the shop’s own, or cus_….' }));
const method = optional(ref('MethodInput'));

const evidence = [
  'product_description',
  'customer_email',
  'customer_name',
  'customer_purchase_ip',
  'billing_address',
  'shipping_address',
  'shipping_date',
  'shipping_carrier',
  'shipping_tracking_number',
  'service_date',
  'access_activity_log',
  'cancellation_policy_disclosure',
  'cancellation_rebuttal',
  'duplicate_charge_explanation',
  'refund_policy_disclosure',
  'refund_refusal_explanation',
  'uncategorized_text',
  'uncategorized_file',
];

export const refundReasons = ['duplicate', 'fraudulent', 'requested_by_customer'];
const reason = words('abandoned', ...refundReasons);

export const bodies = {
  MethodInput: {
    anyOf: [
      { ...request(methodMembers), description: 'The type may be left out where it is plain.' },
      text({ description: 'The token of a saved method alone.' }),
    ],
  },
  CreatePayment: {
    ...input({
      gateway: optional(short),
      gateway_id: optional(short),
      ...money,
      customer_id: customer,
      ...terms,
      save_payment_method: optional(flag),
      payment_method: method,
    }),
    anyOf: [{ required: ['gateway_id', 'payment_method'] }, { required: ['gateway'] }],
    description:
      'With gateway the answer is the payment; with gateway_id, or with both, it is what the ' +
      'checkout has to do next: success, requires_action or failed.',
  },
  CreateIntent: input({
    ...money,
    customer_id: customer,
    ...terms,
    payment_method: method,
  }),
  ConfirmIntent: input({
    return_url: terms.return_url,
    receipt_email: terms.receipt_email,
    setup_future_usage: terms.setup_future_usage,
    payment_method: method,
  }),
  MethodsQuery: request({
    currency: needed(currency),
    amount: optional(text({ examples: ['99.99'] })),
  }),
  CompletePayment: input({
    action_type: optional(
      words('three_d_secure', 'redirect', 'qr_code', 'confirm', 'payment_method'),
    ),
    action_data: {
      type: ['object', 'null'],
      description: 'What the customer brought back from the page; other members are theirs.',
      properties: {
        payment_intent: text(),
        payment_intent_client_secret: text(),
      },
    },
  }),
  Capture: input({ amount: optional(sum) }),
  Cancel: input({ cancellation_reason: optional(reason) }),
  CreateRefund: input({
    amount: optional(sum),
    reason: optional(words(...refundReasons)),
    metadata,
  }),
  SaveMethodOfCustomer: input({
    ...methodMembers,
    set_as_default: optional(flag),
    metadata,
  }),
  SaveMethod: input({
    gateway_id: needed(short),
    customer_id: customer,
    payment_method_data: needed(ref('MethodInput')),
    set_as_default: optional(flag),
    metadata,
  }),
  Evidence: {
    ...input(
      Object.fromEntries(evidence.map((name) => [name, optional(text({ maxLength: 20_000 }))])),
    ),
    minProperties: 1,
  },
  OnlyKey: input({}),
  SandboxDispute: input({
    payment_id: needed(text()),
    amount: optional(sum),
    reason: optional(
      words(
        'fraudulent',
        'duplicate',
        'product_not_received',
        'product_unacceptable',
        'subscription_canceled',
        'credit_not_processed',
        'unrecognized',
        'general',
      ),
    ),
  }),
  SandboxResolve: input({ outcome: needed(words('won', 'lost')) }),
  SandboxPayoutFail: input({
    failure_code: optional(
      words(
        'account_closed',
        'account_frozen',
        'bank_account_restricted',
        'could_not_process',
        'insufficient_funds',
        'invalid_account_number',
        'no_account',
      ),
    ),
  }),
  SandboxRefundFail: input({
    failure_reason: optional(
      words(
        'expired_or_canceled_card',
        'lost_or_stolen_card',
        'declined',
        'insufficient_funds',
        'unknown',
      ),
    ),
  }),
};

const kOrder = '550e8400-e29b-41d4-a716-446655440100';
const kCustomer = '550e8400-e29b-41d4-a716-446655440001';
const john = {
  type: 'card',
  card: {
    number: '4242424242424242',
    exp_month: 12,
    exp_year: 2025,
    cvc: '123',
    name: 'John Doe',
  },
};

// What the seeds send.
export const seeds = {
  CreatePayment: {
    gateway_id: 'stripe',
    amount: '99.99',
    currency: 'USD',
    payment_method: john,
    order_id: kOrder,
    customer_email: 'customer@example.com',
    customer_id: kCustomer,
    description: '订单 #1001',
    metadata: { order_number: '1001' },
    return_url: 'https://yoursite.com/checkout/complete',
    idempotency_key: 'unique-key-123',
    save_payment_method: false,
  },
  CreateIntent: {
    amount: '59.49',
    currency: 'USD',
    customer_id: kCustomer,
    payment_method: 'pm_card_visa',
    confirmation_method: 'manual',
    capture_method: 'automatic',
    setup_future_usage: 'off_session',
    metadata: { order_id: kOrder },
  },
  MethodsQuery: { currency: 'USD', amount: '99.99' },
  CompletePayment: {
    action_type: 'three_d_secure',
    action_data: { payment_intent: 'pi_3O', payment_intent_client_secret: 'pi_3O_secret_1' },
  },
  Capture: { amount: '59.49' },
  CreateRefund: {
    amount: '59.49',
    reason: 'requested_by_customer',
    metadata: { note: '客户对产品不满意' },
  },
  SaveMethodOfCustomer: { ...john, set_as_default: true },
  SaveMethod: { gateway_id: 'stripe', payment_method_data: john, set_as_default: true },
  Evidence: {
    product_description: '优质棉质 T 恤',
    customer_email: 'customer@example.com',
    shipping_date: '2024-01-16',
    shipping_carrier: 'UPS',
  },
  SandboxDispute: { payment_id: 'pay_550e8400-e29b-41d4-a716-446655440000' },
  SandboxResolve: { outcome: 'won' },
};
