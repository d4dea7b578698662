// Disputes by the real SDK: a card that is disputed, the evidence, who wins, where the money is.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventually, json } from './lib/delivery.mjs';
import { balanceOf, linesOf } from './lib/stripe_books.mjs';
import {
  checkList,
  checkMetadata,
  collect,
  laterSecond,
  plain,
  refused,
  unknownPath,
} from './lib/stripe_checks.mjs';
import { idsOf, pay, startPaying } from './lib/stripe_client.mjs';

const kDisputed = 'pm_card_createDispute';
const kAmount = 10_000;
const kChargeFee = 320; // 2.9 % and 30
const kDisputeFee = 1500;

const quick = { payments: { sandbox_settle_milliseconds: 100 } };

async function dispute(stripe, more = {}) {
  const paid = await pay(stripe, { payment_method: kDisputed, amount: kAmount, ...more });
  const { data } = await stripe.disputes.list({ payment_intent: paid.id });
  assert.equal(data.length, 1, 'the dispute is there at once');
  return { paid, made: data[0] };
}

const closed = (stripe, id) =>
  eventually(`the end of ${id}`, async () => {
    const now = await stripe.disputes.retrieve(id);
    return ['won', 'lost'].includes(now.status) && now;
  });

const typesAbout = async (stripe, id) => {
  const { data } = await stripe.events.list({ limit: 100 });
  return data.filter(({ data: { object } }) => object.id === id).map(({ type }) => type);
};

test('a disputed payment', async (t) => {
  const { stripe } = await startPaying(t, quick);
  const { paid, made } = await dispute(stripe);
  await t.test('succeeds, and is disputed as fraudulent', () => {
    assert.equal(paid.status, 'succeeded');
    assert.match(made.id, /^dp_/);
    assert.equal(made.object, 'dispute');
    assert.equal(made.status, 'needs_response');
    assert.equal(made.reason, 'fraudulent');
    assert.equal(made.amount, kAmount);
    assert.equal(made.currency, 'usd');
    assert.equal(made.charge, paid.latest_charge);
    assert.equal(made.payment_intent, paid.id);
    assert.ok(made.evidence_details.due_by > made.created);
    assert.equal(made.evidence_details.has_evidence, false);
    assert.equal(made.evidence_details.submission_count, 0);
    assert.equal(made.evidence_details.past_due, false);
  });
  await t.test('its charge says so and cannot be refunded', async () => {
    const charge = await stripe.charges.retrieve(paid.latest_charge);
    assert.equal(charge.disputed, true);
    assert.equal(made.is_charge_refundable, false);
    await refused(stripe.refunds.create({ payment_intent: paid.id }), { code: 'charge_disputed' });
    await refused(stripe.refunds.create({ charge: charge.id, amount: 50 }), {
      code: 'charge_disputed',
    });
  });
  await t.test('its money is withdrawn with a fee', async () => {
    const [line] = made.balance_transactions;
    assert.equal(line.type, 'adjustment');
    assert.equal(line.reporting_category, 'dispute');
    assert.deepEqual([line.amount, line.fee, line.net], [-kAmount, kDisputeFee, -11_500]);
    assert.equal(line.source, made.id);
    assert.deepEqual(plain(await stripe.balanceTransactions.retrieve(line.id)), plain(line));
    const { available, pending } = await balanceOf(stripe);
    assert.equal(available + pending, -kChargeFee - kDisputeFee);
  });
  await t.test('it is told', async () => {
    const types = await typesAbout(stripe, made.id);
    assert.ok(types.includes('charge.dispute.created'), String(types));
    assert.ok(types.includes('charge.dispute.funds_withdrawn'), String(types));
  });
  await t.test('as it is', async () => {
    const { data } = await stripe.events.list({ type: 'charge.dispute.created' });
    assert.deepEqual(plain(data[0].data.object), plain(made));
  });
  await t.test('it is read with what it is about', async () => {
    const expand = ['charge', 'payment_intent', 'charge.balance_transaction'];
    const read = await stripe.disputes.retrieve(made.id, { expand });
    assert.equal(read.charge.id, paid.latest_charge);
    assert.equal(read.charge.balance_transaction.amount, kAmount);
    assert.equal(read.payment_intent.id, paid.id);
  });
});

