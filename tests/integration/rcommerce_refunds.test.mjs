// Refunds of the R Commerce dialect: both spellings, every reason, never more than was captured.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { restrictedKey } from './lib/daemon.mjs';
import {
  assertError,
  kDeclined,
  kDisputed,
  kGood,
  newer,
  outcome,
  paid,
  paymentOf,
  startShop,
} from './lib/rcommerce.mjs';

const kRefundKeys = [
  'id',
  'refund_id',
  'payment_id',
  'amount',
  'currency',
  'status',
  'reason',
  'metadata',
  'created_at',
  'gateway_refund_id',
];

const kNever = { payments: { sandbox_settle_milliseconds: 86_400_000 } };
const ended = (api, id, end) => {
  const verb = end === 'failed' ? 'fail' : 'succeed';
  return api.post(`/api/v2/sandbox/refunds/${id}/${verb}`, {}, { status: 200 });
};

test('refunds are made under both names in both generations', async (t) => {
  const { api, stripe } = await startShop(t);
  const payment = await paid(api);
  const metadata = { note: '客户对产品不满意' };
  const made = [];
  const spellings = [
    ['/api/v1', payment.id, 'refunds', 'duplicate'],
    ['/api/v1', payment.payment_id, 'refund', 'fraudulent'],
    ['/api/v2', payment.transaction_id, 'refunds', 'requested_by_customer'],
    ['/api/v2', payment.id, 'refund', undefined],
  ];
  for (const [prefix, id, name, reason] of spellings) {
    await t.test(`POST ${prefix}/payments/{id}/${name}`, async () => {
      const { json: refund } = await api.post(
        `${prefix}/payments/${id}/${name}`,
        { amount: '9.49', reason, metadata },
        { status: 201 },
      );
      for (const key of kRefundKeys) assert.ok(key in refund, key);
      assert.equal(refund.refund_id, `ref_${refund.id}`);
      assert.equal(refund.payment_id, payment.payment_id);
      assert.deepEqual([refund.amount, refund.currency], ['9.49', 'USD']);
      assert.deepEqual([refund.status, refund.reason], ['succeeded', reason ?? null]);
      assert.deepEqual(refund.metadata, metadata);
      assert.match(refund.gateway_refund_id, /^re_/);
      const seen = await stripe.refunds.retrieve(refund.gateway_refund_id);
      assert.deepEqual([seen.amount, seen.payment_intent], [949, payment.transaction_id]);
      made.unshift(refund);
    });
  }
  await t.test('each is found by every spelling of its id', async () => {
    const [refund] = made;
    for (const id of [refund.id, refund.refund_id, refund.gateway_refund_id]) {
      const path = `/api/v1/payments/${payment.id}/refunds/${id}`;
      assert.deepEqual((await api.get(path, null, { status: 200 })).json, refund);
    }
  });
  await t.test('they are listed by page, the newest first', async () => {
    const path = `/api/v1/payments/${payment.payment_id}/refunds`;
    const { json: all } = await api.get(path, null, { key: restrictedKey, status: 200 });
    assert.deepEqual(all.data, made);
    const { json: second } = await api.get(`${path}?page=2&per_page=3`, null, { status: 200 });
    assert.deepEqual(second.data.map(({ id }) => id), [made[3].id]);
    const { total, total_pages: pages, has_next: next } = second.meta.pagination;
    assert.deepEqual([total, pages, next], [4, 2, false]);
  });
  await t.test('the payment shows them', async () => {
    const seen = await paymentOf(api, payment.id);
    assert.deepEqual([seen.refunded_amount, seen.status], ['37.96', 'succeeded']);
    assert.equal(seen.refunds.length, 4);
    await api.post(`/api/v1/payments/${payment.id}/refund`, null, { status: 201 });
    const whole = await paymentOf(api, payment.id);
    assert.deepEqual([whole.refunded_amount, whole.status], ['59.49', 'refunded']);
    const { json: done } = await api.post(`/api/v1/payments/${payment.id}/complete`);
    assert.deepEqual([done.type, done.payment_status], ['success', 'refunded']);
  });
  await t.test('nothing is left', async () => {
    for (const body of [null, { amount: '0.01' }]) {
      const answer = await api.post(`/api/v1/payments/${payment.id}/refunds`, body);
      assertError(answer, 409, 'ALREADY_REFUNDED');
    }
  });
});

test('a refund is never more than what was captured', async (t) => {
  const { api, stripe } = await startShop(t);
  const payment = await paid(api, kGood, { amount: '50.00' });
  const path = `/api/v1/payments/${payment.id}/refunds`;
  await t.test('too much, nothing and less than nothing', async () => {
    for (const amount of ['50.01', '0.00', '-1.00', '999999.99']) {
      assertError(await api.post(path, { amount }), 400, 'REFUND_AMOUNT_INVALID', ['amount']);
    }
    for (const amount of ['x', '1.001', '']) {
      assertError(await api.post(path, { amount }), 400, 'INVALID_AMOUNT', ['amount']);
    }
    assertError(await api.post(path, { reason: 'bored' }), 400, 'VALIDATION_ERROR', ['reason']);
    assertError(await api.post(path, { colour: 'red' }), 400, 'VALIDATION_ERROR', ['colour']);
    assert.equal((await api.get(path)).json.meta.pagination.total, 0);
  });
  await t.test('twenty at once through both dialects take five tenths', async () => {
    const racing = await Promise.all(
      Array.from({ length: 20 }, async (_, i) => {
        if (i % 2) return (await api.post(path, { amount: '10.00' })).status === 201;
        const wish = { payment_intent: payment.transaction_id, amount: 1000 };
        return stripe.refunds.create(wish).then(
          () => true,
          () => false,
        );
      }),
    );
    assert.equal(racing.filter(Boolean).length, 5);
    const seen = await paymentOf(api, payment.id);
    assert.deepEqual([seen.refunded_amount, seen.status], ['50.00', 'refunded']);
  });
});

