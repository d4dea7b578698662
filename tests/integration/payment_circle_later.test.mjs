// What happens to a payment later, all the way round: refunds, disputes, captures, debits of banks,
// lost answers, webhooks that come late or twice, payouts.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  assertAllClosed,
  assertCircle,
  eventsOf,
  heardOf,
  startCircle,
  toldByStripe,
} from './lib/circle.mjs';
import { eventually } from './lib/delivery.mjs';
import {
  bankOf,
  choose,
  kAvailableAtOnce,
  kChallenged,
  kDisputed,
  kGood,
  outcome,
  paid,
  paymentOf,
} from './lib/rcommerce.mjs';
import { stripeGateway } from './lib/stripe.mjs';

const kCardGateways = ['stripe', 'airwallex', 'onerway'];
const kPaid = ['payment.created', 'payment.succeeded'];
const kWalletPaid = [
  'payment.created',
  'payment.requires_action',
  'payment.action_completed',
  'payment.succeeded',
];

async function paidAt({ api, daemon }, gateway) {
  if (kCardGateways.includes(gateway)) return outcome(api, kGood, { gateway });
  const type = gateway === 'wechatpay' ? 'wechat_pay' : gateway;
  const asked = await outcome(api, kGood, {
    gateway,
    currency: 'CNY',
    payment_method: { type },
  });
  await choose(daemon, asked, 'succeeded');
  return asked;
}

test('a refund comes full circle at each gateway', async (t) => {
  const circle = await startCircle(t);
  const { api } = circle;
  for (const gateway of [...kCardGateways, 'wechatpay', 'alipay']) {
    await t.test(gateway, async () => {
      const told = kCardGateways.includes(gateway) ? kPaid : kWalletPaid;
      const { payment_id: id } = await paidAt(circle, gateway);
      const path = `/api/v1/payments/${id}/refunds`;
      const first = await api.post(path, { amount: '19.49' }, { status: 201 });
      assert.equal(first.json.status, gateway === 'wechatpay' ? 'pending' : 'succeeded');
      await heardOf(circle, id, 2);
      const second = await api.post(path, null, { status: 201 });
      assert.equal(second.json.amount, '40.00');
      const events = await assertCircle(circle, id, {
        told: [...told, ...Array(2).fill(['refund.created', 'refund.succeeded']).flat()],
        heard: ['payment.succeeded', 'refund.succeeded', 'refund.succeeded'],
      });
      const ends = events.filter(({ type }) => type === 'refund.succeeded');
      assert.deepEqual(
        ends.map(({ data: { object } }) => [object.refund_id, object.amount, object.status]),
        [
          [first.json.refund_id, '19.49', 'succeeded'],
          [second.json.refund_id, '40.00', 'succeeded'],
        ],
      );
      assert.equal((await paymentOf(api, id)).status, 'refunded');
    });
  }
  await assertAllClosed(circle);
});

test('refunds that pend come full circle when they end', async (t) => {
  const circle = await startCircle(t);
  const { api } = circle;
  for (const [number, end] of [
    ['4000000000007726', 'refund.succeeded'],
    ['4000000000005126', 'refund.failed'],
  ]) {
    await t.test(end, async () => {
      const { payment_id: id } = await outcome(api, number);
      await api.post(`/api/v1/payments/${id}/refund`, null, { status: 201 });
      await assertCircle(circle, id, {
        told: [...kPaid, 'refund.created', end],
        heard: ['payment.succeeded', 'refund.created', end],
      });
      const { status } = await paymentOf(api, id);
      assert.equal(status, end === 'refund.failed' ? 'succeeded' : 'refunded');
    });
  }
  await assertAllClosed(circle);
});

