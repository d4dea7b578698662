// What a merchant can do about deliveries: look, retry, cancel, resend, recover, try out.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  allInState,
  attempted,
  call,
  createEndpoint,
  deliveriesOf,
  deliveryOf,
  endpointsPath,
  eventually,
  inState,
  jobDone,
  onlyDelivery,
  postMany,
  paymentWebhook,
  postPayment,
  settled,
  startDelivering,
  unique,
} from './lib/delivery.mjs';
import { restrictedKey, secretKey } from './lib/daemon.mjs';
import { script, startSink } from './lib/sink.mjs';
import { onPostgres } from './lib/store.mjs';
import { stripeGateway } from './lib/stripe.mjs';

const kHourMilliseconds = 3_600_000;
const anHourAgo = () => new Date(Date.now() - kHourMilliseconds).toISOString();
const pathOf = ({ id }) => `${endpointsPath}/${id}`;
const failing = { status: 500 };
const onceAndLater = { schedule: [0, 3600] };

async function startFailing(t, settings = {}, answer = () => failing) {
  const sink = await startSink(t, { answer });
  const daemon = await startDelivering(t);
  const endpoint = await createEndpoint(daemon, {
    url: sink.url(),
    retry: onceAndLater,
    ...settings,
  });
  return { sink, daemon, endpoint };
}

test('a person may retry what waits, and the schedule begins anew', async (t) => {
  const { sink, daemon, endpoint } = await startFailing(t, {}, script(failing, failing, {}));
  await postPayment(daemon);
  const { id } = await settled(daemon, endpoint, inState('waiting'));
  const retried = await call(daemon, 'POST', `/api/v2/deliveries/${id}/retry`);
  assert.equal(retried.id, id);
  const again = await settled(
    daemon,
    endpoint,
    ({ state, attempts }) => state === 'waiting' && attempts === 2,
  );
  assert.equal(again.attempts_log[1].trigger, 'manual');
  assert.ok(again.next_attempt_at, 'the second failure is the first of its round');
  await call(daemon, 'POST', `/api/v2/deliveries/${id}/retry`);
  await settled(daemon, endpoint, inState('delivered'));
  assert.deepEqual(
    sink.requests.map(({ attempt }) => attempt),
    [1, 2, 3],
  );
});

test('a dead delivery and one that arrived may be sent again', async (t) => {
  const { sink, daemon, endpoint } = await startFailing(
    t,
    { retry: { schedule: [0] } },
    script(failing, {}, {}),
  );
  await postPayment(daemon);
  const { id } = await settled(daemon, endpoint, inState('dead'));
  for (const attempts of [2, 3]) {
    await call(daemon, 'POST', `/api/v2/deliveries/${id}/retry`);
    await settled(
      daemon,
      endpoint,
      (delivery) => delivery.state === 'delivered' && delivery.attempts === attempts,
    );
  }
  assert.equal(new Set(sink.requests.map((request) => request.id)).size, 1);
});

test('what is canceled is not sent any more, and can still be retried', async (t) => {
  const { sink, daemon, endpoint } = await startFailing(t, {}, script(failing, {}));
  await postPayment(daemon);
  const { id } = await settled(daemon, endpoint, inState('waiting'));
  const canceled = await call(daemon, 'POST', `/api/v2/deliveries/${id}/cancel`);
  assert.equal(canceled.state, 'canceled');
  assert.equal(canceled.next_attempt_at, null);
  await call(daemon, 'POST', `/api/v2/deliveries/${id}/cancel`, { status: 409 });
  await postPayment(daemon, { id: 'evt_other' });
  await sink.received(2);
  assert.equal((await deliveryOf(daemon, { id })).attempts, 1);
  await call(daemon, 'POST', `/api/v2/deliveries/${id}/retry`);
  await eventually(
    'delivered',
    async () => (await deliveryOf(daemon, { id })).state === 'delivered',
  );
});

test('an event is sent again to one endpoint or to all', async (t) => {
  const [first, second] = [await startSink(t), await startSink(t)];
  const daemon = await startDelivering(t);
  const one = await createEndpoint(daemon, { url: first.url() });
  const two = await createEndpoint(daemon, { url: second.url() });
  await postPayment(daemon);
  await Promise.all([first.received(1), second.received(1)]);
  const [event] = await daemon.events();
  await Promise.all([one, two].map((each) => settled(daemon, each, inState('delivered'))));
  const target = `/api/v2/events/${event.id}/resend`;
  const toOne = await call(daemon, 'POST', target, { body: { endpoint_id: one.id } });
  assert.deepEqual(
    toOne.data.map((each) => each.endpoint_id),
    [one.id],
  );
  await first.received(2);
  await settled(daemon, one, inState('delivered'));
  const toAll = await call(daemon, 'POST', target, { body: {} });
  assert.equal(toAll.data.length, 2);
  await Promise.all([first.received(3), second.received(2)]);
  assert.equal((await onlyDelivery(daemon, one)).sequence, 1, 'the same delivery once more');
});

