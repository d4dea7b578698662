// Redis is killed, emptied, hangs, fails over, or is cut off from a node: webhooks are acknowledged
// as if nothing were, and each is delivered.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readiness } from './lib/cluster.mjs';
import { assertKept, startUnderLoad } from './lib/cluster_load.mjs';
import { eventually } from './lib/delivery.mjs';
import { startPostgres } from './lib/postgres.mjs';
import { startRedis, startRedisCluster, startRedisSentinels } from './lib/redis.mjs';
import { startRelay } from './lib/relay.mjs';

const kWebhooks = 150;

// A PostgreSQL that stalls for a moment is no reason to refuse webhooks.
const config = { limits: { store_wait_milliseconds: 30_000 } };

async function startLoaded(t, options) {
  const postgres = await startPostgres(t);
  return startUnderLoad(t, { postgres, config, ...options });
}

// Webhooks before, in the midst of it and after; none is refused and none is lost.
async function throughTrouble(t, world, { begin, meanwhile = () => {}, end = () => {} }) {
  const { cluster, provider, receivers } = world;
  provider.allow(kWebhooks);
  await provider.reach(kWebhooks / 2);
  cluster.trouble();
  await begin();
  await provider.finished();
  await meanwhile();
  provider.allow(kWebhooks);
  await provider.finished();
  await receivers.allTaken([...provider.acknowledged.keys()]);
  cluster.trouble();
  await end();
  provider.allow(kWebhooks);
  await provider.finished();
  await provider.end();
  assert.equal(provider.refused, 0, 'Redis has no part in an acknowledgement');
  t.diagnostic(await assertKept(cluster, world));
}

// What the probes say of the queue: a node without Redis still takes everything.
const queueIs = (cluster, wanted) =>
  eventually(`a queue that is ${wanted}`, async () => {
    const told = await Promise.all(cluster.running.map(readiness));
    const shown = cluster.running.map((daemon) => daemon.metric('postern_queue_up'));
    const up = await Promise.all(shown);
    return told.every(
      ({ status, json }, i) =>
        status === 200 &&
        json.cluster.queue.state === wanted &&
        up[i] === (wanted === 'up' ? 1 : 0),
    );
  });

const kAbsences = [
  ['killed', (redis) => redis.kill(), (redis) => redis.start()],
  ['frozen', (redis) => redis.freeze(), (redis) => redis.thaw()],
];
for (const [what, begin, end] of kAbsences) {
  test(`webhooks are taken and delivered while Redis is ${what}`, async (t) => {
    const redis = await startRedis(t, { password: 'sesame' });
    const world = await startLoaded(t, { queue: redis });
    await queueIs(world.cluster, 'up');
    await throughTrouble(t, world, {
      begin: () => begin(redis),
      meanwhile: () => queueIs(world.cluster, 'down'),
      end: () => end(redis),
    });
    await queueIs(world.cluster, 'up');
  });
}

test('a Redis that is emptied again and again is filled again', async (t) => {
  const redis = await startRedis(t);
  const world = await startLoaded(t, { queue: redis });
  const empty = () => redis.flush();
  await throughTrouble(t, world, { begin: empty, meanwhile: empty, end: empty });
  assert.notDeepEqual(await redis.keys(), []);
});

for (const [what, begin] of [
  ['refused', (relay) => relay.refuse()],
  ['left hanging', (relay) => relay.freeze()],
]) {
  test(`one node that is ${what} by Redis serves on, and so do the others`, async (t) => {
    const redis = await startRedis(t);
    const relay = await startRelay(t, redis.port);
    const queueUrl = (number) => redis.url(number === 0 ? { port: relay.port } : undefined);
    const world = await startLoaded(t, { queue: redis, queueUrl });
    await throughTrouble(t, world, { begin: () => begin(relay), end: () => relay.goOn() });
  });
}

test('a master that is gone is followed to its replica', async (t) => {
  const group = await startRedisSentinels(t, { password: 'sesame' });
  const world = await startLoaded(t, { queue: group });
  const [master] = group.servers;
  await throughTrouble(t, world, {
    begin: () => master.kill(),
    meanwhile: () => group.newMaster(master),
    end: async () => {
      await queueIs(world.cluster, 'up');
      await master.start();
    },
  });
});

test('a master that changes in good order is followed', async (t) => {
  const group = await startRedisSentinels(t);
  const world = await startLoaded(t, { queue: group });
  await throughTrouble(t, world, { begin: () => group.failover() });
  await queueIs(world.cluster, 'up');
});

for (const wholeOnly of [false, true]) {
  const rest = wholeOnly ? 'serve nothing' : 'serve on';
  test(`one of three masters is killed, and those that are left ${rest}`, async (t) => {
    const queue = await startRedisCluster(t, { wholeOnly });
    const world = await startLoaded(t, { queue });
    const [, victim] = queue.masters;
    await throughTrouble(t, world, {
      begin: () => victim.kill(),
      end: async () => {
        await victim.start();
        await queue.whole();
      },
    });
  });
}
