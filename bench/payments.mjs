// How fast are payments made and confirmed, each durable before its answer leaves, beside the usual
// Node and PostgreSQL stack? Rounds alternate between the servers, each started fresh, so that a
// noisy machine is noisy for both: only the ratios within one run mean anything. And how long does
// a page of a list or of a search take with so many payments in the store, by the client's clock?
//   ./dev bench payments [--rounds 3] [--seconds 6] [--connections 64] [--parts create,lists]
//                        [--payments 1000000] [--requests 200] [--store DIR] [--quick] [--strict]
// --store keeps the store of the lists for the next run; --quick is about two minutes.
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import { parseArgs } from 'node:util';

import {
  apiKey, paymentConfiguration, restartPostern, root, startNodePayments, startPostern,
} from './servers.mjs';

const { values: options } = parseArgs({
  options: {
    rounds: { type: 'string' },
    seconds: { type: 'string' },
    connections: { type: 'string', default: '64' },
    parts: { type: 'string', default: 'create,lists' },
    payments: { type: 'string' },
    requests: { type: 'string' },
    store: { type: 'string' },
    quick: { type: 'boolean', default: false },
    strict: { type: 'boolean', default: false },
  },
});
const number = (name, normal, quick) => Number(options[name] ?? (options.quick ? quick : normal));
const rounds = number('rounds', 3, 2);
const seconds = number('seconds', 6, 4);
const payments = number('payments', 1_000_000, 200_000);
const requests = number('requests', 200, 100);
const passCount = 3;

function run(name, args) {
  const program = path.join(root, 'build', 'release', 'bench', name);
  const done = spawnSync(program, args, { encoding: 'utf8', maxBuffer: 1 << 24 });
  if (done.status !== 0) throw new Error(`${name}: ${done.stderr}`);
  return JSON.parse(done.stdout);
}

function quantile(sorted, share) {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];
}
const ascending = (numbers) => [...numbers].sort((a, b) => a - b);
const median = (numbers) => quantile(ascending(numbers), 0.5);

let met = true;
function judge(text, value, relation, wanted, digits = 2) {
  const good = relation === '>=' ? value >= wanted : value <= wanted;
  const verdict = good ? 'met   ' : 'missed';
  console.log(`${verdict}  ${text}: ${value.toFixed(digits)} (aim ${relation} ${wanted})`);
  met &&= good;
}

// ---------------------------------------------------------------- create and confirm

const starters = {
  postern: () => startPostern(undefined, paymentConfiguration),
  node: startNodePayments,
};

async function measureCreate(name) {
  const { server, port } = await starters[name]();
  try {
    const cpuBefore = server.cpuSeconds();
    const done = run('load_generator', [
      '--kind', 'payment', '--port', String(port), '--path', '/v1/payment_intents',
      '--secret', apiKey, '--connections', options.connections, '--seconds', String(seconds),
    ]);
    if (done.refused + done.broken > 0) throw new Error(`${name} refused: ${JSON.stringify(done)}`);
    return {
      rate: done.accepted_per_second,
      p50Ms: done.p50_us / 1000,
      p99Ms: done.p99_us / 1000,
      cpuMicroseconds: ((server.cpuSeconds() - cpuBefore) * 1e6) / done.accepted,
    };
  } finally {
    await server.stop();
  }
}

async function partCreate() {
  const found = [];
  for (let i = 0; i < rounds; ++i) {
    const round = {};
    for (const name of i % 2 ? ['node', 'postern'] : ['postern', 'node']) {
      round[name] = await measureCreate(name);
      const { rate, p50Ms, p99Ms, cpuMicroseconds } = round[name];
      console.log(`round ${i + 1} ${name}: ${rate} created and confirmed/s, `
        + `p50 ${p50Ms.toFixed(1)} ms, p99 ${p99Ms.toFixed(1)} ms, `
        + `${cpuMicroseconds.toFixed(0)} µs CPU each`);
    }
    found.push(round);
  }
  const ratios = found.map((round) => round.postern.rate / round.node.rate);
  judge('created and confirmed/s ÷ Node with PostgreSQL', median(ratios), '>=', 5);
}

// ---------------------------------------------------------------- lists

// One connection, one request at a time.
class Client {
  constructor(port) {
    this.port = port;
    this.agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
  }

