// 3-D Secure by the real SDK and the sandbox's pages: every card, every way a buyer may leave.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventually } from './lib/delivery.mjs';
import { plain, refused } from './lib/stripe_checks.mjs';
import { choose, pageOf, pay, startPaying } from './lib/stripe_client.mjs';

// Cards that are challenged, and one that is looked at and let through.
const kChallenged = [
  '4000002500003155',
  '4000002760003184',
  '4000003800000446',
  '4000008400001629',
];
const kFrictionless = '4000000000003220';
const kReturn = 'https://shop.example/done?order=7';

const cardOf = async (stripe, number) => {
  const { id } = await stripe.paymentMethods.create({
    type: 'card',
    card: { number, exp_month: 12, exp_year: 2034, cvc: '123' },
  });
  return id;
};

const payWith = async (stripe, number, more = {}) =>
  pay(stripe, { payment_method: await cardOf(stripe, number), ...more });

const read = (stripe, { id }) => stripe.paymentIntents.retrieve(id, { expand: ['latest_charge'] });

const secureOf = ({ latest_charge: charge }) => charge.payment_method_details.card.three_d_secure;

const typesOf = async (stripe) =>
  (await stripe.events.list({ limit: 100 })).data.map(({ type }) => type);

const times = (types, wanted) => types.filter((type) => type === wanted).length;

for (const number of kChallenged) {
  test(`${number} is challenged`, async (t) => {
    const { daemon, stripe } = await startPaying(t);
    await t.test('approved it pays', async () => {
      const asked = await payWith(stripe, number, { return_url: kReturn });
      assert.equal(asked.status, 'requires_action');
      assert.equal(asked.latest_charge, null);
      assert.equal(asked.amount_received, 0);
      assert.equal(asked.next_action.type, 'redirect_to_url');
      const shown = await daemon.request('GET', pageOf(asked));
      assert.equal(shown.status, 200);
      assert.match(shown.headers['content-type'], /^text\/html/);
      assert.match(shown.text, /20\.00 USD/);
      assert.ok(!shown.text.includes(number), 'the page shows no number');
      assert.ok(!shown.text.includes(asked.client_secret), 'nor a secret');
      assert.equal(
        (await read(stripe, asked)).status,
        'requires_action',
        'looking decides nothing',
      );
      const { status, headers } = await choose(daemon, asked, 'succeeded');
      assert.equal(status, 303);
      const back = new URL(headers.location);
      assert.equal(back.origin + back.pathname, 'https://shop.example/done');
      const { order, ...told } = Object.fromEntries(back.searchParams);
      assert.equal(order, '7');
      assert.deepEqual(told, {
        payment_intent: asked.id,
        payment_intent_client_secret: asked.client_secret,
        redirect_status: 'succeeded',
      });
      const paid = await read(stripe, asked);
      assert.equal(paid.status, 'succeeded');
      assert.equal(paid.amount_received, 2000);
      assert.equal(paid.next_action, null);
      assert.equal(secureOf(paid).authentication_flow, 'challenge');
      assert.equal(secureOf(paid).result, 'authenticated');
    });
    for (const outcome of ['failed', 'abandoned']) {
      await t.test(`${outcome} it does not`, async () => {
        const asked = await payWith(stripe, number, { return_url: kReturn });
        const { status, headers } = await choose(daemon, asked, outcome);
        assert.equal(status, 303);
        assert.equal(new URL(headers.location).searchParams.get('redirect_status'), 'failed');
        const left = await read(stripe, asked);
        assert.equal(left.status, 'requires_payment_method');
        assert.equal(left.last_payment_error.code, 'payment_intent_authentication_failure');
        assert.equal(left.last_payment_error.type, 'invalid_request_error');
        assert.equal(left.next_action, null);
        assert.equal(left.amount_received, 0);
        const again = await stripe.paymentIntents.confirm(left.id, {
          payment_method: 'pm_card_visa',
        });
        assert.equal(again.status, 'succeeded');
        assert.equal(again.last_payment_error, null);
      });
    }
    await t.test('each step is told once', async () => {
      await eventually('the words of the provider', async () => (await daemon.inbox()).length >= 8);
      const types = await typesOf(stripe);
      assert.equal(times(types, 'payment_intent.requires_action'), 3);
      assert.equal(times(types, 'payment_intent.succeeded'), 3);
      assert.equal(times(types, 'payment_intent.payment_failed'), 2);
      assert.equal(times(types, 'charge.succeeded'), 3);
    });
  });
}

