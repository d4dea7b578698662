// What is done on one node holds on all of them, and what there may be so many of is counted over
// all of them.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { secretKey } from './lib/daemon.mjs';
import { allKnowAll, readiness, startCluster } from './lib/cluster.mjs';
import {
  allInState,
  call,
  createEndpoint,
  deliveredInAll,
  deliveriesOf,
  endpointsPath,
  eventually,
  jobDone,
  paymentWebhook,
  postPayment,
  unique,
} from './lib/delivery.mjs';
import { startPostgres } from './lib/postgres.mjs';
import { startRedis } from './lib/redis.mjs';
import { script, startSink } from './lib/sink.mjs';

const nameOf = ({ text }) => JSON.parse(text).gateway_event_id;
const kQueues = [
  ['with Redis', startRedis],
  ['with PostgreSQL alone', () => undefined],
];

// One server for all of these tests, which do nothing to it: each has a database of its own.
const endings = [];
let postgres;
before(async () => {
  postgres = await startPostgres({ after: (end) => endings.push(end) });
});
after(async () => {
  for (const end of endings) await end();
});

let clusters = 0;
async function startSharing(t, startQueue, options = {}) {
  clusters += 1;
  const name = `sharing_${clusters}`;
  return startCluster(t, { postgres, name, queue: await startQueue(t), ...options });
}

async function makeKey(daemon, wanted) {
  const json = await call(daemon, 'POST', '/api/v2/api-keys', { body: wanted, status: 201 });
  return json;
}