  get(target) {
    return new Promise((resolve, reject) => {
      const options = {
        port: this.port, path: target, agent: this.agent,
        headers: { authorization: `Bearer ${apiKey}` },
      };
      const started = process.hrtime.bigint();
      http.get(options, (reply) => {
        const parts = [];
        reply.on('data', (part) => parts.push(part));
        reply.on('error', reject);
        reply.on('end', () => {
          const ms = Number(process.hrtime.bigint() - started) / 1e6;
          const body = Buffer.concat(parts).toString('utf8');
          if (reply.statusCode !== 200) reject(new Error(`${target}: ${body}`));
          else resolve({ ms, body });
        });
      }).on('error', reject);
    });
  }

  async json(target) {
    return JSON.parse((await this.get(target)).body);
  }
}

// What the payments of the backlog are like: see payment_backlog.cpp.
const halfYearSeconds = 180 * 86_400;
const shops = 100;
const random = (below) => Math.floor(Math.random() * below);
const query = (parameters) => new URLSearchParams(parameters).toString();

// Payments of a range of amounts in another order, or of a time, are counted and walked to.
const walked = '/api range of amounts,';

// Each kind gives a new request at each call, so that no two are alike where that can be.
async function kindsOfList(client) {
  const now = Math.floor(Date.now() / 1000);
  const moment = () => now - 86_400 - random(halfYearSeconds - 2 * 86_400);
  const iso = (at) => new Date(at * 1000).toISOString();
  const intents = '/v1/payment_intents';
  const deep = await Promise.all(Array.from({ length: 40 }, async () => {
    const parameters = { limit: 1, 'created[lt]': now - halfYearSeconds + 1 + random(86_400) };
    const page = await client.json(`${intents}?${query(parameters)}`);
    return page.data[0]?.id;
  }));
  const cursors = deep.filter(Boolean);
  const { data: customers } = await client.json('/v1/customers?limit=100');
  const customer = () => customers[random(customers.length)].id;
  const pick = (list) => list[random(list.length)];
  const list = (parameters) => `${intents}?${query({ limit: 20, ...parameters })}`;
  const search = (text) => `${intents}/search?${query({ limit: 20, query: text })}`;
  const pages = (parameters) => `/api/v1/payments?${query({ per_page: 20, ...parameters })}`;
  const deepPage = (share) => Math.floor((payments * share) / 20 * (0.9 + 0.1 * Math.random()));
  const statuses = ['succeeded', 'failed', 'processing', 'canceled'];
  const gateways = ['stripe', 'airwallex', 'wechatpay', 'alipay'];
  const amount = () => (50 + random(4_000)).toFixed(2);
  return [
    ['/v1 first page', () => list({})],
    ['/v1 deep cursor', () => list({ starting_after: pick(cursors) }), '/v1 first page'],
    ['/v1 created range',
      () => { const from = moment();
        return list({ 'created[gte]': from, 'created[lt]': from + 86_400 }); }],
    ['/v1 customer', () => list({ customer: customer() })],
    ['/v1 search metadata, one', () => search(`metadata["order"]:"${random(payments)}"`)],
    ['/v1 search metadata, many', () => search(`metadata["shop"]:"${random(shops)}"`)],
    ['/v1 search status', () => search(`status:"${pick(['succeeded', 'processing'])}"`)],
    ['/v1 search status and amount',
      () => search(`status:"canceled" AND amount>${random(400_000) + 1_000}`)],
    ['/v1 search amount range',
      () => { const low = random(400_000);
        return search(`amount>${low} AND amount<${low + 500}`); }],
    ['/v1 search currency', () => search(`currency:"${pick(['eur', 'gbp'])}"`)],
    ['/v1 search customer', () => search(`customer:"${customer()}" AND status:"succeeded"`)],
    ['/api first page', () => pages({})],
    ['/api deep page', () => pages({ page: deepPage(1) }), '/api first page'],
    ['/api status', () => pages({ status: pick(statuses) })],
    ['/api status, deep', () => pages({ status: 'failed', page: deepPage(0.05) }), '/api status'],
    ['/api gateway', () => pages({ gateway: pick(gateways) })],
    ['/api gateway, deep',
      () => pages({ gateway: pick(gateways), page: deepPage(0.24) }), '/api gateway'],
    ['/api customer', () => pages({ customer_id: customer() })],
    ['/api order_id', () => pages({ order_id: `order_${random(payments)}` })],
    ['/api time', () => { const at = moment(); return pages({
      created_after: iso(at), created_before: iso(at + 86_400) }); }],
    ['/api time, deep', () => pages({
      created_before: iso(moment()), order: 'asc', page: 10 + random(50) }), '/api time'],
    ['/api by amount', () => pages({ sort: 'amount' })],
    ['/api by amount, deep', () => pages({ sort: 'amount', page: deepPage(0.9) }),
      '/api by amount'],
    ['/api status by amount', () => pages({ sort: 'amount', status: 'succeeded' })],
    ['/api status by amount, deep',
      () => pages({ sort: 'amount', status: 'succeeded', page: deepPage(0.8) }),
      '/api status by amount'],
    ['/api least amount', () => pages({ min_amount: amount() })],
    [`${walked} deep`, () => pages({ min_amount: '2500.00', page: deepPage(0.2) })],
    [`${walked} in a week`, () => { const at = moment(); return pages({
      status: 'succeeded', gateway: pick(gateways), min_amount: amount(), sort: 'amount',
      created_after: iso(at), created_before: iso(at + 7 * 86_400) }); }],
  ];
}

