// What the provider says late, by webhook, when we have gone on: it changes nothing and is told no
// second time. Everything is done as fast as it can be, so that each webhook comes too late.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventually } from './lib/delivery.mjs';
import { balanceOf } from './lib/stripe_books.mjs';
import { choose, pay, startPaying } from './lib/stripe_client.mjs';

const kRounds = 3;
const kChallenged = { payment_method: 'pm_card_authenticationRequired' };
const kDeclined = { payment_method: 'pm_card_chargeDeclined' };
const kBank = { payment_method: 'pm_usBankAccount', payment_method_types: ['us_bank_account'] };
const kHeld = { capture_method: 'manual' };

const kRefused = 'charge.failed payment_intent.payment_failed';
const kPaid = 'charge.succeeded payment_intent.succeeded';
const kRefunded = 'refund.created refund.updated charge.refunded';
const kDisputed = 'charge.dispute.created charge.dispute.funds_withdrawn';
const kAsked = 'payment_intent.requires_action';
const kPassed = 'payment.action_completed';

const declined = (stripe) => pay(stripe, kDeclined).catch((error) => error.payment_intent);
const refund = (stripe, { id }, more) => stripe.refunds.create({ payment_intent: id, ...more });
const disputeOf = async (stripe, { id }) =>
  (await stripe.disputes.list({ payment_intent: id })).data[0].id;
const confirm = (stripe, { id }, payment_method) =>
  stripe.paymentIntents.confirm(id, { payment_method });
const cancel = (stripe, { id }) => stripe.paymentIntents.cancel(id);

// What is done to a payment, how it ends, what is told of it after its creation, and how often the
// provider speaks of it.
const kFlows = {
  'held and captured': {
    begin: (stripe) => pay(stripe, kHeld),
    go: ({ stripe, intent }) => stripe.paymentIntents.capture(intent.id),
    told: `payment_intent.amount_capturable_updated charge.succeeded charge.captured
      payment_intent.succeeded`,
    words: 2,
  },
  'held and let go': {
    begin: (stripe) => pay(stripe, kHeld),
    go: ({ stripe, intent }) => cancel(stripe, intent),
    status: 'canceled',
    told: `payment_intent.amount_capturable_updated charge.succeeded payment_intent.canceled`,
    words: 1,
  },
  'paid and refunded': {
    begin: (stripe) => pay(stripe),
    go: ({ stripe, intent }) => refund(stripe, intent),
    told: `${kPaid} ${kRefunded}`,
    words: 2,
  },
  'paid and refunded in parts': {
    begin: (stripe) => pay(stripe),
    go: ({ stripe, intent }) =>
      Promise.all([1, 2, 3].map(() => refund(stripe, intent, { amount: 500 }))),
    told: `${kPaid} ${kRefunded} ${kRefunded} ${kRefunded}`,
    words: 4,
  },
  'paid, and its refund failed': {
    begin: (stripe) => pay(stripe, { payment_method: 'pm_card_refundFail' }),
    go: ({ stripe, intent }) => refund(stripe, intent),
    told: `${kPaid} refund.created refund.failed`,
    words: 3,
  },
  'declined, then paid': {
    begin: declined,
    go: ({ stripe, intent }) => confirm(stripe, intent, 'pm_card_visa'),
    told: `${kRefused} ${kPaid}`,
    words: 2,
  },
  'declined twice, then paid': {
    begin: declined,
    go: async ({ stripe, intent }) => {
      await confirm(stripe, intent, kDeclined.payment_method).catch(() => {});
      await confirm(stripe, intent, 'pm_card_visa');
    },
    told: `${kRefused} ${kRefused} ${kPaid}`,
    words: 3,
  },
  'declined and canceled': {
    begin: declined,
    go: ({ stripe, intent }) => cancel(stripe, intent),
    status: 'canceled',
    told: `${kRefused} payment_intent.canceled`,
    words: 2,
  },
  'challenged and paid': {
    begin: (stripe) => pay(stripe, kChallenged),
    go: ({ daemon, intent }) => choose(daemon, intent, 'succeeded'),
    told: `${kAsked} ${kPassed} ${kPaid}`,
    words: 2,
  },
  'challenged, paid and refunded': {
    begin: (stripe) => pay(stripe, kChallenged),
    go: async ({ daemon, stripe, intent }) => {
      await choose(daemon, intent, 'succeeded');
      await refund(stripe, intent);
    },
    told: `${kAsked} ${kPassed} ${kPaid} ${kRefunded}`,
    words: 3,
  },
  'challenged in vain and canceled': {
    begin: (stripe) => pay(stripe, kChallenged),
    go: async ({ daemon, stripe, intent }) => {
      await choose(daemon, intent, 'failed');
      await cancel(stripe, intent);
    },
    status: 'canceled',
    told: `${kAsked} payment_intent.payment_failed payment_intent.canceled`,
    words: 3,
  },
  'challenged and canceled': {
    begin: (stripe) => pay(stripe, kChallenged),
    go: ({ stripe, intent }) => cancel(stripe, intent),
    status: 'canceled',
    told: `${kAsked} payment_intent.canceled`,
    words: 2,
  },
  'challenged twice, then paid': {
    begin: (stripe) => pay(stripe, kChallenged),
    go: async ({ daemon, stripe, intent }) => {
      await choose(daemon, intent, 'failed');
      const again = await confirm(stripe, intent, kChallenged.payment_method);
      await choose(daemon, again, 'succeeded');
    },
    told: `${kAsked} payment_intent.payment_failed ${kAsked} ${kPassed} ${kPaid}`,
    words: 4,
  },
  'challenged, confirmed again and paid': {
    begin: (stripe) => pay(stripe, { ...kChallenged, confirmation_method: 'manual' }),
    go: async ({ daemon, stripe, intent }) => {
      await choose(daemon, intent, 'succeeded');
      await stripe.paymentIntents.confirm(intent.id);
    },
    told: `${kAsked} ${kPassed} ${kPaid}`,
    words: 2,
  },
  'debited and stopped': {
    begin: (stripe) => pay(stripe, kBank),
    go: ({ stripe, intent }) => cancel(stripe, intent),
    status: 'canceled',
    told: 'payment_intent.processing charge.failed payment_intent.canceled',
    words: 1,
  },
  'unanswered and canceled': {
    begin: (stripe) => pay(stripe, { payment_method: 'pm_card_gatewaySilent' }),
    go: ({ stripe, intent }) => cancel(stripe, intent),
    status: 'canceled',
    told: 'payment_intent.processing charge.failed payment_intent.canceled',
    words: 1,
  },
  'disputed and given up': {
    begin: (stripe) => pay(stripe, { payment_method: 'pm_card_createDispute' }),
    go: async ({ stripe, intent }) => stripe.disputes.close(await disputeOf(stripe, intent)),
    told: `${kPaid} ${kDisputed} charge.dispute.closed`,
    words: 3,
  },
  'disputed and won': {
    begin: (stripe) => pay(stripe, { payment_method: 'pm_card_createDispute' }),
    go: async ({ stripe, intent }) =>
      stripe.disputes.update(await disputeOf(stripe, intent), {
        evidence: { uncategorized_text: 'winning_evidence' },
      }),
    told: `${kPaid} ${kDisputed} charge.dispute.updated charge.dispute.closed
      charge.dispute.funds_reinstated`,
    words: 4,
  },
};

