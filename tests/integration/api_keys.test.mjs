// API keys: what each kind may do, rolling and revoking, limits, and the log of requests.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { restrictedKey, secretKey, startDaemon, temporaryFolder } from './lib/daemon.mjs';
import { Description } from './lib/openapi.mjs';
import { stripeGateway, stripeWebhook } from './lib/stripe.mjs';

const liveKey = 'sk_live_integration0123456789abcdef';
const kLogMilliseconds = 60_000;

const withKey = (daemon, key) => (method, target, body) =>
  daemon.request(method, target, {
    headers: {
      ...(key ? { authorization: `Bearer ${key}` } : {}),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    body: body === undefined ? undefined : JSON.stringify(body),
  });

async function madeKey(daemon, wanted, key = secretKey) {
  const answer = await withKey(daemon, key)('POST', '/api/v2/api-keys', wanted);
  assert.equal(answer.status, 201, answer.text);
  return answer.json;
}

// The log is written a moment after the answer.
async function logged(daemon, query, count = 1) {
  const end = Date.now() + kLogMilliseconds;
  for (;;) {
    const { json } = await daemon.get(`/api/v2/request-logs?${query}`);
    if (json.data.length >= count) return json.data;
    assert.ok(Date.now() < end, `no ${count} rows of ${query}`);
    await pause(50);
  }
}

test('every described operation refuses who may not ask', async (t) => {
  const daemon = await startDaemon(t);
  const publishable = await madeKey(daemon, { kind: 'publishable' });
  const description = await Description.of(daemon);
  const guarded = description.operations.filter(({ operation }) => !operation.security);
  assert.ok(guarded.length > 30);
  for (const { method, route, operation } of guarded) {
    const target = route.replaceAll(/\{[^}]+\}/g, 'x1');
    const name = `${method} ${route}`;
    const ask = (key) => withKey(daemon, key)(method.toUpperCase(), target);
    const unnamed = await ask(undefined);
    assert.equal(unnamed.status, 401, name);
    description.assertDescribed({ method, route, operation }, unnamed);
    const shown = await ask(publishable.key);
    if (!/publishable/.test(operation.description ?? '')) {
      assert.equal(shown.status, 403, name);
      assert.match(shown.text, /publishable/, name);
    }
    if (!/not restricted/.test(operation.description ?? '')) continue;
    const reading = await ask(restrictedKey);
    assert.equal(reading.status, 403, name);
    description.assertDescribed({ method, route, operation }, reading);
  }
});

test('restricted keys read what their scopes name', async (t) => {
  const daemon = await startDaemon(t);
  const narrow = await madeKey(daemon, { kind: 'restricted', scopes: ['customers:read'] });
  const cases = [
    [restrictedKey, 'GET', '/v1/customers', 200],
    [restrictedKey, 'GET', '/v1/balance', 200],
    [restrictedKey, 'POST', '/v1/customers', 403],
    [restrictedKey, 'POST', '/v1/payment_methods', 403],
    [narrow.key, 'GET', '/v1/customers', 200],
    [narrow.key, 'GET', '/v1/balance', 403],
    [narrow.key, 'GET', '/api/v2/payments', 403],
    [narrow.key, 'GET', '/api/v2/events', 403],
  ];
  for (const [key, method, target, status] of cases) {
    const answer = await withKey(daemon, key)(method, target);
    assert.equal(answer.status, status, `${method} ${target}: ${answer.text}`);
  }
  const refused = await withKey(daemon, narrow.key)('GET', '/v1/balance');
  assert.equal(refused.json.error.type, 'invalid_request_error');
  assert.match(refused.json.error.message, /balance:read/);
});

