// The whole way of a payment: the provider's webhook comes in and is linked, one event tells it,
// and one signed delivery goes out to each endpoint.
import assert from 'node:assert/strict';
import Stripe from 'stripe';
import { Webhook } from 'standardwebhooks';
import { call, createEndpoint, endpointsPath, eventually, unique } from './delivery.mjs';
import { startShop } from './rcommerce.mjs';
import { startSink } from './sink.mjs';
import { signed } from './stripe.mjs';

const kSettleMilliseconds = 150;
const kUnifiedPath = '/unified';
const kStripePath = '/stripe';

// A shop with an endpoint of each kind.
export async function startCircle(t, { payments = {}, ...options } = {}) {
  const sink = await startSink(t);
  const shop = await startShop(t, {
    payments: { sandbox_settle_milliseconds: kSettleMilliseconds, ...payments },
    ...options,
  });
  const unified = await createEndpoint(shop.daemon, { url: sink.url(kUnifiedPath) });
  const stripeShaped = await shop.stripe.webhookEndpoints.create({
    url: sink.url(kStripePath),
    enabled_events: ['*'],
  });
  return { ...shop, sink, endpoints: { unified, stripeShaped } };
}

// Of a payment or a payout.
const isOf = (id) => ({ data: { object } }) =>
  object.payment_id === id ||
  object.payout_id === id ||
  object.payment_intent === stripeIdOf(id);

const stripeIdOf = (id) => `pi_${id.replace('pay_', '').replaceAll('-', '')}`;

// The names of this payment's events in the order of their making.
export async function eventsOf({ daemon }, id) {
  const all = await daemon.events();
  return all.filter(isOf(id)).reverse();
}

// The webhooks of the provider about a payment: each is verified and linked to exactly one event.
async function webhooksOf({ daemon }, id) {
  const items = await daemon.inbox();
  return items.filter(({ events }) => events.some(isOf(id))).reverse();
}

// The provider has spoken of the payment so often.
export const heardOf = (circle, id, count) =>
  eventually(`${count} webhooks of ${id}`, async () => {
    const all = await webhooksOf(circle, id);
    return all.length >= count && all;
  });

function assertLinked(item, told) {
  assert.equal(item.verdict, 'verified', JSON.stringify(item));
  assert.equal(item.event_ids.length, 1, JSON.stringify(item));
  assert.ok(told.some(({ id }) => id === item.event_ids[0]), 'linked to an event of the payment');
}

const received = ({ sink }, path, id) =>
  sink.requests.filter((request) => request.url === path && request.id === id);

async function assertUnifiedDelivery(circle, event) {
  const arrived = received(circle, kUnifiedPath, event.id);
  assert.equal(arrived.length, 1, `deliveries of ${event.type}`);
  const webhook = new Webhook(circle.endpoints.unified.secret);
  const body = webhook.verify(arrived[0].text, arrived[0].headers);
  assert.deepEqual(body, await call(circle.daemon, 'GET', `/api/v2/events/${event.id}`));
}

async function assertStripeDelivery(circle, event) {
  const arrived = received(circle, kStripePath, event.id);
  assert.equal(arrived.length, 1, `deliveries of ${event.type} to Stripe's library`);
  const [{ text, headers }] = arrived;
  const { secret } = circle.endpoints.stripeShaped;
  const body = Stripe.webhooks.constructEvent(text, headers['stripe-signature'], secret);
  const kept = await circle.stripe.events.retrieve(event.id);
  assert.deepEqual({ ...body, pending_webhooks: 0 }, { ...kept, pending_webhooks: 0 });
  return body.type;
}

// Only what this dialect's documents name goes to an endpoint of the unified format.
const isUnified = ({ type }) => /^(payment|refund|dispute|payout)\./.test(type);

// `told` names the unified events of the payment in their order, `heard` what its provider's
// webhooks were linked to, in any order, and `stripe` every name that Stripe's library receives.
export async function assertCircle(circle, id, { told, heard, stripe }) {
  const webhooks = await heardOf(circle, id, heard.length);
  const events = await eventsOf(circle, id);
  assert.deepEqual(events.filter(isUnified).map(({ type }) => type), told);
  for (const item of webhooks) assertLinked(item, events);
  const linked = webhooks.map(({ events: [{ type }] }) => type);
  assert.deepEqual(linked.sort(), [...heard].sort());
  await circle.sink.until(`the deliveries of ${id}`, () =>
    events.every(
      (event) =>
        received(circle, kStripePath, event.id).length > 0 &&
        (!isUnified(event) || received(circle, kUnifiedPath, event.id).length > 0),
    ),
  );
  for (const event of events.filter(isUnified)) await assertUnifiedDelivery(circle, event);
  const names = [];
  for (const event of events) names.push(await assertStripeDelivery(circle, event));
  if (stripe) assert.deepEqual(names.sort(), [...stripe].sort());
  return events;
}

// A new webhook of Stripe, signed as the configured gateway expects it.
export const stripeNews = (type, object, more = {}) =>
  signed(
    JSON.stringify({
      id: unique(),
      object: 'event',
      created: Math.floor(Date.now() / 1000),
      type,
      livemode: false,
      data: { object: { metadata: {}, ...object } },
      ...more,
    }),
  );

export const toldByStripe = (intent, type, more = {}) =>
  stripeNews(type, { id: intent, object: 'payment_intent', ...more });

// At the end: every webhook was verified and linked, every delivery arrived, none of them twice.
export async function assertAllClosed({ daemon, sink, endpoints }) {
  const items = await daemon.inbox();
  for (const item of items) {
    assert.equal(item.verdict, 'verified', JSON.stringify(item));
    assert.equal(item.duplicate_of, null);
    assert.equal(item.event_ids.length, 1, JSON.stringify(item));
  }
  for (const [{ id }, path] of [
    [endpoints.unified, kUnifiedPath],
    [endpoints.stripeShaped, kStripePath],
  ]) {
    const { deliveries } = await eventually('every delivery', async () => {
      const stats = await call(daemon, 'GET', `${endpointsPath}/${id}/stats`);
      const { pending, waiting } = stats.deliveries;
      return pending + waiting === 0 && stats;
    });
    const arrived = sink.requests.filter(({ url }) => url === path);
    assert.equal(arrived.length, deliveries.delivered);
    assert.equal(new Set(arrived.map(({ id: event }) => event)).size, arrived.length);
  }
}
