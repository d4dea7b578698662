// Every error of the R Commerce dialect: its status, its code, its words in both languages, and
// that nothing is made of what was refused.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import { restrictedKey, secretKey } from './lib/daemon.mjs';
import {
  assertError,
  bankOf,
  cardOf,
  kChinese,
  kDisputed,
  kGood,
  newer,
  older,
  paid,
  shopClientOf,
  startShop,
} from './lib/rcommerce.mjs';

const kPayments = '/api/v1/payments';
const kNobody = `${kPayments}/${randomUUID()}`;

const kDeclines = {
  4000000000000002: ['CARD_DECLINED', '您的卡被拒绝。', 'Your card was declined.'],
  4000000000009995: ['INSUFFICIENT_FUNDS', '您的卡余额不足。', /insufficient funds/],
  4000000000000069: ['EXPIRED_CARD', '您的卡已过期。', /expired/],
  4000000000000127: ['INCORRECT_CVC', '您的卡安全码不正确。', /security code/],
  4000000000000119: ['PROCESSING_ERROR', /^网关处理您的卡时出错/, /processing your card/],
};

function assertWords(message, wanted) {
  if (wanted instanceof RegExp) assert.match(message, wanted);
  else assert.equal(message, wanted);
}

test('declines are errors by status and failures by body, at every gateway of cards', async (t) => {
  const { api } = await startShop(t);
  for (const gateway of ['stripe', 'airwallex', 'onerway']) {
    for (const [number, [code, chinese, english]] of Object.entries(kDeclines)) {
      await t.test(`${code} at ${gateway}`, async () => {
        const error = await api.post(kPayments, older(number, { gateway }));
        assertError(error, 402, code);
        assertWords(error.json.error.message, english);
        assert.equal(error.json.type, undefined);
        const body = newer(number, { gateway });
        const failed = await api.post(kPayments, body, { headers: kChinese });
        assertError(failed, 402, code);
        const { type, payment_id: id, error_code: low, error_message: said } = failed.json;
        assert.deepEqual([type, low], ['failed', code.toLowerCase()]);
        assert.equal(failed.json.retry_allowed, true);
        assertWords(said, chinese);
        assert.equal(failed.json.error.message, said);
        const { json: kept } = await api.get(`${kPayments}/${id}`, null, { status: 200 });
        assert.deepEqual([kept.status, kept.failure_code], ['failed', low]);
        assert.equal(kept.captured, false);
      });
    }
  }
});

// Each with the status, the code, and the words of both languages.
const kRefusals = [
  ['GET', kNobody, null, 404, 'PAYMENT_NOT_FOUND', '支付不存在。'],
  ['GET', `${kPayments}/nothing`, null, 404, 'PAYMENT_NOT_FOUND', '支付不存在。'],
  ['POST', `${kNobody}/capture`, null, 404, 'PAYMENT_NOT_FOUND', '支付不存在。'],
  ['POST', `${kNobody}/cancel`, null, 404, 'PAYMENT_NOT_FOUND', '支付不存在。'],
  ['POST', `${kNobody}/complete`, null, 404, 'PAYMENT_NOT_FOUND', '支付不存在。'],
  ['POST', `${kNobody}/refund`, null, 404, 'PAYMENT_NOT_FOUND', '支付不存在。'],
  ['POST', kPayments, newer(kGood, { amount: '0.49' }), 400, 'INVALID_AMOUNT', /不能小于/],
  ['POST', kPayments, newer(kGood, { currency: 'XXQ' }), 400, 'INVALID_CURRENCY', /不支持的货币/],
  ['POST', kPayments, newer('4242424242424241'), 400, 'INVALID_PAYMENT_METHOD', /卡号无效/],
  ['POST', kPayments, { ...newer(), gateway_id: 'no' }, 404, 'GATEWAY_NOT_FOUND', '支付网关未配置。'],
  ['POST', kPayments, { ...older(), gateway: 'no' }, 404, 'GATEWAY_NOT_FOUND', '支付网关未配置。'],
  ['POST', kPayments, { ...newer(), colour: 'red' }, 400, 'VALIDATION_ERROR', /未知字段/],
  ['POST', kPayments, {}, 400, 'VALIDATION_ERROR', /必填/],
  ['POST', kPayments, '{', 400, 'VALIDATION_ERROR', /JSON/],
  ['POST', kPayments, '[]', 400, 'VALIDATION_ERROR', /JSON/],
  ['GET', '/api/v1/disputes/nothing', null, 404, 'DISPUTE_NOT_FOUND', '争议不存在。'],
  ['GET', '/api/v1/payouts/nothing', null, 404, 'NOT_FOUND', '提现不存在。'],
  ['DELETE', '/api/v2/payment-methods/nothing', null, 404, 'NOT_FOUND', '支付方式不存在。'],
  ['GET', '/api/v1/customers/nobody/payment_methods', null, 404, 'NOT_FOUND', '客户不存在。'],
];

