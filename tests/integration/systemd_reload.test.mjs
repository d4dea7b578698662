// SIGHUP under load: what changes, what stays, and that nobody notices.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import tls from 'node:tls';
import { once } from 'node:events';
import { test } from 'node:test';
import { Authority } from './lib/certificates.mjs';
import { atEnd, scale, startDaemon, temporaryFolder, within } from './lib/daemon.mjs';
import { eventually } from './lib/delivery.mjs';
import { keepPosting } from './lib/load.mjs';
import { RawConnection, requestText } from './lib/raw.mjs';
import { keepAsking, writeConfig } from './lib/service_manager.mjs';
import { signed, stripeBody, stripeGateway, stripePath, stripeSecret } from './lib/stripe.mjs';

const kNewSecret = 'whsec_integrationtests9876543210zyxw';
const withSecrets = (...secrets) => ({
  gateways: [{ ...stripeGateway, webhook_secrets: secrets }],
});
const kinds = { old: { secret: stripeSecret }, fresh: { secret: kNewSecret } };

async function reload(daemon, config) {
  writeConfig(daemon.folder, config);
  const said = daemon.nextLogLine(/daemon\.reload(ed|_refused) /);
  daemon.child.kill('SIGHUP');
  return said;
}

const webhook = (id, kind) => signed(stripeBody(id), kind);
const post = (daemon, id, kind) => daemon.webhook('stripe', webhook(id, kind));

test('a rotated secret is believed from the reload on, the old one no more', async (t) => {
  const daemon = await startDaemon(t, { config: withSecrets(stripeSecret) });
  assert.equal((await post(daemon, 'evt_1', kinds.old)).status, 200);
  assert.equal((await post(daemon, 'evt_2', kinds.fresh)).status, 401);
  assert.match(await reload(daemon, withSecrets(stripeSecret, kNewSecret)), /gateway stripe/);
  assert.equal((await post(daemon, 'evt_2', kinds.fresh)).status, 200);
  assert.equal((await post(daemon, 'evt_3', kinds.old)).status, 200);
  await reload(daemon, withSecrets(kNewSecret));
  assert.equal((await post(daemon, 'evt_4', kinds.old)).status, 401);
  assert.equal((await post(daemon, 'evt_4', kinds.fresh)).status, 200);
  assert.equal((await daemon.events()).length, 4);
});

test('an open connection outlives a reload', async (t) => {
  const daemon = await startDaemon(t, { config: withSecrets(stripeSecret) });
  const connection = await RawConnection.connect(daemon.port);
  atEnd(t, () => connection.destroy());
  connection.write(requestText('POST', stripePath, webhook('evt_1', kinds.old)));
  assert.equal((await connection.answer()).status, 200);
  await reload(daemon, withSecrets(kNewSecret));
  connection.write(requestText('POST', stripePath, webhook('evt_2', kinds.fresh)));
  assert.equal((await connection.answer()).status, 200);
});

test('limits and the log change for who comes after the reload', async (t) => {
  const daemon = await startDaemon(t, { config: withSecrets(stripeSecret) });
  const body = ' '.repeat(4096);
  assert.equal((await daemon.webhook('stripe', { body })).status, 401);
  const limits = { body_bytes_max: 2048 };
  const log = { access: true };
  const said = await reload(daemon, { ...withSecrets(stripeSecret), limits, log });
  assert.match(said, /limits\.body_bytes_max/);
  assert.match(said, /log\.access/);
  const line = daemon.nextLogLine(/ http\.request method=POST .* status=413 /);
  assert.equal((await daemon.webhook('stripe', { body })).status, 413);
  await line;
  await reload(daemon, withSecrets(stripeSecret));
  assert.equal((await daemon.webhook('stripe', { body })).status, 401);
  const accesses = daemon.log.split('\n').filter((each) => each.includes(' http.request '));
  assert.equal(accesses.length, 1);
});

