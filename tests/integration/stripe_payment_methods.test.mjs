// Payment methods by the real SDK: what can be made, how it is kept, and whose it is.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkMetadata, plain, refused, unknownPath } from './lib/stripe_checks.mjs';
import { idsOf, pay, startPaying } from './lib/stripe_client.mjs';
import { bank, card } from './lib/stripe_methods.mjs';

// A number, its brand, how it is funded.
const kCards = [
  ['4242424242424242', 'visa', 'credit'],
  ['4000056655665556', 'visa', 'debit'],
  ['5555555555554444', 'mastercard', 'credit'],
  ['5200828282828210', 'mastercard', 'debit'],
  ['5105105105105100', 'mastercard', 'prepaid'],
  ['378282246310005', 'amex', 'credit', '7391'],
  ['6011111111111117', 'discover', 'credit'],
  ['3056930009020004', 'diners', 'credit'],
  ['36227206271667', 'diners', 'credit'],
  ['3566002020360505', 'jcb', 'credit'],
  ['6200000000000005', 'unionpay', 'credit'],
];

const kBilling = {
  name: 'Ada L.',
  email: 'ada@example.com',
  phone: '+15555550100',
  address: {
    line1: '1 Main St',
    line2: 'Apt 2',
    city: 'Springfield',
    state: 'IL',
    postal_code: '62701',
    country: 'US',
  },
};

test('methods of every type are made', async (t) => {
  const { stripe } = await startPaying(t);
  const { paymentMethods } = stripe;
  for (const [number, brand, funding, cvc] of kCards) {
    await t.test(`${brand} ${number}`, async () => {
      const made = await paymentMethods.create(card(number, cvc ? { cvc } : {}));
      assert.match(made.id, /^pm_/);
      assert.equal(made.type, 'card');
      assert.equal(made.customer, null);
      const { brand: shown, funding: funded, last4, exp_month, exp_year } = made.card;
      assert.deepEqual([shown, funded, last4], [brand, funding, number.slice(-4)]);
      assert.deepEqual([exp_month, exp_year], [12, 2034]);
      const text = JSON.stringify(made);
      assert.ok(!text.includes(number), 'the number is not shown');
      assert.ok(!text.includes('cvc":"'), 'nor is the code');
      assert.deepEqual(plain(await paymentMethods.retrieve(made.id)), plain(made));
    });
  }
  await t.test('a number is told again by its fingerprint', async () => {
    const of = async (number, more) =>
      (await paymentMethods.create(card(number, more))).card.fingerprint;
    const first = await of('4242424242424242');
    assert.equal(await of('4242 4242 4242 4242', { exp_year: 2040 }), first);
    assert.equal(await of('4242-4242-4242-4242'), first);
    assert.notEqual(await of('4000056655665556'), first);
    assert.equal((await paymentMethods.retrieve('pm_card_visa')).card.fingerprint, first);
  });
  await t.test('months and years as texts', async () => {
    const made = await paymentMethods.create(
      card('4242424242424242', { exp_month: '07', exp_year: '2031' }),
    );
    assert.deepEqual([made.card.exp_month, made.card.exp_year], [7, 2031]);
  });
  for (const [token, last4] of [
    ['tok_visa', '4242'],
    ['tok_mastercard', '4444'],
    ['tok_chargeDeclined', '0002'],
  ]) {
    await t.test(`the token ${token}`, async () => {
      const made = await paymentMethods.create({ type: 'card', card: { token } });
      assert.equal(made.card.last4, last4);
    });
  }
  await t.test('a bank account', async () => {
    const made = await paymentMethods.create(bank());
    assert.equal(made.type, 'us_bank_account');
    assert.equal(made.us_bank_account.last4, '6789');
    assert.equal(made.us_bank_account.routing_number, '110000000');
    assert.equal(made.us_bank_account.account_holder_type, 'individual');
    assert.equal(made.us_bank_account.account_type, 'checking');
    assert.ok(!JSON.stringify(made).includes('000123456789'));
    assert.equal(made.card, undefined);
  });
  for (const type of ['alipay', 'wechat_pay']) {
    await t.test(type, async () => {
      const made = await paymentMethods.create({ type });
      assert.equal(made.type, type);
      assert.deepEqual(plain(made[type]), {});
      assert.deepEqual(plain(await paymentMethods.retrieve(made.id)), plain(made));
    });
  }
  await t.test('whose card it is', async () => {
    const made = await paymentMethods.create({
      ...card('4242424242424242'),
      billing_details: kBilling,
      metadata: { a: '1' },
    });
    assert.deepEqual(plain(made.billing_details), { ...kBilling, tax_id: null });
    assert.deepEqual(plain(made.metadata), { a: '1' });
    const paid = await pay(stripe, { payment_method: made.id, expand: ['latest_charge'] });
    assert.deepEqual(
      plain(paid.latest_charge.billing_details),
      plain(made.billing_details),
      'the charge says it too',
    );
  });
  await t.test('a card within the payment', async () => {
    const paid = await pay(stripe, {
      payment_method: undefined,
      payment_method_data: card('5555555555554444'),
      expand: ['payment_method'],
    });
    assert.equal(paid.status, 'succeeded');
    assert.equal(paid.payment_method.card.last4, '4444');
  });
});

