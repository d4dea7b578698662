// Each part of the API that the command line reaches beside deliveries: gateways, accounts, what an
// endpoint has missed or would get, and jobs.
import assert from 'node:assert/strict';
import http from 'node:http';
import path from 'node:path';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { test } from 'node:test';
import { atEnd, binary, startDaemon, within } from './lib/daemon.mjs';
import { commandJson, runCommand } from './lib/command.mjs';

const kWaitMilliseconds = 60_000;

// The daemon's own sandbox gateway: `send` signs with the secret in its data folder.
async function receive(daemon, type = 'payment.succeeded') {
  const child = spawn(binary(), ['send', 'stripe', type, '--to', `http://${daemon.listen}`], {
    env: { PATH: process.env.PATH, POSTERN_DATA_DIR: path.join(daemon.folder, 'data') },
    stdio: 'ignore',
  });
  const [code] = await within(kWaitMilliseconds, 'postern send', once(child, 'close'));
  assert.equal(code, 0);
}

// A merchant who takes nothing: the URL of an endpoint that fails.
async function refuser(t) {
  const server = http.createServer((request, response) => response.writeHead(500).end());
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  atEnd(t, () => server.close());
  return `http://127.0.0.1:${server.address().port}/hooks`;
}

test('gateways are listed with what came from each', async (t) => {
  const daemon = await startDaemon(t);
  await receive(daemon);
  const listed = await runCommand(daemon, ['gateways', 'list']);
  assert.equal(listed.code, 0, listed.stderr);
  assert.match(listed.stdout, /^ID +KIND +MODE +ENABLED +LAST VERIFIED +VERIFIED /);
  assert.match(listed.stdout, /^stripe +stripe +sandbox +yes +\d{4}-\d\d-\d\dT\S+ +1 /m);
  const shown = await commandJson(daemon, 'gateways', 'show', 'stripe');
  assert.equal(shown.health.verified, 1);
  const absent = await runCommand(daemon, ['gateways', 'show', 'nobody']);
  assert.equal(absent.code, 1);
  assert.match(absent.stderr, /404 Not Found: There is no gateway/);
});

test('accounts are made, changed, listed and removed', async (t) => {
  const daemon = await startDaemon(t);
  const made = await commandJson(daemon, 'accounts', 'create', 'Shop of Ada', '--uid', 'shop-7');
  assert.equal(made.name, 'Shop of Ada');
  const twice = await runCommand(daemon, ['accounts', 'create', 'Another', '--uid', 'shop-7']);
  assert.equal(twice.code, 1);
  assert.match(twice.stderr, /409 Conflict: .*uid already exists/);
  const changes = ['--name', 'Shop of Eve', '--set', 'metadata={"city":"Ghent"}'];
  const changed = await commandJson(daemon, 'accounts', 'update', 'shop-7', ...changes);
  assert.deepEqual([changed.name, changed.metadata], ['Shop of Eve', { city: 'Ghent' }]);
  const first = await runCommand(daemon, ['accounts', 'list', '--limit', '1']);
  const cursor = /^more with --cursor (\S+)$/m.exec(first.stdout)?.[1];
  const second = await runCommand(daemon, ['accounts', 'list', '--limit', '1', '--cursor', cursor]);
  assert.match(first.stdout + second.stdout, /^app_\S+ +shop-7 +Shop of Eve /m);
  const removed = await runCommand(daemon, ['accounts', 'delete', 'shop-7']);
  assert.deepEqual([removed.code, removed.stdout], [0, 'done\n']);
  assert.equal((await runCommand(daemon, ['accounts', 'show', 'shop-7'])).code, 1);
});

test('a trial shows which events an endpoint would get, and why it would not', async (t) => {
  const daemon = await startDaemon(t);
  await receive(daemon);
  const trial = ['endpoints', 'dry-run', '--event-type', 'refund.*'];
  const tried = await runCommand(daemon, trial);
  assert.equal(tried.code, 0, tried.stderr);
  assert.match(tried.stdout, /^evt_\S+ +payment\.succeeded +\S+ +no +event_types$/m);
  assert.match(tried.stdout, /^matched +0$/m);
  const created = await commandJson(daemon, 'endpoints', 'create', await refuser(t));
  const all = await commandJson(daemon, 'endpoints', 'dry-run', created.id);
  assert.equal(all.matched, 1);
});

test('gaps, resends of many events and the types of events are shown', async (t) => {
  const daemon = await startDaemon(t);
  const created = await commandJson(daemon, 'endpoints', 'create', await refuser(t));
  await receive(daemon);
  const gaps = await runCommand(daemon, ['endpoints', 'gaps', created.id]);
  assert.equal(gaps.code, 0, gaps.stderr);
  assert.match(gaps.stdout, /^1 +(pending|waiting) +dlv_\S+ +evt_\S+$/m);
  assert.match(gaps.stdout, /^sequence\.to +1$/m);
  const since = new Date(Date.now() - 3_600_000).toISOString();
  const job = await commandJson(daemon, 'jobs', 'resend', '--since', since, '--type', 'payment.*');
  assert.equal(job.kind, 'resend');
  const jobs = await runCommand(daemon, ['jobs', 'list', '--order', 'asc']);
  assert.ok(jobs.stdout.includes(job.id), jobs.stdout);
  const types = await runCommand(daemon, ['events', 'types', '--limit', '100']);
  assert.match(types.stdout, /^payment\.succeeded /m);
  const keys = await runCommand(daemon, ['keys', 'signing']);
  assert.match(keys.stdout, /^keys\.0\.kty +OKP$/m);
});

test('a command that is not understood names the closest one', async (t) => {
  const daemon = await startDaemon(t);
  const wrong = await runCommand(daemon, ['gateways', 'lst']);
  assert.equal(wrong.code, 2);
  assert.match(wrong.stderr, /no command is called lst in gateways; did you mean list\?/);
});