test('evidence is gathered and sent', async (t) => {
  const { stripe } = await startPaying(t, quick);
  const { disputes } = stripe;
  const { made } = await dispute(stripe);
  const evidence = {
    product_description: 'A book',
    customer_email_address: 'ada@example.com',
    shipping_date: '2024-01-02',
    shipping_carrier: 'Post',
    shipping_tracking_number: '1Z',
    access_activity_log: 'none',
    uncategorized_text: 'see the parcel',
  };
  await t.test('held back it waits', async () => {
    const saved = await disputes.update(made.id, { evidence, submit: false });
    assert.equal(saved.status, 'needs_response');
    assert.equal(saved.evidence_details.has_evidence, true);
    assert.equal(saved.evidence_details.submission_count, 0);
    for (const [name, text] of Object.entries(evidence)) {
      assert.equal(saved.evidence[name], text, name);
    }
  });
  await t.test('more is added and some taken back', async () => {
    const merged = await disputes.update(made.id, {
      evidence: { shipping_carrier: '', customer_name: 'Ada' },
      submit: false,
    });
    assert.equal(merged.evidence.shipping_carrier, null);
    assert.equal(merged.evidence.customer_name, 'Ada');
    assert.equal(merged.evidence.product_description, 'A book');
    assert.deepEqual(plain(await disputes.retrieve(made.id)), plain(merged));
  });
  await checkMetadata(t, (change) => disputes.update(made.id, change));
  await t.test('metadata alone sends nothing', async () => {
    assert.equal((await disputes.retrieve(made.id)).status, 'needs_response');
  });
  await t.test('sent it is under review, and final', async () => {
    const sent = await disputes.update(made.id, { submit: true });
    assert.equal(sent.status, 'under_review');
    assert.equal(sent.evidence_details.submission_count, 1);
    assert.equal(sent.evidence_details.has_evidence, true);
    await refused(disputes.update(made.id, { evidence: { customer_name: 'Bob' } }));
    assert.equal((await disputes.retrieve(made.id)).evidence.customer_name, 'Ada');
    assert.ok((await typesAbout(stripe, made.id)).includes('charge.dispute.updated'));
  });
});

test('the bank decides by the words of the evidence', async (t) => {
  const { stripe } = await startPaying(t, quick);
  const { disputes } = stripe;
  const cases = [
    ['winning_evidence', 'won', -kChargeFee - kDisputeFee + kAmount],
    ['losing_evidence', 'lost', -kChargeFee - kDisputeFee],
  ];
  let expected = 0;
  for (const [text, outcome, gain] of cases) {
    await t.test(`${text}: ${outcome}`, async () => {
      const { paid, made } = await dispute(stripe);
      const sent = await disputes.update(made.id, { evidence: { uncategorized_text: text } });
      assert.equal(sent.status, 'under_review');
      const ended = await closed(stripe, made.id);
      assert.equal(ended.status, outcome);
      expected += gain;
      const { available, pending } = await balanceOf(stripe);
      assert.equal(available + pending, expected);
      const types = await typesAbout(stripe, made.id);
      const { data } = await stripe.events.list({ type: 'charge.dispute.closed' });
      assert.equal(data[0].data.object.status, outcome);
      assert.equal(types.filter((type) => type === 'charge.dispute.closed').length, 1);
      const reinstated = types.filter((type) => type === 'charge.dispute.funds_reinstated');
      assert.equal(reinstated.length, outcome === 'won' ? 1 : 0);
      assert.equal(ended.balance_transactions.length, outcome === 'won' ? 2 : 1);
      await refused(disputes.close(made.id));
      await refused(disputes.update(made.id, { evidence: { customer_name: 'B' } }));
      assert.equal((await stripe.charges.retrieve(paid.latest_charge)).disputed, true);
    });
  }
  await t.test('what was won may be refunded, what was lost may not', async () => {
    const { data } = await disputes.list();
    const [lost, won] = data;
    assert.deepEqual([lost.status, won.status], ['lost', 'won']);
    assert.equal(won.is_charge_refundable, true);
    const back = await stripe.refunds.create({ payment_intent: won.payment_intent });
    assert.equal(back.amount, kAmount);
    await refused(stripe.refunds.create({ payment_intent: lost.payment_intent }));
  });
});

