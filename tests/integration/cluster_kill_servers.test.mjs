// Nodes that are killed in the same moment as the Redis master they share, or as PostgreSQL: what
// the ones that are left know of the dead is on record, and nowhere else.
import { test } from 'node:test';
import { database } from './lib/cluster.mjs';
import { killAgainAndAgain, killingServers } from './lib/cluster_kills.mjs';
import { assertKept, startUnderLoad } from './lib/cluster_load.mjs';
import { scale } from './lib/daemon.mjs';
import { startPostgres, urlOfMany } from './lib/postgres.mjs';
import { startRedis, startRedisCluster, startRedisSentinels } from './lib/redis.mjs';
import { Chance, seed } from './lib/seeded.mjs';

const kCycles = 6 * Math.ceil(scale); // of which every third kills a server

async function startWithQueue(t, queue) {
  return startUnderLoad(t, { postgres: await startPostgres(t), queue });
}

test('nothing is lost when nodes and the only Redis are killed together', async (t) => {
  const redis = await startRedis(t);
  const world = await startWithQueue(t, redis);
  const besides = killingServers(world, {
    victim: () => redis,
    recovered: () => redis.start(),
  });
  await killAgainAndAgain(world, { cycles: kCycles, besides });
  t.diagnostic(await assertKept(world.cluster, world));
});

test('nothing is lost when nodes and the master of sentinels are killed together', async (t) => {
  const group = await startRedisSentinels(t);
  const world = await startWithQueue(t, group);
  const besides = killingServers(world, {
    victim: () => group.master(),
    recovered: (old) => group.takeBack(old),
  });
  await killAgainAndAgain(world, { cycles: kCycles, besides });
  t.diagnostic(await assertKept(world.cluster, world));
});

test('nothing is lost when nodes and one of three masters are killed together', async (t) => {
  const chance = new Chance(seed);
  const queue = await startRedisCluster(t);
  const world = await startWithQueue(t, queue);
  const besides = killingServers(world, {
    victim: () => chance.pick(queue.masters),
    recovered: async (master) => {
      await master.start();
      await queue.whole();
    },
  });
  await killAgainAndAgain(world, { cycles: kCycles, besides });
  t.diagnostic(await assertKept(world.cluster, world));
});

// The nodes that start find a standby, and no primary yet.
test('nothing is lost when nodes and the primary of PostgreSQL are killed together', async (t) => {
  const primary = await startPostgres(t, { fsync: true });
  const standby = await primary.addSynchronousStandby(t);
  const world = await startUnderLoad(t, {
    postgres: primary,
    queue: await startRedis(t),
    storageUrl: () => urlOfMany([primary, standby], database),
    expectedErrors: [/store\./, /cluster\./, /postgres/i],
  });
  const { cluster } = world;
  const promoted = new Chance(seed).whole(0, kCycles - 1);
  const besides = async (cycle) => {
    if (cycle !== promoted) return;
    cluster.trouble();
    await primary.stop('immediate');
    await standby.promote();
    cluster.trouble();
  };
  await killAgainAndAgain(world, { cycles: kCycles, besides });
  t.diagnostic(await assertKept(cluster, world));
});
