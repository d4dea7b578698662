// Lists of payments, refunds and webhook endpoints by the real SDK, and the grammar of searches.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkList, collect, laterSecond, plain, refused } from './lib/stripe_checks.mjs';
import { choose, idsOf, pay, startPaying } from './lib/stripe_client.mjs';

const kUnknown = 'resource_missing';

test('lists of payments', async (t) => {
  const { daemon, stripe } = await startPaying(t);
  const { paymentIntents } = stripe;
  const { id: customer } = await stripe.customers.create();
  const made = [];
  for (let index = 0; index < 12; index += 1) {
    if (index % 5 === 4) await laterSecond(daemon);
    const more = [{}, { customer }, { capture_method: 'manual' }, { confirm: false }][index % 4];
    made.unshift(await pay(stripe, more));
  }
  await checkList(t, (parameters) => paymentIntents.list(parameters), {
    url: '/v1/payment_intents',
  });
  await t.test('by customer', async () => {
    const his = idsOf({ data: made.filter((intent) => intent.customer === customer) });
    assert.deepEqual(await collect(paymentIntents.list({ customer, limit: 2 })), his);
    const backward = paymentIntents.list({ customer, limit: 2, ending_before: his.at(-1) });
    assert.deepEqual(await collect(backward), his.slice(0, -1).reverse());
    const wrong = { param: 'customer', code: kUnknown };
    await refused(paymentIntents.list({ customer: 'cus_none' }), wrong);
  });
  for (const status of ['succeeded', 'requires_capture', 'requires_confirmation', 'canceled']) {
    await t.test(`by the status ${status}`, async () => {
      const wanted = idsOf({ data: made.filter((intent) => intent.status === status) });
      assert.deepEqual(await collect(paymentIntents.list({ status, limit: 2 })), wanted);
    });
  }
  await t.test('a status that is none', () =>
    refused(paymentIntents.list({ status: 'lost' }), { param: 'status' }),
  );
  await t.test('by customer, status and time', async () => {
    const [{ created }] = made;
    const fits = (intent) =>
      intent.customer === customer && intent.status === 'succeeded' && intent.created < created;
    const found = paymentIntents.list({
      customer,
      status: 'succeeded',
      created: { lt: created },
      limit: 1,
    });
    assert.deepEqual(await collect(found), idsOf({ data: made.filter(fits) }));
  });
  await t.test('rows are the objects', async () => {
    const [first] = (await paymentIntents.list({ limit: 1 })).data;
    assert.deepEqual(plain(first), plain(await paymentIntents.retrieve(made[0].id)));
  });
  await t.test('what is made meanwhile does not shift the pages', async () => {
    const first = await paymentIntents.list({ limit: 5 });
    await pay(stripe);
    const second = await paymentIntents.list({ limit: 5, starting_after: first.data.at(-1).id });
    assert.deepEqual(idsOf(second), idsOf({ data: made.slice(5, 10) }));
  });
});

test('lists of refunds', async (t) => {
  const { daemon, stripe } = await startPaying(t);
  const { refunds } = stripe;
  const payments = [await pay(stripe), await pay(stripe)];
  for (let index = 0; index < 12; index += 1) {
    if (index === 6) await laterSecond(daemon);
    await refunds.create({ payment_intent: payments[index % 2].id, amount: 10 + index });
  }
  await checkList(t, (parameters) => refunds.list(parameters), { url: '/v1/refunds' });
  const all = (await refunds.list({ limit: 100 })).data;
  await t.test('by payment and by charge', async (t2) => {
    for (const { id: payment_intent, latest_charge: charge } of payments) {
      const his = idsOf({ data: all.filter((each) => each.payment_intent === payment_intent) });
      assert.equal(his.length, 6);
      assert.deepEqual(await collect(refunds.list({ payment_intent, limit: 4 })), his);
      assert.deepEqual(await collect(refunds.list({ charge, limit: 4 })), his);
      await checkList(t2, (parameters) => refunds.list({ charge, ...parameters }));
    }
    await refused(refunds.list({ payment_intent: 'pi_0' }), { param: 'payment_intent' });
    await refused(refunds.list({ charge: 'ch_0' }), { param: 'charge' });
  });
});

