// Which errors the operations of /v1 answer. A code that is not named here is not sent.
import { json, limitHeaders, refTo, refsTo, replayHeaders, retryAfter } from './document.mjs';
import { answer, id, maybe, ref, text, words } from './schema.mjs';

const parameterCodes = [
  'parameter_missing',
  'parameter_unknown',
  'parameter_invalid_integer',
  'parameter_invalid_empty',
  'email_invalid',
  'url_invalid',
  'resource_missing',
];

// Beside those of every parameter.
const codes = {
  Search: ['parameter_invalid_string'],
  Payment: [
    'amount_too_small',
    'amount_too_large',
    'account_number_invalid',
    'routing_number_invalid',
    'customer_max_payment_methods',
    'payment_intent_unexpected_state',
    'payment_intent_incompatible_payment_method',
    'payment_method_currency_mismatch',
  ],
  PaymentMethod: [
    'account_number_invalid',
    'routing_number_invalid',
    'customer_max_payment_methods',
  ],
  Customer: ['max_customers', 'customer_max_payment_methods'],
  Refund: ['charge_already_refunded', 'charge_disputed'],
  Money: ['balance_insufficient'],
};

const cardCodes = [
  'card_declined',
  'expired_card',
  'incorrect_cvc',
  'insufficient_funds',
  'processing_error',
  'invalid_number',
  'invalid_expiry_month',
  'invalid_expiry_year',
  'invalid_cvc',
];

const otherCodes = [
  'idempotency_key_in_use',
  'rate_limit',
  'api_key_expired',
  'secret_key_required',
  'account_invalid',
];
export const allCodes = [
  ...new Set([...parameterCodes, ...Object.values(codes).flat(), ...cardCodes, ...otherCodes]),
];

export const errorSchemas = {
  Error: answer({
    error: answer({
      type: words(
        'api_error',
        'card_error',
        'idempotency_error',
        'invalid_request_error',
        'rate_limit_error',
      ),
      message: text(),
      code: maybe(words(...allCodes)),
      param: maybe(text({ description: 'The parameter at fault, as a form spells it.' })),
      doc_url: maybe(text({ format: 'uri' })),
      request_log_url: maybe(text({ format: 'uri' })),
      decline_code: maybe(text({ description: "The bank's reason, if it gave one." })),
      charge: maybe(id('ch')),
      payment_intent: maybe({
        anyOf: [ref('PaymentIntent'), ref('PublicPaymentIntent')],
        description: 'As it stands now.',
      }),
      payment_method: maybe(ref('PaymentMethod')),
    }),
  }),
};

export const headers = {
  'Request-Id': {
    description: 'Names this request in the request log and in a question to the operator.',
    required: true,
    schema: text({ pattern: '^req_[0-9a-f]{24}$' }),
  },
  'Onerway-Version': {
    description: 'As the request said it, or 2024-11-01.',
    required: true,
    schema: text({ pattern: '^[0-9]{4}-[0-9]{2}-[0-9]{2}$' }),
  },
  'Stripe-Version': { description: 'As the request said it.', schema: text() },
  'Idempotency-Key': { description: 'As the request said it.', schema: text() },
  ...limitHeaders,
  ...replayHeaders,
  'Retry-After': retryAfter,
  'Stripe-Should-Retry': {
    description: 'Whether the same request may be sent again.',
    schema: words('true', 'false'),
  },
};

export const ofEvery = refsTo(
  'headers',
  Object.keys(headers).filter((name) => !/Retry|Replayed|Original/.test(name)),
);
export const ofWrites = { ...ofEvery, ...refsTo('headers', Object.keys(replayHeaders)) };
const toRetry = refsTo('headers', ['Retry-After', 'Stripe-Should-Retry']);

const invalid = (message, { code, param, type = 'invalid_request_error' } = {}) => ({
  error: { type, message, ...(code ? { code } : {}), ...(param ? { param } : {}) },
});

const limitedTo = (names) => ({
  ...ref('Error'),
  properties: {
    error: { additionalProperties: true, properties: { code: { enum: names } } },
  },
});

const badInteger = invalid('Invalid integer: ten', {
  code: 'parameter_invalid_integer',
  param: 'amount',
});

const badRequests = Object.fromEntries(
  ['', ...Object.keys(codes)].map((name) => [
    `Invalid${name}Request`,
    json(
      'A parameter is wrong, or this cannot be done as things stand; or, as idempotency_error, ' +
        'the Idempotency-Key came with another request before.',
      limitedTo([...parameterCodes, ...(codes[name] ?? [])]),
      { headers: ofEvery, example: badInteger },
    ),
  ]),
);

const error = (description, example, own = {}) =>
  json(description, ref('Error'), { headers: { ...ofEvery, ...own }, example });

export const responses = {
  ...badRequests,
  Unauthorized: error(
    'No key, an unknown key or a revoked one.',
    invalid('Invalid API Key provided: sk_test_****1234'),
    { 'WWW-Authenticate': { schema: text() } },
  ),
  Declined: json(
    'The card or the account was refused. The payment waits for another one.',
    limitedTo(cardCodes),
    {
      headers: ofWrites,
      example: invalid('Your card was declined.', {
        type: 'card_error',
        code: 'card_declined',
        param: 'payment_method',
      }),
    },
  ),
  Forbidden: error(
    'A key that may not do this: a restricted one may only read, and a publishable one may do ' +
      'little; in sandbox routes, a live one. The message says which key to use.',
    invalid('A restricted key may only read; use a secret key for this'),
  ),
  NotFound: error(
    'Not there, or not of this key’s account and mode.',
    invalid("No such payment_intent: 'pi_1'", { code: 'resource_missing', param: 'intent' }),
  ),
  KeyInUse: error(
    'A request with this Idempotency-Key is being carried out at this moment.',
    invalid('There is currently another in-progress request using this Idempotency Key.', {
      type: 'idempotency_error',
      code: 'idempotency_key_in_use',
    }),
    toRetry,
  ),
  TooLarge: error(
    'The body is larger than 16 MB.',
    invalid('The body is larger than this server takes'),
  ),
  TooLong: error('The address is longer than 8 KB.', invalid('The request target is too long')),
  TooManyRequests: error(
    "The key's limit is reached, or too many wrong keys came from this address.",
    invalid("Too many requests: this key's limit is reached; please ask again later", {
      type: 'rate_limit_error',
      code: 'rate_limit',
    }),
    refsTo('headers', ['Retry-After']),
  ),
  Failed: error(
    'Something went wrong on our side; nothing was changed.',
    invalid('Something went wrong on our side; nothing was changed', { type: 'api_error' }),
    toRetry,
  ),
  Unavailable: error(
    'The store cannot answer now.',
    invalid('The store cannot answer now; please ask again later', { type: 'api_error' }),
    toRetry,
  ),
};

const response = (name) => refTo('responses', name);

// `special` names what a 400 may tell beside wrong parameters; declines come with it or alone.
export function errorsOf({ writes, special = '', declines = false, hasId = false }) {
  return {
    400: response(`Invalid${special}Request`),
    401: response('Unauthorized'),
    ...(declines ? { 402: response('Declined') } : {}),
    403: response('Forbidden'),
    ...(hasId ? { 404: response('NotFound') } : {}),
    ...(writes ? { 409: response('KeyInUse'), 413: response('TooLarge') } : {}),
    414: response('TooLong'),
    429: response('TooManyRequests'),
    500: response('Failed'),
    503: response('Unavailable'),
  };
}
