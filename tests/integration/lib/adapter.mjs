// How crash.mjs and powercut.mjs talk to Postern.
import fs from 'node:fs';
import http from 'node:http';
import os from 'node:os';
import path from 'node:path';
import { spawnSync } from 'node:child_process';
import { binary, environment, secretKey } from './daemon.mjs';
import { stripeGateway, stripePath, stripeWebhook } from './stripe.mjs';
import { toToml } from './toml.mjs';

// The tools hand their own environment on to the daemon, which takes a name of the tests for a
// misspelt setting.
const program = binary();
for (const name of Object.keys(process.env)) {
  if (name.startsWith('POSTERN_')) delete process.env[name];
}

// Outside the state: a power cut does not take the operator's configuration along.
const configFolder = fs.mkdtempSync(path.join(os.tmpdir(), 'postern-adapter-'));
const configFile = path.join(configFolder, 'postern.toml');
fs.writeFileSync(
  configFile,
  toToml({ gateways: [stripeGateway], storage: { reserve_mib: 1, low_water_mib: 1 } }),
);
process.on('exit', () => fs.rmSync(configFolder, { recursive: true, force: true }));

const agent = new http.Agent({ keepAlive: true, maxSockets: 4 });

function get(url) {
  return new Promise((resolve, reject) => {
    const headers = { authorization: `Bearer ${secretKey}` };
    const request = http.get(url, { headers, agent, timeout: 10_000 }, (response) => {
      const chunks = [];
      response.on('data', (chunk) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () => {
        const text = Buffer.concat(chunks).toString();
        if (response.statusCode !== 200) return reject(new Error(`${response.statusCode} ${text}`));
        resolve(JSON.parse(text));
      });
    });
    request.on('timeout', () => request.destroy(new Error('timeout')));
    request.on('error', reject);
  });
}

// The newest first, which shows all at once on every store; answered with the oldest first.
async function listAll(base, list) {
  const items = [];
  for (let cursor = ''; ;) {
    const page = await get(`${base}/api/v2/${list}?limit=100${cursor}`);
    items.push(...page.data);
    if (!page.has_more) return items.reverse();
    cursor = `&cursor=${encodeURIComponent(page.next_cursor)}`;
  }
}

export default {
  path: stripePath,
  start: ({ dir, port }) => ({
    cmd: program,
    args: ['serve', '--config', configFile],
    env: environment({
      POSTERN_LISTEN: `127.0.0.1:${port}`,
      POSTERN_DATA_DIR: path.join(dir, 'data'),
    }),
  }),
  sign: (i) => ({ id: `evt_${i}`, ...stripeWebhook(`evt_${i}`) }),

  // Received webhooks, each of which must have made exactly the one event that points back at it:
  // what has no partner is listed under a name that nobody ever sent.
  async listEvents(base) {
    const [received, events] = [await listAll(base, 'inbox'), await listAll(base, 'events')];
    const eventOf = new Map(events.map((event) => [event.id, event]));
    const listed = received.map((item) => {
      const event = item.event_ids.length === 1 ? eventOf.get(item.event_ids[0]) : undefined;
      const whole = event?.gateway_event_id === item.gateway_event_id;
      return {
        id: whole ? item.gateway_event_id : `unmatched ${item.id}`,
        sha256: item.body_sha256,
      };
    });
    if (events.length !== received.length)
      listed.push({ id: `${events.length - received.length} events more` });
    return listed;
  },

  // After the daemon has gone; where no sqlite3 is installed nothing is said.
  integrity(dir) {
    const file = path.join(dir, 'data', 'postern.db');
    if (!fs.existsSync(file)) return `no ${file}`;
    const check = spawnSync('sqlite3', [file, 'PRAGMA integrity_check'], { encoding: 'utf8' });
    if (check.error) return null;
    return check.stdout.trim() === 'ok' ? null : check.stdout + check.stderr;
  },
};
