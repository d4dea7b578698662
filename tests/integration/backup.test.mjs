// Backups of a daemon that goes on working, and what can be restored from them.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { test } from 'node:test';
import * as backups from './lib/backup.mjs';
import {
  atEnd,
  binary,
  scale,
  startDaemon,
  temporaryFolder,
  within,
} from './lib/daemon.mjs';
import { onlyOnSqlite } from './lib/store.mjs';
import { stripeGateway, stripeWebhook } from './lib/stripe.mjs';

const only = onlyOnSqlite('backups of its own');
const kWaitMilliseconds = 60_000;
const kBackups = Math.max(1, Math.round(5 * scale));
const config = { gateways: [stripeGateway], storage: { reserve_mib: 1, low_water_mib: 1 } };

const fileIn = (t) => path.join(temporaryFolder(t), 'postern.backup');

async function daemonWith(t, ids) {
  const daemon = await startDaemon(t, { config });
  for (const id of ids) {
    assert.equal((await daemon.webhook('stripe', stripeWebhook(id))).status, 200);
  }
  return daemon;
}

const idsOf = async (daemon) =>
  (await daemon.listAll('/api/v2/inbox')).map(({ gateway_event_id: id }) => id).sort();

// A daemon on what was restored, in a folder of its own.
async function daemonFrom(t, file, original) {
  const folder = temporaryFolder(t);
  backups.bringKey(original.folder, folder);
  await backups.restored(file, folder);
  return startDaemon(t, { config, folder });
}

test('a backup under load holds all that was acknowledged before it began', only, async (t) => {
  const daemon = await startDaemon(t, { config });
  const load = new backups.WebhookLoad(daemon);
  const taken = [];
  for (let i = 0; i < kBackups; i += 1) {
    await load.more(100);
    const before = [...load.acknowledged];
    const file = fileIn(t);
    await backups.backedUp(daemon, file);
    taken.push({ file, before });
  }
  await load.more(1);
  await load.stop();
  const all = new Map((await daemon.events()).map((event) => [event.id, event]));
  for (const { file, before } of taken) {
    const copy = await daemonFrom(t, file, daemon);
    const held = new Set(await idsOf(copy));
    assert.deepEqual(before.filter((id) => !held.has(id)), [], 'acknowledged and not backed up');
    const events = await copy.events();
    assert.equal(events.length, held.size);
    for (const event of events) assert.deepEqual(event, all.get(event.id));
    assert.equal((await copy.webhook('stripe', stripeWebhook('evt_later'))).status, 200);
    await copy.stop();
  }
  assert.deepEqual(fs.readdirSync(backups.dataOf(daemon.folder)).includes('backup.tmp'), false);
});

test('a backup says what it holds and what is needed besides it', only, async (t) => {
  const daemon = await daemonWith(t, ['evt_1']);
  const file = fileIn(t);
  const told = await backups.backedUp(daemon, file);
  assert.match(told, /secrets\.key/);
  assert.match(told, /SHA-256 [0-9a-f]{64}/);
  assert.doesNotMatch(told, /\x1b|\r/, 'progress is for terminals');
  assert.equal(fs.statSync(file).mode & 0o777, 0o600);
  const bytes = fs.readFileSync(file);
  const head = JSON.parse(bytes.subarray(0, bytes.indexOf(10)));
  assert.equal(head.bytes, bytes.length - bytes.indexOf(10) - 1);
  assert.equal(bytes.subarray(bytes.indexOf(10) + 1, bytes.indexOf(10) + 16).toString(),
    'SQLite format 3');
});

test('a backup and a restore tell programs what they did', only, async (t) => {
  const daemon = await daemonWith(t, ['evt_1']);
  const file = fileIn(t);
  const options = ['--data-dir', backups.dataOf(daemon.folder), '--json'];
  const made = await backups.run(['backup', file, ...options]);
  assert.equal(made.code, 0, made.stderr);
  const told = JSON.parse(made.stdout);
  const head = JSON.parse(fs.readFileSync(file, 'latin1').split('\n', 1)[0]);
  for (const field of ['bytes', 'sha256', 'taken_at', 'version']) {
    assert.equal(told[field], head[field]);
  }
  assert.equal(told.file, file);
  const piped = await backups.run(['backup', '-', ...options]);
  assert.equal(JSON.parse(piped.stderr).file, '-');
  const folder = temporaryFolder(t);
  const restored = JSON.parse(await backups.restored(file, folder, { options: ['--json'] }));
  assert.equal(restored.store, backups.dataOf(folder));
  assert.equal(restored.has_secrets_key, false);
  assert.equal(restored.set_aside, null);
});

