// The same request as a form and as JSON does the same; PUT is another word for an update.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { secretKey } from './lib/daemon.mjs';
import { plain } from './lib/stripe_checks.mjs';
import { asJson, form, pay, startPaying } from './lib/stripe_client.mjs';

const kAddress = { line1: '1 Main St', city: 'Springfield', country: 'US', postal_code: '1' };
const kNever = { payments: { sandbox_settle_milliseconds: 86_400_000 } };

// As the SDK spells it: brackets bare, items by number, null as nothing.
function toForm(value, name = '') {
  if (value === null || value === undefined) return name ? [`${name}=`] : [];
  if (typeof value !== 'object') return [`${name}=${encodeURIComponent(value)}`];
  return Object.entries(value).flatMap(([key, of]) => toForm(of, name ? `${name}[${key}]` : key));
}

async function send(daemon, { method = 'POST', path, parameters, kind }) {
  const headers = { authorization: `Bearer ${secretKey}`, ...(kind === 'json' ? asJson : form) };
  const body = kind === 'json' ? JSON.stringify(parameters) : toForm(parameters).join('&');
  return daemon.request(method, path, { headers, body });
}

// Ids and moments differ between two objects that are alike.
const alike = (object) =>
  JSON.parse(
    JSON.stringify(object, (name, value) => {
      if (typeof value === 'number' && value > 1_700_000_000) return 'a moment';
      if (typeof value !== 'string') return value;
      if (['receipt_url', 'client_secret', 'request_log_url'].includes(name)) return 'its own';
      return value.replace(/(pi|pm|ch|cus|re|tr|trr|po|txn|dp)_[0-9a-f-]{20,}/, '$1_');
    }),
  );

test('what is made by a form is made by JSON', async (t) => {
  const { daemon, stripe } = await startPaying(t);
  const { id: customer } = await stripe.customers.create();
  await pay(stripe, { amount: 90_000, payment_method: 'pm_card_bypassPending' });
  const paid = await pay(stripe, { amount: 50_000 });
  const requests = [
    [
      '/v1/payment_intents',
      {
        amount: 1999,
        currency: 'USD',
        customer,
        confirm: true,
        payment_method: 'pm_card_visa',
        payment_method_types: ['card'],
        description: 'Zwei & drei = 100 % +1',
        metadata: { order: '7', 'a b': 'ü' },
        shipping: { name: 'Ada', address: kAddress },
        expand: ['latest_charge.balance_transaction', 'customer'],
      },
    ],
    ['/v1/payment_intents', { amount: 700, currency: 'jpy', capture_method: 'manual' }],
    [
      '/v1/payment_methods',
      {
        type: 'card',
        card: { number: '5555555555554444', exp_month: 3, exp_year: 2031, cvc: '123' },
        billing_details: { name: 'Ada', address: kAddress },
        metadata: { a: '1' },
      },
    ],
    ['/v1/payment_methods/pm_card_visa/attach', { customer }],
    [
      '/v1/customers',
      { email: 'ada@example.com', name: 'Ada', address: kAddress, metadata: { x: '1' } },
    ],
    ['/v1/customers', {}],
    ['/v1/refunds', { payment_intent: paid.id, amount: 10, reason: 'duplicate' }],
    ['/v1/transfers', { amount: 5, currency: 'usd', destination: 'acct_1', metadata: { a: '1' } }],
    ['/v1/payouts', { amount: 5, currency: 'usd', description: 'x' }],
    ['/v1/payment_intents', { amount: 49, currency: 'usd' }],
    ['/v1/payment_intents', { amount: 500, currency: 'usd', amuont: 5 }],
    ['/v1/customers', { address: { street: 'x' } }],
    ['/v1/refunds', { payment_intent: paid.id, amount: 'x' }],
    ['/v1/payment_methods', { type: 'card', card: { exp_month: 3 } }],
    [
      '/v1/payment_intents',
      { amount: 500, currency: 'usd', confirm: true, payment_method: 'pm_card_chargeDeclined' },
    ],
  ];
  for (const [path, parameters] of requests) {
    await t.test(`${path} ${JSON.stringify(parameters).slice(0, 50)}`, async () => {
      const byForm = await send(daemon, { path, parameters, kind: 'form' });
      const byJson = await send(daemon, { path, parameters, kind: 'json' });
      assert.equal(byJson.status, byForm.status, byJson.text);
      assert.deepEqual(alike(byJson.json), alike(byForm.json));
    });
  }
});

