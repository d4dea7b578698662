// What a shop relies on and cannot see: nothing of a card is kept by a side door, what is asked for
// is done or refused, and money goes to the account that was meant.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { secretKey } from './lib/daemon.mjs';
import { asJson, choose, clientOf, form, kCharge, pay, startPaying } from './lib/stripe_client.mjs';

const refused = (promise, expected) =>
  assert.rejects(promise, (error) => {
    for (const [name, value] of Object.entries(expected)) {
      assert.deepEqual(error[name], value, `${name}: ${error.message}`);
    }
    return true;
  });

const send = (daemon, path, body, { key = secretKey, method = 'POST', ...headers } = {}) =>
  daemon.request(method, path, {
    headers: { authorization: `Bearer ${key}`, ...form, ...headers },
    body,
  });

async function publishableKey(daemon) {
  const { json } = await daemon.request('POST', '/api/v2/api-keys', {
    headers: { authorization: `Bearer ${secretKey}`, ...asJson },
    body: JSON.stringify({ kind: 'publishable' }),
  });
  return json.key;
}

test('options of a card', async (t) => {
  const { daemon, stripe } = await startPaying(t);
  const withCard = (card, more = {}) => pay(stripe, { payment_method_options: { card }, ...more });

  await t.test('keep neither number nor code', async () => {
    for (const [name, value] of [
      ['cvc', '987'],
      ['number', '4000056655665556'],
      ['mandate_options', { reference: '4000056655665556' }],
    ]) {
      const param = `payment_method_options[card][${name}]`;
      await refused(withCard({ [name]: value }), { code: 'parameter_unknown', param });
    }
  });

  await t.test('hold where they say so', async () => {
    const held = await withCard({ capture_method: 'manual' });
    assert.equal(held.status, 'requires_capture');
    assert.equal(held.amount_capturable, kCharge.amount);
    const taken = await stripe.paymentIntents.capture(held.id, { amount_to_capture: 500 });
    assert.deepEqual([taken.status, taken.amount_received], ['succeeded', 500]);
  });

  await t.test('challenge where they say so', async () => {
    for (const wish of ['any', 'challenge']) {
      const intent = await withCard({ request_three_d_secure: wish });
      assert.equal(intent.status, 'requires_action', wish);
      await choose(daemon, intent, 'succeeded');
      const { status } = await stripe.paymentIntents.retrieve(intent.id);
      assert.equal(status, 'succeeded', wish);
    }
    const usual = await withCard({ request_three_d_secure: 'automatic' });
    assert.equal(usual.status, 'succeeded');
  });

  await t.test('keep the card for its customer', async () => {
    const { id: customer } = await stripe.customers.create();
    await withCard({ setup_future_usage: 'off_session' }, { customer });
    assert.equal((await stripe.customers.listPaymentMethods(customer)).data.length, 1);
    await withCard({ setup_future_usage: 'none' }, { customer, setup_future_usage: 'off_session' });
    assert.equal((await stripe.customers.listPaymentMethods(customer)).data.length, 1);
  });
});

test('null in JSON is what is not said', async (t) => {
  const { daemon, stripe } = await startPaying(t);
  const sendJson = (path, body) => send(daemon, path, JSON.stringify(body), asJson);
  const nothing = {
    customer: null,
    payment_method: null,
    payment_method_data: null,
    payment_method_options: null,
    payment_method_types: null,
    capture_method: null,
    confirmation_method: null,
    confirm: null,
    automatic_payment_methods: null,
    setup_future_usage: null,
    shipping: null,
    metadata: null,
  };
  const made = await sendJson('/v1/payment_intents', { ...nothing, amount: 1000, currency: 'usd' });
  assert.equal(made.status, 200, made.text);
  assert.equal(made.json.status, 'requires_payment_method');
  const path = `/v1/payment_intents/${made.json.id}`;
  const chosen = await sendJson(path, { payment_method: 'pm_card_visa', amount: null });
  assert.equal(chosen.json.status, 'requires_confirmation', chosen.text);
  const none = { payment_method: null, payment_method_options: null, shipping: null };
  const paid = await sendJson(`${path}/confirm`, none);
  assert.equal(paid.json.status, 'succeeded', paid.text);
  const refund = await sendJson('/v1/refunds', { payment_intent: made.json.id, amount: null });
  assert.equal(refund.json.amount, 1000, refund.text);
  const missing = await sendJson('/v1/payment_intents', { amount: null, currency: 'usd' });
  assert.equal(missing.json.error.code, 'parameter_missing', missing.text);

  const { id } = await stripe.customers.create({ name: 'Jenny', metadata: { a: '1' } });
  const cleared = await sendJson(`/v1/customers/${id}`, { name: null, metadata: { a: null } });
  assert.deepEqual([cleared.json.name, cleared.json.metadata], [null, {}], cleared.text);
});

test('a payment that a server confirms is not confirmed by a browser', async (t) => {
  const { daemon, stripe } = await startPaying(t);
  const browser = clientOf(daemon, { key: await publishableKey(daemon) });
  const terms = { amount: 1000, currency: 'usd', payment_method: 'pm_card_visa' };
  const manual = await stripe.paymentIntents.create({ ...terms, confirmation_method: 'manual' });
  const secret = { client_secret: manual.client_secret };
  await refused(browser.paymentIntents.confirm(manual.id, secret), { statusCode: 400 });
  const wrong = { client_secret: `${manual.client_secret}x` };
  await refused(browser.paymentIntents.confirm(manual.id, wrong), { param: 'client_secret' });
  assert.equal((await stripe.paymentIntents.confirm(manual.id)).status, 'succeeded');
  const usual = await stripe.paymentIntents.create(terms);
  const { client_secret } = usual;
  const paid = await browser.paymentIntents.confirm(usual.id, { client_secret });
  assert.equal(paid.status, 'succeeded');
});