test('an endpoint that came later gets an old event by resending', async (t) => {
  const sink = await startSink(t);
  const daemon = await startDelivering(t);
  const posted = await postPayment(daemon);
  const [event] = await daemon.events();
  const late = await createEndpoint(daemon, { url: sink.url() });
  await call(daemon, 'POST', `/api/v2/events/${event.id}/resend`, {
    body: { endpoint_id: late.id },
  });
  const [request] = await sink.received(1);
  assert.equal(JSON.parse(request.text).gateway_event_id, posted);
});

async function recover(daemon, endpoint, settings = {}) {
  const job = await call(daemon, 'POST', `${pathOf(endpoint)}/recover`, {
    body: { since: anHourAgo(), ...settings },
    status: 202,
  });
  assert.equal(job.object, 'job');
  return jobDone(daemon, job);
}

test('what failed is recovered by a job', async (t) => {
  const kCount = 30;
  let healthy = false;
  const { sink, daemon, endpoint } = await startFailing(t, { retry: { schedule: [0] } }, () =>
    healthy ? {} : failing,
  );
  await postMany(
    daemon,
    Array.from({ length: kCount }, () => paymentWebhook(unique())),
  );
  await allInState(daemon, endpoint, { state: 'dead', count: kCount });
  healthy = true;
  const job = await recover(daemon, endpoint, { only: 'failed' });
  assert.equal(job.state, 'finished');
  assert.equal(job.progress.scheduled, kCount);
  assert.equal(job.progress.percent, 100);
  await allInState(daemon, endpoint, { state: 'delivered', count: kCount });
  assert.equal(sink.requests.length, 2 * kCount);
  const again = await recover(daemon, endpoint, { only: 'failed' });
  assert.equal(again.progress.scheduled, 0, 'nothing is left to recover');
});

test('what passed by while an endpoint was disabled is recovered', async (t) => {
  const kMissed = 10;
  const sink = await startSink(t);
  const daemon = await startDelivering(t);
  const endpoint = await createEndpoint(daemon, { url: sink.url() });
  await postPayment(daemon);
  await settled(daemon, endpoint, inState('delivered'));
  await call(daemon, 'POST', `${pathOf(endpoint)}/disable`);
  for (let i = 0; i < kMissed; ++i) await postPayment(daemon);
  await call(daemon, 'POST', `${pathOf(endpoint)}/recover`, {
    body: { since: anHourAgo() },
    status: 409,
  });
  await call(daemon, 'POST', `${pathOf(endpoint)}/enable`);
  const gaps = await call(daemon, 'GET', `${pathOf(endpoint)}/gaps`);
  assert.deepEqual(
    gaps.data.map(({ sequence, state }) => [sequence, state]),
    Array.from({ length: kMissed }, (_, i) => [i + 2, 'skipped']),
  );
  const job = await recover(daemon, endpoint);
  assert.equal(job.progress.scheduled, kMissed);
  await allInState(daemon, endpoint, { state: 'delivered', count: kMissed + 1 });
  assert.equal(sink.requests.length, kMissed + 1);
});

test('what an endpoint never had a delivery of is recovered as missing', async (t) => {
  const kMissed = 5;
  const daemon = await startDelivering(t);
  for (let i = 0; i < kMissed; ++i) await postPayment(daemon);
  const sink = await startSink(t);
  const endpoint = await createEndpoint(daemon, { url: sink.url() });
  const failed = await recover(daemon, endpoint, { only: 'failed' });
  assert.equal(failed.progress.scheduled, 0);
  const missing = await recover(daemon, endpoint, { only: 'missing' });
  assert.equal(missing.progress.scheduled, kMissed);
  await allInState(daemon, endpoint, { state: 'delivered', count: kMissed });
});

