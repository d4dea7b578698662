// Computes how many machines a load needs from what one webhook costs. The costs are in
// docs/scaling.json, where `./dev bench cluster --write` puts what it measured; what a machine is
// taken to be stands there as well.
//   node docs/tools/scaling.mjs                 writes the tables of docs/SCALING.md
//   node docs/tools/scaling.mjs 25000 [deliveriesPerWebhook=3 …]   prints them for one rate
import fs from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';

const docs = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
export const place = path.join(docs, 'SCALING.md');
const rates = [1_000, 10_000, 100_000, 1_000_000];
const million = 1e6;

const readModel = () => JSON.parse(fs.readFileSync(path.join(docs, 'scaling.json'), 'utf8'));

// What one webhook with its deliveries costs, or what a second of them does at a rate.
function costOf({ measured, chosen }, field) {
  const attempts = chosen.deliveriesPerWebhook * chosen.attemptsPerDelivery;
  return measured.receive[field] + attempts * measured.deliver[field];
}

// Everything that a rate uses, in machines' worths, before it is rounded up.
export function needsOf(model, rate) {
  const { chosen } = model;
  const cores = (field) => (rate * costOf(model, field)) / million / chosen.coreFactor;
  const underWay =
    rate * chosen.deliveriesPerWebhook * chosen.attemptsPerDelivery * chosen.answerSeconds;
  return {
    daemonCpu: cores('daemonMicroseconds') / (chosen.daemonCores * chosen.daemonShare),
    inFlight: underWay / chosen.inFlightPerDaemon,
    postgresCpu: cores('postgresMicroseconds') / (chosen.postgresCores * chosen.postgresShare),
    walMegabytes: (rate * costOf(model, 'walBytes')) / million,
    redisCpu: cores('redisMicroseconds') / chosen.redisShare,
    diskBytesDaily: rate * 86_400 * costOf(model, 'tableBytes'),
    networkBits: rate * (1 + chosen.deliveriesPerWebhook) * chosen.bodyBytes * 8,
  };
}

// One PostgreSQL with the nodes and the Redis around it is a cell. Each has one node more than it
// needs, and two at least, so that one may be away.
export function planOf(model, rate) {
  const { chosen } = model;
  const needs = needsOf(model, rate);
  const wal = needs.walMegabytes / chosen.walMegabytesPerSecond;
  const daemonsNeeded = Math.max(needs.daemonCpu, needs.inFlight);
  const byNodes = daemonsNeeded / (chosen.nodesPerDatabaseMax - 1);
  const cells = Math.ceil(Math.max(needs.postgresCpu, wal, byNodes));
  const daemonsEach = Math.ceil(daemonsNeeded / cells) + 1;
  const redisEach = Math.max(1, Math.ceil(needs.redisCpu / cells));
  const daemonShare = (need) => need / cells / (daemonsEach - 1);
  const used = {
    'CPU of nodes': daemonShare(needs.daemonCpu),
    'deliveries under way': daemonShare(needs.inFlight),
    'CPU of PostgreSQL': needs.postgresCpu / cells,
    'PostgreSQL\'s log': wal / cells,
    'CPU of Redis': needs.redisCpu / cells / redisEach,
  };
  return { cells, daemons: cells * daemonsEach, redis: cells * redisEach, needs, used };
}

const whole = (number) => Math.round(number).toLocaleString('en-US');
const digits = (number) => Number(number.toPrecision(2)).toLocaleString('en-US');
const percent = (share) => `${Math.round(share * 100)} %`;
const row = (cells) => `| ${cells.join(' | ')} |`;
const table = (titles, rows) =>
  [row(titles), row(['---', ...titles.slice(1).map(() => '---:')]), ...rows.map(row)].join('\n');

function machinesTable(model, wanted) {
  return table(
    [
      'webhooks/s', 'nodes', 'PostgreSQL', 'Redis', 'log, MB/s', 'tables, GB/day',
      'network, Gbit/s',
    ],
    wanted.map((rate) => {
      const { cells, daemons, redis, needs } = planOf(model, rate);
      return [
        whole(rate), whole(daemons), whole(cells), whole(redis), digits(needs.walMegabytes),
        digits(needs.diskBytesDaily / 1e9), digits(needs.networkBits / 1e9),
      ];
    }),
  );
}