test('what is wrong with a method is named', async (t) => {
  const { stripe } = await startPaying(t);
  const { paymentMethods } = stripe;
  const visa = '4242424242424242';
  const bad = [
    ['no type', { card: { token: 'tok_visa' } }, 'type', 'parameter_missing'],
    ['a type that is none', { type: 'cash' }, 'type'],
    ['a card without a card', { type: 'card' }, 'card', 'parameter_missing'],
    ['no number', card(undefined), 'card[number]', 'parameter_missing'],
    ['no month', card(visa, { exp_month: undefined }), 'card[exp_month]', 'parameter_missing'],
    ['no year', card(visa, { exp_year: undefined }), 'card[exp_year]', 'parameter_missing'],
    [
      'an unknown token',
      { type: 'card', card: { token: 'tok_no' } },
      undefined,
      'resource_missing',
    ],
    ['a word too many', card(visa, { pin: '1' }), 'card[pin]', 'parameter_unknown'],
    ['another word', { ...card(visa), crad: 1 }, 'crad', 'parameter_unknown'],
    ['an email', { ...card(visa), billing_details: { email: 'x' } }, undefined, 'email_invalid'],
    ['no bank', { type: 'us_bank_account' }, 'us_bank_account', 'parameter_missing'],
    [
      'no account number',
      bank({ account_number: undefined }),
      'us_bank_account[account_number]',
      'parameter_missing',
    ],
    [
      'no routing number',
      bank({ routing_number: undefined }),
      'us_bank_account[routing_number]',
      'parameter_missing',
    ],
    ['a wrong routing number', bank({ routing_number: '110000001' })],
    ['a word for an account', bank({ account_number: 'mine' })],
    ['an account of a type', bank({ account_type: 'current' }), 'us_bank_account[account_type]'],
    ['a card that is a text', { type: 'card', card: 'tok_visa' }, 'card'],
  ];
  for (const [name, parameters, param, code] of bad) {
    await t.test(name, () => refused(paymentMethods.create(parameters), { param, code }));
  }
  const badCards = [
    ['a wrong check digit', card('4242424242424241'), 'invalid_number'],
    ['too short', card('42424242'), 'invalid_number'],
    ['too long', card('42424242424242424242'), 'invalid_number'],
    ['no digits', card('four two four two'), 'invalid_number'],
    ['month 0', card(visa, { exp_month: 0 }), 'invalid_expiry_month'],
    ['month 13', card(visa, { exp_month: 13 }), 'invalid_expiry_month'],
    ['year 2019', card(visa, { exp_year: 2019 }), 'invalid_expiry_year'],
    ['year 2100', card(visa, { exp_year: 2100 }), 'invalid_expiry_year'],
    ['a code of two digits', card(visa, { cvc: '12' }), 'invalid_cvc'],
    ['a code of letters', card(visa, { cvc: 'abc' }), 'invalid_cvc'],
    ['a code of five digits', card(visa, { cvc: '12345' }), 'invalid_cvc'],
  ];
  for (const [name, parameters, code] of badCards) {
    await t.test(name, async () => {
      const wanted = { status: 402, card: true, param: 'card', code };
      await refused(paymentMethods.create(parameters), wanted);
      const inline = { payment_method: undefined, payment_method_data: parameters };
      const error = await refused(pay(stripe, inline), { ...wanted, param: undefined });
      assert.match(error.param, /card/);
    });
  }
  await t.test('nothing was paid, and nothing made', async () => {
    assert.deepEqual(idsOf(await stripe.paymentIntents.list()), []);
    assert.deepEqual(idsOf(await paymentMethods.list()), []);
  });
  for (const id of ['pm_none', 'pm_card_nothing', 'cus_1', 'pm_']) {
    await t.test(`no method is ${id}`, async () => {
      await unknownPath(paymentMethods.retrieve(id), id);
      await unknownPath(paymentMethods.update(id, { metadata: { a: '1' } }), id);
      await unknownPath(paymentMethods.detach(id), id);
      const { id: customer } = await stripe.customers.create();
      await unknownPath(paymentMethods.attach(id, { customer }), id);
      await unknownPath(stripe.customers.retrievePaymentMethod(customer, id), id);
    });
  }
});