async function measureList(client, request) {
  const taken = [];
  for (let i = 0; i < 10; ++i) await client.get(request());
  for (let i = 0; i < requests; ++i) taken.push((await client.get(request())).ms);
  const sorted = ascending(taken);
  return { p50: quantile(sorted, 0.5), p99: quantile(sorted, 0.99) };
}

// Each kind has its turn in each of some passes, and the median of them counts: what else the
// machine does for a moment is then not taken for the server's doing.
async function measureLists(client) {
  const kinds = await kindsOfList(client);
  const passes = kinds.map(() => []);
  for (let pass = 0; pass < passCount; ++pass) {
    for (const [i, [, request]] of kinds.entries()) {
      passes[i].push(await measureList(client, request));
    }
  }
  const found = {};
  console.log(`${''.padEnd(30)}${'p50 ms'.padStart(10)}${'p99 ms'.padStart(10)}`);
  for (const [i, [name, , shallow]] of kinds.entries()) {
    const [p50, p99] = ['p50', 'p99'].map((key) => median(passes[i].map((pass) => pass[key])));
    found[name] = { p50, p99, shallow };
    console.log(`${name.padEnd(30)}${[p50, p99].map((ms) => ms.toFixed(2).padStart(10)).join('')}`);
  }
  return found;
}

async function storeOfPayments() {
  if (options.store && fs.existsSync(options.store)) {
    return startPostern(options.store, paymentConfiguration);
  }
  if (options.store) fs.mkdirSync(options.store, { recursive: true, mode: 0o700 });
  const empty = await startPostern(options.store, paymentConfiguration);
  return restartPostern(empty, () => {
    const begun = Date.now();
    run('payment_backlog', ['--data-dir', empty.dataFolder, '--count', String(payments)]);
    console.log(`${payments} payments written in ${((Date.now() - begun) / 1000).toFixed(0)} s`);
  }, paymentConfiguration);
}

async function partLists() {
  const postern = await storeOfPayments();
  try {
    const found = await measureLists(new Client(postern.port));
    const slowest = Object.entries(found).sort(([, a], [, b]) => b.p99 - a.p99);
    for (const ranges of [false, true]) {
      const [name, { p99 }] = slowest.find(([name]) => name.startsWith(walked) === ranges);
      judge(`slowest p99 at ${payments} payments, ms (${name})`, p99, '<=', 5);
    }
    const growths = Object.entries(found).filter(([, each]) => each.shallow)
      .map(([name, each]) => [name, each.p50 / found[each.shallow].p50]);
    const [name, most] = growths.sort(([, a], [, b]) => b - a)[0];
    judge(`p50 of a deep page ÷ of the first (${name})`, most, '<=', 2);
  } finally {
    await postern.server.stop();
  }
}

const known = { create: partCreate, lists: partLists };
const parts = new Set(options.parts.split(','));
const unknown = [...parts].filter((part) => !known[part]);
if (unknown.length) {
  console.error(`no such part: ${unknown}; there are ${Object.keys(known)}`);
  process.exit(2);
}
for (const part of Object.keys(known)) if (parts.has(part)) await known[part]();
process.exit(options.strict && !met ? 1 : 0);