test('what is wrong is named in both languages, and nothing is made of it', async (t) => {
  const { api } = await startShop(t);
  for (const [method, path, body, status, code, chinese] of kRefusals) {
    await t.test(`${code} of ${method} ${path.replace(kNobody, '…')}`, async () => {
      const ask = api[method.toLowerCase()];
      const english = await ask(path, body);
      assertError(english, status, code);
      assert.doesNotMatch(english.json.error.message, /[\u4e00-\u9fff]/);
      const answer = await ask(path, body, { headers: kChinese });
      assertError(answer, status, code);
      assertWords(answer.json.error.message, chinese);
      const both = [english, answer].map(({ json: { error } }) =>
        error.details.map(({ field }) => field),
      );
      assert.deepEqual(both[0], both[1]);
    });
  }
  assert.equal((await api.get(kPayments)).json.meta.pagination.total, 0);
});

test('every fault of a body is at its field', async (t) => {
  const { api } = await startShop(t);
  const card = (more) => ({
    payment_method: { type: 'card', card: { ...cardOf().card, ...more } },
  });
  const long = 'x'.repeat(351);
  const pairs = Object.fromEntries(Array.from({ length: 51 }, (_, i) => [`k${i}`, 'v']));
  const bodies = [
    [card({ exp_month: 13 }), 'INVALID_PAYMENT_METHOD', ['payment_method.card.exp_month']],
    [card({ exp_month: 0 }), 'INVALID_PAYMENT_METHOD', ['payment_method.card.exp_month']],
    [card({ exp_year: 1999 }), 'INVALID_PAYMENT_METHOD', ['payment_method.card.exp_year']],
    [card({ cvc: '12' }), 'INVALID_PAYMENT_METHOD', ['payment_method.card.cvc']],
    [card({ cvc: 'abc' }), 'INVALID_PAYMENT_METHOD', ['payment_method.card.cvc']],
    [card({ number: '4242' }), 'INVALID_PAYMENT_METHOD', ['payment_method.card.number']],
    [card({ number: undefined }), 'INVALID_PAYMENT_METHOD', ['payment_method.card.number']],
    [{ payment_method: { type: 'cash' } }, 'INVALID_PAYMENT_METHOD', ['payment_method.type']],
    [{ payment_method: {} }, 'INVALID_PAYMENT_METHOD', ['payment_method.type']],
    [{ payment_method: 7 }, 'INVALID_PAYMENT_METHOD', ['payment_method']],
    [{ payment_method: undefined }, 'VALIDATION_ERROR', ['payment_method']],
    [{ payment_method: { type: 'saved_card', token: 'card_1' } }, 'INVALID_PAYMENT_METHOD', [
      'payment_method.token',
    ]],
    [{ payment_method: { type: 'saved_card', token: `pm_${randomUUID()}` } },
      'INVALID_PAYMENT_METHOD', undefined],
    [{ payment_method: bankOf('1') }, 'INVALID_PAYMENT_METHOD', [
      'payment_method.bank_transfer.account_number',
    ]],
    [{ customer_id: 'x' }, 'VALIDATION_ERROR', ['customer_id']],
    [{ customer_email: 'x' }, 'VALIDATION_ERROR', ['customer_email']],
    [{ return_url: 'javascript:alert(1)' }, 'VALIDATION_ERROR', ['return_url']],
    [{ description: long }, 'VALIDATION_ERROR', ['description']],
    [{ metadata: pairs }, 'VALIDATION_ERROR', ['metadata']],
    [{ metadata: 'x' }, 'VALIDATION_ERROR', ['metadata']],
    [{ save_payment_method: 'yes' }, 'VALIDATION_ERROR', ['save_payment_method']],
    [{ capture_method: 'later' }, 'VALIDATION_ERROR', ['capture_method']],
    [{ order_id: 7 }, 'VALIDATION_ERROR', ['order_id']],
    [{ idempotency_key: 'k'.repeat(256) }, 'VALIDATION_ERROR', ['idempotency_key']],
    [{ idempotency_key: '' }, 'VALIDATION_ERROR', ['idempotency_key']],
    [{ customer_id: 'x', return_url: 'x', colour: 1 }, 'VALIDATION_ERROR', [
      'colour', 'customer_id', 'return_url',
    ]],
  ];
  for (const [more, code, fields] of bodies) {
    await t.test(`${code}: ${JSON.stringify(more).slice(0, 60)}`, async () => {
      const answer = await api.post(kPayments, { ...newer(), ...more });
      assertError(answer, 400, code);
      const named = answer.json.error.details.map(({ field }) => field).sort();
      if (fields) assert.deepEqual(named, fields);
      assert.doesNotMatch(answer.text, /4242424242424242|000123456789/);
    });
  }
  assert.equal((await api.get(kPayments)).json.meta.pagination.total, 0);
});

