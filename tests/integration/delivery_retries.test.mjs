// What becomes of a delivery that does not succeed at once.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  allInState,
  attempted,
  call,
  createEndpoint,
  deliveriesOf,
  endpointOf,
  endpointsPath,
  eventually,
  inState,
  onlyDelivery,
  postPayment,
  settled,
  startDelivering,
} from './lib/delivery.mjs';
import { freePort } from './lib/ports.mjs';
import { script, startSink } from './lib/sink.mjs';

const kSecond = 1000;
const kSoonMilliseconds = 30 * kSecond; // generous: the machine may be busy
const time = (iso) => Date.parse(iso);
const waiting = (attempts) => (delivery) =>
  delivery.state === 'waiting' && delivery.attempts === attempts;

test('a delivery that fails is tried again until it succeeds', async (t) => {
  const sink = await startSink(t, { answer: script({ status: 500, body: 'no' }, {}) });
  const daemon = await startDelivering(t);
  const endpoint = await createEndpoint(daemon, {
    url: sink.url(),
    retry: { schedule: [0, 1, 1] },
  });
  await postPayment(daemon);
  const delivery = await settled(daemon, endpoint, inState('delivered'));
  assert.deepEqual(
    delivery.attempts_log.map(({ number, status, error }) => [number, status, error]),
    [
      [1, 500, 'http_5xx'],
      [2, 200, null],
    ],
  );
  assert.deepEqual(
    sink.requests.map(({ attempt }) => attempt),
    [1, 2],
  );
  const [first, second] = sink.requests;
  assert.equal(first.id, second.id, 'the same webhook-id, for the merchant to know it by');
  assert.equal(first.text, second.text);
});

test('next_attempt_at is true', async (t) => {
  const sink = await startSink(t, { answer: script({ status: 503 }, { status: 503 }, {}) });
  const daemon = await startDelivering(t);
  const endpoint = await createEndpoint(daemon, {
    url: sink.url(),
    retry: { schedule: [0, 4, 4] }, // each wait must be seen
  });
  await postPayment(daemon);
  for (const attempts of [1, 2]) {
    const { next_attempt_at: said } = await settled(daemon, endpoint, waiting(attempts));
    await sink.received(attempts + 1);
    const { begun } = sink.requests[attempts];
    assert.ok(
      begun >= time(said) - 1,
      `attempt ${attempts + 1} began ${time(said) - begun} ms early`,
    );
    assert.ok(begun <= time(said) + kSoonMilliseconds, `${begun - time(said)} ms late`);
  }
});

for (const [name, header, wanted] of [
  ['seconds', () => '3', 3 * kSecond],
  ['a date', () => new Date(Date.now() + 4 * kSecond).toUTCString(), 3 * kSecond],
]) {
  test(`Retry-After in ${name} is respected, for it comes later`, async (t) => {
    const later = () => ({ status: 503, headers: { 'retry-after': header() } });
    const sink = await startSink(t, {
      answer: ({ attempt }) => (attempt === 1 ? later() : {}),
    });
    const daemon = await startDelivering(t);
    const endpoint = await createEndpoint(daemon, { url: sink.url(), retry: { schedule: [0, 1] } });
    await postPayment(daemon);
    await settled(daemon, endpoint, inState('delivered'));
    const [first, second] = sink.requests;
    assert.ok(second.begun - first.begun >= wanted - 1, `${second.begun - first.begun} ms`);
  });
}

