// One request, once: keys in the body and in the header of the R Commerce dialect.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startDaemon } from './lib/daemon.mjs';
import {
  assertError,
  kChinese,
  kDeclined,
  kGood,
  newer,
  older,
  paid,
  paymentOf,
  shopClientOf,
  startShop,
} from './lib/rcommerce.mjs';

const kPayments = '/api/v1/payments';
const kParallel = 20;

// The two ways to send a key: with a body, or with the header.
const kWays = {
  'idempotency_key in the body': (api, path, body, key) =>
    api.post(path, { ...body, idempotency_key: key }),
  'the header Idempotency-Key': (api, path, body, key) =>
    api.post(path, body, { headers: { 'idempotency-key': key } }),
};

const countOf = async (api) => (await api.get(kPayments)).json.meta.pagination.total;

test('twenty requests of one key at once make one payment', async (t) => {
  const { api } = await startShop(t);
  let made = 0;
  for (const [way, send] of Object.entries(kWays)) {
    for (const [name, body] of Object.entries({ older: older(), newer: newer() })) {
      await t.test(`${way}, ${name} form`, async () => {
        const key = `key-${++made}`;
        const answers = await Promise.all(
          Array.from({ length: kParallel }, () => send(api, kPayments, body, key)),
        );
        const good = answers.filter(({ status }) => status === 201);
        assert.ok(good.length > 0);
        assert.equal(new Set(good.map(({ text }) => text)).size, 1);
        for (const answer of answers.filter(({ status }) => status !== 201)) {
          assertError(answer, 409, 'IDEMPOTENCY_KEY_REUSED');
        }
        assert.equal(await countOf(api), made);
        const again = await send(api, kPayments, body, key);
        assert.deepEqual([again.status, again.text], [201, good[0].text]);
        assert.equal(again.headers['idempotent-replayed'], 'true');
        assert.notEqual(again.headers['original-request'], again.headers['x-request-id']);
        assert.equal(await countOf(api), made);
      });
    }
  }
});

test('a key belongs to one request', async (t) => {
  const { api, stripe } = await startShop(t);
  for (const [way, send] of Object.entries(kWays)) {
    await t.test(way, async () => {
      const key = way;
      const first = await send(api, kPayments, newer(), key);
      const path = `${kPayments}/${first.json.payment_id}`;
      const others = [
        send(api, kPayments, newer(kGood, { amount: '1.00' }), key),
        send(api, kPayments, older(), key),
        send(api, `${path}/refund`, { amount: '1.00' }, key),
        send(api, `${path}/complete`, {}, key),
      ];
      for (const answer of await Promise.all(others)) {
        assertError(answer, 409, 'IDEMPOTENCY_KEY_REUSED');
      }
      const chinese = await api.post(
        kPayments,
        newer(kGood, { amount: '2.00' }),
        { headers: { ...kChinese, 'idempotency-key': key } },
      );
      assertError(chinese, 409, 'IDEMPOTENCY_KEY_REUSED');
      assert.match(chinese.json.error.message, /[\u4e00-\u9fff]/);
      assert.equal((await paymentOf(api, first.json.payment_id)).refunded_amount, '0.00');
    });
  }
  for (const [way, send] of Object.entries(kWays)) {
    await t.test(`even where the other is invalid: ${way}`, async () => {
      const key = `invalid ${way}`;
      assert.equal((await send(api, kPayments, newer(), key)).status, 201);
      const other = await send(api, kPayments, newer(kGood, { amount: 'abc' }), key);
      assertError(other, 409, 'IDEMPOTENCY_KEY_REUSED');
    });
  }
  await t.test('both dialects share them', async () => {
    await api.post(kPayments, newer(kGood, { idempotency_key: 'shared' }), { status: 201 });
    await assert.rejects(
      stripe.customers.create({ name: 'Jo' }, { idempotencyKey: 'shared' }),
      ({ rawType }) => rawType === 'idempotency_error',
    );
  });
});

test('what was decided is told again, what was not begun is not', async (t) => {
  const { api } = await startShop(t);
  await t.test('a decline', async () => {
    const body = newer(kDeclined, { idempotency_key: 'declined' });
    const first = await api.post(kPayments, body, { status: 402 });
    const again = await api.post(kPayments, body, { status: 402 });
    assert.equal(again.json.payment_id, first.json.payment_id);
    assert.equal(again.headers['idempotent-replayed'], 'true');
    assert.equal(await countOf(api), 1);
  });
  await t.test('a request that was invalid', async () => {
    const body = newer(kGood, { idempotency_key: 'corrected', amount: 'x' });
    assertError(await api.post(kPayments, body), 400, 'INVALID_AMOUNT');
    await api.post(kPayments, { ...body, amount: '5.00' }, { status: 201 });
  });
  await t.test('captures, cancels and refunds', async () => {
    const held = () => paid(api, kGood, { capture_method: 'manual' });
    const captured = `${kPayments}/${(await held()).id}`;
    const canceled = `${kPayments}/${(await held()).id}`;
    for (const [path, body, status] of [
      [`${captured}/capture`, { amount: '20.00' }, 200],
      [`${captured}/refunds`, { amount: '5.00' }, 201],
      [`${canceled}/cancel`, {}, 200],
    ]) {
      const keyed = { ...body, idempotency_key: path };
      const first = await api.post(path, keyed, { status });
      const again = await api.post(path, keyed, { status });
      assert.deepEqual(again.json, first.json);
      assert.equal(again.headers['idempotent-replayed'], 'true');
    }
    const { refunded_amount: sum } = (await api.get(captured)).json;
    assert.equal(sum, '5.00');
  });
  await t.test('twenty refunds of one key at once', async () => {
    const { id } = await paid(api);
    const body = { amount: '5.00', idempotency_key: 'refunds' };
    await Promise.all(
      Array.from({ length: kParallel }, () => api.post(`${kPayments}/${id}/refund`, body)),
    );
    assert.equal((await paymentOf(api, id)).refunded_amount, '5.00');
  });
  await t.test('saved methods and intents', async () => {
    const saving = {
      gateway_id: 'stripe',
      payment_method_data: newer().payment_method,
      idempotency_key: 'saved',
    };
    const tokens = [];
    for (let i = 0; i < 2; i += 1) {
      const { json } = await api.post('/api/v2/payment-methods', saving, { status: 201 });
      tokens.push(json.token);
    }
    assert.equal(tokens[0], tokens[1]);
    const intent = { amount: '5.00', currency: 'USD', idempotency_key: 'intent' };
    const first = await api.post('/api/v1/payment_intents', intent, { status: 201 });
    const again = await api.post('/api/v1/payment_intents', intent, { status: 201 });
    assert.equal(again.json.id, first.json.id);
  });
});

test('a key outlives a kill', async (t) => {
  const { daemon, api } = await startShop(t);
  const body = newer(kGood, { idempotency_key: 'killed' });
  const first = await api.post(kPayments, body, { status: 201 });
  await daemon.kill();
  const again = shopClientOf(await startDaemon(t, { folder: daemon.folder }));
  const replayed = await again.post(kPayments, body, { status: 201 });
  assert.equal(replayed.json.payment_id, first.json.payment_id);
  assert.equal(replayed.headers['idempotent-replayed'], 'true');
  assert.equal(await countOf(again), 1);
});
