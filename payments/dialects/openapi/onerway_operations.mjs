// Every operation of /v1: one row each. `query` names parameters, `special` the errors.
const listsAt = (path, tag, one, query, more = {}) => ({
  method: 'get',
  path,
  tag,
  name: `list${one}s`,
  summary: `List ${tag.toLowerCase()}`,
  answers: `${one}List`,
  query: ['limit', 'starting_after', 'ending_before', 'expand', ...query],
  ...more,
});
const readAt = (path, tag, one, more = {}) => ({
  method: 'get',
  path,
  tag,
  name: `get${one}`,
  summary: `Retrieve one of the ${tag.toLowerCase()}`,
  answers: one,
  query: ['expand'],
  ...more,
});
const does = (verb, path, tag, one, more) => ({
  method: 'post',
  path,
  tag,
  name: `${verb}${one}`,
  body: `${verb[0].toUpperCase()}${verb.slice(1)}${one}`,
  summary: `${verb[0].toUpperCase()}${verb.slice(1)} one of the ${tag.toLowerCase()}`,
  answers: one,
  ...more,
});
// PUT is another word for an update.
const updates = (path, tag, one, more = {}) => [
  does('update', path, tag, one, more),
  does('update', path, tag, one, {
    ...more,
    method: 'put',
    name: `put${one}`,
    summary: `The same as POST`,
  }),
];

const declines = { special: 'Payment', declines: true };
const balance = { special: 'Money' };
const shownToAll = ['PaymentIntent', 'PublicPaymentIntent'];

const intents = 'Payment intents';
const methods = 'Payment methods';
const customers = 'Customers';
const endpoints = 'Webhook endpoints';
const line = 'BalanceTransaction';

