// Those who ask at the same moment, by the real SDK: one of them wins, and the books agree.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { balanceOf } from './lib/stripe_books.mjs';
import { choose, idsOf, pay, startPaying } from './lib/stripe_client.mjs';

const kAtOnce = 'pm_card_bypassPending';
const quick = { payments: { sandbox_settle_milliseconds: 100 } };

const won = (settled) => settled.filter(({ status }) => status === 'fulfilled');
const times = (count, act) => Promise.allSettled(Array.from({ length: count }, (_, i) => act(i)));

// Who lost was refused: nobody was told of a fault of ours.
function refusedOnly(settled) {
  for (const { status, reason } of settled) {
    if (status === 'rejected') assert.ok([400, 402, 404].includes(reason.statusCode), reason);
  }
}

test('a payment', async (t) => {
  const { daemon, stripe } = await startPaying(t);
  const { paymentIntents } = stripe;
  const chargesOf = async ({ id }) => (await stripe.charges.list({ payment_intent: id })).data;
  await t.test('is captured or canceled', async () => {
    for (let round = 0; round < 8; round += 1) {
      const held = await pay(stripe, { capture_method: 'manual' });
      const settled = await times(8, (index) =>
        index % 2 ? paymentIntents.capture(held.id) : paymentIntents.cancel(held.id),
      );
      refusedOnly(settled);
      assert.equal(won(settled).length, 1);
      const { status, amount_received: received } = await paymentIntents.retrieve(held.id);
      assert.equal(received, status === 'succeeded' ? 2000 : 0);
      assert.equal(won(settled)[0].value.status, status);
    }
  });
  await t.test('is confirmed with one card of two', async () => {
    for (let round = 0; round < 5; round += 1) {
      const open = await paymentIntents.create({ amount: 900, currency: 'usd' });
      const settled = await times(8, (index) =>
        paymentIntents.confirm(open.id, {
          payment_method: index % 2 ? 'pm_card_visa' : 'pm_card_amex',
        }),
      );
      refusedOnly(settled);
      assert.equal(won(settled).length, 1);
      assert.equal((await chargesOf(open)).length, 1);
    }
  });
  await t.test('is confirmed or changes its amount', async () => {
    for (let round = 0; round < 5; round += 1) {
      const open = await pay(stripe, { confirm: false, amount: 900 });
      const settled = await times(6, (index) =>
        index === 3
          ? paymentIntents.confirm(open.id)
          : paymentIntents.update(open.id, { amount: 1000 + index }),
      );
      refusedOnly(settled);
      const paid = await paymentIntents.retrieve(open.id, { expand: ['latest_charge'] });
      assert.equal(paid.status, 'succeeded');
      assert.equal(paid.amount_received, paid.amount);
      assert.equal(paid.latest_charge.amount, paid.amount);
    }
  });
  await t.test('is approved by its buyer or canceled by its seller', async () => {
    for (let round = 0; round < 8; round += 1) {
      const asked = await pay(stripe, { payment_method: 'pm_card_authenticationRequired' });
      await Promise.allSettled([
        choose(daemon, asked, 'succeeded'),
        paymentIntents.cancel(asked.id),
        choose(daemon, asked, 'failed'),
      ]);
      const { status, amount_received: received } = await paymentIntents.retrieve(asked.id);
      assert.ok(['succeeded', 'canceled'].includes(status), status);
      assert.equal((await chargesOf(asked)).filter(({ paid }) => paid).length, received ? 1 : 0);
      assert.equal(received, status === 'succeeded' ? 2000 : 0);
    }
  });
  await t.test('loses no words that are written at once', async () => {
    const { id } = await pay(stripe);
    const settled = await times(20, (index) =>
      paymentIntents.update(id, { metadata: { [`k${index}`]: `${index}` } }),
    );
    assert.equal(won(settled).length, 20);
    assert.equal(Object.keys((await paymentIntents.retrieve(id)).metadata).length, 20);
  });
  await t.test('and the books agree', () => balanceOf(stripe));
});

