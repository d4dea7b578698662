// Spans at a collector: what is exported, and what happens when the collector is away.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { Authority } from './lib/certificates.mjs';
import { temporaryFolder } from './lib/daemon.mjs';
import {
  createEndpoint,
  eventually,
  paymentWebhook,
  postPayment,
  startDelivering,
  unique,
} from './lib/delivery.mjs';
import { startSink } from './lib/sink.mjs';

const kTrace = '4bf92f3577b34da6a3ce929d0e0e4736';
const kParent = '00f067aa0ba902b7';
const telemetry = (collector, more = {}) => ({
  config: { telemetry: { otlp_endpoint: collector.origin, ...more } },
});

const spansOf = (collector) =>
  collector.requests.flatMap(({ text }) =>
    JSON.parse(text).resourceSpans.flatMap(({ scopeSpans }) =>
      scopeSpans.flatMap(({ spans }) => spans),
    ),
  );

function attributesOf({ attributes }) {
  const plain = ({ stringValue, intValue }) => stringValue ?? Number(intValue);
  return Object.fromEntries(attributes.map(({ key, value }) => [key, plain(value)]));
}

test('a webhook, its commit and each attempt are spans of one trace', async (t) => {
  const collector = await startSink(t);
  const status = ({ attempt }) => ({ status: attempt > 1 ? 200 : 503 });
  const merchant = await startSink(t, { answer: status });
  const daemon = await startDelivering(t, telemetry(collector));
  const schedule = [0, 0];
  const endpoint = await createEndpoint(daemon, { url: merchant.url(), retry: { schedule } });
  const { headers, body } = paymentWebhook(unique());
  const traceparent = `00-${kTrace}-${kParent}-00`;
  const posted = await daemon.webhook('stripe', { headers: { ...headers, traceparent }, body });
  assert.equal(posted.status, 200, posted.text);
  assert.match(posted.headers.traceparent, /-01$/);

  const spans = await eventually('the spans of the trace', () => {
    const ours = spansOf(collector).filter(({ traceId }) => traceId === kTrace);
    return ours.length >= 4 ? ours : undefined;
  });
  assert.deepEqual(
    spans.map(({ name }) => name).sort(),
    ['webhook.attempt', 'webhook.attempt', 'webhook.commit', 'webhook.receive'],
  );
  const named = (wanted) => spans.filter(({ name }) => name === wanted);
  const [receive] = named('webhook.receive');
  assert.equal(receive.parentSpanId, kParent);
  assert.equal(receive.spanId, posted.headers.traceparent.split('-')[2]);
  assert.equal(receive.kind, 2);
  const facts = attributesOf(receive);
  assert.equal(facts['http.response.status_code'], 200);
  assert.equal(facts['url.path'], '/api/v2/webhooks/stripe');
  assert.equal(facts['postern.gateway'], 'stripe');
  for (const child of [...named('webhook.commit'), ...named('webhook.attempt')]) {
    assert.equal(child.parentSpanId, receive.spanId);
    assert.ok(BigInt(child.endTimeUnixNano) >= BigInt(child.startTimeUnixNano));
  }
  const attempts = named('webhook.attempt').map(attributesOf);
  attempts.sort((a, b) => a['postern.attempt'] - b['postern.attempt']);
  assert.deepEqual(
    attempts.map((attempt) => attempt['http.response.status_code']),
    [503, 200],
  );
  for (const attempt of attempts) assert.equal(attempt['postern.endpoint.id'], endpoint.id);
  const [request] = collector.requests;
  assert.equal(request.method, 'POST');
  assert.equal(request.url, '/v1/traces');
  assert.equal(request.headers['content-type'], 'application/json');
});

test('no trace is exported where none is sampled', async (t) => {
  const collector = await startSink(t);
  const daemon = await startDelivering(t, telemetry(collector, { samples_per_million: 0 }));
  await postPayment(daemon);
  await daemon.stop();
  assert.equal(collector.requests.length, 0);
});

test('what is still there at the end is sent', async (t) => {
  const collector = await startSink(t);
  const daemon = await startDelivering(t, telemetry(collector));
  await postPayment(daemon);
  await daemon.stop();
  const names = spansOf(collector).map(({ name }) => name);
  assert.ok(names.includes('webhook.receive') && names.includes('webhook.commit'), `${names}`);
});

test('a collector that is away costs spans and nothing else', async (t) => {
  const collector = await startSink(t, { answer: () => ({ status: 503 }) });
  const daemon = await startDelivering(t, telemetry(collector));
  await postPayment(daemon);
  await collector.received(1);
  await postPayment(daemon);
  await daemon.logLine(/telemetry\.not_exported /);
  await eventually('the count of what was dropped', async () => {
    const dropped = await daemon.metric('postern_spans_dropped_total', { reason: 'unreachable' });
    return dropped > 0;
  });
  assert.equal((await daemon.inbox()).length, 2);
});

// Each is what a collector may answer, and what becomes of the spans.
const kAnswers = [
  ['does not like them', { status: 400 }, 'refused'],
  ['sends us elsewhere', { status: 307, headers: { location: '/elsewhere' } }, 'refused'],
  [
    'takes some of them',
    { body: '{"partialSuccess":{"rejectedSpans":"1","errorMessage":"too old"}}' },
    'refused',
  ],
  ['talks without end', { body: 'x'.repeat(1024 * 1024) }, 'unreachable'],
];

for (const [what, answer, reason] of kAnswers) {
  test(`spans are counted as dropped by a collector that ${what}`, async (t) => {
    const collector = await startSink(t, { answer: () => answer });
    const daemon = await startDelivering(t, telemetry(collector));
    await postPayment(daemon);
    await daemon.logLine(/telemetry\.not_exported /);
    await eventually('the count of what was dropped', () =>
      daemon.metric('postern_spans_dropped_total', { reason }),
    );
    assert.deepEqual([...new Set(collector.requests.map(({ url }) => url))], ['/v1/traces']);
  });
}

test('a collector that says nothing does not keep the daemon from its end', async (t) => {
  const collector = await startSink(t, { answer: () => ({ hang: true }) });
  const daemon = await startDelivering(t, telemetry(collector));
  await postPayment(daemon);
  await collector.received(1);
  await postPayment(daemon);
  await daemon.stop();
  assert.equal(collector.requests.length, 1, 'nothing is tried again');
});

test('a collector behind TLS must prove who it is', async (t) => {
  const authority = new Authority(t);
  const collector = await startSink(t, { tls: authority.issue() });
  const stranger = await startDelivering(t, telemetry(collector));
  await postPayment(stranger);
  assert.match(await stranger.logLine(/telemetry\.not_exported /), /certificate verify failed/);
  assert.equal(collector.requests.length, 0);

  const file = path.join(temporaryFolder(t), 'roots.pem');
  fs.writeFileSync(file, authority.certificate);
  const options = { ...telemetry(collector), env: { SSL_CERT_FILE: file } };
  const trusting = await startDelivering(t, options);
  await postPayment(trusting);
  await collector.received(1);
});