test('many events are resent by a job, chosen by their type', async (t) => {
  const sink = await startSink(t);
  const daemon = await startDelivering(t);
  const endpoint = await createEndpoint(daemon, { url: sink.url() });
  for (let i = 0; i < 4; ++i) await postPayment(daemon);
  await postPayment(daemon, { type: 'payment_intent.payment_failed' });
  await allInState(daemon, endpoint, { state: 'delivered', count: 5 });
  const job = await call(daemon, 'POST', '/api/v2/events/resend', {
    body: { since: anHourAgo(), type: 'payment.succeeded', gateway: 'stripe' },
    status: 202,
  });
  const done = await jobDone(daemon, job);
  assert.equal(done.state, 'finished', JSON.stringify(done));
  assert.equal(done.progress.scheduled, 4);
  // With several nodes what is younger may not be all there, and nobody would come back for it.
  const lasted = Date.parse(done.updated_at) - Date.parse(job.created_at);
  assert.ok(lasted >= (onPostgres ? 4_500 : 0), `${lasted} ms`);
  await sink.received(9);
  await allInState(daemon, endpoint, { state: 'delivered', count: 5 });
  const wrong = { since: anHourAgo(), gateway: 'nowhere' };
  await call(daemon, 'POST', '/api/v2/events/resend', { body: wrong, status: 400 });
});

test('a job is canceled, and ends where it is', async (t) => {
  const kCount = 30;
  const daemon = await startDelivering(t);
  for (let i = 0; i < kCount; ++i) await postPayment(daemon);
  const sink = await startSink(t);
  const endpoint = await createEndpoint(daemon, { url: sink.url() });
  const job = await call(daemon, 'POST', `${pathOf(endpoint)}/recover`, {
    body: { since: anHourAgo(), rate_per_second: 1 },
    status: 202,
  });
  const running = await call(daemon, 'GET', '/api/v2/jobs?state=running');
  assert.ok(running.data.some(({ id }) => id === job.id));
  const canceled = await call(daemon, 'DELETE', `/api/v2/jobs/${job.id}`);
  assert.equal(canceled.state, 'canceled');
  const shown = await call(daemon, 'GET', `/api/v2/jobs/${job.id}`);
  assert.equal(shown.state, 'canceled');
  assert.ok((await deliveriesOf(daemon, endpoint)).length < kCount);
});

test('a job goes on after kill -9 where it was', async (t) => {
  const kCount = 40;
  const daemon = await startDelivering(t);
  for (let i = 0; i < kCount; ++i) await postPayment(daemon);
  const sink = await startSink(t);
  const endpoint = await createEndpoint(daemon, { url: sink.url() });
  const job = await call(daemon, 'POST', `${pathOf(endpoint)}/recover`, {
    body: { since: anHourAgo(), rate_per_second: 20 },
    status: 202,
  });
  await sink.received(1);
  await daemon.kill();
  const again = await startDelivering(t, { folder: daemon.folder });
  const done = await jobDone(again, job);
  assert.equal(done.state, 'finished');
  assert.equal(done.progress.scheduled, kCount);
  await allInState(again, endpoint, { state: 'delivered', count: kCount });
  assert.equal(new Set(sink.requests.map(({ id }) => id)).size, kCount);
});

test('figures tell how an endpoint does', async (t) => {
  const { daemon, endpoint } = await startFailing(t, {}, script({}, {}, failing));
  for (let i = 0; i < 2; ++i) await postPayment(daemon);
  await allInState(daemon, endpoint, { state: 'delivered', count: 2 });
  await postPayment(daemon);
  const stats = await eventually('the failure', async () => {
    const now = await call(daemon, 'GET', `${pathOf(endpoint)}/stats`);
    return now.deliveries.waiting === 1 ? now : undefined;
  });
  assert.equal(stats.deliveries.total, 3);
  assert.equal(stats.deliveries.delivered, 2);
  assert.equal(stats.health.state, 'failing');
  assert.ok(stats.health.failing_since);
});

test('gaps prove what arrived and name what did not', async (t) => {
  const { daemon, endpoint } = await startFailing(t, {}, ({ sequence }) =>
    sequence % 2 ? {} : failing,
  );
  for (let i = 0; i < 6; ++i) await postPayment(daemon);
  const gaps = await eventually('all tried', async () => {
    const now = await call(daemon, 'GET', `${pathOf(endpoint)}/gaps`);
    return now.delivered === 3 && now.data.every(({ state }) => state === 'waiting') && now;
  });
  assert.deepEqual(gaps.sequence, { from: 1, to: 6 });
  assert.deepEqual(
    gaps.data.map(({ sequence }) => sequence),
    [2, 4, 6],
  );
  const page = await call(daemon, 'GET', `${pathOf(endpoint)}/gaps?limit=2`);
  assert.equal(page.has_more, true);
  const rest = await call(daemon, 'GET', `${pathOf(endpoint)}/gaps?cursor=${page.next_cursor}`);
  assert.deepEqual(
    rest.data.map(({ sequence }) => sequence),
    [6],
  );
});

