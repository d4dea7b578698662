// Every operation of /api/v1 and /api/v2: one row each. `query` names parameters, `refusals` the
// responses beside those that every operation has.
const get = (path, name, summary, answers, more = {}) => ({
  method: 'get',
  path,
  name,
  summary,
  answers,
  refusals: [],
  query: [],
  ...more,
});
const post = (path, name, summary, answers, body, refusals, more = {}) => ({
  method: 'post',
  path,
  name,
  summary,
  answers,
  body,
  refusals,
  query: [],
  status: 200,
  ...more,
});
const pages = (...query) => ({ query: ['page', 'per_page', ...query], refusals: ['Invalid'] });
const made = { status: 201 };

const outcome = ['PaymentSuccess', 'PaymentRequiresAction'];
const acts = ['AlreadyCaptured', 'PaymentNotFound'];
const pays = ['InvalidPayment', 'Conflict'];
const at = '/payments/{id}';
const intent = '/payment_intents/{id}';

const payments = [
  get('/payments', 'listPayments', 'List payments', 'PaymentList', {
    ...pages(
      'order_id',
      'customer_id',
      'gateway',
      'payment_status',
      'min_amount',
      'max_amount',
      'created_after',
      'created_before',
      'sort',
      'order',
    ),
  }),
  post(
    '/payments',
    'createPayment',
    'Create a payment, and pay where there is a method',
    ['Payment', ...outcome],
    'CreatePayment',
    [...pays, 'PaymentFailed', 'GatewayNotFound'],
    made,
  ),
  post(
    '/payments/methods',
    'listOffers',
    'Ask which methods there are for a sum, and what fields they need',
    'GatewayOffers',
    'MethodsQuery',
    ['InvalidQuery'],
    { isQuery: true },
  ),
  get(at, 'getPayment', 'Retrieve a payment', 'Payment', { refusals: ['PaymentNotFound'] }),
  post(`${at}/capture`, 'capturePayment', 'Take the money that is held', 'Payment', 'Capture', [
    'InvalidAmount',
    'Declined',
    ...acts,
  ]),
  post(
    `${at}/cancel`,
    'cancelPayment',
    'Cancel a payment before its money is taken',
    'Payment',
    'Cancel',
    ['Invalid', ...acts],
  ),
  post(
    `${at}/complete`,
    'completePayment',
    'Go on after the customer has been on the page; finished, the same again',
    outcome,
    'CompletePayment',
    ['Invalid', 'PaymentFailed', 'PaymentCanceled', 'PaymentNotFound'],
  ),
  ...['refund', 'refunds'].map((word) =>
    post(
      `${at}/${word}`,
      word === 'refund' ? 'refundPayment' : 'createRefund',
      'Give money back',
      'Refund',
      'CreateRefund',
      ['InvalidRefund', 'AlreadyRefunded', 'PaymentNotFound'],
      made,
    ),
  ),
  get(`${at}/refunds`, 'listRefunds', "List a payment's refunds", 'RefundList', {
    query: ['page', 'per_page'],
    refusals: ['Invalid', 'PaymentNotFound'],
  }),
  get(`${at}/refunds/{refund_id}`, 'getRefund', "Retrieve a payment's refund", 'Refund', {
    refusals: ['RefundNotFound'],
  }),
];

const intents = [
  post(
    '/payment_intents',
    'createIntent',
    'Create a payment intent',
    'Intent',
    'CreateIntent',
    [...pays],
    made,
  ),
  get(intent, 'getIntent', 'Retrieve a payment intent', 'Intent', {
    refusals: ['PaymentNotFound'],
  }),
  post(`${intent}/confirm`, 'confirmIntent', 'Confirm and pay', 'Intent', 'ConfirmIntent', [
    'InvalidPayment',
    'Declined',
    ...acts,
  ]),
  post(`${intent}/capture`, 'captureIntent', 'Take the money that is held', 'Intent', 'Capture', [
    'InvalidAmount',
    'Declined',
    ...acts,
  ]),
  post(`${intent}/cancel`, 'cancelIntent', 'Cancel a payment intent', 'Intent', 'Cancel', [
    'Invalid',
    ...acts,
  ]),
];

