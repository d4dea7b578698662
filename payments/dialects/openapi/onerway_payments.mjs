// Objects of /v1 about paying: intents, charges, methods, customers. What is null here is null in
// every answer, and there all the same.
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
  needed,
  nothing,
  nulls,
  only,
  orNull,
  ref,
  request,
  text,
  whole,
  words,
} from './schema.mjs';

export const methodTypes = ['alipay', 'card', 'customer_balance', 'us_bank_account', 'wechat_pay'];
export const futureUsages = ['off_session', 'on_session'];

// An id, or the object itself where it was asked for by `expand`.
export const expandable = (prefix, ...names) => anyOf(id(prefix), ...names.map(ref));

const brand = words(
  'visa',
  'mastercard',
  'amex',
  'discover',
  'diners',
  'jcb',
  'unionpay',
  'unknown',
);
const month = whole({ minimum: 1, maximum: 12, examples: [12] });
const year = whole({ examples: [2025] });
const lastFour = text({ pattern: '^[0-9]{4}$', examples: ['4242'] });
const maybeText = orNull(text());

const addressMembers = ['city', 'country', 'line1', 'line2', 'postal_code', 'state'];
const addressOf = (value) => Object.fromEntries(addressMembers.map((name) => [name, value]));

const card = {
  brand,
  checks: ref('CardChecks'),
  country: maybeText,
  exp_month: month,
  exp_year: year,
  fingerprint: maybeText,
  funding: words('credit', 'debit', 'prepaid', 'unknown'),
  last4: lastFour,
  regulated_status: only('unregulated'),
  wallet: nothing,
};

const redirect = answer({ return_url: maybeText, url: text({ format: 'uri' }) });

// One of these, by the type.
const nextAction = answer({
  type: words(
    'redirect_to_url',
    'use_stripe_sdk',
    'alipay_handle_redirect',
    'wechat_pay_display_qr_code',
  ),
  redirect_to_url: maybe(redirect),
  use_stripe_sdk: maybe(answer({ stripe_js: text(), type: only('three_d_secure_redirect') })),
  alipay_handle_redirect: maybe(
    answer({ ...nulls('native_data', 'native_url'), return_url: maybeText, url: text() }),
  ),
  wechat_pay_display_qr_code: maybe(
    answer({
      data: text(),
      hosted_instructions_url: text(),
      image_data_url: text(),
      image_url_png: text(),
      image_url_svg: text(),
    }),
  ),
});

const status = words(
  'requires_payment_method',
  'requires_confirmation',
  'requires_action',
  'processing',
  'requires_capture',
  'succeeded',
  'canceled',
);

const shownToAll = {
  id: id('pi'),
  object: only('payment_intent'),
  amount: whole({ minimum: 50, maximum: 99_999_999, examples: [2000] }),
  amount_details: answer({ tip: answer({}) }),
  automatic_payment_methods: orNull(
    answer({ allow_redirects: words('always', 'never'), enabled: only(true) }),
  ),
  canceled_at: orNull(moment),
  cancellation_reason: maybeText,
  capture_method: { ...words('automatic_async', 'automatic', 'manual') },
  client_secret: text({ pattern: '^pi_.+_secret_.+$', examples: ['pi_1_secret_1'] }),
  confirmation_method: words('automatic', 'manual'),
  created: moment,
  currency,
  description: maybeText,
  last_payment_error: orNull(ref('LastPaymentError')),
  livemode: flag,
  next_action: orNull(ref('NextAction')),
  payment_method: orNull(expandable('pm', 'PaymentMethod')),
  payment_method_configuration_details: nothing,
  payment_method_types: list(words(...methodTypes)),
  processing: nothing,
  receipt_email: maybeText,
  setup_future_usage: orNull(words(...futureUsages)),
  shipping: orNull(ref('Shipping')),
  source: nothing,
  status,
};

const intent = {
  ...shownToAll,
  ...nulls('allowed_payment_method_types', 'application', 'application_fee_amount'),
  ...nulls('customer_account', 'excluded_payment_method_types', 'managed_payments'),
  ...nulls('on_behalf_of', 'payment_record', 'review', 'transfer_data'),
  amount_capturable: whole({ minimum: 0 }),
  amount_received: whole({ minimum: 0 }),
  customer: orNull(expandable('cus', 'Customer', 'DeletedCustomer')),
  latest_charge: orNull(expandable('ch', 'Charge')),
  metadata,
  payment_method_options: {
    type: 'object',
    description: 'As given, with what every card shows besides.',
    examples: [{ card: { request_three_d_secure: 'automatic' } }],
  },
  statement_descriptor: maybeText,
  statement_descriptor_suffix: maybeText,
  transfer_group: maybeText,
};

const outcome = answer({
  ...nulls('advice_code', 'network_advice_code', 'network_decline_code'),
  network_status: words('approved_by_network', 'declined_by_network'),
  reason: maybeText,
  risk_level: only('normal'),
  seller_message: text(),
  type: words('authorized', 'issuer_declined'),
});

const chargeCard = answer({
  ...card,
  ...nulls('authorization_code', 'electronic_commerce_indicator', 'installments', 'mandate'),
  ...nulls('network_transaction_id', 'transaction_link_id'),
  amount_authorized: orNull(whole()),
  network: brand,
  three_d_secure: orNull(
    answer({
      authentication_flow: words('challenge', 'frictionless'),
      electronic_commerce_indicator: only('05'),
      ...nulls('exemption_indicator', 'result_reason', 'transaction_id'),
      result: only('authenticated'),
      version: only('2.2.0'),
    }),
  ),
});

const bank = {
  account_holder_type: only('individual'),
  account_type: only('checking'),
  bank_name: maybeText,
  fingerprint: maybeText,
  last4: maybeText,
  routing_number: maybeText,
};

