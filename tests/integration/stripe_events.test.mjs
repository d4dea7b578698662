// Events by the real SDK: every name that Stripe's users know, its snapshot, and how it arrives.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import Stripe from 'stripe';
import { eventually } from './lib/delivery.mjs';
import { startSink } from './lib/sink.mjs';
import { kDeeds, latest } from './lib/stripe_deeds.mjs';
import {
  checkList,
  collect,
  laterSecond,
  plain,
  refused,
  unknownPath,
} from './lib/stripe_checks.mjs';
import { choose, idsOf, pay, startPaying } from './lib/stripe_client.mjs';

const quick = { payments: { sandbox_settle_milliseconds: 100 } };

const eventsOf = async (stripe, parameters = {}) => {
  const events = [];
  for await (const event of stripe.events.list({ limit: 100, ...parameters })) events.push(event);
  return events;
};

test('each deed is told by its name, with the object as it was', async (t) => {
  const { stripe } = await startPaying(t, quick);
  for (const [name, act, type] of kDeeds) {
    await t.test(`${name}: ${type}`, async () => {
      const object = plain(await act(stripe));
      const event = await latest(stripe, type);
      assert.ok(event, type);
      assert.equal(event.object, 'event');
      assert.equal(event.livemode, false);
      assert.equal(event.api_version, '2024-11-01');
      assert.deepEqual(plain(event.data.object), object);
      assert.deepEqual(plain(await stripe.events.retrieve(event.id)), plain(event));
    });
  }
  await t.test('no event is told twice', async () => {
    const seen = new Map();
    for (const { id, type, data } of await eventsOf(stripe)) {
      if (type.endsWith('.updated') || type.endsWith('reversed')) continue;
      const key = `${type} ${data.object.id}`;
      assert.ok(!seen.has(key), `${key}: ${seen.get(key)} and ${id}`);
      seen.set(key, id);
    }
  });
});

test('an event says who asked and what changed', async (t) => {
  const { daemon, stripe } = await startPaying(t, quick);
  const options = { idempotencyKey: 'who-1' };
  const made = await stripe.customers.create({ name: 'Ada', metadata: { a: '1' } }, options);
  const created = await latest(stripe, 'customer.created');
  assert.equal(created.request.idempotency_key, 'who-1');
  assert.equal(created.request.id, made.lastResponse.requestId);
  assert.equal(created.data.previous_attributes, undefined);
  await t.test('what changed, and only that', async () => {
    await stripe.customers.update(made.id, { name: 'Bob', metadata: { b: '2' } });
    const { previous_attributes: before } = (await latest(stripe, 'customer.updated')).data;
    assert.equal(before.name, 'Ada');
    assert.deepEqual(Object.keys(before).sort(), ['metadata', 'name']);
    assert.ok(!('a' in before.metadata) || before.metadata.a === '1');
    assert.equal(before.metadata.b ?? null, null);
  });
  await t.test('what changes nothing is not told', async () => {
    const before = (await eventsOf(stripe)).length;
    await stripe.customers.update(made.id, { name: 'Bob' });
    assert.equal((await eventsOf(stripe)).length, before);
  });
  await t.test('a snapshot stays as it was', async () => {
    assert.equal((await stripe.events.retrieve(created.id)).data.object.name, 'Ada');
  });
  await t.test("what the provider said was nobody's request", async () => {
    const paid = await pay(stripe, {
      payment_method: 'pm_usBankAccount',
      payment_method_types: ['us_bank_account'],
    });
    assert.equal(paid.status, 'processing');
    const told = await eventually('its success', () => latest(stripe, 'payment_intent.succeeded'));
    assert.deepEqual(plain(told.request), { id: null, idempotency_key: null });
    assert.deepEqual(plain(told.data.object), plain(await stripe.paymentIntents.retrieve(paid.id)));
    const items = await daemon.inbox();
    assert.ok(items.every(({ event_ids: ids }) => ids.length === 1));
  });
});

