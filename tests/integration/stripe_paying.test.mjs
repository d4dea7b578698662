// Paying by the real SDK: banks that take days, cards that are kept, currencies, and everything
// else that a payment may be told.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventually } from './lib/delivery.mjs';
import { balanceOf } from './lib/stripe_books.mjs';
import { plain, refused } from './lib/stripe_checks.mjs';
import { idsOf, pay, startPaying } from './lib/stripe_client.mjs';
import { bank, card } from './lib/stripe_methods.mjs';

const quick = { payments: { sandbox_settle_milliseconds: 100 } };
const never = { payments: { sandbox_settle_milliseconds: 86_400_000 } };
const kReusable = 'off_session';
const kClosedAccount = '000111111113';
const kNoFunds = '000222222227';

const ended = (stripe, id) =>
  eventually(`the end of ${id}`, async () => {
    const now = await stripe.paymentIntents.retrieve(id, { expand: ['latest_charge'] });
    return now.status !== 'processing' && now;
  });

const typesAbout = async (stripe, id) => {
  const { data } = await stripe.events.list({ limit: 100 });
  return data.filter(({ data: { object } }) => object.id === id).map(({ type }) => type);
};

const debit = (stripe, account_number) =>
  pay(stripe, {
    payment_method: undefined,
    payment_method_data: bank(account_number ? { account_number } : {}),
    payment_method_types: ['us_bank_account'],
    expand: ['latest_charge'],
  });

test('a bank is debited in its own time', async (t) => {
  const { stripe } = await startPaying(t, quick);
  await t.test('and pays', async () => {
    const begun = await debit(stripe);
    assert.equal(begun.status, 'processing');
    assert.equal(begun.amount_received, 0);
    assert.equal(begun.latest_charge.status, 'pending');
    assert.equal(begun.latest_charge.paid, false);
    const paid = await ended(stripe, begun.id);
    assert.equal(paid.status, 'succeeded');
    assert.equal(paid.latest_charge.id, begun.latest_charge.id, 'the same charge');
    assert.equal(paid.latest_charge.payment_method_details.type, 'us_bank_account');
    assert.equal(paid.latest_charge.payment_method_details.us_bank_account.last4, '6789');
    const { pending, instant } = await balanceOf(stripe);
    assert.ok(pending > 0);
    assert.equal(instant, 0, 'a debit may still come back');
    assert.deepEqual(await typesAbout(stripe, begun.id), [
      'payment_intent.succeeded',
      'payment_intent.processing',
      'payment_intent.created',
    ]);
  });
  for (const account of [kClosedAccount, kNoFunds]) {
    await t.test(`or does not: ${account}`, async () => {
      const begun = await debit(stripe, account);
      assert.equal(begun.status, 'processing');
      const failed = await ended(stripe, begun.id);
      assert.equal(failed.status, 'requires_payment_method');
      assert.ok(failed.last_payment_error.code);
      assert.equal(failed.latest_charge.status, 'failed');
      assert.equal(failed.latest_charge.id, begun.latest_charge.id);
      const types = await typesAbout(stripe, begun.id);
      assert.equal(types.filter((type) => type === 'payment_intent.payment_failed').length, 1);
      const paid = await stripe.paymentIntents.confirm(begun.id, {
        payment_method_types: ['card'],
        payment_method: 'pm_card_visa',
      });
      assert.equal(paid.status, 'succeeded');
    });
  }
});

test('while a bank takes its time', async (t) => {
  const { stripe } = await startPaying(t, never);
  const begun = await debit(stripe);
  await t.test('there is no money yet', async () => {
    assert.equal(begun.status, 'processing');
    assert.deepEqual(await balanceOf(stripe), { available: 0, pending: 0, instant: 0 });
  });
  await t.test('nothing is confirmed again or given back', async () => {
    const wanted = { code: 'payment_intent_unexpected_state' };
    await refused(stripe.paymentIntents.confirm(begun.id), wanted);
    await refused(stripe.refunds.create({ payment_intent: begun.id }));
  });
  await t.test('it may be stopped', async () => {
    assert.equal((await stripe.paymentIntents.cancel(begun.id)).status, 'canceled');
    const still = await stripe.paymentIntents.retrieve(begun.id, { expand: ['latest_charge'] });
    assert.equal(still.status, 'canceled');
    assert.equal(still.amount_received, 0);
    assert.equal(still.latest_charge.status, 'failed');
  });
});

