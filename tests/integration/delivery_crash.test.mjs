// What was acknowledged is delivered, whatever becomes of the daemon meanwhile.
import assert from 'node:assert/strict';
import path from 'node:path';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { test } from 'node:test';
import {
  allInState,
  call,
  createEndpoint,
  deliveredInAll,
  endpointsPath,
  paymentWebhook,
  postMany,
  startDelivering,
  unique,
} from './lib/delivery.mjs';
import { root, scale } from './lib/daemon.mjs';
import { startSink } from './lib/sink.mjs';

const kSeed = Number(process.env.POSTERN_TEST_SEED ?? Date.now() % 1_000_000);
const kCycles = Math.round(20 * scale);
const kShutdownSeconds = 1;
const hanging = () => ({ hang: true });
const webhooks = (count) => Array.from({ length: count }, () => paymentWebhook(unique()));

test('nothing that was acknowledged stays undelivered over kill -9', async (t) => {
  const tool = path.join(root, 'tests/corpora/crash.mjs');
  const adapter = path.join(root, 'tests/integration/lib/delivering_adapter.mjs');
  const options = [`--cycles=${kCycles}`, '--clients=8', '--max-up=500', `--seed=${kSeed}`];
  const child = spawn(process.execPath, [tool, `--adapter=${adapter}`, ...options], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const chunks = [];
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk) => chunks.push(chunk));
  }
  const [code] = await once(child, 'close');
  const text = Buffer.concat(chunks).toString();
  t.diagnostic(`seed ${kSeed}; ${text.trim().split('\n').slice(-9).join('; ')}`);
  assert.equal(code, 0, `seed ${kSeed}\n${text}`);
});

test('what was under way when the daemon was killed is sent by the next one', async (t) => {
  const kCount = Math.round(1_000 * scale); // more than are held in memory for one endpoint
  let healthy = false;
  const sink = await startSink(t, { answer: () => (healthy ? {} : hanging()) });
  const daemon = await startDelivering(t);
  const endpoint = await createEndpoint(daemon, { url: sink.url() });
  await postMany(daemon, webhooks(kCount));
  await sink.received(10);
  await daemon.kill();
  healthy = true;
  const again = await startDelivering(t, { folder: daemon.folder });
  await deliveredInAll(again, endpoint, kCount, 60_000);
  const taken = sink.requests.filter((request) => request.status === 200 && request.attempt >= 1);
  assert.equal(new Set(taken.map(({ id }) => id)).size, kCount);
});

test('a stop amid slow deliveries ends in its time, and the next start goes on', async (t) => {
  const kCount = 50;
  let healthy = false;
  const sink = await startSink(t, { answer: () => (healthy ? {} : hanging()) });
  const config = { delivery: { shutdown_timeout_seconds: kShutdownSeconds } };
  const daemon = await startDelivering(t, { config });
  const endpoint = await createEndpoint(daemon, { url: sink.url(), timeout_seconds: 30 });
  await postMany(daemon, webhooks(kCount));
  await sink.received(10);
  await daemon.stop(); // within its own limit, which is far below the endpoint's
  healthy = true;
  const again = await startDelivering(t, { folder: daemon.folder, config });
  await allInState(again, endpoint, { state: 'delivered', count: kCount });
});

test('a stop lets deliveries end that need a moment', async (t) => {
  const sink = await startSink(t, { answer: hanging });
  const daemon = await startDelivering(t);
  const endpoint = await createEndpoint(daemon, { url: sink.url() });
  await postMany(daemon, webhooks(3));
  await sink.received(3);
  daemon.child.kill('SIGTERM');
  await daemon.logLine(/daemon\.stopping|stopping|shutdown/);
  sink.release();
  await daemon.stop();
  const again = await startDelivering(t, { folder: daemon.folder });
  await allInState(again, endpoint, { state: 'delivered', count: 3 });
  assert.equal(sink.requests.length, 3, 'each of them once');
});

test('endpoints and their secrets are the same after a restart', async (t) => {
  const sink = await startSink(t);
  const daemon = await startDelivering(t);
  const made = await createEndpoint(daemon, { url: sink.url(), headers: { 'X-Shop': 'seven' } });
  await daemon.stop();
  const again = await startDelivering(t, { folder: daemon.folder });
  const { secret } = await call(again, 'GET', `${endpointsPath}/${made.id}/secret`);
  assert.equal(secret, made.secret);
  await postMany(again, webhooks(1));
  const [request] = await sink.received(1);
  assert.equal(request.headers['x-shop'], 'seven');
});
