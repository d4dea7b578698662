// How soon after space has returned to a full disk are webhooks taken again? A file fills a tmpfs
// of 16 MiB to its last block and is removed when webhooks are refused; the same daemon serves
// throughout. It takes root, to mount the tmpfs.
//   ./dev bench disk [--rounds 20] [--strict]
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';

import { signedWebhook, startHeldPostern } from './held_postern.mjs';

const { values: options } = parseArgs({
  options: {
    rounds: { type: 'string', default: '20' },
    strict: { type: 'boolean', default: false },
  },
});
const aimMs = 1000;
const askEveryMs = 5;

const disk = fs.mkdtempSync(path.join(os.tmpdir(), 'postern-bench-disk-'));
if (spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=16m', 'tmpfs', disk]).status !== 0) {
  console.error('a tmpfs cannot be mounted here: it takes root');
  fs.rmdirSync(disk);
  process.exit(2);
}
process.on('exit', () => {
  spawnSync('umount', ['--lazy', disk]);
  fs.rmdirSync(disk);
});

const filler = path.join(disk, 'filler');
function fillUp() {
  const file = fs.openSync(filler, 'w');
  try {
    for (;;) fs.writeSync(file, Buffer.alloc(64 * 1024, 'x'));
  } catch (error) {
    if (error.code !== 'ENOSPC') throw error;
  } finally {
    fs.closeSync(file);
  }
}

const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));
let next = 0;

async function post(postern) {
  const url = `http://127.0.0.1:${postern.port}${postern.path}`;
  const { headers, body } = signedWebhook(`evt_disk_${next++}`);
  const { 'content-length': _, ...others } = headers;
  const answer = await fetch(url, { method: 'POST', headers: others, body });
  await answer.arrayBuffer();
  return answer.status;
}

// How long until the answer is this one, in milliseconds.
async function until(postern, wanted) {
  const begun = performance.now();
  while ((await post(postern)) !== wanted) await pause(askEveryMs);
  return performance.now() - begun;
}

const postern = await startHeldPostern(path.join(disk, 'data'));
const took = [];
for (let i = 0; i < Number(options.rounds); ++i) {
  await until(postern, 200);
  fillUp();
  await until(postern, 503);
  fs.rmSync(filler);
  took.push(await until(postern, 200));
}
await postern.stop();

took.sort((a, b) => a - b);
const [median, longest] = [took[took.length >> 1], took.at(-1)];
console.log(`space back to webhooks taken, ms: median ${Math.round(median)}`);
const verdict = longest <= aimMs ? 'met   ' : 'missed';
console.log(`${verdict}  the longest of ${took.length}: ${Math.round(longest)} (aim <= ${aimMs})`);
process.exit(options.strict && longest > aimMs ? 1 : 0);
