// What do those who post webhooks notice of restarts? Another process keeps the listening sockets,
// as the service manager does, and the daemon is started again and again under load. Half of the
// clients keep their connection, half open one for each webhook.
//   ./dev bench restart [--restarts 10] [--clients 16] [--seconds 2] [--strict]
import http from 'node:http';
import { parseArgs } from 'node:util';

import { signedWebhook, startHeldPostern } from './held_postern.mjs';
import { apiKey } from './servers.mjs';

const { values: options } = parseArgs({
  options: {
    restarts: { type: 'string', default: '10' },
    clients: { type: 'string', default: '16' },
    seconds: { type: 'string', default: '2' },
    strict: { type: 'boolean', default: false },
  },
});
const restarts = Number(options.restarts);
const betweenMs = Number(options.seconds) * 1000;

const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));
const seen = { acknowledged: [], waitsMs: [], refused: 0, broken: 0, other: 0 };
let going = true;
let next = 0;

function ask(port, agent, { method, path, headers, body }) {
  return new Promise((resolve, reject) => {
    const request = http.request({ host: '127.0.0.1', port, agent, method, path, headers });
    request.on('error', reject);
    request.on('response', (response) => {
      const chunks = [];
      response.on('data', (chunk) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () =>
        resolve({ status: response.statusCode, text: Buffer.concat(chunks).toString() }));
    });
    request.end(body);
  });
}

async function client(postern, number) {
  const agent = new http.Agent({ keepAlive: number % 2 === 0, maxSockets: 1 });
  while (going) {
    const id = `evt_restart_${next++}`;
    const webhook = signedWebhook(id);
    const begun = performance.now();
    try {
      const request = { method: 'POST', path: postern.path, ...webhook };
      const answer = await ask(postern.port, agent, request);
      if (answer.status === 200) seen.acknowledged.push(id);
      else seen.other += 1;
    } catch (error) {
      if (error.code === 'ECONNREFUSED') seen.refused += 1;
      else seen.broken += 1;
    }
    seen.waitsMs.push(performance.now() - begun);
  }
  agent.destroy();
}

// How many webhooks were acknowledged in that time, a second.
async function rateDuring(work) {
  const [before, begun] = [seen.acknowledged.length, performance.now()];
  await work();
  const seconds = (performance.now() - begun) / 1000;
  return (seen.acknowledged.length - before) / seconds;
}

async function storedIds(postern) {
  const ids = new Set();
  const headers = { authorization: `Bearer ${apiKey}` };
  for (let cursor = ''; cursor !== undefined;) {
    const path = `/api/v2/events?limit=100${cursor ? `&cursor=${cursor}` : ''}`;
    const answer = await ask(postern.port, undefined, { method: 'GET', path, headers });
    const page = JSON.parse(answer.text);
    for (const event of page.data) ids.add(event.gateway_event_id);
    cursor = page.has_more ? encodeURIComponent(page.next_cursor) : undefined;
  }
  return ids;
}

async function restartAgainAndAgain(postern) {
  const took = [];
  for (let i = 0; i < restarts; ++i) {
    took.push(await postern.restart());
    await pause(betweenMs);
  }
  return took;
}

const whole = (number) => Math.round(number);
const postern = await startHeldPostern();
const clients = Array.from({ length: Number(options.clients) }, (_, i) => client(postern, i));
await pause(betweenMs);
const calm = await rateDuring(() => pause(betweenMs));
const longestCalmMs = Math.max(...seen.waitsMs);
let took = [];
const restless = await rateDuring(async () => {
  took = await restartAgainAndAgain(postern);
});
going = false;
await Promise.all(clients);
const stored = await storedIds(postern);
const lost = seen.acknowledged.filter((id) => !stored.has(id)).length;
await postern.stop();

const all = (field) => took.map((one) => one[field]);
console.log(`webhooks acknowledged           ${seen.acknowledged.length}, in ${restarts} restarts`);
console.log(`  a second, without restarts    ${whole(calm)}`);
console.log(`  a second, with restarts       ${whole(restless)}`);
console.log(`connections refused             ${seen.refused}`);
console.log(`connections broken              ${seen.broken}`);
console.log(`answers other than 200          ${seen.other}`);
console.log(`acknowledged and lost           ${lost}`);
console.log(`longest wait of a client, ms    ${whole(Math.max(...seen.waitsMs))}`);
console.log(`  without restarts              ${whole(longestCalmMs)}`);
for (const [title, field] of [['order to end', 'endedMs'], ['start to ready', 'readyMs']]) {
  const numbers = all(field);
  const middle = whole(numbers.sort((a, b) => a - b)[numbers.length >> 1]);
  const most = whole(Math.max(...numbers));
  console.log(`from ${title}, ms`.padEnd(32) + `${middle}, at most ${most}`);
}
const bad = seen.refused + seen.broken + seen.other + lost;
console.log(bad === 0 ? 'met     nobody was refused, nothing was lost' : 'missed  see above');
process.exit(options.strict && bad > 0 ? 1 : 0);
