// Sockets that the service manager keeps: connections wait in them while the daemon is away.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { atEnd, scale } from './lib/daemon.mjs';
import { RawConnection, requestText } from './lib/raw.mjs';
import { holdSockets, keepAsking } from './lib/service_manager.mjs';
import { stripeGateway, stripePath, stripeWebhook } from './lib/stripe.mjs';

const config = { gateways: [stripeGateway] };

test('sockets take the place of the addresses', async (t) => {
  const daemon = await holdSockets(t, { names: ['public', 'private'], config });
  await daemon.run();
  await daemon.waitUntilReady();
  atEnd(t, () => daemon.stop());
  assert.equal(daemon.listen, `127.0.0.1:${daemon.ports.public}`);
  assert.equal(daemon.admin, `127.0.0.1:${daemon.ports.private}`);
  assert.equal((await daemon.webhook('stripe', stripeWebhook('evt_1'))).status, 200);
  assert.equal((await daemon.private('/readyz')).status, 200);
});

// Only while nobody else can ask for it may test mode deliver to this machine.
for (const [address, allowed] of [['127.0.0.1', true], ['0.0.0.0', false]]) {
  test(`the true address ${address} decides about deliveries to loopback`, async (t) => {
    const daemon = await holdSockets(t, { names: [`public=${address}`, 'private'], config });
    await daemon.run();
    await daemon.waitUntilReady();
    atEnd(t, () => daemon.stop());
    assert.equal(daemon.listen, `${address}:${daemon.ports.public}`);
    assert.equal(/delivery\.loopback_allowed/.test(daemon.log), allowed);
  });
}

const kMisfits = [
  { name: 'webhooks', said: /socket.*webhooks.*must be public, private or tls/ },
  { name: 'tls', said: /socket.*tls.*certificate_file and key_file/ },
];
for (const { name, said } of kMisfits) {
  test(`a socket called ${name} that does not fit is refused by name`, async (t) => {
    const expectedErrors = [/daemon\.cannot_start/];
    const daemon = await holdSockets(t, { names: ['public', name], config, expectedErrors });
    await daemon.run();
    assert.equal(await daemon.ended(), 'ended 1');
    assert.match(await daemon.logLine(/cannot_start/), said);
  });
}

test('who connects while no daemon runs is served by the next', async (t) => {
  const daemon = await holdSockets(t, { names: ['public', 'private'], config });
  const early = await RawConnection.connect(daemon.ports.public);
  atEnd(t, () => early.destroy());
  early.write(requestText('POST', stripePath, stripeWebhook('evt_early')));
  await daemon.run();
  assert.equal((await early.answer()).status, 200);
  await daemon.waitUntilReady();
  await daemon.stop();
});

test('a restart under load refuses nobody and loses nothing', async (t) => {
  const daemon = await holdSockets(t, { names: ['public', 'private'], config });
  await daemon.run();
  await daemon.waitUntilReady();
  atEnd(t, () => daemon.stop());
  const load = keepAsking(async (number) => {
    const answer = await daemon.webhook('stripe', stripeWebhook(`evt_${number}`));
    assert.equal(answer.status, 200, answer.text);
  });
  for (let i = 0; i < 5 * scale; ++i) {
    await load.more(100);
    assert.equal(await daemon.restart(), 'ended 0');
  }
  await load.more(100);
  const answered = await load.end();
  t.diagnostic(`${answered} webhooks, ${5 * scale} restarts`);
  assert.equal((await daemon.events()).length, answered);
});
