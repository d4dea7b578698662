// PostgreSQL stops, crashes, hangs, changes its place, or is cut off from a node: acknowledgements
// stop with a 503 and go on, and nothing is lost.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { allReady, database, isReady, readiness, startCluster } from './lib/cluster.mjs';
import { assertKept, startUnderLoad } from './lib/cluster_load.mjs';
import { eventually, paymentWebhook, unique } from './lib/delivery.mjs';
import { startPostgres, urlOfMany } from './lib/postgres.mjs';
import { startRedis } from './lib/redis.mjs';
import { startRelay, toClient } from './lib/relay.mjs';
import { Chance, seed } from './lib/seeded.mjs';

const kWebhooks = 100;
const kCuts = 20;
const kRepetitions = 5;
// What a daemon has to say when its store is away.
const expectedErrors = [/store\./, /cluster\./, /postgres/i];

const startLoaded = (t, options) => startUnderLoad(t, { expectedErrors, ...options });

async function assertAllKept(t, world) {
  world.provider.allow(kWebhooks);
  await world.provider.finished();
  await world.provider.end();
  t.diagnostic(await assertKept(world.cluster, world));
}

// A node says that it cannot take anything, and why. Whether the store took it nevertheless is
// anybody's guess.
async function assertRefused({ provider }, daemon) {
  const id = unique();
  provider.attempted.add(id);
  const answer = await daemon.webhook('stripe', paymentWebhook(id));
  assert.equal(answer.status, 503, answer.text);
  assert.match(answer.headers['retry-after'], /^\d+$/);
  const { json } = await eventually('a node that is not ready', async () => {
    const told = await readiness(daemon);
    return told.status === 503 && told;
  });
  assert.ok(json.reason, 'the reason is told');
}

const kAbsences = [
  ['stopped', (postgres) => postgres.stop('fast'), (postgres) => postgres.start()],
  ['crashed', (postgres) => postgres.stop('immediate'), (postgres) => postgres.start()],
  ['frozen', (postgres) => postgres.freeze(), (postgres) => postgres.thaw()],
];

for (const [what, begin, end] of kAbsences) {
  test(`acknowledgements wait for a PostgreSQL that is ${what}, and go on`, async (t) => {
    const postgres = await startPostgres(t, { fsync: true });
    const world = await startLoaded(t, { postgres, queue: await startRedis(t) });
    world.provider.allow(kWebhooks);
    await world.provider.reach(kWebhooks / 2);
    world.cluster.trouble();
    await begin(postgres);
    for (const daemon of world.cluster.running) await assertRefused(world, daemon);
    world.cluster.trouble();
    await end(postgres);
    await world.provider.finished();
    await allReady(world.cluster);
    await assertAllKept(t, world);
  });
}

test('a standby that is promoted has all, and the nodes find it', async (t) => {
  const primary = await startPostgres(t, { fsync: true });
  const standby = await primary.addSynchronousStandby(t);
  const storageUrl = () => urlOfMany([primary, standby], database);
  const world = await startLoaded(t, {
    postgres: primary,
    queue: await startRedis(t),
    storageUrl,
  });
  world.provider.allow(2 * kWebhooks);
  await world.provider.reach(kWebhooks);
  world.cluster.trouble();
  await primary.stop('immediate');
  await standby.promote();
  world.cluster.trouble();
  await world.provider.finished();
  await allReady(world.cluster);
  await assertAllKept(t, world);
});

// Node 0 has a way of its own.
async function startWithRelay(t) {
  const postgres = await startPostgres(t);
  const relay = await startRelay(t, postgres.port);
  const storageUrl = (number) =>
    postgres.url(database, number === 0 ? { port: relay.port } : undefined);
  const world = await startLoaded(t, { postgres, queue: await startRedis(t), storageUrl });
  return { relay, ...world };
}

test('a node that is cut off from PostgreSQL refuses, and the others go on', async (t) => {
  const { relay, ...world } = await startWithRelay(t);
  const [lonely, ...others] = world.cluster.running;
  for (const cutOff of [() => relay.refuse(), () => relay.freeze()]) {
    const before = world.provider.acknowledged.size;
    world.cluster.trouble();
    await cutOff();
    await assertRefused(world, lonely);
    world.provider.allow(kWebhooks);
    await world.provider.reach(before + kWebhooks - 1);
    for (const daemon of others) await eventually(`node ${daemon.number}`, () => isReady(daemon));
    await world.receivers.allTaken([...world.provider.acknowledged.keys()]);
    world.cluster.trouble();
    await relay.goOn();
    await world.provider.finished();
    await eventually('the node is back', () => isReady(lonely));
  }
  await assertAllKept(t, world);
});

test('a commit whose answer is lost is stored once', async (t) => {
  const { relay, ...world } = await startWithRelay(t);
  const chance = new Chance(seed);
  for (let i = 0; i < kCuts; i += 1) {
    const before = world.provider.acknowledged.size;
    world.provider.allow(kWebhooks);
    await world.provider.reach(before + chance.whole(1, kWebhooks - 1));
    // What the node said is heard, what it is answered is not.
    relay.freeze(toClient);
    await world.provider.reach(world.provider.acknowledged.size + 1);
    world.cluster.trouble();
    relay.cut();
    await relay.goOn();
    await world.provider.finished();
  }
  await assertAllKept(t, world);
});

// Whoever gives up the wait for the standby makes the webhook visible on one disk only.
test('a webhook that no standby has is not acknowledged when it comes again', async (t) => {
  const postgres = await startPostgres(t);
  const config = { limits: { store_wait_milliseconds: 500 } };
  const cluster = await startCluster(t, { postgres, count: 1, config, expectedErrors });
  const [daemon] = cluster.running;
  const id = unique();
  const post = async () => (await daemon.webhook('stripe', paymentWebhook(id))).status;
  await postgres.requireStandby('nobody');
  const waiting = "FROM pg_stat_activity WHERE wait_event = 'SyncRep'";
  await eventually('a commit that waits', () => postgres.sql(`SELECT pid ${waiting}`));
  assert.equal(await post(), 503);
  const stored = () => postgres.sql('SELECT count(*) FROM inbox', database);
  for (let i = 0; i < kRepetitions; i += 1) {
    await eventually('a commit that is given up', () =>
      postgres.sql(`SELECT pg_cancel_backend(pid) ${waiting}`),
    );
    assert.equal(await post(), 503);
  }
  await eventually('one that is there', async () => (await stored()) === '1');
  await postgres.requireStandby('');
  await eventually('a node that takes it', async () => (await post()) === 200);
  assert.equal(await stored(), '1');
});
