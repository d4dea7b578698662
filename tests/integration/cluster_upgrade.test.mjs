// A cluster goes from one version to the next, node by node, while webhooks and calls come in.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { environment, nextBinary, secretKey } from './lib/daemon.mjs';
import { database } from './lib/cluster.mjs';
import { assertKept, startUnderLoad } from './lib/cluster_load.mjs';
import { json } from './lib/delivery.mjs';
import { startPostgres } from './lib/postgres.mjs';
import { startRedis } from './lib/redis.mjs';
import { lookAgain } from './lib/waiting.mjs';

const kWebhooks = 40; // at a time
const kKeys = 10; // of each part; there may be a hundred in all
const kKeysPath = '/api/v2/api-keys';
const kMigration = /_next_version/;
// A PostgreSQL that stalls for a moment is no reason to refuse webhooks.
const config = { limits: { store_wait_milliseconds: 30_000 } };

// A merchant who makes one key after the other, and asks for each until it is there.
class Merchant {
  #cluster;
  made = []; // names
  failures = [];

  constructor(cluster) {
    this.#cluster = cluster;
  }

  async makeSome() {
    for (let i = 0; i < kKeys; i += 1) {
      const name = `Till ${this.made.length}`;
      this.made.push(name);
      while (!(await this.#make(name))) await lookAgain();
      await lookAgain(); // a merchant, not a flood
    }
  }

  async #make(name) {
    const { running } = this.#cluster;
    const daemon = running[this.made.length % running.length];
    const headers = { ...json, 'idempotency-key': name };
    const body = JSON.stringify({ kind: 'restricted', name });
    const ask = daemon.post(kKeysPath, { headers, body, key: secretKey });
    const { status, text } = await ask.catch((error) => ({ status: 0, text: error.message }));
    if (status === 201) return true;
    this.failures.push({ number: daemon.number, why: `${status} ${text}` });
    assert.ok(status === 0 || status === 503, `${name}: ${status} ${text}`);
    return false;
  }
}

async function assertMade(daemon, merchant) {
  const names = (await daemon.listAll(kKeysPath)).map(({ name }) => name);
  const made = names.filter((name) => name?.startsWith('Till '));
  assert.deepEqual(made.sort(), [...merchant.made].sort(), 'each key once');
}

async function startUpgrade(t) {
  const postgres = await startPostgres(t);
  const queue = await startRedis(t);
  const world = await startUnderLoad(t, { postgres, queue, nodes: 2, config });
  const merchant = new Merchant(world.cluster);
  const versions = async () => {
    const live = 'lease_until > extract(epoch FROM clock_timestamp()) * 1000000';
    const rows = await postgres.query(`SELECT version FROM nodes WHERE ${live}`, database);
    return rows.map(({ version }) => version).sort();
  };
  return { ...world, merchant, versions };
}

// More of everything, while `meanwhile` happens; only these nodes may refuse anything.
async function work({ provider, merchant }, { restarting = [], meanwhile = async () => {} } = {}) {
  let goesOn = true;
  const over = () => {
    goesOn = false;
  };
  const others = Promise.all([merchant.makeSome(), meanwhile()]).finally(over);
  others.catch(() => {}); // told below
  while (goesOn) {
    provider.allow(kWebhooks);
    await provider.finished();
  }
  await others;
  for (const { failures } of [provider, merchant]) {
    const of = failures.splice(0);
    assert.deepEqual(of.filter(({ number }) => !restarting.includes(number)), []);
  }
}

async function replace(world, number, { before = async () => {} } = {}) {
  const { cluster } = world;
  const meanwhile = async () => {
    await cluster.stop(number);
    await before();
    await cluster.start(number, { program: nextBinary() });
  };
  await work(world, { restarting: [number], meanwhile });
}

// The one that is there before is refused, and told what to do; nobody else minds.
async function assertOldIsRefused({ cluster }, number) {
  const old = cluster.spawn(number);
  const { code } = await old.exited;
  assert.notEqual(code, 0);
  assert.match(old.log, kMigration);
  assert.match(old.log, /use the version that made it, or newer/);
}

const run = promisify(execFile);
async function migrate({ cluster }, number, ...options) {
  const env = environment(cluster.environment(number));
  const { stdout } = await run(nextBinary(), ['migrate', ...options], { env });
  return stdout;
}

test('`migrate` of the next version, and then node after node, disturb nobody', async (t) => {
  const world = await startUpgrade(t);
  const { cluster, versions } = world;
  await work(world);
  assert.match(await migrate(world, 0, '--dry-run'), kMigration);
  await work(world);
  const migrated = async () => assert.match(await migrate(world, 0), kMigration);
  await work(world, { meanwhile: migrated });
  await replace(world, 1, { before: () => assertOldIsRefused(world, 1) });
  const both = await versions();
  assert.equal(both.length, 2);
  assert.ok(both.includes('next') && both.some((version) => version !== 'next'), `${both}`);
  await work(world);
  await replace(world, 0);
  assert.deepEqual(await versions(), ['next', 'next']);
  await work(world);
  await world.provider.end();
  await assertMade(cluster.nodes[0], world.merchant);
  t.diagnostic(await assertKept(cluster, world));
});

test('the first node of the next version brings the store forward while others work', async (t) => {
  const world = await startUpgrade(t);
  const { cluster, versions } = world;
  await work(world);
  await replace(world, 0);
  await assertOldIsRefused(world, 2);
  await work(world);
  await replace(world, 1);
  assert.deepEqual(await versions(), ['next', 'next']);
  await world.provider.end();
  await assertMade(cluster.nodes[1], world.merchant);
  t.diagnostic(await assertKept(cluster, world));
});
