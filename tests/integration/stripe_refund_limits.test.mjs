// Refunds by the real SDK: every refusal, those that take time, and many at once in every mixture.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventually } from './lib/delivery.mjs';
import { balanceOf, linesOf } from './lib/stripe_books.mjs';
import { checkMetadata, plain, refused, unknownPath } from './lib/stripe_checks.mjs';
import { clientOf, idsOf, pay, startPaying } from './lib/stripe_client.mjs';

const quick = { payments: { sandbox_settle_milliseconds: 100 } };

const sumOf = (refunds) => refunds.reduce((sum, { amount }) => sum + amount, 0);

async function stateOf(stripe, id) {
  const { latest_charge: charge } = await stripe.paymentIntents.retrieve(id, {
    expand: ['latest_charge.refunds'],
  });
  return charge;
}

test('what is wrong with a refund is named', async (t) => {
  const { stripe } = await startPaying(t);
  const { refunds } = stripe;
  const { id: payment_intent, latest_charge: charge } = await pay(stripe);
  const base = { payment_intent };
  const cases = [
    ['of nothing', {}, 'payment_intent', 'parameter_missing'],
    ['of an unknown payment', { payment_intent: 'pi_0' }, 'payment_intent', 'resource_missing'],
    ['of an unknown charge', { charge: 'ch_0' }, 'charge', 'resource_missing'],
    ['of another thing', { payment_intent: charge }, 'payment_intent', 'resource_missing'],
    ['of nothing of it', { ...base, amount: 0 }, 'amount', 'parameter_invalid_integer'],
    ['below nothing', { ...base, amount: -5 }, 'amount', 'parameter_invalid_integer'],
    ['of half a cent', { ...base, amount: 0.5 }, 'amount', 'parameter_invalid_integer'],
    ['of a word', { ...base, amount: 'all' }, 'amount', 'parameter_invalid_integer'],
    ['of too much', { ...base, amount: 2001 }, 'amount'],
    ['of far too much', { ...base, amount: 2n ** 63n }, 'amount', 'parameter_invalid_integer'],
    ['for a reason of his own', { ...base, reason: 'bored' }, 'reason'],
    ['with metadata that is none', { ...base, metadata: 'x' }, 'metadata'],
    ['with a word too many', { ...base, currency_code: 'usd' }, 'currency_code'],
    ['with what cannot be expanded', { ...base, expand: ['amount'] }, 'expand'],
  ];
  for (const [name, parameters, param, code] of cases) {
    await t.test(name, () => refused(refunds.create(parameters), { param, code }));
  }
  await t.test('of a charge of another payment', async () => {
    const other = await pay(stripe);
    await refused(refunds.create({ payment_intent, charge: other.latest_charge }));
  });
  await t.test('and nothing was given back', async () => {
    assert.deepEqual(idsOf(await refunds.list()), []);
  });
  for (const id of ['re_none', charge, 're_']) {
    await t.test(`no refund is ${id.slice(0, 7)}`, async () => {
      await unknownPath(refunds.retrieve(id), id);
      await unknownPath(refunds.update(id, { metadata: { a: '1' } }), id);
    });
  }
  await t.test('the amount of what does not fit is told', async () => {
    await refunds.create({ ...base, amount: 1999 });
    const error = await refused(refunds.create({ ...base, amount: 2 }), { param: 'amount' });
    assert.equal(error.type, 'StripeInvalidRequestError');
    await refunds.create({ ...base, amount: 1 });
    await refused(refunds.create(base), { code: 'charge_already_refunded' });
    await refused(refunds.create({ ...base, amount: 1 }), { code: 'charge_already_refunded' });
  });
});

test('a refund has words', async (t) => {
  const { stripe } = await startPaying(t);
  const { refunds } = stripe;
  const { id: payment_intent } = await pay(stripe);
  for (const reason of ['duplicate', 'fraudulent', 'requested_by_customer']) {
    await t.test(reason, async () => {
      const made = await refunds.create({ payment_intent, amount: 100, reason });
      assert.equal(made.reason, reason);
      assert.deepEqual(plain(await refunds.retrieve(made.id)), plain(made));
    });
  }
  const { id } = await refunds.create({ payment_intent, amount: 100 });
  await checkMetadata(t, (change) => refunds.update(id, change));
  await t.test('and nothing else is changed', async () => {
    await refused(refunds.update(id, { amount: 5 }), { param: 'amount' });
    await refused(refunds.update(id, { reason: 'duplicate' }), { param: 'reason' });
  });
});

test('a payment that has no money to give back', async (t) => {
  const { stripe } = await startPaying(t, quick);
  const open = { amount: 900, currency: 'usd' };
  const { paymentIntents } = stripe;
  const made = [
    ['that has no method', () => paymentIntents.create(open)],
    ['that waits to be confirmed', () => pay(stripe, { confirm: false })],
    ['that is held', () => pay(stripe, { capture_method: 'manual' })],
    [
      'that waits for its buyer',
      () => pay(stripe, { payment_method: 'pm_card_authenticationRequired' }),
    ],
    [
      'that was canceled',
      async () => paymentIntents.cancel((await paymentIntents.create(open)).id),
    ],
    [
      'that was declined',
      () =>
        pay(stripe, { payment_method: 'pm_card_chargeDeclined' }).catch((e) => e.payment_intent),
    ],
  ];
  for (const [name, make] of made) {
    await t.test(name, async () => {
      const { id, latest_charge: charge } = await make();
      await refused(stripe.refunds.create({ payment_intent: id }));
      if (charge) await refused(stripe.refunds.create({ charge }));
    });
  }
  await t.test('and one that was captured in part', async () => {
    const { id } = await pay(stripe, { capture_method: 'manual' });
    await paymentIntents.capture(id, { amount_to_capture: 600 });
    await refused(stripe.refunds.create({ payment_intent: id, amount: 601 }), { param: 'amount' });
    assert.equal((await stripe.refunds.create({ payment_intent: id })).amount, 600);
  });
});

