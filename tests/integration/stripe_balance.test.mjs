// The balance by the real SDK: each kind of line, fees, transfers and payouts, and that all of it
// adds up.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventually } from './lib/delivery.mjs';
import { balanceOf, linesOf } from './lib/stripe_books.mjs';
import { checkList, collect, laterSecond, plain, refused } from './lib/stripe_checks.mjs';
import { idsOf, pay, startPaying } from './lib/stripe_client.mjs';

const quick = { payments: { sandbox_settle_milliseconds: 100 } };
const kAtOnce = 'pm_card_bypassPending';
const kFailingBank = 'ba_000111111116';

const feeOf = (amount) => Math.floor((amount * 29 + 500) / 1000) + 30;
const only = (lines) => (assert.equal(lines.length, 1), lines[0]);
const settle = async (daemon) => {
  const headers = { 'content-type': 'application/json' };
  const answer = await daemon.post('/api/v2/sandbox/settle', { headers, body: '{}' });
  assert.equal(answer.status, 200, answer.text);
};

test('charges bring money, less a fee', async (t) => {
  const { daemon, stripe } = await startPaying(t, quick);
  await t.test('at first there is none', async () => {
    assert.deepEqual(await balanceOf(stripe), { available: 0, pending: 0, instant: 0 });
    assert.deepEqual(await linesOf(stripe), []);
  });
  let pending = 0;
  for (const amount of [50, 51, 1000, 1017, 12_345, 99_999_999]) {
    await t.test(`of ${amount}`, async () => {
      const paid = await pay(stripe, { amount, expand: ['latest_charge.balance_transaction'] });
      const line = paid.latest_charge.balance_transaction;
      assert.equal(line.object, 'balance_transaction');
      assert.equal(line.type, 'charge');
      assert.equal(line.reporting_category, 'charge');
      assert.equal(line.source, paid.latest_charge.id);
      assert.deepEqual([line.amount, line.fee], [amount, feeOf(amount)]);
      assert.equal(line.net, amount - line.fee);
      assert.equal(line.status, 'pending');
      assert.ok(line.available_on > line.created);
      assert.deepEqual(plain(await stripe.balanceTransactions.retrieve(line.id)), plain(line));
      pending += line.net;
      const balance = await balanceOf(stripe);
      assert.deepEqual([balance.available, balance.pending], [0, pending]);
    });
  }
  await t.test('of a card that settles at once', async () => {
    const paid = await pay(stripe, {
      amount: 5000,
      payment_method: kAtOnce,
      expand: ['latest_charge.balance_transaction'],
    });
    assert.equal(paid.latest_charge.balance_transaction.status, 'available');
    assert.equal((await balanceOf(stripe)).available, 5000 - feeOf(5000));
  });
  await t.test('of what is declined or only held there is none', async () => {
    const before = await balanceOf(stripe);
    await pay(stripe, { payment_method: 'pm_card_chargeDeclined' }).catch(() => {});
    const held = await pay(stripe, { capture_method: 'manual', expand: ['latest_charge'] });
    assert.equal(held.latest_charge.balance_transaction, null);
    assert.deepEqual(await balanceOf(stripe), before);
    await stripe.paymentIntents.capture(held.id, { amount_to_capture: 800 });
    const after = await balanceOf(stripe);
    assert.equal(after.pending - before.pending, 800 - feeOf(800));
  });
  await t.test('in each currency of its own', async () => {
    const usd = await balanceOf(stripe);
    await pay(stripe, { amount: 700, currency: 'eur' });
    await pay(stripe, { amount: 800, currency: 'jpy' });
    assert.equal((await balanceOf(stripe, 'eur')).pending, 700 - feeOf(700));
    assert.equal((await balanceOf(stripe, 'jpy')).pending, 800 - feeOf(800));
    assert.deepEqual(await balanceOf(stripe), usd);
  });
  await t.test('what is settled is available, and told', async () => {
    const { available, pending: before } = await balanceOf(stripe);
    await settle(daemon);
    const after = await balanceOf(stripe);
    assert.deepEqual([after.available, after.pending], [available + before, 0]);
    const told = await eventually('balance.available', async () => {
      const { data } = await stripe.events.list({ type: 'balance.available' });
      return data[0];
    });
    assert.equal(told.data.object.object, 'balance');
  });
});

