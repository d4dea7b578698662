// The native API: who may ask, how lists page, and that every answer is the one /openapi.json says.
import assert from 'node:assert/strict';
import crypto from 'node:crypto';
import { after, before, test } from 'node:test';
import { createRequire } from 'node:module';
import { restrictedKey, secretKey, startDaemon } from './lib/daemon.mjs';
import { stripeGateway, stripeWebhook } from './lib/stripe.mjs';
import { eventually } from './lib/waiting.mjs';

const require = createRequire(import.meta.url);
const Ajv = require('ajv/dist/2020').default;
const addFormats = require('ajv-formats').default;

const kWebhooks = 45;
const lists = ['/api/v2/inbox', '/api/v2/events', '/api/v2/event-types', '/api/v2/gateways'];
const otherGateway = { ...stripeGateway, id: 'second' };

let daemon;
let openapi;
let ajv;
const cleanup = [];

before(async () => {
  daemon = await startDaemon(
    { after: (done) => cleanup.push(done) },
    { config: { gateways: [stripeGateway, otherGateway] } },
  );
  for (let i = 0; i < kWebhooks; ++i) {
    const gateway = i % 3 === 0 ? 'second' : 'stripe';
    const type = i % 5 === 0 ? 'payment_intent.payment_failed' : 'payment_intent.succeeded';
    const answer = await daemon.webhook(gateway, stripeWebhook(`evt_${i}`, { type }));
    assert.equal(answer.status, 200);
  }
  await daemon.webhook('stripe', stripeWebhook('evt_unknown', { type: 'tea.brewed' }));
  openapi = (await daemon.get('/openapi.json', { key: null })).json;
  ajv = new Ajv({ strict: false, allErrors: true });
  addFormats(ajv);
  ajv.addSchema(openapi, 'openapi');
});

after(async () => {
  for (const done of cleanup.reverse()) await done();
});

const basic = (user) => `Basic ${Buffer.from(`${user}:`).toString('base64')}`;

const kCredentials = [
  ['a secret key as bearer', `Bearer ${secretKey}`, 200],
  ['a scheme in another case', `bearer ${secretKey}`, 200],
  ['a secret key as the user of Basic', basic(secretKey), 200],
  ['a restricted key', `Bearer ${restrictedKey}`, 200],
  ['none', undefined, 401],
  ['an empty bearer', 'Bearer ', 401],
  ['the key without a scheme', secretKey, 401],
  ['a key one letter off', `Bearer ${secretKey.slice(0, -1)}x`, 401],
  ['a key with more after it', `Bearer ${secretKey}x`, 401],
  ['a live key', `Bearer ${secretKey.replace('test', 'live')}`, 401],
  ['Basic that is no base64', 'Basic %%%', 401],
  ['the key as the password', `Basic ${Buffer.from(`x:${secretKey}`).toString('base64')}`, 401],
];

for (const [name, authorization, status] of kCredentials) {
  test(`asking with ${name} is answered ${status}`, async () => {
    for (const list of lists) {
      const headers = authorization === undefined ? {} : { authorization };
      const answer = await daemon.get(list, { key: null, headers });
      assert.equal(answer.status, status, list);
      if (status !== 401) continue;
      assert.equal(answer.json.error.code, 'UNAUTHORIZED');
      assert.match(answer.headers['www-authenticate'], /^Bearer/);
      assert.ok(!answer.text.includes(secretKey), 'a key is never shown whole');
      assert.match(answer.json.error.request_id, /^req_/);
    }
  });
}

test('a restricted key reads and does not write', async () => {
  const [{ id }] = await daemon.listAll('/api/v2/inbox');
  const target = `/api/v2/inbox/${id}/reprocess`;
  const refused = await daemon.post(target, { key: restrictedKey });
  assert.equal(refused.status, 403);
  assert.equal(refused.json.error.code, 'FORBIDDEN');
  assert.equal((await daemon.post(target)).status, 200);
});

const idOf = (item) => item.id ?? item.type ?? item.name;

