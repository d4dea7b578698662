// Every event of the R Commerce documents: named, delivered to who asked for it, once, with the
// object as it then was.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import Stripe from 'stripe';
import { Webhook } from 'standardwebhooks';
import { createEndpoint, eventually } from './lib/delivery.mjs';
import {
  choose,
  kAvailableAtOnce,
  kChallenged,
  kDeclined,
  kDisputed,
  kGood,
  newer,
  outcome,
  paid,
  paymentOf,
  startShop,
} from './lib/rcommerce.mjs';
import { startSink } from './lib/sink.mjs';

const kPayments = '/api/v1/payments';
const kNames = {
  'payment.created': 'payment_intent.created',
  'payment.succeeded': 'payment_intent.succeeded',
  'payment.failed': 'payment_intent.payment_failed',
  'payment.captured': 'charge.captured',
  'payment.canceled': 'payment_intent.canceled',
  'payment.requires_action': 'payment_intent.requires_action',
  'payment.action_completed': 'payment.action_completed',
  'refund.created': 'refund.created',
  'refund.succeeded': 'refund.updated',
  'refund.failed': 'refund.failed',
  'dispute.created': 'charge.dispute.created',
  'dispute.updated': 'charge.dispute.updated',
  'dispute.closed': 'charge.dispute.closed',
  'payout.created': 'payout.created',
  'payout.paid': 'payout.paid',
  'payout.failed': 'payout.failed',
};

// One payment's life after the other, until everything has happened at least once.
async function liveThroughAll({ api, daemon, stripe }) {
  await api.post(kPayments, newer(kDeclined), { status: 402 });
  const asked = await outcome(api, kChallenged);
  await eventually('the provider’s word', async () => (await daemon.inbox()).length >= 2);
  await choose(daemon, asked, 'succeeded');
  const held = await paid(api, kGood, { capture_method: 'manual' });
  await api.post(`${kPayments}/${held.id}/capture`, null, { status: 200 });
  const dropped = await paid(api, kGood, { capture_method: 'manual' });
  await api.post(`${kPayments}/${dropped.id}/cancel`, null, { status: 200 });
  const failing = await paid(api, '4000000000005126');
  await api.post(`${kPayments}/${failing.id}/refund`, null, { status: 201 });
  await api.post(`${kPayments}/${held.id}/refund`, { amount: '5.00' }, { status: 201 });
  const { id } = await paid(api, kDisputed);
  const { dispute } = await paymentOf(api, id);
  const evidence = { uncategorized_text: 'winning_evidence' };
  await api.post(`/api/v1/disputes/${dispute.id}/evidence`, evidence, { status: 200 });
  await paid(api, kAvailableAtOnce, { amount: '900.00' });
  for (const destination of ['ba_1', 'ba_000111111116']) {
    await stripe.payouts.create({ amount: 1000, currency: 'usd', destination });
  }
}

const pathOf = ({ object, ...ids }) =>
  ({
    payment: `${kPayments}/${ids.payment_id}`,
    refund: `${kPayments}/${ids.payment_id}/refunds/${ids.refund_id}`,
    dispute: `/api/v1/disputes/${ids.dispute_id}`,
    payout: `/api/v1/payouts/${ids.payout_id}`,
  })[object];

test('every event goes to who asked for it, and shows what it is about', async (t) => {
  const sink = await startSink(t);
  const shop = await startShop(t, { payments: { sandbox_settle_milliseconds: 150 } });
  const { api, daemon, stripe } = shop;
  const native = {};
  const stripeShaped = {};
  for (const [name, alias] of Object.entries(kNames)) {
    const url = sink.url(`/u/${name}`);
    native[name] = await createEndpoint(daemon, { url, event_types: [name] });
    stripeShaped[name] = await stripe.webhookEndpoints.create({
      url: sink.url(`/s/${name}`),
      enabled_events: [alias],
    });
  }
  await liveThroughAll(shop);
  const wanted = await eventually('all that happens', async () => {
    const events = await daemon.events();
    const types = new Set(events.map(({ type }) => type));
    return Object.keys(kNames).every((name) => types.has(name)) && events;
  });
  const at = (path) => sink.requests.filter(({ url }) => url === path);
  for (const [name, alias] of Object.entries(kNames)) {
    await t.test(name, async () => {
      const ids = wanted.filter(({ type }) => type === name).map(({ id }) => id);
      for (const path of [`/u/${name}`, `/s/${name}`]) {
        await sink.until(path, () => at(path).length >= ids.length);
        const arrived = at(path).map(({ id }) => id);
        assert.equal(new Set(arrived).size, arrived.length, 'none twice');
        for (const id of ids) assert.ok(arrived.includes(id), `${path} ${id}`);
      }
      for (const { text, headers } of at(`/u/${name}`)) {
        const event = new Webhook(native[name].secret).verify(text, headers);
        assert.equal(event.type, name);
        assert.equal(event.data.object.object, name.split('.')[0]);
        assert.equal(event.livemode, false);
      }
      for (const { text, headers } of at(`/s/${name}`)) {
        const { secret } = stripeShaped[name];
        const event = Stripe.webhooks.constructEvent(text, headers['stripe-signature'], secret);
        assert.equal(event.type, alias);
      }
    });
  }
  await t.test('the last event of each object shows it as it now is', async () => {
    const latest = new Map();
    for (const event of wanted) {
      const { object } = event.data;
      const path = event.type in kNames && pathOf(object);
      if (path && !latest.has(path)) latest.set(path, event);
    }
    for (const [path, { type, data }] of latest) {
      const { json: now } = await api.get(path, null, { status: 200 });
      if (type.startsWith('payment.') && (now.refunds.length > 0 || now.dispute)) continue;
      for (const [key, value] of Object.entries(data.object)) {
        if (key in now) assert.deepEqual(value, now[key], `${type} ${key}`);
      }
    }
  });
});

test('an endpoint of Stripe’s form takes this dialect’s names, and is told its own', async (t) => {
  const sink = await startSink(t);
  const { api, stripe } = await startShop(t);
  await stripe.webhookEndpoints.create({
    url: sink.url('/both'),
    enabled_events: ['payment.succeeded', 'payment.failed', 'refund.updated'],
  });
  const { id } = await paid(api);
  await api.post(kPayments, newer(kDeclined), { status: 402 });
  await api.post(`${kPayments}/${id}/refund`, null, { status: 201 });
  const arrived = await sink.received(3);
  const types = arrived.map(({ text }) => JSON.parse(text).type).sort();
  assert.deepEqual(types, [
    'payment_intent.payment_failed',
    'payment_intent.succeeded',
    'refund.updated',
  ]);
});
