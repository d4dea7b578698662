// Which errors the operations of /api/v1 and /api/v2 answer, by status and code.
import { json, limitHeaders, refTo, refsTo, replayHeaders, retryAfter } from './document.mjs';
import { answer, list, maybe, orNull, ref, text, words } from './schema.mjs';

const declines = [
  'CARD_DECLINED',
  'INSUFFICIENT_FUNDS',
  'EXPIRED_CARD',
  'INCORRECT_CVC',
  'PROCESSING_ERROR',
];
const reused = 'IDEMPOTENCY_KEY_REUSED';

// Name of a response: its status, its codes, and what it means.
const kRefusals = {
  Invalid: [400, ['VALIDATION_ERROR'], 'Something in the request is wrong; details name it all.'],
  InvalidAmount: [400, ['INVALID_AMOUNT', 'VALIDATION_ERROR'], 'Not a decimal, or out of limits.'],
  InvalidQuery: [
    400,
    ['INVALID_CURRENCY', 'INVALID_AMOUNT', 'VALIDATION_ERROR'],
    'Not a currency, or not a decimal.',
  ],
  InvalidPayment: [
    400,
    ['INVALID_AMOUNT', 'INVALID_CURRENCY', 'INVALID_PAYMENT_METHOD', 'VALIDATION_ERROR'],
    'The sum, the currency, or the card or bank details are wrong.',
  ],
  InvalidMethod: [
    400,
    ['INVALID_PAYMENT_METHOD', 'VALIDATION_ERROR'],
    'The card or bank details are wrong, or the token is not known.',
  ],
  InvalidRefund: [
    400,
    ['REFUND_AMOUNT_INVALID', 'INVALID_AMOUNT', 'VALIDATION_ERROR'],
    'Zero, negative, more than is left, or no decimal.',
  ],
  Unauthorized: [401, ['UNAUTHORIZED'], 'No key, an unknown key or a revoked one.'],
  Declined: [402, declines, 'The payment was refused.'],
  Forbidden: [
    403,
    ['FORBIDDEN'],
    'A key that may not do this: a restricted one may only read, a publishable one nothing here.',
  ],
  PaymentNotFound: [404, ['PAYMENT_NOT_FOUND'], 'No payment of this key’s account and mode.'],
  RefundNotFound: [404, ['PAYMENT_NOT_FOUND', 'NOT_FOUND'], 'No such payment, or no such refund.'],
  DisputeNotFound: [404, ['DISPUTE_NOT_FOUND'], 'No dispute of this key’s account and mode.'],
  GatewayNotFound: [404, ['GATEWAY_NOT_FOUND'], 'No gateway of this name is configured.'],
  NotFound: [404, ['NOT_FOUND'], 'Not there, or not of this key’s account and mode.'],
  KeyReused: [409, [reused], 'The idempotency key came with another request, or is in use.'],
  Conflict: [
    409,
    ['CONFLICT', reused],
    'This cannot be done as things stand, or the idempotency key came with another request.',
  ],
  AlreadyCaptured: [
    409,
    ['ALREADY_CAPTURED', 'CONFLICT', reused],
    'The money was taken already, or the payment was canceled.',
  ],
  AlreadyRefunded: [
    409,
    ['ALREADY_REFUNDED', 'CONFLICT', reused],
    'Nothing is left to give back, or the payment is disputed or was never captured.',
  ],
  TooLarge: [413, ['VALIDATION_ERROR'], 'The body is larger than 16 MB.'],
  TooLong: [414, ['VALIDATION_ERROR'], 'The address is longer than 8 KB.'],
  TooManyRequests: [429, ['RATE_LIMITED'], "The key's limit is reached."],
  Failed: [500, ['INTERNAL_ERROR'], 'Something went wrong on our side; nothing was changed.'],
  Unavailable: [503, ['UNAVAILABLE'], 'The store cannot answer now.'],
};