test('lists of events', async (t) => {
  const { daemon, stripe } = await startPaying(t);
  for (let index = 0; index < 4; index += 1) {
    if (index === 2) await laterSecond(daemon);
    const { id } = await stripe.customers.create({ name: `${index}` });
    await stripe.customers.update(id, { name: 'other' });
    await pay(stripe);
  }
  await eventually('the words of the provider', async () => (await daemon.inbox()).length === 4);
  const list = (parameters) => stripe.events.list(parameters);
  await checkList(t, list, { url: '/v1/events' });
  const all = await eventsOf(stripe);
  const named = (...types) => idsOf({ data: all.filter(({ type }) => types.includes(type)) });
  const filters = [
    [{ type: 'customer.created' }, named('customer.created')],
    [{ type: 'payment_intent.succeeded' }, named('payment_intent.succeeded')],
    [{ type: 'customer.*' }, named('customer.created', 'customer.updated')],
    [{ type: 'payment_intent.*' }, named('payment_intent.created', 'payment_intent.succeeded')],
    [{ type: '*' }, idsOf({ data: all })],
    [{ type: 'payout.paid' }, []],
    [
      { types: ['customer.updated', 'charge.succeeded'] },
      named('customer.updated', 'charge.succeeded'),
    ],
    [{ types: ['payment_intent.created'] }, named('payment_intent.created')],
  ];
  for (const [parameters, wanted] of filters) {
    await t.test(JSON.stringify(parameters), async () => {
      assert.deepEqual(await collect(stripe.events.list({ limit: 2, ...parameters })), wanted);
      const last = wanted.at(-1);
      if (wanted.length < 2) return;
      const backward = stripe.events.list({ limit: 2, ...parameters, ending_before: last });
      assert.deepEqual(await collect(backward), wanted.slice(0, -1).reverse());
    });
  }
  const wrong = [
    [{ type: 'no.such' }, 'type'],
    [{ types: ['no.such'] }, 'types'],
    [{ type: 'customer.created', types: ['customer.updated'] }],
    [{ types: Array.from({ length: 21 }, () => 'customer.created') }, 'types'],
    [{ delivery_success: 'maybe' }, 'delivery_success'],
  ];
  for (const [parameters, param] of wrong) {
    await t.test(`refused: ${JSON.stringify(parameters).slice(0, 60)}`, () =>
      refused(stripe.events.list(parameters), { param }),
    );
  }
  for (const id of ['evt_none', 'cus_1', 'evt_']) {
    await t.test(`no event is ${id}`, () => unknownPath(stripe.events.retrieve(id), id));
  }
});

test('deliveries are what constructEvent takes', async (t) => {
  const { daemon, stripe } = await startPaying(t, quick);
  const sink = await startSink(t);
  const { secret } = await stripe.webhookEndpoints.create({
    url: sink.url('/hook'),
    enabled_events: ['*'],
  });
  const { id: customer } = await stripe.customers.create({ name: 'Ada' });
  const method = await stripe.paymentMethods.attach('pm_card_authenticationRequired', {
    customer,
  });
  const asked = await pay(stripe, { customer, payment_method: method.id });
  await choose(daemon, asked, 'succeeded');
  await stripe.refunds.create({ payment_intent: asked.id });
  await pay(stripe, { payment_method: 'pm_card_createDispute' });
  const kept = await eventsOf(stripe);
  const delivered = await sink.received(kept.length);
  const told = delivered.map(({ text, headers }) =>
    stripe.webhooks.constructEvent(text, headers['stripe-signature'], secret),
  );
  await t.test('each event, as it is kept', async () => {
    const shown = await eventsOf(stripe);
    const bare = (event) => ({ ...plain(event), pending_webhooks: 0 });
    const byId = new Map(told.map((event) => [event.id, event]));
    for (const event of shown) {
      if (event.type.startsWith('charge.dispute.')) continue; // the bank may say more meanwhile
      assert.deepEqual(bare(byId.get(event.id)), bare(event), event.type);
    }
    assert.ok(told.some(({ type }) => type === 'charge.dispute.created'));
  });
  await t.test('a body that was touched is not believed', () => {
    const [{ text, headers }] = delivered;
    const signature = headers['stripe-signature'];
    const { StripeSignatureVerificationError: error } = Stripe.errors;
    assert.throws(
      () => stripe.webhooks.constructEvent(text.replace('evt_', 'evt-'), signature, secret),
      error,
    );
    assert.throws(() => stripe.webhooks.constructEvent(text, signature, `${secret}x`), error);
  });
  await t.test('and then nothing is pending', () =>
    eventually('no pending webhook', async () => {
      const events = await eventsOf(stripe);
      return events.every(({ pending_webhooks: pending }) => pending === 0);
    }),
  );
});

test('events are told apart by how their delivery went', async (t) => {
  const { stripe } = await startPaying(t);
  const sink = await startSink(t, {
    answer: ({ text }) => ({ status: text.includes('customer.updated') ? 500 : 200 }),
  });
  await stripe.webhookEndpoints.create({
    url: sink.url('/hook'),
    enabled_events: ['customer.created', 'customer.updated'],
  });
  const { id } = await stripe.customers.create({ name: 'Ada' });
  await stripe.customers.update(id, { name: 'Bob' });
  await sink.received(2);
  const typesOf = async (delivery_success) =>
    (await eventsOf(stripe, { delivery_success })).map(({ type }) => type);
  await eventually('what arrived', async () => (await typesOf(true)).includes('customer.created'));
  await t.test('by a count', async () => {
    assert.equal((await latest(stripe, 'customer.updated')).pending_webhooks, 1);
    assert.equal((await latest(stripe, 'customer.created')).pending_webhooks, 0);
  });
  await t.test('in a list', async () => {
    assert.deepEqual(await typesOf(true), ['customer.created']);
    assert.deepEqual(await typesOf(false), ['customer.updated']);
  });
});