test('a dispute comes full circle, won or lost', async (t) => {
  const circle = await startCircle(t);
  const { api, stripe } = circle;
  for (const gateway of ['stripe', 'airwallex']) {
    for (const [text, status] of [
      ['winning_evidence', 'won'],
      ['losing_evidence', 'lost'],
    ]) {
      await t.test(`${status} at ${gateway}`, async () => {
        const { payment_id: id } = await outcome(api, kDisputed, { gateway });
        await heardOf(circle, id, 2);
        const { dispute, transaction_id: intent } = await paymentOf(api, id);
        await api.post(
          `/api/v1/disputes/${dispute.id}/evidence`,
          { uncategorized_text: text },
          { status: 200 },
        );
        const events = await assertCircle(circle, id, {
          told: [...kPaid, 'dispute.created', 'dispute.updated', 'dispute.closed'],
          heard: ['payment.succeeded', 'dispute.created', 'dispute.updated', 'dispute.closed'],
        });
        const closed = events.find(({ type }) => type === 'dispute.closed');
        assert.equal(closed.data.object.status, status);
        const money = events.map(({ type }) => type).filter((type) => /funds/.test(type));
        const back = status === 'won' ? ['charge.dispute.funds_reinstated'] : [];
        assert.deepEqual(money, ['charge.dispute.funds_withdrawn', ...back]);
        const { data } = await stripe.disputes.list({ payment_intent: intent });
        assert.deepEqual(data.map((each) => each.status), [status]);
      });
    }
  }
  await assertAllClosed(circle);
});

test('a bank’s debit ends by webhook in both dialects', async (t) => {
  const circle = await startCircle(t);
  const { api, stripe } = circle;
  const ends = { '000123456789': 'succeeded', '000111111113': 'failed' };
  for (const [account_number, status] of Object.entries(ends)) {
    const expected = {
      told: ['payment.created', `payment.${status}`],
      heard: [`payment.${status}`],
    };
    for (const gateway of ['stripe', 'airwallex']) {
      await t.test(`${status} at ${gateway}`, async () => {
        const body = { gateway, payment_method: bankOf(account_number) };
        const made = await outcome(api, kGood, body);
        assert.equal(made.type, 'success');
        assert.equal(made.payment_status, 'processing');
        await assertCircle(circle, made.payment_id, expected);
        assert.equal((await paymentOf(api, made.payment_id)).status, status);
      });
    }
    await t.test(`${status} by Stripe’s library`, async () => {
      const intent = await stripe.paymentIntents.create({
        amount: 5949,
        currency: 'usd',
        confirm: true,
        payment_method_types: ['us_bank_account'],
        payment_method_data: {
          type: 'us_bank_account',
          us_bank_account: {
            account_number,
            routing_number: '110000000',
            account_holder_type: 'individual',
          },
          billing_details: { name: 'John Doe' },
        },
      });
      assert.equal(intent.status, 'processing');
      const { payment_id: id } = await paymentOf(api, intent.id);
      await assertCircle(circle, id, expected);
      const after = await stripe.paymentIntents.retrieve(intent.id);
      const open = status === 'failed' ? 'requires_payment_method' : status;
      assert.equal(after.status, open);
    });
  }
  await assertAllClosed(circle);
});

test('what is held is captured or canceled all the way round', async (t) => {
  const circle = await startCircle(t);
  const { api } = circle;
  const captureHeard = { onerway: ['payment.captured'] };
  for (const gateway of kCardGateways) {
    await t.test(gateway, async () => {
      const held = await paid(api, kGood, { gateway, capture_method: 'manual' });
      assert.equal(held.status, 'processing');
      await api.post(`/api/v1/payments/${held.id}/capture`, { amount: '20.00' }, { status: 200 });
      await assertCircle(circle, held.payment_id, {
        told: ['payment.created', 'payment.captured', 'payment.succeeded'],
        heard: captureHeard[gateway] ?? ['payment.captured', 'payment.succeeded'],
      });
      const other = await paid(api, kGood, { gateway, capture_method: 'manual' });
      await api.post(`/api/v1/payments/${other.id}/cancel`, null, { status: 200 });
      await assertCircle(circle, other.payment_id, {
        told: ['payment.created', 'payment.canceled'],
        heard: ['payment.canceled'],
      });
    });
  }
  await assertAllClosed(circle);
});