test('a backup that is interrupted leaves nothing behind', only, async (t) => {
  const daemon = await daemonWith(t, ['evt_1']);
  daemon.child.kill('SIGSTOP');
  atEnd(t, () => daemon.child.kill('SIGCONT'));
  const folder = temporaryFolder(t);
  const watcher = fs.watch(folder);
  atEnd(t, () => watcher.close());
  const appeared = within(kWaitMilliseconds, 'the first part', once(watcher, 'change'));
  const args = ['backup', path.join(folder, 'it'), '--data-dir', backups.dataOf(daemon.folder)];
  const child = spawn(binary(), args, { env: { PATH: process.env.PATH }, stdio: 'ignore' });
  const ended = once(child, 'close');
  await appeared;
  assert.match(fs.readdirSync(folder).join(), /^it\.[0-9a-f]+\.part$/);
  child.kill('SIGINT');
  const [, signal] = await within(kWaitMilliseconds, 'the end', ended);
  assert.equal(signal, 'SIGINT');
  assert.deepEqual(fs.readdirSync(folder), []);
});

test('a backup goes through a pipe, and comes back through one', only, async (t) => {
  const daemon = await daemonWith(t, ['evt_1', 'evt_2']);
  const { code, stdout, stderr } = await backups.backup(daemon, '-');
  assert.equal(code, 0, stderr);
  const folder = temporaryFolder(t);
  backups.bringKey(daemon.folder, folder);
  await backups.restored('-', folder, { input: stdout });
  const copy = await startDaemon(t, { config, folder });
  assert.deepEqual(await idsOf(copy), ['evt_1', 'evt_2']);
});

test('secrets that only the daemon may read stand in no command\'s way', only, async (t) => {
  const folder = temporaryFolder(t);
  const credentials = temporaryFolder(t);
  const [secret] = stripeGateway.webhook_secrets;
  fs.writeFileSync(path.join(credentials, 'stripe-secrets'), secret, { mode: 0o600 });
  const { webhook_secrets: _, ...gateway } = stripeGateway;
  const sealed = { ...config, gateways: [{ ...gateway, webhook_secrets_file: 'stripe-secrets' }] };
  const env = { CREDENTIALS_DIRECTORY: credentials };
  const daemon = await startDaemon(t, { config: sealed, folder, env });
  const file = fileIn(t);
  const data = ['--data-dir', backups.dataOf(folder)];
  const told = ['--config', path.join(folder, 'postern.toml'), ...data];
  const made = await backups.run(['backup', file, ...told]);
  assert.equal(made.code, 0, made.stderr);
  await daemon.stop();
  const back = await backups.run(['restore', file, '--replace', ...told]);
  assert.equal(back.code, 0, back.stderr);
});

test('a restore replaces a store only when told to, and sets it aside', only, async (t) => {
  const daemon = await daemonWith(t, ['evt_1']);
  const file = fileIn(t);
  await backups.backedUp(daemon, file);
  assert.equal((await daemon.webhook('stripe', stripeWebhook('evt_2'))).status, 200);
  await daemon.stop();
  const refused = await backups.restore(file, daemon.folder);
  assert.equal(refused.code, 1);
  assert.match(refused.stderr, /is not empty: .* say --replace/);
  const told = await backups.restored(file, daemon.folder, { options: ['--replace'] });
  const [, aside] = /The store that was there is in (\S+);/.exec(told);
  assert.ok(fs.existsSync(path.join(aside, 'postern.db')));
  const copy = await startDaemon(t, { config, folder: daemon.folder });
  assert.deepEqual(await idsOf(copy), ['evt_1']);
});

test('a restore leaves a store alone that a daemon has open', only, async (t) => {
  const daemon = await daemonWith(t, ['evt_1']);
  const file = fileIn(t);
  await backups.backedUp(daemon, file);
  const refused = await backups.restore(file, daemon.folder, { options: ['--replace'] });
  assert.equal(refused.code, 1);
  assert.match(refused.stderr, /another postern is using/);
  assert.deepEqual(await idsOf(daemon), ['evt_1']);
});

