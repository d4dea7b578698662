// What the receiver answers, row by row: as a provider would see it.
import assert from 'node:assert/strict';
import crypto from 'node:crypto';
import net from 'node:net';
import { after, before, test } from 'node:test';
import { atEnd, startDaemon, within } from './lib/daemon.mjs';
import { eventually } from './lib/delivery.mjs';
import { RawConnection, requestText } from './lib/raw.mjs';
import {
  signed,
  stripeBody,
  stripeGateway,
  stripePath,
  stripeSecret,
  stripeWebhook,
} from './lib/stripe.mjs';

const unique = () => `evt_${crypto.randomBytes(12).toString('hex')}`;
const sha256 = (text) => crypto.createHash('sha256').update(text).digest('hex');
const kSecond = 1000;
// Less than the idle timeout, after which every connection ends.
const kEndMilliseconds = 60 * kSecond;

const config = {
  gateways: [
    stripeGateway,
    { ...stripeGateway, id: 'switched-off', enabled: false },
    {
      id: 'bt',
      kind: 'braintree',
      merchant_id: 'm',
      keys: [{ public_key: 'publickey', private_key: 'privatekey' }],
    },
  ],
  limits: { body_bytes_max: 20_000 },
};
// One whose patience a test can wait for.
const hasty = {
  ...config,
  limits: { head_timeout_seconds: 1, body_timeout_seconds: 1, idle_timeout_seconds: 1 },
};

let daemon;
const cleanup = [];
before(async () => {
  daemon = await startDaemon({ after: (done) => cleanup.push(done) }, { config });
});
after(async () => {
  for (const done of cleanup.reverse()) await done();
});

async function inboxOf(id, of = daemon) {
  const items = await of.listAll('/api/v2/inbox');
  return items.filter((item) => item.gateway_event_id === id);
}

async function eventsOf(id) {
  return (await daemon.events()).filter((event) => event.gateway_event_id === id);
}

const connect = async (t, port = daemon.port) => {
  const connection = await RawConnection.connect(port);
  atEnd(t, () => connection.destroy());
  return connection;
};

const rawWebhook = ({ headers, body }, path = stripePath) =>
  requestText('POST', path, { headers, body });

test('a new webhook is committed and acknowledged', async () => {
  const id = unique();
  const answer = await daemon.webhook('stripe', stripeWebhook(id));
  assert.equal(answer.status, 200);
  assert.deepEqual(Object.keys(answer.json).sort(), ['gateway', 'message', 'success']);
  const [item] = await inboxOf(id);
  assert.equal(item.verdict, 'verified');
  assert.equal(item.event_ids.length, 1);
  const [event] = await eventsOf(id);
  assert.equal(event.id, item.event_ids[0]);
  assert.equal(event.livemode, false);
});

test('a duplicate is acknowledged in the same words and stored once', async () => {
  const id = unique();
  const first = await daemon.webhook('stripe', stripeWebhook(id));
  const before = await daemon.metric('postern_webhooks_duplicates_total', { gateway: 'stripe' });
  const second = await daemon.webhook('stripe', stripeWebhook(id));
  assert.equal(second.status, 200);
  assert.equal(second.text, first.text);
  assert.equal((await inboxOf(id)).length, 1);
  const counted = await daemon.metric('postern_webhooks_duplicates_total', { gateway: 'stripe' });
  assert.equal(counted, before + 1);
});

test('duplicates at the same moment are all acknowledged and stored once', async () => {
  const id = unique();
  const webhook = stripeWebhook(id);
  const answers = await Promise.all(
    Array.from({ length: 40 }, () => daemon.webhook('stripe', webhook)),
  );
  assert.deepEqual([...new Set(answers.map(({ status }) => status))], [200]);
  assert.equal((await inboxOf(id)).length, 1);
  assert.equal((await eventsOf(id)).length, 1);
});