test('values of JSON', async (t) => {
  const { daemon } = await startPaying(t);
  const make = async (path, parameters) => send(daemon, { path, parameters, kind: 'json' });
  const intents = '/v1/payment_intents';
  const base = { amount: 500, currency: 'usd' };
  const taken = [
    ['a number as a text', { ...base, amount: '500' }, (made) => made.amount === 500],
    ['numbers in metadata', { ...base, metadata: { n: 7 } }, (made) => made.metadata.n === '7'],
    ['true in metadata', { ...base, metadata: { n: true } }, (made) => made.metadata.n === 'true'],
    ['null for nothing', { ...base, description: null }, (made) => made.description === null],
    ['false as a text', { ...base, confirm: 'false' }, (made) => made.latest_charge === null],
    [
      'letters beyond the first plane',
      { ...base, description: '👩‍🚀漢' },
      (made) => made.description === '👩‍🚀漢',
    ],
  ];
  for (const [name, parameters, holds] of taken) {
    await t.test(`taken: ${name}`, async () => {
      const { status, json, text } = await make(intents, parameters);
      assert.equal(status, 200, text);
      assert.ok(holds(json), text);
    });
  }
  const wrong = [
    ['an amount that is true', { ...base, amount: true }, 'amount'],
    ['an amount with a fraction', { ...base, amount: 500.5 }, 'amount'],
    ['an amount in a list', { ...base, amount: [500] }, 'amount'],
    ['an amount of another shape', { ...base, amount: { minor: 500 } }, 'amount'],
    ['an amount beyond all numbers', { ...base, amount: 1e300 }, 'amount'],
    ['a currency that is a number', { ...base, currency: 840 }, 'currency'],
    ['a list for metadata', { ...base, metadata: ['a'] }, undefined],
    ['a text for a list', { ...base, payment_method_types: 'card' }, 'payment_method_types'],
    ['a table in metadata', { ...base, metadata: { a: { b: 'c' } } }, undefined],
    ['a number for yes', { ...base, confirm: 1 }, 'confirm'],
  ];
  for (const [name, parameters, param] of wrong) {
    await t.test(`refused: ${name}`, async () => {
      const { status, json, text } = await make(intents, parameters);
      assert.equal(status, 400, text);
      assert.equal(json.error.type, 'invalid_request_error');
      if (param) assert.equal(json.error.param, param, text);
    });
  }
  for (const body of ['[]', '"amount"', '5', 'null', '{"amount":500', '{"amount":500}}']) {
    await t.test(`refused: the body ${body}`, async () => {
      const { status, json } = await daemon.post(intents, { headers: asJson, body });
      assert.equal(status, 400);
      assert.equal(json.error.type, 'invalid_request_error');
    });
  }
  const twice = [
    ['{"amount":500,"currency":"usd","amount":600}', 'amount'],
    ['{"amount":500,"currency":"usd","amount":500}', 'amount'],
    ['{"amount":500,"currency":"usd","metadata":{"a":"1","a":"2"}}', 'metadata[a]'],
    ['{"amount":500,"currency":"usd","payment_method_data":{"type":"card","card":' +
      '{"token":"tok_visa","token":"tok_visa"}}}', 'payment_method_data[card][token]'],
  ];
  for (const [body, param] of twice) {
    await t.test(`refused: ${param} twice`, async () => {
      const { status, json, text } = await daemon.post(intents, { headers: asJson, body });
      assert.equal(status, 400, text);
      assert.deepEqual([json.error.type, json.error.param], ['invalid_request_error', param]);
    });
  }
  const unknown = [
    [{ ...base, colour: null }, 'colour'],
    [{ ...base, amuont: null }, 'amuont'],
    [{ ...base, shipping: { name: 'J', address: kAddress, colour: null } }, 'shipping[colour]'],
  ];
  for (const [parameters, param] of unknown) {
    await t.test(`refused: null for the unknown ${param}`, async () => {
      const { status, json, text } = await make(intents, parameters);
      assert.equal(status, 400, text);
      assert.deepEqual([json.error.code, json.error.param], ['parameter_unknown', param]);
    });
  }
  const known = Object.fromEntries(
    ['automatic_payment_methods', 'capture_method', 'confirm', 'customer', 'description',
      'off_session', 'payment_method', 'payment_method_data', 'payment_method_options',
      'payment_method_types', 'receipt_email', 'setup_future_usage', 'shipping',
      'statement_descriptor', 'transfer_group', 'metadata'].map((name) => [name, null]),
  );
  await t.test('taken: null for everything known', async () => {
    const { status, json, text } = await make(intents, { ...base, ...known });
    assert.equal(status, 200, text);
    const id = `${intents}/${json.id}`;
    assert.equal((await make(id, { ...known, confirm: undefined })).status, 200);
  });
  await t.test('nothing was made of them', async () => {
    const { json } = await daemon.get(`${intents}?limit=100`);
    const made = json.data.filter(({ metadata }) => metadata['0'] === undefined);
    assert.equal(made.length, taken.length + 1);
  });
});

