// The references of a subject speak of objects that their reader has. Here those are made first,
// and then every command runs as it is printed.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { secretKey } from './lib/daemon.mjs';
import { createEndpoint, eventually, onlyDelivery } from './lib/delivery.mjs';
import {
  codeBlocks,
  pageText,
  readmeBlocks,
  runBlocks,
  shellFor,
  startDocumented,
} from './lib/documents.mjs';
import { startSink } from './lib/sink.mjs';

const kPages = ['DELIVERY', 'KEYS', 'PAYMENTS', 'SANDBOX'];

const form = (fields) => ({
  headers: { 'content-type': 'application/x-www-form-urlencoded' },
  body: new URLSearchParams(fields).toString(),
});

// A payment that waits for its customer: where the sandbox's page for it is.
async function challengeOf(daemon) {
  const asked = form({
    amount: '1999',
    currency: 'usd',
    confirm: 'true',
    payment_method: 'pm_card_threeDSecure2Required',
    return_url: 'https://shop.example.com/paid',
  });
  const { json } = await daemon.post('/v1/payment_intents', asked);
  const { pathname, search } = new URL(json.next_action.redirect_to_url.url);
  return `http://${daemon.listen}${pathname}${search}`;
}

// What stands for the ids that a page leaves open, and for its variables.
async function worldOf(t, daemon) {
  const sink = await startSink(t);
  const endpoint = await createEndpoint(daemon, { url: sink.url(), event_types: ['*'] });
  await shellFor(t, daemon).bash('postern send stripe payment.succeeded');
  const { id, event_id: event } = await onlyDelivery(daemon, endpoint);
  await eventually('a delivery', () => sink.requests[0]);
  const [{ timestamp }] = await daemon.events();
  const made = await daemon.post('/api/v2/api-keys', {
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ kind: 'restricted', name: 'old' }),
  });
  assert.equal(made.status, 201, made.text);
  const url = await challengeOf(daemon);
  return {
    variables: `key=${secretKey}\npostern=http://${daemon.listen}\nurl=${url}`,
    places: {
      'we_…': endpoint.id,
      'evt_…': event,
      'dlv_…': id,
      'key_…': made.json.id,
      'req_…': made.headers['x-request-id'],
      '2026-01-28T00:00:00Z': timestamp,
    },
  };
}

test('the commands of the references run as they are printed', async (t) => {
  const daemon = await startDocumented(t);
  const { places, variables } = await worldOf(t, daemon);
  for (const page of kPages) {
    const name = `docs/${page}.md`;
    const shell = shellFor(t, daemon, places);
    await shell.bash(variables);
    assert.ok((await runBlocks(shell, name, codeBlocks(pageText(name)))) > 0, name);
  }
});

const kReadmes = [
  { name: 'README.md', first: 'Five minutes', delivery: 'Delivery' },
  { name: 'README.zh-CN.md', first: '五分钟上手', delivery: '投递' },
];
for (const { name, first, delivery } of kReadmes) {
  test(`the commands of ${name} run as they are printed`, async (t) => {
    const daemon = await startDocumented(t);
    const { places } = await worldOf(t, daemon);
    const shell = shellFor(t, daemon, places);
    const before = (await daemon.events()).length;
    assert.ok((await runBlocks(shell, name, readmeBlocks(name, first))) > 0);
    assert.equal((await daemon.events()).length, before + 2, 'the webhooks of the first minutes');
    assert.equal(await runBlocks(shell, name, readmeBlocks(name, delivery)), 2);
  });
}
