// Restarts and an upgrade under load: nobody is refused, nothing acknowledged is lost.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { spawn, spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { Authority } from './lib/certificates.mjs';
import { Daemon, atEnd, binary, environment, scale, temporaryFolder } from './lib/daemon.mjs';
import { createEndpoint, deliveredInAll, eventually } from './lib/delivery.mjs';
import { keepPosting } from './lib/load.mjs';
import { freePort } from './lib/ports.mjs';
import { holdSockets, keepAsking, writeConfig } from './lib/service_manager.mjs';
import { startSink } from './lib/sink.mjs';
import { stripeGateway, stripePath, stripeWebhook } from './lib/stripe.mjs';

const kRestarts = Math.round(5 * scale);
const kBetween = 100; // webhooks that are answered from one restart to the next

function tlsFiles(t) {
  const { key, cert } = new Authority(t).issue();
  const folder = temporaryFolder(t);
  const files = {
    key_file: path.join(folder, 'key.pem'),
    certificate_file: path.join(folder, 'certificate.pem'),
  };
  fs.writeFileSync(files.key_file, key, { mode: 0o600 });
  fs.writeFileSync(files.certificate_file, cert);
  return files;
}

async function startHeld(t, options = {}) {
  const config = { gateways: [stripeGateway], tls: { ...tlsFiles(t), listen: '127.0.0.1:0' } };
  const names = ['public', 'private', 'tls'];
  const daemon = await holdSockets(t, { names, config, ...options });
  await daemon.run();
  await daemon.waitUntilReady();
  atEnd(t, () => daemon.stop());
  return daemon;
}

const postWebhooks = (daemon) =>
  keepPosting({
    ports: daemon.ports,
    target: stripePath,
    webhook: (number) => stripeWebhook(`evt_${number}`),
    accept: ({ status, text }) => assert.equal(status, 200, text),
  });

// Asks the private address all the time: a daemon that ends is not ready, and says so.
const askWhetherReady = (daemon) =>
  keepAsking(
    async () => {
      const { status } = await daemon.private('/readyz');
      assert.ok(status === 200 || status === 503, `/readyz: ${status}`);
    },
    { width: 1 },
  );

async function assertStoredAndDelivered(t, daemon, { endpoint, sink, answered }) {
  const events = await daemon.events();
  assert.equal(events.length, answered, 'stored');
  await deliveredInAll(daemon, endpoint, answered);
  const taken = new Set(sink.requests.map(({ id }) => id));
  assert.equal(taken.size, answered, 'delivered');
  t.diagnostic(`${answered} webhooks, ${sink.requests.length} deliveries`);
}

async function throughInterruptions(t, daemon, interrupt) {
  const sink = await startSink(t);
  const endpoint = await createEndpoint(daemon, { url: sink.url() });
  const load = postWebhooks(daemon);
  const probes = askWhetherReady(daemon);
  for (let i = 0; i < kRestarts; ++i) {
    await load.more(kBetween);
    await interrupt(i);
  }
  await load.more(kBetween);
  const answered = await load.end();
  await probes.end();
  await assertStoredAndDelivered(t, daemon, { endpoint, sink, answered });
}

test('restarts refuse nobody on any socket, with and without keep-alive', async (t) => {
  const daemon = await startHeld(t);
  await throughInterruptions(t, daemon, async () => {
    assert.equal(await daemon.restart(), 'ended 0');
  });
});

test('an upgrade, which puts another file in place of the program, neither', async (t) => {
  const program = path.join(temporaryFolder(t), 'postern');
  fs.copyFileSync(binary(), program);
  const daemon = await startHeld(t, { program });
  await throughInterruptions(t, daemon, async () => {
    // As packages are unpacked: beside it, and then renamed over it while it runs. The clients live
    // in this process: one that stood still for a second would send into a closing connection.
    await fs.promises.copyFile(binary(), `${program}.new`);
    await fs.promises.rename(`${program}.new`, program);
    assert.equal(await daemon.restart(), 'ended 0');
  });
});

test('a daemon killed under load loses nothing that it acknowledged', async (t) => {
  const daemon = await startHeld(t);
  const sink = await startSink(t);
  const endpoint = await createEndpoint(daemon, { url: sink.url() });
  const acknowledged = new Set();
  const load = keepAsking(async (number) => {
    const id = `evt_${number}`;
    const answer = await daemon.webhook('stripe', stripeWebhook(id)).catch(() => undefined);
    if (answer?.status === 200) acknowledged.add(id);
  });
  for (let i = 0; i < kRestarts; ++i) {
    await load.more(kBetween);
    await daemon.restart('SIGKILL');
  }
  await load.more(kBetween);
  await load.end();
  const stored = await daemon.events();
  const known = new Set(stored.map(({ gateway_event_id: id }) => id));
  assert.deepEqual([...acknowledged].filter((id) => !known.has(id)), []);
  await deliveredInAll(daemon, endpoint, stored.length);
});

const noActivator =
  spawnSync('systemd-socket-activate', ['--version']).status !== 0 &&
  'there is no systemd-socket-activate here';

test('systemd-socket-activate starts it at the first webhook', { skip: noActivator }, async (t) => {
  const folder = temporaryFolder(t);
  writeConfig(folder, { gateways: [stripeGateway] });
  const ports = [await freePort(), await freePort()];
  const sockets = ports.flatMap((port) => ['-l', `127.0.0.1:${port}`]);
  const variables = environment({ POSTERN_DATA_DIR: path.join(folder, 'data') });
  // It hands on only the variables that it is told of.
  const handedOn = Object.keys(variables).flatMap((name) => ['-E', name]);
  const command = [binary(), 'serve', '--config', path.join(folder, 'postern.toml')];
  const child = spawn(
    'systemd-socket-activate',
    [...sockets, '--fdname=public:private', ...handedOn, ...command],
    { cwd: folder, env: variables, stdio: ['ignore', 'pipe', 'pipe'] },
  );
  const daemon = new Daemon(child, { folder, expectedErrors: [] });
  atEnd(t, () => daemon.stop());
  await daemon.logLine(/Listening on 127\.0\.0\.1:[0-9]+ as 4/);
  daemon.listen = `127.0.0.1:${ports[0]}`;
  assert.equal((await daemon.webhook('stripe', stripeWebhook('evt_first'))).status, 200);
  await daemon.waitUntilReady();
  assert.equal(daemon.listen, `127.0.0.1:${ports[0]}`);
  assert.equal(daemon.admin, `127.0.0.1:${ports[1]}`);
  await eventually('readiness', async () => (await daemon.private('/readyz')).status === 200);
});