test('a name that comes twice is refused, wherever it lies', async (t) => {
  const { api } = await startShop(t);
  const twice = (body, name) => {
    const text = JSON.stringify(body);
    const member = new RegExp(`("${name}":(?:"[^"]*"|\\d+))`);
    return text.replace(member, '$1,$1');
  };
  const cases = [
    ['amount', 'amount'],
    ['idempotency_key', 'idempotency_key'],
    ['number', 'payment_method.card.number'],
    ['order', 'metadata.order'],
  ];
  const whole = newer(kGood, { metadata: { order: '1' }, idempotency_key: randomUUID() });
  for (const [name, field] of cases) {
    const body = twice(whole, name);
    assert.notEqual(body, JSON.stringify(whole));
    const answer = await api.post(kPayments, body);
    assertError(answer, 400, 'VALIDATION_ERROR', [field]);
    assert.doesNotMatch(answer.text, /4242424242424242/);
  }
  const chinese = await api.post(kPayments, twice(whole, 'amount'), { headers: kChinese });
  assertError(chinese, 400, 'VALIDATION_ERROR', ['amount']);
  assertWords(chinese.json.error.message, /重复/);
  const { id } = await paid(api);
  const refund = await api.post(`${kPayments}/${id}/refund`, '{"amount":"1.00","amount":"2.00"}');
  assertError(refund, 400, 'VALIDATION_ERROR', ['amount']);
  const { json } = await api.get(kPayments, null, { status: 200 });
  assert.deepEqual(json.data.map((one) => [one.id, one.status]), [[id, 'succeeded']]);
  await api.post(kPayments, whole, { status: 201 });
});

test('a text may not hold a NUL', async (t) => {
  const { api } = await startShop(t);
  for (const more of [{ order_id: 'a\0b' }, { description: '\0' }, { metadata: { a: '\0' } }]) {
    assertError(await api.post(kPayments, newer(kGood, more)), 400, 'VALIDATION_ERROR');
  }
});

test('a body may have sixteen megabytes', async (t) => {
  const { api } = await startShop(t);
  for (const size of [2_000_000, 15_000_000]) {
    const answer = await api.post(kPayments, newer(kGood, { description: 'x'.repeat(size) }));
    assertError(answer, 400, 'VALIDATION_ERROR', ['description']);
  }
});

test('the state of things is an answer of its own', async (t) => {
  const { api } = await startShop(t);
  const held = async () => (await paid(api, kGood, { capture_method: 'manual' })).id;
  const chinese = { headers: kChinese };
  const captured = (await paid(api)).id;
  const words = async (path, body, code, text) => {
    const answer = await api.post(`${kPayments}/${path}`, body, chinese);
    assertError(answer, 409, code);
    assertWords(answer.json.error.message, text);
  };
  await words(`${captured}/capture`, null, 'ALREADY_CAPTURED', '支付已捕获。');
  await words(`${captured}/cancel`, null, 'ALREADY_CAPTURED', '支付已捕获。');
  await api.post(`${kPayments}/${captured}/refund`, null, { status: 201 });
  await words(`${captured}/refund`, null, 'ALREADY_REFUNDED', '支付已全额退款。');
  await words(`${await held()}/refund`, null, 'CONFLICT', /取消支付/);
  await words(`${(await paid(api, kDisputed)).id}/refund`, null, 'CONFLICT', /争议/);
});

test('Accept-Language is weighed as its readers mean it', async (t) => {
  const { api } = await startShop(t);
  const chinese = [
    'zh', 'zh-CN', 'zh-TW', 'zh-Hans-CN', 'ZH-cn', 'zh-CN,zh;q=0.9,en;q=0.8',
    'en;q=0.5, zh;q=0.8', 'fr, zh;q=0.5, en;q=0.1', 'de;q=0.9,zh;q=0.2',
  ];
  const english = [
    '', 'en', 'en-GB', '*', 'fr', 'en-US,en;q=0.9,zh;q=0.8', 'zh;q=0, en', 'zh;q=0',
    'zh;q=0.3, en;q=0.7', ';;q=x,,', 'zhx', 'en;q=1.0,zh;q=0.999', 'x'.repeat(2_000),
  ];
  const say = async (language) => {
    const answer = await api.get(kNobody, null, { headers: { 'accept-language': language } });
    assertError(answer, 404, 'PAYMENT_NOT_FOUND');
    return /[\u4e00-\u9fff]/.test(answer.json.error.message) ? 'zh' : 'en';
  };
  for (const language of chinese) assert.equal(await say(language), 'zh', language);
  for (const language of english) assert.equal(await say(language), 'en', language);
});