const chargeWallet = answer({ fingerprint: nothing, transaction_id: maybeText });

const charge = {
  id: id('ch'),
  object: only('charge'),
  amount: whole(),
  amount_captured: whole(),
  amount_refunded: whole(),
  ...nulls('application', 'application_fee', 'application_fee_amount'),
  balance_transaction: orNull(expandable('txn', 'BalanceTransaction')),
  billing_details: ref('BillingDetails'),
  calculated_statement_descriptor: maybeText,
  captured: flag,
  created: moment,
  currency,
  customer: orNull(expandable('cus', 'Customer', 'DeletedCustomer')),
  description: maybeText,
  disputed: flag,
  failure_balance_transaction: nothing,
  failure_code: maybeText,
  failure_message: maybeText,
  fraud_details: answer({}),
  livemode: flag,
  metadata,
  on_behalf_of: nothing,
  outcome: orNull(outcome),
  paid: flag,
  payment_intent: expandable('pi', 'PaymentIntent'),
  payment_method: orNull(id('pm')),
  payment_method_details: ref('PaymentMethodDetails'),
  receipt_email: maybeText,
  receipt_number: nothing,
  receipt_url: orNull(text({ format: 'uri' })),
  refunded: flag,
  refunds: maybe(ref('RefundsOfCharge')),
  review: nothing,
  shipping: orNull(ref('Shipping')),
  ...nulls('source', 'source_transfer'),
  statement_descriptor: maybeText,
  statement_descriptor_suffix: maybeText,
  status: words('pending', 'succeeded', 'failed'),
  transfer_data: nothing,
  transfer_group: maybeText,
};

const method = {
  id: id('pm'),
  object: only('payment_method'),
  allow_redisplay: only('unspecified'),
  billing_details: ref('BillingDetails'),
  created: moment,
  customer: orNull(expandable('cus', 'Customer', 'DeletedCustomer')),
  customer_account: nothing,
  livemode: flag,
  metadata,
  type: words('card', 'us_bank_account', 'alipay', 'wechat_pay', 'customer_balance'),
  card: maybe(ref('Card')),
  us_bank_account: maybe(
    answer({
      ...bank,
      ...nulls('financial_connections_account', 'status_details'),
      networks: answer({ preferred: only('ach'), supported: list(only('ach')) }),
    }),
  ),
  alipay: maybe(answer({})),
  wechat_pay: maybe(answer({})),
  customer_balance: maybe(answer({})),
};

const customer = {
  id: id('cus'),
  object: only('customer'),
  address: orNull(ref('Address')),
  balance: only(0),
  created: moment,
  currency: nothing,
  default_source: nothing,
  delinquent: only(false),
  description: maybeText,
  discount: nothing,
  email: maybeText,
  invoice_settings: answer({
    custom_fields: nothing,
    default_payment_method: orNull(expandable('pm', 'PaymentMethod')),
    ...nulls('footer', 'rendering_options'),
  }),
  livemode: flag,
  metadata,
  name: maybeText,
  phone: maybeText,
  preferred_locales: list(text(), { maxItems: 0 }),
  shipping: orNull(ref('Shipping')),
  tax_exempt: only('none'),
  test_clock: nothing,
};

export const paymentObjects = {
  PaymentIntent: answer(intent),
  PublicPaymentIntent: answer(shownToAll, {
    description: 'What a publishable key sees of a payment intent.',
  }),
  LastPaymentError: answer({
    charge: maybe(id('ch')),
    code: text(),
    decline_code: maybe(text()),
    doc_url: text({ format: 'uri' }),
    message: text(),
    payment_method: maybe(ref('PaymentMethod')),
    type: words('card_error', 'invalid_request_error'),
  }),
  NextAction: nextAction,
  Charge: answer(charge),
  PaymentMethodDetails: answer(
    {
      type: words(...methodTypes),
      card: maybe(chargeCard),
      us_bank_account: maybe(answer({ ...bank, payment_reference: nothing })),
      customer_balance: maybe(answer({})),
      alipay: maybe(chargeWallet),
      wechat_pay: maybe(chargeWallet),
    },
    { examples: [{ type: 'alipay', alipay: { fingerprint: null, transaction_id: null } }] },
  ),
  PaymentMethod: answer(method),
  Card: answer({
    ...card,
    display_brand: brand,
    generated_from: nothing,
    networks: answer({ available: list(brand), preferred: nothing }),
    three_d_secure_usage: answer({ supported: only(true) }),
  }),
  CardChecks: answer({
    ...nulls('address_line1_check', 'address_postal_code_check'),
    cvc_check: words('unchecked', 'pass', 'fail'),
  }),
  Customer: answer(customer),
  DeletedCustomer: answer({ id: id('cus'), object: only('customer'), deleted: only(true) }),
  BillingDetails: answer({
    address: ref('Address'),
    email: maybeText,
    name: maybeText,
    phone: maybeText,
    tax_id: nothing,
  }),
  Address: answer(addressOf(maybeText)),
  Shipping: answer({
    address: ref('Address'),
    carrier: maybeText,
    name: maybeText,
    phone: maybeText,
    tracking_number: maybeText,
  }),
};

export const paymentInputs = {
  AddressInput: request(addressOf(text({ maxLength: 5000 }))),
  ShippingInput: request({
    address: needed(ref('AddressInput')),
    name: needed(text({ maxLength: 5000 })),
    phone: text({ maxLength: 5000 }),
    carrier: text({ maxLength: 5000 }),
    tracking_number: text({ maxLength: 5000 }),
  }),
  BillingDetailsInput: request({
    name: text({ maxLength: 5000 }),
    email: text({ maxLength: 512 }),
    phone: text({ maxLength: 5000 }),
    address: ref('AddressInput'),
  }),
};
