// Webhooks signed by the providers' own SDKs against the real daemon.
import assert from 'node:assert/strict';
import crypto from 'node:crypto';
import { test } from 'node:test';
import { startDaemon } from './lib/daemon.mjs';
import { sdkCases } from './lib/sdk_cases.mjs';

const unique = () => crypto.randomBytes(12).toString('hex');

function tampered({ tamper: [from, to] }, request) {
  assert.ok(request.body.includes(from), `the body holds ${from}`);
  return { ...request, body: request.body.replace(from, to) };
}

function assertAcknowledged({ id, acknowledged }, answer) {
  assert.equal(answer.status, acknowledged.status, answer.text);
  if (acknowledged.body !== undefined) assert.equal(answer.text, acknowledged.body);
  if (acknowledged.success) {
    assert.equal(answer.json.success, true);
    assert.equal(answer.json.gateway, id);
    assert.equal(typeof answer.json.message, 'string');
  }
}

test('webhooks that the real SDKs signed', async (t) => {
  const daemon = await startDaemon(t, {
    config: { gateways: sdkCases.map(({ gateway }) => gateway) },
  });
  for (const sdkCase of sdkCases) {
    const { id } = sdkCase;
    const eventsOf = () => daemon.events({ gateway: id });
    const inboxOf = () => daemon.listAll('/api/v2/inbox', { gateway: id });

    await t.test(`${id}: a tampered body is refused and nothing is stored`, async () => {
      const request = tampered(sdkCase, sdkCase.make(unique()));
      assert.equal(await sdkCase.accepts(request), false, 'the SDK refuses it too');
      const answer = await daemon.webhook(id, request);
      assert.equal(answer.status, sdkCase.refusedStatus, answer.text);
      assert.deepEqual(await inboxOf(), []);
      assert.deepEqual(await eventsOf(), []);
    });

    await t.test(`${id}: a webhook is accepted, and shown in our words`, async () => {
      const request = sdkCase.make(unique());
      assert.equal(await sdkCase.accepts(request), true, 'the SDK accepts the same bytes');
      assertAcknowledged(sdkCase, await daemon.webhook(id, request));
      const events = await eventsOf();
      assert.equal(events.length, 1);
      const { object } = events[0].data;
      assert.equal(events[0].type, sdkCase.event.type);
      assert.equal(object.amount, sdkCase.event.amount);
      assert.equal(object.currency, sdkCase.event.currency);
      const [{ id: inboxId }] = await inboxOf();
      const { json } = await daemon.get(`/api/v2/inbox/${inboxId}`);
      assert.equal(Buffer.from(json.body_base64, 'base64').toString(), request.body);
    });

    await t.test(`${id}: a duplicate is acknowledged and makes no second event`, async () => {
      const request = sdkCase.make(unique());
      const before = (await eventsOf()).length;
      assertAcknowledged(sdkCase, await daemon.webhook(id, request));
      assertAcknowledged(sdkCase, await daemon.webhook(id, request));
      assert.equal((await eventsOf()).length, before + 1);
    });
  }
});