test('refunds take money back', async (t) => {
  const { stripe } = await startPaying(t, quick);
  const available = 10_000 - feeOf(10_000);
  const paid = await pay(stripe, { amount: 10_000, payment_method: kAtOnce });
  await t.test('a part, without the fee', async () => {
    const back = await stripe.refunds.create({
      payment_intent: paid.id,
      amount: 2500,
      expand: ['balance_transaction'],
    });
    const line = back.balance_transaction;
    assert.equal(line.type, 'refund');
    assert.equal(line.reporting_category, 'refund');
    assert.deepEqual([line.amount, line.fee, line.net], [-2500, 0, -2500]);
    assert.equal(line.source, back.id);
    assert.equal((await balanceOf(stripe)).available, available - 2500);
  });
  await t.test('and gives it back when the bank does not take it', async (t2) => {
    const failing = await pay(stripe, { amount: 3000, payment_method: 'pm_card_refundFail' });
    const before = await balanceOf(stripe);
    const back = await stripe.refunds.create({ payment_intent: failing.id });
    assert.equal(back.status, 'pending');
    const failed = await eventually('its failure', async () => {
      const now = await stripe.refunds.retrieve(back.id);
      return now.status === 'failed' && now;
    });
    assert.ok(failed.failure_reason);
    const returned = only(await linesOf(stripe, { type: 'refund_failure' }));
    assert.deepEqual([returned.amount, returned.fee, returned.source], [3000, 0, back.id]);
    await t2.test('and names the line that gave it back', () => {
      assert.equal(failed.failure_balance_transaction, returned.id);
    });
    assert.deepEqual(await balanceOf(stripe), before);
    const { amount_refunded: refunded } = await stripe.charges.retrieve(failing.latest_charge);
    assert.equal(refunded, 0);
    assert.equal((await stripe.refunds.create({ payment_intent: failing.id })).amount, 3000);
  });
});

test('transfers spend what is available', async (t) => {
  const { stripe } = await startPaying(t, quick);
  const { transfers } = stripe;
  await pay(stripe, { amount: 50_000 });
  const wish = { amount: 4000, currency: 'usd', destination: 'acct_friend' };
  await t.test('not what is pending', async () => {
    await refused(transfers.create(wish), { code: 'balance_insufficient' });
    assert.deepEqual(idsOf(await transfers.list()), []);
  });
  const paid = await pay(stripe, { amount: 10_000, payment_method: kAtOnce });
  const begun = await balanceOf(stripe);
  let made;
  await t.test('money goes', async () => {
    made = await transfers.create({
      ...wish,
      description: 'A share',
      transfer_group: 'ORDER7',
      source_transaction: paid.latest_charge,
      metadata: { a: '1' },
      expand: ['balance_transaction', 'source_transaction'],
    });
    assert.match(made.id, /^tr_/);
    assert.equal(made.object, 'transfer');
    assert.equal(made.destination, 'acct_friend');
    assert.equal(made.transfer_group, 'ORDER7');
    assert.equal(made.description, 'A share');
    assert.equal(made.source_transaction.id, paid.latest_charge);
    assert.deepEqual([made.amount_reversed, made.reversed], [0, false]);
    const line = made.balance_transaction;
    assert.deepEqual([line.type, line.amount, line.fee], ['transfer', -4000, 0]);
    assert.equal(line.source, made.id);
    assert.equal((await balanceOf(stripe)).available, begun.available - 4000);
  });
  await t.test('and comes back in parts', async (t2) => {
    const part = await transfers.createReversal(made.id, { amount: 1500, metadata: { b: '2' } });
    assert.match(part.id, /^trr_/);
    assert.deepEqual([part.object, part.amount], ['transfer_reversal', 1500]);
    assert.equal(part.transfer, made.id);
    assert.equal((await transfers.retrieve(made.id)).amount_reversed, 1500);
    await refused(transfers.createReversal(made.id, { amount: 2501 }), { param: 'amount' });
    const rest = await transfers.createReversal(made.id);
    assert.equal(rest.amount, 2500);
    const whole = await transfers.retrieve(made.id);
    assert.equal(whole.reversed, true);
    await t2.test('the newest reversal first', () => {
      assert.deepEqual(idsOf(whole.reversals), [rest.id, part.id]);
    });
    await refused(transfers.createReversal(made.id));
    assert.deepEqual(idsOf(await transfers.listReversals(made.id)), [rest.id, part.id]);
    const read = await transfers.retrieveReversal(made.id, part.id);
    assert.deepEqual(plain(read), plain(part));
    const lines = await linesOf(stripe, { type: 'transfer_refund' });
    assert.deepEqual(
      lines.map(({ amount }) => amount),
      [2500, 1500],
    );
    assert.deepEqual(await balanceOf(stripe), begun);
  });
  await t.test('each is told', async () => {
    const types = (await stripe.events.list({ type: 'transfer.*', limit: 100 })).data.map(
      ({ type }) => type,
    );
    assert.deepEqual(types, ['transfer.reversed', 'transfer.reversed', 'transfer.created']);
  });
  await t.test('ten at once spend no more than there is', async () => {
    const amount = Math.floor(begun.available / 3) - 10;
    const settled = await Promise.allSettled(
      Array.from({ length: 10 }, () => transfers.create({ ...wish, amount })),
    );
    assert.equal(settled.filter(({ status }) => status === 'fulfilled').length, 3);
    assert.equal((await balanceOf(stripe)).available, begun.available - 3 * amount);
  });
});

