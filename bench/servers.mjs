// Starts and stops the servers that the benchmarks compare, each in a folder of its
// own under the system's temporary folder and on ports that the system chose.
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const bench = path.dirname(fileURLToPath(import.meta.url));
export const root = path.dirname(bench);
export const secret = 'whsec_benchmark_secret_of_no_value';

const startTimeoutMs = 20000;
const stopTimeoutMs = 10000;
const cores = os.availableParallelism();

export async function freePort() {
  const server = net.createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}

const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

async function untilItListens(port, child) {
  const end = Date.now() + startTimeoutMs;
  while (Date.now() < end && child.exitCode === null) {
    const socket = net.connect(port, '127.0.0.1');
    try {
      await once(socket, 'connect');
      return;
    } catch {
      await pause(50);
    } finally {
      socket.destroy();
    }
  }
  throw new Error(`${child.spawnfile} does not listen on ${port}`);
}

function descendants(pid) {
  const children = fs
    .readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8')
    .trim()
    .split(' ')
    .filter(Boolean);
  return [pid, ...children.flatMap((child) => descendants(Number(child)))];
}

// One started program with everything it started.
export class Server {
  constructor(child, folder) {
    this.child = child;
    this.folder = folder;
  }

  cpuSeconds() {
    const ticksPerSecond = 100;
    return descendants(this.child.pid)
      .map((pid) => fs.readFileSync(`/proc/${pid}/stat`, 'utf8').replace(/^.*\) /s, '').split(' '))
      .reduce((sum, fields) => sum + (Number(fields[11]) + Number(fields[12])) / ticksPerSecond, 0);
  }

  residentMib() {
    return descendants(this.child.pid)
      .map((pid) => /VmRSS:\s+(\d+)/.exec(fs.readFileSync(`/proc/${pid}/status`, 'utf8')))
      .reduce((sum, match) => sum + (match ? Number(match[1]) / 1024 : 0), 0);
  }

  async stop() {
    if (this.child.exitCode === null && this.child.signalCode === null) {
      const gone = once(this.child, 'exit');
      this.child.kill('SIGTERM');
      const killer = setTimeout(() => this.child.kill('SIGKILL'), stopTimeoutMs);
      await gone;
      clearTimeout(killer);
    }
    started.delete(this);
    fs.rmSync(this.folder, { recursive: true, force: true });
  }
}

// Whatever ends this process ends what it started.
const started = new Set();
const dataFolders = new Set();
process.on('exit', () => {
  for (const folder of dataFolders) fs.rmSync(folder, { recursive: true, force: true });
  for (const server of started) {
    server.child.kill('SIGKILL');
    fs.rmSync(server.folder, { recursive: true, force: true });
  }
});
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => process.exit(1));

function start(name, command, args, environment = () => ({}), user = {}) {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), `postern-bench-${name}-`));
  if (user.uid) fs.chownSync(folder, user.uid, user.gid);
  const log = fs.openSync(path.join(folder, 'log'), 'w');
  const child = spawn(command, args(folder), {
    stdio: ['ignore', log, log],
    env: { ...process.env, ...environment(folder) },
    ...user,
  });
  fs.closeSync(log);
  child.on('error', (error) => console.error(`${name}: ${error.message}`));
  const server = new Server(child, folder);
  started.add(server);
  return server;
}

export async function startNginx() {
  const port = await freePort();
  const template = fs.readFileSync(path.join(bench, 'nginx.conf'), 'utf8');
  const server = start('nginx', 'nginx', (folder) => {
    const text = template
      .replaceAll('FOLDER', folder)
      .replaceAll('WORKERS', String(cores))
      .replaceAll('PORT', String(port));
    const file = path.join(folder, 'nginx.conf');
    fs.writeFileSync(file, text);
    return ['-p', folder, '-c', file, '-e', path.join(folder, 'nginx_error.log')];
  });
  await untilItListens(port, server.child);
  return { server, port, path: '/webhooks/stripe' };
}

export const posternConfiguration = `[[gateway]]
id = "stripe"
kind = "stripe"
mode = "sandbox"
webhook_secrets = ["${secret}"]
`;

export const apiKey = 'sk_test_benchmark_of_no_value';

// Of the four gateways that both dialects know, in their sandboxes.
export const paymentConfiguration = ['stripe', 'airwallex', 'wechatpay', 'alipay']
  .map((kind) => `[[gateway]]\nid = "${kind}"\nkind = "${kind}"\nmode = "sandbox"\n`).join('');

// `dataFolder`: of one that ran before, to go on with; else a new one.
export async function startPostern(dataFolder, configuration = posternConfiguration) {
  let data = dataFolder;
  const startedAt = Date.now();
  const server = start('postern', path.join(root, 'build', 'postern'), (folder) => {
    fs.writeFileSync(path.join(folder, 'postern.toml'), configuration);
    if (!data) {
      data = fs.mkdtempSync(path.join(os.tmpdir(), 'postern-bench-data-'));
      dataFolders.add(data);
    }
    return ['serve'];
  }, (folder) => ({
    POSTERN_CONFIG: path.join(folder, 'postern.toml'),
    POSTERN_DATA_DIR: data,
    POSTERN_LISTEN: '127.0.0.1:0',
    POSTERN_ADMIN_LISTEN: '127.0.0.1:0',
    POSTERN_BOOTSTRAP_SECRET_KEY: apiKey,
    POSTERN_API_RATE_LIMITS: 'false',
  }));
  const port = await portInLog(server);
  const url = `http://127.0.0.1:${port}`;
  return { server, port, url, path: '/api/v2/webhooks/stripe', dataFolder: data, startedAt };
}

