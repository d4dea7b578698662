// Records docs/terminal.svg: a daemon of its own, the commands below as a reader would type them,
// and what they really answered. No script runs in the picture, and it loads nothing.
//
//     POSTERN_BINARY=build/postern node docs/tools/terminal.mjs [FILE]
import assert from 'node:assert/strict';
import fs from 'node:fs';
import http from 'node:http';
import os from 'node:os';
import path from 'node:path';
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');
const run = promisify(execFile);

export const place = path.join(root, 'docs/terminal.svg');

const kKey = 'sk_test_recorded000000000000000000';
const kColumns = 112;
const kLineHeight = 20;
const kCharacterWidth = 8.43;
const kMargin = 16;
const kCommandMilliseconds = 30_000;
const kLookEveryMilliseconds = 50;
const kLooksMax = 200;

// Answers are cut to the part that a glance takes in. One that has to be waited for is asked again
// until it looks as `until` says.
const kScenes = [
  { say: 'a shop subscribes' },
  { command: "postern endpoints create http://127.0.0.1:4242/hooks | grep -E '^(id|secret) '" },
  { say: 'a provider calls: signed, proved, on the disk before it is answered' },
  { command: 'postern send stripe payment.succeeded --amount 19.99 --currency EUR' },
  { command: 'postern send adyen refund.succeeded --amount 5.00 --currency EUR' },
  { say: 'nineteen providers, one vocabulary' },
  { command: 'postern events list' },
  { say: 'delivered, signed; what fails is tried again for three days' },
  { command: 'postern deliveries list $endpoint', until: /(.* delivered .*\n?){2}/ },
  { say: 'a stranger gets nothing' },
  { command: "curl -si -d '{}' http://127.0.0.1:8080/api/v2/webhooks/stripe | head -n 1" },
  { say: 'it takes payments: three calls with one key are one payment' },
  {
    command: 'for n in 1 2 3; do curl -s http://127.0.0.1:8080/v1/payment_intents -u $key: \\\n'
      + '    -H "Idempotency-Key: order-7" -d amount=1999 -d currency=usd \\\n'
      + '    -d payment_method=pm_card_visa -d confirm=true | grep -o \'"id":"pi_[^"]*"\'; done',
  },
];

// Resolves with { listen } when the daemon is ready.
async function startDaemon(binary, folder) {
  const env = {
    PATH: process.env.PATH,
    POSTERN_LISTEN: '127.0.0.1:0',
    POSTERN_ADMIN_LISTEN: '127.0.0.1:0',
    POSTERN_DATA_DIR: path.join(folder, 'data'),
    POSTERN_BOOTSTRAP_SECRET_KEY: kKey,
  };
  const stdio = ['ignore', 'ignore', 'pipe'];
  const child = spawn(binary, ['serve'], { cwd: folder, env, stdio });
  for await (const line of createInterface({ input: child.stderr })) {
    const [, listen] = /daemon\.ready listen=(\S+)/.exec(line) ?? [];
    if (listen) {
      child.stderr.resume();
      return { child, listen };
    }
  }
  throw new Error('the daemon ended before it was ready');
}

// A shop that takes everything.
async function startShop() {
  const shop = http.createServer((request, reply) => reply.end()).listen(0, '127.0.0.1');
  await once(shop, 'listening');
  return shop;
}

async function answerOf(command, { listen, folder, shop, endpoint }) {
  const env = {
    PATH: `${folder}:${process.env.PATH}`,
    POSTERN_LISTEN: listen,
    POSTERN_URL: `http://${listen}`,
    POSTERN_DATA_DIR: path.join(folder, 'data'),
    POSTERN_API_KEY: kKey,
    key: kKey,
    endpoint,
  };
  const places = { '127.0.0.1:8080': listen, ':4242': `:${shop.address().port}` };
  const script = command.replaceAll(/127\.0\.0\.1:8080|:4242/g, (shown) => places[shown]);
  const options = { cwd: folder, env, timeout: kCommandMilliseconds };
  const { stdout } = await run('bash', ['--norc', '-c', script], options);
  return stdout.trimEnd().split(/\r?\n/);
}

// [{ kind: 'comment' | 'command' | 'answer', text }] of a real run.
export async function recorded(binary) {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'postern-terminal-'));
  fs.symlinkSync(path.resolve(binary), path.join(folder, 'postern'));
  const { child, listen } = await startDaemon(path.resolve(binary), folder);
  const ended = new Promise((resolve) => child.once('exit', resolve));
  const shop = await startShop();
  const world = { listen, folder, shop, endpoint: '' };
  const lines = [];
  try {
    for (const scene of kScenes) {
      if (scene.say) lines.push({ kind: 'comment', text: `# ${scene.say}` });
      else lines.push(...(await sceneLines(scene, world)));
    }
  } finally {
    child.kill('SIGTERM');
    await ended;
    shop.closeAllConnections();
    shop.close();
    fs.rmSync(folder, { recursive: true, force: true });
  }
  return lines;
}

// Nothing tells a command's output to come, so it is looked at again after a moment.
async function settledAnswer({ command, until = /(?:)/ }, world) {
  for (let looks = 0; looks < kLooksMax; ++looks) {
    const answer = await answerOf(command, world);
    if (until.test(answer.join('\n'))) return answer;
    await new Promise((resolve) => setTimeout(resolve, kLookEveryMilliseconds));
  }
  throw new Error(`${command} never answered as it should`);
}

async function sceneLines(scene, world) {
  const { command } = scene;
  const answer = await settledAnswer(scene, world);
  assert.ok(answer.length > 0, command);
  world.endpoint ||= /we_[0-9a-f-]+/.exec(answer.join('\n'))?.[0] ?? '';
  return [
    ...command.split('\n').map((text, index) => ({
      kind: 'command',
      text: index === 0 ? `$ ${text}` : text,
    })),
    ...answer.map((text) => ({ kind: 'answer', text })),
  ];
}

const kEscapes = { '&': '&amp;', '<': '&lt;', '>': '&gt;' };
const escaped = (text) => text.replaceAll(/[&<>]/g, (one) => kEscapes[one]);
const cut = (text) => (text.length > kColumns ? `${text.slice(0, kColumns - 1)}…` : text);

export function drawn(lines) {
  const width = Math.ceil(kColumns * kCharacterWidth) + 2 * kMargin;
  const height = (lines.length + 1) * kLineHeight + 2 * kMargin;
  const rows = lines.map(({ kind, text }, index) => {
    const y = kMargin + (index + 2) * kLineHeight - 6;
    return `<text class="${kind}" x="${kMargin}" y="${y}">${escaped(cut(text))}</text>`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" role="img">
<title>Postern in a terminal</title>
<style>
text { font: 14px ui-monospace, "DejaVu Sans Mono", monospace; white-space: pre; fill: #c9d1d9; }
.comment { fill: #8b949e; }
.command { fill: #7ee787; }
</style>
<rect width="${width}" height="${height}" rx="8" fill="#0d1117"/>
<circle cx="20" cy="16" r="5" fill="#ff5f56"/>
<circle cx="38" cy="16" r="5" fill="#ffbd2e"/>
<circle cx="56" cy="16" r="5" fill="#27c93f"/>
${rows.join('\n')}
</svg>
`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const binary = process.env.POSTERN_BINARY ?? path.join(root, 'build/postern');
  fs.writeFileSync(process.argv[2] ?? place, drawn(await recorded(binary)));
}
