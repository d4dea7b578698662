// The description of the dialect at /api/v1 and /api/v2.
import { bodyOf, bracesOf, exampleNamed, json, pathsOf, refTo, security } from './document.mjs';
import { disputeStatuses, payoutStatuses } from './onerway_money.mjs';
import {
  errorSchemas,
  errorsOf,
  headers,
  ofEvery,
  ofWrites,
  responses,
} from './rcommerce_errors.mjs';
import { bodies, seeds as seedBodies } from './rcommerce_inputs.mjs';
import { objects, paymentStatuses } from './rcommerce_objects.mjs';
import { operations, tags } from './rcommerce_operations.mjs';
import { ref, text, whole, words } from './schema.mjs';

const schemas = { ...objects, ...errorSchemas, ...bodies };

const kPayment = '550e8400-e29b-41d4-a716-446655440200';
const card = {
  method_type: 'card',
  last_four: '4242',
  card_brand: 'visa',
  exp_month: '12',
  exp_year: '2025',
  cardholder_name: 'John Doe',
};
const page = { pagination: { total: 0 } };

// Objects with what the seeds say about them.
const seeds = {
  ...seedBodies,
  Payment: {
    id: kPayment,
    payment_id: `pay_${kPayment}`,
    order_id: '550e8400-e29b-41d4-a716-446655440100',
    gateway: 'stripe',
    payment_method: {
      type: 'card',
      card: {
        brand: 'visa',
        last4: '4242',
        exp_month: 12,
        exp_year: 2025,
        fingerprint: 'fp_1',
        name: 'John Doe',
        three_d_secure: null,
      },
      ...card,
      token: null,
    },
    description: '订单 #1001',
    receipt_email: 'customer@example.com',
    captured: true,
    captured_amount: '59.49',
    capturable_amount: '0.00',
    refunded_amount: '0.00',
    customer_id: '550e8400-e29b-41d4-a716-446655440001',
    metadata: { order_number: '1001', customer_name: 'John Doe' },
    captured_at: '2024-01-15T10:01:30.000Z',
  },
  PaymentSuccess: { payment_method: { ...card, token: null } },
  Refund: { amount: '99.99', reason: 'requested_by_customer' },
  SavedMethod: { method_type: 'card', last_four: '4242', card_brand: 'visa' },
  MethodToken: { payment_method: card, is_default: true },
  DeletedToken: { message: '支付方式已删除' },
  TokenList: [{ token: 'pm_550e8400-e29b-41d4-a716-446655440002', ...card, is_default: true }],
};
for (const name of Object.keys(objects).filter((one) => /List$/.test(one))) {
  seeds[name] ??= { meta: page };
}

const inQuery = (name, schema, description) => ({
  name,
  in: 'query',
  ...(description ? { description } : {}),
  schema,
});
const decimal = text({ pattern: '^[0-9]+(\\.[0-9]{1,3})?$' });
const asShown =
  'Compared with the amount as it is shown, whatever its currency: 10.00 is 10 dollars and 10 yen.';
const parameters = {
  page: inQuery('page', whole({ minimum: 1, default: 1 })),
  per_page: inQuery('per_page', whole({ minimum: 1, maximum: 100, default: 20 })),
  order_id: inQuery('order_id', text()),
  customer_id: inQuery('customer_id', text()),
  gateway: inQuery('gateway', text()),
  payment_status: inQuery('status', words(...paymentStatuses)),
  dispute_status: inQuery('status', words(...disputeStatuses)),
  payout_status: inQuery('status', words(...payoutStatuses)),
  min_amount: inQuery('min_amount', decimal, asShown),
  max_amount: inQuery('max_amount', decimal, asShown),
  created_after: inQuery('created_after', text({ format: 'date-time' })),
  created_before: inQuery('created_before', text({ format: 'date-time' })),
  sort: inQuery(
    'sort',
    words('created_at', 'amount'),
    'Amounts are sorted as they are shown, whatever their currencies.',
  ),
  order: inQuery('order', words('desc', 'asc')),
  payment_id: inQuery('payment_id', text(), 'Any spelling of a payment’s id.'),
  date_after: inQuery('date_after', text({ format: 'date' }), 'This day belongs to the list.'),
  date_before: inQuery('date_before', text({ format: 'date' }), 'This day belongs to the list.'),
  'Idempotency-Key': {
    name: 'Idempotency-Key',
    in: 'header',
    description:
      'For 24 hours the same key with the same request gets the same answer, and nothing is ' +
      'done twice. The idempotency_key of the body goes before it.',
    schema: text({ minLength: 1, maxLength: 255, pattern: '^[ -~]+$' }),
  },
  'Accept-Language': {
    name: 'Accept-Language',
    in: 'header',
    description: 'zh gives messages and names in Chinese, anything else in English.',
    schema: text({ examples: ['zh-CN,zh;q=0.9'] }),
  },
};
for (const name of ['id', 'refund_id', 'token']) {
  parameters[`path_${name}`] = { name, in: 'path', required: true, schema: text() };
}

