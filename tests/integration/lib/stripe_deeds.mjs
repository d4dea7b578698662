// Whatever can be done over /v1 that is told by an event.
import { eventually } from './delivery.mjs';
import { pay } from './stripe_client.mjs';

const kAtOnce = 'pm_card_bypassPending';

export const latest = async (stripe, type) =>
  (await stripe.events.list({ type, limit: 1 })).data[0];

const declined = (stripe) =>
  pay(stripe, { payment_method: 'pm_card_visa_chargeDeclined' }).then(
    () => undefined,
    (error) => error.payment_intent,
  );

// What is done, giving the object as it is read just then, and the name that it is told by.
export const kDeeds = [
  [
    'a payment is made',
    (stripe) => stripe.paymentIntents.create({ amount: 900, currency: 'usd' }),
    'payment_intent.created',
  ],
  [
    'a payment succeeds',
    async (stripe) => stripe.paymentIntents.retrieve((await pay(stripe)).id),
    'payment_intent.succeeded',
  ],
  [
    'a charge succeeds',
    async (stripe) => stripe.charges.retrieve((await pay(stripe)).latest_charge),
    'charge.succeeded',
  ],
  [
    'a payment is declined',
    async (stripe) => {
      const failed = await declined(stripe);
      return stripe.paymentIntents.retrieve(failed.id);
    },
    'payment_intent.payment_failed',
  ],
  [
    'a charge is declined',
    async (stripe) => {
      const failed = await declined(stripe);
      return stripe.charges.retrieve(failed.latest_charge);
    },
    'charge.failed',
  ],
  [
    'a payment needs a challenge',
    async (stripe) => pay(stripe, { payment_method: 'pm_card_authenticationRequired' }),
    'payment_intent.requires_action',
  ],
  [
    'a payment is held',
    async (stripe) => pay(stripe, { capture_method: 'manual' }),
    'payment_intent.amount_capturable_updated',
  ],
  [
    'a held payment is captured',
    async (stripe) => {
      const { id } = await pay(stripe, { capture_method: 'manual' });
      const { latest_charge: charge } = await stripe.paymentIntents.capture(id);
      return stripe.charges.retrieve(charge);
    },
    'charge.captured',
  ],
  [
    'a payment is canceled',
    async (stripe) => {
      const { id } = await pay(stripe, { capture_method: 'manual' });
      return stripe.paymentIntents.cancel(id, { cancellation_reason: 'duplicate' });
    },
    'payment_intent.canceled',
  ],
  [
    'a bank is debited',
    async (stripe) =>
      pay(stripe, {
        payment_method: 'pm_usBankAccount',
        payment_method_types: ['us_bank_account'],
      }),
    'payment_intent.processing',
  ],
  [
    'a refund succeeds',
    async (stripe) => stripe.refunds.create({ payment_intent: (await pay(stripe)).id }),
    'refund.updated',
  ],
  [
    'a charge is refunded',
    async (stripe) => {
      const { id, latest_charge: charge } = await pay(stripe);
      await stripe.refunds.create({ payment_intent: id });
      return stripe.charges.retrieve(charge);
    },
    'charge.refunded',
  ],
  [
    'a refund waits',
    async (stripe) => {
      const { id } = await pay(stripe, { payment_method: 'pm_card_pendingRefund' });
      return stripe.refunds.create({ payment_intent: id });
    },
    'refund.created',
  ],
  [
    'a refund fails',
    async (stripe) => {
      const { id } = await pay(stripe, { payment_method: 'pm_card_refundFail' });
      const refund = await stripe.refunds.create({ payment_intent: id });
      return eventually('its failure', async () => {
        const now = await stripe.refunds.retrieve(refund.id);
        return now.status === 'failed' && now;
      });
    },
    'refund.failed',
  ],
  ['a customer is made', (stripe) => stripe.customers.create({ name: 'Ada' }), 'customer.created'],
  [
    'a customer is changed',
    async (stripe) => {
      const { id } = await stripe.customers.create({ name: 'Ada' });
      return stripe.customers.update(id, { name: 'Bob' });
    },
    'customer.updated',
  ],
  [
    'a method is attached',
    async (stripe) => {
      const { id: customer } = await stripe.customers.create();
      return stripe.paymentMethods.attach('pm_card_visa', { customer });
    },
    'payment_method.attached',
  ],
  [
    'a method is detached',
    async (stripe) => {
      const { id: customer } = await stripe.customers.create();
      const { id } = await stripe.paymentMethods.attach('pm_card_visa', { customer });
      return stripe.paymentMethods.detach(id);
    },
    'payment_method.detached',
  ],
  [
    'money is transferred',
    async (stripe) => {
      await pay(stripe, { payment_method: kAtOnce, amount: 9000 });
      return stripe.transfers.create({ amount: 100, currency: 'usd', destination: 'acct_1' });
    },
    'transfer.created',
  ],
  [
    'a transfer is changed',
    async (stripe) => {
      const [{ id }] = (await stripe.transfers.list()).data;
      return stripe.transfers.update(id, { metadata: { a: '1' } });
    },
    'transfer.updated',
  ],
  [
    'a transfer is reversed',
    async (stripe) => {
      const [{ id }] = (await stripe.transfers.list()).data;
      await stripe.transfers.createReversal(id, { amount: 40 });
      return stripe.transfers.retrieve(id);
    },
    'transfer.reversed',
  ],
  [
    'a payout is made',
    (stripe) => stripe.payouts.create({ amount: 500, currency: 'usd' }),
    'payout.created',
  ],
  [
    'a payout arrives',
    async (stripe) => {
      // What is told last is then about this one.
      await eventually('the arrival of those before', async () =>
        (await stripe.payouts.list()).data.every(({ status }) => status === 'paid'),
      );
      const { id } = await stripe.payouts.create({ amount: 500, currency: 'usd' });
      return eventually('its arrival', async () => {
        const now = await stripe.payouts.retrieve(id);
        const told = await latest(stripe, 'payout.paid');
        return now.status === 'paid' && told?.data.object.id === id && now;
      });
    },
    'payout.paid',
  ],
];