test('values of forms', async (t) => {
  const { daemon } = await startPaying(t);
  const make = (body) => daemon.post('/v1/customers', { headers: form, body });
  const taken = [
    ['name=a+b%2Bc', (made) => made.name === 'a b+c'],
    ['name=%E8%B4%9D%E6%8B%89', (made) => made.name === '贝拉'],
    ['metadata[a%26b%3Dc]=x%26y', (made) => made.metadata['a&b=c'] === 'x&y'],
    ['metadata%5Ba.b%5D=1', (made) => made.metadata['a.b'] === '1'],
    ['&&name=a&', (made) => made.name === 'a'],
    ['name=', (made) => made.name === null],
    ['metadata=', (made) => Object.keys(made.metadata).length === 0],
    ['', (made) => made.name === null],
  ];
  for (const [body, holds] of taken) {
    await t.test(`taken: ${body}`, async () => {
      const { status, json, text } = await make(body);
      assert.equal(status, 200, text);
      assert.ok(holds(json), text);
    });
  }
  const wrong = [
    'name=%FF',
    'name=%E4%BD',
    'name=%ED%A0%80',
    'name=%00',
    'name=a%',
    'name=a%zz',
    '=x',
    'name=a&name=b',
    'name[]=a',
    'name[a]=b',
    'metadata[a][b]=1',
    'metadata[a]=1&metadata[a]=2',
    'metadata[a=1',
    'metadata]a[=1',
    `name=${'x'.repeat(200_000)}`,
    `${'a'.repeat(5_000)}=1`,
    `${'metadata'}${'[a]'.repeat(200)}=1`,
  ];
  for (const body of wrong) {
    await t.test(`refused: ${body.slice(0, 40)}`, async () => {
      const { status, json, text } = await make(body);
      assert.equal(status, 400, text.slice(0, 300));
      assert.equal(json.error.type, 'invalid_request_error');
      assert.ok(text.length < 20_000, 'what was sent is not sent back at length');
    });
  }
  await t.test('an amount is a number and nothing else', async () => {
    const amounts = [
      '+500',
      ' 500',
      '5e2',
      '500.0',
      '0x1F4',
      '５００',
      '1_000',
      '9223372036854775808',
    ];
    for (const amount of amounts) {
      const body = `currency=usd&amount=${encodeURIComponent(amount)}`;
      const { status, json } = await daemon.post('/v1/payment_intents', { headers: form, body });
      assert.equal(status, 400, amount);
      assert.equal(json.error.code, 'parameter_invalid_integer', amount);
      assert.equal(json.error.message, `Invalid integer: ${amount}`);
    }
  });
  await t.test('and a body of another kind is not read', async () => {
    for (const type of ['text/plain', 'multipart/form-data; boundary=x', 'application/xml']) {
      const headers = { 'content-type': type };
      const { status } = await daemon.post('/v1/customers', { headers, body: 'name=x' });
      assert.ok([400, 415].includes(status), type);
    }
  });
});

test('PUT updates as POST does', async (t) => {
  const { daemon, stripe } = await startPaying(t, kNever);
  const { id: customer } = await stripe.customers.create();
  await pay(stripe, { amount: 90_000, payment_method: 'pm_card_bypassPending' });
  const paid = await pay(stripe, { payment_method: 'pm_card_createDispute' });
  const refunded = await pay(stripe);
  const [dispute] = (await stripe.disputes.list()).data;
  const method = await stripe.paymentMethods.attach('pm_card_visa', { customer });
  const refund = await stripe.refunds.create({ payment_intent: refunded.id, amount: 5 });
  const money = { amount: 5, currency: 'usd' };
  const transfer = await stripe.transfers.create({ ...money, destination: 'acct_1' });
  const payout = await stripe.payouts.create(money);
  const targets = [
    `/v1/customers/${customer}`,
    `/v1/payment_intents/${paid.id}`,
    `/v1/payment_methods/${method.id}`,
    `/v1/charges/${paid.latest_charge}`,
    `/v1/refunds/${refund.id}`,
    `/v1/disputes/${dispute.id}`,
    `/v1/transfers/${transfer.id}`,
    `/v1/payouts/${payout.id}`,
  ];
  for (const path of targets) {
    await t.test(path.split('/')[2], async () => {
      const first = { method: 'PUT', path, parameters: { metadata: { a: '1' } }, kind: 'json' };
      const put = await send(daemon, first);
      assert.equal(put.status, 200, put.text);
      assert.deepEqual(put.json.metadata, { a: '1' });
      const second = { method: 'POST', path, parameters: { metadata: { a: null } }, kind: 'json' };
      const post = await send(daemon, second);
      assert.deepEqual(plain(post.json), { ...plain(put.json), metadata: {} });
    });
  }
});