const kFarAway = [
  ['a year in seconds', '31536000'],
  ['more digits than a number has', '9'.repeat(40)],
  ['a far date', 'Fri, 31 Dec 9999 23:59:59 GMT'],
];
test('a Retry-After beyond a day counts as a day', async (t) => {
  const daemon = await startDelivering(t);
  for (const [name, value] of kFarAway) {
    const answer = { status: 503, headers: { 'retry-after': value } };
    const sink = await startSink(t, { answer: () => answer });
    const endpoint = await createEndpoint(daemon, { url: sink.url() });
    await postPayment(daemon);
    const delivery = await settled(daemon, endpoint, waiting(1));
    const wait = time(delivery.next_attempt_at) - time(delivery.attempts_log[0].started_at);
    const day = 24 * 3600 * kSecond;
    assert.ok(Math.abs(wait - day) < 60 * kSecond, `${name}: ${wait} ms`);
    await call(daemon, 'DELETE', `${endpointsPath}/${endpoint.id}`);
  }
});

test('a Retry-After sooner than the schedule changes nothing', async (t) => {
  const sink = await startSink(t, {
    answer: () => ({ status: 503, headers: { 'retry-after': '0' } }),
  });
  const daemon = await startDelivering(t);
  const endpoint = await createEndpoint(daemon, {
    url: sink.url(),
    retry: { schedule: [0, 1000] },
  });
  await postPayment(daemon);
  const delivery = await settled(daemon, endpoint, waiting(1));
  const wait = time(delivery.next_attempt_at) - time(delivery.attempts_log[0].started_at);
  assert.ok(wait >= 790 * kSecond && wait <= 1210 * kSecond, `${wait} ms`);
});

const kRedirects = [301, 302, 303, 307, 308];
test('a redirect is a failure and never followed', async (t) => {
  const elsewhere = await startSink(t);
  const daemon = await startDelivering(t);
  for (const status of kRedirects) {
    const answer = { status, headers: { location: elsewhere.url('/stolen') } };
    const sink = await startSink(t, { answer: () => answer });
    const endpoint = await createEndpoint(daemon, { url: sink.url(), retry: { schedule: [0] } });
    await postPayment(daemon);
    const delivery = await settled(daemon, endpoint, inState('dead'));
    assert.equal(delivery.last_error, 'redirected');
    assert.equal(delivery.last_status, status);
    assert.equal(delivery.attempts_log[0].response_headers.location, elsewhere.url('/stolen'));
  }
  assert.equal(elsewhere.requests.length, 0);
});

// Who looks after the shop's endpoints subscribes to what happens to them.
async function startWatcher(t, daemon, types = ['endpoint.*', 'delivery.*']) {
  const watcher = await startSink(t);
  await createEndpoint(daemon, { url: watcher.url(), event_types: types });
  watcher.told = (type, milliseconds) =>
    watcher
      .until(type, (all) => all.some(({ text }) => JSON.parse(text).type === type), milliseconds)
      .then((all) => all.map(({ text }) => JSON.parse(text)).find((each) => each.type === type));
  return watcher;
}

const kStops = [
  ['410', { status: 410 }, 'dead', 'gone'],
  ['disable with a failure', { status: 500, headers: { 'webhook-delivery': 'disable' } }, 'dead'],
  [
    'disable with a success',
    { status: 200, headers: { 'webhook-delivery': 'disable' } },
    'delivered',
  ],
];
for (const [name, answer, state, reason] of kStops) {
  test(`an answer of ${name} disables the endpoint, and another one is told`, async (t) => {
    const sink = await startSink(t, { answer: () => answer });
    const daemon = await startDelivering(t);
    const watcher = await startWatcher(t, daemon);
    const endpoint = await createEndpoint(daemon, { url: sink.url() });
    await postPayment(daemon);
    const delivery = await settled(daemon, endpoint, inState(state));
    if (reason) assert.equal(delivery.reason, reason);
    const disabled = await eventually('disabled', async () => {
      const now = await endpointOf(daemon, endpoint);
      return now.status === 'disabled' ? now : undefined;
    });
    assert.ok(disabled.disabled_reason);
    const event = await watcher.told('endpoint.disabled');
    assert.ok(JSON.stringify(event).includes(endpoint.id));
    await postPayment(daemon, { id: 'evt_after' });
    const [, second] = await eventually('the second', async () => {
      const all = await deliveriesOf(daemon, endpoint);
      return all.length === 2 ? all : undefined;
    });
    assert.equal(second.state, 'skipped');
    assert.equal(sink.requests.length, 1);
  });
}

