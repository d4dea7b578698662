// Saved methods of the R Commerce dialect under both their names, and what gateways offer.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import { restrictedKey } from './lib/daemon.mjs';
import {
  assertError,
  bankOf,
  cardOf,
  kChinese,
  kGood,
  newer,
  outcome,
  paymentOf,
  startShop,
} from './lib/rcommerce.mjs';

const kMethodsMax = 500;
const olderPath = (customer) => `/api/v1/customers/${customer}/payment_methods`;
const newerPath = (customer) => `/api/v2/customers/${customer}/payment-methods`;
const save = async (api, more = {}) => {
  const body = { gateway_id: 'stripe', payment_method_data: cardOf(), ...more };
  return (await api.post('/api/v2/payment-methods', body, { status: 201 })).json;
};
const kFlat = {
  method_type: 'card',
  last_four: '4242',
  card_brand: 'visa',
  exp_month: '12',
  exp_year: '2025',
  cardholder_name: 'John Doe',
};

test('saved methods are one store under two names', async (t) => {
  const { api, stripe } = await startShop(t);
  const customer = randomUUID();
  await t.test('a customer of whom nothing is known has none', async () => {
    assert.deepEqual((await api.get(newerPath(customer), null, { status: 200 })).json, []);
    const { json: page } = await api.get(olderPath(customer), null, { status: 200 });
    assert.deepEqual([page.data, page.meta.pagination.total], [[], 0]);
  });
  const { json: first } = await api.post(
    olderPath(customer),
    { ...cardOf(), set_as_default: true },
    { status: 201 },
  );
  const second = await save(api, { customer_id: customer });
  await t.test('both answers show what was saved, and no number of it', () => {
    assert.match(first.id, /^pm_/);
    assert.deepEqual([first.type, first.is_default], ['card', true]);
    assert.deepEqual([first.card.brand, first.card.last4], ['visa', '4242']);
    assert.match(second.token, /^pm_/);
    assert.equal(second.expires_at, null);
    assert.deepEqual(second.payment_method, kFlat);
    assert.ok(!JSON.stringify([first, second]).includes(kGood));
  });
  await t.test('both lists show the same', async () => {
    for (const path of [newerPath(customer), newerPath(customer).replace('v2', 'v1')]) {
      const { json: tokens } = await api.get(path, null, { key: restrictedKey, status: 200 });
      assert.deepEqual(tokens, [
        { token: second.token, ...kFlat, is_default: false },
        { token: first.id, ...kFlat, is_default: true },
      ]);
    }
    const { json: page } = await api.get(`${olderPath(customer)}?per_page=1`);
    assert.deepEqual(page.data.map(({ id }) => id), [second.token]);
    assert.deepEqual([page.meta.pagination.total, page.meta.pagination.has_next], [2, true]);
  });
  await t.test('the default is one, and moves', async () => {
    const path = `${olderPath(customer)}/${second.token}/default`;
    const { json: chosen } = await api.post(path, null, { status: 200 });
    assert.deepEqual([chosen.id, chosen.is_default], [second.token, true]);
    const { json: tokens } = await api.get(newerPath(customer));
    assert.deepEqual(tokens.map((each) => each.is_default), [true, false]);
    const third = await save(api, { customer_id: customer, set_as_default: true });
    const { json: after } = await api.get(newerPath(customer));
    assert.deepEqual(
      after.filter((each) => each.is_default).map(({ token }) => token),
      [third.token],
    );
  });
  await t.test('Stripe’s library sees them', async () => {
    const { data } = await stripe.paymentMethods.list({
      customer: (await stripe.paymentMethods.retrieve(first.id)).customer,
      type: 'card',
    });
    assert.equal(data.length, 3);
    assert.ok(data.some(({ id }) => id === second.token));
  });
  await t.test('a token pays under each of its names', async () => {
    for (const token of [second.token, second.token.replace('pm_', 'card_')]) {
      const made = await outcome(api, kGood, { payment_method: { type: 'saved_card', token } });
      assert.equal(made.type, 'success');
      assert.equal(made.payment_method.token, second.token);
      const seen = await paymentOf(api, made.payment_id);
      assert.equal(seen.customer_id, customer);
    }
  });
  await t.test('a deleted method neither is listed nor pays', async () => {
    const gone = await api.delete(`/api/v2/payment-methods/${second.token}`, null, {
      headers: kChinese,
      status: 200,
    });
    const message = '支付方式已删除';
    assert.deepEqual(gone.json, { success: true, message, token: second.token });
    assertError(await api.delete(`/api/v2/payment-methods/${second.token}`), 404, 'NOT_FOUND');
    assertError(await api.delete(`${olderPath(customer)}/${second.token}`), 404, 'NOT_FOUND');
    const body = newer(kGood, { payment_method: { type: 'saved_card', token: second.token } });
    assertError(await api.post('/api/v1/payments', body), 400, 'INVALID_PAYMENT_METHOD');
    const deleted = await api.delete(`${olderPath(customer)}/${first.id}`);
    assert.ok([200, 204].includes(deleted.status), deleted.text);
    assert.equal((await api.get(newerPath(customer))).json.length, 1);
  });
  await t.test('a method of one customer is none of another', async () => {
    const mine = await save(api, { customer_id: customer });
    const stranger = randomUUID();
    await save(api, { customer_id: stranger });
    const path = `${olderPath(stranger)}/${mine.token}`;
    assertError(await api.delete(path), 404, 'NOT_FOUND');
    assertError(await api.post(`${path}/default`), 404, 'NOT_FOUND');
    const body = newer(kGood, {
      customer_id: stranger,
      payment_method: { type: 'saved_card', token: mine.token },
    });
    assertError(await api.post('/api/v1/payments', body), 400, 'INVALID_PAYMENT_METHOD');
  });
});

