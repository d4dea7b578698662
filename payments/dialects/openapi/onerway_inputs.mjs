// Bodies of requests to /v1, the same as a form and as JSON.
import { evidenceNames } from './onerway_money.mjs';
import { futureUsages, methodTypes } from './onerway_payments.mjs';
import { flag, list, metadata, needed, ref, request, text, whole, words } from './schema.mjs';

const long = (more = {}) => text({ maxLength: 5000, ...more });
const description = text({ maxLength: 350 });
const descriptor = text({ maxLength: 22, pattern: '^[^<>\\\\\'"*]*$' });
const email = text({ maxLength: 512 });
const amount = whole({ minimum: 50, maximum: 99_999_999 });
const sum = whole({ minimum: 1 });
const currency = text({ description: 'Three letters of ISO 4217, in either case.' });
const methodId = text({ description: "A payment method's id, or a ready-made one: pm_card_visa." });
const redisplay = words('always', 'limited', 'unspecified');
const sourceType = words('bank_account', 'card', 'fpx');
const refundReason = words('duplicate', 'fraudulent', 'requested_by_customer');
const expand = list(text(), {
  description: 'References to be answered whole: customer, latest_charge.balance_transaction.',
});
// An empty text takes all pairs away, an empty value its pair.
const pairs = {
  anyOf: [metadata, text({ maxLength: 0 })],
  description: 'An empty value takes its pair away, an empty text all of them.',
};

const input = (members) => request({ ...members, expand });

const card = request({
  number: text({ description: 'Needed unless there is a token.' }),
  exp_month: whole({ minimum: 1, maximum: 12 }),
  exp_year: whole({ minimum: 2020, maximum: 2099 }),
  cvc: text({ pattern: '^[0-9]{3,4}$' }),
  networks: request({ preferred: text() }),
  token: text({ description: 'A ready-made token instead of a card: tok_visa.' }),
});

const bank = request({
  account_number: needed(text()),
  routing_number: needed(text()),
  account_holder_type: words('company', 'individual'),
  account_type: words('checking', 'savings'),
});

const method = {
  type: needed(words('alipay', 'card', 'us_bank_account', 'wechat_pay')),
  billing_details: ref('BillingDetailsInput'),
  metadata: pairs,
  allow_redisplay: redisplay,
  card,
  us_bank_account: bank,
  alipay: request({}),
  wechat_pay: request({}),
};

const usage = words('none', 'off_session', 'on_session');
const noUsage = words('none');
const bankTransfer = request({
  eu_bank_transfer: request({ country: words('BE', 'DE', 'ES', 'FR', 'IE', 'NL') }),
  type: words(
    'eu_bank_transfer',
    'gb_bank_transfer',
    'jp_bank_transfer',
    'mx_bank_transfer',
    'us_bank_transfer',
  ),
});

const methodOptions = request(
  {
    alipay: request({ setup_future_usage: noUsage }),
    card: request({
      capture_method: words('manual'),
      network: text({ examples: ['visa'] }),
      request_three_d_secure: words('any', 'automatic', 'challenge'),
      setup_future_usage: usage,
    }),
    customer_balance: request({
      bank_transfer: bankTransfer,
      funding_type: words('bank_transfer'),
      setup_future_usage: noUsage,
    }),
    us_bank_account: request({
      setup_future_usage: usage,
      verification_method: words('automatic', 'instant', 'microdeposits'),
    }),
    wechat_pay: request({
      app_id: text({ maxLength: 255 }),
      client: words('android', 'ios', 'web'),
      setup_future_usage: noUsage,
    }),
  },
  { description: 'Shown as given; it decides nothing.' },
);

// What the one who pays decides.
const paying = {
  payment_method: methodId,
  payment_method_data: request(method),
  receipt_email: email,
  return_url: long({ description: 'Where the customer goes after a page; any scheme.' }),
  setup_future_usage: words(...futureUsages, ''),
  shipping: ref('ShippingInput'),
  off_session: text({ description: 'Decides nothing.' }),
  use_stripe_sdk: text({ description: 'Decides nothing.' }),
  mandate_data: { description: 'Decides nothing.' },
  radar_options: { description: 'Decides nothing.' },
};

// What the merchant decides besides.
const terms = {
  customer: text(),
  capture_method: words('automatic', 'automatic_async', 'manual'),
  description,
  statement_descriptor: descriptor,
  statement_descriptor_suffix: descriptor,
  transfer_group: long(),
  payment_method_types: list(words(...methodTypes)),
  automatic_payment_methods: request({
    enabled: needed(flag),
    allow_redirects: words('always', 'never'),
  }),
  payment_method_options: methodOptions,
  metadata: pairs,
};

