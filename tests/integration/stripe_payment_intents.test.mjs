// PaymentIntents by the real SDK: every state, every move between them, every test card.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import Stripe from 'stripe';
import { choose, kCharge, pay, plain, startPaying } from './lib/stripe_client.mjs';

const { StripeCardError, StripeInvalidRequestError } = Stripe.errors;
const unexpectedState = (error) => {
  assert.ok(error instanceof StripeInvalidRequestError, String(error));
  assert.equal(error.code, 'payment_intent_unexpected_state');
  assert.match(error.payment_intent.id, /^pi_/);
  return true;
};

const kDeclined = [
  ['chargeDeclined', 'card_declined', 'generic_decline'],
  ['chargeDeclinedInsufficientFunds', 'card_declined', 'insufficient_funds'],
  ['chargeDeclinedExpiredCard', 'expired_card', undefined],
  ['chargeDeclinedIncorrectCvc', 'incorrect_cvc', undefined],
  ['chargeDeclinedProcessingError', 'processing_error', undefined],
  ['visa_chargeDeclined', 'card_declined', 'generic_decline'],
  ['visa_chargeDeclinedInsufficientFunds', 'card_declined', 'insufficient_funds'],
];

const kChallenged = 'pm_card_authenticationRequired';

const kNumbers = [
  ['4242424242424242', 'succeeded'],
  ['4000002500003155', 'requires_action'],
  ['4000000000003220', 'succeeded'],
  ['4000008400001629', 'requires_action'],
  ['4000000000000259', 'succeeded'],
  ['4000000000000077', 'succeeded'],
  ['4000000000000002', 'card_declined', 'generic_decline'],
  ['4000000000009995', 'card_declined', 'insufficient_funds'],
  ['4000000000000069', 'expired_card'],
  ['4000000000000127', 'incorrect_cvc'],
  ['4000000000000119', 'processing_error'],
];

const kBrands = [
  ['visa', 'visa', '4242'],
  ['us', 'visa', '4242'],
  ['visa_debit', 'visa', '5556'],
  ['mastercard', 'mastercard', '4444'],
  ['mastercard_debit', 'mastercard', '8210'],
  ['mastercard_prepaid', 'mastercard', '5100'],
  ['amex', 'amex', '0005'],
  ['discover', 'discover', '1117'],
  ['diners', 'diners', '0004'],
  ['jcb', 'jcb', '0505'],
  ['unionpay', 'unionpay', '0005'],
];

function kept(error, { code, decline }) {
  assert.ok(error instanceof StripeCardError, String(error));
  assert.equal(error.statusCode, 402);
  assert.equal(error.code, code);
  if (decline) assert.equal(error.decline_code, decline);
  assert.equal(error.payment_intent.status, 'requires_payment_method');
  assert.equal(error.payment_intent.last_payment_error.code, code);
  assert.match(error.payment_intent.latest_charge, /^ch_/);
  assert.equal(error.charge, error.payment_intent.latest_charge);
  return true;
}

test('the ready-made cards', async (t) => {
  const { stripe } = await startPaying(t);
  for (const [name, brand, last4] of kBrands) {
    await t.test(`pm_card_${name} pays`, async () => {
      const intent = await pay(stripe, {
        payment_method: `pm_card_${name}`,
        expand: ['payment_method', 'latest_charge'],
      });
      assert.equal(intent.status, 'succeeded');
      assert.equal(intent.payment_method.card.brand, brand);
      assert.equal(intent.payment_method.card.last4, last4);
      assert.equal(intent.latest_charge.payment_method_details.card.last4, last4);
    });
  }
  for (const [name, code, decline] of kDeclined) {
    await t.test(`pm_card_${name} is declined`, async () => {
      await assert.rejects(pay(stripe, { payment_method: `pm_card_${name}` }), (error) =>
        kept(error, { code, decline }),
      );
    });
  }
});

test('the numbers of the test cards', async (t) => {
  const { stripe } = await startPaying(t);
  for (const [number, result, decline] of kNumbers) {
    await t.test(`${number}: ${result}`, async () => {
      const { id } = await stripe.paymentMethods.create({
        type: 'card',
        card: { number, exp_month: 12, exp_year: 2025, cvc: '123' },
      });
      const paying = pay(stripe, { payment_method: id });
      if (['succeeded', 'requires_action'].includes(result)) {
        assert.equal((await paying).status, result);
      } else {
        await assert.rejects(paying, (error) => kept(error, { code: result, decline }));
      }
    });
  }
});

