// Every route of this program, and what each kind of key meets there.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { root, secretKey, startDaemon } from './lib/daemon.mjs';

// The tables themselves say which routes there are, so that none is forgotten here; who may use
// them is said below once more.
const kTables = [
  ['daemon/routes.cpp', ['']],
  ['payments/dialects/onerway/routes.cpp', ['']],
  ['payments/dialects/rcommerce/routes.cpp', ['/api/v1', '/api/v2']],
];
const kSandboxDesk = 'payments/gateways/sandbox/sandbox_desk.cpp';
const kRow = /\{\s*"(GET|POST|PUT|PATCH|DELETE)",\s*"(\/[^"]*)"/g;

function allRoutes() {
  const routes = [];
  for (const [file, prefixes] of kTables) {
    const text = fs.readFileSync(path.join(root, file), 'utf8');
    for (const [, method, below] of text.matchAll(kRow)) {
      for (const prefix of prefixes) routes.push({ method, pattern: prefix + below });
    }
  }
  const desk = fs.readFileSync(path.join(root, kSandboxDesk), 'utf8');
  for (const [, pattern] of desk.matchAll(/desk_route\("([^"]*)"/g)) {
    routes.push({ method: 'POST', pattern });
  }
  for (const method of ['GET', 'POST']) routes.push({ method, pattern: '/sandbox/actions/{id}' });
  return routes;
}

const kOpen = new Set([
  'GET /openapi.json',
  'GET /v1/openapi.json',
  'GET /api/v1/openapi.json',
  'GET /api/v2/openapi.json',
  'GET /api/v2/signing-keys',
  'GET /api/v1/health',
  'GET /api/v1/health/ping',
  'GET /receipts/{id}',
  'GET /sandbox/actions/{id}',
  'POST /sandbox/actions/{id}',
]);
const kPublishable = new Set([
  'GET /v1/payment_intents/{id}',
  'POST /v1/payment_intents/{id}/confirm',
  'POST /v1/payment_methods',
]);
// Questions that are asked by POST, and answers that are a secret.
const kAskedByPost = /\/(payments\/methods|dry-run|event-filter)$/;
const kSecret = /\/(secret|api-keys)$/;

function whoMay({ method, pattern }) {
  const name = `${method} ${pattern}`;
  if (kOpen.has(name)) return 'everybody';
  if (kPublishable.has(name)) return 'publishable';
  if (method === 'GET') return kSecret.test(pattern) ? 'secret' : 'reading';
  return method === 'POST' && kAskedByPost.test(pattern) ? 'reading' : 'secret';
}

const kSvixParts = new Set([
  'app',
  'auth',
  'background-task',
  'environment',
  'event-type',
  'health',
  'ingest',
  'integration',
  'operational-webhook',
  'stats',
]);
const isSvix = (pattern) =>
  pattern.startsWith('/api/v1/') && kSvixParts.has(pattern.split('/')[3]);

function assertEnvelope(answer, { pattern }, name) {
  assert.match(answer.headers['content-type'], /^application\/json/, name);
  if (answer.status === 401) assert.match(answer.headers['www-authenticate'], /^Bearer/, name);
  const { json } = answer;
  if (pattern.startsWith('/v1/')) {
    assert.equal(json.error.type, 'invalid_request_error', name);
    assert.match(answer.headers['request-id'], /^req_/, name);
    if (json.error.code) {
      const page = json.error.code.replaceAll('_', '-');
      assert.equal(json.error.doc_url, `https://stripe.com/docs/error-codes/${page}`, name);
    }
  } else if (isSvix(pattern)) {
    assert.equal(typeof json.code, 'string', name);
    assert.equal(typeof json.detail, 'string', name);
  } else {
    assert.equal(json.error.code, answer.status === 401 ? 'UNAUTHORIZED' : 'FORBIDDEN', name);
    assert.equal(json.error.request_id, answer.headers['x-request-id'], name);
  }
}

async function makeKey(daemon, wanted) {
  const headers = { 'content-type': 'application/json' };
  const answer = await daemon.post('/api/v2/api-keys', { headers, body: JSON.stringify(wanted) });
  assert.equal(answer.status, 201, answer.text);
  return answer.json;
}