test('keys decide who may do what, in both languages', async (t) => {
  const { daemon, api } = await startShop(t);
  const wrong = [null, 'sk_test_x', 'rk_test_x', 'sk_live_integration0123456789abcdef', ' '];
  for (const key of wrong) {
    assertError(await api.get(kPayments, null, { key }), 401, 'UNAUTHORIZED');
    const answer = await api.post(kPayments, newer(), { key, headers: kChinese });
    assertError(answer, 401, 'UNAUTHORIZED');
    assert.match(answer.json.error.message, /[\u4e00-\u9fff]/);
  }
  const basic = Buffer.from(`${secretKey}:`).toString('base64');
  const asBasic = { key: null, headers: { authorization: `Basic ${basic}` }, status: 200 };
  await api.get(kPayments, null, asBasic);
  const writes = [
    ['post', kPayments, newer()],
    ['post', `${kNobody}/capture`],
    ['post', `${kNobody}/refunds`],
    ['post', '/api/v1/payment_intents', { amount: '5.00', currency: 'USD' }],
    ['post', '/api/v2/payment-methods', {}],
    ['delete', '/api/v2/payment-methods/pm_x'],
    ['post', '/api/v1/disputes/x/evidence', {}],
  ];
  const reader = shopClientOf(daemon, { key: restrictedKey });
  for (const [method, path, body] of writes) {
    assertError(await reader[method](path, body), 403, 'FORBIDDEN');
  }
  const forbidden = await reader.post(kPayments, newer(), { headers: kChinese });
  assert.match(forbidden.json.error.message, /受限密钥/);
  for (const path of ['/payments', '/disputes', '/payouts', '/balance', '/balance/transactions']) {
    await reader.get(`/api/v1${path}`, null, { status: 200 });
    await reader.get(`/api/v2${path}`, null, { status: 200 });
  }
});

test('a publishable key sees no payments of this dialect', async (t) => {
  const { api } = await startShop(t);
  const { json: made } = await api.post(
    '/api/v2/api-keys',
    { kind: 'publishable', name: 'checkout' },
    { status: 201 },
  );
  const { key } = made;
  assert.match(key, /^pk_test_/);
  const { id } = await paid(api);
  for (const path of [kPayments, `${kPayments}/${id}`, '/api/v1/balance', '/api/v1/disputes']) {
    assertError(await api.get(path, null, { key }), 403, 'FORBIDDEN');
  }
  assertError(await api.post(kPayments, newer(), { key }), 403, 'FORBIDDEN');
  assertError(await api.post(`${kPayments}/${id}/refund`, null, { key }), 403, 'FORBIDDEN');
});

test('addresses and methods that are not there are told in both languages', async (t) => {
  const { api } = await startShop(t);
  assertError(await api.get('/api/v1/nothing'), 404, 'NOT_FOUND');
  assertError(await api.delete('/api/v1/balance'), 405, 'METHOD_NOT_ALLOWED');
  assertError(await api.put(kNobody, {}), 405, 'METHOD_NOT_ALLOWED');
  const long = await api.get(`${kPayments}?order_id=${'a'.repeat(9_000)}`);
  assertError(long, 414, 'VALIDATION_ERROR');
  for (const [method, path] of [
    ['get', '/api/v1/nothing'],
    ['delete', '/api/v1/balance'],
  ]) {
    await t.test(`${method} ${path}`, async () => {
      const answer = await api[method](path, null, { headers: kChinese });
      assert.match(answer.json.error.message, /[\u4e00-\u9fff]/, answer.text);
    });
  }
});

test('who asks too much is told when to come back', async (t) => {
  const { api } = await startShop(t, {
    env: { POSTERN_API_RATE_LIMITS: 'true' },
    config: { api: { rate_limit_test: '5/86400s' } },
  });
  for (let i = 4; i >= 0; i -= 1) {
    const { headers } = await api.get(kPayments, null, { status: 200 });
    assert.equal(headers['x-ratelimit-limit'], '5');
    assert.equal(headers['x-ratelimit-remaining'], String(i));
    assert.match(headers['x-ratelimit-reset'], /^\d{10}$/);
  }
  const limited = await api.post(kPayments, newer(), { headers: kChinese });
  assertError(limited, 429, 'RATE_LIMITED');
  assert.match(limited.json.error.message, /[\u4e00-\u9fff]/);
  assert.ok(Number(limited.headers['retry-after']) >= 1);
});
