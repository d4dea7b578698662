// From a provider's webhook to a merchant's endpoint, as the merchant sees it.
import assert from 'node:assert/strict';
import crypto from 'node:crypto';
import { test } from 'node:test';
import { createRequire } from 'node:module';
import Stripe from 'stripe';
import {
  call,
  createEndpoint,
  deliveriesOf,
  endpointsPath,
  eventually,
  inState,
  onlyDelivery,
  postPayment,
  settled,
  startDelivering,
  unique,
} from './lib/delivery.mjs';
import { startSink } from './lib/sink.mjs';

const { Webhook } = createRequire(import.meta.url)('standardwebhooks');
const stripe = new Stripe('sk_test_x');
const kType = 'payment.succeeded';

test('a webhook that was received arrives, signed as Standard Webhooks', async (t) => {
  const sink = await startSink(t);
  const daemon = await startDelivering(t);
  const endpoint = await createEndpoint(daemon, { url: sink.url('/hooks?shop=1') });
  assert.match(endpoint.secret, /^whsec_/);
  const posted = await postPayment(daemon, { amount: 4200 });
  const [request] = await sink.received(1);
  assert.equal(request.method, 'POST');
  assert.equal(request.url, '/hooks?shop=1');
  assert.equal(request.headers.host, `127.0.0.1:${sink.port}`);
  assert.match(request.headers['content-type'], /^application\/json/);
  const event = new Webhook(endpoint.secret).verify(request.text, request.headers);
  assert.equal(event.type, kType);
  assert.equal(event.gateway, 'stripe');
  assert.equal(event.gateway_event_id, posted);
  assert.equal(event.livemode, false);
  assert.equal(event.data.object.amount, '42.00');
  assert.equal(event.data.object.amount_minor, 4200);
  assert.equal(event.id, request.id);
  const [stored] = await daemon.events();
  assert.equal(event.id, stored.id);
  assert.deepEqual(event, (await daemon.get(`/api/v2/events/${stored.id}`)).json);
});

test('a signature that was tampered with is not accepted', async (t) => {
  const sink = await startSink(t);
  const daemon = await startDelivering(t);
  const endpoint = await createEndpoint(daemon, { url: sink.url() });
  await postPayment(daemon);
  const [{ text, headers }] = await sink.received(1);
  const webhook = new Webhook(endpoint.secret);
  webhook.verify(text, headers);
  assert.throws(() => webhook.verify(text.replace('10.99', '10.98'), headers));
  assert.throws(() => webhook.verify(text, { ...headers, 'webhook-id': 'evt_other' }));
  assert.throws(() => new Webhook('whsec_' + btoa('x'.repeat(24))).verify(text, headers));
});

test('the deliveries of an endpoint are numbered from 1 without a hole', async (t) => {
  const sink = await startSink(t);
  const daemon = await startDelivering(t);
  const endpoint = await createEndpoint(daemon, { url: sink.url() });
  for (let i = 0; i < 5; ++i) await postPayment(daemon);
  const requests = await sink.received(5);
  const numbers = requests.map(({ sequence }) => sequence).sort();
  assert.deepEqual(numbers, [1, 2, 3, 4, 5]);
  const rows = await deliveriesOf(daemon, endpoint);
  assert.deepEqual(
    rows.map(({ sequence, event_id: id }) => [sequence, id]),
    rows.map(({ sequence }) => [
      sequence,
      requests.find((request) => request.sequence === sequence).id,
    ]),
  );
});

