// The container image: what is in it, and that the program runs with nothing else around it.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { signed, stripeBody, stripeSecret, stripeWebhook } from '../integration/lib/stripe.mjs';
import { binary, outputOf, temporaryFolder } from './lib/program.mjs';
import { Container, assembledRoot, instruction, textOf } from './lib/container.mjs';

const onlyAsRoot = { skip: process.getuid() !== 0 && 'only root may call chroot' };
const kNewSecret = 'whsec_containertests9876543210zyxwvu';

// [{ name, stat }] of everything but folders.
function everyFile(root) {
  return fs
    .readdirSync(root, { recursive: true })
    .map((name) => ({ name: `/${name}`, stat: fs.lstatSync(path.join(root, name)) }))
    .filter(({ stat }) => !stat.isDirectory());
}

test('the image holds the program and its libraries, and nothing else that runs', () => {
  const files = everyFile(assembledRoot());
  const runs = files.filter(({ stat }) => stat.isFile() && stat.mode & 0o111);
  const others = runs.filter(({ name }) => !/^(\/usr)?\/lib\S*\/[^/]+\.so[.\d]*$/.test(name));
  assert.deepEqual(others.map(({ name }) => name), ['/usr/bin/postern']);
  const names = files.map(({ name }) => path.basename(name));
  const unwanted = /^(ba|da|z|c|tc|k)?sh$|busybox|^apt|^dpkg|^perl|^python/;
  assert.deepEqual(names.filter((name) => unwanted.test(name)), []);
});

test('each file of the image is for all to read and for nobody to change', () => {
  for (const { name, stat } of everyFile(assembledRoot())) {
    assert.ok(stat.isFile() || stat.isSymbolicLink(), name);
    if (stat.isSymbolicLink()) continue;
    assert.equal(stat.mode & 0o7022, 0, `${name} ${stat.mode.toString(8)}`);
    assert.equal(stat.mode & 0o444, 0o444, name);
  }
});

test('the image has the licences of what is in it', () => {
  const names = everyFile(assembledRoot()).map(({ name }) => name);
  const licences = names.filter((name) => /^\/usr\/share\/doc\/[^/]+\/copyright$/.test(name));
  for (const wanted of ['postern', 'libc6', 'libssl3', 'libsqlite3-0']) {
    const pattern = new RegExp(`/${wanted}(t64)?/copyright$`);
    assert.ok(licences.some((name) => pattern.test(name)), `${wanted} in ${licences}`);
  }
});

test('the image runs as a user that it knows', () => {
  const users = fs.readFileSync(path.join(assembledRoot(), 'etc/passwd'), 'utf8');
  assert.ok(users.startsWith(`postern:x:${instruction('USER')}:`), users);
});

test('its settings are in order, and nothing is missing to run', onlyAsRoot, (t) => {
  const container = new Container(t);
  container.setSecrets(stripeSecret);
  for (const verb of ['check', 'version']) {
    const { status, stdout, stderr } = container.postern(verb);
    assert.equal(status, 0, `${verb} ${stdout}${stderr}`);
  }
});

test('it receives, reloads, ends in order, and knows later what it took', onlyAsRoot, async (t) => {
  const container = new Container(t);
  container.setSecrets(stripeSecret);
  const run = await container.start();
  assert.equal(await run.post('stripe', stripeWebhook('evt_1')), 200);
  const fresh = signed(stripeBody('evt_2'), { secret: kNewSecret });
  assert.equal(await run.post('stripe', fresh), 401);

  container.setSecrets(kNewSecret);
  const reloaded = run.said('daemon.reloaded', 'daemon.reload_refused');
  run.child.kill('SIGHUP');
  assert.equal((await reloaded).event, 'daemon.reloaded', run.log);
  assert.equal(await run.post('stripe', fresh), 200);
  await run.stop();

  const store = container.postern('check', '--store');
  assert.equal(store.status, 0, store.stdout + store.stderr);
  const again = await container.start();
  assert.equal(await again.post('stripe', fresh), 200);
  await again.stop();
});

test('a backup is taken inside, beside the daemon', onlyAsRoot, async (t) => {
  const container = new Container(t);
  container.setSecrets(stripeSecret);
  const run = await container.start();
  const { status, stdout, stderr } = container.postern('backup', '-');
  assert.equal(status, 0, stderr);
  assert.match(stdout, /^\{.*"sha256".*\}\nSQLite format 3/);
  await run.stop();
});

test('its health check follows the daemon', onlyAsRoot, async (t) => {
  const container = new Container(t);
  container.setSecrets(stripeSecret);
  const run = await container.start();
  const alive = container.checkHealth(run);
  assert.equal(alive.status, 0, alive.stdout + alive.stderr);
  await run.stop();
  assert.equal(container.checkHealth(run).status, 1);
});

test('docs/CONTAINERS.md shows the settings of the image, and others that are taken', (t) => {
  const page = textOf('docs/CONTAINERS.md');
  const shown = [...page.matchAll(/^```toml\n([^]*?)^```$/gm)].map(([, text]) => text);
  assert.equal(shown.length, 3);
  const begun = textOf('packaging/container/postern.toml').replaceAll(/^#.*\n/gm, '').trim();
  assert.equal(shown[0].trim(), begun);
  const folder = temporaryFolder(t);
  fs.writeFileSync(path.join(folder, 'stripe-secrets'), stripeSecret);
  for (const text of shown) {
    const file = path.join(folder, 'postern.toml');
    fs.writeFileSync(file, text);
    const env = { CREDENTIALS_DIRECTORY: folder, POSTERN_DATA_DIR: path.join(folder, 'data') };
    assert.match(outputOf(binary(), ['check', '--config', file], { env }), /in order/);
  }
});
