// Lists of the R Commerce dialect: every filter, both sorts, both orders, pages and their totals.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import { restrictedKey } from './lib/daemon.mjs';
import {
  assertError,
  cardOf,
  kChallenged,
  kDeclined,
  kGood,
  newer,
  outcome,
  paid,
  startShop,
} from './lib/rcommerce.mjs';

const kPath = '/api/v1/payments';

// Seven payments that differ in all that can be asked for, oldest first.
async function makeSeven(api) {
  const customer = randomUUID();
  const order = randomUUID();
  const made = [];
  const add = async (name, ask) => made.push({ name, id: (await ask()).id });
  const failed = async () => {
    const answer = await api.post(kPath, newer(kDeclined), { status: 402 });
    return { id: answer.json.payment_id.slice('pay_'.length) };
  };
  const asked = async () => {
    const { payment_id: id } = await outcome(api, kChallenged, { amount: '30.00' });
    return { id: id.slice('pay_'.length) };
  };
  await add('ordered', () => paid(api, kGood, { order_id: order, amount: '10.00' }));
  await add('customer', () => paid(api, kGood, { customer_id: customer, amount: '20.00' }));
  await add('pending', asked);
  await add('failed', failed);
  await add('held', () =>
    paid(api, kGood, { gateway: 'airwallex', amount: '40.00', capture_method: 'manual' }),
  );
  await add('canceled', () => paid(api, kGood, { capture_method: 'manual', amount: '50.00' }));
  await api.post(`${kPath}/${made.at(-1).id}/cancel`, null, { status: 200 });
  await add('refunded', () => paid(api, kGood, { gateway: 'onerway', amount: '60.00' }));
  await api.post(`${kPath}/${made.at(-1).id}/refund`, null, { status: 201 });
  return { made, customer, order };
}

function readerOf(api, made) {
  const nameOf = (id) => made.find((each) => each.id === id).name;
  return async (parameters = {}, path = kPath) => {
    const { json } = await api.get(`${path}?${new URLSearchParams(parameters)}`, null, {
      status: 200,
    });
    return { names: json.data.map(({ id }) => nameOf(id)), ...json.meta.pagination };
  };
}

