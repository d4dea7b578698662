// Payments of the R Commerce dialect: both generations of its documents, challenges, holds,
// intents, and the same payment as Stripe's library sees it.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import {
  assertError,
  bankOf,
  cardOf,
  choose,
  kChallenged,
  kChallengedToo,
  kFrictionless,
  kGood,
  newer,
  older,
  outcome,
  pageOf,
  paid,
  paymentOf,
  startShop,
} from './lib/rcommerce.mjs';

const kUuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const kTime = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/;

// What the documents of both generations show of a payment, together.
const kPaymentKeys = [
  'id', 'order_id', 'amount', 'currency', 'status', 'gateway', 'gateway_payment_id',
  'payment_method', 'description', 'receipt_email', 'receipt_url', 'captured', 'capture_method',
  'confirmation_method', 'customer_id', 'refunded_amount', 'refunds', 'dispute', 'metadata',
  'created_at', 'updated_at', 'captured_at', 'payment_id', 'transaction_id', 'completed_at',
];
const kMethodKeys = [
  'method_type', 'last_four', 'card_brand', 'exp_month', 'exp_year', 'cardholder_name', 'token',
];

function assertHas(object, keys) {
  for (const key of keys) assert.ok(key in object, `${key} in ${JSON.stringify(object)}`);
}

test('both generations answer the same payment each in its own form', async (t) => {
  const { daemon, api } = await startShop(t);
  const sent = {
    order_id: randomUUID(),
    receipt_email: 'customer@example.com',
    description: '订单 #1001',
    metadata: { order_number: '1001', customer_name: 'John Doe' },
    capture_method: 'automatic',
  };
  for (const prefix of ['/api/v1', '/api/v2']) {
    await t.test(`${prefix}: gateway asks for the payment`, async () => {
      const { json: made } = await api.post(`${prefix}/payments`, older(kGood, sent), {
        status: 201,
      });
      assertHas(made, kPaymentKeys);
      assertHas(made.payment_method, ['type', 'card', ...kMethodKeys]);
      for (const [key, value] of Object.entries(sent)) assert.deepEqual(made[key], value, key);
      assert.match(made.id, kUuid);
      assert.equal(made.payment_id, `pay_${made.id}`);
      assert.match(made.transaction_id, /^pi_/);
      assert.equal(made.gateway_payment_id, made.transaction_id);
      assert.equal(made.status, 'succeeded');
      assert.deepEqual([made.amount, made.currency, made.gateway], ['59.49', 'USD', 'stripe']);
      assert.deepEqual([made.captured, made.refunded_amount], [true, '0.00']);
      assert.deepEqual([made.refunds, made.dispute], [[], null]);
      for (const key of ['created_at', 'updated_at', 'captured_at', 'completed_at']) {
        assert.match(made[key], kTime);
      }
      const { card } = made.payment_method;
      assert.deepEqual([card.brand, card.last4], ['visa', '4242']);
      assert.deepEqual([card.exp_month, card.exp_year], [12, 2025]);
      assert.match(card.fingerprint, /^fp_/);
      for (const id of [made.id, made.payment_id, made.transaction_id]) {
        const found = await api.get(`${prefix}/payments/${id}`, null, { status: 200 });
        assert.deepEqual(found.json, made);
      }
      const receipt = await daemon.get(new URL(made.receipt_url).pathname, { key: null });
      assert.equal(receipt.status, 200);
      assert.match(receipt.text, /59\.49 USD/);
    });
    await t.test(`${prefix}: gateway_id asks for the outcome`, async () => {
      const { json: made } = await api.post(
        `${prefix}/payments`,
        newer(kGood, { customer_email: 'customer@example.com', save_payment_method: false }),
        { status: 201 },
      );
      assert.match(made.payment_id, /^pay_/);
      assert.match(made.transaction_id, /^pi_/);
      assert.match(made.receipt_url, /^http/);
      const { type, payment_status: status } = made;
      assert.deepEqual([type, status], ['success', 'succeeded']);
      assert.deepEqual(made.payment_method, {
        method_type: 'card',
        last_four: '4242',
        card_brand: 'visa',
        exp_month: '12',
        exp_year: '2025',
        cardholder_name: 'John Doe',
        token: null,
      });
    });
  }
  await t.test('gateway_id decides where both are there', async () => {
    const both = { ...newer(), gateway: 'airwallex' };
    const { json: made } = await api.post('/api/v1/payments', both, { status: 201 });
    assert.equal(made.type, 'success');
    assert.equal((await paymentOf(api, made.payment_id)).gateway, 'stripe');
    const { gateway_id: _, ...neither } = newer();
    assertError(await api.post('/api/v1/payments', neither), 400, 'VALIDATION_ERROR');
  });
  await t.test('nothing of this dialect is below /v1/payments', async () => {
    for (const path of ['/v1/payments', '/v1/payments/methods']) {
      assert.equal((await api.post(path, newer())).status, 404);
    }
  });
});

