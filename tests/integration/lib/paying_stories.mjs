// What persistent merchants do, one story after another. Each tells what its money must have come
// to: { payment (pi_…), received, refunded, canceled }, or { payout }.
import assert from 'node:assert/strict';

const kGood = '4242424242424242';
const kAvailable = '4000000000000077';
const kDeclined = '4000000000000002';
const kKinds = [
  'atOnce',
  'declined',
  'held',
  'canceled',
  'race',
  'overApi',
  'olderApi',
  'payout',
];
const kProcessing = new Set(['processing', 'pending']);

const decimal = (minor) => (minor / 100).toFixed(2);
const card = (number) => ({ number, exp_month: 12, exp_year: 2034, cvc: '314', name: 'Ada L.' });

export class Stories {
  constructor(payer, { chance, name }) {
    this.payer = payer;
    this.chance = chance;
    this.name = name;
    this.next = 0;
    this.kinds = kKinds;
  }

  key(what) {
    this.next += 1;
    return `${this.name}-${this.next}-${what}`;
  }

  tell() {
    return this[this.chance.pick(this.kinds)]();
  }

  async create(params) {
    const key = this.key('create');
    const metadata = { op: key };
    const answer = await this.payer.stripe(key, (stripe, options) =>
      stripe.paymentIntents.create({ currency: 'usd', metadata, ...params }, options),
    );
    assert.ok([200, 402].includes(answer.status), `${key}: ${JSON.stringify(answer)}`);
    return answer;
  }

  // The gateway may take its time, and then the answer was "processing".
  async standing(id) {
    for (;;) {
      const intent = await this.payer.get(`/v1/payment_intents/${id}`);
      if (!kProcessing.has(intent.status)) return intent;
    }
  }

  refund(payment, amount) {
    const key = this.key('refund');
    const metadata = { op: key };
    return this.payer.stripe(key, (stripe, options) =>
      stripe.refunds.create({ payment_intent: payment, amount, metadata }, options),
    );
  }

  async paid(number) {
    const amount = this.chance.whole(1000, 90_000);
    const { json } = await this.create({
      amount,
      payment_method_data: { type: 'card', card: { ...card(number), name: undefined } },
      confirm: true,
    });
    const intent = await this.standing(json.id);
    return { payment: intent.id, amount: intent.amount };
  }

  async atOnce() {
    const { payment, amount } = await this.paid(kGood);
    if (this.chance.of(0.5)) return { payment, received: amount, refunded: 0 };
    const part = this.chance.whole(1, amount);
    await this.refund(payment, part);
    return { payment, received: amount, refunded: part };
  }

  async declined() {
    const { json } = await this.create({
      amount: 5000,
      payment_method_data: { type: 'card', card: { ...card(kDeclined), name: undefined } },
      confirm: true,
    });
    const payment = json.error?.payment_intent.id ?? json.id;
    await this.standing(payment);
    return { payment, received: 0, refunded: 0 };
  }

  // Created, confirmed and held: each by a request of its own.
  async hold(amount) {
    const { json: made } = await this.create({ amount, capture_method: 'manual' });
    await this.payer.stripe(this.key('confirm'), (stripe, options) =>
      stripe.paymentIntents.confirm(made.id, { payment_method: 'pm_card_visa' }, options),
    );
    await this.standing(made.id);
    return made.id;
  }

  capture(payment, amount) {
    return this.payer.stripe(this.key('capture'), (stripe, options) =>
      stripe.paymentIntents.capture(payment, { amount_to_capture: amount }, options),
    );
  }

  async held() {
    const payment = await this.hold(8000);
    const received = this.chance.whole(100, 8000);
    await this.capture(payment, received);
    await this.standing(payment);
    if (this.chance.of(0.3)) return { payment, received, refunded: 0 };
    await this.refund(payment, undefined);
    return { payment, received, refunded: received };
  }

  async canceled() {
    const payment = await this.hold(3000);
    await this.payer.stripe(this.key('cancel'), (stripe, options) =>
      stripe.paymentIntents.cancel(payment, { cancellation_reason: 'abandoned' }, options),
    );
    return { payment, received: 0, refunded: 0, canceled: true };
  }

  // Two at once for the same money, twice over: one of each pair gets it.
  async race() {
    const payment = await this.hold(6000);
    await Promise.all([this.capture(payment, 6000), this.capture(payment, 6000)]);
    await this.standing(payment);
    await Promise.all([this.refund(payment, 4000), this.refund(payment, 4000)]);
    return { payment, received: 6000, refunded: 4000 };
  }

  async settled(id) {
    for (;;) {
      const payment = await this.payer.get(`/api/v1/payments/${id}`);
      if (payment.captured || payment.capture_method === 'manual') return payment;
    }
  }

  async overApi() {
    const key = this.key('create');
    const amount = this.chance.whole(1000, 90_000);
    const body = {
      gateway_id: this.chance.pick(['stripe', 'airwallex', 'onerway']),
      amount: decimal(amount),
      currency: 'USD',
      payment_method: { type: 'card', card: card(kGood) },
      metadata: { op: key },
    };
    const { json } = await this.payer.api(key, '/api/v1/payments', body, 'body');
    const payment = await this.settled(json.payment_id);
    const parts = [this.chance.whole(1, 499), this.chance.whole(1, 499)];
    for (const part of parts) {
      const name = this.key('refund');
      const refund = { amount: decimal(part), metadata: { op: name } };
      await this.payer.api(name, `/api/v1/payments/${payment.id}/refunds`, refund);
    }
    const refunded = parts[0] + parts[1];
    return { payment: await this.intentOf(payment), received: amount, refunded };
  }

  async olderApi() {
    const key = this.key('create');
    const body = {
      gateway: 'stripe',
      amount: '70.00',
      currency: 'USD',
      capture_method: 'manual',
      payment_method: { type: 'card', card: card(kGood) },
      metadata: { op: key },
    };
    const { json: made } = await this.payer.api(key, '/api/v1/payments', body);
    const payment = await this.intentOf(made);
    await this.standing(payment);
    await this.payer.api(this.key('capture'), `/api/v1/payments/${made.id}/capture`, {
      amount: '33.00',
    });
    await this.standing(payment);
    return { payment, received: 3300, refunded: 0 };
  }

  // "pi_…" whatever the gateway calls it.
  async intentOf({ metadata }) {
    const query = encodeURIComponent(`metadata['op']:'${metadata.op}'`);
    const { data } = await this.payer.get(`/v1/payment_intents/search?query=${query}`);
    return data[0].id;
  }

  async payout() {
    const { payment, amount } = await this.paid(kAvailable);
    const key = this.key('payout');
    // Fees were taken from it, and others may be paying out: so much of it is surely there.
    const wanted = { amount: Math.floor(amount / 2), currency: 'usd', metadata: { op: key } };
    await this.payer.stripe(key, (stripe, options) => stripe.payouts.create(wanted, options));
    return { payment, received: amount, refunded: 0 };
  }
}