test('a declined intent may be paid with another card', async (t) => {
  const { stripe } = await startPaying(t);
  const intent = await stripe.paymentIntents.create({ amount: 2000, currency: 'usd' });
  await assert.rejects(
    stripe.paymentIntents.confirm(intent.id, { payment_method: 'pm_card_chargeDeclined' }),
    (error) => kept(error, { code: 'card_declined', decline: 'generic_decline' }),
  );
  const paid = await stripe.paymentIntents.confirm(intent.id, { payment_method: 'pm_card_visa' });
  assert.equal(paid.status, 'succeeded');
  assert.equal(paid.last_payment_error, null);
  const charges = await stripe.charges.list({ payment_intent: intent.id });
  assert.deepEqual(
    charges.data.map(({ status }) => status),
    ['succeeded', 'failed'],
  );
});

test('an intent goes from created to paid', async (t) => {
  const { stripe } = await startPaying(t);
  const made = await stripe.paymentIntents.create({
    amount: 1000,
    currency: 'USD',
    description: 'A chair',
    receipt_email: 'ada@example.com',
    metadata: { a: '1', b: '2' },
    statement_descriptor_suffix: 'CHAIR',
    shipping: { name: 'Ada', address: { line1: '1 Road', country: 'GB' } },
  });
  assert.equal(made.status, 'requires_payment_method');
  assert.equal(made.currency, 'usd');
  assert.equal(made.capture_method, 'automatic_async');
  assert.ok(made.client_secret.startsWith(`${made.id}_secret_`));
  assert.equal(made.shipping.address.line1, '1 Road');
  const changed = await stripe.paymentIntents.update(made.id, {
    amount: 1500,
    description: '',
    metadata: { a: '', c: '3' },
    payment_method: 'pm_card_visa',
  });
  assert.equal(changed.status, 'requires_confirmation');
  assert.equal(changed.amount, 1500);
  assert.equal(changed.description, null);
  assert.deepEqual({ ...changed.metadata }, { b: '2', c: '3' });
  const paid = await stripe.paymentIntents.confirm(made.id);
  assert.equal(paid.status, 'succeeded');
  assert.equal(paid.amount_received, 1500);
  assert.deepEqual({ ...(await stripe.paymentIntents.retrieve(made.id)) }, { ...paid });
  for (const late of [
    () => stripe.paymentIntents.confirm(made.id, { payment_method: 'pm_card_visa' }),
    () => stripe.paymentIntents.capture(made.id),
    () => stripe.paymentIntents.cancel(made.id),
    () => stripe.paymentIntents.update(made.id, { amount: 1 + 1500 }),
  ]) {
    await assert.rejects(late(), unexpectedState);
  }
});

test('types that are given are echoed', async (t) => {
  const { stripe } = await startPaying(t);
  const given = await stripe.paymentIntents.create({
    amount: 500,
    currency: 'usd',
    payment_method_types: ['card'],
  });
  assert.deepEqual(given.payment_method_types, ['card']);
  assert.equal(given.automatic_payment_methods, null);
  const none = await stripe.paymentIntents.create({ amount: 500, currency: 'usd' });
  const { enabled, allow_redirects: redirects } = none.automatic_payment_methods;
  assert.deepEqual({ enabled, redirects }, { enabled: true, redirects: 'always' });
  const staying = await stripe.paymentIntents.create({
    amount: 500,
    currency: 'usd',
    automatic_payment_methods: { enabled: true, allow_redirects: 'never' },
  });
  assert.equal(staying.automatic_payment_methods.allow_redirects, 'never');
});

test('a confirmation needs a payment method', async (t) => {
  const { stripe } = await startPaying(t);
  const { id } = await stripe.paymentIntents.create({ amount: 500, currency: 'usd' });
  await assert.rejects(stripe.paymentIntents.confirm(id), unexpectedState);
});