test('lists of webhook endpoints', async (t) => {
  const { stripe } = await startPaying(t);
  const { webhookEndpoints } = stripe;
  for (let index = 0; index < 5; index += 1) {
    await webhookEndpoints.create({
      url: `http://127.0.0.1:${9000 + index}/hook`,
      enabled_events: ['payment_intent.succeeded'],
    });
  }
  await checkList(t, (parameters) => webhookEndpoints.list(parameters), {
    created: false,
    url: '/v1/webhook_endpoints',
  });
});

test('what is taken away while it is listed does not end the list', async (t) => {
  const { stripe } = await startPaying(t);
  const { customers, paymentMethods, webhookEndpoints } = stripe;
  const count = 7;
  const times = (act) => Promise.all(Array.from({ length: count }, act));
  const takeAll = async (pages, take) => {
    let taken = 0;
    for await (const { id } of pages) {
      await take(id);
      taken += 1;
    }
    return taken;
  };
  await t.test('customers', async () => {
    await times(() => customers.create());
    assert.equal(await takeAll(customers.list({ limit: 2 }), (id) => customers.del(id)), count);
    assert.deepEqual(idsOf(await customers.list()), []);
  });
  await t.test('methods of a customer', async () => {
    const { id: customer } = await customers.create();
    const detach = (id) => paymentMethods.detach(id);
    for (const list of [
      () => customers.listPaymentMethods(customer, { limit: 2 }),
      () => paymentMethods.list({ customer, limit: 3 }),
    ]) {
      await times(() => paymentMethods.attach('pm_card_visa', { customer }));
      assert.equal(await takeAll(list(), detach), count);
    }
    assert.deepEqual(idsOf(await customers.listPaymentMethods(customer)), []);
  });
  await t.test('webhook endpoints', async () => {
    const endpoint = { url: 'http://127.0.0.1:8443/hook', enabled_events: ['customer.created'] };
    await times(() => webhookEndpoints.create(endpoint));
    const remove = (id) => webhookEndpoints.del(id);
    assert.equal(await takeAll(webhookEndpoints.list({ limit: 2 }), remove), count);
  });
});