test('methods are saved without a customer, with a payment, and of banks', async (t) => {
  const { api, stripe } = await startShop(t);
  await t.test('a token of nobody pays', async () => {
    const { token } = await save(api);
    for (let i = 0; i < 2; i += 1) {
      const made = await outcome(api, kGood, { payment_method: { type: 'saved_card', token } });
      assert.equal(made.type, 'success');
    }
  });
  await t.test('a payment saves its card', async () => {
    const customer = randomUUID();
    const made = await outcome(api, kGood, { customer_id: customer, save_payment_method: true });
    assert.match(made.payment_method.token, /^pm_/);
    const { json: tokens } = await api.get(newerPath(customer));
    assert.deepEqual(tokens.map(({ token }) => token), [made.payment_method.token]);
    const again = await outcome(api, kGood, {
      payment_method: { type: 'saved_card', token: made.payment_method.token },
    });
    assert.equal(again.type, 'success');
  });
  await t.test('a payment that is not told to save nothing', async () => {
    const customer = randomUUID();
    await outcome(api, kGood, { customer_id: customer });
    assert.deepEqual((await api.get(newerPath(customer))).json, []);
  });
  await t.test('a bank account', async () => {
    const customer = randomUUID();
    const { token, payment_method: method } = await save(api, {
      customer_id: customer,
      payment_method_data: bankOf(),
    });
    assert.deepEqual([method.method_type, method.last_four], ['bank_transfer', '6789']);
    const made = await outcome(api, kGood, { payment_method: { type: 'saved_card', token } });
    assert.equal(made.payment_status, 'processing');
  });
  await t.test('a customer of Stripe’s library is one here', async () => {
    const { id } = await stripe.customers.create({ email: 'a@example.com' });
    const { token } = await save(api, { customer_id: id });
    const { data } = await stripe.customers.listPaymentMethods(id);
    assert.deepEqual(data.map((each) => each.id), [token]);
    assert.equal((await api.get(newerPath(id))).json[0].token, token);
  });
  await t.test('what cannot be saved is named', async () => {
    const data = cardOf('4242424242424241');
    const wrong = [
      [{ payment_method_data: data }, 'INVALID_PAYMENT_METHOD'],
      [{ payment_method_data: { type: 'card' } }, 'INVALID_PAYMENT_METHOD'],
      [{ payment_method_data: undefined }, 'VALIDATION_ERROR'],
      [{ customer_id: 'x' }, 'VALIDATION_ERROR'],
    ];
    for (const [more, code] of wrong) {
      const body = { gateway_id: 'stripe', payment_method_data: cardOf(), ...more };
      assertError(await api.post('/api/v2/payment-methods', body), 400, code);
    }
    const nowhere = { gateway_id: 'nowhere', payment_method_data: cardOf() };
    assertError(await api.post('/api/v2/payment-methods', nowhere), 404, 'GATEWAY_NOT_FOUND');
    assertError(await api.get(newerPath('x')), 404, 'NOT_FOUND');
    const may = { key: restrictedKey };
    const body = { gateway_id: 'stripe', payment_method_data: cardOf() };
    assertError(await api.post('/api/v2/payment-methods', body, may), 403, 'FORBIDDEN');
  });
});

test('a customer has five hundred methods and no more', async (t) => {
  const { api } = await startShop(t);
  const customer = randomUUID();
  const body = { gateway_id: 'stripe', payment_method_data: cardOf(), customer_id: customer };
  let next = 0;
  const saver = async () => {
    while (next++ < kMethodsMax) await api.post('/api/v2/payment-methods', body, { status: 201 });
  };
  await Promise.all(Array.from({ length: 8 }, saver));
  for (const ask of [
    () => api.post('/api/v2/payment-methods', body),
    () => api.post(olderPath(customer), cardOf(), { headers: kChinese }),
  ]) {
    const refused = await ask();
    assertError(refused, 409, 'CONFLICT');
    assert.match(refused.json.error.message, /many payment methods|已达上限/);
  }
  const { json: all } = await api.get(newerPath(customer), null, { status: 200 });
  assert.equal(all.length, kMethodsMax);
  await api.delete(`/api/v2/payment-methods/${all[0].token}`, null, { status: 200 });
  await api.post('/api/v2/payment-methods', body, { status: 201 });
});