function fullnessTable(model, wanted) {
  const names = Object.keys(planOf(model, wanted[0]).used);
  return table(
    ['webhooks/s', ...names, 'next to be short'],
    wanted.map((rate) => {
      const { used } = planOf(model, rate);
      const [next] = Object.entries(used).sort(([, a], [, b]) => b - a)[0];
      return [whole(rate), ...names.map((name) => percent(used[name])), next];
    }),
  );
}

const costNames = [
  ['CPU of a node, µs', 'daemonMicroseconds'],
  ['CPU of PostgreSQL, µs', 'postgresMicroseconds'],
  ['CPU of Redis, µs', 'redisMicroseconds'],
  ['PostgreSQL\'s log, bytes', 'walBytes'],
  ['tables and indexes, bytes', 'tableBytes'],
  ['transactions that write', 'transactions'],
  ['round trips to PostgreSQL', 'roundTrips'],
  ['commands that Redis runs', 'redisCommands'],
  ['commands sent to Redis', 'redisSent'],
];
const shown = (number) => (number === undefined ? '' : number.toLocaleString('en-US'));

function costsTable({ measured: { receive, deliver, idle } }) {
  return table(
    ['', 'to receive one', 'to deliver one', 'a second without work'],
    costNames.map(([text, field]) => [
      text, ...[receive, deliver, idle].map((each) => shown(each[field])),
    ]),
  );
}

const basisOf = ({ measured: { basis, date, machine } }) =>
  basis === 'measured'
    ? `Measured on ${date} with ${machine}, one node, both databases and the load on it.`
    : `**Estimated** on ${date}, not measured: \`./dev bench cluster --write\` replaces them.`;

const chosenText = ({ chosen }) => [
  `Deliveries of a webhook: ${chosen.deliveriesPerWebhook}, attempts of each: `
    + `${chosen.attemptsPerDelivery}.`,
  `Seconds until an endpoint answers: ${chosen.answerSeconds}, bytes of a request: `
    + `${whole(chosen.bodyBytes)}.`,
  `A node: ${chosen.daemonCores} cores, ${whole(chosen.inFlightPerDaemon)} deliveries under way.`,
  `PostgreSQL: ${chosen.postgresCores} cores, and a disk that takes `
    + `${chosen.walMegabytesPerSecond} MB of log a second.`,
  `Of the CPUs ${percent(chosen.daemonShare)} (nodes), ${percent(chosen.postgresShare)} `
    + `(PostgreSQL) and ${percent(chosen.redisShare)} of one core (Redis) are planned with.`,
].map((line) => `- ${line}`).join('\n');

const parts = {
  costs: (model) => `${basisOf(model)}\n\n${costsTable(model)}`,
  machines: (model, wanted) => `${chosenText(model)}\n\n${machinesTable(model, wanted)}`,
  fullness: fullnessTable,
};

// What stands between the marks of a part is replaced.
export function scalingPage() {
  const model = readModel();
  return Object.entries(parts).reduce((page, [name, write]) => {
    const marks = [`<!-- ${name}: docs/tools/scaling.mjs -->`, `<!-- /${name} -->`];
    const [begin, end] = marks.map((mark) => page.indexOf(mark));
    if (begin < 0 || end < begin) throw new Error(`docs/SCALING.md has no marks of ${name}`);
    const head = page.slice(0, begin + marks[0].length);
    return `${head}\n\n${write(model, rates)}\n\n${page.slice(end)}`;
  }, fs.readFileSync(place, 'utf8'));
}

function printOne([rate, ...settings]) {
  const model = readModel();
  for (const [name, value] of settings.map((each) => each.split('='))) {
    if (!(name in model.chosen) || !Number(value)) throw new Error(`${name}: unknown or no number`);
    model.chosen[name] = Number(value);
  }
  if (!(Number(rate) > 0)) throw new Error('the rate is webhooks a second, as a number');
  const wanted = [Number(rate)];
  console.log(`${parts.machines(model, wanted)}\n\n${fullnessTable(model, wanted)}`);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const settings = process.argv.slice(2);
  if (settings.length > 0) printOne(settings);
  else fs.writeFileSync(place, scalingPage());
}
