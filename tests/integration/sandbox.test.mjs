// The sandbox's gateways against the real daemon: what they answer, what their pages do, and what
// they post to our own receiver.
import assert from 'node:assert/strict';
import http from 'node:http';
import { test } from 'node:test';
import { startDaemon } from './lib/daemon.mjs';
import { eventually, json } from './lib/delivery.mjs';
import { startPaying } from './lib/stripe_client.mjs';

const kSettleMilliseconds = 150;

async function startSandbox(t, payments = {}) {
  const { daemon } = await startPaying(t, {
    payments: { sandbox_settle_milliseconds: kSettleMilliseconds, ...payments },
  });
  return daemon;
}

async function send(daemon, target, body, status = 200) {
  const answer = await daemon.post(target, { headers: json, body: JSON.stringify(body) });
  assert.equal(answer.status, status, `${target}: ${answer.text}`);
  return answer.json;
}

const card = (number) => ({
  type: 'card',
  card: { number, exp_month: 12, exp_year: 2034, cvc: '123', name: 'Ada L.' },
});

async function pay(daemon, { status = 201, gateway = 'stripe', method, ...more } = {}) {
  return send(
    daemon,
    '/api/v1/payments',
    {
      gateway_id: gateway,
      amount: '19.99',
      currency: gateway === 'alipay' || gateway === 'wechatpay' ? 'CNY' : 'USD',
      payment_method: method ?? card('4242424242424242'),
      ...more,
    },
    status,
  );
}

const paymentOf = async (daemon, id) => (await daemon.get(`/api/v1/payments/${id}`)).json;
const typesOf = (events) => events.map(({ type }) => type);

// Every webhook that was posted is verified and leads to an event: its own, or an earlier one.
async function allHeard(daemon, count) {
  const items = await eventually(`${count} webhooks`, async () => {
    const inbox = await daemon.inbox();
    return inbox.length >= count && inbox;
  });
  assert.equal(items.length, count);
  for (const item of items) {
    assert.equal(item.verdict, 'verified', JSON.stringify(item));
    assert.equal(item.event_ids.length, 1, JSON.stringify(item));
  }
  return items;
}

// "/sandbox/actions/act_…" of what a payment requires.
const pageOf = (answer) => new URL(answer.action_data.redirect_url).pathname;

function choose(daemon, page, outcome) {
  return daemon.request('POST', page, {
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: `outcome=${outcome}`,
  });
}

test('a card is told by each gateway in its own words, and once', async (t) => {
  const daemon = await startSandbox(t);
  const gateways = ['stripe', 'airwallex', 'onerway'];
  for (const gateway of gateways) {
    assert.equal((await pay(daemon, { gateway })).type, 'success');
    const declined = await pay(daemon, {
      gateway,
      method: card('4000000000000002'),
      status: 402,
    });
    assert.equal(declined.error_code, 'card_declined');
  }
  await allHeard(daemon, 2 * gateways.length);
  const types = typesOf(await daemon.events());
  assert.equal(types.filter((type) => type === 'payment.succeeded').length, gateways.length);
  assert.equal(types.filter((type) => type === 'payment.failed').length, gateways.length);
});

test('a challenge is a page that a person can click through', async (t) => {
  const daemon = await startSandbox(t);
  const back = 'https://shop.example/done?order=7';
  const asked = await pay(daemon, { method: card('4000002500003155'), return_url: back });
  assert.equal(asked.type, 'requires_action');
  const shown = await daemon.request('GET', pageOf(asked));
  assert.equal(shown.status, 200);
  assert.match(shown.headers['content-type'], /^text\/html/);
  assert.match(shown.headers['content-security-policy'], /default-src 'none'/);
  assert.match(shown.text, /19\.99 USD/);
  const decided = await choose(daemon, pageOf(asked), 'succeeded');
  assert.equal(decided.status, 303);
  const location = new URL(decided.headers.location);
  assert.equal(location.searchParams.get('order'), '7');
  assert.equal(location.searchParams.get('redirect_status'), 'succeeded');
  assert.match(location.searchParams.get('payment_intent'), /^pi_/);
  assert.equal((await paymentOf(daemon, asked.payment_id)).status, 'succeeded');
  assert.equal((await choose(daemon, pageOf(asked), 'failed')).status, 410);
  assert.equal((await daemon.request('GET', pageOf(asked))).status, 410);
  await allHeard(daemon, 2); // requires_action and succeeded
  const types = typesOf(await daemon.events());
  assert.equal(types.filter((type) => type === 'payment.succeeded').length, 1);
  assert.equal(types.filter((type) => type === 'payment.action_completed').length, 1);
});