test('an outcome that only the webhook tells comes full circle', async (t) => {
  const circle = await startCircle(t);
  for (const gateway of kCardGateways) {
    const silent = await outcome(circle.api, '4000009999990008', { gateway });
    assert.equal(silent.payment_status, 'processing');
    await assertCircle(circle, silent.payment_id, { told: kPaid, heard: ['payment.succeeded'] });
  }
  await assertAllClosed(circle);
});

const withStripe = { config: { gateways: [stripeGateway] } };

test('a webhook that comes twice is one event', async (t) => {
  const circle = await startCircle(t, withStripe);
  const { api, daemon } = circle;
  const { payment_id: id, transaction_id: intent } = await outcome(api);
  await heardOf(circle, id, 1);
  const money = { amount: 5949, amount_received: 5949, currency: 'usd', status: 'succeeded' };
  const again = toldByStripe(intent, 'payment_intent.succeeded', money);
  const anew = toldByStripe(intent, 'payment_intent.succeeded', money);
  for (const webhook of [again, again, anew]) {
    assert.equal((await daemon.webhook('stripe', webhook)).status, 200);
  }
  await assertCircle(circle, id, {
    told: kPaid,
    heard: ['payment.succeeded', 'payment.succeeded', 'payment.succeeded'],
  });
  assert.equal((await daemon.events({ type: 'payment.succeeded' })).length, 1);
});

test('a webhook that comes late is linked to the event that told it', async (t) => {
  const circle = await startCircle(t, withStripe);
  const { api, daemon } = circle;
  const asked = await outcome(api, kChallenged);
  await heardOf(circle, asked.payment_id, 1);
  await choose(daemon, asked, 'succeeded');
  await heardOf(circle, asked.payment_id, 2);
  const { transaction_id: intent } = await paymentOf(api, asked.payment_id);
  const late = toldByStripe(intent, 'payment_intent.requires_action', {
    amount: 5949,
    currency: 'usd',
    status: 'requires_action',
    next_action: { type: 'use_stripe_sdk' },
  });
  assert.equal((await daemon.webhook('stripe', late)).status, 200);
  const inbox = await daemon.inbox();
  assert.equal(inbox.length, 3);
  const [required] = (await eventsOf(circle, asked.payment_id)).filter(
    ({ type }) => type === 'payment.requires_action',
  );
  assert.deepEqual(inbox[0].event_ids, [required.id]);
  const told = await daemon.events({ type: 'payment.requires_action' });
  assert.equal(told.length, 1);
  assert.equal((await paymentOf(api, asked.payment_id)).status, 'succeeded');
});

test('a payout comes full circle, paid or failed', async (t) => {
  const circle = await startCircle(t);
  const { api, stripe } = circle;
  await paid(api, kAvailableAtOnce, { amount: '900.00' });
  for (const [destination, end] of [
    ['ba_1', 'payout.paid'],
    ['ba_000111111116', 'payout.failed'],
  ]) {
    await t.test(end, async () => {
      const made = await stripe.payouts.create({ amount: 1000, currency: 'usd', destination });
      assert.equal(made.status, 'pending');
      const { json } = await api.get(`/api/v1/payouts/${made.id}`, null, { status: 200 });
      await eventually('its end', async () => {
        const { status } = await stripe.payouts.retrieve(made.id);
        return `payout.${status}` === end;
      });
      const events = await eventsOf(circle, json.payout_id);
      const types = events.map(({ type }) => type).filter((type) => type.startsWith('payout.'));
      assert.deepEqual(types, ['payout.created', end]);
      await assertCircle(circle, json.payout_id, {
        told: ['payout.created', end],
        heard: ['payout.created', end],
      });
    });
  }
  await assertAllClosed(circle);
});