test('abort-message ends this delivery and leaves the endpoint alone', async (t) => {
  const abort = { status: 500, headers: { 'webhook-delivery': 'abort-message' } };
  const sink = await startSink(t, { answer: script(abort, {}) });
  const daemon = await startDelivering(t);
  const endpoint = await createEndpoint(daemon, { url: sink.url() });
  await postPayment(daemon);
  const delivery = await settled(daemon, endpoint, inState('dead'));
  assert.equal(delivery.reason, 'aborted');
  await postPayment(daemon);
  await sink.received(2);
  assert.equal((await endpointOf(daemon, endpoint)).status, 'enabled');
});

test('a delivery whose schedule is over is dead, and another endpoint is told', async (t) => {
  const sink = await startSink(t, { answer: () => ({ status: 500 }) });
  const daemon = await startDelivering(t);
  const watcher = await startWatcher(t, daemon, ['delivery.exhausted']);
  const endpoint = await createEndpoint(daemon, {
    url: sink.url(),
    retry: { schedule: [0, 0, 0] },
  });
  await postPayment(daemon);
  const delivery = await settled(daemon, endpoint, inState('dead'));
  assert.equal(delivery.reason, 'exhausted');
  assert.equal(delivery.attempts, 3);
  assert.equal(sink.requests.length, 3);
  const event = await watcher.told('delivery.exhausted');
  const text = JSON.stringify(event);
  assert.ok(text.includes(delivery.id) && text.includes(endpoint.id), text);
});

test('operational events reach only those who name them', async (t) => {
  const sink = await startSink(t, { answer: () => ({ status: 500 }) });
  const daemon = await startDelivering(t);
  const everything = await startSink(t);
  const all = await createEndpoint(daemon, { url: everything.url() });
  const watcher = await startWatcher(t, daemon, ['delivery.exhausted']);
  await createEndpoint(daemon, {
    url: sink.url(),
    event_types: ['payment.succeeded'],
    retry: { schedule: [0] },
  });
  await postPayment(daemon);
  await watcher.told('delivery.exhausted');
  await everything.received(1);
  const types = (await deliveriesOf(daemon, all)).map(({ event_type: type }) => type);
  assert.deepEqual(types, ['payment.succeeded']);
});

test('an endpoint that begins to fail and one that recovers are told of', async (t) => {
  let healthy = false;
  const sink = await startSink(t, { answer: () => (healthy ? {} : { status: 500 }) });
  const daemon = await startDelivering(t);
  const watcher = await startWatcher(t, daemon, ['endpoint.*']);
  const endpoint = await createEndpoint(daemon, {
    url: sink.url(),
    event_types: ['payment.*'],
    retry: { schedule: Array(30).fill(1) },
  });
  await Promise.all(Array.from({ length: 5 }, () => postPayment(daemon)));
  const failing = await watcher.told('endpoint.failing', 60 * kSecond);
  assert.ok(JSON.stringify(failing).includes(endpoint.id));
  assert.equal((await endpointOf(daemon, endpoint)).health.state, 'paused');
  healthy = true;
  const recovered = await watcher.told('endpoint.recovered', 60 * kSecond);
  assert.ok(JSON.stringify(recovered).includes(endpoint.id));
  await allInState(daemon, endpoint, { state: 'delivered', count: 5 }, 60 * kSecond);
  assert.equal((await endpointOf(daemon, endpoint)).health.state, 'healthy');
});

