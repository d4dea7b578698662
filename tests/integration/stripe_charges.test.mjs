// Charges by the real SDK: one for each try, what became of it, and the words that it carries.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  checkList,
  checkMetadata,
  collect,
  laterSecond,
  plain,
  refused,
  unknownPath,
} from './lib/stripe_checks.mjs';
import { choose, idsOf, pay, startPaying } from './lib/stripe_client.mjs';

const kAddress = {
  line1: '1 Main St',
  line2: null,
  city: 'Springfield',
  state: 'IL',
  postal_code: '62701',
  country: 'US',
};

const ofIntent = async (stripe, intent) =>
  (await stripe.charges.list({ payment_intent: intent.id })).data;

test('a payment has a charge', async (t) => {
  const { daemon, stripe } = await startPaying(t);
  const { id: customer } = await stripe.customers.create({ email: 'ada@example.com' });
  const method = await stripe.paymentMethods.attach('pm_card_visa', { customer });
  const words = {
    description: 'Order 7',
    receipt_email: 'ada@example.com',
    metadata: { order: '7' },
    shipping: { name: 'Ada', address: kAddress },
    statement_descriptor_suffix: 'ORDER7',
  };
  const paid = await pay(stripe, { customer, payment_method: method.id, ...words });
  const charge = await stripe.charges.retrieve(paid.latest_charge);
  await t.test('that says what was paid', () => {
    assert.match(charge.id, /^ch_/);
    const { amount, amount_captured: captured, amount_refunded: refunded } = charge;
    assert.deepEqual([amount, captured, refunded], [2000, 2000, 0]);
    assert.deepEqual([charge.captured, charge.paid, charge.refunded], [true, true, false]);
    assert.equal(charge.status, 'succeeded');
    assert.equal(charge.currency, 'usd');
    assert.equal(charge.disputed, false);
    assert.equal(charge.payment_intent, paid.id);
    assert.equal(charge.payment_method, method.id);
    assert.equal(charge.customer, customer);
    assert.equal(charge.outcome.type, 'authorized');
    assert.equal(charge.outcome.network_status, 'approved_by_network');
  });
  await t.test("and whose words are the payment's", () => {
    assert.equal(charge.description, words.description);
    assert.equal(charge.receipt_email, words.receipt_email);
    assert.deepEqual(plain(charge.metadata), words.metadata);
    assert.equal(charge.shipping.name, 'Ada');
    assert.deepEqual(plain(charge.shipping.address), kAddress);
    assert.equal(charge.statement_descriptor_suffix, 'ORDER7');
  });
  await t.test('and a receipt that a person can read', async () => {
    const page = await daemon.request('GET', new URL(charge.receipt_url).pathname);
    assert.equal(page.status, 200);
    assert.match(page.headers['content-type'], /^text\/html/);
    assert.match(page.text, /20\.00 USD/);
    assert.ok(!page.text.includes('ada@example.com'));
  });
  await t.test('and what it refers to, expanded', async () => {
    const expand = ['customer', 'payment_intent.payment_method', 'balance_transaction'];
    const read = await stripe.charges.retrieve(charge.id, { expand: [...expand, 'refunds'] });
    assert.equal(read.customer.email, 'ada@example.com');
    assert.equal(read.payment_intent.payment_method.id, method.id);
    assert.equal(read.balance_transaction.source, charge.id);
    assert.deepEqual(plain(read.refunds.data), []);
  });
});