test('a card is kept for later', async (t) => {
  const { stripe } = await startPaying(t);
  const { customers, paymentMethods } = stripe;
  await t.test('with its customer, when that is wished', async () => {
    const { id: customer } = await customers.create();
    const { id } = await paymentMethods.create(card('4242424242424242'));
    const paid = await pay(stripe, {
      customer,
      payment_method: id,
      setup_future_usage: kReusable,
    });
    assert.equal(paid.setup_future_usage, kReusable);
    assert.equal((await paymentMethods.retrieve(id)).customer, customer);
    assert.deepEqual(idsOf(await customers.listPaymentMethods(customer)), [id]);
    const again = await pay(stripe, { customer, payment_method: id, off_session: true });
    assert.equal(again.status, 'succeeded');
    const { data } = await stripe.events.list({ type: 'payment_method.attached' });
    assert.equal(data.length, 1);
  });
  await t.test('not when nobody wished it', async () => {
    const { id: customer } = await customers.create();
    const { id } = await paymentMethods.create(card('4242424242424242'));
    await pay(stripe, { customer, payment_method: id });
    assert.deepEqual(idsOf(await customers.listPaymentMethods(customer)), []);
  });
  await t.test('not when it was declined', async () => {
    const { id: customer } = await customers.create();
    const wish = { customer, setup_future_usage: kReusable };
    const declined = { ...wish, payment_method: 'pm_card_chargeDeclined' };
    await refused(pay(stripe, declined), { status: 402, card: true });
    assert.deepEqual(idsOf(await customers.listPaymentMethods(customer)), []);
  });
  await t.test('a wish that is no wish', () =>
    refused(pay(stripe, { setup_future_usage: 'maybe' }), { param: 'setup_future_usage' }),
  );
});

test('a card error names how the card came', async (t) => {
  const { stripe } = await startPaying(t);
  const { id } = await stripe.paymentMethods.create(card('4000000000000002'));
  const wanted = { status: 402, card: true, code: 'card_declined' };
  const byId = await refused(pay(stripe, { payment_method: id }), {
    ...wanted,
    param: 'payment_method',
  });
  assert.equal(byId.payment_method.id, id);
  assert.equal(byId.payment_method.card.last4, '0002');
  assert.equal(byId.decline_code, 'generic_decline');
  assert.match(byId.doc_url, /card-declined/);
  assert.equal(byId.payment_intent.latest_charge, byId.charge);
  const inline = { payment_method: undefined, payment_method_data: card('4000000000000002') };
  await refused(pay(stripe, inline), { ...wanted, param: 'card' });
  await t.test('and the payment remembers it', async () => {
    const read = await stripe.paymentIntents.retrieve(byId.payment_intent.id);
    const error = read.last_payment_error;
    assert.equal(error.type, 'card_error');
    assert.equal(error.code, 'card_declined');
    assert.equal(error.decline_code, 'generic_decline');
    assert.equal(error.charge, byId.charge);
    assert.equal(error.payment_method.id, id);
    assert.equal(read.payment_method, null);
    assert.deepEqual(plain(byId.payment_intent), plain(read));
  });
});

test('an amount that the gateway would round is refused', async (t) => {
  const { stripe } = await startPaying(t);
  const held = await pay(stripe, { currency: 'mga', amount: 1200, capture_method: 'manual' });
  await refused(pay(stripe, { currency: 'mga', amount: 1055 }), {
    param: 'amount',
    message: /multiples of 100/,
  });
  const less = stripe.paymentIntents.capture(held.id, { amount_to_capture: 1155 });
  await refused(less, { param: 'amount_to_capture' });
  await stripe.paymentIntents.capture(held.id, { amount_to_capture: 1100 });
  await refused(stripe.refunds.create({ payment_intent: held.id, amount: 55 }), {
    param: 'amount',
  });
  await stripe.refunds.create({ payment_intent: held.id, amount: 100 });
  const { amount_received: received } = await stripe.paymentIntents.retrieve(held.id);
  assert.equal(received, 1100);
});

