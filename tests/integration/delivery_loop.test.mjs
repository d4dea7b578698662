// An endpoint that leads back to ourselves.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createEndpoint, inState, postPayment, settled, startDelivering } from './lib/delivery.mjs';
import { Description } from './lib/openapi.mjs';
import { startSink } from './lib/sink.mjs';
import { signed, stripeBody, stripeGateway, stripePath } from './lib/stripe.mjs';

const standard = {
  id: 'ours',
  kind: 'standardwebhooks',
  mode: 'sandbox',
  secrets: ['whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'],
};

test('a delivery to our own receiver is refused with 508 and makes no event', async (t) => {
  const daemon = await startDelivering(t, { config: { gateways: [stripeGateway, standard] } });
  // The second one could verify what we sign: only the guard is left to stop it.
  const endpoints = [];
  for (const path of [stripePath, '/api/v2/webhooks/ours']) {
    endpoints.push(
      await createEndpoint(daemon, {
        url: `http://${daemon.listen}${path}`,
        secret: standard.secrets[0],
        retry: { schedule: [0, 0] },
      }),
    );
  }
  await postPayment(daemon);
  for (const endpoint of endpoints) {
    const delivery = await settled(daemon, endpoint, inState('dead'));
    assert.equal(delivery.last_status, 508);
    assert.equal(delivery.attempts, 2);
  }
  const types = (await daemon.events()).map(({ type }) => type);
  assert.equal(types.filter((type) => type !== 'delivery.exhausted').length, 1);
  assert.equal((await daemon.listAll('/api/v2/inbox')).length, 1);
});

test('a daemon further on does not take our deliveries for its own', async (t) => {
  const second = await startDelivering(t, { config: { gateways: [standard] } });
  const first = await startDelivering(t);
  const endpoint = await createEndpoint(first, {
    url: `http://${second.listen}/api/v2/webhooks/ours`,
    secret: standard.secrets[0],
  });
  await postPayment(first);
  await settled(first, endpoint, inState('delivered'));
  assert.equal((await second.listAll('/api/v2/inbox')).length, 1);
});

test('a provider that names another instance is none of ours', async (t) => {
  const sink = await startSink(t);
  const daemon = await startDelivering(t);
  await createEndpoint(daemon, { url: sink.url() });
  await postPayment(daemon);
  const [request] = await sink.received(1);
  const tag = request.headers['postern-instance'];
  assert.ok(tag);
  const { headers, body } = signed(stripeBody('evt_forwarded'));
  const back = { headers: { ...headers, 'postern-instance': tag }, body };
  const refused = await daemon.webhook('stripe', back);
  assert.equal(refused.status, 508);
  const description = await Description.of(daemon);
  description.assertDescribed(description.operationOf('POST', stripePath), refused);
  const foreign = { headers: { ...headers, 'postern-instance': 'f'.repeat(32) }, body };
  assert.equal((await daemon.webhook('stripe', foreign)).status, 200);
});