test('what needs a restart is named and left alone', async (t) => {
  const daemon = await startDaemon(t, { config: withSecrets(stripeSecret) });
  const storage = { readers: 3 };
  const gateways = [stripeGateway, { ...stripeGateway, id: 'another' }];
  const warned = daemon.nextLogLine(/daemon\.restart_needed /);
  await reload(daemon, { gateways, storage });
  assert.match(await warned, /changed="storage\.readers, gateway another"/);
  assert.equal((await daemon.webhook('another', webhook('evt_1'))).status, 404);
});

test('reloads under load, good and bad, refuse nobody and lose nothing', async (t) => {
  const expectedErrors = [/daemon\.reload_refused/];
  const daemon = await startDaemon(t, { config: withSecrets(stripeSecret), expectedErrors });
  const load = keepAsking(async (number) => {
    const answer = await post(daemon, `evt_${number}`, kinds.old);
    assert.equal(answer.status, 200, answer.text);
  });
  for (let i = 0; i < 5 * scale; ++i) {
    await load.more(50);
    assert.match(await reload(daemon, withSecrets(kNewSecret, stripeSecret)), /reloaded/);
    assert.match(await reload(daemon, withSecrets('')), /reload_refused.*gateway .*stripe/);
    assert.match(await reload(daemon, withSecrets(stripeSecret)), /reloaded/);
  }
  const answered = await load.end();
  assert.equal((await daemon.events()).length, answered);
});

async function servedNames(port) {
  const socket = tls.connect({ host: '127.0.0.1', port, rejectUnauthorized: false });
  try {
    await within(30_000, 'a handshake', once(socket, 'secureConnect'));
    return socket.getPeerCertificate().subjectaltname;
  } finally {
    socket.destroy();
  }
}

test('certificates change amid handshakes, and no connection is dropped', async (t) => {
  const authority = new Authority(t);
  const folder = temporaryFolder(t);
  const certificate_file = path.join(folder, 'certificate.pem');
  const key_file = path.join(folder, 'key.pem');
  const install = (names) => {
    const { key, cert } = authority.issue({ names });
    fs.writeFileSync(key_file, key, { mode: 0o600 });
    fs.writeFileSync(certificate_file, cert);
  };
  install('DNS:first.example');
  const files = { certificate_file, key_file, listen: '127.0.0.1:0' };
  const config = { ...withSecrets(stripeSecret), tls: files };
  const expectedErrors = [/daemon\.reload_refused/];
  const daemon = await startDaemon(t, { config, expectedErrors });
  const load = keepPosting({
    ports: { public: daemon.port, tls: daemon.tlsPort },
    target: stripePath,
    webhook: (number) => webhook(`evt_${number}`, kinds.old),
    accept: ({ status, text }) => assert.equal(status, 200, text),
  });
  for (let i = 0; i < 5 * scale; ++i) {
    const names = `DNS:reload${i}.example`;
    await load.more(50);
    install(names);
    assert.match(await reload(daemon, config), /reloaded/);
    assert.equal(await servedNames(daemon.tlsPort), names);
    fs.writeFileSync(certificate_file, 'no certificate');
    assert.match(await reload(daemon, config), /reload_refused.*certificate/);
    assert.equal(await servedNames(daemon.tlsPort), names);
  }
  const answered = await load.end();
  assert.equal((await daemon.events()).length, answered);
});

test('the sandbox signs with the secret that a reload gave it', async (t) => {
  const payments = { sandbox_settle_milliseconds: 100 };
  const daemon = await startDaemon(t, { config: { ...withSecrets(stripeSecret), payments } });
  await reload(daemon, { ...withSecrets(kNewSecret), payments });
  const payment = await daemon.post('/v1/payment_intents', {
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: 'amount=1999&currency=usd&payment_method=pm_card_visa&confirm=true',
  });
  assert.equal(payment.status, 200, payment.text);
  await eventually('its webhook', async () => (await daemon.inbox()).length > 0);
  const labels = { gateway: 'stripe', reason: 'bad_signature' };
  assert.equal(await daemon.metric('postern_webhooks_refused_total', labels), 0);
});
