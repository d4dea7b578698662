// What a provider tells by itself about a payment of ours: it moves the payment, never backwards,
// never by a sum or a payment that cannot be meant, and is told once.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assertCircle, heardOf, startCircle, stripeNews, toldByStripe } from './lib/circle.mjs';
import { unique } from './lib/delivery.mjs';
import {
  assertError,
  choose,
  kChallenged,
  kGood,
  outcome,
  pageOf,
  paid,
  paymentOf,
} from './lib/rcommerce.mjs';
import { stripeGateway } from './lib/stripe.mjs';

const start = (t) => startCircle(t, { config: { gateways: [stripeGateway] } });
const kMoney = { amount: 5949, currency: 'usd' };
const kCaptured = { ...kMoney, amount_received: 5949, status: 'succeeded' };

async function post({ daemon }, news) {
  const answer = await daemon.webhook('stripe', news);
  assert.equal(answer.status, 200, answer.text);
  const [item] = await daemon.inbox();
  assert.equal(item.verdict, 'verified');
  return item;
}

test('a customer who pays at the provider has paid here', async (t) => {
  const circle = await start(t);
  const { api, daemon } = circle;
  const asked = await outcome(api, kChallenged);
  await heardOf(circle, asked.payment_id, 1);
  const { transaction_id: intent } = await paymentOf(api, asked.payment_id);
  await post(circle, toldByStripe(intent, 'payment_intent.succeeded', kCaptured));
  await assertCircle(circle, asked.payment_id, {
    told: ['payment.created', 'payment.requires_action', 'payment.succeeded'],
    heard: ['payment.requires_action', 'payment.succeeded'],
  });
  const seen = await paymentOf(api, asked.payment_id);
  assert.deepEqual([seen.status, seen.next_action], ['succeeded', null]);
  assert.equal((await choose(daemon, asked, 'failed')).status, 410);
  assert.equal((await daemon.request('GET', pageOf(asked))).status, 410);
  assert.equal((await paymentOf(api, asked.payment_id)).status, 'succeeded');
});

test('a refund made at the provider’s desk is one here', async (t) => {
  const circle = await start(t);
  const { api } = circle;
  const { id, payment_id: payment, transaction_id: intent } = await paid(api);
  await heardOf(circle, payment, 1);
  const refund = {
    id: unique('re'),
    object: 'refund',
    amount: 1949,
    currency: 'usd',
    payment_intent: intent,
    status: 'succeeded',
  };
  await post(circle, stripeNews('refund.created', refund));
  await post(circle, stripeNews('refund.updated', refund));
  const seen = await paymentOf(api, id);
  assert.deepEqual([seen.refunded_amount, seen.refunds.length], ['19.49', 1]);
  assert.equal(seen.refunds[0].gateway_refund_id, refund.id);
  await t.test('told in its order', () =>
    assertCircle(circle, payment, {
      told: ['payment.created', 'payment.succeeded', 'refund.created', 'refund.succeeded'],
      heard: ['payment.succeeded', 'refund.succeeded', 'refund.succeeded'],
    }),
  );
  const over = await api.post(`/api/v1/payments/${id}/refund`, { amount: '40.01' });
  assertError(over, 400, 'REFUND_AMOUNT_INVALID');
  await api.post(`/api/v1/payments/${id}/refund`, { amount: '40.00' }, { status: 201 });
});

test('a dispute that the provider opens is one here, and ends as it says', async (t) => {
  const circle = await start(t);
  const { api } = circle;
  for (const end of ['won', 'lost']) {
    await t.test(end, async () => {
      const { id, payment_id: payment, transaction_id: intent } = await paid(api);
      await heardOf(circle, payment, 1);
      const dispute = {
        id: unique('dp'),
        object: 'dispute',
        amount: 5949,
        currency: 'usd',
        payment_intent: intent,
        reason: 'product_not_received',
        status: 'needs_response',
      };
      await post(circle, stripeNews('charge.dispute.created', dispute));
      const { dispute: opened } = await paymentOf(api, id);
      assert.deepEqual(
        [opened.status, opened.reason, opened.amount, opened.gateway_dispute_id],
        ['needs_response', 'product_not_received', '59.49', dispute.id],
      );
      assertError(await api.post(`/api/v1/payments/${id}/refund`), 409, 'CONFLICT');
      await post(circle, stripeNews('charge.dispute.closed', { ...dispute, status: end }));
      assert.equal((await paymentOf(api, id)).dispute.status, end);
      await assertCircle(circle, payment, {
        told: ['payment.created', 'payment.succeeded', 'dispute.created', 'dispute.closed'],
        heard: ['payment.succeeded', 'dispute.created', 'dispute.closed'],
      });
    });
  }
});

