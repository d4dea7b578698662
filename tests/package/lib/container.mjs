// What a container engine does with the image, without one: the root that the Containerfile copies
// is made here, and the program runs in it by chroot, as the Containerfile says.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { binary, outputOf, temporaryFolder } from './program.mjs';

const kPatienceMilliseconds = 60_000;
const fromRoot = (name) => fileURLToPath(new URL(`../../../${name}`, import.meta.url));
export const textOf = (name) => fs.readFileSync(fromRoot(name), 'utf8');

// What the last stage says, joined to whole lines.
const kStage = textOf('Containerfile').split(/^FROM scratch$/m)[1].replaceAll(/\\\n/g, ' ');
const instructions = (name) =>
  [...kStage.matchAll(new RegExp(`^${name} (.*)$`, 'gm'))].map(([, said]) => said);
export const instruction = (name) => instructions(name)[0];
const wordsOf = (name) => JSON.parse(/\[.*\]/.exec(instruction(name))[0]);
const kVariables = Object.fromEntries(instructions('ENV').map((one) => one.split('=')));

const kGateway = `
[[gateway]]
id = "stripe"
kind = "stripe"
mode = "sandbox"
webhook_secrets_file = "stripe-secrets"
`;

let assembled;
export function assembledRoot() {
  if (assembled) return assembled;
  assembled = fs.mkdtempSync(path.join(os.tmpdir(), 'postern-image-'));
  process.once('exit', () => fs.rmSync(assembled, { recursive: true, force: true }));
  outputOf(fromRoot('packaging/container/root.sh'), [binary(), assembled]);
  return assembled;
}

function within(what, promise) {
  let timer;
  const late = new Promise((_, reject) => {
    const error = new Error(`${what}: not within ${kPatienceMilliseconds} ms`);
    timer = setTimeout(() => reject(error), kPatienceMilliseconds);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

// One run of the daemon. Its log is JSON, a line each.
class Run {
  #lines = [];
  #waiting = [];

  constructor(child) {
    this.child = child;
    this.exited = once(child, 'exit').then(([code, signal]) => code ?? signal);
    child.stdout.resume();
    createInterface({ input: child.stderr }).on('line', (line) => this.#take(line));
  }

  #take(line) {
    this.#lines.push(line);
    const entry = JSON.parse(line);
    this.#waiting = this.#waiting.filter((waiter) => !waiter(entry));
  }

  // The next line of that name.
  said(...names) {
    const found = new Promise((resolve) => {
      this.#waiting.push((entry) => names.includes(entry.event) && (resolve(entry), true));
    });
    const ended = this.exited.then((how) => {
      throw new Error(`it ended with ${how} before it said ${names}\n${this.log}`);
    });
    return within(`${names}`, Promise.race([found, ended]));
  }

  get log() {
    return this.#lines.join('\n');
  }

  async post(gateway, { headers, body }) {
    const url = `http://${this.listen}/api/v2/webhooks/${gateway}`;
    const answer = await fetch(url, { method: 'POST', headers, body });
    await answer.arrayBuffer();
    return answer.status;
  }

  async stop() {
    this.child.kill(instruction('STOPSIGNAL'));
    assert.equal(await within('the end', this.exited), 0, this.log);
  }
}

// A container of the image, with what an engine adds: a volume, secrets, and a file of settings.
export class Container {
  constructor(t) {
    this.t = t;
    this.folder = temporaryFolder(t);
    fs.chmodSync(this.folder, 0o755);
    fs.cpSync(assembledRoot(), this.folder, { recursive: true, verbatimSymlinks: true });
    const volume = path.join(this.folder, instruction('VOLUME'));
    fs.mkdirSync(volume, { recursive: true });
    fs.chmodSync(volume, 0o700);
    fs.chownSync(volume, ...instruction('USER').split(':').map(Number));
    fs.appendFileSync(path.join(this.folder, kVariables.POSTERN_CONFIG), kGateway);
  }

  setSecrets(...secrets) {
    const folder = path.join(this.folder, kVariables.CREDENTIALS_DIRECTORY);
    fs.mkdirSync(folder, { recursive: true });
    fs.writeFileSync(path.join(folder, 'stripe-secrets'), secrets.join('\n'));
  }

  // chroot becomes the program, so its process is the program's.
  #arguments(words) {
    return [`--userspec=${instruction('USER')}`, this.folder, ...words];
  }

  async start() {
    const child = spawn('chroot', this.#arguments([...wordsOf('ENTRYPOINT'), ...wordsOf('CMD')]), {
      env: {
        PATH: process.env.PATH,
        ...kVariables,
        POSTERN_LISTEN: '127.0.0.1:0',
        POSTERN_ADMIN_LISTEN: '127.0.0.1:0',
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.t.after(() => child.kill('SIGKILL'));
    const run = new Run(child);
    Object.assign(run, await run.said('daemon.ready'));
    return run;
  }

  #run(words, env) {
    return spawnSync('chroot', this.#arguments(words), {
      env: { PATH: process.env.PATH, ...kVariables, ...env },
      encoding: 'utf8',
      maxBuffer: 64 * 1024 * 1024,
    });
  }

  postern(...words) {
    return this.#run([...wordsOf('ENTRYPOINT'), ...words], {});
  }

  checkHealth({ admin }) {
    return this.#run(wordsOf('HEALTHCHECK'), { POSTERN_ADMIN_URL: `http://${admin}` });
  }
}