for (const list of lists) {
  test(`${list} pages through everything in both orders, at every size`, async () => {
    const all = (await daemon.listAll(list)).map(idOf);
    assert.equal(new Set(all).size, all.length, 'nothing twice');
    for (const limit of [1, 2, 7, 100]) {
      const down = await daemon.listAll(list, { limit });
      assert.deepEqual(down.map(idOf), all, `limit ${limit}`);
    }
    if (list.endsWith('types') || list.endsWith('gateways')) return;
    // On PostgreSQL a list that is followed shows what is some seconds old.
    await eventually('the youngest', async () => {
      const up = await daemon.listAll(list, { order: 'asc' });
      return up.length === all.length;
    });
    for (const limit of [3, 100]) {
      const up = await daemon.listAll(list, { limit, order: 'asc' });
      assert.deepEqual(up.map(idOf).reverse(), all, `ascending, limit ${limit}`);
    }
  });
}

test('the last page says that it is the last', async () => {
  const { json } = await daemon.get('/api/v2/events?limit=100');
  assert.equal(json.data.length, kWebhooks);
  assert.equal(json.has_more, false);
  assert.equal(json.next_cursor, null);
  const exact = await daemon.get(`/api/v2/events?limit=${kWebhooks}`);
  assert.equal(exact.json.has_more, false, 'a full last page is known to be the last');
});

test('what arrives while somebody pages moves nothing', async () => {
  const first = (await daemon.get('/api/v2/inbox?limit=5')).json;
  await daemon.webhook(
    'stripe',
    stripeWebhook(`evt_${crypto.randomUUID()}`, { type: 'tea.poured' }),
  );
  const next = (await daemon.get(`/api/v2/inbox?limit=5&cursor=${first.next_cursor}`)).json;
  const again = (await daemon.get('/api/v2/inbox?limit=11')).json.data.map(({ id }) => id);
  assert.deepEqual(
    [...first.data, ...next.data].map(({ id }) => id),
    again.slice(1),
  );
});

test('filters choose, alone and together', async () => {
  const all = await daemon.events();
  const chosen = async (filter) => (await daemon.events(filter)).map(({ id }) => id);
  const expected = (predicate) => all.filter(predicate).map(({ id }) => id);
  assert.deepEqual(
    await chosen({ gateway: 'second' }),
    expected((e) => e.gateway === 'second'),
  );
  assert.deepEqual(
    await chosen({ type: 'payment.failed' }),
    expected((e) => e.type === 'payment.failed'),
  );
  assert.deepEqual(
    await chosen({ type: 'payment.*', limit: 4 }),
    expected(() => true),
  );
  assert.deepEqual(
    await chosen({ type: 'payment.failed', gateway: 'second', limit: 2 }),
    expected((e) => e.type === 'payment.failed' && e.gateway === 'second'),
  );
  assert.deepEqual(await chosen({ since: '2100-01-01' }), []);
  assert.deepEqual(
    await chosen({ until: '2100-01-01T00:00:00Z', since: '0' }),
    expected(() => true),
  );
  const kept = await daemon.listAll('/api/v2/inbox', { verdict: 'unrecognised' });
  assert.ok(kept.length > 0 && kept.every(({ verdict }) => verdict === 'unrecognised'));
});

const kBadQueries = [
  'limit=0',
  'limit=101',
  'limit=-1',
  'limit=ten',
  'limit=',
  'limit=1&limit=2',
  'limit=1e1',
  'order=up',
  'order=',
  'cursor=',
  'cursor=x',
  'cursor=evt_018bcfe5-6800-7000-8000-000000000000',
  'unknown=1',
  'Limit=1',
  'type=tea',
  'type=',
  'gateway=nobody',
  'since=yesterday',
  'until=-1',
  'since=9999999999999',
];

for (const query of kBadQueries) {
  test(`the query ${query} is an error that names it`, async () => {
    const answer = await daemon.get(`/api/v2/events?${query}`);
    assert.equal(answer.status, 400, answer.text);
    assert.equal(answer.json.error.code, 'VALIDATION_ERROR');
    assert.ok(answer.json.error.details.length > 0);
  });
}

