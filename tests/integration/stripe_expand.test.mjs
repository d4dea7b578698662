// Expansion by the real SDK: wherever an object refers to another, over lists, searches and writes.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { plain, refused } from './lib/stripe_checks.mjs';
import { pay, startPaying } from './lib/stripe_client.mjs';

const kNever = { payments: { sandbox_settle_milliseconds: 86_400_000 } };

// What one daemon holds, read once.
async function makeWorld(stripe) {
  const customer = await stripe.customers.create({ email: 'ada@example.com' });
  const method = await stripe.paymentMethods.attach('pm_card_bypassPending', {
    customer: customer.id,
  });
  await stripe.customers.update(customer.id, {
    invoice_settings: { default_payment_method: method.id },
  });
  const intent = await pay(stripe, {
    amount: 9000,
    customer: customer.id,
    payment_method: method.id,
  });
  const refund = await stripe.refunds.create({ payment_intent: intent.id, amount: 100 });
  const transfer = await stripe.transfers.create({
    amount: 300,
    currency: 'usd',
    destination: 'acct_1',
    source_transaction: intent.latest_charge,
  });
  const reversal = await stripe.transfers.createReversal(transfer.id, { amount: 50 });
  const payout = await stripe.payouts.create({ amount: 200, currency: 'usd' });
  const disputed = await pay(stripe, { payment_method: 'pm_card_createDispute' });
  const [dispute] = (await stripe.disputes.list()).data;
  const charge = await stripe.charges.retrieve(intent.latest_charge);
  return {
    customer,
    method,
    intent,
    refund,
    transfer,
    reversal,
    payout,
    disputed,
    dispute,
    charge,
  };
}

const follow = (object, path) => path.split('.').reduce((at, name) => at[name], object);

// An object of the world, how to read it, and what its expansions lead to.
const kReads = [
  [
    'intent',
    (stripe) => stripe.paymentIntents,
    {
      customer: 'customer',
      payment_method: 'payment_method',
      latest_charge: 'charge',
      'latest_charge.balance_transaction': 'balance_transaction',
      'latest_charge.customer': 'customer',
      'latest_charge.payment_intent': 'payment_intent',
      'latest_charge.balance_transaction.source': 'charge',
      'payment_method.customer': 'customer',
      'customer.invoice_settings.default_payment_method': 'payment_method',
    },
  ],
  [
    'charge',
    (stripe) => stripe.charges,
    {
      customer: 'customer',
      payment_intent: 'payment_intent',
      balance_transaction: 'balance_transaction',
      'payment_intent.payment_method': 'payment_method',
      'payment_intent.payment_method.customer': 'customer',
    },
  ],
  [
    'refund',
    (stripe) => stripe.refunds,
    {
      charge: 'charge',
      payment_intent: 'payment_intent',
      balance_transaction: 'balance_transaction',
      'charge.balance_transaction': 'balance_transaction',
      'payment_intent.customer': 'customer',
      'balance_transaction.source': 'refund',
    },
  ],
  [
    'dispute',
    (stripe) => stripe.disputes,
    {
      charge: 'charge',
      payment_intent: 'payment_intent',
      'charge.payment_intent': 'payment_intent',
      'payment_intent.latest_charge.balance_transaction': 'balance_transaction',
    },
  ],
  [
    'transfer',
    (stripe) => stripe.transfers,
    {
      balance_transaction: 'balance_transaction',
      source_transaction: 'charge',
      'source_transaction.payment_intent.customer': 'customer',
      'balance_transaction.source': 'transfer',
    },
  ],
  [
    'payout',
    (stripe) => stripe.payouts,
    { balance_transaction: 'balance_transaction', 'balance_transaction.source': 'payout' },
  ],
  [
    'method',
    (stripe) => stripe.paymentMethods,
    {
      customer: 'customer',
      'customer.invoice_settings.default_payment_method': 'payment_method',
    },
  ],
  [
    'customer',
    (stripe) => stripe.customers,
    {
      'invoice_settings.default_payment_method': 'payment_method',
      'invoice_settings.default_payment_method.customer': 'customer',
    },
  ],
];

const idOf = (value) => (typeof value === 'string' ? value : value.id);