test('what cannot be refunded is said', async (t) => {
  const { api } = await startShop(t);
  await t.test('a payment that did not come about', async () => {
    const { json: failed } = await api.post('/api/v1/payments', newer(kDeclined), { status: 402 });
    const answer = await api.post(`/api/v1/payments/${failed.payment_id}/refund`);
    assertError(answer, 409, 'CONFLICT');
  });
  await t.test('a payment that is disputed', async () => {
    const payment = await paid(api, kDisputed);
    assertError(await api.post(`/api/v1/payments/${payment.id}/refund`), 409, 'CONFLICT');
  });
  await t.test('a payment or a refund that is not there', async () => {
    const payment = await paid(api);
    const other = await paid(api);
    const { json: refund } = await api.post(`/api/v1/payments/${other.id}/refund`);
    const of = (id, refundId) => `/api/v1/payments/${id}/refunds${refundId ? `/${refundId}` : ''}`;
    const nobody = 'pay_00000000-0000-7000-8000-000000000000';
    assertError(await api.post(of(nobody)), 404, 'PAYMENT_NOT_FOUND');
    assertError(await api.get(of('x')), 404, 'PAYMENT_NOT_FOUND');
    assertError(await api.get(of(payment.id, refund.id)), 404, 'NOT_FOUND');
    assertError(await api.get(of(payment.id, 'x')), 404, 'NOT_FOUND');
  });
  await t.test('a key that may only read', async () => {
    const payment = await paid(api);
    const answer = await api.post(`/api/v1/payments/${payment.id}/refund`, null, {
      key: restrictedKey,
    });
    assertError(answer, 403, 'FORBIDDEN');
  });
});

test('refunds that pend hold their money until they end', async (t) => {
  const { api } = await startShop(t, kNever);
  for (const [number, end] of [
    ['4000000000007726', 'succeeded'],
    ['4000000000005126', 'failed'],
  ]) {
    await t.test(end, async () => {
      const { payment_id: id } = await outcome(api, number);
      const path = `/api/v1/payments/${id}/refunds`;
      const { json: refund } = await api.post(path, { amount: '50.00' }, { status: 201 });
      assert.equal(refund.status, 'pending');
      assert.equal((await paymentOf(api, id)).status, 'succeeded');
      const over = await api.post(path, { amount: '9.50' });
      assertError(over, 400, 'REFUND_AMOUNT_INVALID');
      await ended(api, refund.id, end);
      const { json: now } = await api.get(`${path}/${refund.id}`);
      assert.equal(now.status, end);
      const { refunded_amount: sum, status } = await paymentOf(api, id);
      assert.deepEqual([sum, status], [end === 'failed' ? '0.00' : '50.00', 'succeeded']);
      const rest = await api.post(path, null, { status: 201 });
      assert.equal(rest.json.amount, end === 'failed' ? '59.49' : '9.49');
    });
  }
});

test('a payment is refunded once all of it went', async (t) => {
  const { api, stripe } = await startShop(t, kNever);
  const listed = async (status) => {
    const { json } = await api.get(`/api/v1/payments?status=${status}`, null, { status: 200 });
    return json.data.map(({ payment_id: id }) => id);
  };
  const pending = [];
  for (const [number, end] of [
    ['4000000000007726', 'succeeded'],
    ['4000000000005126', 'failed'],
  ]) {
    const { payment_id: id } = await outcome(api, number);
    const path = `/api/v1/payments/${id}/refunds`;
    const { json: refund } = await api.post(path, null, { status: 201 });
    assert.equal(refund.status, 'pending');
    const seen = await paymentOf(api, id);
    assert.deepEqual([seen.status, seen.refunded_amount], ['succeeded', '59.49'], end);
    const charge = await stripe.charges.list({ payment_intent: seen.transaction_id });
    assert.deepEqual([charge.data[0].amount_refunded, charge.data[0].refunded], [5949, true]);
    pending.push({ id, end, refund: refund.id });
  }
  assert.deepEqual(await listed('refunded'), []);
  assert.equal((await listed('succeeded')).length, 2);
  for (const { id, end, refund } of pending) {
    await ended(api, refund, end);
    const { status } = await paymentOf(api, id);
    assert.equal(status, end === 'failed' ? 'succeeded' : 'refunded');
  }
  assert.deepEqual(await listed('refunded'), [pending[0].id]);
  assert.deepEqual(await listed('succeeded'), [pending[1].id]);
});