test('what is authorized is captured once, whole or in part', async (t) => {
  const { stripe } = await startPaying(t);
  const authorize = () => pay(stripe, { capture_method: 'manual' });
  const whole = await authorize();
  assert.equal(whole.status, 'requires_capture');
  assert.equal(whole.amount_capturable, 2000);
  assert.equal(whole.amount_received, 0);
  const captured = await stripe.paymentIntents.capture(whole.id);
  assert.equal(captured.status, 'succeeded');
  assert.equal(captured.amount_received, 2000);
  assert.equal(captured.amount_capturable, 0);
  await assert.rejects(stripe.paymentIntents.capture(whole.id), unexpectedState);
  const part = await authorize();
  await assert.rejects(stripe.paymentIntents.capture(part.id, { amount_to_capture: 2001 }), {
    statusCode: 400,
    param: 'amount_to_capture',
  });
  const some = await stripe.paymentIntents.capture(part.id, { amount_to_capture: 1200 });
  assert.equal(some.amount_received, 1200);
  const charge = await stripe.charges.retrieve(some.latest_charge);
  assert.equal(charge.amount_captured, 1200);
  const racing = await authorize();
  const settled = await Promise.allSettled(
    Array.from({ length: 10 }, () => stripe.paymentIntents.capture(racing.id)),
  );
  assert.equal(settled.filter(({ status }) => status === 'fulfilled').length, 1);
});

test('an intent is canceled from each open state', async (t) => {
  const { stripe } = await startPaying(t);
  const base = { amount: 900, currency: 'usd' };
  const openings = [
    [base, 'requires_payment_method', 'abandoned'],
    [{ ...base, payment_method: 'pm_card_visa' }, 'requires_confirmation', 'duplicate'],
    [{ ...kCharge, payment_method: kChallenged }, 'requires_action', 'fraudulent'],
    [{ ...kCharge, capture_method: 'manual' }, 'requires_capture', 'requested_by_customer'],
  ];
  for (const [parameters, status, reason] of openings) {
    const intent = await stripe.paymentIntents.create(parameters);
    assert.equal(intent.status, status);
    const canceled = await stripe.paymentIntents.cancel(intent.id, {
      cancellation_reason: reason,
    });
    assert.equal(canceled.status, 'canceled');
    assert.equal(canceled.cancellation_reason, reason);
    assert.ok(canceled.canceled_at >= canceled.created);
    assert.equal(canceled.amount_capturable, 0);
    assert.equal(canceled.next_action, null);
    await assert.rejects(stripe.paymentIntents.cancel(intent.id), unexpectedState);
  }
  const open = await stripe.paymentIntents.create(base);
  await assert.rejects(stripe.paymentIntents.cancel(open.id, { cancellation_reason: 'bored' }), {
    statusCode: 400,
    param: 'cancellation_reason',
  });
});

test('one confirmation of many at once charges', async (t) => {
  const { stripe } = await startPaying(t);
  const { id } = await stripe.paymentIntents.create({
    amount: 700,
    currency: 'usd',
    payment_method: 'pm_card_visa',
  });
  const settled = await Promise.allSettled(
    Array.from({ length: 10 }, () => stripe.paymentIntents.confirm(id)),
  );
  assert.equal(settled.filter(({ status }) => status === 'fulfilled').length, 1);
  assert.equal((await stripe.charges.list({ payment_intent: id })).data.length, 1);
});