test('searches find what their words say', async (t) => {
  const { daemon, stripe } = await startPaying(t);
  const { paymentIntents } = stripe;
  const { id: customer } = await stripe.customers.create();
  const made = [];
  const make = async (more) => made.unshift(await pay(stripe, more));
  await make({ amount: 1000, metadata: { order: 'A-1', color: 'red' } });
  await make({ amount: 2000, currency: 'eur', metadata: { order: 'A "2"' } });
  await make({ amount: 3000, customer, metadata: { order: "it's" } });
  await laterSecond(daemon);
  await make({ amount: 4000, customer, capture_method: 'manual' });
  await make({ amount: 5000, confirm: false, metadata: { 'my key': '10 %' } });
  await make({ amount: 6000, payment_method: 'pm_card_authenticationRequired' });
  const canceled = await pay(stripe, { amount: 7000, confirm: false });
  made.unshift(await paymentIntents.cancel(canceled.id));
  const [seventh, sixth, fifth, fourth, third, second, first] = made;
  const { created } = fourth;
  const before = made.filter((intent) => intent.created < created);
  const since = made.filter((intent) => intent.created >= created);
  const cases = [
    ['amount:3000', [third]],
    ['amount>=6000', [seventh, sixth]],
    ['amount<2000', [first]],
    ['amount>1000 AND amount<3000', [second]],
    ['amount>1000 amount<3000', [second]],
    ['currency:eur', [second]],
    ['currency:"EUR"', [second]],
    [`customer:'${customer}'`, [fourth, third]],
    [`customer:"${customer}" AND status:"succeeded"`, [third]],
    ["status:'requires_capture'", [fourth]],
    ["status:'requires_confirmation'", [fifth]],
    ["status:'requires_action'", [sixth]],
    ["status:'canceled'", [seventh]],
    ["status:'canceled' OR status:'requires_action'", [seventh, sixth]],
    ["-status:'succeeded'", [seventh, sixth, fifth, fourth]],
    ["-status:'succeeded' AND -status:'canceled'", [sixth, fifth, fourth]],
    ["metadata['order']:'A-1'", [first]],
    ["metadata['order']:'A \\\"2\\\"'", [second]],
    ['metadata["order"]:"it\'s"', [third]],
    ["metadata['my key']:'10 %'", [fifth]],
    ["metadata['order']:null", [seventh, sixth, fifth, fourth]],
    ["-metadata['order']:null", [third, second, first]],
    ["metadata['order']:'a-1'", []],
    ["metadata['color']:'red' OR amount:2000", [second, first]],
    [`created<${created}`, before],
    [`created>=${created}`, since],
    [`created>${created - 1} AND amount:4000`, [fourth]],
  ];
  for (const [query, wanted] of cases) {
    await t.test(query.replace(customer, 'cus_…'), async () => {
      const found = await paymentIntents.search({ query, limit: 100 });
      assert.equal(found.object, 'search_result');
      assert.equal(found.url, '/v1/payment_intents/search');
      assert.equal(found.has_more, false);
      assert.equal(found.next_page, null);
      assert.deepEqual(idsOf(found), idsOf({ data: wanted }));
    });
  }
  await t.test('page after page', async () => {
    const page = await paymentIntents.search({ query: 'amount>0', limit: 3 });
    assert.equal(page.has_more, true);
    const next = await paymentIntents.search({
      query: 'amount>0',
      limit: 3,
      page: page.next_page,
    });
    assert.deepEqual(idsOf(next), idsOf({ data: made.slice(3, 6) }));
    const all = await collect(paymentIntents.search({ query: 'amount>0', limit: 2 }));
    assert.deepEqual(all, idsOf({ data: made }));
  });
  await t.test('what has changed is found as it is', async () => {
    await choose(daemon, sixth, 'succeeded');
    await paymentIntents.update(fifth.id, { metadata: { order: 'late' } });
    const late = await paymentIntents.search({ query: "metadata['order']:'late'" });
    assert.deepEqual(idsOf(late), [fifth.id]);
    const paid = await paymentIntents.search({ query: "status:'succeeded' AND amount:6000" });
    assert.deepEqual(idsOf(paid), [sixth.id]);
  });
});

test('a search that says nothing is refused', async (t) => {
  const { stripe } = await startPaying(t);
  const { paymentIntents } = stripe;
  const queries = [
    '',
    ' ',
    'amount',
    'amount:',
    'amount:many',
    'amount~5',
    'colour:red',
    "status:'succeeded",
    "status>'succeeded'",
    'amount:1 AND',
    'AND amount:1',
    'amount:1 AND amount:2 OR amount:3',
    "metadata['a:'b'",
    'metadata:1',
    '(amount:1)',
    '-',
    Array.from({ length: 40 }, () => 'amount:1').join(' AND '),
  ];
  for (const query of queries) {
    await t.test(`"${query.slice(0, 40)}"`, () =>
      refused(paymentIntents.search({ query }), { param: 'query' }),
    );
  }
  const query = 'amount:1';
  const others = [
    [{}, 'query'],
    [{ query, limit: 0 }, 'limit'],
    [{ query, limit: 101 }, 'limit'],
    [{ query, page: 'nowhere' }, 'page'],
    [{ query, expand: ['data.amount'] }, 'expand'],
    [{ query, starting_after: 'pi_1' }, 'starting_after', 'parameter_unknown'],
  ];
  for (const [parameters, param, code] of others) {
    await t.test(JSON.stringify(parameters), () =>
      refused(paymentIntents.search(parameters), { param, code }),
    );
  }
});
