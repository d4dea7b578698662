// What time does to payments: challenges that end, keys that are forgotten, money that becomes
// available, and the day's payout. The daemon is started again when it is later.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventually } from './lib/delivery.mjs';
import { startLater } from './lib/later.mjs';
import {
  assertError,
  kAvailableAtOnce,
  kChallenged,
  kGood,
  newer,
  outcome,
  pageOf,
  paid,
  paymentOf,
  shopClientOf,
  startShop,
} from './lib/rcommerce.mjs';
import { clientOf } from './lib/stripe_client.mjs';

const kHourSeconds = 3_600;
const kDaySeconds = 24 * kHourSeconds;

// The same store, so much later.
async function after(t, { daemon }, seconds, options = {}) {
  await daemon.stop();
  const later = await startLater(t, { folder: daemon.folder, seconds, ...options });
  return { later, api: shopClientOf(later), stripe: clientOf(later) };
}

test('a challenge that nobody meets fails after half an hour', async (t) => {
  const shop = await startShop(t);
  const asked = await outcome(shop.api, kChallenged);
  const { api, later } = await after(t, shop, kHourSeconds / 2);
  await eventually('its end', async () => {
    const { status } = await paymentOf(api, asked.payment_id);
    return status === 'failed';
  });
  assert.equal((await later.request('GET', pageOf(asked))).status, 410);
  const late = await later.request('POST', pageOf(asked), {
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: 'outcome=succeeded',
  });
  assert.equal(late.status, 410);
  const target = `/api/v1/payments/${asked.payment_id}/complete`;
  const { json: end } = await api.post(target, null, { status: 402 });
  assert.deepEqual([end.type, end.decline_code], ['failed', 'authentication_failed']);
  const told = await eventually('its webhook', async () => {
    const items = await later.inbox();
    return items.length === 2 && items;
  });
  for (const item of told) assert.equal(item.event_ids.length, 1);
  assert.equal((await later.events({ type: 'payment.failed' })).length, 1);
});

test('a key is remembered for a day', async (t) => {
  const shop = await startShop(t);
  const body = newer(kGood, { idempotency_key: 'day' });
  const first = await shop.api.post('/api/v1/payments', body, { status: 201 });
  const next = await after(t, shop, 23 * kHourSeconds);
  const again = await next.api.post('/api/v1/payments', body, { status: 201 });
  assert.equal(again.json.payment_id, first.json.payment_id);
  const other = { ...body, amount: '7.00' };
  assertError(await next.api.post('/api/v1/payments', other), 409, 'IDEMPOTENCY_KEY_REUSED');
  const last = await after(t, { daemon: next.later }, 25 * kHourSeconds);
  const made = await last.api.post('/api/v1/payments', other, { status: 201 });
  assert.notEqual(made.json.payment_id, first.json.payment_id);
});

test('money becomes available, and is paid out by the day', async (t) => {
  const payments = { sandbox_settle_milliseconds: 200 };
  const shop = await startShop(t, { payments });
  await paid(shop.api, kAvailableAtOnce);
  await paid(shop.api, kAvailableAtOnce, { currency: 'EUR' });
  await paid(shop.api, kGood, { amount: '100.00' });
  const { json: before } = await shop.api.get('/api/v1/balance');
  assert.deepEqual(
    before.available.map(({ currency, amount }) => [currency, amount]),
    [
      ['EUR', '57.46'],
      ['USD', '57.46'],
    ],
  );
  const config = { payments: { ...payments, payouts: 'daily' } };
  const next = await after(t, shop, 9 * kDaySeconds, { config });
  const payouts = await eventually('the payouts', async () => {
    const { json: page } = await next.api.get('/api/v1/payouts?status=paid');
    return page.data.length === 2 && page.data;
  });
  assert.deepEqual(payouts.map(({ automatic }) => automatic), [true, true]);
  assert.deepEqual(payouts.map(({ currency }) => currency).sort(), ['EUR', 'USD']);
  const { json: balance } = await next.api.get('/api/v1/balance');
  const sums = [...balance.available, ...balance.pending].map(({ amount }) => amount);
  assert.deepEqual([...new Set(sums)], ['0.00']);
  const types = ['payout.created', 'payout.paid'];
  const { data: told } = await next.stripe.events.list({ types });
  assert.equal(told.length, 4);
  const { data: available } = await next.stripe.events.list({ type: 'balance.available' });
  assert.ok(available.length >= 1);
});