test('a delivery shows its attempt, its phases and what was answered', async (t) => {
  const answer = { status: 202, headers: { 'x-shop': 'seven' }, body: 'thank you' };
  const sink = await startSink(t, { answer: () => answer });
  const daemon = await startDelivering(t);
  const endpoint = await createEndpoint(daemon, { url: sink.url() });
  await postPayment(daemon);
  const delivery = await settled(daemon, endpoint, inState('delivered'));
  assert.equal(delivery.endpoint_id, endpoint.id);
  assert.equal(delivery.event_type, kType);
  assert.equal(delivery.attempts, 1);
  assert.equal(delivery.last_status, 202);
  assert.equal(delivery.last_error, null);
  assert.equal(delivery.next_attempt_at, null);
  assert.ok(delivery.finished_at);
  const [attempt] = delivery.attempts_log;
  assert.equal(attempt.number, 1);
  assert.equal(attempt.trigger, 'scheduled');
  assert.equal(attempt.status, 202);
  assert.equal(attempt.error, null);
  assert.equal(attempt.response_body, 'thank you');
  assert.equal(attempt.response_body_truncated, false);
  assert.equal(attempt.response_headers['x-shop'], 'seven');
  const { phases } = attempt;
  for (const name of ['dns_ms', 'connect_ms', 'tls_ms', 'first_byte_ms', 'total_ms']) {
    assert.ok(Number.isInteger(phases[name]) && phases[name] >= 0, name);
  }
  assert.ok(phases.total_ms >= phases.first_byte_ms);
});

test('an answer longer than is kept is cut, and said to be', async (t) => {
  const body = 'x'.repeat(40_000);
  const sink = await startSink(t, { answer: () => ({ body }) });
  const daemon = await startDelivering(t);
  const endpoint = await createEndpoint(daemon, { url: sink.url() });
  await postPayment(daemon);
  const delivery = await settled(daemon, endpoint, inState('delivered'));
  const [attempt] = delivery.attempts_log;
  assert.equal(attempt.response_body_truncated, true);
  assert.ok(body.startsWith(attempt.response_body));
});

test('a thin payload names the payment and tells nothing of it', async (t) => {
  const sink = await startSink(t);
  const daemon = await startDelivering(t);
  await createEndpoint(daemon, { url: sink.url(), payload: 'thin' });
  await postPayment(daemon, { payment: 'pi_thin', amount: 987_654_321 });
  const [request] = await sink.received(1);
  const { object } = JSON.parse(request.text).data;
  assert.equal(object.gateway_payment_id, 'pi_thin');
  assert.equal(object.object, 'payment');
  assert.ok(!request.text.includes('987654321') && !request.text.includes('9876543.21'));
});

// Events of three amounts and two types go by; which of them an endpoint sees is its settings'.
const kEvents = [
  { id: 'evt_small', amount: 100 },
  { id: 'evt_large', amount: 90_000 },
  { id: 'evt_failed', amount: 50_000, type: 'payment_intent.payment_failed' },
];
const large = { field: 'data.object.amount_minor', gte: 10_000 };
const kSelections = [
  ['everything by default', {}, ['evt_small', 'evt_large', 'evt_failed']],
  ['an exact type', { event_types: ['payment.failed'] }, ['evt_failed']],
  ['a family', { event_types: ['payment.*'] }, ['evt_small', 'evt_large', 'evt_failed']],
  ['another family', { event_types: ['refund.*'] }, []],
  ['an amount', { filter: large }, ['evt_large', 'evt_failed']],
  ['a type and an amount', { event_types: ['payment.succeeded'], filter: large }, ['evt_large']],
  [
    'what a filter negates',
    { filter: { and: [{ field: 'type', prefix: 'payment.' }, { not: large }] } },
    ['evt_small'],
  ],
];

test('an endpoint gets what it subscribed to, and nothing else', async (t) => {
  const daemon = await startDelivering(t);
  const sinks = [];
  for (const [name, settings] of kSelections) {
    const sink = await startSink(t);
    sinks.push(sink);
    sink.endpoint = await createEndpoint(daemon, {
      url: sink.url(),
      description: name,
      ...settings,
    });
  }
  for (const event of kEvents) await postPayment(daemon, event);
  for (const [i, [name, , wanted]] of kSelections.entries()) {
    const requests = await sinks[i].received(wanted.length);
    const got = requests.map(({ text }) => JSON.parse(text).gateway_event_id);
    assert.deepEqual(got.sort(), [...wanted].sort(), name);
    // What is not in the list of deliveries will not come later either.
    assert.equal((await deliveriesOf(daemon, sinks[i].endpoint)).length, wanted.length, name);
  }
});

