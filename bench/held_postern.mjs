// A postern whose listening sockets another process keeps, as the service manager does.
import { spawn } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';

import { apiKey, posternConfiguration, root, secret } from './servers.mjs';

const holder = path.join(root, 'tests', 'integration', 'lib', 'hold_sockets.pl');

// Lines as they come, each waited for once, in their order.
class Lines {
  #lines = [];
  #waiting;

  constructor(stream) {
    createInterface({ input: stream }).on('line', (line) => {
      this.#lines.push({ line, at: performance.now() });
      this.#waiting?.();
    });
  }

  async next(pattern) {
    for (;;) {
      const place = this.#lines.findIndex(({ line }) => pattern.test(line));
      if (place >= 0) return this.#lines.splice(0, place + 1).at(-1);
      await new Promise((resolve) => {
        this.#waiting = resolve;
      });
    }
  }
}

class HeldPostern {
  path = '/api/v2/webhooks/stripe';

  constructor(child, folder) {
    this.child = child;
    this.folder = folder;
    this.said = new Lines(child.stdout);
    this.log = new Lines(child.stderr);
    // Whatever ends this process ends what it started.
    process.on('exit', () => {
      child.kill('SIGTERM'); // it hands it on
      fs.rmSync(folder, { recursive: true, force: true });
    });
  }

  async run() {
    this.child.stdin.write('run\n');
    return this.#started();
  }

  async #started() {
    const started = await this.said.next(/^started /);
    this.pid = Number(started.line.split(' ')[1]);
    const ready = await this.log.next(/daemon\.ready |cannot_start|^postern: /);
    if (!/daemon\.ready /.test(ready.line)) throw new Error(ready.line);
    return ready.at - started.at;
  }

  // { endedMs, readyMs }: from the order to the end, and from the start to readiness.
  async restart() {
    const ordered = performance.now();
    this.child.stdin.write('run\n');
    process.kill(this.pid, 'SIGTERM');
    const ended = await this.said.next(/^ended /);
    const readyMs = await this.#started();
    return { endedMs: ended.at - ordered, readyMs };
  }

  async stop() {
    const gone = once(this.child, 'exit');
    this.child.kill('SIGTERM');
    await gone;
  }
}

// `dataFolder`: where its store is, else a new one that goes with it.
export async function startHeldPostern(dataFolder) {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'postern-bench-held-'));
  const file = path.join(folder, 'postern.toml');
  fs.writeFileSync(file, posternConfiguration);
  const { POSTERN_BINARY: program = path.join(root, 'build', 'postern'), ...environment } =
    process.env;
  const command = [program, 'serve', '--config', file];
  const child = spawn('perl', [holder, 'public,private', ...command], {
    cwd: folder,
    env: {
      ...environment,
      POSTERN_DATA_DIR: dataFolder ?? path.join(folder, 'data'),
      POSTERN_BOOTSTRAP_SECRET_KEY: apiKey,
      POSTERN_API_RATE_LIMITS: 'false',
    },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  const postern = new HeldPostern(child, folder);
  const { line } = await postern.said.next(/^socket public /);
  postern.port = Number(line.split(' ')[2]);
  await postern.run();
  return postern;
}

export function signedWebhook(id) {
  const body = JSON.stringify({
    id,
    object: 'event',
    created: 1_780_000_000,
    livemode: false,
    type: 'payment_intent.succeeded',
    data: { object: { id: `pi_${id}`, object: 'payment_intent', amount: 1, currency: 'usd' } },
  });
  const seconds = Math.floor(Date.now() / 1000);
  const digest = createHmac('sha256', secret).update(`${seconds}.${body}`).digest('hex');
  const signature = { 'stripe-signature': `t=${seconds},v1=${digest}` };
  const headers = { 'content-type': 'application/json', ...signature };
  return { body, headers: { ...headers, 'content-length': Buffer.byteLength(body) } };
}
