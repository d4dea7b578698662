// Customers by the real SDK: their life, their default method, their lists and their limits.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startDaemon } from './lib/daemon.mjs';
import { changeStore, noStoreTool } from './lib/store.mjs';
import {
  checkList,
  checkMetadata,
  collect,
  laterSecond,
  plain,
  refused,
  unknownPath,
} from './lib/stripe_checks.mjs';
import { clientOf, idsOf, pay, startPaying } from './lib/stripe_client.mjs';

const kAddress = {
  line1: '1 Main St',
  line2: 'Apt 2',
  city: 'Springfield',
  state: 'IL',
  postal_code: '62701',
  country: 'US',
};

const kWhole = {
  email: 'ada@example.com',
  name: 'Ada Lovelace',
  phone: '+15555550100',
  description: 'Counts',
  address: kAddress,
  shipping: { name: 'Ada', phone: '+15555550101', address: kAddress },
  metadata: { order: '7' },
};

const kCustomersMax = 50_000;

function holds(customer, expected) {
  for (const [name, value] of Object.entries(expected)) {
    if (name === 'shipping') {
      assert.equal(customer.shipping.name, value.name);
      assert.equal(customer.shipping.phone, value.phone);
      assert.deepEqual(plain(customer.shipping.address), value.address);
    } else {
      assert.deepEqual(plain(customer[name]), value, name);
    }
  }
}

test('a customer is made, read, changed and cleared', async (t) => {
  const { stripe } = await startPaying(t);
  const { customers } = stripe;
  const bare = await customers.create();
  assert.match(bare.id, /^cus_/);
  for (const name of ['email', 'name', 'phone', 'description', 'address', 'shipping']) {
    assert.equal(bare[name], null, name);
  }
  assert.deepEqual(plain(bare.metadata), {});
  assert.equal(bare.livemode, false);
  const whole = await customers.create(kWhole);
  holds(whole, kWhole);
  assert.deepEqual(plain(await customers.retrieve(whole.id)), plain(whole));

  const news = { email: 'b@example.com', name: 'Béla 贝拉', phone: '2', description: 'Other' };
  const changed = await customers.update(whole.id, news);
  holds(changed, { ...kWhole, ...news });
  assert.deepEqual(plain(await customers.retrieve(whole.id)), plain(changed));
  assert.deepEqual(plain(await customers.update(whole.id, {})), plain(changed));

  const cleared = await customers.update(whole.id, {
    email: '',
    name: '',
    phone: '',
    description: '',
    address: '',
    shipping: '',
    metadata: '',
  });
  assert.deepEqual({ ...plain(cleared), id: 0, created: 0 }, { ...plain(bare), id: 0, created: 0 });
  await checkMetadata(t, (change) => customers.update(bare.id, change));
});

test('a customer who is deleted is only a name', async (t) => {
  const { stripe } = await startPaying(t);
  const { customers, paymentMethods } = stripe;
  const customer = await customers.create(kWhole);
  const { id } = customer;
  const method = await paymentMethods.attach('pm_card_visa', { customer: id });
  const paid = await pay(stripe, { customer: id, payment_method: method.id });
  const gone = { id, object: 'customer', deleted: true };
  assert.deepEqual(plain(await customers.del(id)), gone);

  await t.test('it is read as deleted', async () => {
    assert.deepEqual(plain(await customers.retrieve(id)), gone);
  });
  await t.test('it is in no list', async () => {
    assert.deepEqual(idsOf(await customers.list()), []);
    assert.deepEqual(idsOf(await customers.list({ email: kWhole.email })), []);
  });
  await t.test('it is neither changed nor deleted again', async () => {
    await unknownPath(customers.update(id, { name: 'Bob' }), id);
    await unknownPath(customers.del(id), id);
  });
  await t.test('it has no payment methods', async () => {
    assert.equal((await paymentMethods.retrieve(method.id)).customer, null);
    await unknownPath(customers.listPaymentMethods(id), id);
    const missing = { code: 'resource_missing', param: 'customer' };
    await refused(paymentMethods.attach('pm_card_visa', { customer: id }), missing);
  });
  await t.test('nobody pays for it', async () => {
    await refused(pay(stripe, { customer: id }), { code: 'resource_missing', param: 'customer' });
  });
  await t.test('its payments stay, and are refunded', async () => {
    const expanded = await stripe.paymentIntents.retrieve(paid.id, { expand: ['customer'] });
    assert.deepEqual(plain(expanded.customer), gone);
    assert.equal((await stripe.refunds.create({ payment_intent: paid.id })).status, 'succeeded');
  });
  await t.test('its end is told', async () => {
    const [event] = (await stripe.events.list({ type: 'customer.deleted' })).data;
    assert.equal(event.data.object.id, id);
    assert.equal(event.data.object.email, kWhole.email);
  });
});