test('headers and metadata of the merchant: the ones are sent, the others are kept', async (t) => {
  const sink = await startSink(t);
  const daemon = await startDelivering(t);
  const headers = { Authorization: 'Bearer shop-password', 'X-Shop': 'seven' };
  const metadata = { team: 'billing' };
  const endpoint = await createEndpoint(daemon, { url: sink.url(), headers, metadata });
  assert.deepEqual(endpoint.metadata, metadata);
  await postPayment(daemon);
  const [request] = await sink.received(1);
  assert.equal(request.headers.authorization, 'Bearer shop-password');
  assert.equal(request.headers['x-shop'], 'seven');
  assert.ok(!request.text.includes('billing'));
  const shown = await call(daemon, 'GET', `${endpointsPath}/${endpoint.id}`);
  assert.deepEqual(shown.metadata, metadata);
  assert.equal(shown.secret, undefined, 'a secret is shown where it is asked for only');
  assert.ok(!daemon.log.includes('shop-password'));
  assert.ok(!daemon.log.includes(endpoint.secret));
});

test('while a secret is replaced both of them sign', async (t) => {
  const sink = await startSink(t);
  const daemon = await startDelivering(t);
  const endpoint = await createEndpoint(daemon, { url: sink.url() });
  const target = `${endpointsPath}/${endpoint.id}`;
  const rotated = await call(daemon, 'POST', `${target}/rotate-secret`, { body: {} });
  assert.notEqual(rotated.secret, endpoint.secret);
  const shown = await call(daemon, 'GET', `${target}/secret`);
  assert.equal(shown.secret, rotated.secret);
  assert.deepEqual(
    shown.previous.map(({ secret }) => secret),
    [endpoint.secret],
  );
  await postPayment(daemon);
  const [request] = await sink.received(1);
  assert.equal(request.headers['webhook-signature'].split(' ').length, 2);
  for (const secret of [endpoint.secret, rotated.secret]) {
    new Webhook(secret).verify(request.text, request.headers);
  }
  const now = await call(daemon, 'POST', `${target}/rotate-secret`, { body: { grace_seconds: 0 } });
  await postPayment(daemon);
  const [, second] = await sink.received(2);
  new Webhook(now.secret).verify(second.text, second.headers);
  assert.throws(() => new Webhook(rotated.secret).verify(second.text, second.headers));
});

// The public key is whatever /api/v2/signing-keys says, asked without a key of the API.
test('v1a is verified with the published key', async (t) => {
  const sink = await startSink(t);
  const daemon = await startDelivering(t);
  const endpoint = await createEndpoint(daemon, { url: sink.url(), signing: 'hmac_and_ed25519' });
  await postPayment(daemon);
  const [{ text, headers }] = await sink.received(1);
  new Webhook(endpoint.secret).verify(text, headers);
  const { keys } = (await daemon.get('/api/v2/signing-keys', { key: null })).json;
  const key = crypto.createPublicKey({ key: keys[0], format: 'jwk' });
  const signature = headers['webhook-signature'].split(' ').find((one) => one.startsWith('v1a,'));
  const signed = Buffer.from(`${headers['webhook-id']}.${headers['webhook-timestamp']}.${text}`);
  const bytes = Buffer.from(signature.slice('v1a,'.length), 'base64');
  assert.ok(crypto.verify(null, signed, key, bytes));
  signed[0] ^= 1;
  assert.ok(!crypto.verify(null, signed, key, bytes));
});

test("the Stripe form is accepted by Stripe's own library", async (t) => {
  const sink = await startSink(t);
  const daemon = await startDelivering(t);
  const endpoint = await createEndpoint(daemon, { url: sink.url(), format: 'stripe' });
  await postPayment(daemon, { payment: 'pi_shaped', amount: 1234 });
  const [{ text, headers }] = await sink.received(1);
  const event = stripe.webhooks.constructEvent(text, headers['stripe-signature'], endpoint.secret);
  assert.equal(event.object, 'event');
  assert.equal(event.type, 'payment_intent.succeeded');
  assert.equal(event.data.object.object, 'payment_intent');
  assert.equal(event.data.object.amount, 1234);
  assert.equal(event.data.object.currency, 'usd');
  assert.throws(() =>
    stripe.webhooks.constructEvent(`${text} `, headers['stripe-signature'], endpoint.secret),
  );
  new Webhook(endpoint.secret).verify(text, headers);
});