// One of everything, in test mode: the paths under which a live key must not find it.
async function pathsOfTestObjects(daemon) {
  const ask = withKey(daemon, secretKey);
  const made = async (method, target, body) => {
    const answer = await ask(method, target, body);
    assert.ok(answer.status < 300, `${method} ${target}: ${answer.text}`);
    return answer.json;
  };
  const customer = await made('POST', '/v1/customers', { name: 'Ada' });
  const method = await made('POST', '/v1/payment_methods', {
    type: 'card',
    card: { number: '4242424242424242', exp_month: 12, exp_year: 2034, cvc: '123' },
  });
  await made('POST', `/v1/payment_methods/${method.id}/attach`, { customer: customer.id });
  const intent = await made('POST', '/v1/payment_intents', {
    amount: 2000,
    currency: 'usd',
    customer: customer.id,
    payment_method: method.id,
    confirm: true,
    return_url: 'https://shop.example.com/back',
  });
  assert.equal(intent.status, 'succeeded');
  const refund = await made('POST', '/v1/refunds', { payment_intent: intent.id, amount: 500 });
  const endpoint = await made('POST', '/api/v2/webhook-endpoints', {
    url: 'https://127.0.0.1:8443/hooks',
    event_types: ['*'],
  });
  await daemon.webhook('stripe', stripeWebhook('evt_1'));
  const [inboxItem] = await daemon.listAll('/api/v2/inbox');
  const [event] = await daemon.listAll('/api/v2/events');
  const [key] = await daemon.listAll('/api/v2/api-keys');
  const [request] = await logged(daemon, 'limit=1');
  return [
    ['GET', `/v1/customers/${customer.id}`],
    ['POST', `/v1/customers/${customer.id}`],
    ['DELETE', `/v1/customers/${customer.id}`],
    ['GET', `/v1/customers/${customer.id}/payment_methods`],
    ['GET', `/v1/payment_methods/${method.id}`],
    ['POST', `/v1/payment_methods/${method.id}/detach`],
    ['GET', `/v1/payment_intents/${intent.id}`],
    ['POST', `/v1/payment_intents/${intent.id}`],
    ['POST', `/v1/payment_intents/${intent.id}/cancel`],
    ['POST', `/v1/payment_intents/${intent.id}/capture`],
    ['POST', `/v1/payment_intents/${intent.id}/confirm`],
    ['GET', `/v1/charges/${intent.latest_charge}`],
    ['GET', `/v1/refunds/${refund.id}`],
    ['GET', `/api/v2/payments/${intent.id}`],
    ['POST', `/api/v2/payments/${intent.id}/cancel`],
    ['GET', `/api/v2/payments/${intent.id}/refunds`],
    ['GET', `/api/v1/payments/${intent.id}`],
    ['GET', `/v1/events/${event.id}`],
    ['GET', `/v1/webhook_endpoints/${endpoint.id}`],
    ['GET', `/api/v2/events/${event.id}`],
    ['POST', `/api/v2/events/${event.id}/resend`],
    ['GET', `/api/v2/inbox/${inboxItem.id}`],
    ['POST', `/api/v2/inbox/${inboxItem.id}/reprocess`],
    ['GET', `/api/v2/webhook-endpoints/${endpoint.id}`],
    ['PATCH', `/api/v2/webhook-endpoints/${endpoint.id}`, { description: 'x' }],
    ['DELETE', `/api/v2/webhook-endpoints/${endpoint.id}`],
    ['GET', `/api/v2/webhook-endpoints/${endpoint.id}/secret`],
    ['GET', `/api/v2/webhook-endpoints/${endpoint.id}/deliveries`],
    ['POST', `/api/v2/api-keys/${key.id}/roll`, {}],
    ['DELETE', `/api/v2/api-keys/${key.id}`],
    ['GET', `/api/v2/request-logs/${request.id}`],
  ];
}