test('the default method of a customer', async (t) => {
  const { stripe } = await startPaying(t);
  const { customers, paymentMethods } = stripe;
  const expand = ['invoice_settings.default_payment_method'];
  const settings = (id) => ({ invoice_settings: { default_payment_method: id } });
  const defaultOf = (customer) => customer.invoice_settings.default_payment_method;
  const { id } = await customers.create();
  const method = await paymentMethods.attach('pm_card_mastercard', { customer: id });
  assert.equal(defaultOf(await customers.retrieve(id)), null);

  await t.test('is one that is attached', async () => {
    assert.equal(defaultOf(await customers.update(id, settings(method.id))), method.id);
    const { invoice_settings: expanded } = await customers.retrieve(id, { expand });
    assert.deepEqual(
      plain(expanded.default_payment_method),
      plain(await paymentMethods.retrieve(method.id)),
    );
  });
  await t.test('is no other', async () => {
    const other = await customers.create();
    const foreign = await paymentMethods.attach('pm_card_visa', { customer: other.id });
    await refused(customers.update(id, settings(foreign.id)));
    await refused(customers.update(id, settings('pm_none')), { code: 'resource_missing' });
    const loose = await paymentMethods.create({ type: 'card', card: { token: 'tok_visa' } });
    await refused(customers.update(id, settings(loose.id)));
    assert.equal(defaultOf(await customers.retrieve(id)), method.id);
  });
  await t.test('is given with the customer', async () => {
    const card = await paymentMethods.create({ type: 'card', card: { token: 'tok_amex' } });
    const made = await customers.create({
      payment_method: card.id,
      ...settings(card.id),
      expand,
    });
    assert.equal(defaultOf(made).id, card.id);
    assert.equal(defaultOf(made).customer, made.id);
  });
  await t.test('is taken away', async () => {
    assert.equal(defaultOf(await customers.update(id, settings(''))), null);
    await customers.update(id, settings(method.id));
  });
  await t.test('goes when it is detached', async () => {
    await paymentMethods.detach(method.id);
    assert.equal(defaultOf(await customers.retrieve(id)), null);
  });
});

test('lists of customers', async (t) => {
  const { daemon, stripe } = await startPaying(t);
  const { customers } = stripe;
  const made = [];
  for (let index = 0; index < 12; index += 1) {
    if (index % 5 === 4) await laterSecond(daemon);
    const email = index % 3 === 0 ? 'three@example.com' : `n${index}@example.com`;
    made.unshift(await customers.create({ email, name: `${index}` }));
  }
  await checkList(t, (parameters) => customers.list(parameters), { url: '/v1/customers' });
  await t.test('by email', async () => {
    const wanted = made.filter(({ email }) => email === 'three@example.com');
    const list = customers.list({ email: 'three@example.com', limit: 2 });
    assert.deepEqual(await collect(list), idsOf({ data: wanted }));
    assert.deepEqual(idsOf(await customers.list({ email: 'nobody@example.com' })), []);
  });
  await t.test('their rows are the objects', async () => {
    assert.deepEqual(plain((await customers.list({ limit: 1 })).data[0]), plain(made[0]));
  });
});

test('what is wrong with a customer is named', async (t) => {
  const { stripe } = await startPaying(t);
  const { customers } = stripe;
  const { id } = await customers.create();
  const cases = [
    [{ email: 'nobody' }, 'email', 'email_invalid'],
    [{ email: 'a@b' }, 'email', 'email_invalid'],
    [{ email: { a: 1 } }, 'email'],
    [{ emial: 'a@example.com' }, 'emial', 'parameter_unknown'],
    [{ description: 'x'.repeat(351) }, 'description'],
    [{ name: ['a', 'b'] }, 'name'],
    [{ address: 'somewhere' }, 'address'],
    [{ address: { street: '1' } }, 'address[street]', 'parameter_unknown'],
    [{ shipping: { name: 'Ada' } }, 'shipping[address]', 'parameter_missing'],
    [{ shipping: { address: kAddress } }, 'shipping[name]', 'parameter_missing'],
    [{ metadata: 'x' }, 'metadata'],
    [{ metadata: { a: { b: 1 } } }, undefined],
    [{ expand: ['email'] }, 'expand'],
    [{ invoice_settings: { colour: 'red' } }, 'invoice_settings[colour]', 'parameter_unknown'],
  ];
  for (const [wrong, param, code] of cases) {
    await t.test(`${JSON.stringify(wrong).slice(0, 60)}`, async () => {
      await refused(customers.create(wrong), { param, code });
      await refused(customers.update(id, wrong), { param, code });
    });
  }
  await t.test('350 characters of description fit, whatever the letters', async () => {
    const description = '漢'.repeat(350);
    assert.equal((await customers.update(id, { description })).description, description);
  });
  await t.test('an unknown method', async () => {
    await refused(customers.create({ payment_method: 'pm_none' }), {
      param: 'payment_method',
      code: 'resource_missing',
    });
    assert.deepEqual(idsOf(await customers.list()), [id], 'nothing was made');
  });
  for (const unknown of ['cus_none', 'pm_1', `${id}0`, 'cus_', id.toUpperCase()]) {
    await t.test(`no customer is ${unknown.slice(0, 8)}`, async () => {
      await unknownPath(customers.retrieve(unknown), unknown);
      await unknownPath(customers.update(unknown, { name: 'x' }), unknown);
      await unknownPath(customers.del(unknown), unknown);
      await unknownPath(customers.listPaymentMethods(unknown), unknown);
    });
  }
});

test('an account has at most 50,000 customers', { skip: noStoreTool }, async (t) => {
  const { daemon, stripe } = await startPaying(t);
  await stripe.customers.create({ email: 'first@example.com' });
  await daemon.stop();
  // The store keeps count of customers: making so many takes minutes, counting them does not.
  changeStore(daemon, { update: `UPDATE owner_counts SET count = ${kCustomersMax - 1}` });
  const again = await startDaemon(t, { folder: daemon.folder });
  const { customers } = clientOf(again);
  const settled = await Promise.allSettled(Array.from({ length: 5 }, () => customers.create()));
  const made = settled.filter(({ status }) => status === 'fulfilled');
  assert.equal(made.length, 1);
  for (const { reason } of settled.filter(({ status }) => status === 'rejected')) {
    assert.equal(reason.statusCode, 400);
    assert.match(reason.message, /50,?000/);
  }
  await customers.del(made[0].value.id);
  await customers.create({ name: 'in the place of another' });
  await refused(customers.create());
  await again.stop();
  changeStore(again, { update: 'UPDATE owner_counts SET count = 2 WHERE kind = 1' });
});