const schemaOf = (name) => (Array.isArray(name) ? { anyOf: name.map(ref) } : ref(name));

function operationOf(row) {
  const { method, path, name, tag, summary, answers, body, query, status = 200 } = row;
  const writes = method !== 'get' && !row.isQuery;
  const given = [
    ...bracesOf(path).map((brace) => refTo('parameters', `path_${brace}`)),
    ...query.map((one) => refTo('parameters', one)),
    ...(writes && method === 'post' ? [refTo('parameters', 'Idempotency-Key')] : []),
    refTo('parameters', 'Accept-Language'),
  ];
  const shown = [answers].flat()[0];
  const success = json(status === 201 ? 'It was made.' : 'As it stands now.', schemaOf(answers), {
    headers: writes ? ofWrites : ofEvery,
    example: exampleNamed(shown, schemas, seeds),
  });
  return {
    operationId: name,
    tags: [tag],
    summary,
    parameters: given,
    ...(body ? { requestBody: bodyOf(body, { schemas, seeds }) } : {}),
    responses: { [status]: success, ...errorsOf({ ...row, writes: method !== 'get' }) },
  };
}

const htmlPage = (description) => ({
  description,
  content: { 'text/html': { schema: text() } },
});
const pageParameters = [refTo('parameters', 'path_id'), refTo('parameters', 'Accept-Language')];

const openOperations = [
  {
    method: 'get',
    path: '/openapi.json',
    operation: {
      operationId: 'getOpenapi',
      tags: ['Meta'],
      summary: 'Retrieve this document',
      security: [],
      responses: {
        200: json('This document.', { type: 'object' }, { headers: ofEvery }),
        414: refTo('responses', 'TooLong'),
      },
    },
  },
  {
    method: 'get',
    path: '/sandbox/actions/{id}',
    servers: [{ url: '/' }],
    operation: {
      operationId: 'showAction',
      tags: ['Pages'],
      summary: 'Show what the customer has to decide: approve, decline, walk away',
      security: [],
      parameters: pageParameters,
      responses: {
        200: htmlPage('The page, for 30 minutes and one decision.'),
        404: htmlPage('There is no such page.'),
        410: htmlPage('The decision was taken, or the time is over.'),
        503: refTo('responses', 'Unavailable'),
      },
    },
  },
  {
    method: 'post',
    path: '/sandbox/actions/{id}',
    operation: {
      operationId: 'decideAction',
      tags: ['Pages'],
      summary: 'Decide as the customer',
      security: [],
      parameters: pageParameters,
      requestBody: {
        required: true,
        content: { 'application/x-www-form-urlencoded': { schema: ref('Decision') } },
      },
      responses: {
        200: htmlPage('Done; there is nowhere to go back to.'),
        303: {
          description: 'Back to return_url, with payment_intent and redirect_status.',
          headers: { Location: { schema: text({ format: 'uri-reference' }) } },
        },
        400: htmlPage('Not a decision.'),
        404: htmlPage('There is no such page.'),
        410: htmlPage('The decision was taken before, or the time is over.'),
        503: refTo('responses', 'Unavailable'),
      },
    },
  },
];

const description =
  'Payments in the shape of R Commerce. Each address answers below /api/v1 and /api/v2 alike; it ' +
  'is the body that says which generation’s answer is wanted. The same payments are at /v1 in ' +
  'the shape of Onerway and Stripe, which /v1/openapi.json describes; what else there is, ' +
  '/openapi.json. Bodies are JSON. Keys belong to an account and to test or live mode; the two ' +
  'never see each other, and what belongs to others answers as if it were absent. HEAD works ' +
  'wherever GET does, an address that does not take a method answers 405 with Allow. Unknown ' +
  'members of a body and unknown filters are errors that name them. An id may be written bare, ' +
  'with its prefix, or as the other dialect does. Each key has a limit, which answers tell as ' +
  'X-RateLimit-Limit, X-RateLimit-Remaining and X-RateLimit-Reset.';

export function describeRcommerce() {
  const rows = operations.map((row) => ({ ...row, operation: operationOf(row) }));
  return {
    openapi: '3.1.0',
    info: {
      title: 'Postern payments, R Commerce dialect',
      version: '2',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
      description,
    },
    servers: [{ url: '/api/v1' }, { url: '/api/v2' }],
    security: [{ bearer: [] }, { basic: [] }],
    tags,
    paths: pathsOf([...rows, ...openOperations]),
    components: {
      securitySchemes: security,
      headers,
      parameters,
      responses,
      schemas: {
        ...schemas,
        Decision: {
          type: 'object',
          required: ['outcome'],
          properties: { outcome: words('succeeded', 'failed', 'abandoned') },
        },
      },
    },
  };
}