test('a challenge decides', async (t) => {
  const { daemon, stripe } = await startPaying(t);
  const challenged = (more) => pay(stripe, { payment_method: kChallenged, ...more });
  const back = 'https://shop.example/done?order=7';

  await t.test('passed: the buyer returns and has paid', async () => {
    const intent = await challenged({ return_url: back });
    assert.equal(intent.next_action.type, 'redirect_to_url');
    assert.equal(intent.next_action.redirect_to_url.return_url, back);
    const { status, headers } = await choose(daemon, intent, 'succeeded');
    assert.equal(status, 303);
    const query = new URL(headers.location).searchParams;
    assert.equal(query.get('order'), '7');
    assert.equal(query.get('payment_intent'), intent.id);
    assert.equal(query.get('payment_intent_client_secret'), intent.client_secret);
    assert.equal(query.get('redirect_status'), 'succeeded');
    assert.equal((await stripe.paymentIntents.retrieve(intent.id)).status, 'succeeded');
    assert.ok((await choose(daemon, intent, 'succeeded')).status >= 400, 'a page serves once');
  });

  await t.test('failed: another card is needed', async () => {
    const intent = await challenged({});
    assert.equal(intent.next_action.type, 'use_stripe_sdk');
    assert.equal(intent.next_action.use_stripe_sdk.type, 'three_d_secure_redirect');
    assert.equal((await choose(daemon, intent, 'failed')).status, 200);
    const failed = await stripe.paymentIntents.retrieve(intent.id);
    assert.equal(failed.status, 'requires_payment_method');
    const error = failed.last_payment_error;
    assert.equal(error.code, 'payment_intent_authentication_failure');
    assert.equal(error.type, 'invalid_request_error');
    assert.equal(error.payment_method.id, intent.payment_method);
    assert.equal(error.charge, undefined, 'the bank was never asked');
    const { data } = await stripe.events.list({ type: 'payment_intent.payment_failed' });
    assert.deepEqual(plain(data[0].data.object), plain(failed));
  });

  await t.test('with manual confirmation the server confirms again', async () => {
    const intent = await challenged({ confirmation_method: 'manual' });
    await choose(daemon, intent, 'succeeded');
    const waiting = await stripe.paymentIntents.retrieve(intent.id);
    assert.equal(waiting.status, 'requires_confirmation');
    assert.equal((await stripe.paymentIntents.confirm(intent.id)).status, 'succeeded');
  });

  await t.test('with manual capture the money is held', async () => {
    const intent = await challenged({ capture_method: 'manual' });
    await choose(daemon, intent, 'succeeded');
    const held = await stripe.paymentIntents.retrieve(intent.id);
    assert.equal(held.status, 'requires_capture');
    assert.equal((await stripe.paymentIntents.capture(intent.id)).status, 'succeeded');
  });
});

test('without a version of Stripe the code of an empty account is its own', async (t) => {
  const { daemon } = await startPaying(t);
  const { status, json } = await daemon.post('/v1/payment_intents', {
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body:
      'amount=2000&currency=usd&confirm=true' +
      '&payment_method=pm_card_chargeDeclinedInsufficientFunds',
  });
  assert.equal(status, 402);
  assert.equal(json.error.code, 'insufficient_funds');
  assert.equal(json.error.decline_code, 'insufficient_funds');
  assert.equal(json.error.type, 'card_error');
});

test('refusals of an amount and a currency name the parameter', async (t) => {
  const { stripe } = await startPaying(t);
  const cases = [
    [{ amount: 49 }, 'amount_too_small', 'amount'],
    [{ amount: 100_000_000 }, 'amount_too_large', 'amount'],
    [{ amount: 'x' }, 'parameter_invalid_integer', 'amount'],
    [{ amount: 19.5 }, 'parameter_invalid_integer', 'amount'],
    [{ amount: undefined }, 'parameter_missing', 'amount'],
    [{ currency: undefined }, 'parameter_missing', 'currency'],
    [{ currency: 'zzz' }, undefined, 'currency'],
    [{ amuont: 3 }, 'parameter_unknown', 'amuont'],
    [{ description: 'x'.repeat(351) }, undefined, 'description'],
    [{ receipt_email: 'nobody' }, 'email_invalid', 'receipt_email'],
    [{ customer: 'cus_none' }, 'resource_missing', 'customer'],
    [{ payment_method: 'pm_none' }, 'resource_missing', 'payment_method'],
    [{ capture_method: 'later' }, undefined, 'capture_method'],
    [{ confirmation_method: 'later' }, undefined, 'confirmation_method'],
    [{ confirm: 'maybe' }, undefined, 'confirm'],
  ];
  for (const [more, code, param] of cases) {
    await t.test(`${param}: ${JSON.stringify(more).slice(0, 60)}`, async () => {
      await assert.rejects(
        stripe.paymentIntents.create({ amount: 500, currency: 'usd', ...more }),
        (error) => {
          assert.ok(error instanceof StripeInvalidRequestError, String(error));
          assert.equal(error.param, param);
          if (code) assert.equal(error.code, code);
          return true;
        },
      );
    });
  }
  for (const amount of [50, 99_999_999]) {
    await t.test(`${amount} is within the limits`, async () => {
      assert.equal((await pay(stripe, { amount })).amount_received, amount);
    });
  }
});
