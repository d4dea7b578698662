// How nodes begin: together on an empty store, with another key, with few rights, without Redis.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { binary, environment, startDaemon, temporaryFolder } from './lib/daemon.mjs';
import { Cluster, database, readiness, shareKey, startCluster } from './lib/cluster.mjs';
import { createEndpoint, deliveredInAll, eventually, postPayment } from './lib/delivery.mjs';
import { startPostgres } from './lib/postgres.mjs';
import { startRedis } from './lib/redis.mjs';
import { startSink } from './lib/sink.mjs';

const kTogether = 5;
const kMilliseconds = 120_000;

// { status, text } of a command that ends by itself.
function postern(args, { folder, env }) {
  const { status, stdout, stderr } = spawnSync(binary(), args, {
    cwd: folder,
    env: environment({ POSTERN_DATA_DIR: path.join(folder, 'data'), ...env }),
    encoding: 'utf8',
    timeout: kMilliseconds,
  });
  return { status, text: stdout + stderr };
}

async function startEmpty(t) {
  const postgres = await startPostgres(t);
  await postgres.createDatabase(database);
  return { postgres, storageUrl: () => postgres.url(database) };
}

// As an operator makes it before the first node starts: by any daemon at all.
async function keyHolder(t, postgres) {
  await postgres.createDatabase('scratch');
  const env = { POSTERN_STORAGE_URL: postgres.url('scratch') };
  const daemon = await startDaemon(t, { env });
  await daemon.stop();
  return daemon.folder;
}

test('nodes that start together make one store, once', async (t) => {
  const { postgres, storageUrl } = await startEmpty(t);
  const redis = await startRedis(t);
  const holder = await keyHolder(t, postgres);
  const cluster = new Cluster(t, { storageUrl, queueUrl: () => redis.url() });
  const numbers = Array.from({ length: kTogether }, (_, number) => number);
  for (const number of numbers) {
    cluster.folders[number] = temporaryFolder(t);
    shareKey(holder, cluster.folders[number]);
  }
  await Promise.all(numbers.map((number) => cluster.start(number)));
  const count = (table) => postgres.sql(`SELECT count(*) FROM ${table}`, database);
  const applied = 'SELECT count(*) = max(number) AS whole FROM schema_migrations';
  assert.deepEqual(await postgres.query(applied, database), [{ whole: true }]);
  assert.equal(await count('accounts'), '1');
  const kinds = await postgres.query('SELECT kind FROM api_keys', database);
  const different = new Set(kinds.map(({ kind }) => kind)).size;
  assert.equal(kinds.length, different, 'one first key of each kind');
  const nodes = await postgres.query('SELECT number FROM nodes ORDER BY number', database);
  assert.deepEqual(nodes.map(({ number }) => number), numbers);
  for (const daemon of cluster.nodes) {
    await eventually('all members', async () => {
      const { json } = await readiness(daemon);
      return json.cluster.members.length === kTogether;
    });
  }
});

test('first keys are made by one of the nodes, for all', async (t) => {
  const { postgres, storageUrl } = await startEmpty(t);
  const holder = await keyHolder(t, postgres);
  const env = { POSTERN_BOOTSTRAP_SECRET_KEY: '', POSTERN_BOOTSTRAP_RESTRICTED_KEY: '' };
  const cluster = new Cluster(t, { storageUrl, env });
  for (const number of [0, 1, 2]) {
    cluster.folders[number] = temporaryFolder(t);
    shareKey(holder, cluster.folders[number]);
  }
  await Promise.all([0, 1, 2].map((number) => cluster.start(number)));
  const keys = await postgres.query('SELECT kind, livemode FROM api_keys', database);
  const kinds = keys.map((key) => JSON.stringify(key));
  assert.equal(new Set(kinds).size, kinds.length, kinds.join());
});

test('a node with another key does not start, nor one without', async (t) => {
  const { postgres, storageUrl } = await startEmpty(t);
  const holder = await keyHolder(t, postgres);
  const cluster = new Cluster(t, { storageUrl });
  await cluster.start(0);
  for (const from of [holder, undefined]) {
    const folder = temporaryFolder(t);
    if (from) shareKey(from, folder);
    const env = { POSTERN_STORAGE_URL: storageUrl() };
    const { status, text } = postern(['serve'], { folder, env });
    assert.notEqual(status, 0, text);
    assert.match(text, /secrets\.key/);
    const made = fs.existsSync(path.join(folder, 'data', 'secrets.key'));
    assert.equal(made, from !== undefined, 'no new key is made');
  }
});

test('a role that may not change tables serves what another one migrated', async (t) => {
  const { postgres } = await startEmpty(t);
  await postgres.sql('CREATE ROLE owner LOGIN; CREATE ROLE service LOGIN');
  await postgres.sql(`ALTER DATABASE ${database} OWNER TO owner`);
  await postgres.sql('ALTER SCHEMA public OWNER TO owner', database);
  const granted = 'SELECT, INSERT, UPDATE, DELETE';
  await postgres.sql(
    `ALTER DEFAULT PRIVILEGES FOR ROLE owner GRANT ${granted} ON TABLES TO service`,
    database,
  );
  const folder = temporaryFolder(t);
  const as = (user) => ({ folder, env: { POSTERN_STORAGE_URL: postgres.url(database, { user }) } });
  const early = postern(['serve'], as('service'));
  assert.notEqual(early.status, 0);
  assert.match(early.text, /postern migrate/);
  const migrated = postern(['migrate'], as('owner'));
  assert.equal(migrated.status, 0, migrated.text);
  const again = postern(['migrate'], as('owner'));
  assert.equal(again.status, 0, again.text);
  const sink = await startSink(t);
  const cluster = new Cluster(t, {
    storageUrl: () => postgres.url(database, { user: 'service' }),
  });
  const [daemon] = await cluster.startAll(2);
  const endpoint = await createEndpoint(daemon, { url: sink.url() });
  await postPayment(daemon);
  await deliveredInAll(cluster.nodes[1], endpoint, 1);
});