test('a dry run tells what would match, and why not', async (t) => {
  const daemon = await startDelivering(t);
  await postPayment(daemon, { id: 'evt_small', amount: 100 });
  await postPayment(daemon, { id: 'evt_large', amount: 90_000 });
  const filter = { field: 'data.object.amount_minor', gte: 1_000 };
  const target = `${endpointsPath}/dry-run`;
  const tried = await call(daemon, 'POST', target, { body: { filter } });
  assert.equal(tried.looked_at, 2);
  assert.equal(tried.matched, 1);
  assert.deepEqual(
    tried.data.map(({ matches, reason }) => [matches, reason]),
    [
      [true, null],
      [false, 'filter'],
    ],
  );
  const none = await call(daemon, 'POST', target, { body: { event_types: ['refund.*'] } });
  assert.ok(none.data.every(({ reason }) => reason === 'event_types'));
  const sink = await startSink(t);
  const endpoint = await createEndpoint(daemon, { url: sink.url(), filter });
  const own = await call(daemon, 'POST', `${pathOf(endpoint)}/dry-run`, { body: {} });
  assert.equal(own.matched, 1);
  assert.equal(sink.requests.length, 0);
});

test('a ping is sent at once, signed, and answered with what came of it', async (t) => {
  const { sink, daemon, endpoint } = await startFailing(
    t,
    {},
    script({ status: 201, body: 'pong' }, failing),
  );
  const target = `${pathOf(endpoint)}/ping`;
  const good = await call(daemon, 'POST', target);
  assert.deepEqual([good.delivered, good.status, good.error], [true, 201, null]);
  assert.equal(good.response_body, 'pong');
  const [request] = sink.requests;
  assert.equal(JSON.parse(request.text).type, 'endpoint.ping');
  assert.ok(request.headers['webhook-signature']);
  const bad = await call(daemon, 'POST', target);
  assert.deepEqual([bad.delivered, bad.status, bad.error], [false, 500, 'http_5xx']);
  await sink.close();
  const dead = await call(daemon, 'POST', target);
  assert.deepEqual([dead.delivered, dead.status, dead.error], [false, null, 'connect_refused']);
  assert.equal((await deliveriesOf(daemon, endpoint)).length, 0);
});

const key = (value) => ({ 'idempotency-key': value });
const replayed = ({ headers }) => headers['idempotent-replayed'] === 'true';

test('the same key and the same request give the same answer', async (t) => {
  const daemon = await startDelivering(t);
  const body = JSON.stringify({ url: 'https://shop.example.com/hooks' });
  const first = await daemon.post(endpointsPath, { body, headers: key('one') });
  const second = await daemon.post(endpointsPath, { body, headers: key('one') });
  assert.deepEqual([first.status, second.status], [201, 201]);
  assert.equal(second.text, first.text);
  assert.ok(!replayed(first) && replayed(second));
  assert.equal((await daemon.listAll(endpointsPath)).length, 1);
});

test('the same key and another request is a conflict', async (t) => {
  const daemon = await startDelivering(t);
  const post = (url) =>
    daemon.post(endpointsPath, { body: JSON.stringify({ url }), headers: key('one') });
  assert.equal((await post('https://shop.example.com/one')).status, 201);
  const other = await post('https://shop.example.com/two');
  assert.equal(other.status, 409);
  assert.equal(other.json.error.code, 'IDEMPOTENCY_KEY_REUSED');
  assert.equal((await daemon.listAll(endpointsPath)).length, 1);
});

test('the same key at the same moment is carried out once', async (t) => {
  const daemon = await startDelivering(t);
  const body = JSON.stringify({ url: 'https://shop.example.com/hooks' });
  const answers = await Promise.all(
    Array.from({ length: 20 }, () => daemon.post(endpointsPath, { body, headers: key('one') })),
  );
  for (const { status, json } of answers) {
    if (status !== 201) assert.equal(status, 409, JSON.stringify(json));
  }
  const made = answers.filter(({ status }) => status === 201);
  assert.equal(new Set(made.map(({ json }) => json.id)).size, 1);
  assert.equal((await daemon.listAll(endpointsPath)).length, 1);
});