test('cards of every brand pay, however their numbers are spelled', async (t) => {
  const { api } = await startShop(t);
  const brands = {
    378282246310005: 'amex',
    5555555555554444: 'mastercard',
    6011111111111117: 'discover',
    3530111333300000: 'jcb',
    30569309025904: 'diners',
    6200000000000005: 'unionpay',
    '4242 4242 4242 4242': 'visa',
  };
  for (const [number, brand] of Object.entries(brands)) {
    const cvc = brand === 'amex' ? '1234' : '123';
    const card = { number, exp_month: '01', exp_year: '2034', cvc };
    const made = await outcome(api, number, { payment_method: { type: 'card', card } });
    const { card_brand: shown, last_four: four, exp_month: month } = made.payment_method;
    assert.deepEqual([shown, four, month], [brand, number.slice(-4), '01']);
  }
  const short = { payment_method: { type: 'card', card: { ...cardOf('378282246310005').card } } };
  const refused = await api.post('/api/v1/payments', newer(kGood, short));
  assertError(refused, 400, 'INVALID_PAYMENT_METHOD', ['payment_method.card.cvc']);
});

test('a challenged card pays only after the customer has been there', async (t) => {
  const { daemon, api } = await startShop(t);
  const complete = (id, body = { action_type: 'three_d_secure' }, status = 200) =>
    api.post(`/api/v1/payments/${id}/complete`, body, { status });
  for (const number of [kChallenged, kChallengedToo]) {
    await t.test(`${number} met`, async () => {
      const asked = await outcome(api, number);
      assert.deepEqual([asked.type, asked.action_type], ['requires_action', 'three_d_secure']);
      assert.equal(asked.action_data.type, 'use_stripe_sdk');
      assert.equal(asked.action_data.stripe_js.type, 'three_d_secure_redirect');
      const before = await paymentOf(api, asked.payment_id);
      assert.deepEqual([before.status, before.captured], ['pending', false]);
      const lives = Date.parse(asked.expires_at) - Date.parse(before.created_at);
      assert.ok(Math.abs(lives - 30 * 60_000) < 1_000, `${lives} ms`);
      assert.equal((await complete(asked.payment_id)).json.type, 'requires_action');
      assert.equal((await choose(daemon, asked, 'succeeded')).status, 200);
      for (let i = 0; i < 2; i += 1) {
        const { json: done } = await complete(asked.payment_id);
        assert.deepEqual([done.type, done.payment_status], ['success', 'succeeded']);
        assert.equal(done.payment_id, asked.payment_id);
      }
      const { payment_method: method } = await paymentOf(api, asked.payment_id);
      assert.equal(method.card.three_d_secure.authentication_flow, 'challenge');
      assert.equal((await choose(daemon, asked, 'succeeded')).status, 410);
    });
  }
  for (const end of ['failed', 'abandoned']) {
    await t.test(`a challenge that is ${end}`, async () => {
      const asked = await outcome(api, kChallenged);
      await choose(daemon, asked, end);
      const { json: refused } = await complete(asked.payment_id, undefined, 402);
      assert.equal(refused.type, 'failed');
      assert.equal(refused.payment_id, asked.payment_id);
      assert.equal(refused.decline_code, 'authentication_failed');
      assert.equal((await paymentOf(api, asked.payment_id)).status, 'failed');
    });
  }
  await t.test('what the customer brings back proves it', async () => {
    const asked = await outcome(api, kChallenged, {
      return_url: 'https://shop.example/done?order=7#top',
    });
    const sent = await choose(daemon, asked, 'succeeded');
    assert.equal(sent.status, 303);
    const location = new URL(sent.headers.location);
    assert.deepEqual([location.searchParams.get('order'), location.hash], ['7', '#top']);
    const { order: _, ...proof } = Object.fromEntries(location.searchParams);
    assert.equal(proof.redirect_status, 'succeeded');
    const wrong = [
      { ...proof, payment_intent: (await outcome(api)).transaction_id },
      { ...proof, payment_intent_client_secret: `${proof.payment_intent}_secret_x` },
    ];
    for (const action_data of wrong) {
      const refused = await complete(asked.payment_id, { action_data }, 400);
      assertError(refused, 400, 'VALIDATION_ERROR');
    }
    const { json: proved } = await complete(asked.payment_id, { action_data: proof });
    assert.equal(proved.type, 'success');
  });
  await t.test('a frictionless card needs no challenge', async () => {
    const { json: made } = await api.post('/api/v1/payments', older(kFrictionless));
    assert.equal(made.status, 'succeeded');
    const { three_d_secure: how } = made.payment_method.card;
    assert.equal(how.authentication_flow, 'frictionless');
  });
  await t.test('the older form shows where to go', async () => {
    const { json: made } = await api.post('/api/v1/payments', older(kChallenged), { status: 201 });
    assert.equal(made.status, 'pending');
    await choose(daemon, made.next_action, 'succeeded');
    assert.equal((await paymentOf(api, made.id)).status, 'succeeded');
  });
});

