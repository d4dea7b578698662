// Endpoints that answer whatever they please: tests/corpora/http-bad-responses through the daemon.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { test } from 'node:test';
import {
  createEndpoint,
  eventually,
  onlyDelivery,
  postPayment,
  startDelivering,
} from './lib/delivery.mjs';
import { atEnd, root, within } from './lib/daemon.mjs';

const kTimeoutSeconds = 8;
const kMebibyte = 1024 * 1024;

async function startHostileSink(t) {
  const tool = path.join(root, 'tests/corpora/hostile_sink.mjs');
  const child = spawn(process.execPath, [tool, '0'], { stdio: ['ignore', 'pipe', 'inherit'] });
  atEnd(t, () => child.kill());
  const [line] = await within(30_000, 'the hostile sink', once(child.stdout, 'data'));
  return `http://${/127\.0\.0\.1:\d+/.exec(line.toString())[0]}`;
}

function residentBytes(pid) {
  const status = fs.readFileSync(`/proc/${pid}/status`, 'utf8');
  return Number(/VmRSS:\s+(\d+) kB/.exec(status)[1]) * 1024;
}

const isOver = ({ state }) => state === 'delivered' || state === 'dead';

test('every hostile answer is recorded for what it is, and hurts nobody', async (t) => {
  const origin = await startHostileSink(t);
  const cases = await (await fetch(`${origin}/list`)).json();
  assert.ok(cases.length > 30);
  const daemon = await startDelivering(t);
  for (const each of cases) {
    each.endpoint = await createEndpoint(daemon, {
      url: `${origin}/${each.file}`,
      timeout_seconds: kTimeoutSeconds,
      retry: { schedule: [0] },
    });
  }
  await postPayment(daemon);
  const before = residentBytes(daemon.child.pid);
  const wrong = [];
  for (const { file, expect, endpoint, why } of cases) {
    const delivery = await eventually(file, async () => {
      const now = await onlyDelivery(daemon, endpoint);
      return isOver(now) ? now : undefined;
    });
    const came = delivery.state === 'delivered' ? 'success' : 'fail';
    const [attempt] = delivery.attempts_log;
    const told = `${file}: ${came} ${attempt.error} ${attempt.status} (${why})`;
    if (expect !== 'any' && came !== expect) wrong.push(told);
    assert.ok(attempt.phases.total_ms <= (kTimeoutSeconds + 5) * 1000, told);
    assert.ok(attempt.response_body.length <= 64 * 1024, told);
  }
  assert.deepEqual(wrong, []);
  const hits = await (await fetch(`${origin}/hits`)).json();
  for (const { file } of cases) assert.equal(hits[file], 1, `${file} was asked once`);
  const grown = residentBytes(daemon.child.pid) - before;
  assert.ok(grown < 64 * kMebibyte, `${Math.round(grown / kMebibyte)} MiB more`);
  assert.equal((await daemon.private('/healthz')).status, 200);
});
