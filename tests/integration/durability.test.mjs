// Nothing acknowledged is ever lost: kill -9, power cuts, failing syncs, full disks.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { after, before, test } from 'node:test';
import { atEnd, root, scale, spawnDaemon, startDaemon, temporaryFolder } from './lib/daemon.mjs';
import { onlyOnSqlite } from './lib/store.mjs';
import { stripeGateway, stripeWebhook } from './lib/stripe.mjs';
import { lookAgain } from './lib/waiting.mjs';

const kSeed = Number(process.env.POSTERN_TEST_SEED ?? Date.now() % 1_000_000);
const only = onlyOnSqlite('a disk that the daemon writes to itself');
const kCycles = Math.round(60 * scale);
const kCuts = Math.round(300 * scale);
const kFaultsPerKind = Math.round(200 * scale);
const kClients = 4;
const kWebhooksMax = 4_000;
const kEndWithinMilliseconds = 15_000;
const kBusySeconds = '5'; // Retry-After of a commit that only takes long

const EIO = os.constants.errno.EIO;
const ENOSPC = os.constants.errno.ENOSPC;
const corpora = path.join(root, 'tests/corpora');
const adapter = path.join(root, 'tests/integration/lib/adapter.mjs');
const config = { gateways: [stripeGateway], storage: { reserve_mib: 1, low_water_mib: 1 } };

let toolFolder;
let shim;
before(() => {
  toolFolder = fs.mkdtempSync(path.join(os.tmpdir(), 'postern-powercut-'));
  shim = path.join(toolFolder, 'powercut.so');
  const source = path.join(corpora, 'powercut.c');
  execFileSync('cc', ['-O2', '-shared', '-fPIC', '-o', shim, source, '-ldl', '-lpthread']);
});
after(() => fs.rmSync(toolFolder, { recursive: true, force: true }));

async function runTool(t, tool, options) {
  const child = spawn(
    process.execPath,
    [path.join(corpora, tool), `--adapter=${adapter}`, ...options],
    {
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  const chunks = [];
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk) => chunks.push(chunk));
  const [code] = await once(child, 'close');
  const text = Buffer.concat(chunks).toString();
  t.diagnostic(`seed ${kSeed}; ${text.trim().split('\n').slice(-4).join('; ')}`);
  assert.equal(code, 0, `seed ${kSeed}\n${text}`);
}

test('nothing is lost, doubled or invented over kill -9', async (t) => {
  await runTool(t, 'crash.mjs', [
    '--no-deliver',
    `--cycles=${kCycles}`,
    '--clients=8',
    '--max-up=500',
    `--seed=${kSeed}`,
  ]);
});

for (const clients of [1, 8]) {
  test(`nothing is lost over power cuts under ${clients} client(s)`, only, async (t) => {
    await runTool(t, 'powercut.mjs', [
      `--shim=${shim}`,
      '--run=700',
      `--clients=${clients}`,
      `--cuts=${kCuts}`,
      `--seed=${kSeed}`,
    ]);
  });
}

function spawnWithFault(t, folder, fault, extra = {}) {
  const daemon = spawnDaemon(t, {
    config,
    folder,
    expectedErrors: [/./],
    env: { LD_PRELOAD: shim, PC_DIR: folder, PC_FAIL: fault, ...extra },
  });
  atEnd(t, () => daemon.kill());
  return daemon;
}

// Posts until the daemon refuses or goes, and a little longer to see whether it changes its mind.
async function postUntilRefused(daemon) {
  const seen = { acknowledged: [], acknowledgedAfterRefusal: 0, refusals: [] };
  let next = 0;
  async function client() {
    for (let more = 5; next < kWebhooksMax && more > 0;) {
      const id = `evt_${next++}`;
      const refusedBefore = seen.refusals.length > 0; // known before this one was sent
      let answer;
      try {
        answer = await daemon.webhook('stripe', stripeWebhook(id));
      } catch {
        break; // the connection ended without an answer: the daemon is going
      }
      if (answer.status === 503 && answer.headers['retry-after'] === kBusySeconds) {
        await lookAgain(); // or they would use up the webhooks before the disk goes on
        continue;
      }
      if (answer.status === 200) seen.acknowledged.push(id);
      else seen.refusals.push({ id, answer });
      if (refusedBefore && answer.status === 200) seen.acknowledgedAfterRefusal += 1;
      if (seen.refusals.length > 0) more -= 1;
    }
  }
  await Promise.all(Array.from({ length: kClients }, client));
  return seen;
}

// A start without faults holds everything that was acknowledged, once, and takes more.
async function assertNothingLost(t, folder, acknowledged) {
  const daemon = await startDaemon(t, { config, folder });
  const items = await daemon.listAll('/api/v2/inbox');
  const ids = items.map(({ gateway_event_id: id }) => id);
  assert.equal(new Set(ids).size, ids.length, 'nothing is stored twice');
  const lost = acknowledged.filter((id) => !ids.includes(id));
  assert.deepEqual(lost, [], 'acknowledged and gone');
  assert.equal((await daemon.events()).length, items.length);
  assert.equal((await daemon.webhook('stripe', stripeWebhook('evt_next'))).status, 200);
  await daemon.stop();
}

async function readyOrEnded(daemon) {
  try {
    await daemon.waitUntilReady();
    return true;
  } catch {
    return false;
  }
}

