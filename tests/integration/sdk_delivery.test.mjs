// Delivery as merchants use it: made with the real clients of Stripe and Svix, received by a real
// HTTP server, verified with the clients' own libraries.
import assert from 'node:assert/strict';
import crypto from 'node:crypto';
import { test } from 'node:test';
import Stripe from 'stripe';
import { Svix, Webhook as SvixWebhook } from 'svix';
import { Webhook as StandardWebhook } from 'standardwebhooks';
import { restrictedKey, secretKey, startDaemon } from './lib/daemon.mjs';
import { eventually, startSink } from './lib/merchant.mjs';
import { stripeGateway, stripeWebhook } from './lib/stripe.mjs';

const config = { gateways: [stripeGateway] };

function stripeClient(daemon, { key = secretKey, ...options } = {}) {
  const [host, port] = daemon.listen.split(':');
  return new Stripe(key, { host, port, protocol: 'http', telemetry: false, ...options });
}

function svixClient(daemon, key = secretKey) {
  return new Svix(key, { serverUrl: `http://${daemon.listen}` });
}

async function collected(list) {
  const items = [];
  for await (const item of list) items.push(item);
  return items;
}

test('webhook endpoints by the stripe client', async (t) => {
  const daemon = await startDaemon(t, { config });
  const stripe = stripeClient(daemon);
  const url = 'http://127.0.0.1:4242/hook';
  let made;

  await t.test('one is made, and its secret shown this once', async () => {
    made = await stripe.webhookEndpoints.create({
      url,
      enabled_events: ['payment_intent.succeeded', 'refund.*'],
      description: 'orders',
      metadata: { shop: 'one', kept: 'yes' },
      api_version: '2024-06-20',
    });
    assert.match(made.id, /^we_/);
    assert.equal(made.object, 'webhook_endpoint');
    assert.match(made.secret, /^whsec_/);
    assert.deepEqual(made.enabled_events, ['payment_intent.succeeded', 'refund.*']);
    assert.deepEqual(made.metadata, { shop: 'one', kept: 'yes' });
    assert.equal(made.api_version, '2024-06-20');
    assert.equal(made.application, null);
    assert.equal(made.livemode, false);
    assert.equal(made.status, 'enabled');
    assert.match(made.lastResponse.requestId, /^req_/);
    assert.ok(made.lastResponse.apiVersion);
  });

  await t.test('it is read without its secret', async () => {
    const read = await stripe.webhookEndpoints.retrieve(made.id, { expand: ['application'] });
    const { secret, lastResponse, ...rest } = made;
    assert.deepEqual({ ...read }, rest);
  });

  await t.test('metadata is merged, and an empty text takes away', async () => {
    const changed = await stripe.webhookEndpoints.update(made.id, {
      metadata: { shop: '', more: '1' },
      description: '',
      disabled: true,
      enabled_events: ['*'],
    });
    assert.deepEqual(changed.metadata, { kept: 'yes', more: '1' });
    assert.equal(changed.description, null);
    assert.equal(changed.status, 'disabled');
    assert.deepEqual(changed.enabled_events, ['*']);
    const cleared = await stripe.webhookEndpoints.update(made.id, { metadata: '' });
    assert.deepEqual(cleared.metadata, {});
    assert.equal(cleared.status, 'disabled');
    const enabled = await stripe.webhookEndpoints.update(made.id, { disabled: false });
    assert.equal(enabled.status, 'enabled');
  });

  await t.test('lists page both ways', async () => {
    const ids = [made.id];
    for (let i = 0; i < 4; ++i) {
      const { id } = await stripe.webhookEndpoints.create({ url, enabled_events: ['*'] });
      ids.unshift(id);
    }
    const first = await stripe.webhookEndpoints.list({ limit: 2 });
    assert.equal(first.has_more, true);
    assert.equal(first.url, '/v1/webhook_endpoints');
    assert.deepEqual(first.data.map(({ id }) => id), ids.slice(0, 2));
    const all = await collected(stripe.webhookEndpoints.list({ limit: 2 }));
    assert.deepEqual(all.map(({ id }) => id), ids);
    const back = await stripe.webhookEndpoints.list({ limit: 2, ending_before: ids[4] });
    assert.deepEqual(back.data.map(({ id }) => id), ids.slice(2, 4));
    assert.equal(back.has_more, true);
  });

  await t.test('the same key and parameters give the same answer', async () => {
    const wish = { url, enabled_events: ['*'] };
    const options = { idempotencyKey: 'one-endpoint' };
    const first = await stripe.webhookEndpoints.create(wish, options);
    const again = await stripe.webhookEndpoints.create(wish, options);
    assert.equal(again.id, first.id);
    assert.equal(again.secret, first.secret);
    assert.equal(again.lastResponse.headers['idempotent-replayed'], 'true');
    await assert.rejects(
      stripe.webhookEndpoints.create({ url, enabled_events: ['refund.*'] }, options),
      (error) => error.type === 'StripeIdempotencyError' && error.statusCode === 400,
    );
  });

  await t.test('mistakes come as the errors that the client knows', async () => {
    const invalid = (code, param) => (error) => {
      assert.equal(error.type, 'StripeInvalidRequestError');
      assert.equal(error.code, code);
      assert.equal(error.param, param);
      return true;
    };
    const { webhookEndpoints } = stripe;
    const all = ['*'];
    await assert.rejects(
      webhookEndpoints.create({ url }),
      invalid('parameter_missing', 'enabled_events'),
    );
    await assert.rejects(
      webhookEndpoints.create({ url, enabled_events: all, typo: 1 }),
      invalid('parameter_unknown', 'typo'),
    );
    await assert.rejects(
      webhookEndpoints.create({ url, enabled_events: ['payment_intent.suceeded'] }),
      invalid(undefined, 'enabled_events[0]'),
    );
    await assert.rejects(
      webhookEndpoints.create({ url: 'http://10.0.0.1/', enabled_events: all }),
      invalid('url_invalid', 'url'),
    );
    await assert.rejects(webhookEndpoints.retrieve('we_none'), invalid('resource_missing', 'id'));
    await assert.rejects(webhookEndpoints.del('we_none'), invalid('resource_missing', 'id'));
    await assert.rejects(webhookEndpoints.list({ limit: 101 }), invalid(undefined, 'limit'));
    const stranger = stripeClient(daemon, { key: 'sk_test_stranger0123456789abcdef' });
    await assert.rejects(stranger.webhookEndpoints.list(), { type: 'StripeAuthenticationError' });
    const reader = stripeClient(daemon, { key: restrictedKey });
    await reader.webhookEndpoints.list();
    await assert.rejects(reader.webhookEndpoints.create({ url, enabled_events: all }), {
      type: 'StripePermissionError',
    });
    const unknown = await daemon.get('/v1/nothing');
    assert.equal(unknown.status, 404);
    assert.equal(unknown.json.error.type, 'invalid_request_error');
    const version = await daemon.get('/v1/events', { headers: { 'onerway-version': 'new' } });
    assert.equal(version.status, 400);
  });

  await t.test('JSON bodies and Basic keys are taken as well', async () => {
    const basic = `Basic ${Buffer.from(`${secretKey}:`).toString('base64')}`;
    const answer = await daemon.post('/v1/webhook_endpoints', {
      key: null,
      headers: { authorization: basic, 'content-type': 'application/json' },
      body: JSON.stringify({ url, enabled_events: ['*'], metadata: { a: 'b' } }),
    });
    assert.equal(answer.status, 200, answer.text);
    assert.deepEqual(answer.json.metadata, { a: 'b' });
  });

  await t.test('a deleted one is gone', async () => {
    const gone = await stripe.webhookEndpoints.del(made.id);
    assert.equal(gone.deleted, true);
    assert.equal(gone.object, 'webhook_endpoint');
    await assert.rejects(stripe.webhookEndpoints.retrieve(made.id), { code: 'resource_missing' });
  });
});