test('nodes that start without Redis deliver, and use it when it is there', async (t) => {
  const { storageUrl } = await startEmpty(t);
  const redis = await startRedis(t);
  await redis.kill();
  const sink = await startSink(t);
  const cluster = new Cluster(t, { storageUrl, queueUrl: () => redis.url() });
  const endpoint = await createEndpoint(await cluster.start(0), { url: sink.url() });
  await cluster.startAll(2);
  await postPayment(cluster.nodes[0]);
  await deliveredInAll(cluster.nodes[1], endpoint, 1);
  await redis.start();
  await eventually('what the nodes keep there', async () => (await redis.keys()).length > 0);
  await postPayment(cluster.nodes[1]);
  await deliveredInAll(cluster.nodes[0], endpoint, 2);
});

test('a node that starts before PostgreSQL waits for it', async (t) => {
  const { postgres, storageUrl } = await startEmpty(t);
  await postgres.stop('fast');
  const cluster = new Cluster(t, { storageUrl, expectedErrors: [/store\.|postgres/i] });
  const started = cluster.start(0);
  await postgres.start();
  assert.equal((await readiness(await started)).status, 200);
});

test('a node that waits for PostgreSQL ends when it is told to', async (t) => {
  const { postgres, storageUrl } = await startEmpty(t);
  await postgres.stop('fast');
  const cluster = new Cluster(t, { storageUrl, expectedErrors: [/store\.|postgres/i] });
  const daemon = cluster.spawn(0);
  await eventually('the wait', () => daemon.log.includes('store.waiting_for_server'));
  daemon.child.kill('SIGTERM');
  assert.equal((await daemon.exited).code, 0);
});

test('a node delivers with as few connections as it may have', async (t) => {
  const { storageUrl } = await startEmpty(t);
  const sink = await startSink(t);
  const env = { POSTERN_STORAGE_READERS: '2', POSTERN_STORAGE_CONNECTIONS_MAX: '9' };
  const cluster = new Cluster(t, { storageUrl, env });
  const daemon = await cluster.start(0);
  const endpoint = await createEndpoint(daemon, { url: sink.url() });
  await postPayment(daemon);
  await deliveredInAll(daemon, endpoint, 1);
});

const kRefused = [
  ['TLS to Redis', { POSTERN_QUEUE_URL: 'rediss://127.0.0.1:6379' }, /stunnel/],
  ['a queue of another kind', { POSTERN_QUEUE_URL: 'amqp://127.0.0.1' }, /redis:\/\//],
  ['a store of another kind', { POSTERN_STORAGE_URL: 'mysql://127.0.0.1' }, /postgres:\/\//],
];
for (const [what, env, said] of kRefused) {
  test(`${what} is refused with a word about what is possible`, (t) => {
    const { status, text } = postern(['serve'], { folder: temporaryFolder(t), env });
    assert.notEqual(status, 0);
    assert.match(text, said);
  });
}

test('passwords in URLs are shown nowhere', async (t) => {
  const { postgres } = await startEmpty(t);
  const password = 'open-sesame-0123456789';
  await postgres.sql(`ALTER ROLE postgres PASSWORD '${password}'`);
  const redis = await startRedis(t, { password });
  const withPassword = postgres.url(database, { user: `postgres:${password}` });
  const cluster = new Cluster(t, {
    storageUrl: () => withPassword,
    queueUrl: () => redis.url(),
    expectedErrors: [/store\.|postgres/i],
  });
  const daemon = await cluster.start(0);
  const env = { POSTERN_STORAGE_URL: withPassword, POSTERN_QUEUE_URL: redis.url() };
  const checked = postern(['check'], { folder: daemon.folder, env });
  assert.equal(checked.status, 0, checked.text);
  await postgres.stop('immediate');
  const answers = (wanted) =>
    eventually(`a probe of ${wanted}`, async () => (await readiness(daemon)).status === wanted);
  await answers(503);
  const told = [daemon.log, checked.text, (await readiness(daemon)).text];
  for (const text of told) assert.ok(!text.includes(password), text);
  await postgres.start();
  await answers(200);
});

test('backups of a shared store are left to PostgreSQL', async (t) => {
  const postgres = await startPostgres(t);
  const cluster = await startCluster(t, { postgres, count: 1 });
  const { folder } = cluster.nodes[0];
  const env = { POSTERN_STORAGE_URL: postgres.url(database) };
  for (const command of ['backup', 'restore']) {
    const { status, text } = postern([command, path.join(folder, 'copy')], { folder, env });
    assert.notEqual(status, 0);
    assert.match(text, /pg_dump|PostgreSQL/);
  }
});
