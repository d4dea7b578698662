// Refunds by the real SDK: never more than was captured, however many ask at once.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { idsOf, pay, plain, startPaying } from './lib/stripe_client.mjs';

test('a payment is given back in parts', async (t) => {
  const { stripe } = await startPaying(t);
  const { id, latest_charge: charge } = await pay(stripe);
  const part = await stripe.refunds.create({
    payment_intent: id,
    amount: 500,
    reason: 'requested_by_customer',
    metadata: { a: '1' },
  });
  assert.equal(part.status, 'succeeded');
  assert.equal(part.charge, charge);
  assert.equal(part.reason, 'requested_by_customer');
  await assert.rejects(stripe.refunds.create({ payment_intent: id, amount: 1501 }), {
    statusCode: 400,
    param: 'amount',
  });
  const rest = await stripe.refunds.create({ charge });
  assert.equal(rest.amount, 1500);
  await assert.rejects(stripe.refunds.create({ payment_intent: id }), {
    statusCode: 400,
    code: 'charge_already_refunded',
  });
  assert.deepEqual(idsOf(await stripe.refunds.list({ payment_intent: id })), [rest.id, part.id]);
  const updated = await stripe.refunds.update(part.id, { metadata: { b: '2' } });
  assert.deepEqual({ ...updated.metadata }, { a: '1', b: '2' });
  const refunded = await stripe.charges.retrieve(charge);
  assert.equal(refunded.refunded, true);
  assert.equal(refunded.amount_refunded, 2000);
});

test('the events of a refund show what a request for it shows', async (t) => {
  const { stripe } = await startPaying(t);
  const { id: customer } = await stripe.customers.create({});
  const { id } = await pay(stripe, { customer });
  const made = await stripe.refunds.create({ payment_intent: id, amount: 500 });
  assert.equal(made.customer, customer);
  const refund = plain(await stripe.refunds.retrieve(made.id));
  const { data } = await stripe.events.list({ type: 'refund.updated' });
  assert.deepEqual(plain(data[0].data.object), refund);
});

test('what was not captured is not refunded', async (t) => {
  const { stripe } = await startPaying(t);
  const { id } = await pay(stripe, { capture_method: 'manual' });
  await assert.rejects(stripe.refunds.create({ payment_intent: id }), { statusCode: 400 });
  await stripe.paymentIntents.capture(id, { amount_to_capture: 800 });
  await assert.rejects(stripe.refunds.create({ payment_intent: id, amount: 801 }), {
    statusCode: 400,
  });
  assert.equal((await stripe.refunds.create({ payment_intent: id })).amount, 800);
});

test('thirty partial refunds at once stay within the payment', async (t) => {
  const { stripe } = await startPaying(t);
  const { id, latest_charge: charge } = await pay(stripe);
  const settled = await Promise.allSettled(
    Array.from({ length: 30 }, () => stripe.refunds.create({ payment_intent: id, amount: 300 })),
  );
  assert.equal(settled.filter(({ status }) => status === 'fulfilled').length, 6);
  assert.equal((await stripe.charges.retrieve(charge)).amount_refunded, 1800);
});
