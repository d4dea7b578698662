// The webhooks that came in, by command.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { test } from 'node:test';
import { commandJson, runCommand } from './lib/command.mjs';
import { atEnd, binary, secretKey, startDaemon, within } from './lib/daemon.mjs';
import { stripeGateway, stripeWebhook } from './lib/stripe.mjs';

const kWaitMilliseconds = 60_000;
const kWebhooks = 230; // two pages and a part
const config = { gateways: [stripeGateway] };

async function daemonWith(t, count) {
  const daemon = await startDaemon(t, { config });
  for (let i = 0; i < count; i += 1) {
    const answer = await daemon.webhook('stripe', stripeWebhook(`evt_${i}`));
    assert.equal(answer.status, 200);
  }
  return daemon;
}

test('the inbox is listed, shown and read again', async (t) => {
  const daemon = await daemonWith(t, 2);
  const { code, stdout } = await runCommand(daemon, ['inbox', 'list', '--gateway', 'stripe']);
  assert.equal(code, 0);
  assert.match(stdout, /^ID +VERDICT +GATEWAY +RECEIVED +GATEWAY EVENT/);
  const { data } = await commandJson(daemon, 'inbox', 'list', '--limit', '1');
  assert.equal(data[0].gateway_event_id, 'evt_1');
  const shown = await commandJson(daemon, 'inbox', 'show', data[0].id);
  assert.equal(JSON.parse(Buffer.from(shown.body_base64, 'base64')).id, 'evt_1');
  const again = await commandJson(daemon, 'inbox', 'reprocess', data[0].id);
  assert.equal(again.id, data[0].id);
});

test('an export holds every webhook whole, each on a line', async (t) => {
  const daemon = await daemonWith(t, kWebhooks);
  const { code, stdout, stderr } = await runCommand(daemon, ['inbox', 'export']);
  assert.equal(code, 0, stderr);
  const items = stdout.trimEnd().split('\n').map((line) => JSON.parse(line));
  const ids = items.map(({ gateway_event_id: id }) => id);
  assert.deepEqual(ids, Array.from({ length: kWebhooks }, (_, i) => `evt_${kWebhooks - 1 - i}`));
  for (const item of items) {
    const body = Buffer.from(item.body_base64, 'base64').toString();
    assert.equal(JSON.parse(body).id, item.gateway_event_id);
    assert.ok(item.headers['stripe-signature']);
  }
});

test('an export of nothing is nothing, and one with a wrong filter says so', async (t) => {
  const daemon = await daemonWith(t, 1);
  const none = await runCommand(daemon, ['inbox', 'export', '--verdict', 'malformed']);
  assert.deepEqual([none.code, none.stdout], [0, '']);
  const wrong = await runCommand(daemon, ['inbox', 'export', '--verdict', 'purple']);
  assert.equal(wrong.code, 1);
  assert.match(wrong.stderr, /verdict: must be one of/);
});

test('an export that a full disk cuts short is a failure that says so', async (t) => {
  const daemon = await daemonWith(t, 1);
  const full = fs.openSync('/dev/full', 'w');
  atEnd(t, () => fs.closeSync(full));
  for (const verb of ['list', 'export']) {
    const child = spawn(binary(), ['inbox', verb, '--key', secretKey], {
      env: { PATH: process.env.PATH, POSTERN_URL: `http://${daemon.listen}` },
      stdio: ['ignore', full, 'pipe'],
    });
    let complaint = '';
    child.stderr.setEncoding('utf8').on('data', (text) => {
      complaint += text;
    });
    const [code] = await within(kWaitMilliseconds, 'the export', once(child, 'close'));
    assert.equal(code, 1, verb);
    assert.match(complaint, /standard output took not all of it/);
  }
});