const ofCustomer = '/customers/{id}/payment_methods';
const saves = ['InvalidMethod', 'Conflict'];
const methods = [
  get(ofCustomer, 'listCustomerMethods', "List a customer's methods", 'SavedMethodList', {
    query: ['page', 'per_page'],
    refusals: ['Invalid', 'NotFound'],
  }),
  post(
    ofCustomer,
    'createCustomerMethod',
    'Save a method for a customer',
    'SavedMethod',
    'SaveMethodOfCustomer',
    [...saves, 'NotFound'],
    made,
  ),
  {
    method: 'delete',
    path: `${ofCustomer}/{token}`,
    name: 'deleteCustomerMethod',
    summary: "Delete a customer's method",
    answers: 'DeletedToken',
    refusals: ['NotFound'],
    query: [],
    status: 200,
  },
  post(
    `${ofCustomer}/{token}/default`,
    'setDefaultMethod',
    'Make a method the default one',
    'SavedMethod',
    'OnlyKey',
    ['Invalid', 'Conflict', 'NotFound'],
  ),
  get(
    '/customers/{id}/payment-methods',
    'listCustomerTokens',
    "List a customer's methods as tokens",
    'TokenList',
    { refusals: ['Invalid', 'NotFound'] },
  ),
  post(
    '/payment-methods',
    'createToken',
    'Save a method, for a customer or for nobody in particular',
    'MethodToken',
    'SaveMethod',
    [...saves, 'GatewayNotFound'],
    made,
  ),
  {
    method: 'delete',
    path: '/payment-methods/{token}',
    name: 'deleteToken',
    summary: 'Delete a saved method',
    answers: 'DeletedToken',
    refusals: ['NotFound'],
    query: [],
    status: 200,
  },
];

const disputes = [
  get('/disputes', 'listDisputes', 'List disputes', 'DisputeList', {
    ...pages('dispute_status', 'payment_id'),
  }),
  get('/disputes/{id}', 'getDispute', 'Retrieve a dispute', 'Dispute', {
    refusals: ['DisputeNotFound'],
  }),
  post(
    '/disputes/{id}/evidence',
    'submitEvidence',
    'Give evidence, which the bank is told at once',
    'Dispute',
    'Evidence',
    ['Invalid', 'Conflict', 'DisputeNotFound'],
  ),
];

const balances = [
  get('/payouts', 'listPayouts', 'List payouts', 'PayoutList', {
    ...pages('payout_status', 'date_after', 'date_before'),
  }),
  get('/payouts/{id}', 'getPayout', 'Retrieve a payout', 'Payout', { refusals: ['NotFound'] }),
  get('/balance', 'getBalance', 'Retrieve the balance', 'Balance'),
  get(
    '/balance/transactions',
    'listBalanceTransactions',
    'List what moved the balance',
    'BalanceTransactionList',
    pages(),
  ),
];

const desk = (path, name, summary, answers, body, refusals, more) =>
  post(`/sandbox${path}`, name, summary, answers, body, refusals, {
    ...more,
    servers: [{ url: '/api/v2' }],
  });
const ends = ['Invalid', 'Conflict', 'NotFound'];
const sandbox = [
  desk(
    '/disputes',
    'openSandboxDispute',
    'Dispute a payment, as its bank would',
    'Dispute',
    'SandboxDispute',
    ['InvalidAmount', 'Conflict', 'PaymentNotFound'],
    made,
  ),
  desk(
    '/disputes/{id}/resolve',
    'resolveSandboxDispute',
    'Decide a dispute, as the bank would',
    'Dispute',
    'SandboxResolve',
    ['Invalid', 'Conflict', 'DisputeNotFound'],
  ),
  desk('/settle', 'settleSandbox', 'Make available what is pending', 'Settlement', 'OnlyKey', [
    'Invalid',
    'KeyReused',
  ]),
  desk(
    '/payouts/{id}/fail',
    'failSandboxPayout',
    'Let a payout fail',
    'Payout',
    'SandboxPayoutFail',
    ends,
  ),
  desk('/payouts/{id}/pay', 'paySandboxPayout', 'Let a payout arrive', 'Payout', 'OnlyKey', ends),
  desk(
    '/refunds/{id}/fail',
    'failSandboxRefund',
    'Let a pending refund fail',
    'Refund',
    'SandboxRefundFail',
    ends,
  ),
  desk(
    '/refunds/{id}/succeed',
    'succeedSandboxRefund',
    'Let a pending refund succeed',
    'Refund',
    'OnlyKey',
    ends,
  ),
];

const sections = {
  Payments: ['One sum, from its first word to its last.', payments],
  'Payment intents': ['The same payment, for flows with 3-D Secure.', intents],
  'Payment methods': ['Saved cards and accounts; a number is never answered.', methods],
  Disputes: ['Money that a bank took back, and the evidence against it.', disputes],
  Balance: ['What there is, what moved it, and what went to the bank.', balances],
  Sandbox: ['What a bank or a provider would do, in test mode and at once.', sandbox],
};

export const operations = Object.entries(sections).flatMap(([tag, [, rows]]) =>
  rows.map((row) => ({ ...row, tag })),
);
export const tags = [
  ...Object.entries(sections).map(([name, [description]]) => ({ name, description })),
  { name: 'Pages', description: 'For those who pay, who have no key.' },
  { name: 'Meta', description: 'This document.' },
];
