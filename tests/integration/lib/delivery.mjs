// What the tests of delivery do again and again.
import assert from 'node:assert/strict';
import crypto from 'node:crypto';
import { secretKey, startDaemon } from './daemon.mjs';
import { Description } from './openapi.mjs';
import { signed, stripeGateway } from './stripe.mjs';
import { eventually } from './waiting.mjs';

export { eventually } from './waiting.mjs';

export const endpointsPath = '/api/v2/webhook-endpoints';
export const json = { 'content-type': 'application/json' };
export const unique = (prefix = 'evt') => `${prefix}_${crypto.randomBytes(10).toString('hex')}`;

export function startDelivering(t, { config = {}, ...options } = {}) {
  const { delivery = {}, ...rest } = config;
  return startDaemon(t, {
    ...options,
    config: { gateways: [stripeGateway], delivery, ...rest },
  });
}

const descriptions = new WeakMap();
async function assertDescribed(daemon, { method, target, answer }) {
  if (!descriptions.has(daemon)) descriptions.set(daemon, Description.of(daemon));
  const description = await descriptions.get(daemon);
  const operation = description.operationOf(method, target);
  assert.ok(operation, `${method} ${target} is not described`);
  description.assertDescribed(operation, answer);
}

// A call whose status is asserted, and that the answer is the described one; gives its JSON.
export async function call(daemon, method, target, options = {}) {
  const { body, status = 200, headers = {}, ...rest } = options;
  const text = body === undefined || typeof body === 'string' ? body : JSON.stringify(body);
  const answer = await daemon.request(method, target, {
    headers: { authorization: `Bearer ${secretKey}`, ...json, ...headers },
    body: text,
    ...rest,
  });
  assert.equal(answer.status, status, `${method} ${target}: ${answer.text}`);
  await assertDescribed(daemon, { method, target, answer });
  return answer.json;
}

export const createEndpoint = (daemon, settings) =>
  call(daemon, 'POST', endpointsPath, { body: settings, status: 201 });

// A Stripe event about one payment, ready to be posted.
export function paymentWebhook(id, options = {}) {
  const {
    payment = `pi_${id}`,
    type = 'payment_intent.succeeded',
    amount = 1099,
    ...more
  } = options;
  const object = {
    id: payment,
    object: 'payment_intent',
    amount,
    amount_received: amount,
    currency: 'usd',
    status: 'succeeded',
    metadata: {},
    ...more,
  };
  const event = {
    id,
    object: 'event',
    created: 1_780_000_000,
    livemode: false,
    type,
    data: { object },
  };
  return signed(JSON.stringify(event));
}

// As providers do, it comes again with what a busy machine could not store in time.
const postUntilTaken = (daemon, webhook) =>
  eventually('a webhook that is taken', async () => {
    const { status, text } = await daemon.webhook('stripe', webhook);
    assert.ok(status === 200 || status === 503, text);
    return status === 200;
  });

// Posts it and gives the id it was posted with.
export async function postPayment(daemon, options = {}) {
  const { id = unique(), ...rest } = options;
  await postUntilTaken(daemon, paymentWebhook(id, rest));
  return id;
}

// Many of them over a few connections at once.
export async function postMany(daemon, webhooks, clients = 16) {
  let next = 0;
  async function client() {
    while (next < webhooks.length) await postUntilTaken(daemon, webhooks[next++]);
  }
  await Promise.all(Array.from({ length: clients }, client));
}

// The oldest first. Asked for the other way round: with several nodes a list that can be followed
// leaves out what is young.
export async function deliveriesOf(daemon, endpoint, parameters = {}) {
  const all = await daemon.listAll(`${endpointsPath}/${endpoint.id}/deliveries`, parameters);
  return all.reverse();
}

export const deliveryOf = (daemon, { id }) => call(daemon, 'GET', `/api/v2/deliveries/${id}`);

// The only delivery of an endpoint, with its attempts.
export async function onlyDelivery(daemon, endpoint) {
  const all = await deliveriesOf(daemon, endpoint);
  assert.equal(all.length, 1, `deliveries of ${endpoint.id}`);
  return deliveryOf(daemon, all[0]);
}

// The only delivery, once it looks as `ready` wants.
export function settled(daemon, endpoint, ready, milliseconds) {
  const what = `the delivery of ${endpoint.id}`;
  return eventually(
    what,
    async () => {
      const [first] = await deliveriesOf(daemon, endpoint);
      if (!first) return undefined;
      const whole = await deliveryOf(daemon, first);
      return ready(whole) ? whole : undefined;
    },
    milliseconds,
  );
}

export const inState = (state) => (delivery) => delivery.state === state;

// An attempt counts from its start, its delivery being `sending` until it ended.
export const attempted = (attempts) => (delivery) =>
  delivery.attempts === attempts && delivery.state !== 'sending';

// Every delivery of the endpoint, once all of them are in this state and there are so many.
export function allInState(daemon, endpoint, { state, count }, milliseconds) {
  return eventually(
    `${count} deliveries of ${endpoint.id} ${state}`,
    async () => {
      const all = await deliveriesOf(daemon, endpoint);
      return all.length === count && all.every((each) => each.state === state) ? all : undefined;
    },
    milliseconds,
  );
}

// Cheaper than a list when there are thousands.
export const statsOf = async (daemon, { id }) =>
  (await call(daemon, 'GET', `${endpointsPath}/${id}/stats`)).deliveries;

export const deliveredInAll = (daemon, endpoint, count, milliseconds) =>
  eventually(
    `${count} delivered to ${endpoint.id}`,
    async () => (await statsOf(daemon, endpoint)).delivered === count,
    milliseconds,
  );

export const endpointOf = (daemon, { id }) => call(daemon, 'GET', `${endpointsPath}/${id}`);

export const jobDone = (daemon, { id }) =>
  eventually(`job ${id}`, async () => {
    const job = await call(daemon, 'GET', `/api/v2/jobs/${id}`);
    return job.state === 'running' ? undefined : job;
  });
