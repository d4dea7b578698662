// Whom a delivery trusts, and whom the endpoint does.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Authority } from './lib/certificates.mjs';
import {
  call,
  createEndpoint,
  endpointsPath,
  inState,
  postPayment,
  settled,
  startDelivering,
} from './lib/delivery.mjs';
import { startNameServer } from './lib/dns.mjs';
import { startSink } from './lib/sink.mjs';

const once = { retry: { schedule: [0] } };

async function attemptAt(t, daemon, settings) {
  const endpoint = await createEndpoint(daemon, { ...once, ...settings });
  await postPayment(daemon);
  const delivery = await settled(daemon, endpoint, ({ finished_at: at }) => at !== null);
  return { endpoint, delivery, attempt: delivery.attempts_log[0] };
}

test('a certificate that nobody vouches for is not trusted', async (t) => {
  const sink = await startSink(t, { tls: new Authority(t).issue() });
  const daemon = await startDelivering(t);
  const { attempt } = await attemptAt(t, daemon, { url: sink.url() });
  assert.equal(attempt.error, 'tls_untrusted');
  assert.equal(attempt.status, null);
  assert.equal(sink.requests.length, 0);
});

test('a certificate of an authority of the endpoint’s own is trusted', async (t) => {
  const authority = new Authority(t);
  const sink = await startSink(t, { tls: authority.issue() });
  const daemon = await startDelivering(t);
  const settings = { url: sink.url(), ca_certificates: authority.certificate };
  const { delivery, attempt } = await attemptAt(t, daemon, settings);
  assert.equal(delivery.state, 'delivered', JSON.stringify(attempt));
  assert.ok(attempt.phases.tls_ms >= 0);
  assert.equal(sink.requests.length, 1);
});

const kFaults = [
  ['expired', { expired: true }],
  ['of another name', { names: 'DNS:other.example.com,IP:127.0.0.2' }],
  ['of a client', { purpose: 'clientAuth' }],
];
for (const [name, order] of kFaults) {
  test(`a certificate that is ${name} is not trusted`, async (t) => {
    const authority = new Authority(t);
    const sink = await startSink(t, { tls: authority.issue(order) });
    const daemon = await startDelivering(t);
    const settings = { url: sink.url(), ca_certificates: authority.certificate };
    const { attempt } = await attemptAt(t, daemon, settings);
    assert.equal(attempt.error, 'tls_untrusted');
    assert.equal(sink.requests.length, 0);
  });
}

test('a name is held against the certificate and sent as SNI', async (t) => {
  const authority = new Authority(t);
  const identity = authority.issue({ names: 'DNS:shop.example.com' });
  const asked = [];
  const SNICallback = (name, done) => (asked.push(name), done(null));
  const sink = await startSink(t, { tls: { ...identity, SNICallback } });
  const names = await startNameServer(t);
  names.set('shop.example.com', ['127.0.0.1']);
  names.set('other.example.com', ['127.0.0.1']);
  const daemon = await startDelivering(t, { config: { delivery: { resolvers: [names.address] } } });
  const at = (host) => ({
    url: `https://${host}:${sink.port}/`,
    ca_certificates: authority.certificate,
  });
  const good = await attemptAt(t, daemon, at('shop.example.com'));
  assert.equal(good.delivery.state, 'delivered', JSON.stringify(good.attempt));
  await call(daemon, 'DELETE', `${endpointsPath}/${good.endpoint.id}`);
  const bad = await attemptAt(t, daemon, at('other.example.com'));
  assert.equal(bad.attempt.error, 'tls_untrusted');
  assert.deepEqual(asked, ['shop.example.com', 'other.example.com']);
  assert.equal(sink.requests.length, 1);
  assert.equal(sink.requests[0].headers.host, `shop.example.com:${sink.port}`);
});

test('an endpoint that asks for a certificate gets the one it was given', async (t) => {
  const [servers, clients] = [new Authority(t), new Authority(t)];
  const tls = {
    ...servers.issue(),
    ca: clients.certificate,
    requestCert: true,
    rejectUnauthorized: true,
  };
  const sink = await startSink(t, { tls });
  const daemon = await startDelivering(t);
  const common = { url: sink.url(), ca_certificates: servers.certificate };
  const without = await attemptAt(t, daemon, common);
  assert.equal(without.delivery.state, 'dead');
  assert.equal(sink.requests.length, 0);
  await call(daemon, 'DELETE', `${endpointsPath}/${without.endpoint.id}`);
  const own = clients.issue({ purpose: 'clientAuth' });
  const mutual = { ...common, client_certificate: own.cert, client_key: own.key };
  const given = await attemptAt(t, daemon, mutual);
  assert.equal(given.delivery.state, 'delivered', JSON.stringify(given.attempt));
  const shown = await call(daemon, 'GET', `${endpointsPath}/${given.endpoint.id}`);
  assert.ok(!JSON.stringify(shown).includes('PRIVATE KEY'));
});

test('an authority that was changed holds from the next delivery on', async (t) => {
  const [first, second] = [new Authority(t), new Authority(t)];
  const sink = await startSink(t, { tls: first.issue() });
  const daemon = await startDelivering(t);
  const settings = { url: sink.url(), ca_certificates: first.certificate };
  const { endpoint, delivery } = await attemptAt(t, daemon, settings);
  assert.equal(delivery.state, 'delivered');
  await call(daemon, 'PATCH', `${endpointsPath}/${endpoint.id}`, {
    body: { ca_certificates: second.certificate },
  });
  await call(daemon, 'POST', `/api/v2/deliveries/${delivery.id}/retry`);
  const again = await settled(daemon, endpoint, inState('dead'));
  assert.equal(again.attempts_log[1].error, 'tls_untrusted');
});

test('a key that does not fit its certificate is refused at once', async (t) => {
  const authority = new Authority(t);
  const [one, two] = [authority.issue(), authority.issue()];
  const daemon = await startDelivering(t);
  const { error } = await call(daemon, 'POST', endpointsPath, {
    body: { url: 'https://shop.example.com/', client_certificate: one.cert, client_key: two.key },
    status: 400,
  });
  assert.ok(!JSON.stringify(error).includes('PRIVATE KEY'));
});

test('a plain server behind an https address is a failure', async (t) => {
  const sink = await startSink(t);
  const daemon = await startDelivering(t);
  const url = sink.url().replace('http:', 'https:');
  const { attempt } = await attemptAt(t, daemon, { url });
  assert.equal(attempt.error, 'tls_failed');
});
