// A disk that is really full: 16 MiB of it, filled up by another program, and by the webhooks.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { atEnd, spawnDaemon, temporaryFolder } from './lib/daemon.mjs';
import { createEndpoint, deliveredInAll, eventually, statsOf } from './lib/delivery.mjs';
import { startSink } from './lib/sink.mjs';
import { onlyOnSqlite } from './lib/store.mjs';
import { signed, stripeGateway, stripeWebhook } from './lib/stripe.mjs';

const kQueued = 30;
const kFillTries = 100;
const kWebhooksMax = 2_000;
// On a slow machine what hangs may run into its timeout first, and is then tried again later.
const kDeliveredMilliseconds = 120_000;

function mountTmpfs(folder) {
  fs.mkdirSync(folder, { recursive: true });
  return spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=16m', 'tmpfs', folder]).status === 0;
}

const unmount = (folder) => spawnSync('umount', ['--lazy', folder]);

function cannotMount() {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'postern-mount-'));
  const mounted = mountTmpfs(folder);
  if (mounted) unmount(folder);
  fs.rmdirSync(folder);
  return !mounted && 'no tmpfs can be mounted here: it takes root';
}
const skip = onlyOnSqlite('its store on this disk').skip || cannotMount();

async function startOnSmallDisk(t) {
  const folder = temporaryFolder(t);
  const disk = path.join(folder, 'data');
  assert.ok(mountTmpfs(disk));
  atEnd(t, () => unmount(disk));
  const config = { gateways: [stripeGateway] };
  const daemon = spawnDaemon(t, { folder, config });
  atEnd(t, () => daemon.kill());
  await daemon.waitUntilReady();
  return { daemon, disk };
}

// To the last block, as a log that runs away does it. All at once: whoever writes bit by bit may
// also get what the daemon gives up meanwhile for its own deliveries.
function fillUp(disk) {
  const file = path.join(disk, 'filler');
  for (let tries = 0; tries < kFillTries; ++tries) {
    const { bavail, bsize } = fs.statfsSync(disk);
    if (spawnSync('fallocate', ['-l', `${bavail * bsize}`, file]).status === 0) return file;
    fs.rmSync(file, { force: true });
  }
  return assert.fail('the disk is never full');
}

const post = (daemon, id) => daemon.webhook('stripe', stripeWebhook(id));

async function assertFull(daemon, id) {
  const answer = await post(daemon, id);
  assert.equal(answer.status, 503, answer.text);
  assert.ok(Number(answer.headers['retry-after']) > 0);
  const { status, json } = await daemon.private('/readyz');
  assert.equal(status, 503);
  assert.equal(json.reason, 'the disk is nearly full');
  assert.equal((await daemon.private('/healthz')).status, 200, 'a restart would not help');
}

const takesAgain = (daemon, id) =>
  eventually('a webhook is taken', async () => (await post(daemon, id)).status === 200);

test('a full disk: 503, deliveries go on, and webhooks are taken again', { skip }, async (t) => {
  let open = false;
  const sink = await startSink(t, { answer: () => (open ? {} : { hang: true }) });
  const { daemon, disk } = await startOnSmallDisk(t);
  const endpoint = await createEndpoint(daemon, { url: sink.url(), timeout_seconds: 30 });
  for (let i = 0; i < kQueued; ++i) {
    assert.equal((await post(daemon, `evt_queued_${i}`)).status, 200);
  }
  await sink.received(1);
  const filler = fillUp(disk);
  let taken = kQueued; // the log may still have room for some
  await eventually('a refusal', async () => {
    const { status } = await post(daemon, `evt_queued_${taken}`);
    taken += status === 200 ? 1 : 0;
    return status === 503;
  });
  await assertFull(daemon, 'evt_full');
  open = true;
  sink.release();
  await deliveredInAll(daemon, endpoint, taken, kDeliveredMilliseconds);
  await assertFull(daemon, 'evt_full');
  assert.equal((await daemon.events()).length, taken, 'reads go on');
  fs.rmSync(filler);
  await takesAgain(daemon, 'evt_after');
  await deliveredInAll(daemon, endpoint, taken + 1);
  assert.equal(new Set(sink.requests.map(({ id }) => id)).size, taken + 1);
  assert.equal((await daemon.private('/readyz')).status, 200);
  await daemon.stop(); // the same process all the time, and no error in its log
});

// What takes the room of ordinary webhooks in a moment.
const largeWebhook = (id) =>
  signed(
    JSON.stringify({
      id,
      object: 'event',
      created: 1_780_000_000,
      livemode: false,
      type: 'payment_intent.succeeded',
      data: { object: { id: `pi_${id}`, object: 'payment_intent', amount: 1, currency: 'usd' } },
      remark: 'x'.repeat(100_000),
    }),
  );

test('webhooks that fill the disk are refused in time to be delivered', { skip }, async (t) => {
  const sink = await startSink(t, { answer: ({ status }) => ({ status: status ?? 200 }) });
  const { daemon } = await startOnSmallDisk(t);
  const endpoint = await createEndpoint(daemon, { url: sink.url() });
  let taken = 0;
  while (taken < kWebhooksMax) {
    const { status } = await daemon.webhook('stripe', largeWebhook(`evt_${taken}`));
    if (status !== 200) break;
    taken += 1;
  }
  assert.ok(taken < kWebhooksMax);
  await assertFull(daemon, 'evt_full');
  await deliveredInAll(daemon, endpoint, taken);
  assert.equal((await statsOf(daemon, endpoint)).delivered, taken);
  await daemon.stop();
  t.diagnostic(`${taken} webhooks`);
});
