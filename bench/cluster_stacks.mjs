// The stacks that `./dev bench cluster` compares: each store started for it alone, with the same
// settings for all of them.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

import { bench, freePort, newDataFolder, pause, start, untilItListens } from './processes.mjs';
import { apiKey, secret, startPostern } from './servers.mjs';
import { startPostgres, startRedis } from './stores.mjs';
import { startRelay } from './counts.mjs';

// One node serves an endpoint at a time, so there are several of them, and each wants the webhooks
// of one gateway: every webhook is delivered once, and nodes have something to share.
const gateways = [1, 2, 3, 4].map((number) => `stripe_${number}`);
const configuration = gateways
  .map((id) => `[[gateway]]\nid = "${id}"\nkind = "stripe"\nmode = "sandbox"\n`
    + `webhook_secrets = ["${secret}"]\n`)
  .join('');
const inFlightEach = 64;
const newsTravelsMs = 2000;

async function addEndpoint(node, body) {
  const reply = await fetch(`${node.url}/api/v2/webhook-endpoints`, {
    method: 'POST',
    headers: { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  if (!reply.ok) throw new Error(`no endpoint: ${await reply.text()}`);
}

// The other nodes know of them a moment later.
async function addEndpoints(node, sink) {
  await Promise.all(gateways.map((gateway) => addEndpoint(node, {
    url: `${sink.url}/ok`,
    in_flight_max: inFlightEach,
    filter: { field: 'gateway', equals: gateway },
  })));
  await pause(newsTravelsMs);
}

// Every gateway through every node: what a load balancer does.
const targetsOf = (nodes) => nodes.flatMap(({ port }) =>
  gateways.map((gateway) => ({ port, path: `/api/v2/webhooks/${gateway}` })));

async function stopAll(servers) {
  for (const server of servers) await server.stop();
}

async function startSqlite({ program }) {
  const node = await startPostern(undefined, configuration, {}, program);
  return {
    targets: targetsOf([node]),
    kinds: { daemon: [node.server] },
    addEndpoints: (sink) => addEndpoints(node, sink),
    stop: () => node.server.stop(),
  };
}

// `relayed`: through relays that count.
async function startStores({ relayed }) {
  const [postgres, redis] = [await startPostgres(), await startRedis()];
  const relays = relayed ? {
    postgres: await startRelay('postgres', postgres.port),
    redis: await startRelay('redis', redis.port),
  } : {};
  return {
    postgres, redis, relays,
    postgresPort: relays.postgres?.port ?? postgres.port,
    redisPort: relays.redis?.port ?? redis.port,
    stop: async () => {
      for (const relay of Object.values(relays)) relay.stop();
      await stopAll([postgres.server, redis.server]);
    },
  };
}

// The nodes of a cluster open the same secrets, so the others get the first one's key.
async function startNodes(count, environment, program) {
  const nodes = [await startPostern(undefined, configuration, environment, program)];
  while (nodes.length < count) {
    const folder = newDataFolder();
    const [from, to] = [nodes[0].dataFolder, folder].map((each) => path.join(each, 'secrets.key'));
    fs.copyFileSync(from, to);
    nodes.push(await startPostern(folder, configuration, environment, program));
  }
  return nodes;
}

async function startCluster(count, { program, relayed }) {
  const stores = await startStores({ relayed });
  const nodes = await startNodes(count, {
    POSTERN_STORAGE_URL: `postgres://bench@127.0.0.1:${stores.postgresPort}/postgres`,
    POSTERN_QUEUE_URL: `redis://127.0.0.1:${stores.redisPort}`,
  }, program);
  const servers = nodes.map(({ server }) => server);
  return {
    ...stores,
    targets: targetsOf(nodes),
    kinds: { daemon: servers, postgres: [stores.postgres.server], redis: [stores.redis.server] },
    addEndpoints: (sink) => addEndpoints(nodes[0], sink),
    stop: async () => {
      await stopAll(servers);
      await stores.stop();
    },
  };
}

// The sink is known to it from the start, so that there is nothing to add.
async function startBullmq({ sink, relayed }) {
  const stores = await startStores({ relayed });
  const port = await freePort();
  const program = path.join(bench, 'peer-node', 'webhooks.mjs');
  const server = start('node', process.execPath, () => [program], () => ({
    POSTERN_PEER_PROCESSES: String(os.availableParallelism()),
    POSTERN_PEER_PORT: String(port),
    POSTERN_PEER_REDIS_PORT: String(stores.redisPort),
    POSTERN_PEER_SECRET: secret,
    POSTERN_PEER_SINK: `${sink.url}/ok`,
    PGHOST: '127.0.0.1',
    PGPORT: String(stores.postgresPort),
    PGUSER: 'bench',
    PGDATABASE: 'postgres',
    NODE_ENV: 'production',
  }));
  await untilItListens(port, server.child);
  return {
    ...stores,
    targets: gateways.map(() => ({ port, path: '/webhooks/stripe' })),
    kinds: { daemon: [server], postgres: [stores.postgres.server], redis: [stores.redis.server] },
    addEndpoints: async () => {},
    stop: async () => {
      await server.stop();
      await stores.stop();
    },
  };
}

export const stacks = {
  sqlite: startSqlite,
  'one-node': (options) => startCluster(1, options),
  'two-nodes': (options) => startCluster(2, options),
  bullmq: startBullmq,
};
