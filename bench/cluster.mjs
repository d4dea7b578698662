// How fast are signed webhooks received, stored and delivered by one node and by two over
// PostgreSQL and Redis, beside the embedded store and beside the usual Node stack with the same two
// databases? Rounds alternate between the stacks, each started fresh and alone with stores of its
// own, so that a noisy machine is noisy for all: only the ratios within one run mean anything. And
// what does a webhook cost each kind of process? PostgreSQL syncs each commit in every stack; Redis
// is as durable as it comes.
//   ./dev bench cluster [--rounds 3] [--seconds 6] [--connections 64] [--parts speed,turns,costs]
//                       [--stacks sqlite,one-node,two-nodes,bullmq] [--program FILE] [--write]
//                       [--quick] [--strict]
// --program takes another daemon than the one just built. --write keeps the costs in
// docs/scaling.json, which docs/tools/scaling.mjs makes the tables of docs/SCALING.md from; --quick
// is a few minutes.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';

import { stacks } from './cluster_stacks.mjs';
import { countAll, difference } from './counts.mjs';
import { load, reset, untilDelivered } from './load.mjs';
import { pause, root } from './processes.mjs';
import { startSink } from './servers.mjs';

const { values: options } = parseArgs({
  options: {
    rounds: { type: 'string' },
    seconds: { type: 'string' },
    connections: { type: 'string', default: '64' },
    parts: { type: 'string', default: 'speed,turns,costs' },
    stacks: { type: 'string', default: Object.keys(stacks).join() },
    program: { type: 'string' },
    write: { type: 'boolean', default: false },
    quick: { type: 'boolean', default: false },
    strict: { type: 'boolean', default: false },
  },
});
const rounds = Number(options.rounds ?? (options.quick ? 2 : 3));
const seconds = Number(options.seconds ?? (options.quick ? 3 : 6));
const connections = Number(options.connections);
const program = options.program && path.resolve(options.program);
const names = options.stacks.split(',');
const slowRate = 200;
const settleMs = 1500;
const idleSeconds = 5;

let met = true;
function judge(text, value, relation, wanted) {
  const good = relation === '>=' ? value >= wanted : value <= wanted;
  const verdict = good ? 'met   ' : 'missed';
  console.log(`${verdict}  ${text}: ${value.toFixed(2)} (aim ${relation} ${wanted})`);
  met &&= good;
}