test('a method is changed', async (t) => {
  const { stripe } = await startPaying(t);
  const { paymentMethods } = stripe;
  const { id: customer } = await stripe.customers.create();
  const { id } = await paymentMethods.attach('pm_card_visa', { customer });
  const update = (change) => paymentMethods.update(id, change);
  await t.test('its owner', async () => {
    const changed = await update({ billing_details: kBilling });
    assert.deepEqual(plain(changed.billing_details), { ...kBilling, tax_id: null });
    const part = await update({ billing_details: { name: 'B', email: '' } });
    assert.equal(part.billing_details.name, 'B');
    assert.equal(part.billing_details.email, null);
    assert.equal(part.billing_details.phone, kBilling.phone);
  });
  await t.test('its expiry', async () => {
    const { card: changed } = await update({ card: { exp_month: 3, exp_year: 2040 } });
    assert.deepEqual([changed.exp_month, changed.exp_year], [3, 2040]);
    assert.equal((await paymentMethods.retrieve(id)).card.exp_year, 2040);
  });
  await checkMetadata(t, update);
  await t.test('and that is told', async () => {
    const { data } = await stripe.events.list({ type: 'payment_method.updated', limit: 100 });
    const expiry = data.find(({ data: { previous_attributes: was } }) => was?.card);
    assert.equal(expiry.data.object.id, id);
    assert.equal(expiry.data.object.card.exp_year, 2040);
    assert.equal(expiry.data.previous_attributes.card.exp_year, 2034);
  });
  const bad = [
    [{ card: { exp_month: 13 } }, 'card[exp_month]', 'invalid_expiry_month'],
    [{ card: { exp_year: 1999 } }, 'card[exp_year]', 'invalid_expiry_year'],
  ];
  for (const [change, param, code] of bad) {
    await t.test(JSON.stringify(change), () =>
      refused(update(change), { status: 402, card: true, param, code }),
    );
  }
  const wrong = [
    [{ card: { exp_month: 'May' } }, 'card[exp_month]', 'parameter_invalid_integer'],
    [{ card: { number: '4242424242424242' } }, 'card[number]', 'parameter_unknown'],
    [{ type: 'card' }, 'type', 'parameter_unknown'],
    [{ billing_details: { email: 'x' } }, 'billing_details[email]', 'email_invalid'],
  ];
  for (const [change, param, code] of wrong) {
    await t.test(JSON.stringify(change), () => refused(update(change), { param, code }));
  }
});

test('a method belongs to one customer', async (t) => {
  const { stripe } = await startPaying(t);
  const { customers, paymentMethods } = stripe;
  const [ada, bob] = [await customers.create(), await customers.create()];
  const { id } = await paymentMethods.create(card('4242424242424242'));
  await t.test('to whom it is attached', async () => {
    const attached = await paymentMethods.attach(id, { customer: ada.id });
    assert.equal(attached.customer, ada.id);
    assert.deepEqual(
      plain(await customers.retrievePaymentMethod(ada.id, id)),
      plain(await paymentMethods.retrieve(id)),
    );
    const { customer } = await paymentMethods.retrieve(id, { expand: ['customer'] });
    assert.equal(customer.id, ada.id);
  });
  await t.test('and to nobody else', async () => {
    await refused(paymentMethods.attach(id, { customer: bob.id }));
    await unknownPath(customers.retrievePaymentMethod(bob.id, id), id);
    await refused(pay(stripe, { customer: bob.id, payment_method: id }));
    await refused(pay(stripe, { payment_method: id }), {});
  });
  await t.test('who pays with it again and again', async () => {
    for (const amount of [500, 600]) {
      const paid = await pay(stripe, { customer: ada.id, payment_method: id, amount });
      assert.equal(paid.customer, ada.id);
    }
  });
  await t.test('until it is detached, for good', async () => {
    const detached = await paymentMethods.detach(id);
    assert.equal(detached.customer, null);
    await refused(paymentMethods.detach(id));
    await refused(paymentMethods.attach(id, { customer: ada.id }));
    await refused(pay(stripe, { payment_method: id }));
    assert.equal((await paymentMethods.retrieve(id)).id, id);
    assert.deepEqual(idsOf(await customers.listPaymentMethods(ada.id)), []);
  });
  await t.test('each move is told', async () => {
    for (const [type, customer] of [
      ['payment_method.attached', ada.id],
      ['payment_method.detached', null],
    ]) {
      const { data } = await stripe.events.list({ type });
      assert.equal(data.length, 1, type);
      assert.equal(data[0].data.object.id, id);
      assert.equal(data[0].data.object.customer, customer);
    }
  });
  await t.test('refusals of an attachment', async () => {
    const { id: fresh } = await paymentMethods.create(card('4242424242424242'));
    await refused(paymentMethods.attach(fresh, {}), {
      param: 'customer',
      code: 'parameter_missing',
    });
    await refused(paymentMethods.attach(fresh, { customer: 'cus_none' }), {
      param: 'customer',
      code: 'resource_missing',
    });
    await refused(paymentMethods.attach(fresh, { customer: ada.id, x: 1 }), { param: 'x' });
    await refused(paymentMethods.detach(fresh));
    await refused(paymentMethods.detach(fresh, { customer: ada.id }), {
      code: 'parameter_unknown',
    });
  });
});
