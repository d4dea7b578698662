// Disputes with their evidence, payouts, the balance and its lines in the R Commerce dialect.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { restrictedKey } from './lib/daemon.mjs';
import { eventually } from './lib/delivery.mjs';
import {
  assertError,
  kAvailableAtOnce,
  kDisputed,
  kGood,
  paid,
  paymentOf,
  startShop,
} from './lib/rcommerce.mjs';

const kEvidence = {
  product_description: '优质棉质 T 恤',
  customer_email: 'customer@example.com',
  shipping_date: '2024-01-16',
  shipping_carrier: 'UPS',
  shipping_tracking_number: '1Z999',
  access_activity_log: '客户访问数字下载 3 次',
  uncategorized_text: '其他说明',
  uncategorized_file: 'file_1',
};
const kNobody = '00000000-0000-7000-8000-000000000000';

const quick = { payments: { sandbox_settle_milliseconds: 200 } };
const never = { payments: { sandbox_settle_milliseconds: 86_400_000 } };
const decide = (api, dispute, outcome) =>
  api.post(`/api/v2/sandbox/disputes/${dispute.id}/resolve`, { outcome }, { status: 200 });
const disputeOf = async (api, payment) => (await paymentOf(api, payment.id)).dispute;
const idsOf = (answer) => answer.json.data.map(({ id }) => id);

test('a disputed payment is answered with evidence', async (t) => {
  const { api, stripe } = await startShop(t, quick);
  const payment = await paid(api, kDisputed, { order_id: 'order-7' });
  const dispute = await disputeOf(api, payment);
  const path = `/api/v1/disputes/${dispute.id}`;
  await t.test('it is shown with the payment, alone and in the list', async () => {
    assert.equal(dispute.payment_id, payment.payment_id);
    assert.deepEqual([dispute.amount, dispute.currency], ['59.49', 'USD']);
    assert.deepEqual([dispute.status, dispute.reason], ['needs_response', 'fraudulent']);
    assert.ok(Date.parse(dispute.evidence_due_by) > Date.parse(dispute.created_at));
    for (const prefix of ['/api/v1', '/api/v2']) {
      const alone = await api.get(`${prefix}/disputes/${dispute.id}`, null, {
        key: restrictedKey,
        status: 200,
      });
      assert.deepEqual(alone.json, dispute);
      const list = await api.get(`${prefix}/disputes`, null, { status: 200 });
      assert.deepEqual(list.json.data, [dispute]);
      assert.equal(list.json.meta.pagination.total, 1);
    }
  });
  await t.test('every spelling of its id finds it', async () => {
    const [same] = (await stripe.disputes.list({ limit: 1 })).data;
    for (const id of [dispute.dispute_id, same.id]) {
      const found = await api.get(`/api/v1/disputes/${id}`, null, { status: 200 });
      assert.equal(found.json.id, dispute.id);
    }
  });
  await t.test('evidence that is none is refused', async () => {
    assertError(await api.post(`${path}/evidence`, {}), 400, 'VALIDATION_ERROR');
    const unknown = await api.post(`${path}/evidence`, { color: 'red' });
    assertError(unknown, 400, 'VALIDATION_ERROR', ['color']);
    const long = { uncategorized_text: 'x'.repeat(20_001) };
    assertError(await api.post(`${path}/evidence`, long), 400, 'VALIDATION_ERROR', [
      'uncategorized_text',
    ]);
    const key = { key: restrictedKey };
    assertError(await api.post(`${path}/evidence`, kEvidence, key), 403, 'FORBIDDEN');
    assert.equal((await disputeOf(api, payment)).status, 'needs_response');
  });
  await t.test('evidence goes to the bank', async () => {
    const { json: sent } = await api.post(`${path}/evidence`, kEvidence, { status: 200 });
    assert.deepEqual(sent.evidence, kEvidence);
    assert.equal(sent.status, 'under_review');
    const seen = await stripe.disputes.list({ payment_intent: payment.transaction_id });
    assert.equal(seen.data[0].evidence.customer_email_address, kEvidence.customer_email);
    assert.equal(seen.data[0].status, 'under_review');
    assert.equal(seen.data[0].evidence_details.submission_count, 1);
  });
  await t.test('the bank decides, and takes no more', async () => {
    await decide(api, dispute, 'won');
    const won = await disputeOf(api, payment);
    assert.equal(won.status, 'won');
    assert.ok(won.closed_at);
    assertError(await api.post(`${path}/evidence`, kEvidence), 409, 'CONFLICT');
    await api.post(`/api/v1/payments/${payment.id}/refund`, { amount: '1.00' }, { status: 201 });
  });
  await t.test('what is not there', async () => {
    for (const id of [kNobody, `dp_${kNobody}`, 'nothing']) {
      assertError(await api.get(`/api/v1/disputes/${id}`), 404, 'DISPUTE_NOT_FOUND');
      const answer = await api.post(`/api/v1/disputes/${id}/evidence`, kEvidence);
      assertError(answer, 404, 'DISPUTE_NOT_FOUND');
    }
  });
});

