// The optional log of accesses: one line a request, and nothing in it that is nobody's to read.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startDaemon } from './lib/daemon.mjs';
import { RawConnection } from './lib/raw.mjs';
import { stripeGateway, stripeWebhook } from './lib/stripe.mjs';

const lines = (daemon) => daemon.log.split('\n').filter((line) => line.includes(' http.request '));
const start = (t, log) => startDaemon(t, { config: { log, gateways: [stripeGateway] } });

test('each request leaves one line where it is asked for', async (t) => {
  const daemon = await start(t, { access: true });
  const trace = '4bf92f3577b34da6a3ce929d0e0e4736';
  const traceparent = `00-${trace}-00f067aa0ba902b7-01`;
  const { headers, body } = stripeWebhook('evt_access');
  await daemon.webhook('stripe', { headers: { ...headers, traceparent }, body });
  await daemon.get('/api/v2/nowhere/4242424242424242?card=4242424242424242');
  await daemon.logLine(/http\.request method=GET /);
  const [webhook, read, ...others] = lines(daemon);
  assert.deepEqual(others, []);
  assert.match(webhook, / method=POST path=\/api\/v2\/webhooks\/stripe status=200 /);
  assert.match(webhook, new RegExp(` trace_id=${trace}$`));
  assert.match(read, / path=\/api\/v2\/nowhere\/\*\*\*\* status=404 .* error_code=NOT_FOUND /);
  assert.match(read, / request_id=req_\w+ /);
  assert.ok(!daemon.log.includes('4242424242424242'));
});

test('what the listener refuses leaves a line too', async (t) => {
  const daemon = await start(t, { access: true });
  const connection = await RawConnection.connect(daemon.port);
  const answer = await connection.write('GET /x HTTP/1.1\r\n\r\n').answer();
  connection.destroy();
  assert.equal(answer.status, 400);
  const line = await daemon.logLine(/http\.request /);
  assert.match(line, / method=GET path=\/x status=400 .* trace_id=-$/);
});

test('nothing is written about requests otherwise', async (t) => {
  const daemon = await start(t, {});
  await daemon.get('/api/v2/events');
  await daemon.stop();
  assert.deepEqual(lines(daemon), []);
});