test('a cursor of one list is none for another, nor is a changed one', async () => {
  const events = (await daemon.get('/api/v2/events?limit=1')).json.next_cursor;
  const inbox = (await daemon.get('/api/v2/inbox?limit=1')).json.next_cursor;
  const last = events.at(-1) === '0' ? '1' : '0';
  const changed = events.slice(0, -1) + last;
  assert.equal((await daemon.get(`/api/v2/inbox?cursor=${events}`)).status, 400);
  assert.equal((await daemon.get(`/api/v2/events?cursor=${inbox}`)).status, 400);
  assert.equal((await daemon.get(`/api/v2/events?cursor=${changed}`)).status, 400);
  assert.equal((await daemon.get(`/api/v2/events?cursor=${events}`)).status, 200);
});

test('what is not there is not found, whatever the id looks like', async () => {
  const [event] = await daemon.events({ limit: 1 });
  const ids = [
    'nothing',
    'evt_',
    event.id.toUpperCase(),
    `${event.id}0`,
    event.id.replace('evt_', 'whk_'),
    '%2e%2e%2f',
    `${'x'.repeat(3000)}`,
    '%00',
  ];
  for (const id of ids) {
    for (const list of ['/api/v2/events', '/api/v2/inbox', '/api/v2/gateways']) {
      const answer = await daemon.get(`${list}/${id}`);
      assert.equal(answer.status, 404, `${list}/${id.slice(0, 60)}`);
    }
  }
});

test('methods that a route does not have are refused, and HEAD is GET without a body', async () => {
  const answer = await daemon.request('DELETE', '/api/v2/events', {
    headers: { authorization: `Bearer ${secretKey}` },
  });
  assert.equal(answer.status, 405);
  assert.equal(answer.headers.allow, 'GET, HEAD');
  const head = await daemon.request('HEAD', '/api/v2/events', {
    headers: { authorization: `Bearer ${secretKey}` },
  });
  assert.equal(head.status, 200);
  assert.equal(head.text, '');
});

test('a webhook can be read again, and reading it again changes nothing', async () => {
  const [summary] = await daemon.listAll('/api/v2/inbox', { verdict: 'verified' });
  const item = (await daemon.get(`/api/v2/inbox/${summary.id}`)).json;
  const before = (await daemon.events()).length;
  const answer = await daemon.post(`/api/v2/inbox/${summary.id}/reprocess`);
  assert.equal(answer.status, 200, answer.text);
  assert.deepEqual(answer.json, item);
  assert.equal((await daemon.events()).length, before);
  const bad = await daemon.post(`/api/v2/inbox/${summary.id}/reprocess`, { body: '{"a":1}' });
  assert.equal(bad.status, 400);
});

test("the other mode's records are as if they were not there", async (t) => {
  const liveKey = secretKey.replace('test', 'live');
  const live = await startDaemon(t, {
    config: { gateways: [{ ...stripeGateway, mode: 'live' }] },
    env: { POSTERN_BOOTSTRAP_SECRET_KEY: liveKey },
  });
  assert.equal((await live.webhook('stripe', stripeWebhook('evt_live'))).status, 200);
  for (const list of ['/api/v2/inbox', '/api/v2/events', '/api/v2/gateways']) {
    const mine = (await live.get(list, { key: liveKey })).json;
    assert.equal(mine.data.length, 1, list);
    const { id } = mine.data[0];
    const theirs = (await live.get(list, { key: restrictedKey })).json;
    assert.deepEqual(theirs.data, [], list);
    const hidden = await live.get(`${list}/${id}`, { key: restrictedKey });
    const absent = await live.get(`${list}/nothing`, { key: restrictedKey });
    assert.equal(hidden.status, 404, list);
    assert.equal(hidden.json.error.message, absent.json.error.message, 'no word tells them apart');
    assert.equal((await live.get(`${list}/${id}`, { key: liveKey })).status, 200);
  }
});

// ---- the description and the answers