export const operations = [
  does('create', '/v1/payment_intents', intents, 'PaymentIntent', {
    ...declines,
    summary: 'Create a payment intent, and confirm it where confirm=true says so',
  }),
  listsAt('/v1/payment_intents', intents, 'PaymentIntent', [
    'customer',
    'intent_status',
    'created',
  ]),
  {
    method: 'get',
    path: '/v1/payment_intents/search',
    tag: intents,
    name: 'searchPaymentIntents',
    summary: 'Search payment intents',
    answers: 'PaymentIntentSearchResult',
    query: ['query', 'limit', 'page', 'expand'],
    special: 'Search',
  },
  readAt('/v1/payment_intents/{id}', intents, 'PaymentIntent', {
    answers: shownToAll,
    query: ['client_secret', 'expand'],
    description: 'A publishable key sees less, and needs the client secret.',
  }),
  ...updates('/v1/payment_intents/{id}', intents, 'PaymentIntent', declines),
  does('confirm', '/v1/payment_intents/{id}/confirm', intents, 'PaymentIntent', {
    ...declines,
    answers: shownToAll,
    description: 'A publishable key decides what the one who pays decides, and no more.',
  }),
  does('capture', '/v1/payment_intents/{id}/capture', intents, 'PaymentIntent', declines),
  does('cancel', '/v1/payment_intents/{id}/cancel', intents, 'PaymentIntent', declines),

  does('create', '/v1/payment_methods', methods, 'PaymentMethod', {
    special: 'PaymentMethod',
    declines: true,
    description: 'A publishable key may do this.',
  }),
  listsAt('/v1/payment_methods', methods, 'PaymentMethod', ['customer', 'method_type']),
  readAt('/v1/payment_methods/{id}', methods, 'PaymentMethod'),
  ...updates('/v1/payment_methods/{id}', methods, 'PaymentMethod', {
    special: 'PaymentMethod',
    declines: true,
  }),
  does('attach', '/v1/payment_methods/{id}/attach', methods, 'PaymentMethod', {
    special: 'PaymentMethod',
  }),
  does('detach', '/v1/payment_methods/{id}/detach', methods, 'PaymentMethod', {
    body: 'OnlyExpand',
  }),

  does('create', '/v1/customers', customers, 'Customer', { special: 'Customer' }),
  listsAt('/v1/customers', customers, 'Customer', ['email', 'created']),
  readAt('/v1/customers/{id}', customers, 'Customer', {
    answers: ['Customer', 'DeletedCustomer'],
  }),
  ...updates('/v1/customers/{id}', customers, 'Customer', { special: 'Customer' }),
  {
    method: 'delete',
    path: '/v1/customers/{id}',
    tag: customers,
    name: 'deleteCustomer',
    summary: 'Delete a customer, and detach what was attached',
    answers: 'DeletedCustomer',
  },
  listsAt('/v1/customers/{id}/payment_methods', customers, 'PaymentMethod', ['method_type'], {
    name: 'listPaymentMethodsOfCustomer',
    summary: "List a customer's payment methods",
  }),
  readAt('/v1/customers/{id}/payment_methods/{method}', customers, 'PaymentMethod', {
    name: 'getPaymentMethodOfCustomer',
    summary: "Retrieve a customer's payment method",
  }),

  listsAt('/v1/charges', 'Charges', 'Charge', ['payment_intent', 'customer', 'created']),
  readAt('/v1/charges/{id}', 'Charges', 'Charge'),
  ...updates('/v1/charges/{id}', 'Charges', 'Charge'),

  does('create', '/v1/refunds', 'Refunds', 'Refund', { special: 'Refund' }),
  listsAt('/v1/refunds', 'Refunds', 'Refund', ['payment_intent', 'charge', 'created']),
  readAt('/v1/refunds/{id}', 'Refunds', 'Refund'),
  ...updates('/v1/refunds/{id}', 'Refunds', 'Refund', { body: 'UpdateMetadata' }),
  does('cancel', '/v1/refunds/{id}/cancel', 'Refunds', 'Refund', { body: 'OnlyExpand' }),

  listsAt('/v1/disputes', 'Disputes', 'Dispute', ['payment_intent', 'charge', 'created']),
  readAt('/v1/disputes/{id}', 'Disputes', 'Dispute'),
  ...updates('/v1/disputes/{id}', 'Disputes', 'Dispute'),
  does('close', '/v1/disputes/{id}/close', 'Disputes', 'Dispute', {
    body: 'OnlyExpand',
    summary: 'Give a dispute up: it is lost',
  }),

  does('create', '/v1/payouts', 'Payouts', 'Payout', balance),
  listsAt('/v1/payouts', 'Payouts', 'Payout', ['payout_status', 'created', 'arrival_date']),
  readAt('/v1/payouts/{id}', 'Payouts', 'Payout'),
  ...updates('/v1/payouts/{id}', 'Payouts', 'Payout', { body: 'UpdateMetadata' }),
  does('cancel', '/v1/payouts/{id}/cancel', 'Payouts', 'Payout', { body: 'OnlyExpand' }),

  does('create', '/v1/transfers', 'Transfers', 'Transfer', balance),
  listsAt('/v1/transfers', 'Transfers', 'Transfer', ['destination', 'transfer_group', 'created']),
  readAt('/v1/transfers/{id}', 'Transfers', 'Transfer'),
  ...updates('/v1/transfers/{id}', 'Transfers', 'Transfer'),
  does('create', '/v1/transfers/{id}/reversals', 'Transfers', 'TransferReversal', {
    body: 'CreateReversal',
    summary: 'Reverse a transfer, whole or in part',
  }),
  listsAt('/v1/transfers/{id}/reversals', 'Transfers', 'TransferReversal', [], {
    summary: "List a transfer's reversals",
  }),
  readAt('/v1/transfers/{id}/reversals/{reversal}', 'Transfers', 'TransferReversal', {
    summary: "Retrieve a transfer's reversal",
  }),

  readAt('/v1/balance', 'Balance', 'Balance', {
    summary: 'Retrieve the balance',
    query: [],
  }),
  ...['/v1/balance_transactions', '/v1/balance/history'].flatMap((path) => {
    const older = path.endsWith('history');
    const name = older ? `${line}sByOlderName` : `${line}s`;
    return [
      listsAt(path, 'Balance', line, ['source', 'payout', 'currency', 'line_type', 'created'], {
        name: `list${name}`,
        summary: 'List what moved the balance',
      }),
      readAt(`${path}/{id}`, 'Balance', line, {
        name: `get${older ? `${line}ByOlderName` : line}`,
        summary: 'Retrieve one of what moved the balance',
      }),
    ];
  }),

  listsAt('/v1/events', 'Events', 'Event', ['event_type', 'types', 'created', 'delivery_success']),
  readAt('/v1/events/{id}', 'Events', 'Event'),

  does('create', '/v1/webhook_endpoints', endpoints, 'WebhookEndpoint'),
  listsAt('/v1/webhook_endpoints', endpoints, 'WebhookEndpoint', []),
  readAt('/v1/webhook_endpoints/{id}', endpoints, 'WebhookEndpoint'),
  ...updates('/v1/webhook_endpoints/{id}', endpoints, 'WebhookEndpoint'),
  {
    method: 'delete',
    path: '/v1/webhook_endpoints/{id}',
    tag: endpoints,
    name: 'deleteWebhookEndpoint',
    summary: 'Delete a webhook endpoint',
    answers: 'DeletedWebhookEndpoint',
  },
];

export const tags = {
  [intents]: 'One sum to be paid, from its first word to its last.',
  [methods]: 'Cards, accounts and wallets. A number is tokenised at once and never answered.',
  [customers]: 'Who pays, and with what.',
  Charges: 'Each try to pay.',
  Refunds: 'Money given back.',
  Disputes: 'Money that a bank took back, and the evidence against it.',
  Payouts: 'Money on its way to the bank.',
  Transfers: 'Money for others.',
  Balance: 'What there is, and what moved it.',
  Events: 'What happened, with the object as it was then.',
  [endpoints]: 'Who is told about events.',
  Pages: 'For those who pay, who have no key.',
  Meta: 'This document.',
};