export async function restartPostern(postern, whileDown, configuration) {
  await postern.server.stop();
  whileDown();
  return startPostern(postern.dataFolder, configuration);
}

// Where deliveries end.
export async function startSink() {
  const program = path.join(root, 'build', 'release', 'bench', 'delivery_sink');
  const server = start('sink', program, () => []);
  const log = path.join(server.folder, 'log');
  const end = Date.now() + startTimeoutMs;
  while (Date.now() < end && server.child.exitCode === null) {
    const port = Number(fs.readFileSync(log, 'utf8'));
    if (port) return { server, port, url: `http://127.0.0.1:${port}` };
    await pause(10);
  }
  throw new Error('the sink does not listen');
}

async function portInLog(server) {
  const end = Date.now() + startTimeoutMs;
  const log = path.join(server.folder, 'log');
  while (Date.now() < end && server.child.exitCode === null) {
    const ready = /daemon\.ready .*?\blisten=127\.0\.0\.1:(\d+)/.exec(fs.readFileSync(log, 'utf8'));
    if (ready) return Number(ready[1]);
    await pause(20);
  }
  throw new Error(`postern is not ready:\n${fs.readFileSync(log, 'utf8').slice(-2000)}`);
}

// The Node stack keeps its promise only when Redis syncs before it answers, as SQLite does here.
async function startRedis() {
  const port = await freePort();
  const server = start('redis', 'redis-server', (folder) => [
    '--port', String(port), '--bind', '127.0.0.1', '--dir', folder,
    '--appendonly', 'yes', '--appendfsync', 'always', '--save', '',
  ]);
  await untilItListens(port, server.child);
  return { server, port };
}

// role: accept, or both to deliver on the same cores; to `sinkUrl` or to an nginx of its own.
export async function startNode(role, sinkUrl) {
  const redis = await startRedis();
  const sink = sinkUrl ? undefined : await startNginx();
  const port = await freePort();
  const program = path.join(bench, 'peer-node', 'server.mjs');
  const server = start('node', process.execPath, () => [program], () => ({
    POSTERN_PEER_ROLE: role,
    POSTERN_PEER_PROCESSES: String(cores),
    POSTERN_PEER_PORT: String(port),
    POSTERN_PEER_REDIS_PORT: String(redis.port),
    POSTERN_PEER_SECRET: secret,
    POSTERN_PEER_SINK: sinkUrl ?? `http://127.0.0.1:${sink.port}/sink`,
    NODE_ENV: 'production',
  }));
  await untilItListens(port, server.child);
  const all = {
    cpuSeconds: () => server.cpuSeconds() + redis.server.cpuSeconds(),
    residentMib: () => server.residentMib() + redis.server.residentMib(),
    stop: async () => {
      await server.stop();
      await redis.server.stop();
      await sink?.server.stop();
    },
  };
  return { server: all, port, path: '/webhooks/stripe' };
}

// PostgreSQL will not run as root; its package made a user for it.
function postgresUser() {
  if (process.getuid() !== 0) return {};
  const line = fs.readFileSync('/etc/passwd', 'utf8').split('\n')
    .find((each) => each.startsWith('postgres:'));
  if (!line) throw new Error('there is no user postgres to run PostgreSQL as');
  const [, , uid, gid] = line.split(':').map(Number);
  return { uid, gid };
}

function postgresPrograms() {
  const versions = '/usr/lib/postgresql';
  const newest = fs.readdirSync(versions).map(Number).sort((a, b) => b - a)[0];
  return path.join(versions, String(newest), 'bin');
}

// Durable as it comes: a commit is on the disk before it is told. Memory and the log have the room
// that a machine of this size would be given.
async function startPostgres() {
  const port = await freePort();
  const programs = postgresPrograms();
  const user = postgresUser();
  const server = start('postgres', path.join(programs, 'postgres'), (folder) => {
    const data = path.join(folder, 'data');
    const made = spawnSync(path.join(programs, 'initdb'), [
      '-D', data, '-U', 'bench', '-A', 'trust', '-E', 'UTF8', '--no-locale',
    ], { ...user, cwd: folder, encoding: 'utf8' });
    if (made.status !== 0) throw new Error(`initdb: ${made.stderr}`);
    const settings = {
      port, listen_addresses: '127.0.0.1', unix_socket_directories: folder,
      synchronous_commit: 'on', fsync: 'on', shared_buffers: '512MB', max_wal_size: '4GB',
      checkpoint_timeout: '30min', random_page_cost: '1.1',
    };
    return ['-D', data, ...Object.entries(settings).flatMap(([k, v]) => ['-c', `${k}=${v}`])];
  }, () => ({}), user);
  await untilItListens(port, server.child);
  return { server, port };
}

// The payment API as a team builds it with fastify and pg.
export async function startNodePayments() {
  const postgres = await startPostgres();
  const port = await freePort();
  const program = path.join(bench, 'peer-node', 'payments.mjs');
  const server = start('node', process.execPath, () => [program], () => ({
    POSTERN_PEER_PROCESSES: String(cores),
    POSTERN_PEER_PORT: String(port),
    POSTERN_PEER_SECRET: apiKey,
    PGHOST: postgres.server.folder,
    PGPORT: String(postgres.port),
    PGUSER: 'bench',
    PGDATABASE: 'postgres',
    NODE_ENV: 'production',
  }));
  await untilItListens(port, server.child);
  const all = {
    cpuSeconds: () => server.cpuSeconds() + postgres.server.cpuSeconds(),
    residentMib: () => server.residentMib() + postgres.server.residentMib(),
    stop: async () => {
      await server.stop();
      await postgres.server.stop();
    },
  };
  return { server: all, port, path: '/v1/payment_intents' };
}
