// Nodes that are killed at any moment, while webhooks come in on all of them.
import { test } from 'node:test';
import { scale } from './lib/daemon.mjs';
import { killAgainAndAgain } from './lib/cluster_kills.mjs';
import { assertKept, startUnderLoad } from './lib/cluster_load.mjs';
import { startPostgres } from './lib/postgres.mjs';
import { startRedis } from './lib/redis.mjs';

const kCycles = Math.round(60 * scale);

for (const [queue, startQueue, cycles] of [
  ['Redis', startRedis, kCycles],
  ['PostgreSQL alone', () => undefined, Math.ceil(kCycles / 6)],
]) {
  test(`nothing acknowledged is lost over kill -9 of nodes with ${queue}`, async (t) => {
    const postgres = await startPostgres(t);
    const world = await startUnderLoad(t, { postgres, queue: await startQueue(t) });
    await killAgainAndAgain(world, { cycles });
    t.diagnostic(await assertKept(world.cluster, world));
  });
}
