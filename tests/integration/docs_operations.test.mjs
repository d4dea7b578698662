// docs/OPERATIONS.md and docs/BACKUP.md: their commands, their configurations, and stores that are
// restored as they say.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import { once } from 'node:events';
import { execFile, spawn, spawnSync } from 'node:child_process';
import { promisify } from 'node:util';
import { test } from 'node:test';
import { dataOf } from './lib/backup.mjs';
import { Authority } from './lib/certificates.mjs';
import { atEnd, binary, environment, startDaemon, temporaryFolder } from './lib/daemon.mjs';
import { createEndpoint, endpointsPath, eventually } from './lib/delivery.mjs';
import {
  codeBlocks,
  pageText,
  runBlocks,
  sectionBelow,
  shellFor,
  startDocumented,
} from './lib/documents.mjs';
import { startSink } from './lib/sink.mjs';
import { onlyOnSqlite } from './lib/store.mjs';
import { stripeGateway, stripePath, stripeWebhook } from './lib/stripe.mjs';

const run = promisify(execFile);
const only = onlyOnSqlite('backups of its own');
const kOperations = 'docs/OPERATIONS.md';
const kBackup = 'docs/BACKUP.md';

// The folders that the pages name, with the data of one daemon.
function placesOf(t, daemon) {
  const folder = temporaryFolder(t);
  for (const name of ['backups', 'srv']) fs.mkdirSync(path.join(folder, name));
  return {
    '/etc/postern/postern.toml': path.join(daemon.folder, 'postern.toml'),
    '/etc/postern/first-key': path.join(folder, 'first-key'),
    '/var/lib/postern': dataOf(daemon.folder),
    '/var/backups/': `${folder}/backups/`,
    '/srv/': `${folder}/srv/`,
  };
}

const runSection = (shell, page, heading) =>
  runBlocks(shell, page, codeBlocks(sectionBelow(pageText(page), heading)));

// A page without those of its sections that need another world.
const textWithout = (page, ...headings) =>
  headings.reduce(
    (text, heading) => text.replace(sectionBelow(pageText(page), heading), ''),
    pageText(page),
  );

test('the commands of operations do what they show', async (t) => {
  const daemon = await startDocumented(t);
  const text = textWithout(kOperations, 'Backup', 'When the machine is lost');
  const places = placesOf(t, daemon);
  assert.equal(await runBlocks(shellFor(t, daemon, places), kOperations, codeBlocks(text)), 4);
  const key = fs.readFileSync(places['/etc/postern/first-key'], 'utf8').trim();
  await daemon.stop();
  const env = { POSTERN_DATA_DIR: dataOf(daemon.folder), POSTERN_BOOTSTRAP_SECRET_KEY: key };
  const again = await startDaemon(t, { env });
  assert.equal((await again.get('/api/v2/api-keys', { key })).status, 200);
});

test('the configurations of operations are taken by the program', async (t) => {
  const blocks = codeBlocks(pageText(kOperations)).filter(({ language }) => language === 'toml');
  assert.equal(blocks.length, 2);
  const { key, cert } = new Authority(t).issue();
  for (const { text } of blocks) {
    const folder = temporaryFolder(t);
    const file = path.join(folder, 'postern.toml');
    fs.writeFileSync(path.join(folder, 'key.pem'), key, { mode: 0o600 });
    fs.writeFileSync(path.join(folder, 'chain.pem'), cert);
    fs.writeFileSync(file, text, { mode: 0o600 });
    const env = environment({ POSTERN_DATA_DIR: path.join(folder, 'data') });
    await run(binary(), ['check', '--config', file], { env });
  }
});

// An endpoint, whose secret only the right key opens, and three events.
async function furnished(t, daemon) {
  const sink = await startSink(t);
  const endpoint = await createEndpoint(daemon, { url: sink.url() });
  await shellFor(t, daemon).bash('postern send stripe payment.succeeded --count 3');
  return { endpoint, told: (await daemon.events()).map(({ id }) => id) };
}