function median(numbers) {
  const sorted = [...numbers].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

async function withStack(name, more, run) {
  const sink = await startSink();
  try {
    const stack = await stacks[name]({ sink, program, ...more });
    try {
      return await run(stack, sink);
    } finally {
      await stack.stop();
    }
  } finally {
    await sink.server.stop();
  }
}

const delivers = (sink) => ({ after: (accepted) => untilDelivered(sink, accepted) });
const receives = { after: async () => {} };

// A first second is not counted: it fills caches and lets compilers see what is hot. What is
// written after the last delivery arrived is counted, and its time is not.
async function measure(stack, sink, { after }, rate = 0) {
  const first = await load(stack.targets, { connections, seconds: 1, rate });
  await after(first.accepted);
  await reset(sink);
  await pause(settleMs);
  const before = await countAll(stack);
  const begun = Date.now();
  const sent = await load(stack.targets, { connections, seconds, rate });
  await after(sent.accepted);
  const took = (Date.now() - begun) / 1000;
  await pause(settleMs);
  return { sent, took, used: difference(before, await countAll(stack)) };
}

// ---------------------------------------------------------------- speed

const measureSpeed = (name) => withStack(name, {}, async (stack, sink) => {
  await stack.addEndpoints(sink);
  const { sent, took, used } = await measure(stack, sink, delivers(sink));
  const each = (field) => used[field] / sent.accepted;
  return {
    accepted: sent.acceptedPerSecond,
    delivered: sent.accepted / took,
    failed: sent.failed,
    p50Ms: sent.p50Ms,
    p99Ms: sent.p99Ms,
    daemonCpu: each('daemonCpu') * 1000,
    postgresCpu: each('postgresCpu') * 1000,
    redisCpu: each('redisCpu') * 1000,
    walKb: each('walBytes') / 1000,
    transactions: each('transactions'),
    redisCommands: each('redisCommands'),
  };
});

const columns = [
  ['accepted/s', 'accepted', 0],
  ['delivered/s', 'delivered', 0],
  ['failed', 'failed', 0],
  ['ack p50 ms', 'p50Ms', 1],
  ['ack p99 ms', 'p99Ms', 1],
  ['CPU daemon', 'daemonCpu', 3],
  ['postgres', 'postgresCpu', 3],
  ['redis', 'redisCpu', 3],
  ['log KB', 'walKb', 2],
  ['commits', 'transactions', 3],
  ['Redis runs', 'redisCommands', 2],
];

function printTable(found) {
  const width = 12;
  console.log(`\n${'median'.padEnd(width)}${columns.map(([t]) => t.padStart(width)).join('')}`);
  for (const name of names) {
    const cells = columns.map(([, field, digits]) => {
      const value = median(found.map((round) => round[name][field]));
      return (Number.isNaN(value) ? '-' : value.toFixed(digits)).padStart(width);
    });
    console.log(`${name.padEnd(width)}${cells.join('')}`);
  }
  console.log('CPU is seconds for 1,000 webhooks received and delivered, "daemon" being Node in '
    + 'its stack;\nlog, commits and commands that Redis ran, in scripts too, are for one.\n');
}

async function partSpeed() {
  const found = [];
  for (let i = 0; i < rounds; ++i) {
    const round = {};
    for (let j = 0; j < names.length; ++j) {
      const name = names[(i + j) % names.length];
      round[name] = await measureSpeed(name);
      const { accepted, delivered } = round[name];
      console.log(`round ${i + 1} ${name}: ${accepted.toFixed(0)} accepted/s, `
        + `${delivered.toFixed(0)} delivered/s`);
    }
    found.push(round);
  }
  printTable(found);
  if (!names.includes('bullmq')) return;
  for (const name of names.filter((each) => each !== 'bullmq')) {
    for (const field of ['accepted', 'delivered']) {
      const ratios = found.map((round) => round[name][field] / round.bullmq[field]);
      const text = `${name}: ${field}/s ÷ the Node stack`;
      if (name === 'sqlite') console.log(`        ${text}: ${median(ratios).toFixed(2)}`);
      else judge(text, median(ratios), '>=', 5);
    }
  }
}

// ---------------------------------------------------------------- turns

// Relays stand before both databases and count. They slow everything down, so nothing else is
// measured here.
async function countTurns(stack, sink, how, rate = 0) {
  const { sent, used } = await measure(stack, sink, how, rate);
  const each = (field) => used[field] / sent.accepted;
  const perSecond = sent.accepted / seconds;
  return { postgres: each('postgresTurns'), redis: each('redisSent'), perSecond };
}

const turnsOf = (name) => withStack(name, { relayed: true }, async (stack, sink) => {
  const found = {};
  // The Node stack knows its sink from the start.
  if (name !== 'bullmq') found.received = await countTurns(stack, sink, receives);
  await reset(sink);
  await stack.addEndpoints(sink);
  found.delivered = await countTurns(stack, sink, delivers(sink));
  await reset(sink);
  found.slow = await countTurns(stack, sink, delivers(sink), slowRate);
  return found;
});

const turnTexts = {
  received: 'received, nobody to deliver to',
  delivered: 'received and delivered',
  slow: `the same at ${slowRate} a second`,
};

const turnsFound = {};
async function partTurns() {
  console.log('\nFor one webhook, counted by relays: a round trip ends when the client sends '
    + 'again after an answer.');
  for (const name of names.filter((each) => each !== 'sqlite' && each !== 'two-nodes')) {
    turnsFound[name] = await turnsOf(name);
    for (const [part, { postgres, redis, perSecond }] of Object.entries(turnsFound[name])) {
      console.log(`${name}, ${turnTexts[part]} (${perSecond.toFixed(0)}/s): `
        + `${postgres.toFixed(2)} round trips to PostgreSQL, `
        + `${redis.toFixed(2)} commands sent to Redis`);
    }
  }
  const ours = turnsFound['one-node'];
  if (!ours) return;
  judge('round trips to PostgreSQL for a webhook accepted', ours.received.postgres, '<=', 1);
  judge('commands sent to Redis for a delivery', ours.delivered.redis, '<=', 3);
}

// ---------------------------------------------------------------- costs

const costFields = {
  daemonMicroseconds: ['daemonCpu', 1e6],
  postgresMicroseconds: ['postgresCpu', 1e6],
  redisMicroseconds: ['redisCpu', 1e6],
  walBytes: ['walBytes', 1],
  tableBytes: ['tableBytes', 1],
  transactions: ['transactions', 1],
  redisCommands: ['redisCommands', 1],
};
const perOne = (used, count) => Object.fromEntries(
  Object.entries(costFields).map(([name, [field, factor]]) => [name, used[field] * factor / count]),
);
const rounded = (costs) => Object.fromEntries(
  Object.entries(costs).map(([name, value]) => [name, Number(Math.max(0, value).toPrecision(3))]),
);

// What a delivery costs is what a webhook with one costs more than a webhook without.
const measureCosts = () => withStack('one-node', {}, async (stack, sink) => {
  const alone = await measure(stack, sink, receives);
  const receive = perOne(alone.used, alone.sent.accepted);
  await stack.addEndpoints(sink);
  const both = await measure(stack, sink, delivers(sink));
  const together = perOne(both.used, both.sent.accepted);
  const before = await countAll(stack);
  await pause(idleSeconds * 1000);
  const idle = perOne(difference(before, await countAll(stack)), idleSeconds);
  return { receive, deliver: difference(receive, together), idle };
});

function writeCosts(costs) {
  const file = path.join(root, 'docs', 'scaling.json');
  const kept = JSON.parse(fs.readFileSync(file, 'utf8'));
  const { received, delivered } = turnsFound['one-node'] ?? {};
  if (received) {
    costs.receive.roundTrips = received.postgres;
    costs.deliver.roundTrips = delivered.postgres - received.postgres;
    costs.deliver.redisSent = delivered.redis;
  }
  const measured = {
    basis: 'measured',
    date: new Date().toISOString().slice(0, 10),
    machine: `${os.availableParallelism()} cores, ${os.cpus()[0].model.trim()}`,
    ...Object.fromEntries(Object.entries(costs).map(([name, each]) => [
      name, { ...kept.measured[name], ...rounded(each) },
    ])),
  };
  fs.writeFileSync(file, `${JSON.stringify({ ...kept, measured }, null, 2)}\n`);
  console.log('docs/scaling.json is written; node docs/tools/scaling.mjs makes the tables');
}

async function partCosts() {
  const all = [];
  for (let i = 0; i < rounds; ++i) all.push(await measureCosts());
  const costs = {};
  for (const name of ['receive', 'deliver', 'idle']) {
    const fields = Object.keys(costFields);
    costs[name] = Object.fromEntries(
      fields.map((field) => [field, median(all.map((each) => each[name][field]))]),
    );
    const text = Object.entries(rounded(costs[name])).map(([field, v]) => `${field} ${v}`).join();
    console.log(`${name === 'idle' ? 'one idle second' : `to ${name} one`}: ${text}`);
  }
  if (options.write) writeCosts(costs);
}

const known = { speed: partSpeed, turns: partTurns, costs: partCosts };
const parts = new Set(options.parts.split(','));
for (const [wanted, there] of [[parts, known], [names, stacks]]) {
  const unknown = [...wanted].filter((each) => !there[each]);
  if (unknown.length === 0) continue;
  console.error(`there is no ${unknown}; there are ${Object.keys(there)}`);
  process.exit(2);
}
for (const part of Object.keys(known)) if (parts.has(part)) await known[part]();
process.exit(options.strict && !met ? 1 : 0);
