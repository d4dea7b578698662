// Stripe-shaped webhooks signed by hand: the plainest signed post for tests of the receiver.
import crypto from 'node:crypto';

export const stripeSecret = 'whsec_integrationtests0123456789abcd';
export const stripePath = '/api/v2/webhooks/stripe';
export const stripeGateway = {
  id: 'stripe',
  kind: 'stripe',
  mode: 'sandbox',
  webhook_secrets: [stripeSecret],
};

export function stripeSignature(body, { secret = stripeSecret, at = Date.now() } = {}) {
  const seconds = Math.floor(at / 1000);
  const digest = crypto
    .createHmac('sha256', secret)
    .update(`${seconds}.`)
    .update(body)
    .digest('hex');
  return `t=${seconds},v1=${digest}`;
}

export function stripeBody(id, { type = 'payment_intent.succeeded', amount = 1099 } = {}) {
  return JSON.stringify({
    id,
    object: 'event',
    created: 1_780_000_000,
    livemode: false,
    type,
    data: {
      object: {
        id: `pi_${id}`,
        object: 'payment_intent',
        amount,
        amount_received: amount,
        currency: 'usd',
        status: 'succeeded',
      },
    },
  });
}

// { headers, body }, ready to be posted.
export function signed(body, options) {
  return {
    headers: {
      'content-type': 'application/json',
      'stripe-signature': stripeSignature(body, options),
    },
    body,
  };
}

export const stripeWebhook = (id, options) => signed(stripeBody(id, options));