const clientSecret = text({ description: 'Of the payment intent; a publishable key needs it.' });

const customer = {
  email,
  name: long(),
  phone: long(),
  description,
  address: ref('AddressInput'),
  shipping: ref('ShippingInput'),
  invoice_settings: request({ default_payment_method: methodId }),
  metadata: pairs,
};

const evidence = request(
  Object.fromEntries(evidenceNames.map((name) => [name, text({ maxLength: 20_000 })])),
);

const endpoint = {
  url: text({ format: 'uri' }),
  description: text(),
  enabled_events: list(text(), { description: 'Names of either vocabulary, or *.' }),
  metadata: pairs,
};

export const bodies = {
  CreatePaymentIntent: input({
    amount: needed(amount),
    currency: needed(currency),
    ...paying,
    ...terms,
    confirmation_method: words('automatic', 'manual'),
    confirm: flag,
  }),
  UpdatePaymentIntent: input({ amount, currency, ...paying, ...terms }),
  ConfirmPaymentIntent: input({ client_secret: clientSecret, ...paying, ...terms }),
  CapturePaymentIntent: input({ amount_to_capture: sum }),
  CancelPaymentIntent: input({
    cancellation_reason: words('abandoned', 'duplicate', 'fraudulent', 'requested_by_customer'),
  }),
  CreatePaymentMethod: input(method),
  UpdatePaymentMethod: input({
    allow_redisplay: redisplay,
    billing_details: ref('BillingDetailsInput'),
    card: request({ exp_month: whole(), exp_year: whole() }),
    metadata: pairs,
  }),
  AttachPaymentMethod: input({ customer: needed(text()) }),
  CreateCustomer: input({ ...customer, payment_method: methodId }),
  UpdateCustomer: input(customer),
  UpdateCharge: input({
    description,
    receipt_email: email,
    shipping: ref('ShippingInput'),
    transfer_group: long(),
    metadata: pairs,
  }),
  CreateRefund: {
    ...input({
      payment_intent: text({ description: 'This or the charge is needed.' }),
      charge: text(),
      amount: whole({ minimum: 1, description: 'All that is left unless given.' }),
      reason: refundReason,
      metadata: pairs,
    }),
    anyOf: [{ required: ['payment_intent'] }, { required: ['charge'] }],
  },
  UpdateMetadata: input({ metadata: pairs }),
  UpdateDispute: input({
    evidence,
    metadata: pairs,
    submit: {
      ...flag,
      description: 'Whether the bank is told at once; unless said, evidence is.',
    },
  }),
  CreatePayout: input({
    amount: needed(sum),
    currency: needed(currency),
    method: words('instant', 'standard'),
    source_type: sourceType,
    destination: long(),
    description,
    statement_descriptor: descriptor,
    metadata: pairs,
  }),
  CreateTransfer: input({
    amount: needed(sum),
    currency: needed(currency),
    destination: needed(text({ description: 'Any external target: acct_1.' })),
    description,
    transfer_group: long(),
    source_transaction: text({ description: "A charge's id." }),
    source_type: sourceType,
    metadata: pairs,
  }),
  UpdateTransfer: input({ description, metadata: pairs }),
  CreateReversal: input({ amount: sum, metadata: pairs }),
  OnlyExpand: input({}),
  CreateWebhookEndpoint: input({
    ...endpoint,
    url: needed(endpoint.url),
    enabled_events: needed(endpoint.enabled_events),
    api_version: text(),
    connect: flag,
  }),
  UpdateWebhookEndpoint: input({ ...endpoint, disabled: flag }),
};

// What the seeds send.
export const seeds = {
  CreatePaymentIntent: {
    amount: 2000,
    currency: 'usd',
    payment_method_types: ['card'],
    metadata: { order_id: 'order_123' },
  },
  UpdatePaymentIntent: { metadata: { order_id: 'order_456' } },
  ConfirmPaymentIntent: { payment_method: 'pm_1234567890' },
  CreatePaymentMethod: {
    type: 'card',
    card: { number: '4242424242424242', exp_month: 12, exp_year: 2025, cvc: '123' },
    billing_details: { name: 'John Doe', email: 'john@example.com' },
  },
  AttachPaymentMethod: { customer: 'cus_1234567890' },
  CreateCustomer: {
    email: 'john@example.com',
    name: 'John Doe',
    metadata: { user_id: '123' },
  },
  CreateRefund: {
    payment_intent: 'pi_1234567890',
    amount: 1000,
    reason: 'requested_by_customer',
  },
  CreateTransfer: { amount: 1000, currency: 'usd', destination: 'acct_1234567890' },
};
