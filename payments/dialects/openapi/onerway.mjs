// The description of the dialect at /v1.
import { bodyOf, bracesOf, exampleNamed, json, pathsOf, refTo, security } from './document.mjs';
import {
  errorSchemas,
  errorsOf,
  headers,
  ofEvery,
  ofWrites,
  responses,
} from './onerway_errors.mjs';
import { bodies, seeds as seedBodies } from './onerway_inputs.mjs';
import { lineTypes, moneyObjects, payoutStatuses } from './onerway_money.mjs';
import { operations, tags } from './onerway_operations.mjs';
import { methodTypes, paymentInputs, paymentObjects } from './onerway_payments.mjs';
import { answer, flag, list, maybe, only, orNull, ref, text, whole, words } from './schema.mjs';

const listNames = [
  'PaymentIntent',
  'PaymentMethod',
  'Customer',
  'Charge',
  'Refund',
  'Dispute',
  'Payout',
  'Transfer',
  'TransferReversal',
  'BalanceTransaction',
  'Event',
  'WebhookEndpoint',
];

const listOf = (name) =>
  answer({ object: only('list'), data: list(ref(name)), has_more: flag, url: text() });

const schemas = {
  ...paymentObjects,
  ...moneyObjects,
  ...Object.fromEntries(listNames.map((name) => [`${name}List`, listOf(name)])),
  PaymentIntentSearchResult: answer({
    object: only('search_result'),
    data: list(ref('PaymentIntent')),
    has_more: flag,
    next_page: orNull(text({ description: 'The page parameter of the next request.' })),
    total_count: maybe(whole({ description: 'Where expand asks for it; 10,000 at most.' })),
    url: text(),
  }),
  ...errorSchemas,
  ...paymentInputs,
  ...bodies,
};

// Objects with what the seeds say about them.
const seeds = {
  ...seedBodies,
  PaymentIntent: {
    id: 'pi_1234567890',
    amount: 2000,
    client_secret: 'pi_1234567890_secret_abc123',
    created: 1_640_995_200,
    metadata: { order_id: 'order_123' },
    payment_method_types: ['card'],
  },
  PaymentMethod: {
    id: 'pm_1234567890',
    card: { networks: { available: ['visa'] } },
    billing_details: { name: 'John Doe', email: 'john@example.com' },
    created: 1_640_995_200,
  },
  Customer: {
    id: 'cus_1234567890',
    email: 'john@example.com',
    name: 'John Doe',
    created: 1_640_995_200,
    metadata: { user_id: '123' },
  },
  DeletedCustomer: { id: 'cus_1234567890' },
  Charge: { id: 'ch_1234567890', payment_intent: 'pi_1234567890' },
  Refund: {
    id: 're_1234567890',
    amount: 1000,
    charge: 'ch_1234567890',
    payment_intent: 'pi_1234567890',
    reason: 'requested_by_customer',
    created: 1_640_995_200,
  },
  Dispute: { id: 'dp_1234567890', charge: 'ch_1234567890', payment_intent: 'pi_1234567890' },
  Payout: { id: 'po_1234567890' },
  Transfer: { id: 'tr_1234567890', amount: 1000, destination: 'acct_1234567890' },
  TransferReversal: { id: 'trr_1234567890', transfer: 'tr_1234567890' },
  BalanceTransaction: { id: 'txn_1234567890', amount: 2000, fee: 88, net: 1912 },
  Event: {
    id: 'evt_1234567890',
    created: 1_640_995_200,
    data: { object: { id: 'pi_1234567890', object: 'payment_intent' } },
  },
  WebhookEndpoint: { id: 'we_1234567890', url: 'https://shop.example/webhooks' },
  DeletedWebhookEndpoint: { id: 'we_1234567890' },
};

const inQuery = (name, schema, { required = false, ...more } = {}) => ({
  name,
  in: 'query',
  ...(required ? { required } : {}),
  ...more,
  schema,
});
const spelledWithBrackets = { style: 'deepObject', explode: true };
const second = whole({ minimum: 0 });
const border = { gt: second, gte: second, lt: second, lte: second };
const range = (name) =>
  inQuery(
    name,
    { type: 'object', additionalProperties: false, properties: border },
    {
      ...spelledWithBrackets,
      description:
        `Borders in Unix seconds: ${name}[gte]=1609459200. A bare number, ` +
        `${name}=1609459200, means exactly that second.`,
    },
  );

const parameters = {
  limit: inQuery('limit', whole({ minimum: 1, maximum: 100, default: 10 })),
  starting_after: inQuery('starting_after', text(), {
    description: 'An id: the list goes on after it, towards what is older.',
  }),
  ending_before: inQuery('ending_before', text(), {
    description: 'An id: the list is what lies nearest before it. Never with starting_after.',
  }),
  expand: inQuery('expand', list(text()), {
    ...spelledWithBrackets,
    description:
      'References to be answered whole, expand[]=customer, four deep at most; in lists below ' +
      'data.',
  }),
  created: range('created'),
  arrival_date: range('arrival_date'),
  delivery_success: inQuery('delivery_success', flag, { description: 'Decides nothing.' }),
  client_secret: inQuery('client_secret', text(), {
    description: 'A publishable key needs it; wrong, the payment is answered as absent.',
  }),
  query: inQuery('query', text({ examples: ["status:'succeeded'"] }), {
    required: true,
    description:
      "Terms such as status:'succeeded', amount>1000, metadata['k']:'v', -customer:null, " +
      'joined by AND or by OR.',
  }),
  page: inQuery('page', text(), { description: 'The next_page of the answer before.' }),
  types: inQuery('types', list(text(), { maxItems: 20 }), spelledWithBrackets),
};
for (const name of ['customer', 'payment_intent', 'charge', 'email', 'source', 'payout']) {
  parameters[name] = inQuery(name, text());
}
for (const name of ['destination', 'transfer_group', 'currency', 'event_type']) {
  parameters[name] = inQuery(name === 'event_type' ? 'type' : name, text());
}
parameters.method_type = inQuery('type', words(...methodTypes));
parameters.line_type = inQuery('type', text({ examples: lineTypes }));
parameters.payout_status = inQuery('status', words(...payoutStatuses));
parameters.intent_status = inQuery('status', paymentObjects.PaymentIntent.properties.status);

