// The command line against a running daemon.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { spawn } from 'node:child_process';
import { test } from 'node:test';
import { Authority } from './lib/certificates.mjs';
import { binary, environment, startDaemon, temporaryFolder, within } from './lib/daemon.mjs';
import { onlyOnSqlite } from './lib/store.mjs';
import { stripeBody, stripeGateway, stripeSecret, stripeSignature } from './lib/stripe.mjs';
import { toToml } from './lib/toml.mjs';

const only = onlyOnSqlite('a store for one daemon alone');

// Runs to the end: { code, stdout, stderr }.
function postern(args, { env = {}, cwd } = {}) {
  const child = spawn(binary(), args, {
    cwd,
    env: { PATH: process.env.PATH, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const texts = { stdout: '', stderr: '' };
  for (const stream of ['stdout', 'stderr']) {
    child[stream].setEncoding('utf8').on('data', (text) => {
      texts[stream] += text;
    });
  }
  const ended = new Promise((resolve) => child.on('close', (code) => resolve({ code, ...texts })));
  return within(60_000, `postern ${args[0]}`, ended);
}

// What the daemon was started with: some providers sign the URL, which the configuration decides.
const environmentOf = (daemon) =>
  environment({ POSTERN_DATA_DIR: path.join(daemon.folder, 'data') });

// { kind: [event type, …] } from `send --list`.
async function sendable() {
  const { code, stdout } = await postern(['send', '--list']);
  assert.equal(code, 0);
  const kinds = {};
  let kind;
  for (const line of stdout.split('\n').filter(Boolean)) {
    if (line.startsWith(' ')) kinds[kind].push(line.trim());
    else kinds[(kind = line.split(' ')[0])] = [];
  }
  return kinds;
}

test('version names the program and what it is made of', async () => {
  const { code, stdout } = await postern(['version']);
  assert.equal(code, 0);
  assert.match(stdout, /^postern \d+\.\d+\.\d+/);
  for (const part of ['Boost', 'OpenSSL']) assert.match(stdout, new RegExp(part, 'i'));
});

test('send reaches every sandbox gateway with every event type that it lists', async (t) => {
  const daemon = await startDaemon(t);
  const kinds = await sendable();
  assert.ok(Object.keys(kinds).length >= 19, `${Object.keys(kinds)}`);
  const env = environmentOf(daemon);
  for (const [kind, types] of Object.entries(kinds)) {
    await t.test(`${kind}: ${types.length} event types`, async () => {
      for (const type of types) {
        const args = ['send', kind, type, '--to', `http://${daemon.listen}`];
        const { code, stdout, stderr } = await postern(args, { env });
        assert.equal(code, 0, `${type}\n${stdout}${stderr}`);
        const { json } = await daemon.get(`/api/v2/events?limit=1&gateway=${kind}`);
        assert.equal(json.data[0]?.type, type);
      }
      assert.equal((await daemon.events({ gateway: kind })).length, types.length);
    });
  }
});

test('send takes an amount and a count', async (t) => {
  const daemon = await startDaemon(t);
  const env = environmentOf(daemon);
  const args = ['send', 'stripe', 'payment.succeeded', '--amount', '5', '--currency', 'jpy'];
  const sent = await postern([...args, '--count', '3', '--to', `http://${daemon.listen}`], { env });
  assert.equal(sent.code, 0, sent.stderr);
  const objects = (await daemon.events()).map(({ data }) => data.object);
  assert.deepEqual(
    objects.map(({ amount }) => amount),
    ['5', '5', '5'],
  );
  assert.deepEqual(
    objects.map(({ currency }) => currency),
    ['JPY', 'JPY', 'JPY'],
  );
});

test('send fails when the daemon refuses', async (t) => {
  const daemon = await startDaemon(t, { config: { gateways: [stripeGateway] } });
  const config = path.join(temporaryFolder(t), 'other.toml');
  fs.writeFileSync(
    config,
    toToml({
      gateways: [{ ...stripeGateway, webhook_secrets: ['whsec_another_secret_0123456789'] }],
    }),
  );
  const to = `http://${daemon.listen}`;
  const answer = await postern([
    'send',
    'stripe',
    'payment.succeeded',
    '--config',
    config,
    '--to',
    to,
  ]);
  assert.notEqual(answer.code, 0);
  assert.match(answer.stdout + answer.stderr, /401/);
  assert.deepEqual(await daemon.listAll('/api/v2/inbox'), []);
});

test('check refuses a key that is not its certificate’s', async (t) => {
  const folder = temporaryFolder(t);
  const authority = new Authority(t);
  const files = { key_file: path.join(folder, 'key'), certificate_file: path.join(folder, 'crt') };
  fs.writeFileSync(files.certificate_file, authority.issue().cert);
  fs.writeFileSync(files.key_file, authority.issue().key, { mode: 0o600 });
  const config = path.join(folder, 'postern.toml');
  fs.writeFileSync(config, toToml({ tls: files }), { mode: 0o600 });
  const { code, stderr } = await postern(['check', '--config', config]);
  assert.equal(code, 1);
  assert.match(stderr, /cannot use \S+key for TLS: key values mismatch/);
});

test('check prints the configuration without its secrets', async (t) => {
  const config = path.join(temporaryFolder(t), 'postern.toml');
  fs.writeFileSync(
    config,
    `[[gateway]]\nid = "stripe"\nkind = "stripe"\nwebhook_secrets = ["${stripeSecret}"]\n`,
  );
  const { code, stdout } = await postern(['check', '--config', config]);
  assert.equal(code, 0);
  assert.match(stdout, /id = "stripe"/);
  assert.ok(!stdout.includes(stripeSecret));
});

// Where systemd shows them to root while the service runs.
test('check finds the credentials of the service', async (t) => {
  if (process.getuid() !== 0) {
    t.skip('only root can put them there');
    return;
  }
  const credentials = '/run/credentials/postern.service';
  const name = `stripe-${path.basename(temporaryFolder(t))}`;
  fs.mkdirSync(credentials, { recursive: true, mode: 0o700 });
  t.after(() => fs.rmSync(path.join(credentials, name)));
  fs.writeFileSync(path.join(credentials, name), stripeSecret, { mode: 0o600 });
  const config = path.join(temporaryFolder(t), 'postern.toml');
  const { webhook_secrets: _, ...gateway } = stripeGateway;
  const gateways = [{ ...gateway, webhook_secrets_file: name }];
  fs.writeFileSync(config, toToml({ gateways }), { mode: 0o600 });
  const { code, stdout, stderr } = await postern(['check', '--config', config]);
  assert.equal(code, 0, stderr);
  assert.ok(!stdout.includes(stripeSecret));
});

const kMistakes = [
  [
    'of the settings',
    ['lissten = "127.0.0.1:1"', '[limits]', 'body_bytes_max = 1', '[[gateway]]', 'id = "a b"'],
    [/did you mean listen/, /body_bytes_max/, /\[\[gateway\]\]/],
  ],
  [
    'of the gateways',
    [
      '[[gateway]]',
      'id = "one"',
      'kind = "stripey"',
      '[[gateway]]',
      'id = "two"',
      'kind = "stripe"',
      `webhook_secret = "${stripeSecret}"`,
    ],
    [/stripey|kind/, /webhook_secrets/],
  ],
  [
    'of the default gateway',
    ['[payments]', 'default_gateway = "strpie"'],
    [/default_gateway must be .*did you mean stripe\?/],
  ],
  [
    'of a default gateway that takes no payments',
    ['[payments]', 'default_gateway = "adyen"'],
    [/default_gateway must be the id of a gateway that takes payments/],
  ],
];

for (const [name, lines, patterns] of kMistakes) {
  test(`check shows every mistake ${name} at once and none of the values`, async (t) => {
    const folder = temporaryFolder(t);
    const config = path.join(folder, 'postern.toml');
    fs.writeFileSync(config, lines.join('\n'));
    const env = { POSTERN_DATA_DIR: folder };
    const { code, stdout, stderr } = await postern(['check', '--config', config], { env });
    assert.notEqual(code, 0);
    for (const pattern of patterns) assert.match(stderr, pattern);
    assert.ok(!(stdout + stderr).includes(stripeSecret));
    const served = await postern(['serve', '--config', config], { env });
    assert.notEqual(served.code, 0, 'and such a configuration is not served');
  });
}

async function explain(t, header, body) {
  const folder = temporaryFolder(t);
  const file = (name, text) => {
    fs.writeFileSync(path.join(folder, name), text);
    return path.join(folder, name);
  };
  const config = file(
    'postern.toml',
    `[[gateway]]\nid = "stripe"\nkind = "stripe"\nwebhook_secrets = ["${stripeSecret}"]\n`,
  );
  return postern([
    'verify',
    '--gateway',
    'stripe',
    '--config',
    config,
    '--headers',
    file('headers.txt', `Stripe-Signature: ${header}\n`),
    '--body',
    file('body.json', body),
  ]);
}

test('verify says why a signature is right or wrong', async (t) => {
  const body = stripeBody('evt_1');
  const right = await explain(t, stripeSignature(body), body);
  assert.equal(right.code, 0, right.stdout + right.stderr);
  const wrong = await explain(t, stripeSignature(body), `${body}\n`);
  assert.notEqual(wrong.code, 0);
  const old = await explain(t, stripeSignature(body, { at: Date.now() - 3_600_000 }), body);
  assert.notEqual(old.code, 0);
  for (const { stdout, stderr } of [right, wrong, old]) {
    assert.ok(!(stdout + stderr).includes(stripeSecret));
  }
  assert.notEqual(wrong.stdout, old.stdout, 'the reasons differ');
});

const kWrongUses = [
  ['no command', []],
  ['an unknown command', ['serv'], /serve/],
  ['an unknown option', ['serve', '--nonsense']],
  ['send without an event type', ['send', 'stripe'], /event type/],
  ['send with an unknown event type', ['send', 'stripe', 'payment.succeded'], /payment\.succeeded/],
  ['send to an unknown gateway', ['send', 'nobody', 'payment.succeeded'], /nobody/],
  ['send to something that is no URL', ['send', 'stripe', 'payment.succeeded', '--to', 'tea']],
  ['send with a bad amount', ['send', 'stripe', 'payment.succeeded', '--amount', '1,5'], /amount/],
  ['verify without a gateway', ['verify'], /gateway/],
  ['a file that is not there', ['check', '--config', '/nowhere/postern.toml'], /nowhere/],
];

for (const [name, args, pattern = /\S/] of kWrongUses) {
  test(`${name} is a clear error`, async (t) => {
    const { code, stderr, stdout } = await postern(args, { cwd: temporaryFolder(t) });
    assert.ok(code > 0 && code < 128, `exit code ${code}`);
    assert.match(stderr + stdout, pattern);
  });
}

test('a second daemon on the same data says so and leaves the first alone', only, async (t) => {
  const daemon = await startDaemon(t, { config: { gateways: [stripeGateway] } });
  const second = await postern(['serve'], {
    env: {
      POSTERN_DATA_DIR: path.join(daemon.folder, 'data'),
      POSTERN_LISTEN: '127.0.0.1:0',
      POSTERN_ADMIN_LISTEN: '127.0.0.1:0',
    },
  });
  assert.notEqual(second.code, 0);
  assert.match(second.stderr, /another postern/);
  assert.equal((await daemon.private('/readyz')).status, 200);
});