test('payments are filtered, sorted and paged', async (t) => {
  const { api } = await startShop(t);
  const { made, customer, order } = await makeSeven(api);
  const read = readerOf(api, made);
  const newest = made.map(({ name }) => name).reverse();
  const times = await Promise.all(
    made.map(async ({ id }) => (await api.get(`${kPath}/${id}`)).json.created_at),
  );

  await t.test('all of them, the newest first, in both generations', async () => {
    for (const path of [kPath, '/api/v2/payments']) {
      const all = await read({}, path);
      assert.deepEqual(all, {
        names: newest,
        total: 7,
        per_page: 20,
        current_page: 1,
        total_pages: 1,
        has_next: false,
        has_prev: false,
      });
    }
  });

  const filters = [
    [{ order_id: order }, ['ordered']],
    [{ order_id: randomUUID() }, []],
    [{ customer_id: customer }, ['customer']],
    [{ customer_id: randomUUID() }, []],
    [{ gateway: 'airwallex' }, ['held']],
    [{ gateway: 'onerway' }, ['refunded']],
    [{ gateway: 'alipay' }, []],
    [{ status: 'pending' }, ['pending']],
    [{ status: 'processing' }, ['held']],
    [{ status: 'succeeded' }, ['customer', 'ordered']],
    [{ status: 'failed' }, ['failed']],
    [{ status: 'canceled' }, ['canceled']],
    [{ status: 'refunded' }, ['refunded']],
    [{ min_amount: '50.00' }, ['refunded', 'canceled', 'failed']],
    [{ max_amount: '20.00' }, ['customer', 'ordered']],
    [{ min_amount: '20', max_amount: '40.0' }, ['held', 'pending', 'customer']],
    [{ min_amount: '20.01', max_amount: '29.99' }, []],
    [{ status: 'succeeded', min_amount: '15.00' }, ['customer']],
    [{ gateway: 'stripe', status: 'succeeded', order_id: order }, ['ordered']],
    [{ gateway: 'airwallex', status: 'succeeded' }, []],
    [{ created_after: '2020-01-01T00:00:00Z' }, newest],
    [{ created_before: '2020-01-01T00:00:00Z' }, []],
    [{ created_after: '2199-01-01T00:00:00+08:00' }, []],
  ];
  for (const [parameters, names] of filters) {
    await t.test(`the filter ${JSON.stringify(Object.keys(parameters))}: ${names}`, async () => {
      const found = await read(parameters);
      assert.deepEqual(found.names, names);
      assert.equal(found.total, names.length);
    });
  }

  await t.test('moments are borders', async () => {
    const later = await read({ created_after: times[3] });
    const earlier = await read({ created_before: times[3] });
    for (const name of newest.slice(0, 3)) assert.ok(later.names.includes(name), name);
    for (const name of newest.slice(4)) assert.ok(!later.names.includes(name), name);
    for (const name of newest.slice(4)) assert.ok(earlier.names.includes(name), name);
    for (const name of newest.slice(0, 3)) assert.ok(!earlier.names.includes(name), name);
  });

  await t.test('sorts and orders', async () => {
    const byAmount = ['ordered', 'customer', 'pending', 'held', 'canceled', 'failed', 'refunded'];
    const cases = [
      [{ sort: 'created_at' }, newest],
      [{ sort: 'created_at', order: 'asc' }, [...newest].reverse()],
      [{ order: 'asc' }, [...newest].reverse()],
      [{ sort: 'amount', order: 'asc' }, byAmount],
      [{ sort: 'amount', order: 'desc' }, [...byAmount].reverse()],
      [{ sort: 'amount', order: 'asc', status: 'succeeded' }, ['ordered', 'customer']],
    ];
    for (const [parameters, names] of cases) {
      assert.deepEqual((await read(parameters)).names, names, JSON.stringify(parameters));
    }
  });

  await t.test('pages hold everything once', async () => {
    const orders = [{}, { order: 'asc' }, { sort: 'amount' }, { sort: 'amount', order: 'asc' }];
    for (const parameters of orders) {
      const whole = (await read(parameters)).names;
      const pages = [];
      for (let page = 1; page <= 3; page += 1) {
        const part = await read({ ...parameters, page, per_page: 3 });
        const { total, total_pages: count, current_page: current } = part;
        assert.deepEqual([total, count, current, part.per_page], [7, 3, page, 3]);
        assert.deepEqual([part.has_prev, part.has_next], [page > 1, page < 3]);
        pages.push(...part.names);
      }
      assert.deepEqual(pages, whole);
    }
    const beyond = await read({ page: 4, per_page: 3 });
    assert.deepEqual([beyond.names, beyond.total, beyond.has_next], [[], 7, false]);
  });

  await t.test('a restricted key may read them', async () => {
    const answer = await api.get(kPath, null, { key: restrictedKey, status: 200 });
    assert.equal(answer.json.meta.request_id, answer.headers['x-request-id']);
    assert.match(answer.json.meta.timestamp, /Z$/);
  });

  await t.test('what cannot be asked for is named', async () => {
    const wrong = {
      page: ['0', '-1', 'x', '1.5', ''],
      per_page: ['0', '101', 'x'],
      gateway: ['nowhere'],
      status: ['paid', 'requires_action'],
      min_amount: ['1.0001', 'x', '-1'],
      max_amount: ['1e3'],
      created_after: ['yesterday', '2026-13-01T00:00:00Z'],
      created_before: ['x'],
      sort: ['status'],
      order: ['up'],
      customer_id: ['x'],
      colour: ['red'],
    };
    for (const [name, values] of Object.entries(wrong)) {
      for (const value of values) {
        const answer = await api.get(`${kPath}?${new URLSearchParams({ [name]: value })}`);
        assertError(answer, 400, 'VALIDATION_ERROR', [name]);
      }
    }
    const twice = await api.get(`${kPath}?page=1&page=2`);
    assertError(twice, 400, 'VALIDATION_ERROR', ['page']);
  });
});