const kCardFields = [
  ['number', 'card_number', '^[\\d\\s]{13,19}$', '1234 5678 9012 3456'],
  ['exp_month', 'expiry_date', '^(0[1-9]|1[0-2])$', 'MM'],
  ['exp_year', 'expiry_date', '^20[2-9][0-9]$', 'YYYY'],
  ['cvc', 'cvc', '^\\d{3,4}$', '123'],
];

test('a checkout is told what each gateway takes', async (t) => {
  const { api } = await startShop(t);
  const ask = async (body, headers) => {
    const options = { headers, key: restrictedKey, status: 200 };
    return (await api.post('/api/v1/payments/methods', body, options)).json;
  };
  await t.test('the card of the documents, in Chinese', async () => {
    const [stripe] = await ask({ currency: 'USD', amount: '99.99' }, kChinese);
    assert.deepEqual([stripe.gateway_id, stripe.gateway_name], ['stripe', 'Stripe']);
    const [card] = stripe.payment_methods;
    const { required_fields: fields, supported_currencies: currencies, ...rest } = card;
    assert.deepEqual(rest, {
      method_type: 'card',
      enabled: true,
      display_name: '信用卡/借记卡',
      requires_redirect: false,
      supports_3ds: true,
      supports_tokenization: true,
      supports_recurring: true,
      min_amount: '0.50',
      max_amount: '999999.99',
    });
    assert.deepEqual(currencies.slice(0, 3), ['USD', 'EUR', 'GBP']);
    assert.deepEqual(
      fields.map(({ label, required }) => [label, required]),
      ['卡号', '到期月份', '到期年份', '安全码'].map((label) => [label, true]),
    );
    assert.deepEqual(
      fields.map((each) => [each.name, each.field_type, each.pattern, each.placeholder]),
      kCardFields,
    );
  });
  await t.test('the same in English, in both generations', async () => {
    const [stripe] = await ask({ currency: 'USD', amount: '99.99' });
    assert.equal(stripe.payment_methods[0].display_name, 'Credit or debit card');
    const v2 = await api.post('/api/v2/payments/methods', { currency: 'USD' }, { status: 200 });
    assert.equal(v2.json[0].gateway_id, 'stripe');
  });
  await t.test('gateways by currency and amount', async () => {
    const offered = async (body) =>
      (await ask(body)).map((each) => [
        each.gateway_id,
        each.payment_methods.map(({ method_type: type }) => type),
      ]);
    const cards = ['card'];
    const both = ['card', 'bank_transfer'];
    const byName = (pairs) => Object.fromEntries(pairs);
    assert.deepEqual(byName(await offered({ currency: 'USD', amount: '5.00' })), {
      stripe: both,
      airwallex: both,
      onerway: cards,
      wechatpay: ['wechat_pay'],
    });
    assert.deepEqual(byName(await offered({ currency: 'CNY', amount: '5.00' })), {
      stripe: cards,
      airwallex: cards,
      onerway: cards,
      wechatpay: ['wechat_pay'],
      alipay: ['alipay'],
    });
    assert.deepEqual(byName(await offered({ currency: 'XAF' })), { stripe: cards });
    for (const amount of ['0.49', '1000000.00']) {
      assert.deepEqual(await offered({ currency: 'USD', amount }), []);
    }
  });
  await t.test('gateways and wallets have Chinese names', async () => {
    const names = Object.fromEntries(
      (await ask({ currency: 'CNY' }, kChinese)).flatMap((each) => [
        [each.gateway_id, each.gateway_name],
        ...each.payment_methods.map((method) => [method.method_type, method.display_name]),
      ]),
    );
    const { wechatpay, alipay, wechat_pay: code } = names;
    assert.deepEqual([wechatpay, alipay, code], ['微信支付', '支付宝', '微信支付']);
  });
  await t.test('wallets say how they are paid', async () => {
    const all = (await ask({ currency: 'CNY' })).flatMap((each) => each.payment_methods);
    const byType = (type) => all.find((each) => each.method_type === type);
    assert.equal(byType('alipay').requires_redirect, true);
    assert.equal(byType('wechat_pay').requires_redirect, false);
    assert.deepEqual(byType('alipay').required_fields, []);
    assert.deepEqual(byType('alipay').supported_currencies, ['CNY']);
  });
  await t.test('what cannot be asked is named', async () => {
    const path = '/api/v1/payments/methods';
    assertError(await api.post(path, { amount: '5.00' }), 400, 'VALIDATION_ERROR', ['currency']);
    assertError(await api.post(path, { currency: 'XXQ' }), 400, 'INVALID_CURRENCY', ['currency']);
    const amount = await api.post(path, { currency: 'USD', amount: 'x' });
    assertError(amount, 400, 'INVALID_AMOUNT', ['amount']);
    assertError(await api.post(path, { currency: 'USD' }, { key: null }), 401, 'UNAUTHORIZED');
  });
});