const nameless = (route) => route.replaceAll(/\{[^}]+\}/g, '{}');
const pointer = (...parts) =>
  parts.map((part) => `/${part.replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');

function* operations() {
  const methods = ['get', 'post', 'put', 'patch', 'delete'];
  for (const [route, item] of Object.entries(openapi.paths)) {
    for (const method of methods) {
      if (item[method]) yield { method, route, operation: item[method] };
    }
  }
}

// Where in the document the schema of an answer stands; undefined: it has no JSON body.
function schemaPointer({ method, route, operation }, status) {
  const described = operation.responses[status] ?? operation.responses.default;
  assert.ok(described, `${method} ${route} does not describe ${status}`);
  const place = described.$ref
    ? described.$ref.slice(1)
    : pointer(
        'paths',
        route,
        method,
        'responses',
        operation.responses[status] ? String(status) : 'default',
      );
  const target = described.$ref
    ? described.$ref
        .slice(2)
        .split('/')
        .reduce((node, part) => node[part], openapi)
    : described;
  const media = Object.keys(target.content ?? {}).find((type) => /json/.test(type));
  return media && `openapi#${place}${pointer('content', media, 'schema')}`;
}

function assertDescribed(operation, answer) {
  const place = schemaPointer(operation, answer.status);
  if (!place || answer.json === undefined) return;
  const validate = ajv.getSchema(place) ?? ajv.compile({ $ref: place });
  const name = `${operation.method} ${operation.route} ${answer.status}`;
  assert.ok(
    validate(answer.json),
    `${name}: ${ajv.errorsText(validate.errors)}\n${answer.text.slice(0, 600)}`,
  );
}

const kEndpoints = '/api/v2/webhook-endpoints';
const headers = { authorization: `Bearer ${secretKey}`, 'content-type': 'application/json' };
const since = () => new Date(Date.now() - 3_600_000).toISOString();

async function created(target, body) {
  const answer = await daemon.request('POST', target, { headers, body: JSON.stringify(body) });
  assert.ok(answer.status === 201 || answer.status === 202, answer.text);
  return answer.json;
}

// An endpoint with a delivery, one to be deleted, and a job.
async function deliveryExamples() {
  const url = 'https://hooks.example.com/postern';
  const gone = await created(kEndpoints, { url });
  const endpoint = await created(kEndpoints, { url, ordering: 'payment' });
  await daemon.webhook('stripe', stripeWebhook('evt_to_be_delivered'));
  const deliveries = await daemon.get(`${kEndpoints}/${endpoint.id}/deliveries`);
  const [delivery] = deliveries.json.data;
  const job = await created(`${kEndpoints}/${endpoint.id}/recover`, { since: since() });
  return { url, gone: gone.id, endpoint: endpoint.id, delivery, job: job.id };
}

