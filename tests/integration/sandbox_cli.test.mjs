// The merchant plays the bank by command, and what happens comes all the way round.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assertAllClosed, assertCircle, heardOf, startCircle } from './lib/circle.mjs';
import { commandJson, runCommand } from './lib/command.mjs';
import { restrictedKey } from './lib/daemon.mjs';
import { choose, kAvailableAtOnce, kGood, outcome, paid, paymentOf } from './lib/rcommerce.mjs';

const kSlow = { payments: { sandbox_settle_milliseconds: 600_000 } };
const kCardPaid = ['payment.created', 'payment.succeeded'];
const kWalletPaid = [
  'payment.created',
  'payment.requires_action',
  'payment.action_completed',
  'payment.succeeded',
];
// How each gateway pays, and what its webhooks can say of a dispute.
const kGateways = {
  stripe: { heard: ['dispute.created', 'dispute.closed'] },
  airwallex: { heard: ['dispute.created', 'dispute.closed'] },
  onerway: { heard: ['dispute.created', 'dispute.closed'] },
  wechatpay: { wallet: 'wechat_pay', heard: ['dispute.created'] },
  alipay: { wallet: 'alipay', heard: [] },
};

async function paidAt({ api, daemon }, gateway) {
  const { wallet: type } = kGateways[gateway];
  if (!type) return outcome(api, kGood, { gateway });
  const asked = await outcome(api, kGood, {
    gateway,
    currency: 'CNY',
    payment_method: { type },
  });
  await choose(daemon, asked, 'succeeded');
  return asked;
}

test('a payment is disputed and decided by command at each gateway', async (t) => {
  const circle = await startCircle(t);
  const { api, daemon } = circle;
  for (const [gateway, { wallet, heard }] of Object.entries(kGateways)) {
    for (const end of ['won', 'lost']) {
      await t.test(`${end} at ${gateway}`, async () => {
        const { payment_id: id } = await paidAt(circle, gateway);
        await heardOf(circle, id, 1);
        const words = ['--reason', 'product_not_received', '--amount', '5.00'];
        const dispute = await commandJson(daemon, 'sandbox', 'dispute', id, ...words);
        assert.deepEqual(
          [dispute.status, dispute.amount, dispute.reason, dispute.payment_id],
          ['needs_response', '5.00', 'product_not_received', id],
        );
        if (heard.length > 0) await heardOf(circle, id, 2);
        await commandJson(daemon, 'sandbox', 'resolve', dispute.dispute_id, '--outcome', end);
        assert.equal((await paymentOf(api, id)).dispute.status, end);
        await assertCircle(circle, id, {
          told: [...(wallet ? kWalletPaid : kCardPaid), 'dispute.created', 'dispute.closed'],
          heard: ['payment.succeeded', ...heard],
        });
      });
    }
  }
  await assertAllClosed(circle);
});

test('refunds and payouts are ended by command', async (t) => {
  const circle = await startCircle(t, kSlow);
  const { api, daemon, stripe } = circle;
  const pending = async () => {
    const { payment_id: id } = await outcome(api, '4000000000007726');
    const made = await api.post(`/api/v1/payments/${id}/refund`, null, { status: 201 });
    assert.equal(made.json.status, 'pending');
    return made.json;
  };
  for (const [command, end] of [
    ['refund-succeed', 'succeeded'],
    ['refund-fail', 'failed'],
  ]) {
    await t.test(command, async () => {
      const refund = await pending();
      const told = await commandJson(daemon, 'sandbox', command, refund.refund_id);
      assert.equal(told.status, end);
      const path = `/api/v1/payments/${refund.payment_id}/refunds/${refund.id}`;
      assert.equal((await api.get(path)).json.status, end);
      const again = await runCommand(daemon, ['sandbox', command, refund.refund_id]);
      assert.notEqual(again.code, 0);
    });
  }
  await paid(api, kAvailableAtOnce, { amount: '900.00' });
  for (const [command, end] of [
    ['payout-pay', 'paid'],
    ['payout-fail', 'failed'],
  ]) {
    await t.test(command, async () => {
      const payout = await stripe.payouts.create({ amount: 1000, currency: 'usd' });
      const told = await commandJson(daemon, 'sandbox', command, payout.id);
      assert.equal(told.status, end);
      assert.equal((await stripe.payouts.retrieve(payout.id)).status, end);
    });
  }
  await t.test('settle', async () => {
    await paid(api);
    await commandJson(daemon, 'sandbox', 'settle');
    const { json: balance } = await api.get('/api/v1/balance');
    for (const { amount } of balance.pending) assert.equal(amount, '0.00');
  });
});

test('a command that cannot be carried out says why', async (t) => {
  const circle = await startCircle(t);
  const { api, daemon } = circle;
  const { payment_id: id } = await paid(api);
  const wrong = [
    [['dispute', 'pay_00000000-0000-7000-8000-000000000000'], {}, /PAYMENT_NOT_FOUND|no payment/],
    [['dispute', id, '--amount', '59.50'], {}, /INVALID_AMOUNT|amount/],
    [['dispute', id, '--reason', 'bored'], {}, /reason/],
    [['resolve', 'dp_1', '--outcome', 'won'], {}, /dispute/i],
    [['dispute', id], { key: restrictedKey }, /restricted/i],
    [['dispute', id], { key: 'sk_test_wrong' }, /key/i],
  ];
  for (const [args, options, words] of wrong) {
    await t.test(args.join(' ').replace(id, 'pay_…'), async () => {
      const { code, stdout, stderr } = await runCommand(daemon, ['sandbox', ...args], options);
      assert.notEqual(code, 0, stdout);
      assert.match(stderr + stdout, words);
    });
  }
  assert.equal((await paymentOf(api, id)).dispute, null);
});