test('the same id with other bytes is kept as a flagged second version', async () => {
  const id = unique();
  await daemon.webhook('stripe', stripeWebhook(id, { amount: 100 }));
  const other = stripeWebhook(id, { amount: 200 });
  assert.equal((await daemon.webhook('stripe', other)).status, 200);
  const versions = await inboxOf(id);
  assert.equal(versions.length, 2);
  const flagged = versions.find(({ verdict }) => verdict === 'duplicate');
  const first = versions.find(({ verdict }) => verdict === 'verified');
  assert.equal(flagged.duplicate_of, first.id);
  assert.equal(flagged.body_sha256, sha256(other.body));
  assert.equal((await eventsOf(id)).length, 1, 'nothing is fanned out twice');
  assert.equal((await daemon.webhook('stripe', other)).status, 200);
  assert.equal((await inboxOf(id)).length, 2, 'a third of the same bytes adds nothing');
});

test('an unknown event type is acknowledged and kept as unrecognised', async () => {
  const id = unique();
  const answer = await daemon.webhook('stripe', stripeWebhook(id, { type: 'tea.brewed' }));
  assert.equal(answer.status, 200);
  const [item] = await inboxOf(id);
  assert.equal(item.verdict, 'unrecognised');
  assert.deepEqual(item.event_ids, []);
  assert.deepEqual(await eventsOf(id), []);
});

test('signed bytes that are no JSON are acknowledged and kept as they came', async () => {
  const body = Buffer.concat([Buffer.from('not JSON \u0000 '), crypto.randomBytes(64)]);
  const answer = await daemon.webhook('stripe', signed(body));
  assert.equal(answer.status, 200);
  const items = await daemon.listAll('/api/v2/inbox', { verdict: 'malformed' });
  const item = items.find(({ body_sha256: digest }) => digest === sha256(body));
  assert.ok(item, 'the inbox holds it');
  const { json } = await daemon.get(`/api/v2/inbox/${item.id}`);
  assert.equal(json.body_base64, body.toString('base64'));
  assert.equal((await daemon.webhook('stripe', signed(body))).status, 200);
});

const kRefusals = [
  ['no signature', (body) => ({ body, headers: {} })],
  ['an empty signature', (body) => ({ body, headers: { 'stripe-signature': '' } })],
  ['a signature that cannot be read', (body) => ({ body, headers: { 'stripe-signature': 'tea' } })],
  ['another secret', (body) => signed(body, { secret: 'whsec_of_somebody_else_0123456789' })],
  ['too old', (body) => signed(body, { at: Date.now() - 310 * kSecond })],
  ['too new', (body) => signed(body, { at: Date.now() + 310 * kSecond })],
  ['an empty body', () => signed('')],
];

test('what cannot be proved is refused with one message and not stored', async () => {
  const messages = new Set();
  for (const [name, make] of kRefusals) {
    const id = unique();
    const answer = await daemon.webhook('stripe', make(stripeBody(id)));
    assert.equal(answer.status, 401, name);
    assert.equal(answer.json.error.code, 'INVALID_SIGNATURE', name);
    messages.add(answer.json.error.message);
    assert.deepEqual(await inboxOf(id), [], name);
  }
  assert.equal(messages.size, 1, 'no reason is given away');
});

test('three refusals close the connection', async (t) => {
  const connection = await connect(t);
  const wrong = rawWebhook(signed(stripeBody(unique()), { secret: 'wrong' }));
  for (const last of [false, false, true]) {
    connection.write(wrong);
    const { status, headers } = await connection.answer();
    assert.equal(status, 401);
    assert.equal(headers.connection, last ? 'close' : undefined);
  }
  assert.ok(await connection.closedWithin(kEndMilliseconds));
});

test('an unknown gateway is not found', async () => {
  for (const gateway of ['nobody', 'Stripe', 'stripe%2f', '%73tripe', 'x'.repeat(500)]) {
    const answer = await daemon.webhook(gateway, stripeWebhook(unique()));
    assert.equal(answer.status, 404, gateway);
    assert.equal(answer.json.error.code, 'GATEWAY_NOT_FOUND');
  }
});

test('a gateway that is switched off asks to come again', async () => {
  const answer = await daemon.webhook('switched-off', stripeWebhook(unique()));
  assert.equal(answer.status, 503);
  assert.equal(answer.headers['retry-after'], '300');
});