test('what is held is captured or canceled, once', async (t) => {
  const { api } = await startShop(t);
  const held = async (form = older) => {
    const body = form(kGood, { capture_method: 'manual' });
    const { json: made } = await api.post('/api/v1/payments', body, { status: 201 });
    const { id, status, captured } = await paymentOf(api, made.payment_id);
    assert.deepEqual([status, captured], ['processing', false]);
    return { path: `/api/v1/payments/${id}`, made };
  };
  await t.test('a capture is of no more than is held', async () => {
    const { path } = await held();
    for (const amount of ['59.50', '0.00', '-1.00', '1.001', 'x', '1e1', '+5.00', ' 5.00', '']) {
      const answer = await api.post(`${path}/capture`, { amount });
      assertError(answer, 400, 'INVALID_AMOUNT', ['amount']);
    }
    const { json: part } = await api.post(`${path}/capture`, { amount: '20.00' }, { status: 200 });
    assert.deepEqual([part.status, part.captured], ['succeeded', true]);
    assert.deepEqual([part.amount, part.captured_amount], ['59.49', '20.00']);
    assertError(await api.post(`${path}/capture`), 409, 'ALREADY_CAPTURED');
    assertError(await api.post(`${path}/cancel`), 409, 'ALREADY_CAPTURED');
    const refund = await api.post(`${path}/refund`, { amount: '20.01' });
    assertError(refund, 400, 'REFUND_AMOUNT_INVALID');
  });
  await t.test('a hold of the newer form is a success that is processing', async () => {
    const { path, made } = await held(newer);
    assert.deepEqual([made.type, made.payment_status], ['success', 'processing']);
    assert.equal((await api.post(`${path}/capture`)).json.captured_amount, '59.49');
  });
  await t.test('what is canceled stays so', async () => {
    const { path } = await held();
    const { json: canceled } = await api.post(`${path}/cancel`, null, { status: 200 });
    assert.deepEqual([canceled.status, canceled.captured], ['canceled', false]);
    assertError(await api.post(`${path}/capture`), 409, 'CONFLICT');
    assertError(await api.post(`${path}/cancel`), 409, 'CONFLICT');
    assertError(await api.post(`${path}/refund`), 409, 'CONFLICT');
    const { json: end } = await api.post(`${path}/complete`);
    assert.equal(end.type, 'failed');
  });
  await t.test('a hold is not refunded but canceled', async () => {
    const { path } = await held();
    assertError(await api.post(`${path}/refund`), 409, 'CONFLICT');
  });
  await t.test('a challenge that is canceled leads nowhere', async () => {
    const asked = await outcome(api, kChallenged);
    await api.post(`/api/v1/payments/${asked.payment_id}/cancel`, null, { status: 200 });
    const page = await api.get(pageOf(asked), null, { key: null });
    assert.equal(page.status, 410);
  });
});