test('a ping with a key is sent once', async (t) => {
  const { sink, daemon, endpoint } = await startFailing(t, {}, () => ({}));
  const target = `${pathOf(endpoint)}/ping`;
  const first = await daemon.post(target, { headers: key('one') });
  const second = await daemon.post(target, { headers: key('one') });
  assert.equal(second.text, first.text);
  assert.equal(sink.requests.length, 1);
});

test('a retry with a key is made once', async (t) => {
  const { sink, daemon, endpoint } = await startFailing(t, {}, () => ({}));
  await postPayment(daemon);
  const { id } = await settled(daemon, endpoint, inState('delivered'));
  for (let i = 0; i < 3; ++i) {
    const answer = await daemon.post(`/api/v2/deliveries/${id}/retry`, { headers: key('one') });
    assert.equal(answer.status, 200);
  }
  await settled(daemon, endpoint, (one) => one.state === 'delivered' && one.attempts === 2);
  assert.equal(sink.requests.length, 2);
});

// What is wrong with a request is said in words that name the field.
const url = 'https://shop.example.com/';
const kRefusals = [
  ['no url', {}, 'url'],
  ['a url that is none', { url: 'nonsense' }, 'url'],
  ['a scheme of another kind', { url: 'ftp://shop.example.com/' }, 'url'],
  ['a name and password in the url', { url: 'https://a:b@shop.example.com/' }, 'url'],
  ['a private address', { url: 'http://10.0.0.1/' }, 'url', 'ADDRESS_BLOCKED'],
  ['the metadata address', { url: 'http://169.254.169.254/' }, 'url', 'ADDRESS_BLOCKED'],
  ['a number for an address', { url: 'http://2130706433/' }, 'url'],
  ['a mapped address', { url: 'http://[::ffff:10.0.0.1]/' }, 'url', 'ADDRESS_BLOCKED'],
  ['an unknown field', { url, evnt_types: ['*'] }, 'evnt_types'],
  ['an unknown event type', { url, event_types: ['payment.exploded'] }, 'event_types.0'],
  ['no event types', { url, event_types: [] }, 'event_types'],
  ['a time limit out of bounds', { url, timeout_seconds: 31 }, 'timeout_seconds'],
  [
    'a schedule that is too long',
    { url, retry: { schedule: Array(31).fill(1) } },
    'retry.schedule',
  ],
  ['a delay below zero', { url, retry: { schedule: [-1] } }, 'retry.schedule.0'],
  ['an unknown part of retry', { url, retry: { delays: [1] } }, 'retry.delays'],
  ['a header of ours', { url, headers: { 'Webhook-Id': 'x' } }, 'headers.Webhook-Id'],
  ['a header that frames', { url, headers: { 'Content-Length': '1' } }, 'headers.Content-Length'],
  ['a line break in a header', { url, headers: { 'X-A': 'a\r\nX-B: b' } }, 'headers.X-A'],
  ['a filter without a comparison', { url, filter: { field: 'type' } }, 'filter'],
  ['a short secret', { url, secret: 'whsec_c2hvcnQ=' }, 'secret'],
  ['a format that is none', { url, format: 'xml' }, 'format'],
  ['a certificate that is none', { url, ca_certificates: 'x' }, 'ca_certificates'],
  ['too much metadata', { url, metadata: { a: 'x'.repeat(501) } }, 'metadata.a'],
];

test('what cannot be is refused, and the field named', async (t) => {
  const daemon = await startDelivering(t, { config: { delivery: { loopback: 'never' } } });
  for (const [name, body, field, code = undefined] of kRefusals) {
    const { error } = await call(daemon, 'POST', endpointsPath, { body, status: 400 });
    const fields = (error.details ?? []).map((detail) => detail.field);
    assert.ok(fields.includes(field), `${name}: ${JSON.stringify(error)}`);
    if (code) assert.equal(error.code, code, name);
  }
  const { error } = await call(daemon, 'POST', endpointsPath, {
    body: { url: 'http://127.0.0.1:9/' },
    status: 400,
  });
  assert.equal(error.code, 'ADDRESS_BLOCKED');
  assert.match(JSON.stringify(error), /allowed_networks|delivery\.|loopback/, 'what to change');
  assert.equal((await daemon.listAll(endpointsPath)).length, 0);
});

