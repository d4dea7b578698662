// No money effect happens twice and none that was acknowledged is lost, whatever becomes of the
// daemon meanwhile. POSTERN_TEST_SEED=… replays what the clients do and when they are interrupted.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { atEnd, scale, startDaemon } from './lib/daemon.mjs';
import { createEndpoint, eventually } from './lib/delivery.mjs';
import { Stories } from './lib/paying_stories.mjs';
import { House, Payer, Receipts } from './lib/persistent_payers.mjs';
import { Chance, seed } from './lib/seeded.mjs';
import { startSink } from './lib/sink.mjs';
import { auditBooks, clientOf } from './lib/stripe_client.mjs';

const kCycles = Math.round(26 * scale);
const kClients = 5;
const kRequestsUpMax = 40;
const kLateMillisecondsMax = 12;
const kSettledMilliseconds = 120_000;

const config = { payments: { sandbox_settle_milliseconds: 100 } };

// Resolves when so many more requests were made, at a moment of chance after it.
function interruption(house, chance) {
  const until = house.requests + chance.whole(3, kRequestsUpMax);
  const late = chance.whole(0, kLateMillisecondsMax);
  return new Promise((resolve) => {
    house.onRequest = (count) => count >= until && resolve();
  }).then(() => pause(late));
}

async function tellStories(stories, { done, ends }) {
  while (!done.yes) ends.push(await stories.tell());
}

// What is kept, once everything has come to its end.
async function everything(daemon) {
  const stripe = clientOf(daemon);
  const all = (list) => list.autoPagingToArray({ limit: 10_000 });
  const limit = 100;
  return {
    payments: await all(stripe.paymentIntents.list({ limit })),
    refunds: await all(stripe.refunds.list({ limit })),
    payouts: await all(stripe.payouts.list({ limit })),
    charges: await all(stripe.charges.list({ limit })),
    lines: await all(stripe.balanceTransactions.list({ limit })),
    events: await daemon.events(),
    own: await daemon.events({ type: 'charge.succeeded' }),
  };
}

const isUnderWay = ({ status }) => ['processing', 'pending', 'in_transit'].includes(status);

function settled(daemon) {
  return eventually(
    'the end of all payments, refunds and payouts',
    async () => {
      const kept = await everything(daemon);
      const open = [kept.payments, kept.refunds, kept.payouts].flat().some(isUnderWay);
      return open ? undefined : kept;
    },
    kSettledMilliseconds,
  );
}

function countBy(items, nameOf) {
  const counts = new Map();
  for (const item of items) counts.set(nameOf(item), (counts.get(nameOf(item)) ?? 0) + 1);
  return counts;
}

function assertOnce(items, nameOf, what) {
  const twice = [...countBy(items, nameOf)].filter(([, count]) => count > 1);
  assert.deepEqual(twice, [], `${what} more than once`);
}

// Each object that an acknowledged request made is there; none is there twice.
function assertEffects(kept, receipts) {
  const opOf = ({ metadata }) => metadata.op;
  const made = [kept.payments, kept.refunds, kept.payouts].flat().filter(opOf);
  assertOnce(made, opOf, 'made by one key');
  const byOp = new Map(made.map((object) => [opOf(object), object]));
  for (const [key, { status, json }] of receipts.answers) {
    if (!/-(create|refund|payout)$/.test(key)) continue;
    const object = byOp.get(key);
    assert.ok(object, `${key} was acknowledged and is lost`);
    if (status === 402 || json.object === undefined) continue;
    assert.equal(object.id, json.id, key);
  }
}

function assertEnds(kept, ends) {
  const payments = new Map(kept.payments.map((payment) => [payment.id, payment]));
  const refunds = kept.refunds.filter(({ status }) => status === 'succeeded');
  for (const end of ends) {
    const payment = payments.get(end.payment);
    assert.ok(payment, `${end.payment} is lost`);
    assert.equal(payment.amount_received, end.received, payment.id);
    const sum = refunds
      .filter(({ payment_intent: id }) => id === payment.id)
      .reduce((total, { amount }) => total + amount, 0);
    assert.equal(sum, end.refunded, `refunds of ${payment.id}`);
    if (end.canceled) assert.equal(payment.status, 'canceled', payment.id);
  }
}

// Each charge and each refund is one line of the books, each payout that left another.
function assertLines(kept) {
  assertOnce(kept.lines, ({ type, source }) => `${type} ${source}`, 'lines');
  const sources = new Set(kept.lines.map(({ source }) => source));
  const paid = kept.charges.filter(({ paid: is, captured }) => is && captured);
  const objects = [...paid, ...kept.refunds, ...kept.payouts];
  const unbooked = objects.filter(({ id }) => !sources.has(id)).map(({ id }) => id);
  assert.deepEqual(unbooked, [], 'money without a line');
}