test('another method is refused and told which one is right', async () => {
  for (const method of ['GET', 'PUT', 'DELETE', 'PATCH', 'OPTIONS', 'HEAD']) {
    const body = method === 'PUT' || method === 'PATCH' ? '{}' : undefined;
    const answer = await daemon.request(method, stripePath, { body });
    assert.equal(answer.status, 405, method);
    assert.equal(answer.headers.allow, 'POST', method);
  }
});

test('a GET challenge is answered where the provider has one', async () => {
  const challenge = 'abcdef0123456789abcdef01';
  const answer = await daemon.request('GET', `/api/v2/webhooks/bt?bt_challenge=${challenge}`);
  const key = crypto.createHash('sha1').update('privatekey').digest();
  const digest = crypto.createHmac('sha1', key).update(challenge).digest('hex');
  assert.equal(answer.status, 200);
  assert.equal(answer.text, `publickey|${digest}`);
  const bad = await daemon.request('GET', '/api/v2/webhooks/bt?bt_challenge=<script>');
  assert.equal(bad.status, 400);
  assert.ok(!bad.text.includes('script'), 'never echoed');
});

test('HEAD is answered without a body', async (t) => {
  const connection = await connect(t);
  connection.write(requestText('HEAD', stripePath) + requestText('GET', '/api/v2/nothing'));
  assert.equal((await connection.answer({ head: true })).status, 405);
  const next = await connection.answer();
  assert.equal(next.status === 401 || next.status === 404, true, 'the next answer starts at once');
});

const long = (bytes) => 'a'.repeat(bytes);
const kListenerRefusals = [
  ['no host', 400, `POST ${stripePath} HTTP/1.1\r\nContent-Length: 0\r\n\r\n`],
  ['two lengths', 400, requestText('POST', stripePath, { headers: { 'Content-Length': '1, 1' } })],
  ['a URI too long', 414, requestText('GET', `/${long(9000)}`)],
  ['a field too long', 431, requestText('GET', '/', { headers: { 'X-Long': long(9000) } })],
  [
    'a head too long',
    431,
    requestText('GET', '/', {
      headers: { A: long(7000), B: long(7000), C: long(7000) },
    }),
  ],
  ['no length', 411, requestText('POST', stripePath)],
  [
    'a body too long',
    413,
    requestText('POST', stripePath, {
      headers: { 'Content-Length': '20001', Expect: '100-continue' },
    }),
  ],
  [
    'chunks too long',
    413,
    requestText('POST', stripePath, {
      headers: { 'Transfer-Encoding': 'chunked' },
    }) + `4e21\r\n${long(20_001)}\r\n0\r\n\r\n`,
  ],
  [
    'an unknown expectation',
    417,
    requestText('POST', stripePath, {
      headers: { Expect: 'tea' },
      body: '{}',
    }),
  ],
  ['another HTTP version', 505, 'GET / HTTP/2.0\r\nHost: localhost\r\n\r\n'],
];

for (const [name, status, text] of kListenerRefusals) {
  test(`${name} is answered ${status} and the connection ends`, async (t) => {
    const connection = await connect(t);
    connection.write(text);
    const answer = await connection.answer();
    assert.equal(answer.status, status);
    assert.equal(answer.headers.connection, 'close');
    assert.ok(await connection.closedWithin(kEndMilliseconds));
  });
}

test('an encoded body is refused and the connection kept', async (t) => {
  const connection = await connect(t);
  const { headers, body } = stripeWebhook(unique());
  connection.write(rawWebhook({ headers: { ...headers, 'Content-Encoding': 'gzip' }, body }));
  assert.equal((await connection.answer()).status, 415);
  connection.write(rawWebhook(stripeWebhook(unique())));
  assert.equal((await connection.answer()).status, 200);
});

test('100-continue is answered, and then the webhook', async (t) => {
  const connection = await connect(t);
  const { headers, body } = stripeWebhook(unique());
  const length = { 'Content-Length': Buffer.byteLength(body) };
  connection.write(
    requestText('POST', stripePath, {
      headers: { ...headers, ...length, Expect: '100-continue' },
    }),
  );
  assert.equal((await connection.answer()).status, 100);
  connection.write(body);
  assert.equal((await connection.answer()).status, 200);
});