test('a provider’s webhook is delivered as the stripe library expects it', async (t) => {
  const daemon = await startDaemon(t, { config });
  const sink = await startSink(t);
  const stripe = stripeClient(daemon);
  const endpoint = await stripe.webhookEndpoints.create({
    url: sink.url,
    enabled_events: ['payment_intent.succeeded'],
  });
  const posted = await daemon.webhook('stripe', stripeWebhook('evt_delivered'));
  assert.equal(posted.status, 200, posted.text);
  const { headers, body } = await sink.delivery();

  await t.test('constructEvent accepts it with the secret given at creation', () => {
    for (const name of ['stripe-signature', 'onerway-signature']) {
      const event = stripe.webhooks.constructEvent(body, headers[name], endpoint.secret);
      assert.equal(event.type, 'payment_intent.succeeded');
      assert.equal(event.object, 'event');
      assert.equal(event.data.object.amount, 1099);
      assert.equal(event.data.object.currency, 'usd');
    }
    assert.throws(() =>
      stripe.webhooks.constructEvent(`${body} `, headers['stripe-signature'], endpoint.secret),
    );
  });

  await t.test('the event is listed as it was delivered', async () => {
    const delivered = JSON.parse(body);
    const event = await stripe.events.retrieve(delivered.id);
    assert.equal(event.type, delivered.type);
    assert.deepEqual(event.data, delivered.data);
    const { data } = await stripe.events.list({ type: 'payment_intent.succeeded', limit: 5 });
    assert.deepEqual(data.map(({ id }) => id), [delivered.id]);
    const since = await stripe.events.list({ created: { gte: event.created } });
    assert.equal(since.data.length, 1);
    const later = await stripe.events.list({ created: { gt: event.created } });
    assert.equal(later.data.length, 0);
    const others = await stripe.events.list({ types: ['refund.created', 'payout.paid'] });
    assert.equal(others.data.length, 0);
    await assert.rejects(stripe.events.list({ type: 'nothing.known' }), { param: 'type' });
    await assert.rejects(stripe.events.retrieve('evt_none'), { code: 'resource_missing' });
  });
});

