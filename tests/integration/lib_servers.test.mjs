// The servers that other tests start: that they do what they are started for.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { temporaryFolder } from './lib/endings.mjs';
import { startPostgres, urlOfMany } from './lib/postgres.mjs';
import { startRedis, startRedisCluster, startRedisSentinels } from './lib/redis.mjs';
import { startRelay, toClient, toServer } from './lib/relay.mjs';
import { output } from './lib/server_process.mjs';
import { eventually, within } from './lib/waiting.mjs';

const kSoonMilliseconds = 60_000;
const here = path.dirname(fileURLToPath(import.meta.url));
const isRunning = (pid) => fs.existsSync(`/proc/${pid}`);

test('a PostgreSQL keeps its databases over stops and crashes', async (t) => {
  const server = await startPostgres(t, { fsync: true });
  await server.createDatabase('one');
  await server.sql('CREATE TABLE things (id bigint, name text)', 'one');
  for (const [id, mode] of ['fast', 'immediate', 'smart'].entries()) {
    await server.sql(`INSERT INTO things VALUES (${id}, 'before ${mode}')`, 'one');
    await server.restart(mode);
  }
  const rows = await server.query('SELECT id, name FROM things ORDER BY id', 'one');
  assert.deepEqual(rows[1], { id: 1, name: 'before immediate' });
  assert.equal(rows.length, 3);
  assert.equal(await server.sql('SHOW fsync'), 'on');
  await server.dropDatabase('one');
  await assert.rejects(server.sql('SELECT 1', 'one'), /does not exist/);
});

test('a PostgreSQL that is frozen answers nobody until it thaws', async (t) => {
  const server = await startPostgres(t);
  await server.freeze();
  let answered = false;
  const asked = server.sql('SELECT 42').finally(() => (answered = true));
  await startRedis(t); // which takes far longer than an answer
  assert.equal(answered, false);
  await server.thaw();
  assert.equal(await asked, '42');
});

test('a synchronous standby has every commit, and takes over', async (t) => {
  const server = await startPostgres(t);
  await server.sql('CREATE TABLE things (id bigint)');
  const standby = await server.addSynchronousStandby(t);
  await server.sql('INSERT INTO things VALUES (7)');
  await server.stop('immediate');
  assert.equal(await standby.sql('SHOW transaction_read_only'), 'on');
  await standby.promote();
  const both = urlOfMany([server, standby], 'postgres?target_session_attrs=read-write');
  assert.equal(await output('psql', [both, '-Atc', 'SELECT id FROM things']), '7');
});

test('a Redis wants its password, and forgets all when it is killed', async (t) => {
  for (const who of [{}, { password: 'sesame' }, { user: 'postern', password: 'sesame' }]) {
    const server = await startRedis(t, who);
    await server.command('SET', 'one', '1');
    assert.deepEqual(await server.keys(), ['one']);
    const stranger = output('redis-cli', ['-p', `${server.port}`, '-e', 'GET', 'one']);
    if (who.password) await assert.rejects(stranger, /NOAUTH/);
    else assert.equal(await stranger, '1');
    await server.restart();
    assert.deepEqual(await server.keys(), []);
    await server.command('SET', 'two', '2');
    await server.flush();
    assert.equal(await server.command('GET', 'two'), '');
  }
});

test('three sentinels make the replica the master when it is gone', async (t) => {
  const group = await startRedisSentinels(t, { password: 'sesame' });
  assert.equal(await group.master(), group.servers[0]);
  const [master, replica] = group.servers;
  await master.command('SET', 'one', '1');
  assert.equal(await master.command('WAIT', '1', '0'), '1');
  await master.kill();
  assert.equal(await group.newMaster(master), replica);
  assert.equal(await replica.command('GET', 'one'), '1');
});

test('three masters are a cluster, and two of them go on without the third', async (t) => {
  const cluster = await startRedisCluster(t);
  const place = ['-c', '-p', `${cluster.masters[0].port}`];
  for (const key of ['a', 'b', 'c', 'd']) await output('redis-cli', [...place, 'SET', key, key]);
  assert.equal((await cluster.keys()).length, 4);
  for (const master of cluster.masters) assert.notEqual((await master.keys()).length, 4);
  await cluster.masters[2].kill();
  await cluster.whole();
  await cluster.masters[2].start();
  await cluster.whole();
});