async function assertServed(t, folder, { endpoint, told }) {
  const daemon = await startDaemon(t, { env: { POSTERN_DATA_DIR: dataOf(folder) } });
  assert.deepEqual((await daemon.events()).map(({ id }) => id), told);
  const { json } = await daemon.get(`${endpointsPath}/${endpoint.id}/secret`);
  assert.equal(json.secret, endpoint.secret);
}

// A daemon that a fresh installation started, and that was then stopped.
async function freshFolder(t) {
  const fresh = await startDocumented(t);
  await fresh.stop();
  return fresh;
}

test('a lost machine is replaced as operations say', only, async (t) => {
  const daemon = await startDocumented(t);
  const kept = await furnished(t, daemon);
  const places = placesOf(t, daemon);
  assert.equal(await runSection(shellFor(t, daemon, places), kOperations, 'Backup'), 3);
  await daemon.stop();
  const fresh = await freshFolder(t);
  const shell = shellFor(t, fresh, placesOf(t, fresh));
  const [newest] = fs.readdirSync(places['/var/backups/']);
  const bring = (file, name) => fs.copyFileSync(file, path.join(shell.folder, name));
  bring(path.join(places['/var/backups/'], newest), 'newest.backup');
  bring(path.join(places['/srv/'], 'keys/secrets.key'), 'secrets.key');
  assert.equal(await runSection(shell, kOperations, 'When the machine is lost'), 1);
  await assertServed(t, fresh.folder, kept);
});

test('the commands of the page about backups make one and restore it', only, async (t) => {
  const daemon = await startDocumented(t);
  const kept = await furnished(t, daemon);
  const shell = shellFor(t, daemon, placesOf(t, daemon));
  const text = textWithout(kBackup, 'Restore');
  assert.equal(await runBlocks(shell, kBackup, codeBlocks(text)), 4);
  await daemon.stop();
  assert.equal(await runSection(shell, kBackup, 'Restore'), 1);
  await assertServed(t, daemon.folder, kept);
});

const kUnsigned = { headers: {}, body: '{}' };

// nginx with the page's location, on a socket of its own: { socketPath }.
async function startProxy(t, daemon) {
  const folder = temporaryFolder(t);
  const [{ text }] = codeBlocks(pageText(kOperations)).filter((one) => one.language === 'nginx');
  const socketPath = path.join(folder, 'proxy.sock');
  const places = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];
  const file = path.join(folder, 'nginx.conf');
  fs.writeFileSync(file, `daemon off; pid ${folder}/pid; error_log stderr; events {}
http { access_log off; ${places.map((one) => `${one}_temp_path ${folder}/${one};`).join(' ')}
server { listen unix:${socketPath}; ${text.replace('127.0.0.1:8080', daemon.listen)} } }`);
  const child = spawn('nginx', ['-e', 'stderr', '-c', file], { stdio: 'ignore' });
  const ended = once(child, 'exit');
  atEnd(t, () => (child.kill('SIGQUIT'), ended));
  // Its socket is there before it listens.
  await eventually('the proxy', () => postThrough({ socketPath }, kUnsigned).catch(() => false));
  return { socketPath };
}

async function postThrough({ socketPath }, { headers, body }) {
  const options = { socketPath, method: 'POST', path: stripePath, headers };
  const request = http.request(options).end(body);
  const [response] = await once(request, 'response');
  response.resume();
  return response.statusCode;
}

const kNoProxy = spawnSync('nginx', ['-v']).error && 'nginx is not installed';
test('a webhook passes the proxy that operations show', { skip: kNoProxy }, async (t) => {
  const proxy = { trusted: ['127.0.0.1'] };
  const daemon = await startDaemon(t, { config: { gateways: [stripeGateway], proxy } });
  const through = await startProxy(t, daemon);
  assert.equal(await postThrough(through, stripeWebhook('evt_proxied')), 200);
  assert.equal(await postThrough(through, kUnsigned), 401);
  assert.equal((await daemon.events()).length, 1);
});