test('applications by the svix client', async (t) => {
  const daemon = await startDaemon(t, { config });
  const svix = svixClient(daemon);

  await t.test('they are made, found by id and uid, changed and deleted', async () => {
    const app = await svix.application.create({
      name: 'Shop',
      uid: 'shop-1',
      metadata: { tier: 'a' },
    });
    assert.match(app.id, /^app_/);
    assert.equal(app.uid, 'shop-1');
    assert.deepEqual(app.metadata, { tier: 'a' });
    assert.deepEqual(await svix.application.get('shop-1'), app);
    assert.deepEqual(await svix.application.get(app.id), app);
    assert.deepEqual(await svix.application.getOrCreate({ name: 'x', uid: 'shop-1' }), app);
    await assert.rejects(svix.application.create({ name: 'x', uid: 'shop-1' }), { code: 409 });
    const renamed = await svix.application.patch(app.id, { name: 'Shop 2' });
    assert.equal(renamed.name, 'Shop 2');
    assert.equal(renamed.uid, 'shop-1');
    const replaced = await svix.application.upsert('shop-1', { name: 'Shop 3', uid: 'shop-1' });
    assert.equal(replaced.id, app.id);
    assert.deepEqual(replaced.metadata, {});
    const made = await svix.application.upsert('shop-2', { name: 'Another' });
    assert.equal(made.uid, 'shop-2');
    await svix.application.delete('shop-1');
    await assert.rejects(svix.application.get(app.id), { code: 404 });
    await assert.rejects(svix.application.get('shop-1'), { code: 404 });
  });

  await t.test('lists page to their end and back', async () => {
    for (let i = 0; i < 5; ++i) await svix.application.create({ name: `app ${i}` });
    const whole = await svix.application.list({ limit: 250, order: 'ascending' });
    assert.equal(whole.done, true);
    const names = [];
    const pages = [];
    let iterator;
    do {
      const page = await svix.application.list({ limit: 2, order: 'ascending', iterator });
      names.push(...page.data.map(({ name }) => name));
      pages.push(page);
      iterator = page.done ? undefined : page.iterator;
    } while (iterator);
    assert.deepEqual(names, whole.data.map(({ name }) => name));
    const back = await svix.application.list({
      limit: 2,
      order: 'ascending',
      iterator: pages[1].prevIterator,
    });
    assert.deepEqual(back.data, pages[0].data);
  });

  await t.test('mistakes come in svix’s words', async () => {
    await assert.rejects(svix.application.create({}), (error) => {
      assert.equal(error.code, 422);
      assert.deepEqual(error.body.detail[0].loc, ['body', 'name']);
      return true;
    });
    await assert.rejects(svix.application.get('app_none'), (error) => {
      assert.equal(error.code, 404);
      assert.equal(error.body.code, 'not_found');
      return true;
    });
    const stranger = svixClient(daemon, 'sk_test_stranger0123456789abcdef');
    await assert.rejects(stranger.application.list(), {
      code: 401,
    });
    await assert.rejects(svix.application.list({ limit: 1000 }), { code: 422 });
    const portal = await daemon.post('/api/v1/auth/app-portal-access/app_x/', { body: '{}' });
    assert.equal(portal.status, 501);
    assert.equal(typeof portal.json.detail, 'string');
    const nothing = await daemon.get('/api/v1/stream/none');
    assert.equal(nothing.status, 404);
    assert.equal(nothing.json.code, 'not_found');
    await svix.health.get();
  });
});