test('a duplicate of a webhook is not delivered again', async (t) => {
  const sink = await startSink(t);
  const daemon = await startDelivering(t);
  const endpoint = await createEndpoint(daemon, { url: sink.url() });
  const id = unique();
  for (let i = 0; i < 5; ++i) await postPayment(daemon, { id });
  await postPayment(daemon, { id: 'evt_last' });
  const isLast = ({ text }) => text.includes('evt_last');
  await sink.until('both', (all) => all.length > 1 && all.some(isLast));
  assert.equal((await deliveriesOf(daemon, endpoint)).length, 2);
  assert.equal(sink.requests.length, 2);
});

test('an endpoint is deaf while it is disabled, and what passed by is on record', async (t) => {
  const sink = await startSink(t);
  const daemon = await startDelivering(t);
  const endpoint = await createEndpoint(daemon, { url: sink.url(), status: 'disabled' });
  await postPayment(daemon, { id: 'evt_missed' });
  const delivery = await onlyDelivery(daemon, endpoint);
  assert.equal(delivery.state, 'skipped');
  assert.equal(delivery.reason, 'endpoint_disabled');
  await call(daemon, 'POST', `${endpointsPath}/${endpoint.id}/enable`);
  await postPayment(daemon, { id: 'evt_heard' });
  const [request] = await sink.received(1);
  assert.equal(JSON.parse(request.text).gateway_event_id, 'evt_heard');
});

test('changed settings hold for the next delivery', async (t) => {
  const [first, second] = [await startSink(t), await startSink(t)];
  const daemon = await startDelivering(t);
  const endpoint = await createEndpoint(daemon, { url: first.url() });
  await postPayment(daemon);
  await first.received(1);
  await call(daemon, 'PATCH', `${endpointsPath}/${endpoint.id}`, {
    body: { url: second.url('/new'), headers: { 'X-New': 'yes' } },
  });
  await postPayment(daemon);
  const [request] = await second.received(1);
  assert.equal(request.url, '/new');
  assert.equal(request.headers['x-new'], 'yes');
  assert.equal(first.requests.length, 1);
});

test('a deleted endpoint hears nothing, and what waited for it is canceled', async (t) => {
  const sink = await startSink(t, { answer: () => ({ status: 500 }) });
  const daemon = await startDelivering(t);
  const endpoint = await createEndpoint(daemon, {
    url: sink.url(),
    retry: { schedule: [0, 3600] },
  });
  await postPayment(daemon);
  const waiting = await settled(daemon, endpoint, inState('waiting'));
  const gone = await call(daemon, 'DELETE', `${endpointsPath}/${endpoint.id}`);
  assert.equal(gone.deleted, true);
  await eventually('canceled', async () => {
    const { json } = await daemon.get(`/api/v2/deliveries/${waiting.id}`);
    return json.state === 'canceled';
  });
  await call(daemon, 'GET', `${endpointsPath}/${endpoint.id}`, { status: 404 });
  const bystander = await startSink(t);
  await createEndpoint(daemon, { url: bystander.url() });
  await postPayment(daemon);
  await bystander.received(1);
  assert.equal(sink.requests.length, 1);
});

test('deliveries share connections that are kept', async (t) => {
  const sink = await startSink(t);
  const daemon = await startDelivering(t);
  await createEndpoint(daemon, { url: sink.url(), in_flight_max: 1 });
  for (let i = 0; i < 10; ++i) await postPayment(daemon);
  await sink.received(10);
  assert.equal(sink.connections, 1);
});

test('with delivery switched off events are recorded and nothing is sent', async (t) => {
  const sink = await startSink(t);
  const daemon = await startDelivering(t, { config: { delivery: { enabled: false } } });
  const endpoint = await createEndpoint(daemon, { url: sink.url() });
  await postPayment(daemon);
  const delivery = await onlyDelivery(daemon, endpoint);
  assert.equal(delivery.state, 'pending');
  await daemon.stop();
  assert.equal(sink.requests.length, 0);
  await startDelivering(t, { folder: daemon.folder });
  await sink.received(1);
});
