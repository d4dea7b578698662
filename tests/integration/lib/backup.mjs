// Backups by command, and webhooks that come in meanwhile.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { execFile } from 'node:child_process';
import { binary } from './daemon.mjs';
import { stripeWebhook } from './stripe.mjs';
import { within } from './waiting.mjs';

const kCommandMilliseconds = 120_000;
const kMoreMilliseconds = 120_000;
const kOutputBytesMax = 256 << 20;

export const dataOf = (folder) => path.join(folder, 'data');

// Runs to the end: { code, stdout, stderr }, the first as bytes.
export function run(args, { input } = {}) {
  const options = {
    env: { PATH: process.env.PATH },
    timeout: kCommandMilliseconds,
    maxBuffer: kOutputBytesMax,
    encoding: 'buffer',
  };
  return new Promise((resolve) => {
    const child = execFile(binary(), args, options, (error, stdout, stderr) =>
      resolve({ code: error ? error.code : 0, stdout, stderr: `${stderr}` }),
    );
    child.stdin.on('error', () => {}); // a command that refuses reads no further
    child.stdin.end(input);
  });
}

export const backup = (daemon, file) => run(['backup', file, '--data-dir', dataOf(daemon.folder)]);

export const restore = (file, folder, { options = [], input } = {}) =>
  run(['restore', file, '--data-dir', dataOf(folder), ...options], { input });

export async function backedUp(daemon, file) {
  const { code, stderr } = await backup(daemon, file);
  assert.equal(code, 0, stderr);
  return stderr;
}

export async function restored(file, folder, settings) {
  const { code, stdout, stderr } = await restore(file, folder, settings);
  assert.equal(code, 0, stderr);
  return `${stdout}`;
}

// What a backup does not hold, and a daemon on the restored store needs.
export function bringKey(from, to) {
  fs.mkdirSync(dataOf(to), { recursive: true, mode: 0o700 });
  fs.copyFileSync(path.join(dataOf(from), 'secrets.key'), path.join(dataOf(to), 'secrets.key'));
}

// Posts webhooks until it is stopped. `acknowledged` grows as the answers come.
export class WebhookLoad {
  acknowledged = [];
  #next = 0;
  #stopping = false;
  #waiting = [];

  constructor(daemon, { clients = 4 } = {}) {
    this.done = Promise.all(Array.from({ length: clients }, () => this.#post(daemon)));
  }

  async #post(daemon) {
    while (!this.#stopping) {
      const id = `evt_load_${this.#next++}`;
      const answer = await daemon.webhook('stripe', stripeWebhook(id));
      if (answer.status === 503) continue; // of a busy disk: it is not acknowledged
      assert.equal(answer.status, 200, answer.text);
      this.acknowledged.push(id);
      this.#waiting = this.#waiting.filter((waiter) => !waiter());
    }
  }

  // When so many more than now have been acknowledged.
  more(count) {
    const wanted = this.acknowledged.length + count;
    const reached = new Promise((resolve) => {
      this.#waiting.push(() => this.acknowledged.length >= wanted && (resolve(), true));
    });
    const either = Promise.race([this.done, reached]);
    return within(kMoreMilliseconds, `${count} more acknowledged`, either);
  }

  async stop() {
    this.#stopping = true;
    await this.done;
  }
}
