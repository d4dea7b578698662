// What is refused by each endpoint that takes more than an id, and that it is named; what may be
// written down with payments, payouts and transfers.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkMetadata, plain, refused, unknownPath } from './lib/stripe_checks.mjs';
import { idsOf, pay, startPaying } from './lib/stripe_client.mjs';

const kLong = 'x'.repeat(351);
const kAtOnce = 'pm_card_bypassPending';
const kUnexpected = 'payment_intent_unexpected_state';
const kInteger = 'parameter_invalid_integer';
const kMissing = 'parameter_missing';
const kUnknown = 'parameter_unknown';
const kAbsent = 'resource_missing';

async function refuseEach(t, ask, cases) {
  for (const [wrong, param, code] of cases) {
    const name = `${param}: ${JSON.stringify(wrong).slice(0, 60)}`;
    await t.test(name, () => refused(ask(wrong), { param, code }));
  }
}

test('changes of a payment', async (t) => {
  const { stripe } = await startPaying(t);
  const { paymentIntents } = stripe;
  const { id } = await paymentIntents.create({ amount: 900, currency: 'usd' });
  const update = (change) => paymentIntents.update(id, change);
  await checkMetadata(t, update);
  await refuseEach(t, update, [
    [{ amount: 49 }, 'amount', 'amount_too_small'],
    [{ amount: 100_000_000 }, 'amount', 'amount_too_large'],
    [{ amount: 'x' }, 'amount', kInteger],
    [{ amount: 1e20 }, 'amount', kInteger],
    [{ currency: 'dollars' }, 'currency'],
    [{ description: kLong }, 'description'],
    [{ receipt_email: 'a@' }, 'receipt_email', 'email_invalid'],
    [{ customer: 'cus_0' }, 'customer', kAbsent],
    [{ payment_method: 'pm_0' }, 'payment_method', kAbsent],
    [{ statement_descriptor: 'y'.repeat(23) }, 'statement_descriptor'],
    [{ statement_descriptor_suffix: 'a<b' }, 'statement_descriptor_suffix'],
    [{ setup_future_usage: 'never' }, 'setup_future_usage'],
    [{ shipping: { name: 'Ada' } }, 'shipping[address]', kMissing],
    [{ payment_method_types: ['cash'] }, 'payment_method_types'],
    [{ payment_method_types: 'card' }, 'payment_method_types'],
    [{ capture_method: 'sometimes' }, 'capture_method'],
    [{ status: 'succeeded' }, 'status', kUnknown],
    [{ amount_received: 5 }, 'amount_received', kUnknown],
    [{ expand: { a: 1 } }, 'expand'],
  ]);
  await t.test('what may be changed is changed', async () => {
    const change = {
      amount: 1234,
      currency: 'eur',
      description: '漢'.repeat(350),
      receipt_email: 'ada@example.com',
      statement_descriptor_suffix: 'ORDER 7',
      setup_future_usage: 'off_session',
    };
    const changed = await update(change);
    for (const [name, value] of Object.entries(change)) assert.equal(changed[name], value, name);
    assert.deepEqual(plain(await paymentIntents.retrieve(id)), plain(changed));
    const cleared = await update({ description: '', receipt_email: '', setup_future_usage: '' });
    assert.equal(cleared.description, null);
    assert.equal(cleared.receipt_email, null);
    assert.equal(cleared.setup_future_usage, null);
  });
  await t.test('a paid payment keeps its amount, and takes words', async () => {
    const paid = await pay(stripe);
    await refused(paymentIntents.update(paid.id, { amount: 500 }), { code: kUnexpected });
    await refused(paymentIntents.update(paid.id, { currency: 'eur' }), { code: kUnexpected });
    const noted = await paymentIntents.update(paid.id, { description: 'late' });
    assert.equal(noted.description, 'late');
    assert.equal(noted.amount, 2000);
  });
  for (const unknown of ['pi_none', 'ch_1', 'pi_', `${id}x`]) {
    await t.test(`no payment is ${unknown.slice(0, 8)}`, async () => {
      await unknownPath(paymentIntents.retrieve(unknown), unknown);
      await unknownPath(paymentIntents.update(unknown, { amount: 500 }), unknown);
      await unknownPath(paymentIntents.confirm(unknown), unknown);
      await unknownPath(paymentIntents.capture(unknown), unknown);
      await unknownPath(paymentIntents.cancel(unknown), unknown);
    });
  }
});