test('a method', async (t) => {
  const { stripe } = await startPaying(t);
  const { customers, paymentMethods } = stripe;
  const all = await Promise.all(Array.from({ length: 4 }, () => customers.create()));
  await t.test('is attached to one customer of many', async () => {
    for (let round = 0; round < 5; round += 1) {
      const { id } = await paymentMethods.create({ type: 'card', card: { token: 'tok_visa' } });
      const settled = await Promise.allSettled(
        all.map(({ id: customer }) => paymentMethods.attach(id, { customer })),
      );
      refusedOnly(settled);
      assert.equal(won(settled).length, 1);
      const { customer } = await paymentMethods.retrieve(id);
      assert.equal(won(settled)[0].value.customer, customer);
    }
    const lists = await Promise.all(all.map(({ id }) => customers.listPaymentMethods(id)));
    assert.equal(lists.flatMap(idsOf).length, 5);
  });
  await t.test('goes with its customer', async () => {
    for (let round = 0; round < 5; round += 1) {
      const { id: customer } = await customers.create();
      const attach = () => paymentMethods.attach('pm_card_visa', { customer });
      const settled = await Promise.allSettled([attach(), attach(), customers.del(customer)]);
      refusedOnly(settled);
      for (const { value } of won(settled)) {
        if (value.object !== 'payment_method') continue;
        assert.equal((await paymentMethods.retrieve(value.id)).customer, null);
      }
    }
  });
  await t.test('is detached once', async () => {
    const { id } = await paymentMethods.attach('pm_card_visa', { customer: all[0].id });
    const settled = await times(6, () => paymentMethods.detach(id));
    refusedOnly(settled);
    assert.equal(won(settled).length, 1);
    const { data } = await stripe.events.list({ type: 'payment_method.detached', limit: 100 });
    assert.equal(data.filter(({ data: { object } }) => object.id === id).length, 1);
  });
});

test('the balance', async (t) => {
  const { stripe } = await startPaying(t, quick);
  const money = { amount: 1000, currency: 'usd' };
  await t.test('is spent once, by payouts, transfers and refunds', async () => {
    const paid = await pay(stripe, { amount: 10_000, payment_method: kAtOnce });
    const { available } = await balanceOf(stripe);
    const settled = await times(24, (index) => {
      if (index % 3 === 0) return stripe.payouts.create(money);
      if (index % 3 === 1) return stripe.transfers.create({ ...money, destination: 'acct_1' });
      return stripe.refunds.create({ payment_intent: paid.id, amount: 1000 });
    });
    refusedOnly(settled);
    const spent = won(settled).filter(({ value }) => value.object !== 'refund').length;
    const given = won(settled).length - spent;
    assert.equal(given, 8, 'a refund needs no balance');
    assert.equal((await balanceOf(stripe)).available, available - 1000 * (spent + given));
    assert.ok(1000 * spent <= available);
  });
  await t.test('a transfer is reversed once', async () => {
    await pay(stripe, { amount: 50_000, payment_method: kAtOnce });
    const made = await stripe.transfers.create({ ...money, destination: 'acct_1' });
    const settled = await times(10, () =>
      stripe.transfers.createReversal(made.id, { amount: 300 }),
    );
    refusedOnly(settled);
    assert.equal(won(settled).length, 3);
    assert.equal((await stripe.transfers.retrieve(made.id)).amount_reversed, 900);
  });
  await t.test('a payout is canceled once', async () => {
    const before = await balanceOf(stripe);
    const made = await stripe.payouts.create(money);
    const settled = await times(6, () => stripe.payouts.cancel(made.id));
    refusedOnly(settled);
    const { status } = await stripe.payouts.retrieve(made.id);
    assert.ok(won(settled).length <= 1);
    if (status === 'canceled') assert.deepEqual(await balanceOf(stripe), before);
  });
  await t.test('a dispute ends once', async () => {
    const { id } = await pay(stripe, { amount: 4000, payment_method: 'pm_card_createDispute' });
    const [{ id: dispute }] = (await stripe.disputes.list({ payment_intent: id })).data;
    const settled = await times(8, (index) =>
      index % 2
        ? stripe.disputes.close(dispute)
        : stripe.disputes.update(dispute, { evidence: { uncategorized_text: 'x' } }),
    );
    refusedOnly(settled);
    const { status } = await stripe.disputes.retrieve(dispute);
    const { data } = await stripe.events.list({ type: 'charge.dispute.closed', limit: 100 });
    const closed = data.filter(({ data: { object } }) => object.id === dispute).length;
    assert.deepEqual([status, closed], status === 'lost' ? ['lost', 1] : ['under_review', 0]);
    await balanceOf(stripe);
  });
});