test('intents wait for their confirmation', async (t) => {
  const { api, stripe } = await startShop(t);
  const intent = {
    amount: '59.49',
    currency: 'USD',
    customer_id: randomUUID(),
    payment_method: 'pm_card_visa',
    confirmation_method: 'manual',
    capture_method: 'automatic',
    setup_future_usage: 'off_session',
    metadata: { order_id: randomUUID() },
  };
  const make = async (more = {}) => {
    const body = { ...intent, ...more };
    const { json: made } = await api.post('/api/v1/payment_intents', body, { status: 201 });
    return { made, path: `/api/v1/payment_intents/${made.id}` };
  };
  await t.test('with a method it is confirmed', async () => {
    const { made, path } = await make();
    assert.equal(made.status, 'requires_confirmation');
    assert.match(made.client_secret, /^pi_.*_secret_/);
    assert.deepEqual([made.amount, made.currency], ['59.49', 'USD']);
    assert.deepEqual(made.metadata, intent.metadata);
    const confirmed = await api.post(`${path}/confirm`, null, { status: 200 });
    assert.equal(confirmed.json.status, 'succeeded');
    const seen = await stripe.paymentIntents.retrieve(made.id);
    assert.deepEqual([seen.amount_received, seen.currency], [5949, 'usd']);
    assert.equal(seen.setup_future_usage, 'off_session');
    assertError(await api.post(`${path}/confirm`), 409, 'CONFLICT');
    assertError(await api.post(`${path}/cancel`), 409, 'ALREADY_CAPTURED');
  });
  await t.test('without one it takes it at the confirmation', async () => {
    const { made, path } = await make({ payment_method: undefined, capture_method: 'manual' });
    assert.equal(made.status, 'requires_payment_method');
    const confirmed = await api.post(`${path}/confirm`, { payment_method: cardOf() });
    assert.equal(confirmed.json.status, 'requires_capture', confirmed.text);
    const captured = await api.post(`${path}/capture`, { amount: '10.00' }, { status: 200 });
    assert.equal(captured.json.status, 'succeeded');
  });
  await t.test('it is canceled by either dialect', async () => {
    const { path } = await make();
    assert.equal((await api.post(`${path}/cancel`)).json.status, 'canceled');
    const other = await make();
    await stripe.paymentIntents.cancel(other.made.id);
    assert.equal((await api.get(other.path)).json.status, 'canceled');
  });
});

test('the same payment is seen from both dialects', async (t) => {
  const { api, stripe } = await startShop(t);
  await t.test('made here, seen and refunded there', async () => {
    const order = randomUUID();
    const made = await paid(api, kGood, { metadata: { order }, description: 'Order 7' });
    const intent = await stripe.paymentIntents.retrieve(made.transaction_id);
    const { amount, currency, status, description, metadata } = intent;
    assert.deepEqual([amount, currency, status], [5949, 'usd', 'succeeded']);
    assert.deepEqual([description, metadata.order], ['Order 7', order]);
    assert.equal(intent.created, Math.floor(Date.parse(made.created_at) / 1000));
    const refund = await stripe.refunds.create({ payment_intent: intent.id, amount: 949 });
    const seen = await paymentOf(api, made.id);
    assert.equal(seen.refunded_amount, '9.49');
    assert.equal(seen.refunds[0].gateway_refund_id, refund.id);
    const { data } = await stripe.paymentIntents.list();
    assert.equal(data[0].id, intent.id);
  });
  await t.test('made there, seen, captured and refunded here', async () => {
    const customer = await stripe.customers.create({ email: 'a@example.com' });
    const intent = await stripe.paymentIntents.create({
      amount: 5949,
      currency: 'eur',
      customer: customer.id,
      payment_method: 'pm_card_mastercard',
      confirm: true,
      capture_method: 'manual',
    });
    const seen = await paymentOf(api, intent.id);
    assert.deepEqual([seen.status, seen.currency], ['processing', 'EUR']);
    assert.equal(seen.payment_method.card_brand, 'mastercard');
    await api.post(`/api/v1/payments/${intent.id}/capture`, null, { status: 200 });
    await api.post(`/api/v1/payments/${intent.id}/refund`, null, { status: 201 });
    const charge = await stripe.charges.retrieve(
      (await stripe.paymentIntents.retrieve(intent.id)).latest_charge,
    );
    assert.deepEqual([charge.refunded, charge.amount_refunded], [true, 5949]);
    const mine = await api.get(`/api/v1/payments?customer_id=${customer.id}`);
    assert.deepEqual(mine.json.data.map(({ transaction_id: id }) => id), [intent.id]);
  });
  await t.test('a bank’s debit is processing in both', async () => {
    const made = await outcome(api, kGood, { payment_method: bankOf() });
    assert.deepEqual([made.type, made.payment_status], ['success', 'processing']);
    const intent = await stripe.paymentIntents.retrieve(made.transaction_id);
    assert.equal(intent.status, 'processing');
  });
});