test('a refund that takes its time', async (t) => {
  const { stripe } = await startPaying(t, quick);
  const { refunds } = stripe;
  const statusOf = (id, status) =>
    eventually(`${id} ${status}`, async () => {
      const now = await refunds.retrieve(id);
      return now.status === status && now;
    });
  await t.test('holds its amount while it is pending', async () => {
    const { id: payment_intent } = await pay(stripe, { payment_method: 'pm_card_pendingRefund' });
    const made = await refunds.create({ payment_intent, amount: 1500 });
    assert.equal(made.status, 'pending');
    await refused(refunds.create({ payment_intent, amount: 501 }), { param: 'amount' });
    await statusOf(made.id, 'succeeded');
    assert.equal((await stateOf(stripe, payment_intent)).amount_refunded, 1500);
  });
  await t.test('frees its amount when it fails', async () => {
    const { id: payment_intent } = await pay(stripe, { payment_method: 'pm_card_refundFail' });
    const made = await refunds.create({ payment_intent });
    await statusOf(made.id, 'failed');
    const charge = await stateOf(stripe, payment_intent);
    assert.deepEqual([charge.amount_refunded, charge.refunded], [0, false]);
    assert.equal((await refunds.create({ payment_intent, amount: 2000 })).status, 'pending');
  });
  await t.test('of a bank account', async () => {
    const paid = await pay(stripe, {
      payment_method: 'pm_usBankAccount',
      payment_method_types: ['us_bank_account'],
    });
    await eventually('the debit', async () => {
      const now = await stripe.paymentIntents.retrieve(paid.id);
      return now.status === 'succeeded';
    });
    const made = await refunds.create({ payment_intent: paid.id });
    assert.equal(made.status, 'pending');
    await statusOf(made.id, 'succeeded');
  });
});

test('however many ask at once, no more is given back than was taken', async (t) => {
  const { daemon, stripe } = await startPaying(t);
  const { refunds } = stripe;
  const before = async () => (await balanceOf(stripe)).pending;
  const kMany = 30;
  // What each of the thirty asks for, and what was captured of 2000.
  const mixtures = [
    ['equal parts', 2000, () => 300],
    ['growing parts', 2000, (index) => 10 * (index + 1)],
    ['parts of what was captured', 1234, (index) => 50 + (index % 7) * 37],
    ['all, thirty times', 2000, () => undefined],
    ['all or a part', 2000, (index) => (index % 2 ? undefined : 150)],
  ];
  for (const [name, captured, amountOf] of mixtures) {
    await t.test(name, async () => {
      const { id: payment_intent } = await pay(stripe, { capture_method: 'manual' });
      await stripe.paymentIntents.capture(payment_intent, { amount_to_capture: captured });
      const pending = await before();
      const settled = await Promise.allSettled(
        Array.from({ length: kMany }, (_, index) =>
          refunds.create({ payment_intent, amount: amountOf(index) }),
        ),
      );
      const made = settled.flatMap(({ value }) => value ?? []);
      assert.ok(made.length > 0);
      for (const { reason } of settled.filter(({ status }) => status === 'rejected')) {
        assert.equal(reason.statusCode, 400, reason.message);
      }
      const charge = await stateOf(stripe, payment_intent);
      assert.ok(sumOf(made) <= captured);
      assert.equal(charge.amount_refunded, sumOf(made));
      const listed = (await refunds.list({ payment_intent, limit: 100 })).data;
      assert.deepEqual(new Set(idsOf({ data: listed })), new Set(idsOf({ data: made })));
      assert.equal(await before(), pending - sumOf(made));
    });
  }
  await t.test('thirty retries of one refund make one', async () => {
    const { id: payment_intent } = await pay(stripe);
    const retrying = clientOf(daemon, { maxNetworkRetries: 8 });
    const made = await Promise.all(
      Array.from({ length: kMany }, () =>
        retrying.refunds.create({ payment_intent, amount: 700 }, { idempotencyKey: 'once' }),
      ),
    );
    assert.equal(new Set(idsOf({ data: made })).size, 1);
    assert.equal((await stateOf(stripe, payment_intent)).amount_refunded, 700);
  });
  await t.test('refunds against a capture and a cancel', async () => {
    for (let round = 0; round < 5; round += 1) {
      const { id: payment_intent } = await pay(stripe, { capture_method: 'manual' });
      await Promise.allSettled([
        stripe.paymentIntents.capture(payment_intent, { amount_to_capture: 900 }),
        stripe.paymentIntents.cancel(payment_intent),
        ...Array.from({ length: 6 }, () => refunds.create({ payment_intent, amount: 400 })),
      ]);
      const charge = await stateOf(stripe, payment_intent);
      assert.ok(charge.amount_refunded <= charge.amount_captured);
      const lines = await linesOf(stripe, { type: 'refund' });
      assert.ok(lines.every(({ net, amount }) => net === amount && amount < 0));
    }
  });
});
