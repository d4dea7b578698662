// Hostile and odd inputs against the real daemon.
import assert from 'node:assert/strict';
import path from 'node:path';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { test } from 'node:test';
import { jsonLines } from '../fuzz/seeds.mjs';
import { root, startDaemon } from './lib/daemon.mjs';
import { signed, stripeGateway, stripePath, stripeWebhook } from './lib/stripe.mjs';

const config = {
  gateways: [stripeGateway],
  limits: { head_timeout_seconds: 2, body_timeout_seconds: 3 },
};

async function replay(daemon, ...options) {
  const tool = path.join(root, 'tests/corpora/replay.mjs');
  const child = spawn(
    process.execPath,
    [tool, daemon.listen, `--path=${stripePath}`, '--quiet', '--slow=12000', ...options],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  const chunks = [];
  child.stdout.on('data', (chunk) => chunks.push(chunk));
  const [code] = await once(child, 'close');
  return { code, text: Buffer.concat(chunks).toString() };
}

test('every raw request, bad and odd, is answered as it must be', async (t) => {
  const daemon = await startDaemon(t, { config });
  const { code, text } = await replay(daemon, `--pid=${daemon.child.pid}`);
  t.diagnostic(text.trim().split('\n').at(-1));
  assert.equal(code, 0, text);
  assert.equal((await daemon.webhook('stripe', stripeWebhook('evt_after'))).status, 200);
});

const kDepth = 100_000;
const madeHere = {
  'deep-obj-100k': Buffer.from('{"a":'.repeat(kDepth) + '1' + '}'.repeat(kDepth)),
  'long-str': Buffer.from(`["${'x'.repeat(200_000)}"]`),
};

// An item's place in an object makes a body that Stripe might have sent.
const asEvent = (id, bytes) =>
  Buffer.concat([
    Buffer.from(`{"id":"${id}","type":"tea.brewed","note":`),
    bytes,
    Buffer.from('}'),
  ]);

async function verdictOf(daemon, body) {
  const answer = await daemon.webhook('stripe', signed(body));
  assert.equal(answer.status, 200, answer.text);
  const [item] = (await daemon.get('/api/v2/inbox?limit=1')).json.data;
  return item.verdict;
}

test('signed bodies that are no JSON are acknowledged, kept, and called malformed', async (t) => {
  const daemon = await startDaemon(t, { config });
  const lines = jsonLines('json-bad.txt').filter(({ note }) => !note.startsWith('API'));
  const cases = [...lines, { name: 'deep-obj-100k', bytes: madeHere['deep-obj-100k'] }];
  for (const { name, bytes } of cases) {
    if (bytes.length > 0) assert.equal(await verdictOf(daemon, bytes), 'malformed', name);
    assert.equal(await verdictOf(daemon, asEvent(`evt_${name}`, bytes)), 'malformed', name);
  }
  assert.equal((await daemon.private('/readyz')).status, 200);
});

test('signed bodies that are odd but JSON are understood', async (t) => {
  const daemon = await startDaemon(t, { config });
  const cases = [
    ...jsonLines('json-good-odd.txt'),
    { name: 'long-str', bytes: madeHere['long-str'] },
  ];
  for (const { name, bytes } of cases) {
    assert.equal(await verdictOf(daemon, asEvent(`evt_${name}`, bytes)), 'unrecognised', name);
  }
  assert.equal((await daemon.listAll('/api/v2/inbox')).length, cases.length);
});
