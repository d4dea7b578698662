// What time does to payments, by the real SDK: the days are put into the store while it is at rest.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startDaemon } from './lib/daemon.mjs';
import { eventually } from './lib/delivery.mjs';
import { changeStore, noStoreTool } from './lib/store.mjs';
import { balanceOf, linesOf } from './lib/stripe_books.mjs';
import { refused } from './lib/stripe_checks.mjs';
import { choose, clientOf, idsOf, pageOf, pay, startPaying } from './lib/stripe_client.mjs';

const kAtOnce = 'pm_card_bypassPending';
const skip = noStoreTool;

// Stops the daemon, changes its store, and starts it again.
async function later(t, daemon, change, config = {}) {
  await daemon.stop();
  if (change) changeStore(daemon, change);
  const again = await startDaemon(t, { folder: daemon.folder, config });
  return { daemon: again, stripe: clientOf(again) };
}

test('a challenge that nobody takes up ends', { skip }, async (t) => {
  const first = await startPaying(t);
  const asked = await pay(first.stripe, { payment_method: 'pm_card_authenticationRequired' });
  const held = await pay(first.stripe, { capture_method: 'manual' });
  await eventually('what the provider says', async () => (await first.daemon.inbox()).length === 1);
  const update = 'UPDATE sandbox_actions SET expires_at = 1';
  const { daemon, stripe } = await later(t, first.daemon, { update });
  const left = await eventually('its end', async () => {
    const now = await stripe.paymentIntents.retrieve(asked.id);
    return now.status !== 'requires_action' && now;
  });
  assert.equal(left.status, 'requires_payment_method');
  assert.equal(left.last_payment_error.code, 'payment_intent_authentication_failure');
  assert.equal(left.next_action, null);
  assert.equal((await daemon.request('GET', pageOf(asked))).status, 410);
  assert.equal((await choose(daemon, asked, 'succeeded')).status, 410);
  const told = await stripe.events.list({ type: 'payment_intent.payment_failed' });
  assert.equal(told.data.length, 1);
  const paid = await stripe.paymentIntents.confirm(asked.id, { payment_method: 'pm_card_visa' });
  assert.equal(paid.status, 'succeeded');
  assert.equal((await stripe.paymentIntents.capture(held.id)).status, 'succeeded');
});

test('a hold that nobody captures ends after seven days', { skip }, async (t) => {
  const first = await startPaying(t);
  const left = await pay(first.stripe, { capture_method: 'manual' });
  const fresh = await pay(first.stripe, { capture_method: 'manual' });
  const week = 7 * 24 * 3600 * 1e6;
  const earlier = `created_at = created_at - ${week} WHERE amount = ${left.amount}`;
  await first.stripe.paymentIntents.capture(fresh.id);
  const update = `UPDATE charges SET ${earlier}; UPDATE payments SET ${earlier}`;
  const { daemon, stripe } = await later(t, first.daemon, { update, rows: 2 });
  const ended = await eventually('its end', async () => {
    const now = await stripe.paymentIntents.retrieve(left.id);
    return now.status !== 'requires_capture' && now;
  });
  assert.deepEqual([ended.status, ended.cancellation_reason], ['canceled', 'automatic']);
  assert.equal(ended.amount_capturable, 0);
  for (const type of ['charge.expired', 'payment_intent.canceled']) {
    const { data } = await stripe.events.list({ type });
    const of = ({ data: { object } }) => object.payment_intent ?? object.id;
    assert.deepEqual(data.map(of), [left.id], type);
  }
  assert.equal((await stripe.paymentIntents.retrieve(fresh.id)).status, 'succeeded');
  await eventually('what the provider says', async () => (await daemon.inbox()).length === 3);
});

