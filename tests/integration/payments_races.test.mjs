// Everybody at once: of captures, cancels, pages and confirmations that race exactly one counts.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assertAllClosed, assertCircle, heardOf, startCircle } from './lib/circle.mjs';
import {
  cardOf,
  choose,
  kChallenged,
  kDeclined,
  kGood,
  newer,
  outcome,
  pageOf,
  paid,
  paymentOf,
  startShop,
} from './lib/rcommerce.mjs';
import { form } from './lib/stripe_client.mjs';

const kParallel = 20;
const kPayments = '/api/v1/payments';

const atOnce = (act) => Promise.all(Array.from({ length: kParallel }, (_, i) => act(i)));

const countOf = (answers, wanted) => answers.filter(({ status }) => status === wanted).length;

test('of captures and cancels of one hold exactly one counts', async (t) => {
  const { api, stripe } = await startShop(t);
  for (const [name, acts] of Object.entries({
    captures: ['capture'],
    cancels: ['cancel'],
    both: ['capture', 'cancel'],
  })) {
    await t.test(name, async () => {
      const { id, transaction_id: intent } = await paid(api, kGood, { capture_method: 'manual' });
      const answers = await atOnce((i) =>
        api.post(`${kPayments}/${id}/${acts[i % acts.length]}`),
      );
      assert.equal(countOf(answers, 200), 1);
      assert.equal(countOf(answers, 409), kParallel - 1);
      const { json: won } = answers.find(({ status }) => status === 200);
      const { status } = await paymentOf(api, id);
      assert.equal(status, won.status);
      const { amount_received: received } = await stripe.paymentIntents.retrieve(intent);
      assert.equal(received, status === 'succeeded' ? 5949 : 0);
    });
  }
});

test('of many answers to one page exactly one counts', async (t) => {
  const circle = await startCircle(t);
  const { api, daemon } = circle;
  const asked = await outcome(api, kChallenged);
  await heardOf(circle, asked.payment_id, 1);
  const answers = await atOnce((i) => choose(daemon, asked, i % 2 ? 'failed' : 'succeeded'));
  assert.equal(countOf(answers, 200), 1);
  assert.equal(countOf(answers, 410), kParallel - 1);
  const { status } = await paymentOf(api, asked.payment_id);
  const told = ['payment.created', 'payment.requires_action'];
  if (status === 'succeeded') told.push('payment.action_completed');
  await assertCircle(circle, asked.payment_id, {
    told: [...told, `payment.${status}`],
    heard: ['payment.requires_action', `payment.${status}`],
  });
  await assertAllClosed(circle);
});

test('a page is used once, whatever key comes with it', async (t) => {
  const { api, daemon } = await startShop(t);
  const asked = await outcome(api, kChallenged);
  const answer = () =>
    daemon.request('POST', pageOf(asked), {
      headers: { ...form, 'idempotency-key': 'stranger' },
      body: 'outcome=succeeded',
    });
  assert.equal((await answer()).status, 200);
  assert.equal((await answer()).status, 410);
});

test('of confirmations of one intent by both dialects exactly one pays', async (t) => {
  const { api, stripe } = await startShop(t);
  const intent = await stripe.paymentIntents.create({
    amount: 5949,
    currency: 'usd',
    payment_method: 'pm_card_visa',
  });
  const answers = await atOnce(async (i) => {
    if (i % 2) return api.post(`/api/v1/payment_intents/${intent.id}/confirm`);
    return stripe.paymentIntents.confirm(intent.id).then(
      () => ({ status: 200 }),
      ({ statusCode }) => ({ status: statusCode }),
    );
  });
  assert.equal(countOf(answers, 200), 1);
  const { data } = await stripe.charges.list({ payment_intent: intent.id });
  assert.equal(data.length, 1);
});

test('a payment that was declined may be tried again, and pays once', async (t) => {
  const circle = await startCircle(t);
  const { api } = circle;
  const { json: declined } = await api.post(kPayments, newer(kDeclined), { status: 402 });
  const id = declined.payment_id;
  const confirm = `/api/v1/payment_intents/${id}/confirm`;
  const answers = await atOnce(() => api.post(confirm, { payment_method: cardOf() }));
  assert.equal(countOf(answers, 200), 1);
  const { status, failure_code: failure } = await paymentOf(api, id);
  assert.deepEqual([status, failure], ['succeeded', null]);
  await assertCircle(circle, id, {
    told: ['payment.created', 'payment.failed', 'payment.succeeded'],
    heard: ['payment.failed', 'payment.succeeded'],
  });
  await assertAllClosed(circle);
});
