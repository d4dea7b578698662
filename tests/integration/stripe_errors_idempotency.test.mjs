// What an engineer sees when something is wrong, and that a repeated request does nothing twice.
import assert from 'node:assert/strict';
import http from 'node:http';
import { test } from 'node:test';
import Stripe from 'stripe';
import { restrictedKey, secretKey, within } from './lib/daemon.mjs';
import { asJson, clientOf, form, kCharge, pay, startPaying } from './lib/stripe_client.mjs';

const kIntents = '/v1/payment_intents';
const kBytesMax = 16 * 1024 * 1024;

// Only the head of a request is sent: its body is refused by its length.
function announce(daemon, headers) {
  const [host, port] = daemon.listen.split(':');
  const authorization = `Bearer ${secretKey}`;
  const exchange = new Promise((resolve, reject) => {
    const options = { host, port, method: 'POST', path: kIntents, agent: false };
    const request = http.request({ ...options, headers: { ...headers, authorization } });
    request.on('error', reject);
    request.on('response', (response) => {
      let text = '';
      response.on('data', (chunk) => (text += chunk));
      response.on('end', () => {
        const { statusCode: status, headers } = response;
        resolve({ status, headers, text, json: JSON.parse(text) });
        request.destroy();
      });
    });
    request.flushHeaders();
  });
  return within(30_000, 'the refusal of a body', exchange);
}

function enveloped(answer, status, expected = {}) {
  assert.equal(answer.status, status, answer.text.slice(0, 500));
  assert.match(answer.headers['content-type'], /^application\/json/);
  assert.match(answer.headers['request-id'], /^req_/);
  const { error } = answer.json;
  assert.equal(typeof error.message, 'string');
  assert.ok(
    ['api_error', 'card_error', 'idempotency_error', 'invalid_request_error'].includes(error.type),
  );
  for (const [name, value] of Object.entries(expected)) assert.equal(error[name], value, name);
}

test('bodies as curl users write them', async (t) => {
  const { daemon } = await startPaying(t);
  const base = 'amount=1999&currency=usd';
  const bodies = [
    ['bare brackets', form, `${base}&metadata[a]=1&payment_method_types[]=card`],
    ['escaped brackets', form, `${base}&metadata%5Ba%5D=1&payment_method_types%5B%5D=card`],
    ['indices', form, `${base}&metadata[a]=1&payment_method_types[0]=card`],
    [
      'JSON',
      asJson,
      JSON.stringify({
        amount: 1999,
        currency: 'usd',
        metadata: { a: '1' },
        payment_method_types: ['card'],
      }),
    ],
  ];
  for (const [name, headers, body] of bodies) {
    await t.test(name, async () => {
      const { status, json, text } = await daemon.post(kIntents, { headers, body });
      assert.equal(status, 200, text);
      assert.equal(json.amount, 1999);
      assert.deepEqual(json.metadata, { a: '1' });
      assert.deepEqual(json.payment_method_types, ['card']);
    });
  }
  await t.test('broken JSON', async () => {
    enveloped(await daemon.post(kIntents, { headers: asJson, body: '{"amount":' }), 400);
  });
  await t.test('array keys out of sequence', async () => {
    const body = `${base}&expand[1]=customer`;
    const answer = await daemon.post(kIntents, { headers: form, body });
    enveloped(answer, 400, { param: 'expand' });
  });
});

test('who asks', async (t) => {
  const { daemon } = await startPaying(t);
  const basic = (key) => ({
    authorization: `Basic ${Buffer.from(`${key}:`).toString('base64')}`,
  });
  await t.test('Basic authorization names the key as the user', async () => {
    const answer = await daemon.get(kIntents, { key: '', headers: basic(secretKey) });
    assert.equal(answer.status, 200);
    enveloped(await daemon.get(kIntents, { key: '', headers: basic('sk_test_x') }), 401);
  });
  await t.test('no key', async () => {
    enveloped(await daemon.get(kIntents, { key: '' }), 401, { type: 'invalid_request_error' });
  });
  await t.test('a wrong key is shown with its middle hidden', async () => {
    const answer = await daemon.get(kIntents, { key: 'sk_test_aaaaaaaaaaaaaaaaaaaa1234' });
    enveloped(answer, 401);
    assert.match(answer.json.error.message, /^Invalid API Key provided: sk_test_\*+1234$/);
  });
  await t.test('the SDK raises an authentication error', async () => {
    const stranger = clientOf(daemon, { key: 'sk_test_nobody' });
    await assert.rejects(stranger.customers.list(), Stripe.errors.StripeAuthenticationError);
  });
  await t.test('a restricted key reads and does not write', async () => {
    const reader = clientOf(daemon, { key: restrictedKey });
    assert.deepEqual((await reader.paymentIntents.list()).data, []);
    await assert.rejects(pay(reader), Stripe.errors.StripePermissionError);
  });
});

