// Lists of payment methods by the real SDK, and how many a customer may have.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkList, collect, laterSecond, plain, refused } from './lib/stripe_checks.mjs';
import { idsOf, pay, startPaying } from './lib/stripe_client.mjs';
import { bank, card } from './lib/stripe_methods.mjs';

const kMethodsMax = 500;

test('lists of methods', async (t) => {
  const { daemon, stripe } = await startPaying(t);
  const { customers, paymentMethods } = stripe;
  const { id: customer } = await customers.create();
  const { id: other } = await customers.create();
  await paymentMethods.attach('pm_card_amex', { customer: other });
  const made = [];
  const kinds = [card('4242424242424242'), bank(), { type: 'alipay' }];
  for (let index = 0; index < 12; index += 1) {
    if (index === 6) await laterSecond(daemon);
    const { id } = await paymentMethods.create(kinds[index % kinds.length]);
    made.unshift(await paymentMethods.attach(id, { customer }));
  }
  const bare = { created: false };
  await t.test('of a customer, by path', async (t2) => {
    await checkList(t2, (parameters) => customers.listPaymentMethods(customer, parameters), {
      ...bare,
      url: `/v1/customers/${customer}/payment_methods`,
    });
  });
  await t.test('of a customer, by parameter', async (t2) => {
    await checkList(t2, (parameters) => paymentMethods.list({ customer, ...parameters }), {
      ...bare,
      url: '/v1/payment_methods',
    });
  });
  for (const type of ['card', 'us_bank_account', 'alipay', 'wechat_pay']) {
    await t.test(`by the type ${type}`, async () => {
      const wanted = idsOf({ data: made.filter((method) => method.type === type) });
      const byPath = customers.listPaymentMethods(customer, { type, limit: 3 });
      assert.deepEqual(await collect(byPath), wanted);
      assert.deepEqual(await collect(paymentMethods.list({ customer, type, limit: 3 })), wanted);
    });
  }
  await t.test('rows are the objects', async () => {
    const { data } = await customers.listPaymentMethods(customer, { expand: ['data.customer'] });
    assert.equal(data[0].customer.id, customer);
    const [first] = (await customers.listPaymentMethods(customer, { limit: 1 })).data;
    assert.deepEqual(plain(first), plain(made[0]));
  });
  await t.test('refusals', async () => {
    await refused(paymentMethods.list({ type: 'cash' }), { param: 'type' });
    await refused(customers.listPaymentMethods(customer, { type: 'cash' }), { param: 'type' });
    await refused(paymentMethods.list({ customer: 'cus_none' }), {
      param: 'customer',
      code: 'resource_missing',
    });
  });
});

test('a customer has at most 500 methods', async (t) => {
  const { stripe } = await startPaying(t);
  const { customers, paymentMethods } = stripe;
  const { id: customer } = await customers.create();
  const attach = () => paymentMethods.attach('pm_card_visa', { customer });
  const attachMany = async (count) => {
    for (let left = count; left > 0; left -= 20) {
      await Promise.all(Array.from({ length: Math.min(20, left) }, attach));
    }
  };
  await attachMany(kMethodsMax - 5);
  const settled = await Promise.allSettled(Array.from({ length: 20 }, attach));
  const refusals = settled.filter(({ status }) => status === 'rejected');
  assert.equal(refusals.length, 15, 'of twenty at once five fit');
  for (const { reason } of refusals) {
    assert.equal(reason.statusCode, 400);
    assert.equal(reason.code, 'customer_max_payment_methods');
  }
  const all = await collect(customers.listPaymentMethods(customer, { limit: 100 }));
  assert.equal(all.length, kMethodsMax);
  assert.equal(new Set(all).size, kMethodsMax);
  await t.test('paying on does not add one', async () => {
    await refused(pay(stripe, { customer, setup_future_usage: 'off_session' }), {
      code: 'customer_max_payment_methods',
    });
    assert.equal((await pay(stripe, { customer, payment_method: all[0] })).status, 'succeeded');
  });
  await t.test('where one has gone, one may come', async () => {
    await paymentMethods.detach(all[0]);
    assert.equal((await attach()).customer, customer);
    await refused(attach(), { code: 'customer_max_payment_methods' });
  });
});
