// TLS as the outside sees it.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import tls from 'node:tls';
import { execFile, execFileSync } from 'node:child_process';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { atEnd, startDaemon, temporaryFolder, within } from './lib/daemon.mjs';
import { eventually } from './lib/delivery.mjs';
import { RawConnection, requestText } from './lib/raw.mjs';
import { stripeGateway, stripePath, stripeWebhook } from './lib/stripe.mjs';

const run = promisify(execFile);

function makeCertificate(folder, commonName) {
  const [key, certificate] = [path.join(folder, 'key.pem'), path.join(folder, 'certificate.pem')];
  execFileSync(
    'openssl',
    [
      'req',
      '-x509',
      '-newkey',
      'ec',
      '-pkeyopt',
      'ec_paramgen_curve:prime256v1',
      '-nodes',
      '-keyout',
      key,
      '-out',
      certificate,
      '-days',
      '2',
      '-subj',
      `/CN=${commonName}`,
    ],
    { stdio: 'pipe' },
  );
  return { key_file: key, certificate_file: certificate };
}

async function startWithTls(t, options = {}) {
  const folder = temporaryFolder(t);
  const files = makeCertificate(folder, 'first.example');
  const daemon = await startDaemon(t, {
    ...options,
    config: { gateways: [stripeGateway], tls: { ...files, listen: '127.0.0.1:0', ...options.tls } },
  });
  return { daemon, folder };
}

function connect(t, port, options = {}) {
  const socket = tls.connect({ host: '127.0.0.1', port, rejectUnauthorized: false, ...options });
  atEnd(t, () => socket.destroy());
  const connected = new Promise((resolve, reject) => {
    socket.once('secureConnect', () => resolve(socket));
    socket.once('error', reject);
    socket.once('close', () => reject(new Error('closed before the handshake was done')));
  });
  return within(30_000, 'a handshake', connected);
}

async function exchange(socket, { headers, body }) {
  const connection = new RawConnection(socket);
  connection.write(requestText('POST', stripePath, { headers, body }));
  return connection.answer();
}

const peerName = (socket) => socket.getPeerCertificate().subject.CN;

for (const version of ['TLSv1.2', 'TLSv1.3']) {
  test(`${version} carries webhooks`, async (t) => {
    const { daemon } = await startWithTls(t);
    const socket = await connect(t, daemon.tlsPort, { minVersion: version, maxVersion: version });
    assert.equal(socket.getProtocol(), version);
    assert.equal((await exchange(socket, stripeWebhook('evt_1'))).status, 200);
    assert.equal((await daemon.events()).length, 1);
  });
}

test('who sends a body too long over TLS reads why it is refused', async (t) => {
  const { daemon, folder } = await startWithTls(t);
  const file = path.join(folder, 'body');
  fs.writeFileSync(file, Buffer.alloc(17_500_000, 'x'));
  const url = `https://127.0.0.1:${daemon.tlsPort}/v1/customers`;
  const options = ['-sSk', '--http1.1', '-H', 'Expect:', '--data-binary', `@${file}`];
  const { stdout } = await within(30_000, 'an answer', run('curl', [...options, url]));
  assert.equal(JSON.parse(stdout).error.type, 'invalid_request_error');
});

test('TLS 1.1 is refused', async (t) => {
  const { daemon } = await startWithTls(t);
  const old = { minVersion: 'TLSv1.1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' };
  await assert.rejects(connect(t, daemon.tlsPort, old), /alert|closed|protocol/i);
  const socket = await connect(t, daemon.tlsPort);
  assert.equal(socket.getProtocol(), 'TLSv1.3', 'and the listener goes on');
});

test('TLS 1.2 is refused where 1.3 is asked for', async (t) => {
  const { daemon } = await startWithTls(t, { tls: { min_version: '1.3' } });
  await assert.rejects(
    connect(t, daemon.tlsPort, { maxVersion: 'TLSv1.2' }),
    /alert|closed|protocol/i,
  );
});

