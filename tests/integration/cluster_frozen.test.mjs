// A node that stands still amid its work for longer than its lease, and then goes on as if nothing
// had been: the others have taken over by then, and nothing that it says about that counts.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { allKnowAll, allSay, isReady, readiness } from './lib/cluster.mjs';
import { assertKept, startUnderLoad } from './lib/cluster_load.mjs';
import { atEnd, scale } from './lib/daemon.mjs';
import { eventually, paymentWebhook, statsOf, unique } from './lib/delivery.mjs';
import { startPostgres } from './lib/postgres.mjs';
import { startRedis } from './lib/redis.mjs';

const kWebhooks = 100;
const kInLine = 8; // webhooks that wait for the frozen node, and are the first thing that it sees
const kClients = 8; // of the provider, each of which may be left waiting by the frozen node
// What it sent before it froze may be read later, on a machine that is busy: but before its lease
// ends, when others send it again. What it had begun to send goes on its way when it wakes.
const kOnItsWayMilliseconds = 5_000;

// Every request from here on is left without an answer until the answers are let go.
function holdAnswers(sink) {
  const { answer } = sink;
  sink.answer = () => ({ hang: true });
  return () => {
    sink.answer = answer;
    sink.release();
  };
}

// A node with attempts under way: it serves an endpoint, and every endpoint has some that hang.
async function aNodeAtWork({ cluster, receivers }) {
  const paths = Object.keys(receivers.endpoints);
  const { requests } = receivers.sink;
  const before = requests.length;
  const hangs = (path) => requests.slice(before).some(({ url }) => url === path);
  await eventually('attempts at each endpoint', () => paths.every(hangs));
  return eventually('a node that serves', async () => {
    const told = await Promise.all(cluster.running.map(readiness));
    const held = told.map(({ json }) => json.cluster.lanes_held);
    return cluster.running.find((_, i) => held[i] > 0);
  });
}

// It stays out of the load balancer, as one that does not answer a probe does.
function freeze(t, cluster, victim) {
  cluster.nodes[victim.number] = undefined;
  cluster.trouble(kOnItsWayMilliseconds);
  victim.child.kill('SIGSTOP');
  let isFrozen = true;
  const thaw = () => {
    if (!isFrozen) return;
    isFrozen = false;
    cluster.trouble(kOnItsWayMilliseconds);
    cluster.nodes[victim.number] = victim;
    victim.child.kill('SIGCONT');
  };
  atEnd(t, thaw);
  return thaw;
}

async function assertTakenOver({ cluster, provider, receivers }, name) {
  const namesOf = (members) => members.map((member) => member.name);
  await allSay(cluster, 'a node less', (told) => !namesOf(told.members).includes(name));
  await allSay(cluster, 'a living leader', ({ leader }) => leader && leader !== name);
  await receivers.allTaken([...provider.acknowledged.keys()]);
  const [other] = cluster.running;
  for (const endpoint of Object.values(receivers.endpoints)) {
    await eventually(`nothing left to do for ${endpoint.id}`, async () => {
      const { pending, waiting } = await statsOf(other, endpoint);
      return pending + waiting === 0;
    });
  }
}

// Gives those that it acknowledged, once all have their answers.
async function postInLine(provider, victim) {
  const names = Array.from({ length: kInLine }, () => unique());
  names.forEach((name) => provider.attempted.add(name));
  const post = (name) => victim.webhook('stripe', paymentWebhook(name));
  const statuses = (await Promise.all(names.map(post))).map(({ status }) => status);
  assert.ok(statuses.every((status) => status === 200 || status === 503), `${statuses}`);
  return names.filter((_, i) => statuses[i] === 200);
}

// Of what came in while it stood still it can know nothing.
function assertOnce(receivers, names) {
  for (const [path, seen] of receivers.seen()) {
    const again = names.filter((name) => seen.get(name).taken.length !== 1);
    assert.deepEqual(again, [], `${path}: sent again by the one that was frozen`);
  }
}

async function assertJoinedAnew(cluster, victim) {
  await victim.logLine(/cluster\.lease_lost/);
  await eventually('it is ready again', () => isReady(victim));
  await allKnowAll(cluster);
  assert.ok((await victim.metric('postern_lanes_revoked_total')) > 0, 'it served, and lost that');
  // The attempts that it had under way have ended by now, and others wrote down theirs long ago.
  const hasStale = async () => (await victim.metric('postern_deliveries_stale_total')) > 0;
  await eventually('ends that come too late', hasStale);
}

const kQueues = [['Redis', startRedis]];
if (scale > 1) kQueues.push(['PostgreSQL alone', () => undefined]);

for (const [queue, startQueue] of kQueues) {
  test(`a node that was frozen for longer than its lease joins anew with ${queue}`, async (t) => {
    const postgres = await startPostgres(t);
    const world = await startUnderLoad(t, { postgres, queue: await startQueue(t) });
    const { cluster, provider, receivers } = world;
    const letGo = holdAnswers(receivers.sink);
    provider.allow(kWebhooks);
    const victim = await aNodeAtWork(world);
    await provider.finished();
    provider.allow(kWebhooks);
    await provider.reach(1.5 * kWebhooks);
    const thaw = freeze(t, cluster, victim);
    letGo();
    await provider.reach(2 * kWebhooks - kClients);
    await assertTakenOver(world, `node-${victim.number}`);
    const early = new Set(provider.acknowledged.keys());
    const inLine = postInLine(provider, victim);
    provider.allow(kWebhooks);
    await provider.reach(3 * kWebhooks - kClients);
    const meanwhile = [...provider.acknowledged.keys()].filter((name) => !early.has(name));
    await receivers.allTaken(meanwhile);
    thaw();
    await assertJoinedAnew(cluster, victim);
    provider.allow(kWebhooks);
    await provider.finished();
    await provider.end();
    await receivers.allTaken(await inLine);
    t.diagnostic(await assertKept(cluster, world));
    assertOnce(receivers, meanwhile);
  });
}