test('a dispute that is closed is lost', async (t) => {
  const { stripe } = await startPaying(t, quick);
  const { made } = await dispute(stripe);
  const ended = await stripe.disputes.close(made.id);
  assert.equal(ended.status, 'lost');
  await refused(stripe.disputes.close(made.id));
  await t.test('nothing is submitted any more', () =>
    refused(stripe.disputes.update(made.id, { submit: true })),
  );
  const { available, pending } = await balanceOf(stripe);
  assert.equal(available + pending, -kChargeFee - kDisputeFee);
  const types = await typesAbout(stripe, made.id);
  assert.equal(types.filter((type) => type === 'charge.dispute.closed').length, 1);
});

test('the bank takes back a part', async (t) => {
  const { daemon, stripe } = await startPaying(t, quick);
  const paid = await pay(stripe, { amount: kAmount });
  const body = JSON.stringify({ payment_id: paid.id, amount: '40.00', reason: 'general' });
  const answer = await daemon.post('/api/v2/sandbox/disputes', { headers: json, body });
  assert.equal(answer.status, 201, answer.text);
  const { data } = await stripe.disputes.list({ charge: paid.latest_charge });
  assert.deepEqual([data[0].amount, data[0].reason], [4000, 'general']);
  const [line] = await linesOf(stripe, { source: data[0].id });
  assert.equal(line.amount, -4000);
  await refused(stripe.refunds.create({ payment_intent: paid.id, amount: 100 }), {
    code: 'charge_disputed',
  });
});

test('lists of disputes', async (t) => {
  const { daemon, stripe } = await startPaying(t, quick);
  const { disputes } = stripe;
  const made = [];
  for (let index = 0; index < 6; index += 1) {
    if (index === 3) await laterSecond(daemon);
    made.unshift(await dispute(stripe));
  }
  await checkList(t, (parameters) => disputes.list(parameters), { url: '/v1/disputes' });
  await t.test('by payment and by charge', async () => {
    const { paid, made: of } = made[2];
    assert.deepEqual(await collect(disputes.list({ payment_intent: paid.id })), [of.id]);
    assert.deepEqual(await collect(disputes.list({ charge: paid.latest_charge })), [of.id]);
    const missing = { code: 'resource_missing' };
    await refused(disputes.list({ payment_intent: 'pi_no' }), {
      ...missing,
      param: 'payment_intent',
    });
    await refused(disputes.list({ charge: 'ch_no' }), { ...missing, param: 'charge' });
  });
  await t.test('expanded', async () => {
    const { data } = await disputes.list({ expand: ['data.charge', 'data.payment_intent'] });
    assert.equal(data[0].charge.object, 'charge');
    assert.equal(data[0].payment_intent.object, 'payment_intent');
  });
});

test('what is wrong with a dispute is named', async (t) => {
  const { stripe } = await startPaying(t, quick);
  const { disputes } = stripe;
  const { made } = await dispute(stripe);
  const update = (change) => disputes.update(made.id, change);
  const wrong = [
    [{ evidence: { colour: 'red' } }, 'evidence[colour]', 'parameter_unknown'],
    [{ evidence: 'mine' }, 'evidence'],
    [{ evidence: { product_description: 'x'.repeat(20_001) } }, 'evidence[product_description]'],
    [{ submit: 'perhaps' }, 'submit'],
    [{ amount: 5 }, 'amount', 'parameter_unknown'],
    [{ expand: ['evidence'] }, 'expand'],
  ];
  for (const [change, param, code] of wrong) {
    await t.test(JSON.stringify(change).slice(0, 60), () =>
      refused(update(change), { param, code }),
    );
  }
  await t.test('and nothing was sent', async () => {
    assert.deepEqual(plain(await disputes.retrieve(made.id)), plain(made));
  });
  for (const id of ['dp_none', made.charge, 'dp_']) {
    await t.test(`no dispute is ${id.slice(0, 8)}`, async () => {
      await unknownPath(disputes.retrieve(id), id);
      await unknownPath(disputes.update(id, { submit: true }), id);
      await unknownPath(disputes.close(id), id);
    });
  }
  await t.test('the list still holds one', async () => {
    assert.deepEqual(idsOf(await disputes.list()), [made.id]);
  });
});
