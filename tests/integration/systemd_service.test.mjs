// The daemon as its unit runs it, and what an operator is told who set something up wrong.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { test } from 'node:test';
import { atEnd, binary, environment, root, startDaemon, temporaryFolder } from './lib/daemon.mjs';
import { hearNotices, holdSockets, writeConfig } from './lib/service_manager.mjs';
import { onlyOnSqlite } from './lib/store.mjs';
import { stripeGateway, stripeSecret, stripeWebhook } from './lib/stripe.mjs';

const only = onlyOnSqlite('a store for one daemon alone');
const kUser = 65534;
const kExitFailed = 1;
const kExitConfiguration = 78;
const kCredential = 'stripe-secrets';

// As the unit does: another user, without groups, capabilities and new privileges.
const confined = [
  'setpriv',
  `--reuid=${kUser}`,
  `--regid=${kUser}`,
  '--clear-groups',
  '--no-new-privs',
  '--inh-caps=-all',
  '--bounding-set=-all',
];

function cannotConfine() {
  const [command, ...args] = [...confined, binary(), 'version'];
  return spawnSync(command, args).status !== 0 && 'nobody else can be made to run the program here';
}
const skip = cannotConfine();

const { webhook_secrets: _, ...gatewayWithoutSecrets } = stripeGateway;
const withCredential = {
  gateways: [{ ...gatewayWithoutSecrets, webhook_secrets_file: kCredential }],
};

function give(...places) {
  for (const place of places) fs.chownSync(place, kUser, kUser);
}

// The folders that the manager makes for a unit, and their names for the program.
function unitFolders(t) {
  const folder = temporaryFolder(t);
  const places = {};
  for (const [variable, name] of [
    ['STATE_DIRECTORY', 'data'],
    ['RUNTIME_DIRECTORY', 'run'],
    ['CREDENTIALS_DIRECTORY', 'credentials'],
  ]) {
    places[variable] = path.join(folder, name);
    fs.mkdirSync(places[variable], { mode: 0o700 });
  }
  const credential = path.join(places.CREDENTIALS_DIRECTORY, kCredential);
  fs.writeFileSync(credential, `${stripeSecret}\n`, { mode: 0o400 });
  give(folder, credential, ...Object.values(places));
  return { folder, places };
}

test('it runs as the unit says: user, folders, credentials, sockets', { skip }, async (t) => {
  const { folder, places } = unitFolders(t);
  const notices = await hearNotices(t);
  fs.chmodSync(path.dirname(notices.path), 0o711);
  fs.chmodSync(notices.path, 0o777);
  writeConfig(folder, withCredential);
  give(path.join(folder, 'postern.toml'));
  const env = { ...places, NOTIFY_SOCKET: notices.path, WATCHDOG_USEC: '200000' };
  const names = ['public', 'private'];
  const daemon = await holdSockets(t, {
    names,
    folder,
    config: withCredential,
    env,
    through: confined,
  });
  await daemon.run();
  atEnd(t, () => daemon.stop());
  await notices.next(/^READY=1\tSTATUS=Listening on /);
  await daemon.waitUntilReady();
  assert.equal((await daemon.webhook('stripe', stripeWebhook('evt_1'))).status, 200);
  process.kill(daemon.pid, 'SIGHUP');
  await notices.next(/^RELOADING=1\tMONOTONIC_USEC=[0-9]+\t/);
  await notices.next(/^READY=1\tSTATUS=Reloaded/);
  await notices.next(/^WATCHDOG=1$/);
  for (const name of fs.readdirSync(places.STATE_DIRECTORY)) {
    const { uid, mode } = fs.statSync(path.join(places.STATE_DIRECTORY, name));
    assert.equal(uid, kUser, name);
    assert.equal(mode & 0o077, 0, `${name} is for nobody else`);
  }
  assert.equal(await daemon.restart(), 'ended 0');
  await notices.next(/^STOPPING=1/);
  await notices.next(/^READY=1/);
  assert.equal((await daemon.events()).length, 1);
});

const serve = (folder, { file = 'postern.toml', env = {}, through = [] } = {}) => {
  const [command, ...args] = [...through, binary(), 'serve', '--config', path.join(folder, file)];
  const data = path.join(folder, 'data');
  return spawnSync(command, args, {
    cwd: folder,
    encoding: 'utf8',
    env: environment({ POSTERN_DATA_DIR: data, ...env }),
  });
};

const kMistakes = [
  {
    name: 'a credential that is not there',
    config: withCredential,
    said: /gateway.*"stripe": webhook_secrets_file names a file that cannot be read/,
  },
  {
    name: 'a certificate that is not there',
    config: { tls: { certificate_file: 'crt.pem', key_file: 'key.pem' } },
    said: /certificate_file names a file that cannot be read/,
  },
  {
    name: 'a setting that is none',
    config: { top: { listn: '127.0.0.1:0' } },
    said: /listn is not a setting; did you mean listen\?/,
  },
  { name: 'no such file', file: 'absent.toml', said: /absent\.toml: cannot be read/ },
];

for (const { name, config = {}, file, said } of kMistakes) {
  test(`${name}: named, and no reason to try again`, (t) => {
    const folder = temporaryFolder(t);
    writeConfig(folder, config);
    const { status, stdout, stderr } = serve(folder, { file });
    assert.match(stderr + stdout, said);
    assert.equal(status, kExitConfiguration);
  });
}

test('a configuration that its user may not read is named', { skip }, (t) => {
  const folder = temporaryFolder(t);
  writeConfig(folder, {});
  fs.chmodSync(folder, 0o755);
  const { status, stderr } = serve(folder, { through: confined });
  assert.match(stderr, /postern\.toml: cannot be read/);
  assert.equal(status, kExitConfiguration);
});

test('a data folder of somebody else is named', { skip }, (t) => {
  const folder = temporaryFolder(t);
  writeConfig(folder, {});
  give(path.join(folder, 'postern.toml'));
  fs.chmodSync(folder, 0o755);
  const { status, stderr, stdout } = serve(folder, { through: confined });
  assert.match(stderr + stdout, /cannot_start.*data.*Permission denied/);
  assert.equal(status, kExitFailed);
});

for (const variable of ['POSTERN_LISTEN', 'POSTERN_ADMIN_LISTEN']) {
  test(`a port that is taken is named: ${variable}`, async (t) => {
    const taken = net.createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    atEnd(t, () => taken.close());
    const address = `127.0.0.1:${taken.address().port}`;
    const folder = temporaryFolder(t);
    writeConfig(folder, {});
    const { status, stderr, stdout } = serve(folder, { env: { [variable]: address } });
    assert.ok((stderr + stdout).includes(`cannot listen on ${address}: Address already in use`));
    assert.equal(status, kExitFailed);
  });
}

test('a second daemon on the same store gives way, and the first goes on', only, async (t) => {
  const first = await startDaemon(t, { config: { gateways: [stripeGateway] } });
  const { status, stderr, stdout } = serve(first.folder);
  assert.match(stderr + stdout, /another postern is using .*data: stop it first/);
  assert.equal(status, kExitFailed);
  assert.equal((await first.webhook('stripe', stripeWebhook('evt_1'))).status, 200);
});

test('the unit tries again after everything but a wrong configuration', () => {
  const unit = fs.readFileSync(path.join(root, 'systemd/postern.service'), 'utf8');
  assert.match(unit, /^Restart=always$/m);
  const [, codes] = /^RestartPreventExitStatus=(.*)$/m.exec(unit);
  assert.equal(codes, `${kExitConfiguration}`);
});