// Whether the sync that failed was one of a directory: SQLite asks for two at a start and does not
// look at what becomes of them, so the daemon syncs once more and does look.
function directorySyncFailed(folder, recording) {
  const kHeadBytes = 31;
  const directory = fs.statSync(path.join(folder, 'data'), { bigint: true }).ino;
  const bytes = fs.readFileSync(recording);
  for (let at = 0; at + kHeadBytes <= bytes.length;) {
    const kind = String.fromCharCode(bytes[at]);
    if (kind === 'E' && bytes.readBigUInt64LE(at + 9) === directory) return true;
    at += kHeadBytes + bytes.readUInt32LE(at + 25) + bytes.readUInt16LE(at + 29);
  }
  return false;
}

async function assertEndedAtOnce(daemon, seen, failedAt) {
  await daemon.exited;
  const took = performance.now() - failedAt;
  assert.ok(took <= kEndWithinMilliseconds, `the end came after ${Math.round(took)} ms`);
  for (const { answer } of seen.refusals) {
    assert.equal(answer.status, 503);
    assert.equal(answer.headers['retry-after'], '30');
  }
  assert.equal(seen.acknowledgedAfterRefusal, 0, 'a 2xx after the failed sync');
}

async function failingSync(t, nth) {
  const folder = temporaryFolder(t);
  const recording = path.join(folder, 'operations');
  const daemon = spawnWithFault(t, folder, `sync:${EIO}:${nth}`, { PC_LOG: recording });
  let seen = { acknowledged: [] };
  if (!(await readyOrEnded(daemon))) {
    assert.ok((await daemon.exited).code > 0, daemon.log);
  } else if (directorySyncFailed(folder, recording)) {
    await daemon.kill();
  } else {
    const failed = daemon.logLine(/store\.failed/).then(() => performance.now());
    failed.catch(() => {}); // looked at below, when the posts are done
    seen = await postUntilRefused(daemon);
    await assertEndedAtOnce(daemon, seen, await failed);
    assert.ok((await daemon.exited).code > 0, daemon.log);
  }
  await assertNothingLost(t, folder, seen.acknowledged);
}

async function fullDiskOnce(t, nth) {
  const folder = temporaryFolder(t);
  const daemon = spawnWithFault(t, folder, `write:${ENOSPC}:${nth}`);
  let seen = { acknowledged: [] };
  if (await readyOrEnded(daemon)) {
    seen = await postUntilRefused(daemon);
    for (const { answer } of seen.refusals) {
      assert.equal(answer.status, 503);
      assert.ok(Number(answer.headers['retry-after']) > 0);
    }
    await daemon.kill();
  } else {
    assert.ok((await daemon.exited).code > 0);
  }
  await assertNothingLost(t, folder, seen.acknowledged);
}

// Two at a time, as there are two processors.
async function eachFault(t, attempt) {
  const faults = Array.from({ length: kFaultsPerKind }, (_, index) => index + 1);
  const failures = [];
  async function worker() {
    for (let nth = faults.shift(); nth !== undefined; nth = faults.shift()) {
      const cleanup = [];
      try {
        await attempt({ after: (done) => cleanup.push(done) }, nth);
      } catch (error) {
        failures.push(`fault ${nth}: ${error.message}`);
      }
      for (const done of cleanup.reverse()) await done();
    }
  }
  await Promise.all([worker(), worker()]);
  assert.deepEqual(failures, []);
}

test('a failed sync, whichever it is, ends the daemon and loses nothing', only, async (t) => {
  await eachFault(t, failingSync);
});

test('a full disk, at whichever write, loses nothing', only, async (t) => {
  await eachFault(t, fullDiskOnce);
});

test('a disk full for a while: 503, reads go on, then webhooks again', only, async (t) => {
  const folder = temporaryFolder(t);
  const full = path.join(toolFolder, 'full');
  const daemon = spawnWithFault(t, folder, `write:${ENOSPC}:1:0`, { PC_FAIL_FILE: full });
  await daemon.waitUntilReady();
  assert.equal((await daemon.webhook('stripe', stripeWebhook('evt_before'))).status, 200);
  fs.writeFileSync(full, '');
  const reasons = new Set();
  for (let i = 0; i < 20; ++i) {
    const answer = await daemon.webhook('stripe', stripeWebhook(`evt_full_${i}`));
    assert.equal(answer.status, 503, answer.text);
    assert.ok(Number(answer.headers['retry-after']) > 0);
    reasons.add((await daemon.private('/readyz')).json.reason);
    assert.equal((await daemon.private('/healthz')).status, 200, 'a restart would not help');
  }
  assert.ok(reasons.has('the disk is nearly full'), [...reasons].join());
  assert.equal((await daemon.events()).length, 1, 'reads go on');
  const turnedAway = await daemon.metric('postern_webhooks_shed_total', { gateway: 'stripe' });
  assert.equal(turnedAway, 20, 'those that nobody read are counted too');
  fs.rmSync(full);
  const again = await retriedUntilAccepted(daemon, 'evt_after');
  assert.ok(again <= 30_000, `taking again after ${Math.round(again)} ms`);
  const ids = (await daemon.events()).map(({ gateway_event_id: id }) => id);
  assert.ok(ids.includes('evt_before') && ids.includes('evt_after'));
  await daemon.stop();
});

async function retriedUntilAccepted(daemon, id) {
  const started = performance.now();
  for (;;) {
    const { status } = await daemon.webhook('stripe', stripeWebhook(id));
    const took = performance.now() - started;
    if (status === 200 || took > 30_000) return took;
  }
}
