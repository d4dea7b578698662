// One merchant's trouble is no other merchant's.
import assert from 'node:assert/strict';
import net from 'node:net';
import { once } from 'node:events';
import { test } from 'node:test';
import {
  call,
  createEndpoint,
  deliveredInAll,
  deliveriesOf,
  endpointsPath,
  eventually,
  inState,
  paymentWebhook,
  postMany,
  postPayment,
  settled,
  startDelivering,
  statsOf,
  unique,
} from './lib/delivery.mjs';
import { atEnd, scale } from './lib/daemon.mjs';
import { startSink } from './lib/sink.mjs';

const kBacklog = Math.round(2_000 * scale);
const kEvents = 50;
const kPatienceMilliseconds = 60_000;
const hanging = () => ({ hang: true });
const impatient = { delivery: { shutdown_timeout_seconds: 0 } };
const failed = { type: 'payment_intent.payment_failed' };
const webhooks = (count, options) =>
  Array.from({ length: count }, () => paymentWebhook(unique(), options));

// Deliveries hang as long as they may, so what arrives meanwhile was not delayed by them.
async function assertArrivesWhileHanging(healthy, dead, post) {
  const abandoned = dead.map((sink) => sink.abandoned);
  await post();
  await healthy.received(kEvents, kPatienceMilliseconds);
  for (const [i, sink] of dead.entries()) {
    assert.ok(sink.hanging > 0, 'the dead one still hangs');
    assert.equal(sink.abandoned, abandoned[i], 'and no time limit of its was waited for');
  }
  assert.ok(healthy.requests.every(({ attempt }) => attempt === 1));
}

test('a dead endpoint with thousands waiting delays no other', async (t) => {
  const [dead, healthy] = [await startSink(t, { answer: hanging }), await startSink(t)];
  const daemon = await startDelivering(t, { config: impatient });
  const endpoint = await createEndpoint(daemon, {
    url: dead.url(),
    timeout_seconds: 30,
    in_flight_max: 64,
  });
  await createEndpoint(daemon, { url: healthy.url(), event_types: ['payment.failed'] });
  await postMany(daemon, webhooks(kBacklog));
  await dead.until('some hang', () => dead.hanging > 0);
  const before = dead.hanging;
  const post = () => postMany(daemon, webhooks(kEvents, failed));
  await assertArrivesWhileHanging(healthy, [dead], post);
  assert.ok(before <= 64, `${before} calls at once`);
  const { total, delivered } = await statsOf(daemon, endpoint);
  assert.deepEqual([total, delivered], [kBacklog + kEvents, 0]);
});

test('dead endpoints that take all they are allowed delay no other', async (t) => {
  const kDead = 8;
  const daemon = await startDelivering(t, { config: impatient });
  const dead = [];
  for (let i = 0; i < kDead; ++i) {
    const sink = await startSink(t, { answer: hanging });
    dead.push(sink);
    await createEndpoint(daemon, {
      url: sink.url(),
      event_types: ['payment.succeeded'],
      timeout_seconds: 30,
      in_flight_max: 1_000,
    });
  }
  const healthy = await startSink(t);
  await createEndpoint(daemon, { url: healthy.url(), event_types: ['payment.failed'] });
  await postMany(daemon, webhooks(300));
  await Promise.all(dead.map((sink) => sink.received(1)));
  const post = () => postMany(daemon, webhooks(kEvents, failed));
  await assertArrivesWhileHanging(healthy, dead, post);
});

test('an endpoint that refuses everything delays no other', async (t) => {
  const [broken, healthy] = [
    await startSink(t, { answer: () => ({ status: 500 }) }),
    await startSink(t),
  ];
  const daemon = await startDelivering(t);
  const endpoint = await createEndpoint(daemon, {
    url: broken.url(),
    retry: { schedule: Array(30).fill(1) },
  });
  await createEndpoint(daemon, { url: healthy.url() });
  await postMany(daemon, webhooks(500));
  await healthy.received(500, kPatienceMilliseconds);
  await eventually(
    'the pause',
    async () => {
      const { health } = await call(daemon, 'GET', `${endpointsPath}/${endpoint.id}`);
      return health.state === 'paused';
    },
    kPatienceMilliseconds,
  );
  const allEnded = async () =>
    (await deliveriesOf(daemon, endpoint)).every(({ state }) => state !== 'sending');
  await eventually('nothing under way', allEnded);
  const paused = broken.requests.length;
  await postPayment(daemon, { id: 'evt_after' });
  await healthy.received(501);
  assert.ok(broken.requests.length - paused <= 1, 'a probe at most while it is paused');
});