test('a page serves once', async (t) => {
  const { daemon, stripe } = await startPaying(t);
  for (const [first, second] of [
    ['succeeded', 'failed'],
    ['failed', 'succeeded'],
    ['abandoned', 'succeeded'],
  ]) {
    await t.test(`${first}, then ${second}`, async () => {
      const asked = await payWith(stripe, kChallenged[0]);
      await choose(daemon, asked, first);
      const before = plain(await read(stripe, asked));
      assert.equal((await choose(daemon, asked, second)).status, 410);
      assert.equal((await daemon.request('GET', pageOf(asked))).status, 410);
      assert.deepEqual(plain(await read(stripe, asked)), before);
    });
  }
  await t.test('of ten clicks at once one counts', async () => {
    const asked = await payWith(stripe, kChallenged[0]);
    const answers = await Promise.all(
      Array.from({ length: 10 }, () => choose(daemon, asked, 'succeeded')),
    );
    assert.equal(answers.filter(({ status }) => status < 400).length, 1);
    const { data } = await stripe.charges.list({ payment_intent: asked.id });
    assert.equal(data.length, 1);
  });
  await t.test('a word that is none decides nothing', async () => {
    const asked = await payWith(stripe, kChallenged[0]);
    assert.equal((await choose(daemon, asked, 'perhaps')).status, 400);
    assert.equal((await read(stripe, asked)).status, 'requires_action');
    await choose(daemon, asked, 'succeeded');
    assert.equal((await read(stripe, asked)).status, 'succeeded');
  });
  await t.test('a canceled payment has no page', async () => {
    const asked = await payWith(stripe, kChallenged[0]);
    await stripe.paymentIntents.cancel(asked.id);
    assert.ok((await choose(daemon, asked, 'succeeded')).status >= 400);
    assert.equal((await read(stripe, asked)).status, 'canceled');
  });
});

test('while a challenge waits', async (t) => {
  const { daemon, stripe } = await startPaying(t);
  const asked = await payWith(stripe, kChallenged[0]);
  await t.test('there is nothing to capture or to refund', async () => {
    const unexpected = { code: 'payment_intent_unexpected_state' };
    await refused(stripe.paymentIntents.capture(asked.id), unexpected);
    await refused(stripe.refunds.create({ payment_intent: asked.id }));
    await refused(stripe.paymentIntents.confirm(asked.id), unexpected);
    assert.equal((await read(stripe, asked)).status, 'requires_action');
  });
  await t.test('the SDK of a browser is told where to go', () => {
    assert.equal(asked.next_action.type, 'use_stripe_sdk');
    const { type, stripe_js: address } = asked.next_action.use_stripe_sdk;
    assert.equal(type, 'three_d_secure_redirect');
    assert.match(address, /^http:\/\/127\.0\.0\.1:\d+\/sandbox\/actions\/act_/);
  });
  await t.test('its words may be changed, and the buyer goes on', async () => {
    const changed = await stripe.paymentIntents.update(asked.id, { metadata: { a: '1' } });
    assert.equal(changed.metadata.a, '1');
    assert.equal((await choose(daemon, asked, 'succeeded')).status, 200, 'no return_url');
    assert.equal((await read(stripe, asked)).status, 'succeeded');
  });
});