const allCodes = [...new Set(Object.values(kRefusals).flatMap(([, codes]) => codes))];
const requestId = text({ pattern: '^req_[0-9a-f]{24}$', examples: [`req_${'0'.repeat(24)}`] });

export const errorSchemas = {
  ErrorMembers: answer({
    code: words(...allCodes, 'METHOD_NOT_ALLOWED'),
    message: text({ description: 'In English or Chinese, by Accept-Language.' }),
    details: list(answer({ field: text(), message: text() })),
    payment_id: maybe(text()),
    decline_code: maybe(text({ description: 'The finer reason.' })),
    request_id: orNull(requestId),
  }),
  Error: answer({ error: ref('ErrorMembers') }),
};

export const headers = {
  'X-Request-ID': {
    description: 'Names this request in the request log and in a question to the operator.',
    required: true,
    schema: requestId,
  },
  'Idempotency-Key': { description: 'The key that counted.', schema: text() },
  ...limitHeaders,
  ...replayHeaders,
  'Retry-After': retryAfter,
};
export const ofEvery = refsTo('headers', ['X-Request-ID', ...Object.keys(limitHeaders)]);
export const ofWrites = {
  ...ofEvery,
  ...refsTo('headers', ['Idempotency-Key', ...Object.keys(replayHeaders)]),
};
const ofWaits = { ...ofEvery, ...refsTo('headers', ['Retry-After']) };

const messages = {
  CARD_DECLINED: '您的卡被拒绝。',
  PAYMENT_NOT_FOUND: 'There is no payment of this id.',
};

const exampleOfError = (code, description) => ({
  error: {
    code,
    message: messages[code] ?? description,
    details: [],
    request_id: `req_${'0'.repeat(24)}`,
  },
});

function refusal([status, codes, description]) {
  const schema = {
    ...ref('Error'),
    properties: {
      error: { additionalProperties: true, properties: { code: { enum: codes } } },
    },
  };
  const ofStatus = { 402: ofWrites, 429: ofWaits, 503: ofWaits };
  return json(`${codes.join(', ')}: ${description}`, schema, {
    headers: {
      ...(ofStatus[status] ?? ofEvery),
      ...(status === 401 ? { 'WWW-Authenticate': { schema: text() } } : {}),
    },
    example: exampleOfError(codes[0], description),
  });
}

const orFailed = (name, codes) => ({
  ...json(
    'What the checkout shows, and the error beside it.',
    { anyOf: [ref('PaymentFailed'), ref('Error')] },
    { headers: ofWrites, example: failedExample(codes) },
  ),
});

function failedExample(code) {
  const message = messages[code] ?? 'The payment was canceled.';
  const paymentId = 'pay_550e8400-e29b-41d4-a716-446655440000';
  return {
    type: 'failed',
    payment_id: paymentId,
    error_code: code === 'CONFLICT' ? 'payment_canceled' : code.toLowerCase(),
    decline_code: null,
    error_message: message,
    retry_allowed: code !== 'CONFLICT',
    error: { ...exampleOfError(code, message).error, payment_id: paymentId },
  };
}

export const responses = {
  ...Object.fromEntries(Object.entries(kRefusals).map(([name, row]) => [name, refusal(row)])),
  PaymentFailed: orFailed('PaymentFailed', 'CARD_DECLINED'),
  PaymentCanceled: orFailed('PaymentCanceled', 'CONFLICT'),
};

const statusOf = { PaymentFailed: 402, PaymentCanceled: 409 };

// Beside those of every operation, those that are named.
export function errorsOf({ writes, refusals }) {
  const always = ['Unauthorized', 'Forbidden', 'TooLong', 'TooManyRequests', 'Failed'];
  const names = [...always, 'Unavailable', ...refusals, ...(writes ? ['TooLarge'] : [])];
  return Object.fromEntries(
    names.map((name) => [statusOf[name] ?? kRefusals[name][0], refTo('responses', name)]),
  );
}
