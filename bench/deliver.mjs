// How fast are signed webhooks received, stored and delivered, beside the usual Node stack? Rounds
// alternate between the servers, each started fresh, so that a noisy machine is noisy for both:
// only the ratios within one run mean anything.
//   ./dev bench deliver [--rounds 3] [--seconds 5] [--parts full,latency,dead,backlog,growth]
//                       [--backlog 1000000] [--strict]
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { parseArgs } from 'node:util';

import {
  apiKey, root, secret, startNode, startPostern, startSink, restartPostern,
} from './servers.mjs';

const { values: options } = parseArgs({
  options: {
    rounds: { type: 'string', default: '3' },
    seconds: { type: 'string', default: '5' },
    connections: { type: 'string', default: '64' },
    parts: { type: 'string', default: 'full,latency,dead,backlog,growth' },
    backlog: { type: 'string', default: '1000000' },
    strict: { type: 'boolean', default: false },
  },
});
const parts = new Set(options.parts.split(','));
const drainTimeoutMs = 180_000;
const program = (name) => path.join(root, 'build', 'release', 'bench', name);

function run(name, args) {
  const done = spawnSync(program(name), args, { encoding: 'utf8', maxBuffer: 1 << 24 });
  if (done.status !== 0) throw new Error(`${name}: ${done.stderr}`);
  return JSON.parse(done.stdout);
}

const loadArguments = ({ port, path: target }) => [
  '--port', String(port), '--path', target, '--secret', secret,
  '--connections', options.connections, '--warm-seconds', '0',
];
const load = (target, extra = []) =>
  run('load_generator', [...loadArguments(target), '--seconds', options.seconds, ...extra]);

const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));
const stats = async (sink) => (await fetch(`${sink.url}/stats`)).json();
const reset = (sink) => fetch(`${sink.url}/reset`, { method: 'POST' });

async function untilDelivered(sink, count) {
  const end = Date.now() + drainTimeoutMs;
  while (Date.now() < end) {
    const now = await stats(sink);
    if (now.delivered >= count) return now;
    await pause(5);
  }
  throw new Error(`only ${(await stats(sink)).delivered} of ${count} were delivered`);
}

