// Test data and live data never see each other, whichever way a live key looks for a test object.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import { secretKey } from './lib/daemon.mjs';
import {
  assertError,
  cardOf,
  kDisputed,
  newer,
  older,
  shopClientOf,
  startShop,
} from './lib/rcommerce.mjs';
import { clientOf } from './lib/stripe_client.mjs';

const kLiveKey = 'sk_live_modes0123456789abcdef0123456789';

// A daemon whose first key is a live one, and a key to test data that it made.
async function startBoth(t) {
  const { daemon } = await startShop(t, { env: { POSTERN_BOOTSTRAP_SECRET_KEY: kLiveKey } });
  const live = shopClientOf(daemon, { key: kLiveKey });
  const wish = { kind: 'secret', name: 'tests', livemode: false };
  const made = await live.post('/api/v2/api-keys', wish, { status: 201 });
  assert.match(made.json.key, /^sk_test_/);
  const { key } = made.json;
  return { live, api: shopClientOf(daemon, { key }), stripe: clientOf(daemon, { key }) };
}

test('test data is absent for a live key', async (t) => {
  const { live, api, stripe } = await startBoth(t);
  const customer = randomUUID();
  const body = older(kDisputed, { customer_id: customer });
  const { json: payment } = await api.post('/api/v1/payments', body, { status: 201 });
  const { json: plain } = await api.post('/api/v1/payments', older(), { status: 201 });
  const refunds = `/api/v1/payments/${plain.id}/refunds`;
  const { json: refund } = await api.post(refunds, { amount: '1.00' }, { status: 201 });
  const saving = { gateway_id: 'stripe', payment_method_data: cardOf(), customer_id: customer };
  const { json: saved } = await api.post('/api/v2/payment-methods', saving, { status: 201 });
  const { json: seen } = await api.get(`/api/v1/payments/${payment.id}`, null, { status: 200 });
  await api.post('/api/v2/sandbox/settle', {}, { status: 200 });
  const payout = await stripe.payouts.create({ amount: 1000, currency: 'usd' });
  const disputed = `/api/v1/disputes/${seen.dispute.id}`;
  const absent = [
    ['get', `/api/v1/payments/${payment.id}`, 'PAYMENT_NOT_FOUND'],
    ['get', `/api/v1/payments/${payment.transaction_id}`, 'PAYMENT_NOT_FOUND'],
    ['post', `/api/v1/payments/${payment.id}/capture`, 'PAYMENT_NOT_FOUND'],
    ['post', `/api/v1/payments/${payment.id}/cancel`, 'PAYMENT_NOT_FOUND'],
    ['post', `/api/v1/payments/${payment.id}/complete`, 'PAYMENT_NOT_FOUND'],
    ['post', refunds, 'PAYMENT_NOT_FOUND'],
    ['get', refunds, 'PAYMENT_NOT_FOUND'],
    ['get', `${refunds}/${refund.id}`, 'PAYMENT_NOT_FOUND'],
    ['post', `/api/v1/payment_intents/${payment.transaction_id}/confirm`, 'PAYMENT_NOT_FOUND'],
    ['get', disputed, 'DISPUTE_NOT_FOUND'],
    ['get', `/api/v1/payouts/${payout.id}`, 'NOT_FOUND'],
    ['delete', `/api/v2/payment-methods/${saved.token}`, 'NOT_FOUND'],
  ];
  for (const [method, path, code] of absent) {
    const route = path.replace(/[0-9a-f]{8}-[0-9a-f-]{27}|(?<=p[iom]_)\w+/g, '…');
    await t.test(`${method} ${route}`, async () => {
      assertError(await live[method](path), 404, code);
    });
  }
  await t.test('evidence', async () => {
    const answer = await live.post(`${disputed}/evidence`, { uncategorized_text: 'x' });
    assertError(answer, 404, 'DISPUTE_NOT_FOUND');
  });
  await t.test('lists', async () => {
    for (const path of ['payments', 'disputes', 'payouts', 'balance/transactions']) {
      const { json: list } = await live.get(`/api/v1/${path}`, null, { status: 200 });
      assert.deepEqual([list.data, list.meta.pagination.total], [[], 0], path);
    }
    const tokens = `/api/v2/customers/${customer}/payment-methods`;
    assert.deepEqual((await live.get(tokens, null, { status: 200 })).json, []);
    const { json: balance } = await live.get('/api/v1/balance', null, { status: 200 });
    for (const { amount } of balance.available) assert.equal(amount, '0.00');
  });
});

test('real money never goes to a sandbox', async (t) => {
  const { live } = await startBoth(t);
  for (const body of [newer(), older()]) {
    assertError(await live.post('/api/v1/payments', body), 404, 'GATEWAY_NOT_FOUND');
  }
  const offered = await live.post('/api/v1/payments/methods', { currency: 'USD' }, { status: 200 });
  assert.deepEqual(offered.json, []);
  const wish = { payment_id: `pay_${randomUUID()}` };
  const dispute = await live.post('/api/v2/sandbox/disputes', wish);
  assertError(dispute, 403, 'FORBIDDEN');
  assertError(await live.get('/api/v1/payments', null, { key: secretKey }), 401, 'UNAUTHORIZED');
});