test('payouts on request', async (t) => {
  const { stripe } = await startPaying(t, quick);
  const { payouts } = stripe;
  const wish = { amount: 1000, currency: 'usd' };
  await pay(stripe, { amount: 20_000 });
  await t.test('spend nothing that is pending', async () => {
    await refused(payouts.create(wish), { code: 'balance_insufficient' });
  });
  await t.test('at once they may spend what is pending', async () => {
    const { instant } = await balanceOf(stripe);
    await refused(payouts.create({ ...wish, amount: instant + 1, method: 'instant' }), {
      code: 'balance_insufficient',
    });
    const made = await payouts.create({ ...wish, method: 'instant' });
    assert.equal(made.method, 'instant');
    assert.equal((await balanceOf(stripe)).instant, instant - 1000);
  });
  await pay(stripe, { amount: 30_000, payment_method: kAtOnce });
  const statusOf = (id, status) =>
    eventually(`${id} ${status}`, async () => {
      const now = await payouts.retrieve(id);
      return now.status === status && now;
    });
  await t.test('arrive', async () => {
    const before = await balanceOf(stripe);
    const made = await payouts.create({
      ...wish,
      description: 'Weekly',
      statement_descriptor: 'POSTERN',
      metadata: { a: '1' },
      expand: ['balance_transaction'],
    });
    assert.match(made.id, /^po_/);
    assert.equal(made.status, 'pending');
    assert.equal(made.automatic, false);
    assert.equal(made.method, 'standard');
    assert.equal(made.description, 'Weekly');
    assert.equal(made.statement_descriptor, 'POSTERN');
    assert.ok(made.arrival_date >= made.created);
    const line = made.balance_transaction;
    assert.deepEqual([line.type, line.amount, line.fee], ['payout', -1000, 0]);
    assert.equal(line.source, made.id);
    assert.equal((await balanceOf(stripe)).available, before.available - 1000);
    await statusOf(made.id, 'paid');
    assert.equal((await balanceOf(stripe)).available, before.available - 1000);
    await refused(payouts.cancel(made.id));
  });
  await t.test('come back when the bank has no such account', async () => {
    const before = await balanceOf(stripe);
    const made = await payouts.create({ ...wish, destination: kFailingBank });
    const failed = await statusOf(made.id, 'failed');
    assert.ok(failed.failure_code);
    assert.ok(failed.failure_message);
    const line = only(await linesOf(stripe, { type: 'payout_failure' }));
    assert.equal(line.id, failed.failure_balance_transaction);
    assert.deepEqual([line.amount, line.source], [1000, made.id]);
    assert.deepEqual(await balanceOf(stripe), before);
    await refused(payouts.cancel(made.id));
  });
  await t.test('each is told', async () => {
    const { data } = await stripe.events.list({ type: 'payout.*', limit: 100 });
    const types = data.map(({ type }) => type);
    for (const type of ['payout.created', 'payout.paid', 'payout.failed', 'payout.updated']) {
      assert.ok(types.includes(type), `${type} in ${types}`);
    }
  });
});