test('weak ciphers are refused', async (t) => {
  const { daemon } = await startWithTls(t);
  const weak = { maxVersion: 'TLSv1.2', ciphers: 'AES128-SHA:AES256-SHA:@SECLEVEL=0' };
  await assert.rejects(connect(t, daemon.tlsPort, weak), /alert|closed|handshake/i);
});

test('handshakes are counted, and it is shown when the certificate expires', async (t) => {
  const { daemon } = await startWithTls(t);
  const socket = await connect(t, daemon.tlsPort);
  await exchange(socket, stripeWebhook('evt_1'));
  const weak = { maxVersion: 'TLSv1.2', ciphers: 'AES128-SHA:@SECLEVEL=0' };
  await assert.rejects(connect(t, daemon.tlsPort, weak));
  const labels = { listener: 'tls' };
  assert.equal(await daemon.metric('postern_http_tls_handshakes_total', labels), 1);
  // The client may see its alert a moment before it is counted.
  await eventually(
    'the count of the refusal',
    async () => (await daemon.metric('postern_http_tls_errors_total', labels)) === 1,
  );
  const shown = await daemon.metric('postern_http_tls_certificate_expires_seconds', labels);
  assert.equal(shown, Date.parse(socket.getPeerCertificate().valid_to) / 1000);
});

test('a new certificate is served after SIGHUP, and open connections live on', async (t) => {
  const { daemon, folder } = await startWithTls(t);
  const before = await connect(t, daemon.tlsPort);
  assert.equal(peerName(before), 'first.example');
  makeCertificate(folder, 'second.example');
  daemon.child.kill('SIGHUP');
  await daemon.logLine(/daemon\.reload/);
  const after = await connectUntil(t, daemon.tlsPort, 'second.example');
  assert.equal((await exchange(after, stripeWebhook('evt_after'))).status, 200);
  assert.equal((await exchange(before, stripeWebhook('evt_before'))).status, 200);
});

// The log line comes just before the files are read: a handshake or two may still see the old one.
async function connectUntil(t, port, commonName) {
  for (let tries = 0; tries < 200; ++tries) {
    const socket = await connect(t, port);
    if (peerName(socket) === commonName) return socket;
    socket.destroy();
  }
  throw new Error(`${commonName} is never served`);
}

test('a broken certificate at SIGHUP changes nothing and is said', async (t) => {
  const { daemon, folder } = await startWithTls(t, { expectedErrors: [/daemon\.reload_refused/] });
  fs.writeFileSync(path.join(folder, 'certificate.pem'), 'no certificate');
  daemon.child.kill('SIGHUP');
  await daemon.logLine(/daemon\.reload_refused/);
  const socket = await connect(t, daemon.tlsPort);
  assert.equal(peerName(socket), 'first.example');
});

test('plain HTTP on the TLS port gets no answer', async (t) => {
  const { daemon } = await startWithTls(t);
  const connection = await RawConnection.connect(daemon.tlsPort);
  atEnd(t, () => connection.destroy());
  connection.write(requestText('GET', '/'));
  assert.equal(await connection.closedWithin(60_000), true);
  const socket = await connect(t, daemon.tlsPort);
  assert.equal((await exchange(socket, stripeWebhook('evt_1'))).status, 200);
});

test('with a certificate and no address for it the public one speaks TLS', async (t) => {
  const files = makeCertificate(temporaryFolder(t), 'public.example');
  const daemon = await startDaemon(t, { config: { gateways: [stripeGateway], tls: files } });
  const socket = await connect(t, daemon.port);
  assert.equal(peerName(socket), 'public.example');
  assert.equal((await exchange(socket, stripeWebhook('evt_1'))).status, 200);
});

test('a webhook cut into TLS records of one byte is taken', async (t) => {
  const { daemon } = await startWithTls(t);
  const socket = await connect(t, daemon.tlsPort);
  const connection = new RawConnection(socket);
  const { headers, body } = stripeWebhook('evt_1');
  for (const byte of requestText('POST', stripePath, { headers, body })) socket.write(byte);
  assert.equal((await connection.answer()).status, 200);
});