const inPath = {};
for (const name of ['id', 'method', 'reversal']) {
  inPath[name] = { name, in: 'path', required: true, schema: text() };
}
const inHeader = {
  'Idempotency-Key': {
    name: 'Idempotency-Key',
    in: 'header',
    description:
      'For 24 hours the same key with the same request gets the same answer, and nothing is ' +
      'done twice.',
    schema: text({ minLength: 1, maxLength: 255, pattern: '^[ -~]+$' }),
  },
  'Onerway-Version': {
    name: 'Onerway-Version',
    in: 'header',
    schema: text({ format: 'date', default: '2024-11-01' }),
  },
  'Stripe-Version': {
    name: 'Stripe-Version',
    in: 'header',
    description: 'Never refused. Stripe’s clients send it, and get its words for declines.',
    schema: text(),
  },
};

const schemaOf = (name) => (Array.isArray(name) ? { anyOf: name.map(ref) } : ref(name));

function successOf(name, writes) {
  const shown = [name].flat()[0];
  return json(
    shown.endsWith('List') ? 'A page, newest first.' : 'As it stands now.',
    schemaOf(name),
    {
      headers: writes ? ofWrites : ofEvery,
      example: exampleNamed(shown, schemas, seeds),
    },
  );
}

// method, path, id, tag, summary; answer: names of schemas; body: a name; query: parameters.
function operationOf(row) {
  const { method, path, name, tag, summary, description, answers, body, query = [] } = row;
  const writes = method !== 'get';
  const given = [
    ...bracesOf(path).map((brace) => refTo('parameters', `path_${brace}`)),
    ...query.map((one) => refTo('parameters', one)),
    ...(method === 'post' || method === 'put' ? [refTo('parameters', 'Idempotency-Key')] : []),
    refTo('parameters', 'Onerway-Version'),
    refTo('parameters', 'Stripe-Version'),
  ];
  const errors = { ...row, writes, hasId: path.includes('{') };
  return {
    operationId: name,
    tags: [tag],
    summary,
    ...(description ? { description } : {}),
    parameters: given,
    ...(body ? { requestBody: bodyOf(body, { schemas, seeds, form: true }) } : {}),
    responses: { 200: successOf(answers, writes), ...errorsOf(errors) },
  };
}

const open = (name, tag, summary, more) => ({
  operationId: name,
  tags: [tag],
  summary,
  security: [],
  ...more,
});

const page = (description) => ({ description, content: { 'text/html': { schema: text() } } });

const openOperations = [
  {
    method: 'get',
    path: '/receipts/{id}',
    operation: open('getReceipt', 'Pages', 'Show the receipt of a payment', {
      parameters: [refTo('parameters', 'path_id')],
      responses: {
        200: page('The receipt, in English or Chinese by Accept-Language.'),
        404: page('There is no such receipt.'),
        503: refTo('responses', 'Unavailable'),
      },
    }),
  },
  {
    method: 'get',
    path: '/v1/openapi.json',
    operation: open('getOpenapi', 'Meta', 'Retrieve this document', {
      responses: {
        200: json('This document.', { type: 'object' }, { headers: ofEvery }),
        400: refTo('responses', 'InvalidRequest'),
      },
    }),
  },
];

const description =
  'Payments in the shape of Onerway and Stripe: the clients of Stripe work with it. Bodies ' +
  'are forms or JSON, answers JSON. The same payments are at /api/v1 and /api/v2 in the shape' +
  ' of R Commerce, which /api/v1/openapi.json describes; what else there is, /openapi.json. ' +
  'Keys belong to an account and to test or live mode; the two never see each other, and what' +
  ' belongs to others answers as if it were absent. HEAD works wherever GET does, an address ' +
  'that does not take a method answers 405 with Allow. Unknown parameters are errors that ' +
  'name them. Each key has a limit, which answers tell as X-RateLimit-Limit, ' +
  'X-RateLimit-Remaining and X-RateLimit-Reset. In test mode the card 4242424242424242 pays, ' +
  '4000000000000002 is declined, 4000002500003155 asks for 3-D Secure and 4000000000000259 is' +
  ' disputed.';

export function describeOnerway() {
  const rows = operations.map((row) => ({ ...row, operation: operationOf(row) }));
  const named = Object.entries(inPath).map(([name, one]) => [`path_${name}`, one]);
  return {
    openapi: '3.1.0',
    info: {
      title: 'Postern payments, Onerway dialect',
      version: '2024-11-01',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
      description,
    },
    servers: [{ url: '/' }],
    security: [{ bearer: [] }, { basic: [] }],
    tags: Object.entries(tags).map(([name, said]) => ({ name, description: said })),
    paths: pathsOf([...rows, ...openOperations]),
    components: {
      securitySchemes: security,
      headers,
      parameters: { ...Object.fromEntries(named), ...parameters, ...inHeader },
      responses,
      schemas,
    },
  };
}
