// Starts and stops the servers that the benchmarks compare, each in a folder of its
// own under the system's temporary folder and on ports that the system chose.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

import {
  bench, freePort, newDataFolder, pause, root, start, startTimeoutMs, untilItListens,
} from './processes.mjs';
import { redisAsRecord, startPostgres, startRedis } from './stores.mjs';

export { root };
const cores = os.availableParallelism();
export const secret = 'whsec_benchmark_secret_of_no_value';

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

const posternProgram = path.join(root, 'build', 'postern');

export const apiKey = 'sk_test_benchmark_of_no_value';

// Of the four gateways that both dialects know, in their sandboxes.
export const paymentConfiguration = ['stripe', 'airwallex', 'wechatpay', 'alipay']
  .map((kind) => `[[gateway]]\nid = "${kind}"\nkind = "${kind}"\nmode = "sandbox"\n`).join('');

// `dataFolder`: of one that ran before, to go on with; else a new one. `environment` says more than
// the configuration does.
export async function startPostern(
  dataFolder, configuration = posternConfiguration, environment = {}, program = posternProgram,
) {
  const data = dataFolder ?? newDataFolder();
  const startedAt = Date.now();
  const server = start('postern', program, (folder) => {
    fs.writeFileSync(path.join(folder, 'postern.toml'), configuration);
    return ['serve'];
  }, (folder) => ({
    POSTERN_CONFIG: path.join(folder, 'postern.toml'),
    POSTERN_DATA_DIR: data,
    POSTERN_LISTEN: '127.0.0.1:0',
    POSTERN_ADMIN_LISTEN: '127.0.0.1:0',
    POSTERN_BOOTSTRAP_SECRET_KEY: apiKey,
    POSTERN_API_RATE_LIMITS: 'false',
    ...environment,
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

// role: accept, or both to deliver on the same cores; to `sinkUrl` or to an nginx of its own.
export async function startNode(role, sinkUrl) {
  const redis = await startRedis(redisAsRecord);
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