test('a challenge and how it is confirmed and captured', async (t) => {
  const { daemon, stripe } = await startPaying(t);
  const [number] = kChallenged;
  await t.test('held, then captured in part', async () => {
    const asked = await payWith(stripe, number, { capture_method: 'manual' });
    await choose(daemon, asked, 'succeeded');
    const held = await read(stripe, asked);
    assert.equal(held.status, 'requires_capture');
    assert.equal(held.amount_capturable, 2000);
    assert.equal(held.latest_charge.captured, false);
    const taken = await stripe.paymentIntents.capture(asked.id, { amount_to_capture: 700 });
    assert.equal(taken.amount_received, 700);
  });
  await t.test('the server confirms again', async () => {
    const asked = await payWith(stripe, number, { confirmation_method: 'manual' });
    await choose(daemon, asked, 'succeeded');
    const passed = await read(stripe, asked);
    assert.equal(passed.status, 'requires_confirmation');
    assert.equal(passed.amount_received, 0);
    const paid = await stripe.paymentIntents.confirm(asked.id, { expand: ['latest_charge'] });
    assert.equal(paid.status, 'succeeded');
    assert.equal(secureOf(paid).authentication_flow, 'challenge');
  });
  await t.test('the server confirms again, after a failure with a new challenge', async () => {
    const asked = await payWith(stripe, number, { confirmation_method: 'manual' });
    await choose(daemon, asked, 'failed');
    const method = await cardOf(stripe, number);
    const second = await stripe.paymentIntents.confirm(asked.id, { payment_method: method });
    assert.equal(second.status, 'requires_action');
    assert.notEqual(pageOf(second), pageOf(asked));
    await choose(daemon, second, 'succeeded');
    assert.equal((await stripe.paymentIntents.confirm(asked.id)).status, 'succeeded');
  });
  await t.test('a saved card is challenged each time', async () => {
    const { id: customer } = await stripe.customers.create();
    const method = await cardOf(stripe, number);
    await stripe.paymentMethods.attach(method, { customer });
    for (let index = 0; index < 2; index += 1) {
      const asked = await pay(stripe, { customer, payment_method: method });
      assert.equal(asked.status, 'requires_action');
      await choose(daemon, asked, 'succeeded');
      assert.equal((await read(stripe, asked)).status, 'succeeded');
    }
  });
});

test(`${kFrictionless} is let through`, async (t) => {
  const { stripe } = await startPaying(t);
  const paid = await payWith(stripe, kFrictionless, { expand: ['latest_charge'] });
  assert.equal(paid.status, 'succeeded');
  assert.equal(paid.next_action, null);
  assert.equal(secureOf(paid).authentication_flow, 'frictionless');
  assert.equal(secureOf(paid).result, 'authenticated');
  assert.equal(times(await typesOf(stripe), 'payment_intent.requires_action'), 0);
});

test('a card without a challenge says nothing of one', async (t) => {
  const { stripe } = await startPaying(t);
  const paid = await pay(stripe, { expand: ['latest_charge'] });
  assert.equal(secureOf(paid), null);
});

test('wallets are approved on their pages', async (t) => {
  const { daemon, stripe } = await startPaying(t);
  for (const type of ['alipay', 'wechat_pay']) {
    for (const [outcome, status] of [
      ['succeeded', 'succeeded'],
      ['failed', 'requires_payment_method'],
      ['abandoned', 'requires_payment_method'],
    ]) {
      await t.test(`${type}: ${outcome}`, async () => {
        const asked = await pay(stripe, {
          currency: 'cny',
          payment_method: undefined,
          payment_method_data: { type },
          payment_method_types: [type],
          return_url: kReturn,
        });
        assert.equal(asked.status, 'requires_action', JSON.stringify(asked.next_action));
        const page = new URL(addressOf(asked)).pathname;
        const headers = { 'content-type': 'application/x-www-form-urlencoded' };
        await daemon.request('POST', page, { headers, body: `outcome=${outcome}` });
        const ended = await read(stripe, asked);
        assert.equal(ended.status, status);
        if (status === 'succeeded') {
          assert.equal(ended.latest_charge.payment_method_details.type, type);
        }
      });
    }
  }
});

// Where each kind of action leads.
function addressOf({ next_action: action }) {
  const { type } = action;
  if (type === 'redirect_to_url') return action.redirect_to_url.url;
  if (type === 'alipay_handle_redirect') return action.alipay_handle_redirect.url;
  if (type === 'wechat_pay_display_qr_code') return action.wechat_pay_display_qr_code.data;
  return assert.fail(`an unforeseen action: ${type}`);
}