// News that must not move a payment of 59.49 USD, and the state in which it is.
const kRefused = [
  ['a failure after the money came', 'succeeded', 'payment_intent.payment_failed', kMoney],
  ['a cancel after the money came', 'succeeded', 'payment_intent.canceled', kMoney],
  ['a challenge after the money came', 'succeeded', 'payment_intent.requires_action', kMoney],
  ['money after the cancel', 'canceled', 'payment_intent.succeeded', kCaptured],
  ['more money than was asked for', 'pending', 'payment_intent.succeeded', {
    ...kCaptured,
    amount: 6000,
    amount_received: 6000,
  }],
  ['money in another currency', 'pending', 'payment_intent.succeeded', {
    ...kCaptured,
    currency: 'eur',
  }],
  ['less money than was asked for', 'pending', 'payment_intent.succeeded', {
    ...kCaptured,
    amount_received: 50,
  }],
];

async function paymentIn(circle, status) {
  const { api } = circle;
  if (status === 'succeeded') return paid(api);
  if (status === 'pending') {
    const asked = await outcome(api, kChallenged);
    await heardOf(circle, asked.payment_id, 1);
    return paymentOf(api, asked.payment_id);
  }
  const held = await paid(api, kGood, { capture_method: 'manual' });
  return (await api.post(`/api/v1/payments/${held.id}/cancel`, null, { status: 200 })).json;
}

test('a payment goes by nothing backwards, nor by a sum that cannot be', async (t) => {
  const circle = await start(t);
  const { api, stripe } = circle;
  for (const [name, status, type, more] of kRefused) {
    await t.test(name, async () => {
      const before = await paymentIn(circle, status);
      const books = await stripe.balance.retrieve();
      await post(circle, toldByStripe(before.transaction_id, type, more));
      const { updated_at: _, ...kept } = await paymentOf(api, before.id);
      const { updated_at: __, ...was } = before;
      assert.deepEqual(kept, was);
      assert.deepEqual(await stripe.balance.retrieve(), books);
    });
  }
});

test('news of another payment moves none of ours', async (t) => {
  const circle = await start(t);
  const { api } = circle;
  const others = {
    'by an order number': ({ transaction_id: id }) => [{ metadata: { order_id: id } }],
    'by our id as an order number': ({ payment_id: id }) => [{ metadata: { order_id: id } }],
    'in live mode': ({ transaction_id: id }) => [{ id }, { livemode: true }],
  };
  for (const [name, newsAbout] of Object.entries(others)) {
    await t.test(name, async () => {
      const victim = await paymentIn(circle, 'pending');
      const [object, more] = newsAbout(victim);
      const intent = { id: unique('pi'), object: 'payment_intent', ...kCaptured, ...object };
      await post(circle, stripeNews('payment_intent.succeeded', intent, more));
      const { status } = await paymentOf(api, victim.id);
      assert.equal(status, 'pending');
    });
  }
});

test('a refund or a dispute that cannot be meant moves nothing', async (t) => {
  const circle = await start(t);
  const { api, stripe } = circle;
  const payment = await paid(api);
  const of = { payment_intent: payment.transaction_id, currency: 'usd', status: 'succeeded' };
  const refund = (more) => ({ id: unique('re'), object: 'refund', amount: 100, ...of, ...more });
  const dispute = (more) => ({
    ...of,
    id: unique('dp'),
    object: 'dispute',
    amount: 5949,
    reason: 'fraudulent',
    status: 'needs_response',
    ...more,
  });
  const news = [
    ['a refund of more than was paid', 'refund.created', refund({ amount: 6000 })],
    ['a refund in another currency', 'refund.created', refund({ currency: 'eur' })],
    ['a refund that failed and never was', 'refund.failed', refund({ status: 'failed' })],
    ['a dispute of more', 'charge.dispute.created', dispute({ amount: 6000 })],
    ['a dispute in another currency', 'charge.dispute.created', dispute({ currency: 'eur' })],
  ];
  for (const [name, type, object] of news) {
    await t.test(name, async () => {
      const books = await stripe.balance.retrieve();
      await post(circle, stripeNews(type, object));
      const { refunded_amount: sum, dispute: opened } = await paymentOf(api, payment.id);
      assert.deepEqual([sum, opened], ['0.00', null]);
      assert.deepEqual(await stripe.balance.retrieve(), books);
    });
  }
});

test('what nobody here asked for is an event, and no payment', async (t) => {
  const circle = await start(t);
  const { api, daemon } = circle;
  const item = await post(
    circle,
    toldByStripe(unique('pi'), 'payment_intent.succeeded', kCaptured),
  );
  assert.equal(item.event_ids.length, 1);
  assert.equal((await daemon.events({ type: 'payment.succeeded' })).length, 1);
  assert.equal((await api.get('/api/v1/payments')).json.meta.pagination.total, 0);
});
