// `postern doctor` beside daemons that are well, that are not, and that are not there.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { test } from 'node:test';
import { Authority } from './lib/certificates.mjs';
import {
  atEnd,
  binary,
  secretKey,
  startDaemon,
  temporaryFolder,
  within,
} from './lib/daemon.mjs';
import { runCommand } from './lib/command.mjs';
import { onPostgres, onlyOnSqlite, storeEnvironment } from './lib/store.mjs';
import { signed, stripeBody, stripeGateway, stripeWebhook } from './lib/stripe.mjs';
import { toToml } from './lib/toml.mjs';

const only = onlyOnSqlite('a store that can be read without a server');
const kWaitMilliseconds = 60_000;
const kExitCodes = { fine: 0, note: 0, warning: 1, error: 2 };

function doctor(args, env = {}) {
  const examined = new Promise((resolve) => {
    const options = { env: { PATH: process.env.PATH, ...env } };
    execFile(binary(), ['doctor', ...args], options, (error, stdout, stderr) =>
      resolve({ code: error ? error.code : 0, stdout, stderr }),
    );
  });
  return within(kWaitMilliseconds, 'postern doctor', examined);
}

// { code, status, findings, of(subject) } of a running daemon.
async function examine(daemon, { key = secretKey, options = [] } = {}) {
  const { code, stdout, stderr } = await doctor(
    ['--json', '--config', path.join(daemon.folder, 'postern.toml'), ...options],
    {
      POSTERN_DATA_DIR: path.join(daemon.folder, 'data'),
      ...storeEnvironment(path.join(daemon.folder, 'data')),
      POSTERN_ADMIN_URL: `http://${daemon.admin}`,
      POSTERN_URL: `http://${daemon.listen}`,
      POSTERN_API_KEY: key,
    },
  );
  assert.equal(stderr, '');
  const report = JSON.parse(stdout);
  assert.equal(code, kExitCodes[report.status], stdout);
  const of = (subject) => report.findings.find((finding) => finding.subject.startsWith(subject));
  return { code, ...report, of };
}

test('a daemon that is well has nothing to be done', async (t) => {
  const daemon = await startDaemon(t, { config: { gateways: [stripeGateway] } });
  await daemon.webhook('stripe', stripeWebhook('evt_well'));
  const examined = await examine(daemon);
  for (const subject of ['configuration', 'daemon', 'program', 'work', 'gateways', 'endpoints']) {
    assert.equal(examined.of(subject)?.severity, 'fine', `${subject} in ${examined.findings}`);
  }
  assert.match(examined.of('gateways').state, /^1 of 1 are well$/);
  assert.match(examined.of('gateway stripe').state, /^the last webhook was verified .+ ago$/);
  // The disk of a server is not this machine's to look at.
  if (onPostgres) assert.equal(examined.of('disk'), undefined);
  else assert.match(examined.of('disk').state, /GiB|MiB/);
  assert.ok(examined.of('clock'));
  assert.ok(examined.of(onPostgres ? 'PostgreSQL 15' : 'SQLite 3.'));
  assert.ok(examined.of('OpenSSL 3.'));
  for (const { severity, advice } of examined.findings) {
    if (severity !== 'fine') assert.ok(advice, 'each finding says what to do');
  }
});

test('a gateway whose secret is not the provider’s is an error', async (t) => {
  const daemon = await startDaemon(t, { config: { gateways: [stripeGateway] } });
  const secret = 'whsec_another0123456789abcdefghij';
  const forged = signed(stripeBody('evt_forged'), { secret });
  assert.equal((await daemon.webhook('stripe', forged)).status, 401);
  const examined = await examine(daemon);
  assert.equal(examined.code, 2);
  assert.match(examined.of('gateway stripe').state, /^1 webhooks were refused/);
  assert.match(examined.of('gateway stripe').advice, /postern verify --gateway stripe/);
});

async function refuser(t) {
  const server = http.createServer((request, response) => response.writeHead(500).end());
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  atEnd(t, () => server.close());
  return `http://127.0.0.1:${server.address().port}/hooks`;
}

test('an endpoint that fails is named with the command that tells more', async (t) => {
  const daemon = await startDaemon(t, { config: { gateways: [stripeGateway] } });
  const created = await daemon.post('/api/v2/webhook-endpoints', {
    body: JSON.stringify({ url: await refuser(t) }),
    headers: { 'content-type': 'application/json' },
  });
  assert.equal(created.status, 201, created.text);
  const { id } = created.json;
  await daemon.webhook('stripe', stripeWebhook('evt_fails'));
  const failing = async () => {
    const { json } = await daemon.get(`/api/v2/webhook-endpoints/${id}`);
    return json.health.state === 'healthy' ? failing() : json;
  };
  await within(kWaitMilliseconds, 'a failure', failing());
  const finding = (await examine(daemon)).of(`endpoint ${id}`);
  assert.equal(finding.severity, 'warning');
  assert.match(finding.state, /^failing for /);
  assert.ok(finding.advice.includes(`postern endpoints ping ${id}`));
});

test('without a key the rest is looked at, and it is said what was not', async (t) => {
  const daemon = await startDaemon(t, { config: { gateways: [stripeGateway] } });
  const examined = await examine(daemon, { key: '' });
  assert.match(examined.of('gateways, endpoints').advice, /POSTERN_API_KEY/);
  assert.equal(examined.of('daemon').severity, 'fine');
});