test('live mode delivers to https on the usual ports only, and hears of live events', async (t) => {
  const liveKey = secretKey.replace('test', 'live');
  const daemon = await startDelivering(t, {
    config: { gateways: [{ ...stripeGateway, mode: 'live' }] },
    env: { POSTERN_BOOTSTRAP_SECRET_KEY: liveKey },
  });
  const create = (where, settings = {}) =>
    daemon.post(endpointsPath, { key: liveKey, body: JSON.stringify({ url: where, ...settings }) });
  for (const where of ['http://shop.example.com/', 'https://shop.example.com:8080/', url + '#x']) {
    assert.equal((await create(where)).status, 400, where);
  }
  assert.equal((await create('https://127.0.0.1/')).status, 400);
  const made = await create('https://shop.example.com/', { status: 'disabled' });
  assert.equal(made.status, 201, made.text);
  assert.equal(made.json.livemode, true);
  await postPayment(daemon);
  const target = `${pathOf(made.json)}/deliveries`;
  assert.equal((await daemon.get(target, { key: liveKey })).json.data.length, 1);
  assert.equal((await daemon.get(target, { key: restrictedKey })).status, 404);
});

test('a uid names one endpoint only', async (t) => {
  const daemon = await startDelivering(t);
  const first = await createEndpoint(daemon, { url, uid: 'shop-7' });
  await call(daemon, 'POST', endpointsPath, { body: { url, uid: 'shop-7' }, status: 409 });
  const second = await createEndpoint(daemon, { url });
  await call(daemon, 'PATCH', pathOf(second), { body: { uid: 'shop-7' }, status: 409 });
  await call(daemon, 'DELETE', pathOf(first));
  await call(daemon, 'PATCH', pathOf(second), { body: { uid: 'shop-7' } });
});

test('a restricted key looks and does not touch', async (t) => {
  const { daemon, endpoint } = await startFailing(t);
  await postPayment(daemon);
  const { id } = await settled(daemon, endpoint, inState('waiting'));
  const authorization = { authorization: `Bearer ${restrictedKey}` };
  for (const target of [endpointsPath, pathOf(endpoint), `/api/v2/deliveries/${id}`]) {
    assert.equal((await daemon.get(target, { key: restrictedKey })).status, 200);
  }
  for (const [method, target] of [
    ['POST', endpointsPath],
    ['PATCH', pathOf(endpoint)],
    ['DELETE', pathOf(endpoint)],
    ['GET', `${pathOf(endpoint)}/secret`],
    ['POST', `${pathOf(endpoint)}/rotate-secret`],
    ['POST', `/api/v2/deliveries/${id}/retry`],
    ['POST', `${pathOf(endpoint)}/recover`],
  ]) {
    const answer = await daemon.request(method, target, { headers: authorization, body: '{}' });
    assert.equal(answer.status, 403, `${method} ${target}`);
    assert.ok(!answer.text.includes(endpoint.secret));
  }
});

test('deliveries are listed by state and page by page', async (t) => {
  const { daemon, endpoint } = await startFailing(t, {}, ({ sequence }) =>
    sequence <= 3 ? {} : failing,
  );
  for (let i = 0; i < 7; ++i) await postPayment(daemon);
  await eventually('all tried', async () => {
    const all = await deliveriesOf(daemon, endpoint);
    return all.length === 7 && all.every(attempted(1));
  });
  const sequences = async (parameters) =>
    (await daemon.listAll(`${pathOf(endpoint)}/deliveries`, parameters)).map(
      ({ sequence }) => sequence,
    );
  assert.deepEqual(await sequences({ state: 'delivered', limit: 2 }), [3, 2, 1]);
  assert.deepEqual(await sequences({ state: 'waiting', limit: 2 }), [7, 6, 5, 4]);
  assert.deepEqual(await sequences({ limit: 3 }), [7, 6, 5, 4, 3, 2, 1]);
  // On PostgreSQL a list that is followed shows what is some seconds old.
  await eventually('the youngest', async () => (await sequences({ order: 'asc' })).length === 7);
  assert.deepEqual(await sequences({ limit: 3, order: 'asc' }), [1, 2, 3, 4, 5, 6, 7]);
  const wrong = await daemon.get(`${pathOf(endpoint)}/deliveries?state=happy`, { key: secretKey });
  assert.equal(wrong.status, 400);
});

test('a ping while delivery is switched off is answered', async (t) => {
  const sink = await startSink(t);
  const daemon = await startDelivering(t, { config: { delivery: { enabled: false } } });
  const endpoint = await createEndpoint(daemon, { url: sink.url() });
  const answer = await daemon.post(`${pathOf(endpoint)}/ping`);
  assert.ok([200, 409, 503].includes(answer.status), answer.text);
});