async function eventsOf(stripe) {
  const events = [];
  for await (const event of stripe.events.list({ limit: 100 })) events.push(event);
  return events.reverse();
}

const isAbout = ({ data: { object } }, id) => object.id === id || object.payment_intent === id;

test('late words', async (t) => {
  const payments = { sandbox_settle_milliseconds: 5_000 }; // a bank is stopped within it
  const { daemon, stripe } = await startPaying(t, { payments });
  const made = new Map(Object.keys(kFlows).map((name) => [name, []]));
  for (let round = 0; round < kRounds; round += 1) {
    for (const [name, { begin, go }] of Object.entries(kFlows)) {
      const intent = await begin(stripe);
      await go({ daemon, stripe, intent });
      made.get(name).push(intent.id);
    }
  }
  const words = Object.values(kFlows).reduce((sum, flow) => sum + kRounds * flow.words, 0);
  const inbox = await eventually(`${words} webhooks`, async () => {
    const items = await daemon.listAll('/api/v2/inbox');
    return items.length >= words && items;
  });
  const events = await eventsOf(stripe);
  for (const [name, { status = 'succeeded', told }] of Object.entries(kFlows)) {
    for (const id of made.get(name)) {
      await t.test(name, async () => {
        assert.equal((await stripe.paymentIntents.retrieve(id)).status, status);
        const types = events.filter((event) => isAbout(event, id)).map(({ type }) => type);
        assert.deepEqual(types, ['payment_intent.created', ...told.split(/\s+/)]);
      });
    }
  }
  await t.test('each webhook is linked to one event that tells it', () => {
    assert.equal(inbox.length, words);
    const known = new Set(events.map(({ id }) => id));
    for (const { verdict, event_ids: ids } of inbox) {
      assert.equal(verdict, 'verified');
      assert.equal(ids.length, 1);
      assert.ok(known.has(ids[0]));
    }
  });
  await t.test('and the books agree', () => balanceOf(stripe));
});