test('paths, methods and sizes', async (t) => {
  const { daemon } = await startPaying(t);
  const cases = [
    ['an unknown path', () => daemon.get('/v1/nothing'), 404],
    ['an unknown method', () => daemon.request('PATCH', kIntents), 405],
    ['a method that the path lacks', () => daemon.request('DELETE', kIntents), 405],
    ['an unknown intent', () => daemon.get(`${kIntents}/pi_none`), 404],
  ];
  for (const [name, ask, status] of cases) {
    await t.test(name, async () => enveloped(await ask(), status));
  }
  await t.test('a long address', async () => {
    const answer = await daemon.get(`${kIntents}?x=${'y'.repeat(8200)}`);
    enveloped(answer, 414, { type: 'invalid_request_error' });
  });
  await t.test('a body announced over 16 MB', async () => {
    const headers = { ...form, 'content-length': kBytesMax + 1, expect: '100-continue' };
    const answer = await announce(daemon, headers);
    enveloped(answer, 413, { type: 'invalid_request_error' });
    assert.equal(answer.headers.connection, 'close');
  });
  await t.test('a body that really is over 16 MB', async () => {
    const client = clientOf(daemon);
    const sent = client.customers.create({ description: 'x'.repeat(kBytesMax + 1) });
    const error = await within(30_000, 'the refusal of a body', sent.catch((refusal) => refusal));
    assert.equal(error.statusCode, 413, `${error}`);
    assert.match(error.message, /body/);
    assert.match(error.requestId, /^req_/);
  });
  await t.test('what is missing is named', async () => {
    const { json } = await daemon.get(`${kIntents}/pi_none`);
    assert.equal(json.error.code, 'resource_missing');
    assert.match(json.error.message, /pi_none/);
  });
  await t.test('PUT updates as POST does', async () => {
    const headers = { authorization: `Bearer ${secretKey}`, ...form };
    const made = await daemon.post('/v1/customers', { headers: form, body: 'name=Jo' });
    const target = `/v1/customers/${made.json.id}`;
    const { status, json } = await daemon.request('PUT', target, { headers, body: 'name=Al' });
    assert.equal(status, 200);
    assert.equal(json.name, 'Al');
  });
});

test('headers of an answer', async (t) => {
  const { daemon, stripe } = await startPaying(t);
  const { lastResponse } = await stripe.customers.create({}, { idempotencyKey: 'head-1' });
  assert.match(lastResponse.requestId, /^req_/);
  assert.equal(lastResponse.idempotencyKey, 'head-1');
  assert.ok(lastResponse.apiVersion);
  const plain = await daemon.get('/v1/customers');
  assert.equal(plain.headers['onerway-version'], '2024-11-01');
  const dated = await daemon.get('/v1/customers', {
    headers: { 'onerway-version': '2024-12-24', 'stripe-version': '2020-01-01' },
  });
  assert.equal(dated.headers['onerway-version'], '2024-12-24');
  assert.equal(dated.headers['stripe-version'], '2020-01-01');
  enveloped(await daemon.get('/v1/customers', { headers: { 'onerway-version': 'new' } }), 400);
});

test('metadata has limits', async (t) => {
  const { stripe } = await startPaying(t);
  const many = (count) =>
    Object.fromEntries(Array.from({ length: count }, (_, index) => [`k${index}`, 'v']));
  const full = await stripe.customers.create({ metadata: many(50) });
  assert.equal(Object.keys(full.metadata).length, 50);
  const refused = [many(51), { ['k'.repeat(41)]: 'v' }, { k: 'v'.repeat(501) }];
  for (const metadata of refused) {
    await assert.rejects(stripe.customers.create({ metadata }), { statusCode: 400 });
  }
  const fits = { ['k'.repeat(40)]: 'v'.repeat(500) };
  assert.deepEqual({ ...(await stripe.customers.create({ metadata: fits })).metadata }, fits);
});

test('the same key', async (t) => {
  const { daemon, stripe } = await startPaying(t);
  const options = (idempotencyKey) => ({ idempotencyKey });

  await t.test('twenty at once make one payment', async () => {
    const retrying = clientOf(daemon, { maxNetworkRetries: 5 });
    const made = await Promise.all(
      Array.from({ length: 20 }, () =>
        retrying.paymentIntents.create(kCharge, options('at-once')),
      ),
    );
    assert.equal(new Set(made.map(({ id }) => id)).size, 1);
    assert.equal((await stripe.paymentIntents.list()).data.length, 1);
    assert.equal((await stripe.charges.list()).data.length, 1);
  });

  await t.test('a decline is given again', async () => {
    const declined = { ...kCharge, payment_method: 'pm_card_chargeDeclined' };
    const ask = () =>
      stripe.paymentIntents.create(declined, options('declined')).catch((error) => error);
    const [first, second] = [await ask(), await ask()];
    assert.equal(first.code, 'card_declined');
    assert.equal(second.payment_intent.id, first.payment_intent.id);
    assert.equal(second.headers['idempotent-replayed'], 'true');
  });

  await t.test('a request that was refused may be mended', async () => {
    await assert.rejects(
      stripe.paymentIntents.create({ amount: 1, currency: 'usd' }, options('mended')),
      { code: 'amount_too_small' },
    );
    const { id } = await stripe.paymentIntents.create(kCharge, options('mended'));
    assert.match(id, /^pi_/);
  });

  await t.test('other parameters are an idempotency error', async () => {
    await stripe.customers.create({ name: 'Ada' }, options('other'));
    await assert.rejects(stripe.customers.create({ name: 'Bob' }, options('other')), (error) => {
      assert.ok(error instanceof Stripe.errors.StripeIdempotencyError, String(error));
      assert.equal(error.statusCode, 400);
      assert.match(error.message, /^Keys for idempotent requests can only be used/);
      return true;
    });
  });

  await t.test('the answer is given again byte by byte', async () => {
    const headers = { ...form, 'idempotency-key': 'bytes' };
    const first = await daemon.post('/v1/customers', { headers, body: 'name=A&phone=1' });
    const second = await daemon.post('/v1/customers', { headers, body: 'name=A&phone=1' });
    assert.equal(second.json.id, first.json.id);
    assert.equal(second.text, first.text);
  });

  await t.test('a key has at most 255 characters', async () => {
    await stripe.customers.create({}, options('k'.repeat(255)));
    await assert.rejects(stripe.customers.create({}, options('k'.repeat(256))), {
      statusCode: 400,
    });
  });

  await t.test('a key is ignored when reading', async () => {
    const headers = { 'idempotency-key': 'at-once' };
    assert.equal((await daemon.get('/v1/customers', { headers })).status, 200);
  });
});
