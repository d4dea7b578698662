// How fast are signed webhooks accepted, beside nginx answering a constant and beside the usual
// Node stack? Rounds alternate between the servers, each started fresh and alone, so that a noisy
// machine is noisy for all of them: only the ratios within one run mean anything.
//   ./dev bench receive [--rounds 3] [--seconds 5] [--connections 64] [--servers a,b] [--strict]
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { parseArgs } from 'node:util';

import { root, secret, startNginx, startNode, startPostern } from './servers.mjs';

const { values: options } = parseArgs({
  options: {
    rounds: { type: 'string', default: '3' },
    seconds: { type: 'string', default: '5' },
    connections: { type: 'string', default: '64' },
    servers: { type: 'string', default: 'nginx,postern,node-accept,node-worker' },
    strict: { type: 'boolean', default: false },
  },
});

const starters = {
  nginx: startNginx,
  postern: startPostern,
  'node-accept': () => startNode('accept'),
  'node-worker': () => startNode('both'),
};

// Each aim judges the rounds: at least, or at most.
const aims = [
  ['accepted/s ÷ nginx', '>=', 0.3, (rounds) => ratio(rounds, 'nginx')],
  ['accepted/s ÷ Node, accepting only', '>=', 4, (rounds) => ratio(rounds, 'node-accept')],
  ['accepted/s ÷ Node with its worker', '>=', 15, (rounds) => ratio(rounds, 'node-worker')],
  ['p99 at half load, ms', '<=', 5, (rounds) => typical(rounds, 'postern', 'halfP99Ms')],
  ['resident memory idle, MiB', '<=', 40, (rounds) => typical(rounds, 'postern', 'idleMib')],
];

function load({ port, path: target }, extra = []) {
  const program = path.join(root, 'build', 'release', 'bench', 'load_generator');
  const run = spawnSync(program, [
    '--port', String(port), '--path', target, '--secret', secret,
    '--connections', options.connections, '--seconds', options.seconds, ...extra,
  ], { encoding: 'utf8' });
  if (run.status !== 0) throw new Error(`load_generator: ${run.stderr}`);
  return JSON.parse(run.stdout);
}

async function measure(name) {
  const running = await starters[name]();
  const { server } = running;
  try {
    await new Promise((resolve) => setTimeout(resolve, 1000));
    const idleMib = server.residentMib();
    const cpuBefore = server.cpuSeconds();
    const full = load(running);
    const cpu = server.cpuSeconds() - cpuBefore;
    const rate = Math.max(1, Math.floor(full.accepted_per_second / 2));
    const half = load(running, ['--rate', String(rate)]);
    return {
      accepted: full.accepted_per_second,
      refused: full.refused + full.broken + half.refused + half.broken,
      p50Ms: full.p50_us / 1000,
      p99Ms: full.p99_us / 1000,
      halfP50Ms: half.p50_us / 1000,
      halfP99Ms: half.p99_us / 1000,
      cpuMicroseconds: (cpu * 1e6) / Math.max(1, full.accepted),
      idleMib,
      afterMib: server.residentMib(),
    };
  } finally {
    await server.stop();
  }
}

function median(numbers) {
  const sorted = [...numbers].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

function typical(rounds, name, field) {
  const numbers = rounds.filter((round) => round[name]).map((round) => round[name][field]);
  return numbers.length ? median(numbers) : undefined;
}

function ratio(rounds, other) {
  const both = rounds.filter((round) => round.postern && round[other]);
  if (!both.length) return undefined;
  return median(both.map((round) => round.postern.accepted / Math.max(1, round[other].accepted)));
}

const columns = [
  ['accepted/s', 'accepted', 0],
  ['refused', 'refused', 0],
  ['p50 ms', 'p50Ms', 2],
  ['p99 ms', 'p99Ms', 2],
  ['half p50', 'halfP50Ms', 2],
  ['half p99', 'halfP99Ms', 2],
  ['CPU µs/req', 'cpuMicroseconds', 1],
  ['idle MiB', 'idleMib', 1],
  ['after MiB', 'afterMib', 1],
];

function printTable(rounds, names) {
  const width = 12;
  const titles = columns.map(([title]) => title.padStart(width)).join('');
  console.log(`\n${'median'.padEnd(width)}${titles}`);
  for (const name of names) {
    const cells = columns.map(([, field, digits]) => typical(rounds, name, field).toFixed(digits));
    console.log(`${name.padEnd(width)}${cells.map((cell) => cell.padStart(width)).join('')}`);
  }
  for (const name of names) {
    const rates = rounds.map((round) => round[name].accepted);
    console.log(`${name}: accepted/s from ${Math.min(...rates)} to ${Math.max(...rates)}`);
  }
}

// True when every aim that could be judged is met.
function printAims(rounds) {
  let met = true;
  console.log('');
  for (const [text, relation, wanted, of] of aims) {
    const value = of(rounds);
    if (value === undefined) continue;
    const good = relation === '>=' ? value >= wanted : value <= wanted;
    const verdict = good ? 'met   ' : 'missed';
    console.log(`${verdict}  ${text}: ${value.toFixed(2)} (aim ${relation} ${wanted})`);
    met &&= good;
  }
  return met;
}

const names = options.servers.split(',');
const unknown = names.filter((name) => !starters[name]);
if (unknown.length) {
  console.error(`no such server: ${unknown}; there are ${Object.keys(starters)}`);
  process.exit(2);
}
const rounds = [];
for (let i = 0; i < Number(options.rounds); ++i) {
  const round = {};
  for (let j = 0; j < names.length; ++j) {
    const name = names[(i + j) % names.length];
    round[name] = await measure(name);
    console.log(`round ${i + 1} ${name}: ${round[name].accepted} accepted/s`);
  }
  rounds.push(round);
}
printTable(rounds, names);
const met = printAims(rounds);
process.exit(options.strict && !met ? 1 : 0);