test('a slow endpoint has no more calls at once than it allows', async (t) => {
  const kAtOnce = 3;
  const sink = await startSink(t, { answer: hanging });
  const daemon = await startDelivering(t);
  await createEndpoint(daemon, { url: sink.url(), in_flight_max: kAtOnce });
  await postMany(daemon, webhooks(20));
  let arrived = 0;
  while (arrived < 20) {
    await sink.received(Math.min(arrived + kAtOnce, 20));
    assert.ok(sink.requests.length - arrived <= kAtOnce);
    arrived = sink.requests.length;
    sink.release();
  }
});

test('an endpoint gets no more a second than it asked for', async (t) => {
  const [kRate, kCount] = [5, 16];
  const sink = await startSink(t);
  const daemon = await startDelivering(t);
  await createEndpoint(daemon, { url: sink.url(), rate_per_second: kRate });
  await postMany(daemon, webhooks(kCount));
  await sink.received(kCount);
  // A bucket holds a second's worth; the rest comes at the rate.
  const took = sink.requests.at(-1).begun - sink.requests[0].begun;
  assert.ok(took >= ((kCount - kRate - 1) / kRate) * 1000 - 100, `${took} ms`);
});

test('a thousand endpoints each get their event', async (t) => {
  const kEndpoints = 1_000;
  const sink = await startSink(t);
  const daemon = await startDelivering(t);
  let next = 0;
  const client = async () => {
    while (next < kEndpoints) await createEndpoint(daemon, { url: sink.url(`/${next++}`) });
  };
  await Promise.all(Array.from({ length: 16 }, client));
  await postPayment(daemon);
  await sink.received(kEndpoints, kPatienceMilliseconds);
  assert.equal(new Set(sink.requests.map(({ url }) => url)).size, kEndpoints);
  assert.equal(
    new Set(sink.requests.map(({ headers }) => headers['webhook-signature'])).size,
    kEndpoints,
  );
  assert.equal(new Set(sink.requests.map(({ id }) => id)).size, 1);
});

test('an endpoint that answers byte by byte hits the time limit', async (t) => {
  const server = net.createServer((socket) => {
    socket.on('error', () => {});
    socket.once('data', () => {
      socket.write('HTTP/1.1 200 OK\r\nX-Slow: ');
      const drip = setInterval(() => socket.write('x'), 100);
      socket.once('close', () => clearInterval(drip));
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  atEnd(t, () => server.close());
  const daemon = await startDelivering(t);
  const endpoint = await createEndpoint(daemon, {
    url: `http://127.0.0.1:${server.address().port}/`,
    timeout_seconds: 2,
    retry: { schedule: [0] },
  });
  await postPayment(daemon);
  const delivery = await settled(daemon, endpoint, inState('dead'));
  assert.equal(delivery.last_error, 'timeout');
  const { total_ms: total } = delivery.attempts_log[0].phases;
  assert.ok(total >= 1_999 && total < 10_000, `${total} ms`);
});

test('a backlog is delivered whole once its endpoint is back', async (t) => {
  const kCount = Math.round(1_000 * scale);
  let healthy = false;
  const sink = await startSink(t, { answer: () => (healthy ? {} : { status: 503 }) });
  const daemon = await startDelivering(t);
  const endpoint = await createEndpoint(daemon, {
    url: sink.url(),
    retry: { schedule: Array(30).fill(1) },
  });
  await postMany(daemon, webhooks(kCount));
  await sink.received(10);
  healthy = true;
  await deliveredInAll(daemon, endpoint, kCount, kPatienceMilliseconds);
  const taken = sink.requests.filter(({ status }) => status === 200).map(({ id }) => id);
  assert.equal(taken.length, kCount, 'each of them once');
  assert.equal((await deliveriesOf(daemon, endpoint, { state: 'waiting' })).length, 0);
});
