// PostgreSQL is away for so long that no node has a lease any more, while deliveries are pending
// at endpoints that fail: webhooks are refused, nobody gives up, and all of it arrives afterwards.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { allReady, readiness } from './lib/cluster.mjs';
import { assertKept, startUnderLoad } from './lib/cluster_load.mjs';
import { eventually, paymentWebhook, statsOf, unique } from './lib/delivery.mjs';
import { startPostgres } from './lib/postgres.mjs';
import { startRedis } from './lib/redis.mjs';
import { lookAgain } from './lib/waiting.mjs';

const kWebhooks = 100;
// Longer than leases last, and than the longest wait of a connection for a server.
const kAwayMilliseconds = 16_000;
// What a daemon has to say when its store is away.
const expectedErrors = [/store\./, /cluster\./, /postgres/i];

// Whether the store took the first of them, when it went, is anybody's guess.
async function assertAllRefuse({ cluster, provider }) {
  for (const daemon of cluster.running) {
    const id = unique();
    provider.attempted.add(id);
    const answer = await daemon.webhook('stripe', paymentWebhook(id));
    assert.equal(answer.status, 503, answer.text);
    assert.match(answer.headers['retry-after'], /^\d+$/);
  }
}

async function haveNoLease({ cluster }) {
  const told = await Promise.all(cluster.running.map(readiness));
  return told.every(({ status, json }) => status === 503 && !json.cluster.lease_held);
}

// Without a store nothing is acknowledged, and without a lease nothing is sent.
async function assertAway(world) {
  const { cluster, provider, receivers } = world;
  const end = performance.now() + kAwayMilliseconds;
  await assertAllRefuse(world);
  const acknowledged = provider.acknowledged.size;
  await eventually('nodes without a lease', () => haveNoLease(world));
  await assertAllRefuse(world);
  const sent = receivers.sink.requests.length;
  while (performance.now() < end) {
    await assertAllRefuse(world);
    await lookAgain();
  }
  assert.equal(provider.acknowledged.size, acknowledged, 'nothing is acknowledged');
  assert.equal(receivers.sink.requests.length, sent, 'nothing is sent');
  cluster.assertAllRun();
}

test('what was pending when PostgreSQL went away for long arrives', async (t) => {
  const postgres = await startPostgres(t, { fsync: true });
  const world = await startUnderLoad(t, { postgres, queue: await startRedis(t), expectedErrors });
  const { cluster, provider, receivers } = world;
  const { sink, endpoints } = receivers;
  const { answer } = sink;
  sink.answer = () => ({ status: 503 });
  provider.allow(kWebhooks);
  await provider.finished();
  await sink.received(kWebhooks / 2);
  for (const endpoint of Object.values(endpoints)) {
    const { pending, waiting } = await statsOf(cluster.running[0], endpoint);
    assert.equal(pending + waiting, kWebhooks);
  }
  await postgres.stop('fast');
  provider.allow(kWebhooks);
  await assertAway(world);
  // No trouble is on the list: nothing was taken before, so nothing may be taken twice.
  sink.answer = answer;
  await postgres.start();
  await provider.finished();
  await allReady(cluster);
  provider.allow(kWebhooks);
  await provider.finished();
  await provider.end();
  t.diagnostic(await assertKept(cluster, world));
});