test('messages by the svix client', async (t) => {
  const daemon = await startDaemon(t, { config });
  const sink = await startSink(t);
  const svix = svixClient(daemon);
  const app = await svix.application.create({ name: 'Shop', uid: 'shop' });
  const endpoint = await svix.endpoint.create('shop', {
    url: sink.url,
    uid: 'hook',
    description: 'all of it',
    metadata: { a: 'b' },
    headers: { 'X-Shop': 'one' },
  });
  const { key } = await svix.endpoint.getSecret('shop', 'hook');

  const verified = ({ body, headers }, secret = key) => {
    new SvixWebhook(secret).verify(body, headers);
    return new StandardWebhook(secret).verify(body, headers);
  };

  await t.test('an endpoint is shown by id and by its own uid', async () => {
    assert.match(endpoint.id, /^ep_/);
    assert.equal(endpoint.uid, 'hook');
    assert.equal(endpoint.disabled, false);
    assert.equal(endpoint.eventTypes, null);
    assert.deepEqual(await svix.endpoint.get(app.id, endpoint.id), endpoint);
    assert.deepEqual(await svix.endpoint.get('shop', 'hook'), endpoint);
    const { data } = await svix.endpoint.list('shop');
    assert.deepEqual(data, [endpoint]);
    await assert.rejects(svix.endpoint.create('shop', { url: sink.url, uid: 'hook' }), {
      code: 409,
    });
    await assert.rejects(svix.endpoint.create('shop', { url: 'nothing' }), (error) => {
      assert.equal(error.code, 422);
      assert.deepEqual(error.body.detail[0].loc, ['body', 'url']);
      return true;
    });
  });

  let message;
  await t.test('a message arrives, signed, byte for byte', async () => {
    const payload = { order: 17, total: '9.90', ünïcode: '✓' };
    message = await svix.message.create(
      'shop',
      { eventType: 'order.paid', payload, eventId: 'order-17' },
      { withContent: true },
    );
    assert.match(message.id, /^msg_/);
    assert.deepEqual(message.payload, payload);
    const delivery = await sink.delivery();
    assert.equal(delivery.body, JSON.stringify(payload));
    assert.equal(delivery.headers['webhook-id'], message.id);
    assert.equal(delivery.headers['x-shop'], 'one');
    assert.deepEqual(verified(delivery), payload);
    assert.throws(() => verified({ ...delivery, body: `${delivery.body} ` }));
  });

  await t.test('an event id is taken once', async () => {
    const wish = { eventType: 'order.paid', payload: {}, eventId: 'order-17' };
    await assert.rejects(svix.message.create('shop', wish), (error) => {
      assert.equal(error.code, 409);
      assert.equal(error.body.code, 'conflict');
      return true;
    });
  });

  await t.test('the same key gives the same message', async () => {
    const wish = { eventType: 'order.seen', payload: {} };
    const options = { idempotencyKey: 'seen-once' };
    const first = await svix.message.create('shop', wish, options);
    assert.equal((await svix.message.create('shop', wish, options)).id, first.id);
  });

  await t.test('messages are listed, filtered and found', async () => {
    const { data } = await svix.message.list('shop', { withContent: true });
    assert.deepEqual(data.map(({ eventType }) => eventType), ['order.seen', 'order.paid']);
    const paid = await svix.message.list('shop', { eventTypes: ['order.paid'] });
    assert.deepEqual(paid.data.map(({ id }) => id), [message.id]);
    assert.equal((await svix.message.get('shop', 'order-17')).id, message.id);
    assert.equal((await svix.message.get(app.id, message.id)).eventId, 'order-17');
    await assert.rejects(svix.message.get('shop', 'order-18'), { code: 404 });
  });

  await t.test('attempts are listed by message and by endpoint', async () => {
    const byMessage = await eventually(
      'the attempt is recorded',
      () => svix.messageAttempt.listByMsg('shop', message.id, { withContent: true }),
      ({ data }) => data.length === 1,
    );
    const [attempt] = byMessage.data;
    assert.match(attempt.id, /^atmpt_/);
    assert.equal(attempt.endpointId, endpoint.id);
    assert.equal(attempt.msgId, message.id);
    assert.equal(attempt.url, sink.url);
    assert.equal(attempt.response, 'taken');
    assert.equal(attempt.responseStatusCode, 200);
    assert.equal(attempt.status, 0);
    assert.equal(attempt.statusText, 'success');
    assert.equal(attempt.triggerType, 0);
    const byEndpoint = await eventually(
      'both attempts are recorded',
      () => svix.messageAttempt.listByEndpoint('shop', 'hook', { withMsg: true }),
      ({ data }) => data.length === 2,
    );
    assert.equal(byEndpoint.data.at(-1).id, attempt.id);
    assert.equal(byEndpoint.data.at(-1).msg.eventId, 'order-17');
    const one = await svix.messageAttempt.get('shop', message.id, attempt.id);
    assert.equal(one.id, attempt.id);
    const messages = await svix.messageAttempt.listAttemptedMessages('shop', endpoint.id);
    assert.deepEqual(messages.data.map(({ statusText }) => statusText), ['success', 'success']);
    const receivers = await svix.messageAttempt.listAttemptedDestinations('shop', message.id);
    assert.equal(receivers.data[0].id, endpoint.id);
    assert.equal(receivers.data[0].status, 0);
    const stats = await svix.endpoint.getStats('shop', 'hook');
    assert.deepEqual({ ...stats }, { success: 2, pending: 0, sending: 0, fail: 0, canceled: 0 });
  });

  await t.test('a resent message arrives again under its own id', async () => {
    const before = sink.received.length;
    await svix.messageAttempt.resend('shop', message.id, 'hook');
    const received = await sink.count(before + 1);
    assert.equal(received.at(-1).headers['webhook-id'], message.id);
    verified(received.at(-1));
  });

  await t.test('both secrets verify while the old one has grace', async () => {
    await svix.endpoint.rotateSecret('shop', 'hook', { gracePeriodSeconds: 3600 });
    const rotated = await svix.endpoint.getSecret('shop', 'hook');
    assert.notEqual(rotated.key, key);
    const before = sink.received.length;
    await svix.message.create('shop', { eventType: 'order.rotated', payload: { a: 1 } });
    const delivery = (await sink.count(before + 1)).at(-1);
    verified(delivery, key);
    verified(delivery, rotated.key);
    const own = `whsec_${crypto.randomBytes(32).toString('base64')}`;
    await svix.endpoint.rotateSecret('shop', 'hook', { key: own, gracePeriodSeconds: 0 });
    assert.equal((await svix.endpoint.getSecret('shop', 'hook')).key, own);
    await svix.message.create('shop', { eventType: 'order.rotated', payload: { a: 2 } });
    const last = (await sink.count(before + 2)).at(-1);
    verified(last, own);
    assert.throws(() => verified(last, rotated.key));
  });

  await t.test('headers are set, patched and shown without what is secret', async () => {
    await svix.endpoint.setHeaders('shop', 'hook', {
      headers: { 'X-Shop': 'two', 'X-Api-Key': 'hidden', 'X-Old': 'x' },
    });
    await svix.endpoint.patchHeaders('shop', 'hook', {
      headers: { 'X-More': 'three' },
      deleteHeaders: ['X-Old'],
    });
    const { headers, sensitive } = await svix.endpoint.getHeaders('shop', 'hook');
    assert.deepEqual(headers, { 'X-Shop': 'two', 'X-More': 'three' });
    assert.deepEqual(sensitive, ['X-Api-Key']);
  });

  await t.test('a subscription is changed and replaced, in both spellings', async () => {
    const patched = await svix.endpoint.patch('shop', 'hook', { eventTypes: ['order.kept'] });
    assert.deepEqual(patched.eventTypes, ['order.kept']);
    assert.equal(patched.description, 'all of it');
    const before = sink.received.length;
    await svix.message.create('shop', { eventType: 'order.dropped', payload: {} });
    const kept = await svix.message.create('shop', { eventType: 'order.kept', payload: {} });
    const received = await sink.count(before + 1);
    assert.equal(received.at(-1).headers['webhook-id'], kept.id);
    const replaced = await svix.endpoint.upsert('shop', 'hook', { url: sink.url, uid: 'hook' });
    assert.equal(replaced.id, endpoint.id);
    assert.equal(replaced.eventTypes, null);
    assert.equal(replaced.description, '');
    const older = await daemon.request('PATCH', `/api/v1/app/shop/endpoint/hook/`, {
      headers: { authorization: `Bearer ${secretKey}` },
      body: JSON.stringify({ filterTypes: ['order.kept'], rateLimit: 50 }),
    });
    assert.equal(older.status, 200, older.text);
    assert.deepEqual(older.json.filterTypes, ['order.kept']);
    assert.equal(older.json.throttleRate, 50);
  });

  await t.test('a failed message is recovered', async () => {
    const since = new Date(Date.now() - 60_000);
    sink.answer = { status: 410, body: 'gone' };
    const lost = await svix.message.create('shop', { eventType: 'order.kept', payload: { n: 1 } });
    await eventually(
      'the endpoint is disabled by its 410',
      () => svix.endpoint.get('shop', 'hook'),
      ({ disabled }) => disabled,
    );
    sink.answer = { status: 200, body: 'taken' };
    await svix.endpoint.patch('shop', 'hook', { disabled: false });
    const isLost = ({ headers }) => headers['webhook-id'] === lost.id;
    const before = sink.received.filter(isLost).length;
    const task = await svix.endpoint.recover('shop', 'hook', { since });
    assert.match(task.id, /^qtask_/);
    assert.equal(task.task, 'endpoint.recover');
    await sink.delivery(() => sink.received.filter(isLost).length > before, 'the recovered one');
    const done = await eventually(
      'the task is finished',
      () => svix.backgroundTask.get(task.id),
      ({ status }) => status === 'finished',
    );
    assert.ok(done.data.messagesSent >= 1);
    const { data } = await svix.backgroundTask.list();
    assert.deepEqual(data.map(({ id }) => id), [task.id]);
  });

  await t.test('event types are described, archived and sent as examples', async () => {
    const schemas = { 1: { type: 'object', examples: [{ order: 1 }] } };
    const made = await svix.eventType.create({
      name: 'order.kept',
      description: 'An order was kept',
      schemas,
    });
    assert.equal(made.archived, false);
    await assert.rejects(svix.eventType.create({ name: 'order.kept', description: '' }), {
      code: 409,
    });
    await svix.eventType.upsert('order.other', { description: 'another' });
    const { data, done } = await svix.eventType.list({ limit: 250 });
    assert.equal(done, true);
    const names = data.map(({ name }) => name);
    assert.ok(names.includes('order.kept') && names.includes('payment.succeeded'));
    assert.deepEqual(names, [...names].sort());
    assert.deepEqual((await svix.eventType.get('order.kept')).schemas, schemas);
    const example = await svix.endpoint.sendExample('shop', 'hook', { eventType: 'order.kept' });
    const sent = await sink.delivery(({ headers }) => headers['webhook-id'] === example.id);
    assert.equal(sent.body, '{"order":1}');
    await svix.eventType.delete('order.kept');
    await assert.rejects(
      svix.message.create('shop', { eventType: 'order.kept', payload: {} }),
      { code: 422 },
    );
    await assert.rejects(svix.eventType.delete('payment.succeeded'), { code: 409 });
  });

  await t.test('a deleted endpoint and application are gone', async () => {
    await svix.endpoint.delete('shop', 'hook');
    await assert.rejects(svix.endpoint.get('shop', endpoint.id), { code: 404 });
    await svix.application.delete('shop');
    await assert.rejects(svix.message.list(app.id), { code: 404 });
  });
});
