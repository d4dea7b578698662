// Create, the provider's webhook, one event, one signed delivery: for every gateway of the sandbox,
// by each dialect that reaches it.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assertAllClosed, assertCircle, heardOf, startCircle } from './lib/circle.mjs';
import {
  cardOf,
  choose,
  kChallenged,
  kDeclined,
  kGood,
  outcome,
  paymentOf,
} from './lib/rcommerce.mjs';
import { choose as chooseIntent } from './lib/stripe_client.mjs';

const kCardGateways = ['stripe', 'airwallex', 'onerway'];
const kWallets = [
  { gateway: 'wechatpay', type: 'wechat_pay', action: 'qr_code' },
  { gateway: 'alipay', type: 'alipay', action: 'redirect' },
];
const kPaid = ['payment.created', 'payment.succeeded'];
const kChallengePaid = [
  'payment.created',
  'payment.requires_action',
  'payment.action_completed',
  'payment.succeeded',
];

const payIdOf = async (api, id) => (await paymentOf(api, id)).payment_id;

test('a card paid at once comes full circle at each gateway', async (t) => {
  const circle = await startCircle(t);
  const { api } = circle;
  for (const gateway of kCardGateways) {
    await t.test(`${gateway}, both generations`, async () => {
      const newer = await outcome(api, kGood, { gateway });
      assert.equal(newer.type, 'success');
      const older = await api.post(
        '/api/v2/payments',
        { gateway, amount: '10.00', currency: 'USD', payment_method: cardOf() },
        { status: 201 },
      );
      for (const id of [newer.payment_id, older.json.payment_id]) {
        const events = await assertCircle(circle, id, {
          told: kPaid,
          heard: ['payment.succeeded'],
          stripe: ['payment_intent.created', 'payment_intent.succeeded', 'charge.succeeded'],
        });
        const succeeded = events.find(({ type }) => type === 'payment.succeeded');
        assert.equal(succeeded.gateway, gateway);
        assert.equal(succeeded.data.object.status, 'succeeded');
      }
    });
  }
  await assertAllClosed(circle);
});

test('a declined card is told once by each gateway', async (t) => {
  const circle = await startCircle(t);
  for (const gateway of kCardGateways) {
    await t.test(gateway, async () => {
      const body = { gateway_id: gateway, amount: '59.49', currency: 'USD' };
      const refused = await circle.api.post(
        '/api/v1/payments',
        { ...body, payment_method: cardOf(kDeclined) },
        { status: 402 },
      );
      await assertCircle(circle, refused.json.payment_id, {
        told: ['payment.created', 'payment.failed'],
        heard: ['payment.failed'],
        stripe: ['payment_intent.created', 'payment_intent.payment_failed', 'charge.failed'],
      });
    });
  }
  await assertAllClosed(circle);
});

test('a challenge that is met or declined comes full circle', async (t) => {
  const circle = await startCircle(t);
  const { api, daemon } = circle;
  for (const gateway of kCardGateways) {
    await t.test(gateway, async () => {
      const met = await outcome(api, kChallenged, { gateway });
      assert.equal(met.type, 'requires_action');
      await heardOf(circle, met.payment_id, 1);
      assert.equal((await choose(daemon, met, 'succeeded')).status, 200);
      await assertCircle(circle, met.payment_id, {
        told: kChallengePaid,
        heard: ['payment.requires_action', 'payment.succeeded'],
        stripe: [
          'payment_intent.created',
          'payment_intent.requires_action',
          'payment.action_completed',
          'payment_intent.succeeded',
          'charge.succeeded',
        ],
      });
      const declined = await outcome(api, kChallenged, { gateway });
      await heardOf(circle, declined.payment_id, 1);
      assert.equal((await choose(daemon, declined, 'failed')).status, 200);
      await assertCircle(circle, declined.payment_id, {
        told: ['payment.created', 'payment.requires_action', 'payment.failed'],
        heard: ['payment.requires_action', 'payment.failed'],
      });
    });
  }
  await assertAllClosed(circle);
});

test('wallets come full circle by their pages', async (t) => {
  const circle = await startCircle(t);
  const { api, daemon, stripe } = circle;
  for (const { gateway, type, action } of kWallets) {
    const told = { told: kChallengePaid, heard: ['payment.succeeded'] };
    await t.test(`${gateway} by the R Commerce dialect`, async () => {
      const body = { gateway, currency: 'CNY', payment_method: { type } };
      const asked = await outcome(api, kGood, body);
      assert.equal(asked.type, 'requires_action');
      assert.equal(asked.action_type, action);
      assert.equal((await choose(daemon, asked, 'succeeded')).status, 200);
      const done = await api.post(`/api/v1/payments/${asked.payment_id}/complete`, null, {
        status: 200,
      });
      assert.equal(done.json.type, 'success');
      await assertCircle(circle, asked.payment_id, told);
    });
    await t.test(`${gateway} by Stripe's library`, async () => {
      const intent = await stripe.paymentIntents.create({
        amount: 1999,
        currency: 'cny',
        confirm: true,
        payment_method_types: [type],
        payment_method_data: { type },
        return_url: 'https://shop.example/done',
      });
      assert.equal(intent.status, 'requires_action');
      const url = intent.next_action.redirect_to_url?.url ??
        intent.next_action[`${type}_handle_redirect`]?.url ??
        intent.next_action[`${type}_display_qr_code`]?.hosted_instructions_url;
      assert.ok(url, JSON.stringify(intent.next_action));
      const page = { action_data: { redirect_url: url } };
      assert.equal((await choose(daemon, page, 'succeeded')).status, 303);
      const payment = await paymentOf(api, intent.id);
      assert.equal(payment.gateway, gateway);
      await assertCircle(circle, payment.payment_id, told);
    });
  }
  await assertAllClosed(circle);
});

test('payments by Stripe’s library come full circle at each gateway of cards', async (t) => {
  for (const gateway of kCardGateways) {
    await t.test(gateway, async (each) => {
      const circle = await startCircle(each, { payments: { default_gateway: gateway } });
      const { api, daemon, stripe } = circle;
      const card = { amount: 5949, currency: 'usd', confirm: true };
      const now = await stripe.paymentIntents.create({ ...card, payment_method: 'pm_card_visa' });
      assert.equal(now.status, 'succeeded');
      assert.equal((await paymentOf(api, now.id)).gateway, gateway);
      await assertCircle(circle, await payIdOf(api, now.id), {
        told: kPaid,
        heard: ['payment.succeeded'],
      });
      const challenged = await stripe.paymentIntents.create({
        ...card,
        payment_method: 'pm_card_threeDSecure2Required',
        return_url: 'https://shop.example/done',
      });
      assert.equal(challenged.status, 'requires_action');
      const id = await payIdOf(api, challenged.id);
      await heardOf(circle, id, 1);
      assert.equal((await chooseIntent(daemon, challenged, 'succeeded')).status, 303);
      await assertCircle(circle, id, {
        told: kChallengePaid,
        heard: ['payment.requires_action', 'payment.succeeded'],
      });
      await assertAllClosed(circle);
    });
  }
});