test('a schedule of its own for a type of events', async (t) => {
  const sink = await startSink(t, { answer: () => ({ status: 500 }) });
  const daemon = await startDelivering(t);
  const endpoint = await createEndpoint(daemon, {
    url: sink.url(),
    retry: { schedule: [0, 3600] },
    retry_by_type: { 'payment.failed': { schedule: [0] } },
  });
  await postPayment(daemon, { type: 'payment_intent.payment_failed' });
  await postPayment(daemon);
  const states = await eventually('both tried', async () => {
    const all = await deliveriesOf(daemon, endpoint);
    const tried = all.length === 2 && all.every(attempted(1));
    return tried ? Object.fromEntries(all.map((one) => [one.event_type, one.state])) : undefined;
  });
  assert.deepEqual(states, { 'payment.failed': 'dead', 'payment.succeeded': 'waiting' });
});

test('an endpoint that cannot be reached at all is tried again', async (t) => {
  const port = await freePort();
  const daemon = await startDelivering(t);
  const endpoint = await createEndpoint(daemon, {
    url: `http://127.0.0.1:${port}/`,
    retry: { schedule: [0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1] },
  });
  await postPayment(daemon);
  const failed = await settled(daemon, endpoint, ({ attempts_log: log }) => log.length >= 1);
  assert.equal(failed.attempts_log[0].error, 'connect_refused');
  assert.equal(failed.attempts_log[0].status, null);
  const back = await startSink(t, { port });
  await back.received(1);
  await settled(daemon, endpoint, inState('delivered'));
});

test('an endpoint that never answers hits its own time limit', async (t) => {
  const sink = await startSink(t, { answer: () => ({ hang: true }) });
  const daemon = await startDelivering(t);
  const endpoint = await createEndpoint(daemon, {
    url: sink.url(),
    timeout_seconds: 1,
    retry: { schedule: [0] },
  });
  await postPayment(daemon);
  const delivery = await settled(daemon, endpoint, inState('dead'));
  assert.equal(delivery.last_error, 'timeout');
  assert.ok(delivery.attempts_log[0].phases.total_ms >= kSecond - 1);
});

test('while an attempt is under way its delivery is being sent', async (t) => {
  const sink = await startSink(t, { answer: () => ({ hang: true }) });
  const daemon = await startDelivering(t);
  const endpoint = await createEndpoint(daemon, { url: sink.url() });
  await postPayment(daemon);
  await sink.received(1);
  assert.equal((await onlyDelivery(daemon, endpoint)).state, 'sending');
  sink.release();
  await settled(daemon, endpoint, inState('delivered'));
});

test('what waits for a retry survives a restart', async (t) => {
  const sink = await startSink(t, { answer: script({ status: 500 }, {}) });
  const daemon = await startDelivering(t);
  const endpoint = await createEndpoint(daemon, { url: sink.url(), retry: { schedule: [0, 4] } });
  await postPayment(daemon);
  const before = await settled(daemon, endpoint, waiting(1));
  await daemon.stop();
  const again = await startDelivering(t, { folder: daemon.folder });
  const after = await settled(again, endpoint, inState('delivered'));
  assert.equal(after.id, before.id);
  assert.deepEqual(
    after.attempts_log.map(({ number }) => number),
    [1, 2],
  );
  assert.ok(sink.requests[1].begun >= time(before.next_attempt_at) - 1);
});

test('many deliveries that fail are all tried again', async (t) => {
  const kCount = 200;
  const sink = await startSink(t, {
    answer: ({ attempt }) => ({ status: attempt < 3 ? 500 : 200 }),
  });
  const daemon = await startDelivering(t);
  const endpoint = await createEndpoint(daemon, {
    url: sink.url(),
    retry: { schedule: [0, 1, 1] },
  });
  await Promise.all(Array.from({ length: kCount }, () => postPayment(daemon)));
  await allInState(daemon, endpoint, { state: 'delivered', count: kCount }, 60 * kSecond);
  const byId = new Map();
  for (const { id, attempt } of sink.requests) byId.set(id, [...(byId.get(id) ?? []), attempt]);
  for (const attempts of byId.values()) assert.deepEqual(attempts, [1, 2, 3]);
});
