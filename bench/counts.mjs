// What a stack has used up so far: CPU of each kind of process, what PostgreSQL wrote, how many
// commands Redis ran, and what went through the relays where there are some.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import path from 'node:path';

import { bench } from './processes.mjs';

const peer = createRequire(path.join(bench, 'peer-node', 'package.json'));

export async function startRelay(protocol, target) {
  const child = fork(path.join(bench, 'relay.mjs'), [protocol, String(target)]);
  const [{ port }] = await once(child, 'message');
  const counts = async () => {
    child.send('counts');
    return (await once(child, 'message'))[0];
  };
  return { port, counts, stop: () => child.disconnect() };
}

// The log's position is exact at any moment, unlike the statistics, which sessions hand in late.
// The next transaction's number counts every transaction that wrote.
const postgresCounts = `SELECT pg_current_wal_insert_lsn() - '0/0' AS wal_bytes,
  pg_snapshot_xmax(pg_current_snapshot())::text AS transactions,
  pg_database_size(current_database()) AS table_bytes`;

async function countPostgres(port) {
  const { Client } = peer('pg');
  const client = new Client({ host: '127.0.0.1', port, user: 'bench', database: 'postgres' });
  await client.connect();
  const { rows: [row] } = await client.query(postgresCounts);
  await client.end();
  return Object.fromEntries(Object.entries(row).map(([name, value]) => [name, Number(value)]));
}

// Commands inside of scripts are among them.
async function countRedis(port) {
  const Redis = peer('ioredis');
  const client = new Redis({ host: '127.0.0.1', port });
  const lines = (await client.info('commandstats')).split('\r\n');
  client.disconnect();
  const calls = lines.map((line) => Number(/^cmdstat_[^:]+:calls=(\d+)/.exec(line)?.[1] ?? 0));
  return { commands: calls.reduce((sum, each) => sum + each, 0) };
}

const cpuOf = (servers) => servers.reduce((sum, server) => sum + server.cpuSeconds(), 0);

export async function countAll({ kinds, postgres, redis, relays }) {
  const found = {};
  for (const [kind, servers] of Object.entries(kinds)) found[`${kind}Cpu`] = cpuOf(servers);
  if (postgres) {
    const { wal_bytes, transactions, table_bytes } = await countPostgres(postgres.port);
    Object.assign(found, { walBytes: wal_bytes, transactions, tableBytes: table_bytes });
  }
  if (redis) found.redisCommands = (await countRedis(redis.port)).commands;
  if (relays?.postgres) found.postgresTurns = (await relays.postgres.counts()).turns;
  if (relays?.redis) found.redisSent = (await relays.redis.counts()).commands;
  return found;
}

export const difference = (before, after) =>
  Object.fromEntries(Object.entries(after).map(([name, value]) => [name, value - before[name]]));
