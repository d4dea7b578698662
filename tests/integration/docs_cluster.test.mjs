// The pages about many nodes: a configuration that the program takes, access rules that its scripts
// can work with, tables that their script writes, and a model whose sums are right.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { test } from 'node:test';
import { needsOf, place, planOf, scalingPage } from '../../docs/tools/scaling.mjs';
import { binary, environment, root, temporaryFolder } from './lib/daemon.mjs';
import { codeBlocks, pageText } from './lib/documents.mjs';

const run = promisify(execFile);

test('the configuration of a cluster is taken by the program', async (t) => {
  const blocks = codeBlocks(pageText('docs/CLUSTER.md'));
  const configurations = blocks.filter(({ language }) => language === 'toml');
  assert.equal(configurations.length, 1);
  const folder = temporaryFolder(t);
  const file = path.join(folder, 'postern.toml');
  fs.writeFileSync(file, configurations[0].text, { mode: 0o600 });
  const env = environment({ POSTERN_DATA_DIR: path.join(folder, 'data') });
  const { stdout } = await run(binary(), ['check', '--config', file], { env });
  assert.doesNotMatch(stdout, /a-password/);
});

// [command] of the scripts that nodes run in Redis.
function scriptCommands() {
  const folder = path.join(root, 'cluster');
  const sources = fs.readdirSync(folder).filter((name) => name.endsWith('.cpp'));
  const texts = sources.map((name) => fs.readFileSync(path.join(folder, name), 'utf8'));
  const calls = texts.flatMap((text) => [...text.matchAll(/redis\.call\('(\w+)'/g)]);
  return [...new Set(calls.map(([, command]) => command.toLowerCase()))];
}

test('the access rules of Redis allow what the scripts do', () => {
  const [line] = /^user postern on .*$/m.exec(pageText('docs/REDIS.md'));
  const allowed = line.split(' ').filter((word) => word.startsWith('+'));
  const commands = scriptCommands();
  assert.ok(commands.length > 5, `${commands.length} commands are compared`);
  const missing = commands.filter((command) => !allowed.includes(`+${command}`));
  assert.deepEqual(missing, []);
});

test('the tables of the capacity model are what the script writes', () => {
  const committed = fs.readFileSync(place, 'utf8');
  assert.ok(committed === scalingPage(), 'run node docs/tools/scaling.mjs');
});

const costs = (each) => ({
  daemonMicroseconds: each, postgresMicroseconds: each, redisMicroseconds: each, walBytes: each,
  tableBytes: each,
});
const model = {
  measured: { receive: costs(100), deliver: costs(50) },
  chosen: {
    deliveriesPerWebhook: 2, attemptsPerDelivery: 1, answerSeconds: 0.1, bodyBytes: 1000,
    coreFactor: 1, daemonCores: 4, daemonShare: 0.5, inFlightPerDaemon: 1000,
    nodesPerDatabaseMax: 64, postgresCores: 10, postgresShare: 0.5, walMegabytesPerSecond: 100,
    redisShare: 0.5,
  },
};

test('a rate needs what its webhooks cost together', () => {
  const needs = needsOf(model, 10_000);
  assert.equal(needs.daemonCpu, 1);
  assert.equal(needs.inFlight, 2);
  assert.equal(needs.postgresCpu, 0.4);
  assert.equal(needs.walMegabytes, 2);
  assert.equal(needs.redisCpu, 4);
  assert.equal(needs.networkBits, 240e6);
});

const plans = [
  { rate: 1, cells: 1, daemons: 2, redis: 1 },
  { rate: 10_000, cells: 1, daemons: 3, redis: 4 },
  { rate: 100_000, cells: 4, daemons: 24, redis: 40 },
];
for (const { rate, ...wanted } of plans) {
  test(`${rate} webhooks a second are spread over machines, one of which may be away`, () => {
    const { cells, daemons, redis } = planOf(model, rate);
    assert.deepEqual({ cells, daemons, redis }, wanted);
  });
}