const kOnce = /^(payment\.(created|captured|succeeded|canceled)|refund\.|payout\.)/;

function assertEvents(kept) {
  const nameOf = ({ type, data }) => `${type} ${data.object.id}`;
  const once = kept.events.filter(({ type }) => kOnce.test(type));
  assertOnce(once, nameOf, 'events');
  assertOnce(kept.own, nameOf, 'events');
  const told = countBy(kept.events, ({ type }) => type);
  const count = (list, status) => list.filter((each) => each.status === status).length;
  const wanted = {
    'payment.created': kept.payments.length,
    'payment.succeeded': count(kept.payments, 'succeeded'),
    'payment.canceled': count(kept.payments, 'canceled'),
    'refund.succeeded': count(kept.refunds, 'succeeded'),
    'payout.created': kept.payouts.length,
    'payout.paid': count(kept.payouts, 'paid'),
  };
  for (const [type, number] of Object.entries(wanted)) {
    assert.equal(told.get(type) ?? 0, number, type);
  }
}

// Each payment that a provider has a word for was told by its webhook, and linked.
async function assertHeard(daemon, kept) {
  const succeeded = kept.events.filter(({ type }) => type === 'payment.succeeded');
  const linked = await eventually(
    'the webhook of each payment',
    async () => {
      const items = await daemon.inbox();
      const ids = new Set(items.flatMap(({ event_ids: each }) => each));
      return succeeded.every(({ id }) => ids.has(id)) ? items : undefined;
    },
    kSettledMilliseconds,
  );
  for (const item of linked) {
    assert.equal(item.verdict, 'verified', JSON.stringify(item));
    assert.ok(item.event_ids.length >= 1, JSON.stringify(item));
  }
  return linked.length;
}

const kUnified = /^(payment\.|refund\.|payout\.(created|paid|failed))/;

// To the endpoint that speaks our own words, and to the one that speaks Stripe's.
async function assertDelivered(sink, kept) {
  const unified = kept.events.filter(({ type }) => kUnified.test(type));
  const wanted = { '/own': unified, '/stripe': kept.events };
  for (const [path, events] of Object.entries(wanted)) {
    await eventually(
      `every event delivered to ${path}`,
      () => {
        const requests = sink.requests.filter(({ url }) => url === path);
        const seen = new Set(requests.map(({ id }) => id));
        return events.every(({ id }) => seen.has(id));
      },
      kSettledMilliseconds,
    );
  }
}

// The same key once more: answered as it was, and nothing is done.
async function askAgain(receipts, repeats) {
  for (const repeat of repeats) await repeat();
  assert.deepEqual(receipts.faults, []);
}

test('no money moves twice and none is lost over kill -9', async (t) => {
  const chance = new Chance(seed);
  t.diagnostic(`POSTERN_TEST_SEED=${seed} replays this`);
  const sink = await startSink(t);
  const house = new House();
  const receipts = new Receipts();
  let daemon = await startDaemon(t, { config });
  const { folder } = daemon;
  await createEndpoint(daemon, { url: sink.url('/own'), timeout_seconds: 5 });
  await clientOf(daemon).webhookEndpoints.create({
    url: sink.url('/stripe'),
    enabled_events: ['*'],
  });
  const done = { yes: false };
  const ends = [];
  const payers = Array.from({ length: kClients }, () => new Payer(house, receipts));
  atEnd(t, () => house.end());
  const telling = Promise.all(
    payers.map((payer, index) => {
    const stories = new Stories(payer, { chance: new Chance(seed + index), name: `m${index}` });
      return tellStories(stories, { done, ends });
    }),
  );
  telling.catch(() => {}); // it is looked at when the last daemon is up
  house.open(daemon);
  for (let cycle = 1; cycle <= kCycles; cycle += 1) {
    await Promise.race([interruption(house, chance), telling]);
    house.close();
    await daemon.kill();
    daemon = await startDaemon(t, { folder, config });
    house.open(daemon);
  }
  done.yes = true;
  await telling;
  const kept = await settled(daemon);
  await askAgain(receipts, payers.flatMap(({ repeats }) => repeats));
  assertEffects(kept, receipts);
  assertEnds(kept, ends);
  assertLines(kept);
  assertEvents(kept);
  const webhooks = await assertHeard(daemon, kept);
  await assertDelivered(sink, kept);
  const after = await settled(daemon);
  assert.equal(after.events.length, kept.events.length, 'asking again did nothing');
  await daemon.stop();
  await auditBooks(daemon);
  t.diagnostic(
    `${kCycles} kills, ${house.requests} requests, ${receipts.unanswered} unanswered,` +
      ` ${receipts.answers.size} acknowledged, ${receipts.recovered} of them only after a kill,` +
      ` ${receipts.replayed} replayed,` +
      ` ${kept.events.length} events, ${webhooks} webhooks`,
  );
});