// What comes is sent back.
async function startEcho(t) {
  const server = net.createServer((socket) => {
    socket.on('error', () => {});
    socket.pipe(socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  return server.address().port;
}

async function connect(port) {
  const socket = net.connect(port, '127.0.0.1');
  socket.on('error', () => {});
  await once(socket, 'connect');
  return socket;
}

const closed = (socket) => new Promise((resolve) => socket.once('close', resolve));
const heard = (socket) => within(kSoonMilliseconds, 'an echo', once(socket, 'data'));

async function assertEchoes(port) {
  const socket = await connect(port);
  socket.write('hello');
  assert.equal(`${(await heard(socket))[0]}`, 'hello');
  socket.end();
  await within(kSoonMilliseconds, 'its end', closed(socket));
}

test('a relay lets everything through, and ends', async (t) => {
  const relay = await startRelay(t, await startEcho(t));
  await assertEchoes(relay.port);
  await assertEchoes(relay.port);
  assert.equal(relay.connections, 2);
});

for (const ways of [[toServer], [toClient], []]) {
  test(`a frozen relay (${ways.join() || 'both ways'}) keeps what comes`, async (t) => {
    const relay = await startRelay(t, await startEcho(t));
    const socket = await connect(relay.port);
    let silent = true;
    socket.once('data', () => assert.ok(!silent, 'a frozen relay let something through'));
    relay.freeze(...ways);
    socket.write('hello');
    const other = await startRelay(t, relay.target);
    await assertEchoes(other.port); // by which time it would have come
    silent = false;
    const echo = heard(socket);
    await relay.goOn();
    assert.equal(`${(await echo)[0]}`, 'hello');
    socket.destroy();
  });
}

test('a relay that is slow is slow, and keeps the order', async (t) => {
  const relay = await startRelay(t, await startEcho(t));
  const kDelayMilliseconds = 50;
  relay.delay(kDelayMilliseconds);
  const begun = performance.now();
  const socket = await connect(relay.port);
  for (const word of ['one ', 'two ', 'three']) socket.write(word);
  let text = '';
  for await (const chunk of socket) {
    text += chunk;
    if (text === 'one two three') break;
  }
  assert.ok(performance.now() - begun >= 2 * kDelayMilliseconds);
});

test('a relay cuts connections, refuses new ones, and goes on', async (t) => {
  const relay = await startRelay(t, await startEcho(t));
  const first = await connect(relay.port);
  await eventually('the connection', () => relay.connections === 1);
  relay.cut();
  await within(kSoonMilliseconds, 'the cut', closed(first));
  const second = await connect(relay.port);
  await relay.refuse();
  await within(kSoonMilliseconds, 'the cut', closed(second));
  await assert.rejects(connect(relay.port), /ECONNREFUSED/);
  await relay.goOn();
  await assertEchoes(relay.port);
});

// The program that starts one of each, says who they are, and waits.
const kStarter = `
  import { startPostgres } from './lib/postgres.mjs';
  import { startRedis } from './lib/redis.mjs';
  const t = { after() {} };
  const postgres = await startPostgres(t);
  const redis = await startRedis(t);
  if (process.argv[1] === 'frozen') await postgres.freeze();
  console.log(JSON.stringify([postgres.pid, redis.pid]));
  process.stdin.resume();
`;

for (const [signal, how] of [['SIGTERM', 'frozen'], ['SIGKILL', 'running']]) {
  test(`no ${how} server outlives a test that dies by ${signal}`, async (t) => {
    const TMPDIR = temporaryFolder(t);
    fs.chmodSync(TMPDIR, 0o755); // for the server's own user
    const args = ['--input-type=module', '-e', kStarter, how];
    const child = spawn(process.execPath, args, {
      cwd: here,
      env: { ...process.env, TMPDIR },
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    const [line] = await within(kSoonMilliseconds, 'servers', once(child.stdout, 'data'));
    const pids = JSON.parse(line);
    assert.deepEqual(pids.map(isRunning), [true, true]);
    child.kill(signal);
    await once(child, 'exit');
    await eventually('the end of all servers', () => !pids.some(isRunning));
    if (signal !== 'SIGKILL') assert.deepEqual(fs.readdirSync(TMPDIR), []);
  });
}