test('money of every kind', async (t) => {
  const { stripe } = await startPaying(t);
  for (const currency of ['usd', 'EUR', 'Gbp', 'jpy', 'krw', 'kwd', 'cny', 'chf', 'brl', 'inr']) {
    await t.test(currency, async () => {
      for (const amount of [50, 99_999_999]) {
        const paid = await pay(stripe, { currency, amount, expand: ['latest_charge'] });
        assert.equal(paid.currency, currency.toLowerCase());
        assert.equal(paid.amount_received, amount);
        assert.equal(paid.latest_charge.currency, currency.toLowerCase());
      }
      await refused(pay(stripe, { currency, amount: 49 }), { code: 'amount_too_small' });
      await refused(pay(stripe, { currency, amount: 100_000_000 }), { code: 'amount_too_large' });
      await balanceOf(stripe, currency.toLowerCase());
    });
  }
  for (const currency of ['us', 'usdd', 'xxx1', 'u$d', '840', 'xyz']) {
    await t.test(`${currency} is none`, () =>
      refused(pay(stripe, { currency }), { param: 'currency' }),
    );
  }
});

test('what a payment is told, it says', async (t) => {
  const { stripe } = await startPaying(t);
  const { paymentIntents } = stripe;
  const base = { amount: 500, currency: 'usd' };
  const address = {
    line1: '1 Main St',
    line2: null,
    city: 'Springfield',
    state: 'IL',
    postal_code: '62701',
    country: 'US',
  };
  const cases = [
    ['capture_method', 'manual'],
    ['capture_method', 'automatic'],
    ['capture_method', 'automatic_async'],
    ['confirmation_method', 'manual'],
    ['confirmation_method', 'automatic'],
    ['description', '漢字 & <b>'],
    ['receipt_email', 'ada+shop@example.co.uk'],
    ['statement_descriptor', 'POSTERN SHOP'],
    ['statement_descriptor_suffix', 'ORDER 7'],
    ['setup_future_usage', 'on_session'],
    ['transfer_group', 'ORDER7'],
    ['metadata', { order: '7', empty_not: ' ' }],
    ['payment_method_types', ['card', 'us_bank_account']],
  ];
  for (const [name, value] of cases) {
    await t.test(`${name}: ${JSON.stringify(value)}`, async () => {
      const made = await paymentIntents.create({ ...base, [name]: value });
      assert.deepEqual(plain(made[name]), value);
      assert.deepEqual(plain(await paymentIntents.retrieve(made.id)), plain(made));
    });
  }
  await t.test('where it is sent', async () => {
    const shipping = { name: 'Ada', phone: '1', carrier: 'Post', tracking_number: '1Z', address };
    const made = await paymentIntents.create({ ...base, shipping });
    assert.deepEqual(plain(made.shipping), shipping);
  });
  await t.test('automatic methods, without redirects', async () => {
    const automatic = { enabled: true, allow_redirects: 'never' };
    const made = await paymentIntents.create({ ...base, automatic_payment_methods: automatic });
    assert.deepEqual(plain(made.automatic_payment_methods), automatic);
  });
  await t.test('with all that a confirmation may bring', async () => {
    const { id } = await paymentIntents.create(base);
    const change = {
      receipt_email: 'bob@example.com',
      setup_future_usage: 'on_session',
      shipping: { name: 'Bob', address },
    };
    const paid = await paymentIntents.confirm(id, { payment_method: 'pm_card_visa', ...change });
    assert.equal(paid.status, 'succeeded');
    assert.equal(paid.receipt_email, 'bob@example.com');
    assert.equal(paid.setup_future_usage, 'on_session');
    assert.equal(paid.shipping.name, 'Bob');
  });
  await t.test('a state for each step', async () => {
    const open = await paymentIntents.create(base);
    assert.equal(open.status, 'requires_payment_method');
    const chosen = await paymentIntents.update(open.id, { payment_method: 'pm_card_visa' });
    assert.equal(chosen.status, 'requires_confirmation');
    assert.match(chosen.payment_method, /^pm_/);
    const paid = await paymentIntents.confirm(open.id);
    assert.equal(paid.status, 'succeeded');
    assert.equal(paid.payment_method, chosen.payment_method);
    assert.match(paid.client_secret, new RegExp(`^${paid.id}_secret_`));
    assert.equal(paid.client_secret, open.client_secret);
  });
});
