// How much a key may ask: what every answer says of it, and what too much is answered with.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import Stripe from 'stripe';
import { restrictedKey, secretKey, startDaemon } from './lib/daemon.mjs';
import { onPostgres } from './lib/store.mjs';
import { clientOf, form } from './lib/stripe_client.mjs';

// A window of a day that began with the test has that much left. Nodes share windows that go by the
// clock, so that any of them may be nearly over.
const leastLeft = onPostgres ? 0 : 86_300;

const limited = (plans) => ({
  env: {
    POSTERN_API_RATE_LIMITS: 'true',
    ...Object.fromEntries(
      Object.entries(plans).map(([plan, rate]) => [`POSTERN_API_RATE_LIMIT_${plan}`, rate]),
    ),
  },
});

function limitsOf({ headers }) {
  const { 'x-ratelimit-limit': limit, 'x-ratelimit-remaining': remaining } = headers;
  return { limit, remaining, reset: headers['x-ratelimit-reset'] };
}

async function makeKey(daemon, wanted, key = secretKey) {
  const headers = { 'content-type': 'application/json' };
  const body = JSON.stringify(wanted);
  const answer = await daemon.post('/api/v2/api-keys', { key, headers, body });
  assert.equal(answer.status, 201, answer.text);
  return answer.json.key;
}

test('every answer to a key tells its limit, whatever else it says', async (t) => {
  const daemon = await startDaemon(t, limited({ TEST: '1000/86400s' }));
  const json = { 'content-type': 'application/json' };
  const card = '&card[number]=4000000000000002&card[exp_month]=12&card[exp_year]=2034';
  const declined = await daemon.post('/v1/payment_methods', {
    headers: form,
    body: `type=card${card}`,
  });
  const charge = `amount=500&currency=usd&confirm=true&payment_method=${declined.json.id}`;
  const cases = [
    [200, () => daemon.get('/v1/balance')],
    [200, () => daemon.get('/api/v1/balance')],
    [200, () => daemon.get('/api/v2/events')],
    [200, () => daemon.get('/api/v1/app')],
    [201, () => daemon.post('/api/v2/api-keys', { headers: json, body: '{"kind":"restricted"}' })],
    [400, () => daemon.post('/v1/payment_intents', { headers: form, body: 'amount=x' })],
    [400, () => daemon.post('/api/v1/payments', { headers: json, body: '{}' })],
    [402, () => daemon.post('/v1/payment_intents', { headers: form, body: charge })],
    [404, () => daemon.get('/v1/charges/ch_none')],
    [404, () => daemon.get('/api/v2/payments/pay_none')],
  ];
  let remaining = Number(limitsOf(declined).remaining);
  assert.equal(remaining, 999);
  for (const [status, ask] of cases) {
    const answer = await ask();
    assert.equal(answer.status, status, answer.text);
    const told = limitsOf(answer);
    assert.equal(told.limit, '1000', `${status}`);
    remaining -= 1;
    assert.equal(told.remaining, `${remaining}`);
    const seconds = Number(told.reset) - Date.now() / 1000;
    assert.ok(seconds > leastLeft && seconds < 86_402, `reset in ${seconds} s`);
  }
  const refused = await daemon.post('/v1/customers', { key: restrictedKey, headers: form });
  assert.equal(refused.status, 403);
  assert.equal(limitsOf(refused).remaining, '999', 'each key has a limit of its own');
});

test('who has no key has no limit to be told', async (t) => {
  const daemon = await startDaemon(t, limited({ TEST: '5/86400s' }));
  for (const target of ['/v1/balance', '/api/v1/payments', '/api/v2/events']) {
    for (const key of ['', 'sk_test_wrong']) {
      const answer = await daemon.get(target, { key });
      assert.equal(answer.status, 401);
      assert.deepEqual(limitsOf(answer), {
        limit: undefined,
        remaining: undefined,
        reset: undefined,
      });
    }
  }
});

test('each plan is its own', async (t) => {
  const plans = { TEST: '14/60s', LIVE: '13/60s', STANDARD: '12/60s', ENTERPRISE: '11/60s' };
  const live = 'sk_live_integration0123456789abcdef';
  const { env } = limited(plans);
  const first = await startDaemon(t, { env });
  assert.equal(limitsOf(await first.get('/v1/balance')).limit, '14');
  const standard = await makeKey(first, { kind: 'secret', plan: 'standard' });
  assert.equal(limitsOf(await first.get('/v1/balance', { key: standard })).limit, '12');
  const enterprise = await makeKey(first, { kind: 'secret', plan: 'enterprise' });
  assert.equal(limitsOf(await first.get('/v1/balance', { key: enterprise })).limit, '11');
  await first.stop();
  const again = await startDaemon(t, {
    folder: first.folder,
    env: { ...env, POSTERN_BOOTSTRAP_SECRET_KEY: live },
  });
  assert.equal(limitsOf(await again.get('/v1/balance', { key: live })).limit, '13');
});

test('no key gives more than it has', async (t) => {
  const daemon = await startDaemon(t, limited({}));
  const headers = { 'content-type': 'application/json' };
  const make = (key, wanted) => {
    const body = JSON.stringify({ kind: 'secret', ...wanted });
    return daemon.post('/api/v2/api-keys', { key, headers, body });
  };
  for (const plan of ['live', 'enterprise']) {
    const refused = await make(secretKey, { plan });
    assert.equal(refused.status, 403, refused.text);
    assert.equal(refused.json.error.code, 'FORBIDDEN');
  }
  const { json: slow } = await make(secretKey, { plan: 'standard' });
  assert.equal((await make(slow.key, {})).status, 403, 'the default of its mode is more, too');
  assert.equal((await make(slow.key, { plan: 'standard' })).status, 201);
});

