// A shop that speaks the R Commerce dialect: a daemon, a plain client of it, and what tests of
// payments send again and again. The books are audited when the test ends.
import assert from 'node:assert/strict';
import { secretKey } from './daemon.mjs';
import { json } from './delivery.mjs';
import { form, startPaying } from './stripe_client.mjs';

export const kGood = '4242424242424242';
export const kDeclined = '4000000000000002';
export const kChallenged = '4000002500003155';
export const kChallengedToo = '4000008400001629';
export const kFrictionless = '4000000000003220';
export const kAvailableAtOnce = '4000000000000077';
export const kDisputed = '4000000000000259';
export const kChinese = { 'accept-language': 'zh-CN,zh;q=0.9' };

export const cardOf = (number = kGood) => ({
  type: 'card',
  card: { number, exp_month: 12, exp_year: 2025, cvc: '123', name: 'John Doe' },
});

export const bankOf = (account_number = '000123456789') => ({
  type: 'bank_transfer',
  bank_transfer: {
    account_number,
    routing_number: '110000000',
    account_holder_name: 'John Doe',
    bank_name: '测试银行',
  },
});

// The bodies of both generations: `gateway` asks for the payment, `gateway_id` for the outcome.
export const older = (number = kGood, more = {}) => ({
  gateway: 'stripe',
  amount: '59.49',
  currency: 'USD',
  payment_method: cardOf(number),
  ...more,
});
export const newer = (number = kGood, more = {}) => {
  const { gateway, ...body } = older(number, more);
  return { gateway_id: gateway, ...body };
};

// Asks and answers { status, headers, text, json }; a status that is named must be the one that
// comes.
export function shopClientOf(daemon, standard = {}) {
  const ask = (method) => async (target, body, options = {}) => {
    const { headers = {}, key = secretKey, status } = { ...standard, ...options };
    const authorization = key ? { authorization: `Bearer ${key}` } : {};
    const text = typeof body === 'object' && body ? JSON.stringify(body) : body;
    const answer = await daemon.request(method, target, {
      headers: { ...authorization, ...(text ? json : {}), ...headers },
      body: text ?? undefined,
    });
    if (status) assert.equal(answer.status, status, `${method} ${target}: ${answer.text}`);
    return answer;
  };
  return { get: ask('GET'), post: ask('POST'), delete: ask('DELETE'), put: ask('PUT') };
}

// { daemon, stripe, api }; `stripe` is the SDK over the same account.
export async function startShop(t, options = {}) {
  const { daemon, stripe } = await startPaying(t, options);
  return { daemon, stripe, api: shopClientOf(daemon) };
}

export function assertError(answer, status, code, fields) {
  assert.equal(answer.status, status, answer.text);
  const { error } = answer.json;
  assert.equal(error.code, code, answer.text);
  assert.equal(typeof error.message, 'string');
  assert.ok(error.message.length > 0, answer.text);
  assert.ok(Array.isArray(error.details), answer.text);
  assert.ok(error.request_id);
  assert.equal(error.request_id, answer.headers['x-request-id']);
  if (fields) assert.deepEqual(error.details.map(({ field }) => field), fields);
}

// "/sandbox/actions/act_…" of what a payment requires.
export const pageOf = ({ action_data: data }) => new URL(data.redirect_url).pathname;

export const choose = (daemon, asked, outcome) =>
  daemon.request('POST', pageOf(asked), { headers: form, body: `outcome=${outcome}` });

// A payment in the older form, made and answered with 201.
export const paid = async (api, number, more = {}) =>
  (await api.post('/api/v1/payments', older(number, more), { status: 201 })).json;

// An outcome in the newer form.
export const outcome = async (api, number, more = {}) =>
  (await api.post('/api/v1/payments', newer(number, more), { status: 201 })).json;

export const paymentOf = async (api, id) =>
  (await api.get(`/api/v1/payments/${id}`, null, { status: 200 })).json;