test('who declines or leaves does not pay', async (t) => {
  const daemon = await startSandbox(t);
  for (const outcome of ['failed', 'abandoned']) {
    const asked = await pay(daemon, { method: card('4000008400001629') });
    assert.equal((await choose(daemon, pageOf(asked), outcome)).status, 200);
    assert.equal((await paymentOf(daemon, asked.payment_id)).status, 'failed');
  }
  assert.equal((await choose(daemon, '/sandbox/actions/act_1', 'succeeded')).status, 404);
  const other = await daemon.request('PUT', '/sandbox/actions/act_1');
  assert.equal(other.status, 405);
});

test('wallets are paid on their pages', async (t) => {
  const daemon = await startSandbox(t);
  for (const [gateway, type] of [
    ['wechatpay', 'wechat_pay'],
    ['alipay', 'alipay'],
  ]) {
    const asked = await pay(daemon, { gateway, method: { type } });
    assert.equal(asked.type, 'requires_action', JSON.stringify(asked));
    const shown = await daemon.request('GET', pageOf(asked));
    assert.equal(/<svg /.test(shown.text), gateway === 'wechatpay');
    await choose(daemon, pageOf(asked), 'succeeded');
    const payment = await paymentOf(daemon, asked.payment_id);
    assert.equal(payment.status, 'succeeded');
    assert.match(payment.gateway_payment_id, /^\d{28}$/);
  }
  await allHeard(daemon, 2);
});

test('a bank debit ends by webhook', async (t) => {
  const daemon = await startSandbox(t);
  const bank = (account_number) => ({
    type: 'bank_transfer',
    bank_transfer: {
      account_number,
      routing_number: '110000000',
      account_holder_name: 'Ada L.',
      bank_name: 'Test Bank',
    },
  });
  const good = await pay(daemon, { method: bank('000123456789') });
  const closed = await pay(daemon, { method: bank('000111111113') });
  assert.equal(good.payment_status, 'processing');
  await eventually('the end of both', async () => {
    const [first, second] = await Promise.all(
      [good, closed].map(({ payment_id }) => paymentOf(daemon, payment_id)),
    );
    return first.status === 'succeeded' && second.status === 'failed';
  });
  await allHeard(daemon, 2);
});

test('what the gateway did not answer is told by its webhook', async (t) => {
  const daemon = await startSandbox(t);
  const silent = await pay(daemon, { method: card('4000009999990008') });
  assert.equal(silent.payment_status, 'processing');
  await eventually(
    'the outcome',
    async () => (await paymentOf(daemon, silent.payment_id)).status === 'succeeded',
  );
  const [item] = await allHeard(daemon, 1);
  const [event] = await daemon.events({ type: 'payment.succeeded' });
  assert.deepEqual(item.event_ids, [event.id]);
});

test('refunds succeed, pend and fail', async (t) => {
  const daemon = await startSandbox(t);
  const ends = {
    4242424242424242: ['succeeded', 'succeeded'],
    4000000000007726: ['pending', 'succeeded'],
    4000000000005126: ['pending', 'failed'],
  };
  for (const [number, [first, last]] of Object.entries(ends)) {
    const { payment_id } = await pay(daemon, { method: card(number) });
    const refund = await send(daemon, `/api/v1/payments/${payment_id}/refund`, {}, 201);
    assert.equal(refund.status, first);
    await eventually(`a refund that ${last}`, async () => {
      const target = `/api/v1/payments/${payment_id}/refunds/${refund.refund_id}`;
      return (await daemon.get(target)).json.status === last;
    });
  }
});