test('an account has a hundred keys at most', async (t) => {
  const daemon = await startDaemon(t, limited({ TEST: '1000/60s' }));
  const headers = { 'content-type': 'application/json' };
  const make = () => daemon.post('/api/v2/api-keys', { headers, body: '{"kind":"restricted"}' });
  const { length } = await daemon.listAll('/api/v2/api-keys');
  let last;
  for (let i = length; i < 100; ++i) {
    last = await make();
    assert.equal(last.status, 201, last.text);
  }
  assert.equal((await make()).status, 409);
  const target = `/api/v2/api-keys/${last.json.id}`;
  assert.equal((await daemon.post(`${target}/roll`, { headers, body: '{}' })).status, 201);
});

test('the plans of the contract are the defaults', async (t) => {
  const live = 'sk_live_integration0123456789abcdef';
  const { env } = limited({});
  const daemon = await startDaemon(t, {
    env: { ...env, POSTERN_BOOTSTRAP_SECRET_KEY: live },
  });
  for (const [plan, limit] of [
    [undefined, '100'],
    ['test', '100'],
    ['live', '1000'],
    ['standard', '100'],
    ['enterprise', '1000'],
  ]) {
    const wanted = { kind: 'secret', livemode: false, ...(plan ? { plan } : {}) };
    const key = await makeKey(daemon, wanted, live);
    assert.equal(limitsOf(await daemon.get('/v1/balance', { key })).limit, limit, plan);
  }
});

test('too many are answered 429 in the words of each dialect, and change nothing', async (t) => {
  const daemon = await startDaemon(t, limited({ TEST: '4/86400s' }));
  for (let i = 0; i < 4; ++i) assert.equal((await daemon.get('/v1/balance')).status, 200);
  const refused = async (target, options) => {
    const answer = await daemon.get(target, options);
    assert.equal(answer.status, 429, answer.text);
    const seconds = Number(answer.headers['retry-after']);
    assert.ok(Number.isInteger(seconds), `${seconds}`);
    assert.ok(seconds > leastLeft && seconds <= 86_400, `${seconds}`);
    assert.equal(limitsOf(answer).limit, '4');
    assert.equal(limitsOf(answer).remaining, '0');
    return answer;
  };
  const stripe = await refused('/v1/balance');
  assert.match(stripe.headers['request-id'], /^req_/);
  assert.deepEqual(stripe.json.error, {
    code: 'rate_limit',
    doc_url: 'https://stripe.com/docs/error-codes/rate-limit',
    message: stripe.json.error.message,
    request_log_url: stripe.json.error.request_log_url,
    type: 'rate_limit_error',
  });
  for (const target of ['/api/v1/payments', '/api/v2/payments', '/api/v2/events']) {
    const { json, headers } = await refused(target);
    assert.equal(json.error.code, 'RATE_LIMITED');
    assert.equal(json.error.request_id, headers['x-request-id']);
  }
  const chinese = await refused('/api/v1/payments', { headers: { 'accept-language': 'zh' } });
  assert.match(chinese.json.error.message, /请求过于频繁/);
  const { json: svix } = await refused('/api/v1/app');
  assert.equal(typeof svix.detail, 'string');
  const client = clientOf(daemon);
  const error = await client.customers.create({ name: 'Ada' }).catch((reason) => reason);
  assert.ok(error instanceof Stripe.errors.StripeRateLimitError, `${error}`);
  const list = await daemon.get('/v1/customers', { key: restrictedKey });
  assert.deepEqual(list.json.data, []);
});

test('who waits as long as told is let in', async (t) => {
  const daemon = await startDaemon(t, limited({ TEST: '3/1s' }));
  let refusal;
  for (let i = 0; refusal === undefined && i < 1_000; ++i) {
    const answer = await daemon.get('/v1/balance');
    if (answer.status === 429) refusal = answer;
  }
  assert.ok(refusal, 'three a second are passed at some time');
  await pause(Number(refusal.headers['retry-after']) * 1_000);
  assert.equal((await daemon.get('/v1/balance')).status, 200);
});

test('requests at the same time are counted each once', async (t) => {
  const daemon = await startDaemon(t, limited({ TEST: '20/86400s' }));
  const asked = Array.from({ length: 60 }, (_, i) =>
    daemon.get(i % 2 ? '/v1/balance' : '/api/v2/payments'),
  );
  const statuses = (await Promise.all(asked)).map(({ status }) => status);
  assert.equal(statuses.filter((status) => status === 200).length, 20);
  assert.equal(statuses.filter((status) => status === 429).length, 40);
});

test('a burst is bounded within the window', async (t) => {
  const daemon = await startDaemon(t, limited({ TEST: '1000/86400s/5' }));
  const asked = Array.from({ length: 40 }, () => daemon.get('/v1/balance'));
  const answers = await Promise.all(asked);
  const refused = answers.filter(({ status }) => status === 429);
  assert.ok(refused.length >= 20, `${refused.length} were refused`);
  for (const answer of refused) assert.equal(answer.headers['retry-after'], '1');
});

test('without limits nothing is told', async (t) => {
  const daemon = await startDaemon(t, { env: { POSTERN_API_RATE_LIMITS: 'false' } });
  const answers = await Promise.all(Array.from({ length: 150 }, () => daemon.get('/v1/balance')));
  assert.ok(answers.every(({ status }) => status === 200));
  assert.equal(limitsOf(answers[0]).limit, undefined);
  assert.equal((await daemon.get('/v1/balance', { key: secretKey })).status, 200);
});
