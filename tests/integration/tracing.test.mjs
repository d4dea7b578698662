// One trace from the provider's request through the event to each attempt.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  createEndpoint,
  endpointsPath,
  eventually,
  inState,
  paymentWebhook,
  postPayment,
  settled,
  startDelivering,
  unique,
} from './lib/delivery.mjs';
import { startSink } from './lib/sink.mjs';

const kSchedule = { schedule: [0, 0] };
const kTrace = '4bf92f3577b34da6a3ce929d0e0e4736';
const kTold = `00-${kTrace}-00f067aa0ba902b7-01`;
// Refuses the first attempt at each event.
const answer = ({ attempt }) => ({ status: attempt > 1 ? 200 : 503 });
const parts = (traceparent) => {
  const match = /^00-([0-9a-f]{32})-([0-9a-f]{16})-(0[01])$/.exec(traceparent);
  assert.ok(match, `no traceparent: ${traceparent}`);
  return { trace: match[1], span: match[2], flags: match[3] };
};

function post(daemon, traceparent) {
  const { headers, body } = paymentWebhook(unique());
  return daemon.webhook('stripe', { headers: { ...headers, traceparent }, body });
}

test('the trace of a webhook is that of its event and of each attempt', async (t) => {
  const sink = await startSink(t, { answer });
  const daemon = await startDelivering(t);
  const endpoint = await createEndpoint(daemon, { url: sink.url(), retry: kSchedule });
  const posted = await post(daemon, kTold);
  assert.equal(posted.status, 200, posted.text);
  const received = parts(posted.headers.traceparent);
  assert.equal(received.trace, kTrace);
  assert.notEqual(received.span, '00f067aa0ba902b7');

  const [item] = await daemon.inbox();
  assert.equal(item.traceparent, posted.headers.traceparent);
  const [event] = await daemon.events();
  assert.equal(event.traceparent, item.traceparent);

  const requests = await sink.received(2);
  const delivery = await settled(daemon, endpoint, inState('delivered'));
  const sent = requests.map(({ headers }) => parts(headers.traceparent));
  assert.deepEqual(
    delivery.attempts_log.map(({ traceparent }) => parts(traceparent)),
    sent,
  );
  for (const { trace } of sent) assert.equal(trace, kTrace);
  assert.equal(new Set([received.span, ...sent.map(({ span }) => span)]).size, 3);
  assert.equal(JSON.parse(requests[0].text).traceparent, event.traceparent);
});

test('a traceparent that is not right begins a trace of our own', async (t) => {
  const daemon = await startDelivering(t);
  const zeros = `00-${'0'.repeat(32)}-00f067aa0ba902b7-01`;
  const wrong = ['', 'x', kTold.toUpperCase(), `${kTold}-more`, zeros];
  const traces = [];
  for (const traceparent of wrong) {
    const posted = await post(daemon, traceparent);
    assert.equal(posted.status, 200, posted.text);
    traces.push(parts(posted.headers.traceparent).trace);
  }
  assert.equal(new Set([kTrace, ...traces]).size, wrong.length + 1);
});

test('answers of the API and refusals have a trace too', async (t) => {
  const daemon = await startDelivering(t);
  const headers = { traceparent: kTold };
  for (const target of ['/api/v2/events', '/api/v2/nowhere', '/api/v2/inbox?limit=x']) {
    const answer = await daemon.get(target, { headers });
    assert.equal(parts(answer.headers.traceparent).trace, kTrace, target);
  }
  const forged = await daemon.webhook('stripe', { headers, body: '{}' });
  assert.equal(forged.status, 401);
  assert.equal(parts(forged.headers.traceparent).trace, kTrace);
});

test('an event that a request to the API made goes on with its trace', async (t) => {
  const sink = await startSink(t, { answer });
  const daemon = await startDelivering(t);
  await createEndpoint(daemon, { url: sink.url(), retry: kSchedule });
  const payment = { amount: 1000, currency: 'usd', payment_method: 'pm_card_visa' };
  const made = await daemon.post('/v1/payment_intents', {
    headers: { 'content-type': 'application/x-www-form-urlencoded', traceparent: kTold },
    body: new URLSearchParams(payment).toString(),
  });
  assert.equal(made.status, 200, made.text);
  const ofOurs = ({ text }) => JSON.parse(text).trace_id.startsWith('evt_');
  const attempts = await eventually('two attempts at an event of our own', async () => {
    const ours = sink.requests.filter(ofOurs);
    const ofFirst = ours.filter(({ id }) => id === ours[0].id);
    return ofFirst.length === 2 ? ofFirst : undefined;
  });
  for (const { headers } of attempts) assert.equal(parts(headers.traceparent).trace, kTrace);
});

test('the log names the trace of what was refused and of what was given up', async (t) => {
  const sink = await startSink(t, { answer: () => ({ status: 503 }) });
  const daemon = await startDelivering(t, { config: { log: { level: 'debug' } } });
  const endpoint = await createEndpoint(daemon, { url: sink.url(), retry: kSchedule });
  const forged = { headers: { traceparent: kTold, 'stripe-signature': 'x' }, body: '{}' };
  assert.equal((await daemon.webhook('stripe', forged)).status, 401);
  assert.match(await daemon.logLine(/ webhook\.refused /), new RegExp(` trace_id=${kTrace}$`));
  await post(daemon, kTold);
  const given = await daemon.logLine(/ delivery\.exhausted /);
  assert.match(given, new RegExp(` endpoint=${endpoint.id} .* trace_id=${kTrace}$`));
});

test('a test event goes on with the trace of who asked for it', async (t) => {
  const sink = await startSink(t);
  const daemon = await startDelivering(t);
  const { id } = await createEndpoint(daemon, { url: sink.url() });
  const headers = { traceparent: kTold };
  const answer = await daemon.post(`${endpointsPath}/${id}/ping`, { headers });
  assert.equal(answer.status, 200, answer.text);
  const [request] = await sink.received(1);
  assert.equal(parts(request.headers.traceparent).trace, kTrace);
  assert.equal(JSON.parse(request.text).traceparent, answer.headers.traceparent);
});

test('an event that no request made is named by its own trace', async (t) => {
  const byAddress = ({ url }) => ({ status: url === '/gone' ? 410 : 200 });
  const sink = await startSink(t, { answer: byAddress });
  const daemon = await startDelivering(t);
  await createEndpoint(daemon, { url: sink.url('/gone') });
  await createEndpoint(daemon, { url: sink.url('/watch'), event_types: ['endpoint.disabled'] });
  await postPayment(daemon);
  const isWatched = ({ url }) => url === '/watch';
  const [{ id, headers }] = (
    await sink.until('endpoint.disabled', (all) => all.some(isWatched))
  ).filter(isWatched);
  const digits = id.slice('evt_'.length).replaceAll('-', '');
  assert.equal(parts(headers.traceparent).trace, digits);
});