async function addEndpoint(postern, url, more = {}) {
  const reply = await fetch(`${postern.url}/api/v2/webhook-endpoints`, {
    method: 'POST',
    headers: { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json' },
    body: JSON.stringify({ url, ...more }),
  });
  const endpoint = await reply.json();
  if (!reply.ok) throw new Error(JSON.stringify(endpoint));
  return endpoint;
}

async function posternWithSink(sink) {
  const postern = await startPostern();
  await addEndpoint(postern, `${sink.url}/ok`, { in_flight_max: 256 });
  return postern;
}

const starters = { postern: posternWithSink, node: (sink) => startNode('both', `${sink.url}/ok`) };

// Everything at once, and until the last one has arrived.
async function measureFull(name) {
  const sink = await startSink();
  const running = await starters[name](sink);
  try {
    const cpuBefore = running.server.cpuSeconds();
    const begin = Date.now();
    const sent = load(running);
    const end = await untilDelivered(sink, sent.accepted);
    const seconds = (Date.now() - begin) / 1000;
    return {
      delivered: Math.round(end.delivered / seconds),
      accepted: sent.accepted_per_second,
      cpuMicroseconds: ((running.server.cpuSeconds() - cpuBefore) * 1e6) / end.delivered,
      afterMib: running.server.residentMib(),
    };
  } finally {
    await running.server.stop();
    await sink.server.stop();
  }
}

async function latencyAt(postern, sink, rate) {
  await reset(sink);
  const sent = load(postern, ['--rate', String(rate)]);
  const end = await untilDelivered(sink, sent.accepted);
  return { p50Ms: end.p50_us / 1000, p99Ms: end.p99_us / 1000 };
}

async function measureLatency() {
  const sink = await startSink();
  const postern = await posternWithSink(sink);
  try {
    await latencyAt(postern, sink, 1000);
    return await latencyAt(postern, sink, 1000);
  } finally {
    await postern.server.stop();
    await sink.server.stop();
  }
}

// A second endpoint that fails always, with so many deliveries waiting for it.
async function measureDead(waiting) {
  const sink = await startSink();
  const postern = await posternWithSink(sink);
  try {
    const alone = await latencyAt(postern, sink, 1000);
    await addEndpoint(postern, `${sink.url}/fail`);
    await reset(sink);
    let sent = 0;
    while (sent < waiting) {
      sent += load(postern).accepted;
      await untilDelivered(sink, sent);
    }
    const beside = await latencyAt(postern, sink, 1000);
    return { alone, beside, waiting: sent };
  } finally {
    await postern.server.stop();
    await sink.server.stop();
  }
}

// Deliveries that wait for their retry, written straight into the store of a daemon that is down.
async function measureBacklog(count) {
  const sink = await startSink();
  let postern = await posternWithSink(sink);
  try {
    const empty = load(postern).accepted_per_second;
    const only = { event_types: ['dispute.closed'] };
    const waiting = await addEndpoint(postern, `${sink.url}/fail`, only);
    postern = await restartPostern(postern, () => {
      run('backlog', [
        '--data-dir', postern.dataFolder, '--endpoint', waiting.id, '--count', String(count),
      ]);
    });
    await reset(sink);
    const first = spawn(program('load_generator'), [
      ...loadArguments(postern), '--seconds', '1', '--rate', '10',
    ], { stdio: 'ignore' });
    await untilDelivered(sink, 1);
    const toFirstMs = Date.now() - postern.startedAt;
    if (first.exitCode === null) await once(first, 'exit');
    const residentMib = postern.server.residentMib();
    const cpuBefore = postern.server.cpuSeconds();
    const full = load(postern);
    return {
      toFirstMs,
      residentMib,
      residentAfterMib: postern.server.residentMib(),
      acceptRatio: full.accepted_per_second / empty,
      cpuMicroseconds: ((postern.server.cpuSeconds() - cpuBefore) * 1e6) / full.accepted,
    };
  } finally {
    await postern.server.stop();
    await sink.server.stop();
  }
}

// So many endpoints of one account, of which one wants what comes.
async function measureEndpoints(count) {
  const sink = await startSink();
  const postern = await posternWithSink(sink);
  try {
    for (let made = 1; made < count; made += 50) {
      await Promise.all(Array.from({ length: Math.min(50, count - made) }, () =>
        addEndpoint(postern, `${sink.url}/ok`, { event_types: ['payout.failed'] })));
    }
    await reset(sink);
    const cpuBefore = postern.server.cpuSeconds();
    const sent = load(postern);
    const end = await untilDelivered(sink, sent.accepted);
    return {
      accepted: sent.accepted_per_second,
      cpuMicroseconds: ((postern.server.cpuSeconds() - cpuBefore) * 1e6) / end.delivered,
      afterMib: postern.server.residentMib(),
    };
  } finally {
    await postern.server.stop();
    await sink.server.stop();
  }
}

function median(numbers) {
  const sorted = [...numbers].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

let met = true;
function judge(text, value, relation, wanted, digits = 2) {
  const good = relation === '>=' ? value >= wanted : value <= wanted;
  const verdict = good ? 'met   ' : 'missed';
  console.log(`${verdict}  ${text}: ${value.toFixed(digits)} (aim ${relation} ${wanted})`);
  met &&= good;
}

async function partFull() {
  const rounds = [];
  for (let i = 0; i < Number(options.rounds); ++i) {
    const round = {};
    for (const name of i % 2 ? ['node', 'postern'] : ['postern', 'node']) {
      round[name] = await measureFull(name);
      const { delivered, accepted, cpuMicroseconds, afterMib } = round[name];
      console.log(`round ${i + 1} ${name}: ${delivered} delivered/s, ${accepted} accepted/s, `
        + `${cpuMicroseconds.toFixed(1)} µs CPU each, ${afterMib.toFixed(0)} MiB`);
    }
    rounds.push(round);
  }
  const ratio = median(rounds.map((round) => round.postern.delivered / round.node.delivered));
  judge('delivered/s ÷ Node', ratio, '>=', 8);
}

async function partLatency() {
  const rounds = [];
  for (let i = 0; i < Number(options.rounds); ++i) rounds.push(await measureLatency());
  const p50 = median(rounds.map((round) => round.p50Ms));
  console.log(`accept to delivered at 1,000/s: p50 ${p50.toFixed(2)} ms`);
  judge('accept-to-delivered p99 at 1,000/s, ms', median(rounds.map((r) => r.p99Ms)), '<=', 25);
}

async function partDead() {
  const { alone, beside, waiting } = await measureDead(100_000);
  console.log(`p99 alone ${alone.p99Ms.toFixed(2)} ms, `
    + `beside a dead endpoint with ${waiting} waiting `
    + `${beside.p99Ms.toFixed(2)} ms`);
  judge('p99 beside a dead endpoint ÷ alone', beside.p99Ms / alone.p99Ms, '<=', 1.1);
}

async function partBacklog() {
  const most = Number(options.backlog);
  for (const count of [10_000, 100_000, most].filter((n, i, all) => all.indexOf(n) === i)) {
    const found = await measureBacklog(count);
    console.log(`${count} waiting: ${found.toFirstMs} ms from start to first delivery, `
      + `${found.residentMib.toFixed(0)} MiB (${found.residentAfterMib.toFixed(0)} after load), `
      + `accepts ${found.acceptRatio.toFixed(2)} of an empty store's rate, `
      + `${found.cpuMicroseconds.toFixed(1)} µs CPU each`);
    if (count !== most) continue;
    judge(`${count} waiting: resident memory, MiB`, found.residentMib, '<=', 150, 0);
    judge(`${count} waiting: restart to first delivery, ms`, found.toFirstMs, '<=', 2000, 0);
    judge(`${count} waiting: accept rate ÷ empty store`, found.acceptRatio, '>=', 0.9);
  }
}

async function partGrowth() {
  for (const count of [10, 100, 1_000, 10_000]) {
    const found = await measureEndpoints(count);
    console.log(`${count} endpoints: ${found.accepted} accepted/s, `
      + `${found.cpuMicroseconds.toFixed(1)} µs CPU for each delivery, `
      + `${found.afterMib.toFixed(0)} MiB`);
  }
}

const known = {
  full: partFull, latency: partLatency, dead: partDead, backlog: partBacklog, growth: partGrowth,
};
const unknown = [...parts].filter((part) => !known[part]);
if (unknown.length) {
  console.error(`no such part: ${unknown}; there are ${Object.keys(known)}`);
  process.exit(2);
}
for (const part of Object.keys(known)) if (parts.has(part)) await known[part]();
process.exit(options.strict && !met ? 1 : 0);