test('a chunked body is taken', async (t) => {
  const connection = await connect(t);
  const { headers, body } = stripeWebhook(unique());
  const head = requestText('POST', stripePath, {
    headers: { ...headers, 'Transfer-Encoding': 'chunked' },
  });
  const chunks = [body.slice(0, 10), body.slice(10)].map(
    (part) => `${part.length.toString(16)}\r\n${part}\r\n`,
  );
  connection.write(`${head}${chunks.join('')}0\r\n\r\n`);
  assert.equal((await connection.answer()).status, 200);
});

test('a slow head is answered 408', async (t) => {
  const { port } = await startDaemon(t, { config: hasty });
  const connection = await connect(t, port);
  connection.write(`POST ${stripePath} HTTP/1.1\r\nHost: loc`);
  assert.equal((await connection.answer()).status, 408);
  assert.ok(await connection.closedWithin(kEndMilliseconds));
});

test('a slow body is answered 408 and not stored', async (t) => {
  const id = unique();
  const waiting = await startDaemon(t, { config: hasty });
  const connection = await connect(t, waiting.port);
  const text = rawWebhook(stripeWebhook(id));
  connection.write(text.slice(0, -20));
  assert.equal((await connection.answer()).status, 408);
  assert.deepEqual(await inboxOf(id, waiting), []);
});

test('a connection cut inside the body stores nothing', async (t) => {
  const id = unique();
  const connection = await connect(t);
  connection.write(rawWebhook(stripeWebhook(id)).slice(0, -1));
  connection.socket.end();
  assert.ok(await connection.closedWithin(kEndMilliseconds));
  assert.deepEqual(await inboxOf(id), []);
});

test('a connection that has nothing to say is closed', async (t) => {
  const { port } = await startDaemon(t, { config: hasty });
  const connection = await connect(t, port);
  connection.write(rawWebhook(stripeWebhook(unique())));
  assert.equal((await connection.answer()).status, 200);
  assert.ok(await connection.closedWithin(kEndMilliseconds));
});

test('pipelined requests are answered in order on a connection that is kept', async (t) => {
  const connection = await connect(t);
  const [first, second] = [unique(), unique()];
  connection.write(
    rawWebhook(stripeWebhook(first)) +
      requestText('GET', stripePath) +
      '\r\n' +
      rawWebhook(stripeWebhook(second)) +
      rawWebhook(stripeWebhook(second), '/api/v2/webhooks/nobody'),
  );
  for (const status of [200, 405, 200, 404]) {
    assert.equal((await connection.answer()).status, status);
  }
  assert.equal((await eventsOf(first)).length, 1);
  assert.equal((await eventsOf(second)).length, 1);
});

test('a webhook that arrives byte by byte is taken', async (t) => {
  const connection = await connect(t);
  for (const byte of rawWebhook(stripeWebhook(unique()))) connection.write(byte);
  assert.equal((await connection.answer()).status, 200);
});

test('no answer tells a stranger what runs here', async () => {
  const answer = await daemon.request('GET', '/api/v2/nothing');
  assert.equal(answer.headers.server, undefined);
  assert.ok(!/postern|boost|beast/i.test(JSON.stringify(answer.headers)));
});