for (const [how, startQueue] of kQueues) {
  test(`an endpoint that one node made hears of what any node takes (${how})`, async (t) => {
    const cluster = await startSharing(t, startQueue);
    const sink = await startSink(t);
    for (const maker of cluster.nodes) {
      const endpoint = await createEndpoint(maker, { url: sink.url(`/${maker.number}`) });
      const posted = await Promise.all(cluster.nodes.map((daemon) => postPayment(daemon)));
      await deliveredInAll(maker, endpoint, posted.length);
      const heard = sink.requests.filter(({ url }) => url === `/${maker.number}`).map(nameOf);
      assert.deepEqual(heard.sort(), posted.sort());
    }
  });

  test(`a webhook that comes right after an endpoint was made goes to it (${how})`, async (t) => {
    const kEndpoints = 24;
    const cluster = await startSharing(t, startQueue);
    const sink = await startSink(t);
    const endpoints = [];
    for (let i = 0; i < kEndpoints; i += 1) {
      const maker = cluster.nodes[i % 3];
      const other = cluster.nodes[(i + 1 + (i % 2)) % 3];
      endpoints.push(await createEndpoint(maker, { url: sink.url(`/${i}`) }));
      await postPayment(other);
    }
    for (const [i, endpoint] of endpoints.entries()) {
      await deliveredInAll(cluster.nodes[0], endpoint, kEndpoints - i);
    }
    const gone = endpoints[0];
    await call(cluster.nodes[0], 'DELETE', `${endpointsPath}/${gone.id}`);
    await postPayment(cluster.nodes[1]);
    await deliveredInAll(cluster.nodes[2], endpoints[1], kEndpoints);
    assert.equal(sink.requests.filter(({ url }) => url === '/0').length, kEndpoints);
  });

  test(`what a node takes that only receives is sent by another (${how})`, async (t) => {
    const kEndpoints = 24;
    const envOf = (number) => ({ POSTERN_DELIVERY_ENABLED: String(number === 0) });
    const cluster = await startSharing(t, startQueue, { count: 2, envOf });
    await allKnowAll(cluster);
    const [delivering, receiving] = cluster.nodes;
    const sink = await startSink(t, { answer: script({ status: 500 }, {}) });
    const endpoints = [];
    for (let i = 0; i < kEndpoints; i += 1) {
      const settings = { url: sink.url(`/${i}`), retry: { schedule: [0, 1, 1] } };
      endpoints.push(await createEndpoint(receiving, settings));
    }
    for (const count of [1, 2]) {
      await eventually('nobody who serves them', async () => {
        const { json } = await readiness(delivering);
        return json.cluster.lanes_held === 0;
      });
      await postPayment(receiving);
      for (const endpoint of endpoints) await deliveredInAll(receiving, endpoint, count);
    }
  });

  test(`changes of an endpoint hold on every node (${how})`, async (t) => {
    const cluster = await startSharing(t, startQueue);
    const [first, second, third] = cluster.nodes;
    const sink = await startSink(t);
    const endpoint = await createEndpoint(first, { url: sink.url('/old') });
    const change = (daemon, body) =>
      call(daemon, 'PATCH', `${endpointsPath}/${endpoint.id}`, { body });
    await change(second, { url: sink.url('/new') });
    await eventually('the new address', async () => {
      await postPayment(third);
      return sink.requests.some(({ url }) => url === '/new');
    });
    await call(third, 'POST', `${endpointsPath}/${endpoint.id}/disable`);
    await eventually('a webhook that passes it by', async () => {
      await postPayment(first);
      return (await deliveriesOf(second, endpoint)).some(({ state }) => state === 'skipped');
    });
  });

  test(`an endpoint has so many calls at once, over all nodes (${how})`, async (t) => {
    const kAtOnce = 2;
    const kCount = 24;
    let most = 0;
    const sink = await startSink(t, {
      answer: () => {
        most = Math.max(most, sink.hanging + 1);
        return { hang: true };
      },
    });
    const cluster = await startSharing(t, startQueue);
    const settings = { url: sink.url(), in_flight_max: kAtOnce };
    const endpoint = await createEndpoint(cluster.nodes[0], settings);
    for (let i = 0; i < kCount; i += 1) await postPayment(cluster.nodes[i % 3]);
    for (let count = kAtOnce; count <= kCount; count += kAtOnce) {
      await sink.received(count);
      sink.release();
    }
    await deliveredInAll(cluster.nodes[1], endpoint, kCount);
    assert.equal(most, kAtOnce);
  });

  test(`the events of a payment keep their order over all nodes (${how})`, async (t) => {
    const kPayments = 10;
    const kEvents = 6;
    const cluster = await startSharing(t, startQueue);
    const sink = await startSink(t, {
      answer: ({ attempt, text }) =>
        attempt === 1 && /_[03]"/.test(JSON.parse(text).gateway_event_id + '"')
          ? { status: 500 }
          : {},
    });
    const endpoint = await createEndpoint(cluster.nodes[0], {
      url: sink.url(),
      ordering: 'payment',
      retry: { schedule: [0, 1, 1, 1] },
    });
    const payments = Array.from({ length: kPayments }, (_, i) => `pi_${i}`);
    for (let i = 0; i < kEvents; i += 1) {
      const post = (payment, place) =>
        postPayment(cluster.nodes[(i + place) % 3], { id: `evt_${payment}_${i}`, payment });
      await Promise.all(payments.map(post));
    }
    const count = kPayments * kEvents;
    await allInState(cluster.nodes[2], endpoint, { state: 'delivered', count });
    const taken = sink.requests.filter(({ status }) => status === 200).map(nameOf);
    for (const payment of payments) {
      const wanted = Array.from({ length: kEvents }, (_, i) => `evt_${payment}_${i}`);
      assert.deepEqual(taken.filter((name) => name.startsWith(`evt_${payment}_`)), wanted);
    }
  });

  test(`what one key may ask is counted over all nodes (${how})`, async (t) => {
    const kLimit = 60;
    const env = {
      POSTERN_API_RATE_LIMITS: 'true',
      POSTERN_API_RATE_LIMIT_TEST: `${kLimit}/86400s`, // windows begin at midnight
    };
    const cluster = await startSharing(t, startQueue, { env });
    await allKnowAll(cluster);
    let answered = 0;
    for (let round = 0; round < kLimit; round += 1) {
      const ask = (daemon) => daemon.get('/api/v2/events?limit=1');
      const answers = await Promise.all(cluster.nodes.map(ask));
      answered += answers.filter(({ status }) => status === 200).length;
    }
    // What others took is heard of a moment later; without Redis each node has its share. Limits
    // of each node's own would come to three times as many.
    assert.ok(answered >= kLimit * 0.9 && answered < kLimit * 2.5, `${answered} answered`);
  });

  test(`a key that one node revoked is known nowhere any more (${how})`, async (t) => {
    const cluster = await startSharing(t, startQueue);
    const [first, second, third] = cluster.nodes;
    const { id, key } = await makeKey(first, { kind: 'secret', name: 'Till' });
    for (const daemon of cluster.nodes) {
      assert.equal((await daemon.get('/api/v2/events', { key })).status, 200);
    }
    await call(second, 'DELETE', `/api/v2/api-keys/${id}`);
    for (const daemon of [second, first, third]) {
      await eventually(
        `a refusal by node ${daemon.number}`,
        async () => (await daemon.get('/api/v2/events', { key })).status === 401,
      );
    }
  });

  test(`work that one node does for all goes on when it is killed (${how})`, async (t) => {
    const kCount = 30;
    const cluster = await startSharing(t, startQueue);
    const leaders = async () => {
      const told = await Promise.all(cluster.running.map(readiness));
      return cluster.running.filter((_, i) => told[i].json.cluster.leads);
    };
    const onlyLeader = () =>
      eventually('one leader', async () => {
        const all = await leaders();
        assert.ok(all.length <= 1, `${all.length} lead`);
        return all[0];
      });
    const leader = await onlyLeader();
    const other = cluster.nodes.find((daemon) => daemon !== leader);
    for (let i = 0; i < kCount; i += 1) await postPayment(other);
    const sink = await startSink(t);
    const endpoint = await createEndpoint(other, { url: sink.url() });
    const since = new Date(Date.now() - 3_600_000).toISOString();
    const job = await call(other, 'POST', `${endpointsPath}/${endpoint.id}/recover`, {
      body: { since, rate_per_second: 10 },
      status: 202,
    });
    await sink.received(1);
    await cluster.kill(leader.number);
    const done = await jobDone(other, job);
    assert.equal(done.progress.scheduled, kCount);
    await deliveredInAll(other, endpoint, kCount);
    assert.notEqual(await onlyLeader(), leader);
  });

  test(`an idempotency key makes one of many on all nodes (${how})`, async (t) => {
    const kTries = 12;
    const cluster = await startSharing(t, startQueue);
    const headers = { 'idempotency-key': unique('key') };
    const body = { amount: 1999, currency: 'usd' };
    const make = (_, i) =>
      cluster.nodes[i % 3].post('/api/v2/api-keys', {
        headers: { ...headers, 'content-type': 'application/json' },
        body: JSON.stringify({ kind: 'restricted', name: `${body.amount}` }),
        key: secretKey,
      });
    const answers = await Promise.all(Array.from({ length: kTries }, make));
    const made = new Set(answers.filter(({ status }) => status === 201).map(({ json }) => json.id));
    assert.equal(made.size, 1);
    for (const { status, text } of answers) assert.ok([201, 409].includes(status), text);
  });

  test(`the same webhook on every node at once is one event (${how})`, async (t) => {
    const kWebhooks = 30;
    const cluster = await startSharing(t, startQueue);
    const sink = await startSink(t);
    const endpoint = await createEndpoint(cluster.nodes[0], { url: sink.url() });
    for (let i = 0; i < kWebhooks; i += 1) {
      const webhook = paymentWebhook(unique());
      const post = (daemon) => daemon.webhook('stripe', webhook);
      const answers = await Promise.all(cluster.nodes.map(post));
      assert.deepEqual(answers.map(({ status }) => status), [200, 200, 200]);
    }
    assert.equal((await cluster.nodes[2].events()).length, kWebhooks);
    await deliveredInAll(cluster.nodes[1], endpoint, kWebhooks);
    assert.equal(sink.requests.length, kWebhooks);
  });

  test(`nodes that stop in good order send nothing twice (${how})`, async (t) => {
    const kWebhooks = 60;
    const cluster = await startSharing(t, startQueue);
    const sink = await startSink(t);
    const endpoint = await createEndpoint(cluster.nodes[0], { url: sink.url() });
    for (const number of [0, 1, 2]) {
      const posting = Array.from({ length: kWebhooks }, (_, i) =>
        postPayment(cluster.nodes[(number + 1 + (i % 2)) % 3]),
      );
      await cluster.stop(number);
      await Promise.all(posting);
      await cluster.start(number);
    }
    await deliveredInAll(cluster.nodes[0], endpoint, 3 * kWebhooks);
    assert.equal(sink.requests.length, 3 * kWebhooks);
  });
}