test('confirm, capture and cancel', async (t) => {
  const { stripe } = await startPaying(t);
  const { paymentIntents } = stripe;
  const open = await paymentIntents.create({ amount: 900, currency: 'usd' });
  const held = await pay(stripe, { capture_method: 'manual' });
  await refuseEach(t, (wrong) => paymentIntents.confirm(open.id, wrong), [
    [{ payment_method: 'pm_0' }, 'payment_method', kAbsent],
    [{ payment_method: 'pm_card_visa', return_url: 'home' }, 'return_url', 'url_invalid'],
    [{ payment_method: 'pm_card_visa', receipt_email: 'x' }, 'receipt_email', 'email_invalid'],
    [{ payment_method: 'pm_card_visa', money: 5 }, 'money', kUnknown],
    [{ payment_method: 'pm_card_visa', expand: ['status'] }, 'expand'],
    [{ payment_method: { id: 'pm_card_visa' } }, 'payment_method'],
  ]);
  await refuseEach(t, (wrong) => paymentIntents.capture(held.id, wrong), [
    [{ amount_to_capture: 0 }, 'amount_to_capture', kInteger],
    [{ amount_to_capture: -1 }, 'amount_to_capture', kInteger],
    [{ amount_to_capture: 'all' }, 'amount_to_capture', kInteger],
    [{ amount_to_capture: 2001 }, 'amount_to_capture', 'amount_too_large'],
    [{ amount: 5 }, 'amount', kUnknown],
  ]);
  await refuseEach(t, (wrong) => paymentIntents.cancel(held.id, wrong), [
    [{ cancellation_reason: 'expired' }, 'cancellation_reason'],
    [{ reason: 'duplicate' }, 'reason', kUnknown],
  ]);
  await t.test('and all of it changed nothing', async () => {
    assert.deepEqual(plain(await paymentIntents.retrieve(open.id)), plain(open));
    assert.deepEqual(plain(await paymentIntents.retrieve(held.id)), plain(held));
    assert.equal((await stripe.charges.list()).data.length, 1);
  });
  await t.test('each state refuses what does not suit it', async () => {
    const ended = [await pay(stripe), await paymentIntents.cancel(open.id)];
    for (const { id, status } of ended) {
      for (const act of ['confirm', 'capture', 'cancel']) {
        const error = await refused(paymentIntents[act](id), { code: kUnexpected });
        assert.equal(error.payment_intent.id, id, `${act} when ${status}`);
        assert.equal(error.payment_intent.status, status);
      }
    }
    await refused(paymentIntents.confirm(held.id), { code: kUnexpected });
    const asked = await paymentIntents.create({ amount: 900, currency: 'usd' });
    await refused(paymentIntents.capture(asked.id), { code: kUnexpected });
  });
});

test('payouts and transfers', async (t) => {
  const { stripe } = await startPaying(t);
  const { payouts, transfers } = stripe;
  await pay(stripe, { amount: 50_000, payment_method: kAtOnce });
  const money = { amount: 500, currency: 'usd' };
  const amounts = (base) => [
    [{ ...base, amount: undefined }, 'amount', kMissing],
    [{ ...base, currency: undefined }, 'currency', kMissing],
    [{ ...base, amount: 0 }, 'amount', kInteger],
    [{ ...base, amount: -500 }, 'amount', kInteger],
    [{ ...base, amount: 'much' }, 'amount', kInteger],
    [{ ...base, amount: 10_000_000 }, undefined, 'balance_insufficient'],
    [{ ...base, currency: 'eur' }, undefined, 'balance_insufficient'],
    [{ ...base, currency: 'zzz' }, 'currency'],
    [{ ...base, metadata: 'x' }, 'metadata'],
    [{ ...base, description: kLong }, 'description'],
    [{ ...base, reason: 'x' }, 'reason', kUnknown],
    [{ ...base, expand: ['amount'] }, 'expand'],
    [{ ...base, source_type: 'gold' }, 'source_type'],
  ];
  await refuseEach(t, (wrong) => payouts.create(wrong), [
    ...amounts(money),
    [{ ...money, method: 'slow' }, 'method'],
    [{ ...money, statement_descriptor: 'y'.repeat(23) }, 'statement_descriptor'],
  ]);
  const gift = { ...money, destination: 'acct_1' };
  await refuseEach(t, (wrong) => transfers.create(wrong), [
    ...amounts(gift),
    [money, 'destination', kMissing],
    [{ ...gift, destination: '' }, 'destination'],
    [{ ...gift, source_transaction: 'ch_0' }, 'source_transaction', kAbsent],
  ]);
  await t.test('nothing has moved', async () => {
    assert.deepEqual(idsOf(await payouts.list()), []);
    assert.deepEqual(idsOf(await transfers.list()), []);
  });
  const payout = await payouts.create(money);
  const transfer = await transfers.create(gift);
  await t.test('words of a payout', (t2) =>
    checkMetadata(t2, (change) => payouts.update(payout.id, change)),
  );
  await t.test('words of a transfer', (t2) =>
    checkMetadata(t2, (change) => transfers.update(transfer.id, change)),
  );
  await refuseEach(t, (wrong) => payouts.update(payout.id, wrong), [
    [{ amount: 5 }, 'amount', kUnknown],
    [{ status: 'paid' }, 'status', kUnknown],
  ]);
  await refuseEach(t, (wrong) => transfers.update(transfer.id, wrong), [
    [{ amount: 5 }, 'amount', kUnknown],
    [{ description: kLong }, 'description'],
  ]);
  await refuseEach(t, (wrong) => transfers.createReversal(transfer.id, wrong), [
    [{ amount: 0 }, 'amount', kInteger],
    [{ amount: 501 }, 'amount'],
    [{ amount: 'some' }, 'amount', kInteger],
    [{ metadata: 'x' }, 'metadata'],
    [{ currency: 'usd' }, 'currency', kUnknown],
  ]);
  await t.test('what is not there', async () => {
    for (const id of ['po_none', 'tr_1', 'po_']) {
      await unknownPath(payouts.retrieve(id), id);
      await unknownPath(payouts.update(id, { metadata: { a: '1' } }), id);
      await unknownPath(payouts.cancel(id), id);
    }
    for (const id of ['tr_none', 'po_1', 'tr_']) {
      await unknownPath(transfers.retrieve(id), id);
      await unknownPath(transfers.update(id, { description: 'x' }), id);
      await unknownPath(transfers.createReversal(id), id);
      await unknownPath(transfers.listReversals(id), id);
    }
    await unknownPath(transfers.retrieveReversal(transfer.id, 'trr_0'), 'trr_0');
    await unknownPath(stripe.balanceTransactions.retrieve('txn_0'), 'txn_0');
  });
  await t.test('a balance takes nothing but its path', async () => {
    await refused(stripe.balance.retrieve({ currency: 'usd' }), { code: kUnknown });
  });
});