test('no address that a browser would run is returned to', async (t) => {
  const { stripe } = await startPaying(t);
  const charge = { payment_method: 'pm_card_threeDSecure2Required' };
  for (const return_url of ['javascript://x%0aalert(1)', 'data://x', 'file://etc/passwd', 'x']) {
    await refused(pay(stripe, { ...charge, return_url }), { code: 'url_invalid' });
  }
  const app = await pay(stripe, { ...charge, return_url: 'shop-app://paid' });
  assert.equal(app.next_action.redirect_to_url.return_url, 'shop-app://paid');
});

test('transfers', async (t) => {
  const { stripe } = await startPaying(t);
  const available = { payment_method: 'pm_card_bypassPending', expand: ['latest_charge'] };
  const { latest_charge: source } = await pay(stripe, { ...available, amount: 5000 });
  await pay(stripe, { ...available, amount: 90_000, currency: 'gbp' });
  await pay(stripe, { ...available, amount: 90_000 });
  const terms = { amount: 3000, currency: 'usd', destination: 'acct_other' };
  const from = { ...terms, source_transaction: source.id };

  await t.test('go to whom a short text names', () =>
    refused(stripe.transfers.create({ ...terms, destination: 'a'.repeat(256) }), {
      param: 'destination',
    }),
  );

  await t.test('send on what their charge brought, and no more', async () => {
    await refused(stripe.transfers.create({ ...from, currency: 'gbp' }), {
      param: 'source_transaction',
    });
    const first = await stripe.transfers.create(from);
    await refused(stripe.transfers.create(from), { param: 'amount' });
    await stripe.transfers.createReversal(first.id, { amount: 1000 });
    await stripe.transfers.create(from);
    await refused(stripe.transfers.create({ ...from, amount: 1 }), { param: 'amount' });
  });

  await t.test('come of a charge that succeeded', async () => {
    const declined = await pay(stripe, { payment_method: 'pm_card_chargeDeclined' }).catch(
      (error) => error,
    );
    await refused(
      stripe.transfers.create({ ...from, source_transaction: declined.raw.charge, amount: 1 }),
      { param: 'source_transaction' },
    );
  });
});

test('looking at a ready-made method makes none', async (t) => {
  const { daemon, stripe } = await startPaying(t);
  const methods = async () => (await stripe.paymentMethods.list()).data.length;
  const shown = await stripe.paymentMethods.retrieve('pm_card_visa');
  assert.deepEqual([shown.id, shown.card.last4], ['pm_card_visa', '4242']);
  const head = { method: 'HEAD' };
  await send(daemon, '/v1/payment_methods/pm_card_visa', undefined, head);
  await refused(stripe.paymentMethods.update('pm_card_visa', { card: { exp_month: 13 } }), {
    code: 'invalid_expiry_month',
  });
  assert.equal(await methods(), 0);
  const changed = await stripe.paymentMethods.update('pm_card_visa', { card: { exp_month: 11 } });
  assert.equal(changed.card.exp_month, 11);
  assert.notEqual(changed.id, 'pm_card_visa');
  assert.equal(await methods(), 1);
});

test('a payment goes to the gateway that takes its method', async (t) => {
  const { stripe } = await startPaying(t);
  for (const more of [{ payment_method_types: ['card', 'alipay'] }, {}]) {
    const { id } = await stripe.paymentIntents.create({ amount: 1000, currency: 'cny', ...more });
    const wallet = { payment_method_data: { type: 'alipay' } };
    const intent = await stripe.paymentIntents.confirm(id, wallet);
    assert.equal(intent.next_action?.type, 'alipay_handle_redirect');
  }
});

test('an error says where its request is found again', async (t) => {
  const { daemon, stripe } = await startPaying(t);
  const wrong = await stripe.paymentIntents.create({ amount: 1 }).catch((error) => error);
  const url = new URL(wrong.raw.request_log_url);
  assert.equal(url.searchParams.get('request_id'), wrong.requestId);
  const { status, json } = await daemon.get(`${url.pathname}${url.search}`);
  assert.equal(status, 200);
  assert.ok(Array.isArray(json.data));
  const once = { idempotencyKey: 'declined-once' };
  const declined = { ...kCharge, payment_method: 'pm_card_chargeDeclined' };
  const answers = [];
  for (let i = 0; i < 2; ++i) {
    answers.push(await stripe.paymentIntents.create(declined, once).catch((error) => error.raw));
  }
  assert.equal(answers[0].request_log_url, answers[1].request_log_url);
});

test('money moves on the account that was meant', async (t) => {
  const { daemon, stripe } = await startPaying(t);
  for (const stripeAccount of ['acct_other', 'acct_']) {
    await refused(stripe.paymentIntents.create(kCharge, { stripeAccount }), {
      statusCode: 403,
      code: 'account_invalid',
    });
  }
  const context = { 'stripe-context': 'acct_other' };
  const { status } = await send(daemon, '/v1/balance', undefined, { method: 'GET', ...context });
  assert.equal(status, 403);
  assert.equal((await stripe.charges.list()).data.length, 0);
});