test('what belongs to test mode is absent for live keys', async (t) => {
  const folder = temporaryFolder(t);
  const config = { gateways: [stripeGateway] };
  const first = await startDaemon(t, { folder, config });
  const paths = await pathsOfTestObjects(first);
  await first.stop();
  const daemon = await startDaemon(t, {
    folder,
    config,
    env: { POSTERN_BOOTSTRAP_SECRET_KEY: liveKey },
  });
  for (const [method, target, body] of paths) {
    const answer = await withKey(daemon, liveKey)(method, target, body);
    assert.equal(answer.status, 404, `${method} ${target}: ${answer.text}`);
  }
  const lists = [
    '/v1/customers',
    '/v1/payment_intents',
    '/v1/charges',
    '/v1/refunds',
    '/v1/events',
    '/v1/webhook_endpoints',
    '/v1/balance_transactions',
    '/api/v2/payments',
    '/api/v2/events',
    '/api/v2/inbox',
    '/api/v2/webhook-endpoints',
    '/api/v2/jobs',
  ];
  for (const list of lists) {
    const answer = await withKey(daemon, liveKey)('GET', list);
    assert.equal(answer.status, 200, `${list}: ${answer.text}`);
    assert.deepEqual(answer.json.data ?? answer.json.payments, [], list);
  }
  const keys = await withKey(daemon, liveKey)('GET', '/api/v2/api-keys');
  assert.ok(keys.json.data.every(({ livemode }) => livemode));
  for (const [method, target] of paths.filter(([each]) => each === 'GET')) {
    const answer = await daemon.get(target);
    assert.equal(answer.status, 200, `${method} ${target}: ${answer.text}`);
  }
});

test('keys are rolled with an overlap and revoked at once', async (t) => {
  const daemon = await startDaemon(t);
  const works = async (key) => (await daemon.get('/api/v2/events', { key })).status === 200;
  const old = await madeKey(daemon, { kind: 'secret', name: 'Till' });
  assert.ok(await works(old.key));
  const ask = withKey(daemon, secretKey);
  const rolled = await ask('POST', `/api/v2/api-keys/${old.id}/roll`, { overlap_hours: 1 });
  assert.equal(rolled.status, 201, rolled.text);
  assert.ok(await works(old.key));
  assert.ok(await works(rolled.json.key));
  const again = await ask('POST', `/api/v2/api-keys/${rolled.json.id}/roll`);
  assert.equal(again.status, 201, again.text);
  assert.ok(!(await works(rolled.json.key)), 'no overlap was asked for');
  for (const id of [old.id, again.json.id]) {
    assert.equal((await ask('DELETE', `/api/v2/api-keys/${id}`)).status, 200);
  }
  assert.ok(!(await works(old.key)));
  assert.ok(!(await works(again.json.key)));
  const [own] = (await daemon.listAll('/api/v2/api-keys')).filter(
    ({ kind, status }) => kind === 'secret' && status === 'active',
  );
  const last = await ask('DELETE', `/api/v2/api-keys/${own.id}`);
  assert.equal(last.status, 409, last.text);
  const description = await Description.of(daemon);
  const list = await ask('GET', '/api/v2/api-keys');
  description.assertDescribed(description.operationOf('get', '/api/v2/api-keys'), list);
  assert.doesNotMatch(list.text, new RegExp(`${old.key}|${rolled.json.key}|${again.json.key}`));
});

test('answers tell the limit, and too many are refused in the words of each face', async (t) => {
  const unlimited = await startDaemon(t);
  const { key } = await madeKey(unlimited, { kind: 'secret', plan: 'standard' });
  await unlimited.stop();
  // Nodes share windows that go by the clock: one of a day is hardly over meanwhile.
  const env = { POSTERN_API_RATE_LIMITS: 'true', POSTERN_API_RATE_LIMIT_TEST: '5/86400s' };
  const daemon = await startDaemon(t, { folder: unlimited.folder, env });
  const first = await daemon.get('/v1/balance', { key });
  assert.equal(first.status, 200, first.text);
  assert.equal(first.headers['x-ratelimit-limit'], '100');
  assert.equal(first.headers['x-ratelimit-remaining'], '99');
  const reset = Number(first.headers['x-ratelimit-reset']) - Date.now() / 1000;
  assert.ok(reset > 0 && reset < 62, `reset in ${reset} s`);
  const refusedToo = await daemon.get('/v1/customers/cus_none', { key });
  assert.equal(refusedToo.status, 404);
  assert.equal(refusedToo.headers['x-ratelimit-remaining'], '98');
  const open = await daemon.get('/openapi.json', { key: null });
  assert.equal(open.headers['x-ratelimit-limit'], undefined);
  for (let i = 0; i < 5; ++i) assert.equal((await daemon.get('/v1/balance')).status, 200);
  const targets = ['/v1/balance', '/api/v2/payments', '/api/v2/events', '/api/v1/app'];
  for (const target of targets) {
    const answer = await daemon.get(target);
    assert.equal(answer.status, 429, `${target}: ${answer.text}`);
    assert.ok(Number(answer.headers['retry-after']) >= 1);
    assert.equal(answer.headers['x-ratelimit-remaining'], '0');
  }
  const { json: stripe } = await daemon.get('/v1/balance');
  assert.equal(stripe.error.type, 'rate_limit_error');
  assert.equal(stripe.error.code, 'rate_limit');
  const { json: native } = await daemon.get('/api/v2/payments');
  assert.equal(native.error.code, 'RATE_LIMITED');
  assert.ok((await daemon.metric('postern_api_rate_limited_total', { subject: 'key' })) >= 6);
});