test('disputes are listed by page, state and payment', async (t) => {
  const { api } = await startShop(t, quick);
  const payments = [];
  for (let i = 0; i < 3; i += 1) payments.unshift(await paid(api, kDisputed));
  const disputes = await Promise.all(payments.map((payment) => disputeOf(api, payment)));
  const ids = disputes.map(({ id }) => id);
  await decide(api, disputes[1], 'lost');
  const list = (query) => api.get(`/api/v1/disputes?${query}`, null, { status: 200 });
  assert.deepEqual(idsOf(await list('')), ids);
  assert.deepEqual(idsOf(await list('page=2&per_page=2')), [ids[2]]);
  assert.deepEqual(idsOf(await list('status=lost')), [ids[1]]);
  assert.deepEqual(idsOf(await list('status=needs_response')), [ids[0], ids[2]]);
  assert.deepEqual(idsOf(await list(`payment_id=${payments[2].payment_id}`)), [ids[2]]);
  const wrong = await api.get('/api/v1/disputes?status=angry');
  assertError(wrong, 400, 'VALIDATION_ERROR', ['status']);
});

const kPayoutKeys = ['id', 'amount', 'currency', 'status', 'arrival_date', 'created_at'];

test('payouts are listed by state and day', async (t) => {
  const { api, stripe } = await startShop(t, never);
  await paid(api, kAvailableAtOnce, { amount: '900.00' });
  const payOut = (amount) => stripe.payouts.create({ amount, currency: 'usd' });
  const list = (query) => api.get(`/api/v1/payouts?${query}`, null, { status: 200 });
  const made = await payOut(1000);
  await t.test('a payout is pending for a while', async () => {
    const { json: page } = await list('status=pending');
    const [payout] = page.data;
    for (const key of kPayoutKeys) assert.ok(key in payout, key);
    assert.deepEqual([payout.amount, payout.currency], ['10.00', 'USD']);
    for (const id of [made.id, payout.id, payout.payout_id]) {
      const path = `/api/v1/payouts/${id}`;
      const alone = await api.get(path, null, { key: restrictedKey, status: 200 });
      assert.equal(alone.json.id, payout.id);
    }
  });
  await t.test('it arrives, comes back or is canceled', async () => {
    const canceled = await payOut(300);
    await stripe.payouts.cancel(canceled.id);
    const failed = await payOut(200);
    await api.post(`/api/v2/sandbox/payouts/${made.id}/pay`, {}, { status: 200 });
    await api.post(`/api/v2/sandbox/payouts/${failed.id}/fail`, {}, { status: 200 });
    for (const [status, amount] of [
      ['paid', '10.00'],
      ['failed', '2.00'],
      ['canceled', '3.00'],
    ]) {
      const { json: page } = await list(`status=${status}`);
      assert.deepEqual(page.data.map((each) => each.amount), [amount], status);
    }
    assert.deepEqual((await list('status=in_transit')).json.data, []);
  });
  await t.test('days are whole, and both borders belong to the list', async () => {
    const days = (await list('')).json.data.map((each) => each.created_at.slice(0, 10));
    const count = async (query) => (await list(query)).json.meta.pagination.total;
    assert.equal(await count(`date_after=${days.at(-1)}&date_before=${days[0]}`), 3);
    assert.equal(await count(`date_after=${days.at(-1)}`), 3);
    assert.equal(await count('date_before=2020-01-01'), 0);
    assert.equal(await count('date_after=2199-01-01'), 0);
    assert.deepEqual(idsOf(await list('page=2&per_page=2')).length, 1);
  });
  await t.test('what cannot be asked, and what is not there', async () => {
    for (const [name, value] of [
      ['status', 'lost'],
      ['date_after', '2026-1-1'],
      ['date_after', '2026-01-01T00:00:00Z'],
      ['date_before', 'x'],
      ['colour', 'red'],
    ]) {
      const answer = await api.get(`/api/v1/payouts?${name}=${value}`);
      assertError(answer, 400, 'VALIDATION_ERROR', [name]);
    }
    for (const id of [kNobody, 'x']) {
      assertError(await api.get(`/api/v1/payouts/${id}`), 404, 'NOT_FOUND');
    }
  });
});