const kDamage = [
  {
    name: 'a byte of it changed',
    damage: (bytes) => {
      bytes[bytes.length >> 1] ^= 1;
      return bytes;
    },
    says: /damaged/,
  },
  { name: 'its end is missing', damage: (bytes) => bytes.subarray(0, -1), says: /cut off/ },
  {
    name: 'something follows it',
    damage: (bytes) => Buffer.concat([bytes, Buffer.from('x')]),
    says: /damaged/,
  },
  { name: 'it is something else', damage: () => Buffer.from('hello\n'), says: /no backup/ },
];

test('a backup that is not whole takes no place', only, async (t) => {
  const daemon = await daemonWith(t, ['evt_1']);
  const file = fileIn(t);
  await backups.backedUp(daemon, file);
  const whole = fs.readFileSync(file);
  for (const { name, damage, says } of kDamage) {
    await t.test(name, async (t) => {
      const folder = temporaryFolder(t);
      fs.writeFileSync(file, damage(Buffer.from(whole)));
      const refused = await backups.restore(file, folder);
      assert.equal(refused.code, 1);
      assert.match(refused.stderr, says);
      assert.equal(fs.existsSync(path.join(backups.dataOf(folder), 'postern.db')), false);
    });
  }
});

test('a socket that a killed daemon left is taken over', only, async (t) => {
  const folder = temporaryFolder(t);
  const killed = await startDaemon(t, { config, folder });
  await killed.kill();
  const nobody = await backups.backup(killed, fileIn(t));
  assert.equal(nobody.code, 1);
  assert.match(nobody.stderr, /no daemon answers at .*control\.sock/);
  const daemon = await startDaemon(t, { config, folder });
  await backups.backedUp(daemon, fileIn(t));
  const socket = path.join(backups.dataOf(folder), 'control.sock');
  assert.equal(fs.statSync(socket).mode & 0o777, 0o600);
  await daemon.stop();
  assert.equal(fs.existsSync(socket), false);
});

test('who asks and does not read the answers holds up no stop', only, async (t) => {
  const limits = { shutdown_timeout_seconds: 300, write_timeout_seconds: 300 };
  const daemon = await startDaemon(t, { config: { ...config, limits } });
  const socket = net.connect(path.join(backups.dataOf(daemon.folder), 'control.sock'));
  atEnd(t, () => socket.destroy());
  socket.on('error', () => {}); // it is cut
  socket.write('GET /control/ HTTP/1.1\r\nHost: here\r\n\r\n'.repeat(20_000));
  await once(socket, 'readable');
  await daemon.stop();
});

test('a folder is no place for a backup, and that is said before one is made', only, async (t) => {
  const daemon = await startDaemon(t, { config });
  const folder = temporaryFolder(t);
  const { code, stderr } = await backups.backup(daemon, folder);
  assert.equal(code, 1);
  assert.match(stderr, /is a folder; name a file in it/);
  assert.deepEqual(fs.readdirSync(folder), []);
});

test('of two backups at once one is told to wait', only, async (t) => {
  const daemon = await daemonWith(t, ['evt_1']);
  const files = [fileIn(t), fileIn(t), fileIn(t), fileIn(t)];
  const results = await Promise.all(files.map((file) => backups.backup(daemon, file)));
  for (const [i, { code, stderr }] of results.entries()) {
    if (code !== 0) assert.match(stderr, /409: Another backup is being made/);
    assert.equal(fs.existsSync(files[i]), code === 0);
  }
  assert.ok(results.some(({ code }) => code === 0));
});

test('the control socket is where it is told to be, or not at all', only, async (t) => {
  const folder = temporaryFolder(t);
  const socket = path.join(folder, 'elsewhere.sock');
  const there = { ...config, top: { control_socket: socket } };
  const daemon = await startDaemon(t, { config: there, folder });
  const options = ['--config', path.join(folder, 'postern.toml')];
  const told = [...options, '--data-dir', backups.dataOf(folder)];
  const made = await backups.run(['backup', fileIn(t), ...told]);
  assert.equal(made.code, 0, made.stderr);
  assert.ok(!fs.existsSync(path.join(backups.dataOf(folder), 'control.sock')));
  await daemon.stop();
  await startDaemon(t, { config: { ...config, top: { control_socket: 'off' } }, folder });
  assert.ok(!fs.existsSync(socket));
  const none = await backups.run(['backup', fileIn(t), ...told]);
  assert.equal(none.code, 1);
  assert.match(none.stderr, /control_socket is off/);
});