test('amounts are what they are in every currency', async (t) => {
  const { api, stripe } = await startShop(t);
  await t.test('minor units of the currency', async () => {
    for (const currency of ['USD', 'EUR', 'GBP', 'CNY', 'HKD', 'SGD']) {
      const made = await paid(api, kGood, { amount: '12.34', currency });
      const intent = await stripe.paymentIntents.retrieve(made.transaction_id);
      assert.deepEqual([intent.amount, intent.currency], [1234, currency.toLowerCase()]);
      assert.deepEqual([made.amount, made.currency], ['12.34', currency]);
    }
  });
  await t.test('currencies without minor units are exact in both', async () => {
    const intent = await stripe.paymentIntents.create({ amount: 500, currency: 'jpy' });
    const { json: seen } = await api.get(`${kPath}/${intent.id}`, null, { status: 200 });
    assert.equal(seen.currency, 'JPY');
    const made = await paid(api, kGood, { amount: seen.amount, currency: 'JPY' });
    const same = await stripe.paymentIntents.retrieve(made.transaction_id);
    assert.equal(same.amount, 500);
    assert.equal(made.amount, seen.amount);
  });
  await t.test('a third place is shown where two cannot say it', async () => {
    const { id } = await stripe.paymentIntents.create({ amount: 5005, currency: 'kwd' });
    assert.equal((await api.get(`${kPath}/${id}`)).json.amount, '5.005');
  });
  await t.test('a currency may be written small', async () => {
    const made = await paid(api, kGood, { currency: 'usd' });
    assert.equal(made.currency, 'USD');
  });
  await t.test('whole and short decimals are the same money', async () => {
    for (const [sent, shown] of [
      ['5', '5.00'],
      ['5.5', '5.50'],
      ['0.50', '0.50'],
      ['999999.99', '999999.99'],
    ]) {
      assert.equal((await paid(api, kGood, { amount: sent })).amount, shown);
    }
  });
  await t.test('what is no amount is refused', async () => {
    for (const amount of ['0.49', '1000000.00', '1.001', '1e2', '+5.00', '-5.00', '', ' 5', '5.',
      '.5', '05x', '１.00', '9'.repeat(40), 5.5, 100, null, true, {}, []]) {
      const answer = await api.post(kPath, newer(kGood, { amount }));
      const [code, field] =
        amount === null ? ['VALIDATION_ERROR', 'amount'] : ['INVALID_AMOUNT', 'amount'];
      assertError(answer, 400, code, [field]);
    }
    for (const currency of ['XXQ', 'US', 'DOLLAR', '', 'U$D']) {
      const answer = await api.post(kPath, newer(kGood, { currency }));
      assertError(answer, 400, 'INVALID_CURRENCY', ['currency']);
    }
  });
  await t.test('a gateway takes its own currencies', async () => {
    const body = { gateway_id: 'alipay', amount: '5.00', payment_method: { type: 'alipay' } };
    const answer = await api.post(kPath, { ...body, currency: 'USD' });
    assertError(answer, 400, 'INVALID_CURRENCY', ['currency']);
    const card = { ...newer(), gateway_id: 'wechatpay', currency: 'CNY' };
    const method = await api.post(kPath, { ...card, payment_method: cardOf() });
    assertError(method, 400, 'INVALID_PAYMENT_METHOD');
  });
});

