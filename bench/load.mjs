// Webhooks from several generators at once, and the sink where their deliveries end.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';

import { pause, root } from './processes.mjs';
import { secret } from './servers.mjs';

const program = path.join(root, 'build', 'release', 'bench', 'load_generator');
const drainTimeoutMs = 180_000;

async function generate({ port, path: target }, { connections, seconds, rate }) {
  const child = spawn(program, [
    '--port', String(port), '--path', target, '--secret', secret, '--warm-seconds', '0',
    '--connections', String(connections), '--seconds', String(seconds), '--rate', String(rate),
  ]);
  const parts = { stdout: '', stderr: '' };
  for (const name of Object.keys(parts)) {
    child[name].setEncoding('utf8').on('data', (text) => { parts[name] += text; });
  }
  const [code] = await once(child, 'close');
  if (code !== 0) throw new Error(`load_generator: ${parts.stderr}`);
  return JSON.parse(parts.stdout);
}

// The connections, and the rate if there is one, are shared out evenly; every stack gets as many
// generators.
export async function load(targets, { connections, seconds, rate = 0, generators = 8 }) {
  const each = {
    connections: Math.max(1, Math.round(connections / generators)),
    seconds,
    rate: Math.ceil(rate / generators),
  };
  const runs = Array.from({ length: generators }, (_, i) =>
    generate(targets[i % targets.length], each));
  const all = await Promise.all(runs);
  const sum = (field) => all.reduce((total, one) => total + one[field], 0);
  return {
    accepted: sum('accepted'),
    acceptedPerSecond: sum('accepted_per_second'),
    failed: sum('refused') + sum('broken'),
    p50Ms: sum('p50_us') / all.length / 1000,
    p99Ms: Math.max(...all.map((one) => one.p99_us)) / 1000,
  };
}

const stats = async (sink) => (await fetch(`${sink.url}/stats`)).json();
export const reset = (sink) => fetch(`${sink.url}/reset`, { method: 'POST' });

export async function untilDelivered(sink, count) {
  const end = Date.now() + drainTimeoutMs;
  while (Date.now() < end) {
    const now = await stats(sink);
    if (now.delivered >= count) return now;
    await pause(10);
  }
  throw new Error(`only ${(await stats(sink)).delivered} of ${count} were delivered`);
}