test('each try is a charge', async (t) => {
  const { daemon, stripe } = await startPaying(t);
  const { paymentIntents } = stripe;
  await t.test('a decline is kept with its reason', async () => {
    const error = await pay(stripe, { payment_method: 'pm_card_chargeDeclined' }).catch((e) => e);
    const charge = await stripe.charges.retrieve(error.payment_intent.latest_charge);
    assert.equal(charge.status, 'failed');
    assert.deepEqual([charge.paid, charge.captured, charge.amount_captured], [false, false, 0]);
    assert.equal(charge.failure_code, 'card_declined');
    assert.ok(charge.failure_message);
    assert.equal(charge.outcome.type, 'issuer_declined');
    assert.equal(charge.outcome.network_status, 'declined_by_network');
    assert.equal(charge.outcome.reason, 'generic_decline');
    assert.equal(charge.balance_transaction, null);
    assert.equal(charge.receipt_url, null);
    await refused(stripe.refunds.create({ charge: charge.id }));
    const paid = await paymentIntents.confirm(error.payment_intent.id, {
      payment_method: 'pm_card_visa',
    });
    const all = await ofIntent(stripe, paid);
    assert.deepEqual(idsOf({ data: all }), [paid.latest_charge, charge.id]);
  });
  await t.test('a held charge is captured in part, and the rest released', async () => {
    const held = await pay(stripe, { capture_method: 'manual' });
    const before = await stripe.charges.retrieve(held.latest_charge);
    assert.deepEqual([before.captured, before.paid, before.amount_captured], [false, true, 0]);
    assert.equal(before.status, 'succeeded');
    await paymentIntents.capture(held.id, { amount_to_capture: 1250 });
    const after = await stripe.charges.retrieve(held.latest_charge);
    assert.deepEqual([after.captured, after.amount_captured], [true, 1250]);
    assert.equal(after.amount, 2000);
  });
  await t.test('a held charge is let go', async () => {
    const held = await pay(stripe, { capture_method: 'manual' });
    await paymentIntents.cancel(held.id);
    const charge = await stripe.charges.retrieve(held.latest_charge);
    assert.equal(charge.captured, false);
    assert.equal(charge.amount_captured, 0);
    await refused(stripe.refunds.create({ charge: charge.id }));
  });
  await t.test('refunds are counted', async () => {
    const paid = await pay(stripe);
    const first = await stripe.refunds.create({ payment_intent: paid.id, amount: 700 });
    const part = await stripe.charges.retrieve(paid.latest_charge);
    assert.deepEqual([part.amount_refunded, part.refunded], [700, false]);
    const second = await stripe.refunds.create({ payment_intent: paid.id });
    const all = await stripe.charges.retrieve(paid.latest_charge, { expand: ['refunds'] });
    assert.deepEqual([all.amount_refunded, all.refunded], [2000, true]);
    assert.deepEqual(idsOf(all.refunds), [second.id, first.id]);
  });
  await t.test('a challenge makes one when it is passed', async () => {
    const asked = await pay(stripe, { payment_method: 'pm_card_authenticationRequired' });
    assert.deepEqual(await ofIntent(stripe, asked), []);
    await choose(daemon, asked, 'succeeded');
    assert.equal((await ofIntent(stripe, asked)).length, 1);
  });
});

test('a charge is changed', async (t) => {
  const { stripe } = await startPaying(t);
  const { charges } = stripe;
  const { latest_charge: id } = await pay(stripe);
  const update = (change) => charges.update(id, change);
  await checkMetadata(t, update);
  await t.test('its words', async () => {
    const changed = await update({ description: 'New', receipt_email: 'b@example.com' });
    assert.equal(changed.description, 'New');
    assert.equal(changed.receipt_email, 'b@example.com');
    assert.deepEqual(plain(await charges.retrieve(id)), plain(changed));
    assert.equal((await update({ description: '' })).description, null);
  });
  await t.test('and that is told', async () => {
    const [event] = (await stripe.events.list({ type: 'charge.updated' })).data;
    assert.equal(event.data.object.id, id);
  });
  const wrong = [
    [{ amount: 5 }, 'amount', 'parameter_unknown'],
    [{ description: 'x'.repeat(351) }, 'description'],
    [{ receipt_email: 'x' }, 'receipt_email', 'email_invalid'],
    [{ expand: ['amount'] }, 'expand'],
    [{ shipping: { name: 'A' } }, 'shipping[address]', 'parameter_missing'],
  ];
  for (const [change, param, code] of wrong) {
    await t.test(JSON.stringify(change).slice(0, 60), () =>
      refused(update(change), { param, code }),
    );
  }
  for (const unknown of ['ch_none', 'pi_1', 'ch_']) {
    await t.test(`no charge is ${unknown}`, async () => {
      await unknownPath(charges.retrieve(unknown), unknown);
      await unknownPath(charges.update(unknown, { description: 'x' }), unknown);
    });
  }
});

test('lists of charges', async (t) => {
  const { daemon, stripe } = await startPaying(t);
  const { charges } = stripe;
  const { id: customer } = await stripe.customers.create();
  for (let index = 0; index < 8; index += 1) {
    if (index === 4) await laterSecond(daemon);
    await pay(stripe, index % 2 === 0 ? { customer } : {});
  }
  await checkList(t, (parameters) => charges.list(parameters), { url: '/v1/charges' });
  const all = (await charges.list({ limit: 100 })).data;
  await t.test('by customer', async () => {
    const his = idsOf({ data: all.filter((charge) => charge.customer === customer) });
    assert.equal(his.length, 4);
    assert.deepEqual(await collect(charges.list({ customer, limit: 3 })), his);
  });
  await t.test('by payment', async () => {
    const [{ id, payment_intent }] = all;
    assert.deepEqual(await collect(charges.list({ payment_intent })), [id]);
    assert.deepEqual(await collect(charges.list({ payment_intent, customer })), []);
  });
  await t.test('expanded', async () => {
    const expand = ['data.payment_intent', 'data.balance_transaction', 'data.customer'];
    const { data } = await charges.list({ customer, expand });
    for (const charge of data) {
      assert.equal(charge.payment_intent.latest_charge, charge.id);
      assert.equal(charge.balance_transaction.source, charge.id);
      assert.equal(charge.customer.id, customer);
    }
  });
  const missing = [{ payment_intent: 'pi_none' }, { customer: 'cus_none' }];
  for (const parameters of missing) {
    await t.test(JSON.stringify(parameters), () =>
      refused(charges.list(parameters), {
        param: Object.keys(parameters)[0],
        code: 'resource_missing',
      }),
    );
  }
});
