// The command line of delivery against a running daemon: endpoints, events, deliveries, jobs,
// and `postern listen` as an endpoint.
import assert from 'node:assert/strict';
import http from 'node:http';
import path from 'node:path';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { test } from 'node:test';
import { atEnd, binary, restrictedKey, secretKey, startDaemon, within } from './lib/daemon.mjs';

const kWaitMilliseconds = 60_000;

// A command that runs: its output so far, and its end.
function start(args, env) {
  const child = spawn(binary(), args, {
    env: { PATH: process.env.PATH, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const running = { child, stdout: '', stderr: '' };
  for (const stream of ['stdout', 'stderr']) {
    child[stream].setEncoding('utf8').on('data', (text) => {
      running[stream] += text;
    });
  }
  running.ended = once(child, 'close').then(([code]) => code);
  return running;
}

// To the end: { code, stdout, stderr, json }.
async function postern(daemon, args, { key = secretKey } = {}) {
  const env = { POSTERN_URL: `http://${daemon.listen}`, POSTERN_API_KEY: key };
  const running = start(args, env);
  const code = await within(kWaitMilliseconds, `postern ${args.join(' ')}`, running.ended);
  const { stdout, stderr } = running;
  return { code, stdout, stderr, json: args.includes('--json') ? JSON.parse(stdout) : undefined };
}

// Resolves with the match once the command has printed it.
function printed(running, pattern) {
  const found = new Promise((resolve, reject) => {
    const look = () => {
      const match = pattern.exec(running.stdout);
      if (match) resolve(match);
    };
    running.child.stdout.on('data', look);
    running.ended.then((code) => reject(new Error(`ended with ${code}: ${running.stderr}`)));
    look();
  });
  return within(kWaitMilliseconds, `output ${pattern}`, found);
}

async function listen(t, daemon, args = []) {
  const running = start(['listen', ...args], {
    POSTERN_URL: `http://${daemon.listen}`,
    POSTERN_API_KEY: secretKey,
  });
  atEnd(t, async () => {
    running.child.kill('SIGTERM');
    await within(kWaitMilliseconds, 'the end of listen', running.ended);
  });
  const [, id] = await printed(running, /Deliveries to (we_\S+) arrive/);
  return { running, id };
}

// The daemon's own sandbox gateway: `send` signs with the secret in its data folder.
async function receive(daemon) {
  const to = `http://${daemon.listen}`;
  const running = start(['send', 'stripe', 'payment.succeeded', '--to', to], {
    POSTERN_DATA_DIR: path.join(daemon.folder, 'data'),
  });
  const code = await within(kWaitMilliseconds, 'postern send', running.ended);
  assert.equal(code, 0, running.stdout + running.stderr);
}

// A merchant's server on this machine: answers, and keeps what it got.
async function merchant(t, status) {
  const got = [];
  const server = http.createServer((request, response) => {
    const chunks = [];
    request.on('data', (chunk) => chunks.push(chunk));
    request.on('end', () => {
      got.push({ headers: request.headers, body: Buffer.concat(chunks).toString() });
      response.writeHead(status).end('seen');
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  atEnd(t, () => server.close());
  return { got, url: `http://127.0.0.1:${server.address().port}/hooks` };
}

test('endpoints are created, shown, changed and removed', async (t) => {
  const daemon = await startDaemon(t);
  const { url } = await merchant(t, 200);
  const created = await postern(daemon, [
    'endpoints',
    'create',
    url,
    '--event-type',
    'payment.*',
    '--set',
    'timeout_seconds=5',
    '--json',
  ]);
  assert.equal(created.code, 0, created.stderr);
  assert.deepEqual(created.json.event_types, ['payment.*']);
  assert.match(created.json.secret, /^whsec_/);
  const { id } = created.json;
  const list = await postern(daemon, ['endpoints', 'list']);
  assert.match(list.stdout, /^ID +STATUS +HEALTH +URL +EVENT TYPES\n/);
  assert.ok(list.stdout.includes(id));
  const changed = await postern(daemon, ['endpoints', 'update', id, '--description', '17']);
  assert.match(changed.stdout, /^description +17$/m);
  const disabled = await postern(daemon, ['endpoints', 'disable', id]);
  assert.match(disabled.stdout, /^status +disabled$/m);
  assert.equal((await postern(daemon, ['endpoints', 'enable', id])).code, 0);
  const rotated = await postern(daemon, ['endpoints', 'rotate-secret', id, '--json']);
  assert.notEqual(rotated.json.secret, created.json.secret);
  assert.equal((await postern(daemon, ['endpoints', 'delete', id])).code, 0);
  assert.match((await postern(daemon, ['endpoints', 'list'])).stdout, /nothing there/);
});

test('a refusal names every field, and the exit code says so', async (t) => {
  const daemon = await startDaemon(t);
  const refused = await postern(daemon, [
    'endpoints',
    'create',
    'http://127.0.0.1:3000/',
    '--event-type',
    'payment.succeded',
    '--set',
    'headers={"Host":"x"}',
  ]);
  assert.equal(refused.code, 1);
  assert.match(refused.stderr, /event_types\.0: .*did you mean payment\.succeeded/);
  assert.match(refused.stderr, /headers\.Host: /);
  const unknown = await postern(daemon, ['deliveries', 'show', 'dlv_none']);
  assert.equal(unknown.code, 1);
  assert.match(unknown.stderr, /404 Not Found/);
  const stranger = await postern(daemon, ['jobs', 'list'], { key: 'sk_test_nobody' });
  assert.equal(stranger.code, 1);
  assert.match(stranger.stderr, /401/);
  const reader = await postern(daemon, ['endpoints', 'delete', 'we_1'], { key: restrictedKey });
  assert.equal(reader.code, 1);
  assert.match(reader.stderr, /403/);
  const misspelled = await postern(daemon, ['endpoints', 'shw', 'we_1']);
  assert.equal(misspelled.code, 2);
  const nobody = await postern(daemon, ['jobs', 'list', '--url', 'http://127.0.0.1:1']);
  assert.equal(nobody.code, 1);
  assert.match(nobody.stderr, /is `postern serve` running there\?/);
});

test('listen shows what arrives, checks its signature and removes itself', async (t) => {
  const daemon = await startDaemon(t);
  await daemon.logLine(/delivery\.loopback_allowed/);
  const { running, id } = await listen(t, daemon, ['-v']);
  await receive(daemon);
  await printed(running, / 200 {2}payment\.succeeded {2}evt_\S+ {2}\d+ bytes\n\{"id":"evt_/);
  assert.ok(!running.stdout.includes('\u001b['), 'colours without a terminal');
  const deliveries = await postern(daemon, ['deliveries', 'list', id, '--json']);
  assert.equal(deliveries.json.data.length, 1);
  const ping = await postern(daemon, ['endpoints', 'ping', id]);
  assert.equal(ping.code, 0, ping.stdout);
  running.child.kill('SIGINT');
  assert.equal(await within(kWaitMilliseconds, 'the end of listen', running.ended), 0);
  assert.match((await postern(daemon, ['endpoints', 'list'])).stdout, /nothing there/);
});

test('listen forwards with the same signature and passes the answer back', async (t) => {
  const daemon = await startDaemon(t);
  const { got, url } = await merchant(t, 422);
  const { running, id } = await listen(t, daemon, ['--forward', url]);
  await receive(daemon);
  await printed(running, / 422 {2}payment\.succeeded .* forwarded/);
  assert.match(got[0].headers['webhook-signature'], /^v1,/);
  assert.equal(JSON.parse(got[0].body).type, 'payment.succeeded');
  const ping = await postern(daemon, ['endpoints', 'ping', id, '--json']);
  assert.equal(ping.code, 1);
  assert.equal(ping.json.status, 422);
});

test('events are resent, deliveries retried, and what was missed is recovered', async (t) => {
  const daemon = await startDaemon(t);
  await receive(daemon);
  const { got, url } = await merchant(t, 200);
  const created = await postern(daemon, ['endpoints', 'create', url, '--json']);
  const { id } = created.json;
  const events = await postern(daemon, ['events', 'list', '--type', 'payment.*', '--json']);
  const event = events.json.data[0].id;
  const resent = await postern(daemon, ['events', 'resend', event, '--endpoint', id, '--json']);
  assert.equal(resent.code, 0, resent.stderr);
  const delivery = resent.json.data[0].id;
  const delivered = async () => {
    const shown = await postern(daemon, ['deliveries', 'show', delivery, '--json']);
    return shown.json.state === 'delivered' ? shown.json : delivered();
  };
  const first = await within(kWaitMilliseconds, 'the delivery', delivered());
  assert.equal(first.attempts, 1);
  assert.equal(got[0].headers['webhook-id'], event);
  assert.equal((await postern(daemon, ['deliveries', 'retry', delivery])).code, 0);
  await within(kWaitMilliseconds, 'the second delivery', delivered());
  assert.equal(got.length, 2);
  const since = new Date(Date.now() - 3_600_000).toISOString();
  const recover = await postern(daemon, ['jobs', 'recover', id, '--since', since, '--json']);
  assert.equal(recover.code, 0, recover.stderr);
  const job = await postern(daemon, ['jobs', 'show', recover.json.id]);
  assert.match(job.stdout, /^kind +recover$/m);
  assert.ok((await postern(daemon, ['jobs', 'list'])).stdout.includes(recover.json.id));
});