test('a payout is canceled while it is pending', async (t) => {
  const never = { payments: { sandbox_settle_milliseconds: 86_400_000 } };
  const { stripe } = await startPaying(t, never);
  const { payouts } = stripe;
  await pay(stripe, { amount: 30_000, payment_method: kAtOnce });
  const before = await balanceOf(stripe);
  const made = await payouts.create({ amount: 7000, currency: 'usd' });
  const canceled = await payouts.cancel(made.id);
  assert.equal(canceled.status, 'canceled');
  const line = only(await linesOf(stripe, { type: 'payout_cancel' }));
  assert.deepEqual([line.amount, line.fee, line.source], [7000, 0, made.id]);
  assert.deepEqual(await balanceOf(stripe), before);
  await refused(payouts.cancel(made.id));
  assert.equal((await stripe.events.list({ type: 'payout.canceled' })).data.length, 1);
  assert.deepEqual(idsOf(await payouts.list({ status: 'canceled' })), [made.id]);
  assert.deepEqual(idsOf(await payouts.list({ status: 'pending' })), []);
});

test('lines, transfers and payouts in lists', async (t) => {
  const { daemon, stripe } = await startPaying(t);
  const { balanceTransactions, payouts, transfers } = stripe;
  await pay(stripe, { amount: 90_000, payment_method: kAtOnce });
  for (let index = 0; index < 6; index += 1) {
    if (index === 3) await laterSecond(daemon);
    await payouts.create({ amount: 100 + index, currency: 'usd' });
    const destination = index % 2 === 0 ? 'acct_even' : 'acct_odd';
    const transfer_group = `G${index % 3}`;
    await transfers.create({ amount: 10 + index, currency: 'usd', destination, transfer_group });
  }
  const paid = await pay(stripe, { amount: 900 });
  const back = await stripe.refunds.create({ payment_intent: paid.id });
  for (const [name, resource, url] of [
    ['balance_transactions', balanceTransactions, '/v1/balance_transactions'],
    ['payouts', payouts, '/v1/payouts'],
    ['transfers', transfers, '/v1/transfers'],
  ]) {
    await t.test(name, (t2) => checkList(t2, (parameters) => resource.list(parameters), { url }));
  }
  await t.test('lines by type', async () => {
    const all = await linesOf(stripe);
    for (const type of ['charge', 'refund', 'payout', 'transfer', 'adjustment', 'topup']) {
      const wanted = all.filter((line) => line.type === type);
      const found = await collect(balanceTransactions.list({ type, limit: 2 }));
      assert.deepEqual(found, idsOf({ data: wanted }), type);
    }
    await refused(balanceTransactions.list({ type: 'gift' }), { param: 'type' });
  });
  await t.test('lines by source and currency', async () => {
    const [line] = await linesOf(stripe, { source: back.id });
    assert.equal(line.type, 'refund');
    const ofCharge = await linesOf(stripe, { source: paid.latest_charge });
    assert.ok(ofCharge.some(({ type }) => type === 'charge'));
    assert.deepEqual(await linesOf(stripe, { source: 'ch_none' }), []);
    assert.deepEqual(await linesOf(stripe, { currency: 'eur' }), []);
    await refused(balanceTransactions.list({ currency: 'zzz' }), { param: 'currency' });
  });
  await t.test('lines expanded', async () => {
    const { data } = await balanceTransactions.list({ limit: 100, expand: ['data.source'] });
    for (const line of data) assert.equal(typeof line.source, 'object', line.type);
    const kinds = new Set(data.map(({ source }) => source.object));
    assert.deepEqual([...kinds].sort(), ['charge', 'payout', 'refund', 'transfer']);
  });
  await t.test('transfers by destination and group', async () => {
    const all = (await transfers.list({ limit: 100 })).data;
    const destination = 'acct_even';
    const even = idsOf({ data: all.filter((each) => each.destination === destination) });
    assert.deepEqual(await collect(transfers.list({ destination, limit: 2 })), even);
    const transfer_group = 'G1';
    const grouped = idsOf({ data: all.filter((each) => each.transfer_group === 'G1') });
    assert.deepEqual(await collect(transfers.list({ transfer_group })), grouped);
  });
  await t.test('payouts by arrival', async () => {
    const { data } = await payouts.list({ limit: 100 });
    const date = Math.min(...data.map(({ arrival_date: day }) => day));
    const arriving = await payouts.list({ limit: 100, arrival_date: { gte: date } });
    assert.deepEqual(idsOf(arriving), idsOf({ data }));
    assert.deepEqual(idsOf(await payouts.list({ arrival_date: { lt: date } })), []);
    await refused(payouts.list({ status: 'lost' }), { param: 'status' });
  });
});