async function keysOfEveryKind(daemon) {
  const revoked = await makeKey(daemon, { kind: 'secret' });
  assert.equal((await daemon.get('/v1/balance', { key: revoked.key })).status, 200);
  const withId = (key) => `/api/v2/api-keys/${key.id}`;
  const headers = { authorization: `Bearer ${secretKey}` };
  assert.equal((await daemon.request('DELETE', withId(revoked), { headers })).status, 200);
  const rolled = await makeKey(daemon, { kind: 'secret' });
  assert.equal((await daemon.get('/v1/balance', { key: rolled.key })).status, 200);
  const body = JSON.stringify({ overlap_hours: 0 });
  const json = { 'content-type': 'application/json' };
  const replaced = await daemon.post(`${withId(rolled)}/roll`, { headers: json, body });
  assert.equal(replaced.status, 201, replaced.text);
  const scoped = async (scope) => {
    const { key } = await makeKey(daemon, { kind: 'restricted', scopes: [scope] });
    return key;
  };
  return {
    none: '',
    wrong: 'sk_test_thisisnokeyofours0123456789',
    publishable: (await makeKey(daemon, { kind: 'publishable' })).key,
    restricted: (await makeKey(daemon, { kind: 'restricted' })).key,
    payments: await scoped('payments:read'),
    customers: await scoped('customers:read'),
    balance: await scoped('balance:read'),
    events: await scoped('events:read'),
    webhooks: await scoped('webhooks:read'),
    requests: await scoped('requests:read'),
    revoked: revoked.key,
    expired: rolled.key,
  };
}

const kScopes = ['payments', 'customers', 'balance', 'events', 'webhooks', 'requests'];

// The status that a kind of key meets at the door, or 0: it is let in.
function expectedAtDoor(kind, right) {
  if (right === 'everybody') return 0;
  if (['none', 'wrong', 'revoked', 'expired'].includes(kind)) return 401;
  if (kind === 'publishable') return right === 'publishable' ? 0 : 403;
  return undefined; // a restricted key: by its scope
}

test('every route refuses each wrong kind of key', async (t) => {
  const daemon = await startDaemon(t);
  const keys = await keysOfEveryKind(daemon);
  const routes = allRoutes();
  assert.ok(routes.length > 190, `${routes.length} routes were found`);
  const ask = ({ method, pattern }, key) => {
    const target = pattern.replaceAll(/\{[^}]+\}/g, 'x1');
    const authorization = key ? { authorization: `Bearer ${key}` } : {};
    const body = method === 'GET' ? {} : { 'content-type': 'application/json' };
    const headers = { ...authorization, ...body };
    return daemon.request(method, target, { headers, body: method === 'GET' ? undefined : '{}' });
  };
  for (const route of routes) {
    const right = whoMay(route);
    const meets = async (kind) => {
      const answer = await ask(route, keys[kind]);
      const name = `${route.method} ${route.pattern} with ${kind}: ${answer.text.slice(0, 300)}`;
      if ([401, 403].includes(answer.status)) assertEnvelope(answer, route, name);
      return { status: answer.status, name };
    };
    for (const kind of ['none', 'wrong', 'revoked', 'expired', 'publishable']) {
      const expected = expectedAtDoor(kind, right);
      const { status, name } = await meets(kind);
      if (expected === 0) assert.ok(![401, 403].includes(status), `${status}: ${name}`);
      else assert.equal(status, expected, name);
    }
    if (right === 'everybody') continue;
    const readable = right === 'reading' || (right === 'publishable' && route.method === 'GET');
    const unscoped = await meets('restricted');
    assert.equal(unscoped.status === 403, !readable, unscoped.name);
    const allowed = [];
    for (const kind of kScopes) {
      const { status, name } = await meets(kind);
      assert.notEqual(status, 401, name);
      if (status !== 403) allowed.push(kind);
    }
    const name = `${route.method} ${route.pattern} lets in ${allowed}`;
    assert.equal(allowed.length, readable ? 1 : 0, name);
  }
});