// Where each operation is called, with the body it needs.
async function exampleTargets() {
  const [event] = await daemon.events();
  const [item] = await daemon.listAll('/api/v2/inbox', { verdict: 'verified' });
  const { url, gone, endpoint, delivery, job } = await deliveryExamples();
  const at = (rest) => `${kEndpoints}/${endpoint}${rest}`;
  const { id: key } = await created('/api/v2/api-keys', { kind: 'restricted' });
  const [request] = await daemon.listAll('/api/v2/request-logs');
  return {
    'get /api/v2/inbox': ['/api/v2/inbox'],
    'get /api/v2/inbox/{}': [`/api/v2/inbox/${item.id}`],
    'post /api/v2/inbox/{}/reprocess': [`/api/v2/inbox/${item.id}/reprocess`],
    'get /api/v2/events': ['/api/v2/events'],
    'get /api/v2/events/{}': [`/api/v2/events/${event.id}`],
    'post /api/v2/events/{}/resend': [`/api/v2/events/${event.id}/resend`],
    'post /api/v2/events/resend': ['/api/v2/events/resend', { since: since() }],
    'get /api/v2/event-types': ['/api/v2/event-types'],
    'get /api/v2/gateways': ['/api/v2/gateways'],
    'get /api/v2/gateways/{}': ['/api/v2/gateways/stripe'],
    'get /openapi.json': ['/openapi.json'],
    'get /api/v2/webhooks/{}': ['/api/v2/webhooks/stripe'],
    'post /api/v2/webhooks/{}': ['/api/v2/webhooks/stripe'],
    'get /api/v2/webhook-endpoints': [kEndpoints],
    'post /api/v2/webhook-endpoints': [kEndpoints, { url }],
    'post /api/v2/webhook-endpoints/dry-run': [`${kEndpoints}/dry-run`, { channels: ['a'] }],
    'get /api/v2/webhook-endpoints/{}': [at('')],
    'patch /api/v2/webhook-endpoints/{}': [at(''), { description: 'x', filter: null }],
    'delete /api/v2/webhook-endpoints/{}': [`${kEndpoints}/${gone}`],
    'get /api/v2/webhook-endpoints/{}/secret': [at('/secret')],
    'post /api/v2/webhook-endpoints/{}/rotate-secret': [at('/rotate-secret')],
    'post /api/v2/webhook-endpoints/{}/enable': [at('/enable')],
    'post /api/v2/webhook-endpoints/{}/disable': [at('/disable')],
    'post /api/v2/webhook-endpoints/{}/ping': [at('/ping')],
    'post /api/v2/webhook-endpoints/{}/recover': [at('/recover'), { since: since() }],
    'post /api/v2/webhook-endpoints/{}/dry-run': [at('/dry-run')],
    'get /api/v2/webhook-endpoints/{}/deliveries': [at('/deliveries')],
    'get /api/v2/webhook-endpoints/{}/stats': [at('/stats')],
    'get /api/v2/webhook-endpoints/{}/gaps': [at('/gaps')],
    'get /api/v2/deliveries/{}': [`/api/v2/deliveries/${delivery.id}`],
    'post /api/v2/deliveries/{}/retry': [`/api/v2/deliveries/${delivery.id}/retry`],
    'post /api/v2/deliveries/{}/cancel': [`/api/v2/deliveries/${delivery.id}/cancel`],
    'get /api/v2/jobs': ['/api/v2/jobs'],
    'get /api/v2/jobs/{}': [`/api/v2/jobs/${job}`],
    'delete /api/v2/jobs/{}': [`/api/v2/jobs/${job}`],
    'get /api/v2/signing-keys': ['/api/v2/signing-keys'],
    'get /api/v2/api-keys': ['/api/v2/api-keys'],
    'post /api/v2/api-keys': ['/api/v2/api-keys', { kind: 'publishable' }],
    'post /api/v2/api-keys/{}/roll': [`/api/v2/api-keys/${key}/roll`],
    'delete /api/v2/api-keys/{}': [`/api/v2/api-keys/${key}`],
    'get /api/v2/request-logs': ['/api/v2/request-logs'],
    'get /api/v2/request-logs/{}': [`/api/v2/request-logs/${request.id}`],
  };
}

test('every described route answers as described, when asked well and when not', async () => {
  const targets = await exampleTargets();
  let called = 0;
  for (const each of operations()) {
    const [target, sent] = targets[`${each.method} ${nameless(each.route)}`] ?? [];
    assert.ok(target, `${each.method} ${each.route} has no example here`);
    const method = each.method.toUpperCase();
    const body = sent ? JSON.stringify(sent) : method === 'POST' ? '' : undefined;
    const asked = async (where, authorization) =>
      daemon.request(method, where, { headers: authorization ? { authorization } : {}, body });
    const well = await asked(target, headers.authorization);
    assertDescribed(each, well);
    assert.ok(well.status < 500, well.text);
    assertDescribed(each, await asked(target));
    assertDescribed(each, await asked(target, 'Bearer sk_test_wrong'));
    assertDescribed(each, await asked(target, `Bearer ${restrictedKey}`));
    assertDescribed(each, await asked(`${target}?nonsense=1`, headers.authorization));
    if (each.route.includes('{')) {
      const absent = each.route.replaceAll(/\{[^}]+\}/g, 'nothing');
      assertDescribed(each, await asked(absent, headers.authorization));
    }
    called += 1;
  }
  const served = Object.keys(targets).filter((name) => name.includes('/api/v2/'));
  assert.ok(called >= served.length - 2, `${called} operations are described`);
});

test('a webhook is answered as described', async () => {
  const post = [...operations()].find(
    ({ method, route }) => method === 'post' && /webhooks\/\{/.test(route),
  );
  assert.ok(post, 'the webhook route is described');
  assertDescribed(post, await daemon.webhook('stripe', stripeWebhook('evt_described')));
  assertDescribed(post, await daemon.webhook('stripe', { headers: {}, body: '{}' }));
  assertDescribed(post, await daemon.webhook('nobody', { headers: {}, body: '{}' }));
});