test('an address that tries wrong keys has to wait', async (t) => {
  const env = { POSTERN_API_RATE_LIMITS: 'true', POSTERN_API_RATE_LIMIT_WRONG_KEYS: '3/86400s' };
  const daemon = await startDaemon(t, { env });
  const guess = (i) => daemon.get('/v1/balance', { key: `sk_test_guess${i}` });
  for (let i = 0; i < 3; ++i) assert.equal((await guess(i)).status, 401);
  const refused = await guess(3);
  assert.equal(refused.status, 429, refused.text);
  assert.equal(refused.json.error.code, 'rate_limit');
  assert.equal((await daemon.get('/v1/balance')).status, 200, 'a right key was never proved here');
  assert.equal((await guess(4)).status, 429);
});

test('requests are logged, masked', async (t) => {
  const daemon = await startDaemon(t);
  const ask = withKey(daemon, secretKey);
  const answer = await ask('POST', '/v1/payment_methods', {
    type: 'card',
    card: { number: '4000000000000002', exp_month: 11, exp_year: 2033, cvc: '737' },
    metadata: { note: 'card 4539 5787 6362 1486' },
  });
  const requestId = answer.headers['request-id'];
  assert.match(requestId, /^req_[0-9a-f]{24}$/);
  const [row] = await logged(daemon, `request_id=${requestId}`);
  assert.equal(row.method, 'POST');
  assert.equal(row.path, '/v1/payment_methods');
  assert.equal(row.status, answer.status);
  assert.equal(row.peer_address, '127.0.0.1');
  const masked = { number: '****', exp_month: '****', exp_year: '****', cvc: '****' };
  assert.deepEqual(row.parameters, {
    body: { type: 'card', card: masked, metadata: { note: 'card ****' } },
  });
  const description = await Description.of(daemon);
  for (const target of ['/api/v2/request-logs?limit=2', `/api/v2/request-logs/${row.id}`]) {
    const shown = await daemon.get(target);
    assert.equal(shown.status, 200, shown.text);
    description.assertDescribed(description.operationOf('get', target), shown);
  }
  const refused = await ask('POST', '/api/v2/webhook-endpoints', { url: 5 });
  assert.equal(refused.status, 400);
  const [wrong] = await logged(daemon, 'status=4xx&path_prefix=/api/v2/webhook');
  assert.equal(wrong.error_code, 'VALIDATION_ERROR');
  const keys = await daemon.listAll('/api/v2/api-keys');
  assert.ok(keys.find(({ id }) => id === wrong.api_key_id).last_used_at);
});

test('nothing is logged where the operator wants no log', async (t) => {
  const daemon = await startDaemon(t, { env: { POSTERN_API_REQUEST_LOG: 'false' } });
  await daemon.get('/v1/balance');
  await daemon.stop();
  const again = await startDaemon(t, { folder: daemon.folder });
  const { json } = await again.get('/api/v2/request-logs');
  assert.deepEqual(json.data, []);
});