test('scopes open what they are named after', async (t) => {
  const daemon = await startDaemon(t);
  const keys = await keysOfEveryKind(daemon);
  const cases = [
    ['payments', ['/v1/payment_intents', '/v1/charges', '/v1/refunds', '/v1/disputes']],
    ['payments', ['/api/v1/payments', '/api/v2/payments', '/api/v1/disputes']],
    ['customers', ['/v1/customers', '/v1/payment_methods?customer=cus_x']],
    ['customers', ['/api/v1/customers/x/payment_methods']],
    ['balance', ['/v1/balance', '/v1/balance_transactions', '/v1/payouts', '/v1/transfers']],
    ['balance', ['/api/v1/balance', '/api/v1/balance/transactions', '/api/v1/payouts']],
    ['events', ['/v1/events', '/api/v2/events', '/api/v2/event-types', '/api/v1/event-type']],
    ['webhooks', ['/v1/webhook_endpoints', '/api/v2/webhook-endpoints', '/api/v2/inbox']],
    ['webhooks', ['/api/v2/jobs', '/api/v2/gateways', '/api/v1/app']],
    ['requests', ['/api/v2/request-logs']],
  ];
  for (const [owner, targets] of cases) {
    for (const target of targets) {
      for (const scope of kScopes) {
        const { status, text } = await daemon.get(target, { key: keys[scope] });
        assert.equal(status === 403, scope !== owner, `${target} with ${scope}: ${text}`);
      }
    }
  }
});

test('what is refused says which key to use', async (t) => {
  const daemon = await startDaemon(t);
  const keys = await keysOfEveryKind(daemon);
  const shown = await daemon.get('/v1/charges', { key: keys.publishable });
  assert.equal(shown.json.error.code, 'secret_key_required');
  assert.match(shown.json.error.message, /secret or a restricted key/);
  const expired = await daemon.get('/v1/charges', { key: keys.expired });
  assert.equal(expired.json.error.code, 'api_key_expired');
  assert.match(expired.json.error.message, /^Expired API Key provided: sk_test_\*+/);
  const revoked = await daemon.get('/v1/charges', { key: keys.revoked });
  assert.equal(revoked.json.error.code, undefined);
  assert.doesNotMatch(shown.text + expired.text + revoked.text, new RegExp(keys.expired));
});

test('a publishable key pays with the secret of a payment and sees no more', async (t) => {
  const daemon = await startDaemon(t);
  const { publishable: key } = await keysOfEveryKind(daemon);
  const headers = { 'content-type': 'application/x-www-form-urlencoded' };
  const post = (target, body, options = {}) => daemon.post(target, { headers, body, ...options });
  const secretly = 'amount=2000&currency=usd&metadata[note]=ours&description=Order%205';
  const { json: intent } = await post('/v1/payment_intents', secretly);
  const at = `/v1/payment_intents/${intent.id}`;
  const secret = `client_secret=${intent.client_secret}`;
  const card = 'type=card&card[number]=4242424242424242&card[exp_month]=12&card[exp_year]=2034';
  const method = await post('/v1/payment_methods', `${card}&card[cvc]=123`, { key });
  assert.equal(method.status, 200, method.text);

  const brought = `payment_method=${method.json.id}`;
  const reading = (query) => daemon.get(`${at}?${query}`, { key });
  const confirming = (body) => post(`${at}/confirm`, `${brought}&${body}`, { key });
  const refusals = [
    ['no secret to read', await reading(''), 400, 'client_secret'],
    ['a wrong secret to read', await reading(`client_secret=${intent.id}_secret_x`), 404],
    ['no secret to confirm', await confirming(''), 400, 'client_secret'],
    ['a wrong secret to confirm', await confirming('client_secret=x'), 400, 'client_secret'],
    ['an amount of its own', await confirming(`${secret}&amount=1`), 400, 'amount'],
    ["what is the customer's", await reading(`${secret}&expand[]=customer`), 400],
  ];
  for (const [name, answer, status, param] of refusals) {
    assert.equal(answer.status, status, `${name}: ${answer.text}`);
    if (param) assert.equal(answer.json.error.param, param, name);
    assert.ok(!answer.text.includes(intent.client_secret), name);
  }
  const read = await daemon.get(`${at}?${secret}`, { key });
  const paid = await confirming(secret);
  assert.equal(paid.json.status, 'succeeded', paid.text);
  for (const { json } of [read, paid]) {
    assert.equal(json.id, intent.id);
    assert.equal(json.client_secret, intent.client_secret);
    for (const hidden of ['metadata', 'customer', 'latest_charge', 'amount_received']) {
      assert.ok(!(hidden in json), `${hidden} is shown`);
    }
  }
  const whole = await daemon.get(at);
  assert.deepEqual(whole.json.metadata, { note: 'ours' });
});