test('what an object refers to is put in its place', async (t) => {
  const { stripe } = await startPaying(t, kNever);
  const world = await makeWorld(stripe);
  for (const [name, resourceOf, paths] of kReads) {
    const resource = resourceOf(stripe);
    const { id } = world[name];
    const bare = plain(await resource.retrieve(id));
    for (const [path, kind] of Object.entries(paths)) {
      await t.test(`${name}: ${path}`, async () => {
        const read = await resource.retrieve(id, { expand: [path] });
        const found = follow(read, path);
        assert.equal(typeof found, 'object', `${path} is ${found}`);
        assert.equal(found.object, kind);
        const [first] = path.split('.');
        if (typeof bare[first] === 'string') assert.equal(idOf(read[first]), bare[first]);
        const listed = await listOf(resource, { expand: [`data.${path}`], limit: 100 }, world);
        const same = listed.data.find((row) => row.id === id);
        assert.deepEqual(plain(same), plain(read), 'in a list as alone');
      });
    }
    await t.test(`${name}: all at once`, async () => {
      const read = await resource.retrieve(id, { expand: Object.keys(paths) });
      for (const [path, kind] of Object.entries(paths)) {
        assert.equal(follow(read, path).object, kind, path);
      }
    });
    const refusals = ['id', 'object', 'nothing', `${Object.keys(paths)[0]}.nothing`, ''];
    for (const path of refusals) {
      await t.test(`${name}: not ${path || 'nothing at all'}`, () =>
        refused(resource.retrieve(id, { expand: [path] }), { param: 'expand' }),
      );
    }
  }
  await t.test('reversals', async () => {
    const read = await stripe.transfers.retrieveReversal(world.transfer.id, world.reversal.id, {
      expand: ['transfer', 'balance_transaction'],
    });
    assert.equal(read.transfer.id, world.transfer.id);
    assert.equal(read.balance_transaction.source, world.reversal.id);
  });
  await t.test('lines of the balance', async () => {
    const expand = ['source', 'source.payment_intent'];
    const [line] = (await stripe.balanceTransactions.list({ source: world.charge.id })).data;
    const read = await stripe.balanceTransactions.retrieve(line.id, { expand });
    assert.equal(read.source.payment_intent.id, world.intent.id);
  });
});

function listOf(resource, parameters, world) {
  const ofMethods = resource.attach !== undefined;
  return resource.list(ofMethods ? { customer: world.customer.id, ...parameters } : parameters);
}

test('answers to writes are expanded too', async (t) => {
  const { stripe } = await startPaying(t);
  const { customers, paymentIntents, paymentMethods, refunds } = stripe;
  await t.test('create, update, confirm', async () => {
    const { id: customer } = await customers.create({ name: 'Ada' });
    const made = await paymentIntents.create({
      amount: 500,
      currency: 'usd',
      customer,
      expand: ['customer', 'payment_method', 'latest_charge'],
    });
    assert.equal(made.customer.name, 'Ada');
    assert.equal(made.payment_method, null, 'nothing is expanded to nothing');
    assert.equal(made.latest_charge, null);
    const updated = await paymentIntents.update(made.id, {
      metadata: { a: '1' },
      expand: ['customer'],
    });
    assert.equal(updated.customer.id, customer);
    const confirmed = await paymentIntents.confirm(made.id, {
      payment_method: 'pm_card_visa',
      expand: ['latest_charge.balance_transaction', 'payment_method'],
    });
    assert.equal(confirmed.latest_charge.balance_transaction.amount, 500);
    assert.equal(confirmed.payment_method.card.last4, '4242');
    const back = await refunds.create({ payment_intent: made.id, expand: ['charge'] });
    assert.equal(back.charge.amount_refunded, 500);
  });
  await t.test('capture and cancel', async () => {
    const held = await pay(stripe, { capture_method: 'manual', expand: ['latest_charge'] });
    assert.equal(held.latest_charge.captured, false);
    const taken = await paymentIntents.capture(held.id, { expand: ['latest_charge'] });
    assert.equal(taken.latest_charge.captured, true);
    const other = await pay(stripe, { capture_method: 'manual' });
    const gone = await paymentIntents.cancel(other.id, { expand: ['latest_charge'] });
    assert.equal(gone.latest_charge.amount_captured, 0);
  });
  await t.test('attach and detach', async () => {
    const { id: customer } = await customers.create({ name: 'Ada' });
    const expand = ['customer'];
    const attached = await paymentMethods.attach('pm_card_visa', { customer, expand });
    assert.equal(attached.customer.name, 'Ada');
    assert.equal((await paymentMethods.detach(attached.id, { expand })).customer, null);
  });
  await t.test('a search', async () => {
    const found = await paymentIntents.search({
      query: "status:'succeeded'",
      expand: ['data.latest_charge', 'total_count'],
    });
    assert.equal(found.total_count, found.data.length);
    for (const { latest_charge: charge } of found.data) assert.equal(charge.object, 'charge');
    assert.equal((await paymentIntents.search({ query: 'amount>1' })).total_count, undefined);
  });
  await t.test('what cannot be expanded does nothing', async () => {
    const before = (await paymentIntents.list({ limit: 100 })).data.length;
    await refused(pay(stripe, { expand: ['amount'] }), {
      param: 'expand',
      message: /^This property cannot be expanded \(amount\)\.$/,
    });
    await refused(refunds.create({ payment_intent: 'pi_x', expand: ['x'] }));
    assert.equal((await paymentIntents.list({ limit: 100 })).data.length, before);
  });
  await t.test('four levels are enough', async () => {
    const { id } = await pay(stripe);
    const four = 'latest_charge.payment_intent.latest_charge.balance_transaction';
    const read = await paymentIntents.retrieve(id, { expand: [four] });
    assert.equal(follow(read, four).object, 'balance_transaction');
    await refused(paymentIntents.retrieve(id, { expand: [`${four}.source`] }), {
      param: 'expand',
    });
    await refused(paymentIntents.list({ expand: [`data.${four}.source`] }), { param: 'expand' });
  });
});
