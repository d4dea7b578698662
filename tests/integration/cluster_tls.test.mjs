// TLS to PostgreSQL: a node talks to the server that it can prove, and to no other.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { Authority } from './lib/certificates.mjs';
import { Cluster, database, readiness } from './lib/cluster.mjs';
import { temporaryFolder } from './lib/daemon.mjs';
import {
  createEndpoint,
  deliveredInAll,
  eventually,
  paymentWebhook,
  postPayment,
} from './lib/delivery.mjs';
import { startPostgres } from './lib/postgres.mjs';
import { startSink } from './lib/sink.mjs';

const kName = 'postgres.example.test';
const kNames = `DNS:${kName}`;

function fileOf(t, { certificate }) {
  const file = path.join(temporaryFolder(t), 'root.crt');
  fs.writeFileSync(file, certificate);
  return file;
}

// A PostgreSQL, and a cluster whose nodes prove it by name. No DNS knows the name, so the address
// is told beside it.
async function startWithTls(t) {
  const authority = new Authority(t);
  const postgres = await startPostgres(t);
  await postgres.createDatabase(database);
  await postgres.serveTls(authority.issue({ names: kNames }));
  const proof = `sslmode=verify-full&sslrootcert=${fileOf(t, authority)}&hostaddr=127.0.0.1`;
  const url = `${postgres.url(database).replace('127.0.0.1', kName)}?${proof}`;
  const cluster = new Cluster(t, {
    storageUrl: () => url,
    expectedErrors: [/store\.|cluster\.|postgres/i],
  });
  return { authority, postgres, cluster };
}

async function assertEncrypted(postgres) {
  const ours = `datname = '${database}' AND client_addr IS NOT NULL`;
  const all = await postgres.query(
    `SELECT ssl FROM pg_stat_ssl JOIN pg_stat_activity USING (pid) WHERE ${ours}`,
  );
  assert.ok(all.length > 0, 'connections');
  assert.deepEqual(all.filter(({ ssl }) => !ssl), [], 'connections without TLS');
}

test('every connection to PostgreSQL is encrypted where it is asked for', async (t) => {
  const { postgres, cluster } = await startWithTls(t);
  const sink = await startSink(t);
  const [daemon, other] = await cluster.startAll(2);
  const endpoint = await createEndpoint(daemon, { url: sink.url() });
  await postPayment(daemon);
  await deliveredInAll(other, endpoint, 1);
  await assertEncrypted(postgres);
});

// As when somebody takes the address of the server while nodes run.
test('a node tells nothing to a server that took the place of the proven one', async (t) => {
  const { authority, postgres, cluster } = await startWithTls(t);
  const sink = await startSink(t);
  const daemon = await cluster.start(0);
  await createEndpoint(daemon, { url: sink.url() });
  await postgres.serveTls(new Authority(t, 'Another').issue({ names: kNames }));
  const { json } = await eventually('a node that is not ready', async () => {
    const told = await readiness(daemon);
    return told.status === 503 && told;
  });
  assert.ok(json.reason, 'the reason is told');
  await daemon.logLine(/certificate verify failed/);
  assert.equal((await daemon.webhook('stripe', paymentWebhook('evt_refused'))).status, 503);
  assert.equal(await postgres.sql('SELECT count(*) FROM inbox', database), '0');
  await postgres.serveTls(authority.issue({ names: kNames }));
  const again = paymentWebhook('evt_taken');
  await eventually('a node that takes it', async () => {
    const { status } = await daemon.webhook('stripe', again);
    return status === 200;
  });
  await eventually('its delivery', () => sink.requests.length > 0);
  await assertEncrypted(postgres);
});

const kUnproven = [
  [
    'an authority that is not ours',
    (t) => new Authority(t, 'Another').issue({ names: kNames }),
    /certificate verify failed/,
  ],
  [
    'another name',
    (t, authority) => authority.issue({ names: 'DNS:elsewhere.example.test' }),
    /elsewhere\.example\.test.* does not match host name .*postgres\.example\.test/,
  ],
  [
    'a time that is over',
    (t, authority) => authority.issue({ names: kNames, expired: true }),
    /certificate verify failed/,
  ],
  ['no TLS at all', () => undefined, /does not support SSL/],
];
for (const [what, leafOf, said] of kUnproven) {
  test(`a node does not start on a PostgreSQL with ${what}, and says why`, async (t) => {
    const { authority, postgres, cluster } = await startWithTls(t);
    await postgres.serveTls(leafOf(t, authority));
    const daemon = cluster.spawn(0);
    const { code } = await daemon.exited;
    assert.ok(code > 0, daemon.log);
    const told = daemon.log.trimEnd().split('\n').at(-1);
    assert.match(told, /cannot connect to the database postern at postgres\.example\.test/);
    assert.match(told, said);
    assert.doesNotMatch(daemon.log, /store\.waiting_for_server/, 'no waiting helps');
  });
}