test('what charges bring is available after two days', { skip }, async (t) => {
  const first = await startPaying(t);
  await pay(first.stripe, { amount: 10_000 });
  const refunded = await pay(first.stripe, { amount: 5000 });
  await first.stripe.refunds.create({ payment_intent: refunded.id, amount: 1000 });
  const [line] = await linesOf(first.stripe, { type: 'charge' });
  assert.ok(line.available_on - line.created >= 2 * 24 * 3600 - 1);
  const before = await balanceOf(first.stripe);
  assert.equal(before.available, 0);
  const update = 'UPDATE balance_transactions SET available_on = 1';
  const { stripe } = await later(t, first.daemon, { update, rows: 3 });
  await eventually('the money', async () =>
    (await linesOf(stripe)).every(({ status }) => status === 'available'),
  );
  assert.deepEqual(await balanceOf(stripe), {
    available: before.pending,
    pending: 0,
    instant: before.pending,
  });
  const { data } = await stripe.events.list({ type: 'balance.available' });
  assert.ok(data.length >= 1);
  const payout = await stripe.payouts.create({ amount: before.pending, currency: 'usd' });
  assert.equal(payout.status, 'pending');
  assert.equal((await balanceOf(stripe)).available, 0);
});

test('what is available is paid out each day, where that is wished', async (t) => {
  const first = await startPaying(t);
  await pay(first.stripe, { amount: 10_000, payment_method: kAtOnce });
  await pay(first.stripe, { amount: 20_000, payment_method: kAtOnce, currency: 'eur' });
  await pay(first.stripe, { amount: 7000 });
  const { available, pending } = await balanceOf(first.stripe);
  const daily = { payments: { payouts: 'daily', sandbox_settle_milliseconds: 100 } };
  const second = await later(t, first.daemon, undefined, daily);
  const made = await eventually('two payouts', async () => {
    const { data } = await second.stripe.payouts.list();
    return data.length >= 2 && data;
  });
  const usd = made.find(({ currency }) => currency === 'usd');
  assert.equal(made.length, 2);
  assert.equal(usd.amount, available);
  assert.equal(usd.automatic, true);
  assert.equal(usd.reconciliation_status, 'completed');
  const after = await balanceOf(second.stripe);
  assert.deepEqual([after.available, after.pending], [0, pending]);
  assert.equal((await balanceOf(second.stripe, 'eur')).available, 0);
  await eventually('arrival', async () => {
    const { data } = await second.stripe.payouts.list({ status: 'paid' });
    return data.length === 2;
  });
  await t.test('and once a day', async () => {
    await pay(second.stripe, { amount: 9000, payment_method: kAtOnce });
    const third = await later(t, second.daemon, undefined, daily);
    await third.daemon.logLine(/daemon\.ready /);
    await pay(third.stripe); // by then the first round has been
    const { data } = await third.stripe.payouts.list();
    const day = ({ created }) => Math.floor(created / 86_400);
    assert.equal(data.filter((each) => day(each) === day(made[0])).length, 2);
  });
});

test('evidence is due on a day', { skip }, async (t) => {
  const first = await startPaying(t);
  await pay(first.stripe, { payment_method: 'pm_card_createDispute' });
  await eventually('what the provider says', async () => (await first.daemon.inbox()).length === 2);
  const [made] = (await first.stripe.disputes.list()).data;
  const update = 'UPDATE disputes SET due_by = created_at + 1';
  const { stripe } = await later(t, first.daemon, { update });
  await t.test('after which none is taken', async () => {
    const evidence = { product_description: 'late' };
    await refused(stripe.disputes.update(made.id, { evidence }));
    await refused(stripe.disputes.update(made.id, { evidence, submit: false }));
    const seen = await stripe.disputes.retrieve(made.id);
    assert.equal(seen.evidence.product_description, null);
    assert.equal(made.evidence_details.past_due, false);
    assert.equal(seen.evidence_details.past_due, true);
  });
  await t.test('but it may be given up', async () => {
    assert.equal((await stripe.disputes.close(made.id)).status, 'lost');
    assert.deepEqual(idsOf(await stripe.disputes.list()), [made.id]);
    const snapshotOf = async (type) => (await stripe.events.list({ type })).data[0].data.object;
    const before = await snapshotOf('charge.dispute.created');
    assert.equal(before.evidence_details.past_due, false);
    const after = await snapshotOf('charge.dispute.closed');
    assert.equal(after.evidence_details.past_due, true);
  });
});