test('with --ping an endpoint that no event went to yet is found out', async (t) => {
  const daemon = await startDaemon(t, { config: { gateways: [stripeGateway] } });
  const { json: endpoint } = await daemon.post('/api/v2/webhook-endpoints', {
    body: JSON.stringify({ url: await refuser(t) }),
    headers: { 'content-type': 'application/json' },
  });
  assert.equal((await examine(daemon)).of(`endpoint ${endpoint.id}`), undefined);
  const pinged = (await examine(daemon, { options: ['--ping'] })).of(`endpoint ${endpoint.id}`);
  assert.equal(pinged.severity, 'warning');
  assert.match(pinged.state, /^did not take a test event: .*500.*, http:/);
});

test('gateways that the key does not show are named', async (t) => {
  const live = { ...stripeGateway, id: 'shop', mode: 'live' };
  const daemon = await startDaemon(t, { config: { gateways: [stripeGateway, live] } });
  const { findings } = await examine(daemon);
  const unseen = findings.find(({ state }) => /^1 of 2 were not looked at/.test(state));
  assert.equal(unseen?.severity, 'note');
  assert.match(unseen.advice, /a key of the other mode/);
});

test('an address of something else is no daemon, and a refusal is one line', async (t) => {
  const daemon = await startDaemon(t, { config: { gateways: [stripeGateway] } });
  const mistaken = await examine({ ...daemon, folder: daemon.folder, admin: daemon.listen });
  assert.match(mistaken.of('daemon').state, /what answers there is none/);
  assert.match(mistaken.of('daemon').advice, /--admin-url/);
  const refused = (await examine(daemon, { key: 'sk_test_wrong' })).of('gateways');
  assert.match(refused.state, /^401 Unauthorized: [^\n]*$/);
  assert.match(refused.advice, /^is this key one of the daemon at http/);
});

test('where no daemon answers, the store itself is read through', only, async (t) => {
  const daemon = await startDaemon(t, { config: { gateways: [stripeGateway] } });
  await daemon.webhook('stripe', stripeWebhook('evt_kept'));
  const locked = await examine({ ...daemon, folder: daemon.folder, admin: '127.0.0.1:1' });
  assert.equal(locked.of('daemon').severity, 'error');
  assert.equal(locked.of('store').severity, 'error', 'a store in use is not opened');
  await daemon.stop();
  const idle = await examine(daemon);
  assert.equal(idle.of('daemon').severity, 'error');
  assert.match(idle.of('store').state, /whole, and its books balance/);
});

test('a probe asks only whether work moves', async (t) => {
  const daemon = await startDaemon(t, { config: { gateways: [stripeGateway] } });
  const env = { POSTERN_ADMIN_URL: `http://${daemon.admin}` };
  const alive = await doctor(['--alive', '--json'], env);
  assert.equal(alive.code, 0);
  const { findings } = JSON.parse(alive.stdout);
  assert.deepEqual(findings.map(({ subject, state }) => [subject, state]), [
    ['daemon', 'its work moves'],
  ]);
  await daemon.stop();
  const dead = await doctor(['--alive'], env);
  assert.equal(dead.code, 1, 'not 2, which container engines keep for themselves');
  assert.match(dead.stdout, /^error +daemon /);
});

test('a probe tells why work does not move', async (t) => {
  const answers = { reason: 'the store failed' };
  const server = http.createServer((_, reply) => reply.writeHead(503).end(JSON.stringify(answers)));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  atEnd(t, () => server.close());
  const env = { POSTERN_ADMIN_URL: `http://127.0.0.1:${server.address().port}` };
  const stuck = await doctor(['--alive'], env);
  assert.equal(stuck.code, 1);
  assert.match(stuck.stdout, /^error +daemon +the store failed\n/);
});

test('certificates, mistakes and missing stores are found without a daemon', async (t) => {
  const folder = temporaryFolder(t);
  const { key, cert } = new Authority(t).issue();
  const files = { key_file: path.join(folder, 'key'), certificate_file: path.join(folder, 'crt') };
  fs.writeFileSync(files.key_file, key, { mode: 0o600 });
  fs.writeFileSync(files.certificate_file, cert);
  const config = path.join(folder, 'postern.toml');
  const top = { data_dir: path.join(folder, 'data'), admin_listen: '127.0.0.1:1' };
  fs.writeFileSync(config, toToml({ top, tls: files }), { mode: 0o600 });
  const { code, stdout } = await doctor(['--config', config]);
  assert.equal(code, 2);
  assert.match(stdout, /^error +certificate \S+crt +expires in 1 d 23 h/m);
  assert.match(stdout, /^ +-> renew it, and let the daemon read it/m);
  assert.match(stdout, /^note +store +there is none yet$/m);
  assert.match(stdout, /^error +daemon +no answer from its private address/m);
  assert.match(stdout, /\n\d+ errors/);
  fs.writeFileSync(files.key_file, new Authority(t).issue().key, { mode: 0o600 });
  const another = await doctor(['--config', config]);
  assert.match(another.stdout, /^error +configuration +cannot use \S+key for TLS: key values/m);
  fs.writeFileSync(config, 'lissten = "127.0.0.1:80"\n', { mode: 0o600 });
  const mistaken = await doctor(['--config', config, '--admin-url', 'http://127.0.0.1:1']);
  assert.equal(mistaken.code, 2);
  assert.match(mistaken.stdout, /^error +configuration +.*lissten/m);
});

test('the exit codes are in the help', async (t) => {
  const daemon = await startDaemon(t);
  const help = await runCommand(daemon, ['doctor', '--help']);
  assert.match(help.stdout, /0 when that is nothing, 1 when something is to be done soon, 2 when/);
});