// Minor units of a decimal text, exactly.
const minorOf = (decimal) => {
  const [, sign, whole, part] = /^(-?)(\d+)\.(\d\d)$/.exec(decimal);
  return (sign ? -1 : 1) * (Number(whole) * 100 + Number(part));
};
const inCurrency = (balances, currency) =>
  minorOf(balances.find((each) => each.currency === currency)?.amount ?? '0.00');

async function allLines(api) {
  const lines = [];
  for (let page = 1; ; page += 1) {
    const { json } = await api.get(`/api/v1/balance/transactions?page=${page}&per_page=3`, null, {
      key: restrictedKey,
      status: 200,
    });
    lines.push(...json.data);
    if (!json.meta.pagination.has_next) {
      assert.equal(json.meta.pagination.total, lines.length);
      return lines;
    }
  }
}

test('the balance is the sum of its lines', async (t) => {
  const { api, stripe } = await startShop(t, quick);
  await t.test('of nothing', async () => {
    const { json: balance } = await api.get('/api/v1/balance', null, { status: 200 });
    for (const name of ['available', 'pending', 'instant_available']) {
      for (const { amount } of balance[name]) assert.equal(amount, '0.00');
    }
  });
  await t.test('of two payments', async () => {
    await paid(api, kGood);
    const payment = await paid(api, kAvailableAtOnce);
    const { json: balance } = await api.get('/api/v1/balance', null, {
      key: restrictedKey,
      status: 200,
    });
    assert.deepEqual(balance.available, [{ currency: 'USD', amount: '57.46' }]);
    assert.deepEqual(balance.pending, [{ currency: 'USD', amount: '57.46' }]);
    const [line] = await allLines(api);
    const { id, created_at: at, type, amount, fee, net, currency, status } = line;
    assert.ok(id && at);
    assert.deepEqual([amount, fee, net, currency], ['59.49', '2.03', '57.46', 'USD']);
    assert.deepEqual([type, status], ['charge', 'available']);
    assert.equal(line.payment_id, payment.payment_id);
  });
  await t.test('of everything that can happen', async () => {
    const refunded = await paid(api, kGood);
    await api.post(`/api/v1/payments/${refunded.id}/refund`, { amount: '9.49' }, { status: 201 });
    const failing = await paid(api, '4000000000005126');
    const { json: refund } = await api.post(`/api/v1/payments/${failing.id}/refund`);
    await paid(api, kDisputed);
    const won = await disputeOf(api, await paid(api, kDisputed));
    await decide(api, won, 'won');
    await paid(api, kGood, { currency: 'EUR' });
    const held = await paid(api, kGood, { capture_method: 'manual' });
    await api.post(`/api/v1/payments/${held.id}/capture`, { amount: '5.00' }, { status: 200 });
    await paid(api, kAvailableAtOnce, { amount: '100.00' });
    await stripe.payouts.create({ amount: 1000, currency: 'usd' });
    await stripe.transfers.create({ amount: 500, currency: 'usd', destination: 'acct_1' });
    await eventually('the refund’s failure', async () => {
      const { json } = await api.get(`/api/v1/payments/${failing.id}/refunds/${refund.id}`);
      return json.status === 'failed';
    });
    const { json: balance } = await api.get('/api/v1/balance');
    const lines = await allLines(api);
    for (const line of lines) {
      assert.equal(minorOf(line.amount) - minorOf(line.fee), minorOf(line.net), line.id);
    }
    for (const currency of ['USD', 'EUR']) {
      const sums = { available: 0, pending: 0 };
      for (const line of lines) {
        if (line.currency === currency) sums[line.status] += minorOf(line.net);
      }
      for (const [name, sum] of Object.entries(sums)) {
        assert.equal(inCurrency(balance[name], currency), sum, `${currency} ${name}`);
      }
    }
    const there = await stripe.balance.retrieve();
    for (const { amount, currency } of there.available) {
      assert.equal(amount, inCurrency(balance.available, currency.toUpperCase()));
    }
  });
  await t.test('what settles becomes available', async () => {
    await api.post('/api/v2/sandbox/settle', {}, { status: 200 });
    const { json: balance } = await api.get('/api/v1/balance');
    for (const { amount } of balance.pending) assert.equal(amount, '0.00');
    for (const line of await allLines(api)) assert.equal(line.status, 'available');
  });
});