test('a card that is disputed is so as soon as it has paid', async (t) => {
  const daemon = await startSandbox(t);
  await pay(daemon, { method: card('4000000000000259') });
  const { data } = (await daemon.get('/api/v1/disputes')).json;
  const [dispute] = data;
  assert.equal(dispute.reason, 'fraudulent');
  const won = { uncategorized_text: 'winning_evidence' };
  await send(daemon, `/api/v1/disputes/${dispute.id}/evidence`, won);
  await eventually(
    'the end',
    async () => (await daemon.get(`/api/v1/disputes/${dispute.id}`)).json.status === 'won',
  );
  const created = await daemon.events({ type: 'dispute.created' });
  assert.equal(created.length, 1);
});

test('the merchant plays the bank', async (t) => {
  const daemon = await startSandbox(t);
  const { payment_id } = await pay(daemon);
  const wish = { payment_id, reason: 'general', amount: '5.00' };
  const dispute = await send(daemon, '/api/v2/sandbox/disputes', wish, 201);
  assert.equal(dispute.amount, '5.00');
  const target = `/api/v2/sandbox/disputes/${dispute.id}/resolve`;
  assert.equal((await send(daemon, target, { outcome: 'lost' })).status, 'lost');
  await send(daemon, target, { outcome: 'won' }, 409);
  await pay(daemon);
  const settled = await send(daemon, '/api/v2/sandbox/settle', {});
  assert.ok(settled.settled >= 1);
  await allHeard(daemon, 4); // two payments, and both words about the dispute
});

test('payouts arrive, and one that fails comes back', async (t) => {
  const daemon = await startSandbox(t);
  await pay(daemon, { method: card('4000000000000077'), amount: '900.00' });
  const payOut = async (destination) => {
    const body = new URLSearchParams({ amount: '1000', currency: 'usd', destination });
    const answer = await daemon.post('/v1/payouts', {
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: body.toString(),
    });
    assert.equal(answer.status, 200, answer.text);
    assert.equal(answer.json.status, 'pending');
    return answer.json.id;
  };
  const paid = await payOut('ba_1');
  const failed = await payOut('ba_000111111116');
  const statusOf = async (id) => (await daemon.get(`/v1/payouts/${id}`)).json.status;
  await eventually('arrival', async () => (await statusOf(paid)) === 'paid');
  await eventually('return', async () => (await statusOf(failed)) === 'failed');
});

test('what was not said before a kill is said after it', async (t) => {
  const daemon = await startSandbox(t, { sandbox_settle_milliseconds: 2_000 });
  const silent = await pay(daemon, { method: card('4000009999990008') });
  await daemon.kill();
  const again = await startDaemon(t, { folder: daemon.folder });
  await eventually(
    'the outcome',
    async () => (await paymentOf(again, silent.payment_id)).status === 'succeeded',
  );
});

test('a gateway that answers later is waited for', async (t) => {
  const daemon = await startSandbox(t, { sandbox_latency_milliseconds: 50 });
  assert.equal((await pay(daemon)).type, 'success');
  const asked = await pay(daemon, { method: card('4000002500003155') });
  assert.equal(asked.type, 'requires_action');
  await choose(daemon, pageOf(asked), 'succeeded');
  assert.equal((await paymentOf(daemon, asked.payment_id)).status, 'succeeded');
});

test('what is posted goes over a few connections that are kept', async (t) => {
  const daemon = await startSandbox(t);
  daemon.agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
  for (let i = 0; i < 24; ++i) await pay(daemon);
  const heard = await eventually('a webhook or more of each', async () => {
    const items = await daemon.listAll('/api/v2/inbox');
    return items.length >= 24 && items.length;
  });
  const listener = { listener: 'public' };
  const opened = await daemon.metric('postern_http_connections_accepted_total', listener);
  const lanes = 4;
  assert.ok(opened <= 1 + lanes, `${heard} webhooks came over ${opened} connections`);
});
