// The whole circle of a payment with the real SDK: create, the provider's webhook, one event, one
// signed delivery.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import Stripe from 'stripe';
import { secretKey, startDaemon } from './lib/daemon.mjs';
import { eventually } from './lib/delivery.mjs';
import { startSink } from './lib/sink.mjs';

function clientOf(daemon, options = {}) {
  const [host, port] = daemon.listen.split(':');
  return new Stripe(secretKey, { host, port, protocol: 'http', telemetry: false, ...options });
}

const kPayment = {
  amount: 1999,
  currency: 'usd',
  payment_method: 'pm_card_visa',
  confirm: true,
  metadata: { order: '7' },
};

const typesOf = (events) => events.map(({ type }) => type).sort();
const eventsOf = async (stripe) => (await stripe.events.list({ limit: 100 })).data;

// The provider has spoken when each webhook that it sent is linked to an event.
const linkedInbox = (daemon, count) =>
  eventually(`${count} webhooks of the provider`, async () => {
    const items = await daemon.listAll('/api/v2/inbox');
    return items.length >= count && items;
  });

test('a payment by the SDK comes full circle', async (t) => {
  const daemon = await startDaemon(t);
  const stripe = clientOf(daemon);
  const sink = await startSink(t);
  const endpoint = await stripe.webhookEndpoints.create({
    url: sink.url('/hook'),
    enabled_events: ['*'],
  });

  const payment = await stripe.paymentIntents.create(kPayment, { idempotencyKey: 'circle-1' });

  await t.test('it succeeds at once', () => {
    assert.equal(payment.status, 'succeeded');
    assert.equal(payment.amount_received, 1999);
  });

  await t.test('the webhook of the provider is linked and told once', async () => {
    const [item] = await linkedInbox(daemon, 1);
    const events = await eventsOf(stripe);
    assert.deepEqual(typesOf(events), [
      'charge.succeeded',
      'payment_intent.created',
      'payment_intent.succeeded',
    ]);
    const succeeded = events.find(({ type }) => type === 'payment_intent.succeeded');
    assert.deepEqual(item.event_ids, [succeeded.id]);
    assert.deepEqual(succeeded.data.object, { ...payment });
    assert.equal(succeeded.request.idempotency_key, 'circle-1');
    assert.equal(succeeded.request.id, payment.lastResponse.requestId);
  });

  await t.test('each event arrives signed, exactly as it is kept', async () => {
    const delivered = await sink.received(3);
    const told = delivered.map((each) =>
      stripe.webhooks.constructEvent(each.text, each.headers['stripe-signature'], endpoint.secret),
    );
    const kept = await eventsOf(stripe);
    for (const event of told) {
      const same = kept.find(({ id }) => id === event.id);
      assert.deepEqual({ ...event, pending_webhooks: 0 }, { ...same, pending_webhooks: 0 });
    }
    assert.deepEqual(typesOf(told), typesOf(kept));
  });

  await t.test('the same key gives the same answer and does nothing', async () => {
    const again = await stripe.paymentIntents.create(kPayment, { idempotencyKey: 'circle-1' });
    assert.equal(again.id, payment.id);
    assert.equal(again.lastResponse.headers['idempotent-replayed'], 'true');
    assert.equal(again.lastResponse.headers['original-request'], payment.lastResponse.requestId);
    assert.equal((await eventsOf(stripe)).length, 3);
    await assert.rejects(
      stripe.paymentIntents.create({ ...kPayment, amount: 1500 }, { idempotencyKey: 'circle-1' }),
      (error) => error instanceof Stripe.errors.StripeIdempotencyError,
    );
    await assert.rejects(
      stripe.customers.create({ name: 'Jo' }, { idempotencyKey: 'circle-1' }),
      (error) =>
        error instanceof Stripe.errors.StripeIdempotencyError &&
        error.message.includes('/v1/payment_intents') &&
        error.message.includes('/v1/customers'),
    );
  });

  await t.test('the other dialect shows the same payment', async () => {
    const { json } = await daemon.get('/api/v1/payments');
    assert.equal(json.data.length, 1);
    assert.equal(json.data[0].gateway_payment_id, payment.id);
    assert.equal(json.data[0].amount, '19.99');
    const unified = await daemon.events({ type: 'payment.succeeded' });
    assert.equal(unified.length, 1);
    assert.equal(unified[0].data.object.id, json.data[0].id);
    const own = await daemon.events({ type: 'charge.succeeded' });
    assert.equal(own.length, 1);
  });
});

test('events are found by the names that only Stripe has', async (t) => {
  const daemon = await startDaemon(t);
  const stripe = clientOf(daemon);
  await stripe.paymentIntents.create(kPayment);
  const customer = await stripe.customers.create({ email: 'a@example.com' });
  await stripe.customers.update(customer.id, { email: 'b@example.com' });
  const named = async (parameters) => typesOf((await stripe.events.list(parameters)).data);
  assert.deepEqual(await named({ type: 'charge.succeeded' }), ['charge.succeeded']);
  assert.deepEqual(await named({ types: ['customer.created', 'payment_intent.created'] }), [
    'customer.created',
    'payment_intent.created',
  ]);
  assert.deepEqual(await named({ type: 'customer.*', delivery_success: true }), [
    'customer.created',
    'customer.updated',
  ]);
  const [updated] = (await stripe.events.list({ type: 'customer.updated' })).data;
  assert.deepEqual(updated.data.previous_attributes, { email: 'a@example.com' });
  await assert.rejects(stripe.events.list({ type: 'no.such' }), { param: 'type' });
});

test('a gateway that takes its time is waited for', async (t) => {
  const daemon = await startDaemon(t, {
    config: { payments: { sandbox_latency_milliseconds: 30 } },
  });
  const stripe = clientOf(daemon);
  const options = { idempotencyKey: 'slow-1' };
  const payment = await stripe.paymentIntents.create(kPayment, options);
  assert.equal(payment.status, 'succeeded');
  const again = await stripe.paymentIntents.create(kPayment, options);
  assert.deepEqual({ ...again }, { ...payment });
  await assert.rejects(
    stripe.paymentIntents.create({ ...kPayment, payment_method: 'pm_card_chargeDeclined' }),
    (error) => error instanceof Stripe.errors.StripeCardError && error.code === 'card_declined',
  );
});

test('a slow gateway leaves the payment processing until it has spoken', async (t) => {
  const daemon = await startDaemon(t, {
    config: { payments: { sandbox_latency_milliseconds: 2_000, gateway_wait_milliseconds: 0 } },
  });
  const stripe = clientOf(daemon);
  const payment = await stripe.paymentIntents.create(kPayment);
  assert.equal(payment.status, 'processing');
  await eventually('the end of the payment', async () => {
    const { status } = await stripe.paymentIntents.retrieve(payment.id);
    return status === 'succeeded';
  });
  const events = await eventsOf(stripe);
  assert.equal(events.filter(({ type }) => type === 'payment_intent.succeeded').length, 1);
});

test('without the payment API its paths are unknown and webhooks arrive', async (t) => {
  const daemon = await startDaemon(t, { config: { payments: { enabled: false } } });
  const stripe = clientOf(daemon);
  await assert.rejects(stripe.paymentIntents.create(kPayment), { statusCode: 404 });
  const { status, json } = await daemon.get('/api/v1/payments');
  assert.equal(status, 404);
  assert.equal(json.error.code, 'NOT_FOUND');
  assert.deepEqual(await eventsOf(stripe), []);
});