test('amounts of every currency are compared as they are shown', async (t) => {
  const { api, stripe } = await startShop(t);
  const sums = [
    ['usd', 1000, '10.00'],
    ['jpy', 1000, '1000.00'],
    ['kwd', 1000, '1.00'],
    ['usd', 99_999, '999.99'],
    ['kwd', 5005, '5.005'],
    ['jpy', 50, '50.00'],
    ['kwd', 1_000_005, '1000.005'],
  ];
  for (const [currency, amount] of sums) await stripe.paymentIntents.create({ amount, currency });
  const shown = sums.map(([, , text]) => text);
  const ascending = ['1.00', '5.005', '10.00', '50.00', '999.99', '1000.00', '1000.005'];
  const read = async (parameters, path = kPath) => {
    const target = `${path}?${new URLSearchParams(parameters)}`;
    const { json } = await api.get(target, null, { status: 200 });
    return { amounts: json.data.map((one) => one.amount), total: json.meta.pagination.total };
  };

  await t.test('sorted both ways, in both generations', async () => {
    for (const path of [kPath, '/api/v2/payments']) {
      const up = await read({ sort: 'amount', order: 'asc' }, path);
      assert.deepEqual(up.amounts, ascending);
      const down = await read({ sort: 'amount' }, path);
      assert.deepEqual(down.amounts, [...ascending].reverse());
    }
  });

  await t.test('within limits', async () => {
    const within = (min, max) => (text) => Number(text) >= min && Number(text) <= max;
    const limits = [
      [{ min_amount: '10.00' }, within(10, Infinity)],
      [{ min_amount: '10.01' }, within(10.01, Infinity)],
      [{ max_amount: '5.004' }, within(0, 5.004)],
      [{ max_amount: '5.005' }, within(0, 5.005)],
      [{ min_amount: '1000' }, within(1000, Infinity)],
      [{ min_amount: '5', max_amount: '999.99' }, within(5, 999.99)],
      [{ min_amount: '1000.01' }, within(1000.01, Infinity)],
    ];
    for (const [limit, fits] of limits) {
      const found = await read({ ...limit, order: 'asc' });
      assert.deepEqual(found.amounts, shown.filter(fits), JSON.stringify(limit));
      const sorted = await read({ ...limit, sort: 'amount', order: 'asc', status: 'pending' });
      assert.deepEqual(sorted.amounts, ascending.filter(fits), JSON.stringify(limit));
      assert.equal(sorted.total, found.total);
    }
  });

  await t.test('page by page', async () => {
    for (const parameters of [{}, { min_amount: '5' }, { created_after: '2020-01-01T00:00:00Z' }]) {
      const whole = await read({ sort: 'amount', ...parameters });
      const paged = [];
      for (let page = 1; page <= whole.total; page += 1) {
        const part = await read({ sort: 'amount', ...parameters, page, per_page: 1 });
        assert.equal(part.total, whole.total);
        paged.push(...part.amounts);
      }
      assert.deepEqual(paged, whole.amounts);
    }
  });

  await t.test('a search by smallest units is as it was', async () => {
    const searched = async (query) => {
      const { data } = await stripe.paymentIntents.search({ query });
      return data.map(({ amount, currency }) => `${currency} ${amount}`);
    };
    assert.deepEqual(await searched('amount:1000'), ['kwd 1000', 'jpy 1000', 'usd 1000']);
    assert.deepEqual(await searched('amount>5005'), ['kwd 1000005', 'usd 99999']);
    assert.deepEqual(await searched('amount<1000'), ['jpy 50']);
    assert.deepEqual(await searched('amount:1000 AND currency:"jpy"'), ['jpy 1000']);
  });

  await t.test('an amount that changes its currency changes its place', async () => {
    const { data } = await stripe.paymentIntents.search({ query: 'amount:50' });
    await stripe.paymentIntents.update(data[0].id, { amount: 600, currency: 'usd' });
    const up = await read({ sort: 'amount', order: 'asc', max_amount: '50' });
    assert.deepEqual(up.amounts, ['1.00', '5.005', '6.00', '10.00']);
  });
});

test('more payments than fit on a page are paged to the end', async (t) => {
  const { api } = await startShop(t);
  const count = 101;
  for (let i = 0; i < count; i += 1) await paid(api, kGood, { amount: `${1 + (i % 10)}.00` });
  const seen = new Set();
  for (let page = 1; page <= 2; page += 1) {
    const { json } = await api.get(`${kPath}?page=${page}&per_page=100&sort=amount`, null, {
      status: 200,
    });
    assert.equal(json.meta.pagination.total, count);
    for (const { id } of json.data) seen.add(id);
  }
  assert.equal(seen.size, count);
});
