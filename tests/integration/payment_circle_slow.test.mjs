// The same circle where the gateway thinks before it answers, so that its webhook may come first;
// and the payouts of every gateway.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assertAllClosed, assertCircle, startCircle } from './lib/circle.mjs';
import { eventually } from './lib/delivery.mjs';
import {
  choose,
  kAvailableAtOnce,
  kChallenged,
  kDeclined,
  kGood,
  newer,
  outcome,
  paid,
  paymentOf,
} from './lib/rcommerce.mjs';

const kCardGateways = ['stripe', 'airwallex', 'onerway'];
const kPaid = ['payment.created', 'payment.succeeded'];
const kWaits = {
  'is waited for': 8_000,
  'is not waited for': 0,
};

for (const [name, gateway_wait_milliseconds] of Object.entries(kWaits)) {
  test(`a gateway that thinks and ${name} comes full circle`, async (t) => {
    const circle = await startCircle(t, {
      payments: { sandbox_latency_milliseconds: 40, gateway_wait_milliseconds },
    });
    const { api, daemon } = circle;
    const stateOf = async (id, status) =>
      eventually(`${id} ${status}`, async () => (await paymentOf(api, id)).status === status);
    for (const gateway of kCardGateways) {
      await t.test(`${gateway} pays`, async () => {
        const made = await outcome(api, kGood, { gateway });
        assert.equal(made.type, 'success');
        await stateOf(made.payment_id, 'succeeded');
        await assertCircle(circle, made.payment_id, { told: kPaid, heard: ['payment.succeeded'] });
      });
      await t.test(`${gateway} declines`, async () => {
        const body = newer(kDeclined, { gateway });
        const { json: made } = await api.post('/api/v1/payments', body);
        await stateOf(made.payment_id, 'failed');
        await assertCircle(circle, made.payment_id, {
          told: ['payment.created', 'payment.failed'],
          heard: ['payment.failed'],
        });
      });
      await t.test(`${gateway} refunds`, async () => {
        const { payment_id: id } = await outcome(api, kGood, { gateway });
        await stateOf(id, 'succeeded');
        const path = `/api/v1/payments/${id}/refund`;
        await api.post(path, { amount: '10.00' }, { status: 201 });
        await eventually('the refund', async () => {
          const { refunds } = await paymentOf(api, id);
          return refunds[0].status === 'succeeded';
        });
        await assertCircle(circle, id, {
          told: [...kPaid, 'refund.created', 'refund.succeeded'],
          heard: ['payment.succeeded', 'refund.succeeded'],
        });
      });
    }
    await t.test('a challenge is met', async () => {
      const { json: made } = await api.post('/api/v1/payments', newer(kChallenged));
      await stateOf(made.payment_id, 'pending');
      const { next_action: asked } = await eventually('the page', async () => {
        const payment = await paymentOf(api, made.payment_id);
        return payment.next_action && payment;
      });
      await eventually('the provider’s word', async () => {
        const types = (await daemon.inbox()).flatMap(({ events }) => events.map((e) => e.type));
        return types.includes('payment.requires_action');
      });
      await choose(daemon, asked, 'succeeded');
      await stateOf(made.payment_id, 'succeeded');
      await assertCircle(circle, made.payment_id, {
        told: [
          'payment.created',
          'payment.requires_action',
          'payment.action_completed',
          'payment.succeeded',
        ],
        heard: ['payment.requires_action', 'payment.succeeded'],
      });
    });
    await assertAllClosed(circle);
  });
}

// What the webhooks of each gateway say of a payout.
const kPayouts = {
  airwallex: ['payout.created', 'payout.paid'],
  onerway: [],
  wechatpay: ['payout.paid'],
  alipay: ['payout.paid'],
};

test('payouts come full circle at every other gateway', async (t) => {
  for (const [gateway, heard] of Object.entries(kPayouts)) {
    await t.test(gateway, async (each) => {
      const circle = await startCircle(each, { payments: { default_gateway: gateway } });
      const { api, stripe } = circle;
      const currency = ['wechatpay', 'alipay'].includes(gateway) ? 'CNY' : 'USD';
      await paid(api, kAvailableAtOnce, { amount: '900.00', currency });
      const made = await stripe.payouts.create({ amount: 1000, currency: currency.toLowerCase() });
      const path = `/api/v1/payouts/${made.id}`;
      const payout = await eventually('its arrival', async () => {
        const { json } = await api.get(path, null, { status: 200 });
        return json.status === 'paid' && json;
      });
      assert.equal(payout.gateway, gateway);
      await assertCircle(circle, payout.payout_id, {
        told: ['payout.created', 'payout.paid'],
        heard,
      });
      await assertAllClosed(circle);
    });
  }
});