test('the private listener shows health and metrics, and the public one does not', async () => {
  assert.equal((await daemon.private('/healthz')).json.status, 'ok');
  assert.equal((await daemon.private('/readyz')).json.status, 'ready');
  assert.match((await daemon.private('/metrics')).text, /^# TYPE postern_/m);
  for (const target of ['/healthz', '/readyz', '/metrics']) {
    assert.notEqual((await daemon.request('GET', target)).status, 200, target);
  }
  assert.equal((await daemon.private(stripePath)).status, 404);
});

test('neither log nor metrics show a secret or a body', async () => {
  const marker = `marker${crypto.randomBytes(8).toString('hex')}`;
  await daemon.webhook('stripe', signed(JSON.stringify({ id: unique(), type: 'x', note: marker })));
  await daemon.webhook('stripe', { headers: { 'stripe-signature': 'x' }, body: marker });
  const shown = daemon.log + (await daemon.private('/metrics')).text;
  for (const secret of [stripeSecret, marker, 'sk_test_integration']) {
    assert.ok(!shown.includes(secret), secret);
  }
});

function isRefused(port) {
  return new Promise((resolve) => {
    const probe = net.connect(port, '127.0.0.1');
    probe.once('connect', () => {
      probe.destroy();
      resolve(false);
    });
    probe.once('error', () => resolve(true));
  });
}

test('a stop finishes what is being read, and a restart knows everything', async (t) => {
  const early = unique();
  const late = unique();
  const first = await startDaemon(t, { config });
  await first.webhook('stripe', stripeWebhook(early));
  const connection = await connect(t, first.port);
  const text = rawWebhook(stripeWebhook(late));
  connection.write(text.slice(0, -30));
  await first.request('GET', stripePath); // by now the half body has been read
  const stopped = first.stop();
  await eventually('the stop', () => isRefused(first.port));
  connection.write(text.slice(-30));
  const answer = await connection.answer();
  assert.equal(answer.status, 200);
  assert.equal(answer.headers.connection, 'close');
  await stopped;
  const second = await startDaemon(t, { config, folder: first.folder });
  const items = await second.listAll('/api/v2/inbox');
  assert.deepEqual(
    items.map(({ gateway_event_id: id }) => id),
    [late, early],
  );
  assert.equal((await second.webhook('stripe', stripeWebhook(early))).status, 200);
  assert.equal((await second.events()).length, 2, 'a duplicate stays one over a restart');
});

test('an idle connection does not hold up a stop', async (t) => {
  const stopping = await startDaemon(t, { config });
  const connection = await connect(t, stopping.port);
  connection.write(rawWebhook(stripeWebhook(unique())));
  await connection.answer();
  await within(10 * kSecond, 'the stop', stopping.stop());
  assert.ok(await connection.closedWithin(kEndMilliseconds));
});

async function refusalsOf(at) {
  const { json } = await at.get('/api/v2/gateways/stripe');
  return json.health.recent_refusals.map(({ peer_address: address }) => address);
}

test('a forwarded address is believed of a trusted proxy only', async (t) => {
  const forwarded = { body: '{}', headers: { 'x-forwarded-for': '198.51.100.1, 203.0.113.7' } };
  await daemon.webhook('stripe', forwarded);
  assert.ok((await refusalsOf(daemon)).every((address) => address === '127.0.0.1'));
  const behind = await startDaemon(t, {
    config: { ...config, proxy: { trusted: ['127.0.0.0/8'] } },
  });
  await behind.webhook('stripe', forwarded);
  assert.deepEqual(await refusalsOf(behind), ['203.0.113.7']);
});

const v2Header = Buffer.concat([
  Buffer.from('\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c', 'latin1'),
  Buffer.from([198, 51, 100, 9, 127, 0, 0, 1, 0x10, 0, 0, 80]),
]);

test('the PROXY protocol names the client when it is configured', async (t) => {
  const behind = await startDaemon(t, {
    config: { ...config, proxy: { trusted: ['127.0.0.0/8'], protocol: 'any' } },
  });
  const headers = ['PROXY TCP4 198.51.100.8 127.0.0.1 4096 80\r\n', v2Header];
  for (const header of headers) {
    const connection = await connect(t, behind.port);
    connection.write(header).write(rawWebhook({ headers: {}, body: '{}' }));
    assert.equal((await connection.answer()).status, 401);
  }
  const plain = await connect(t, behind.port);
  plain.write(rawWebhook(stripeWebhook(unique())));
  assert.equal(await plain.answer(), null, 'a connection without the header is dropped');
  const asking = await connect(t, behind.port);
  asking.write('PROXY UNKNOWN\r\n').write(
    requestText('GET', '/api/v2/gateways/stripe', {
      headers: { Authorization: 'Bearer sk_test_integration0123456789abcdef' },
    }),
  );
  const { health } = JSON.parse((await asking.answer()).body);
  const addresses = health.recent_refusals.map(({ peer_address: address }) => address).sort();
  assert.deepEqual(addresses, ['198.51.100.8', '198.51.100.9']);
});

test('the PROXY protocol is no way in when it is not configured', async (t) => {
  const connection = await connect(t);
  connection.write('PROXY TCP4 198.51.100.8 127.0.0.1 4096 80\r\n').write(requestText('GET', '/'));
  assert.equal((await connection.answer()).status, 400);
});
