// A real daemon in a folder of its own, on ports that the system chooses.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { assertDescribed } from './described.mjs';
import { atEnd, temporaryFolder, whenProcessEnds } from './endings.mjs';
import { keepLog, noteSecrets } from './kept.mjs';
import { storeEnvironment } from './store.mjs';
import { toToml } from './toml.mjs';
import { within } from './waiting.mjs';

export { atEnd, temporaryFolder } from './endings.mjs';
export { within } from './waiting.mjs';

export const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../../..');
export const secretKey = 'sk_test_integration0123456789abcdef';
export const restrictedKey = 'rk_test_integration0123456789abcdef';
export const scale = Number(process.env.POSTERN_TEST_SCALE ?? 1);

const kReadyMilliseconds = 60_000;
const kStopMilliseconds = 60_000;
const kRequestMilliseconds = 60_000;

export function binary() {
  const places = ['build/release/daemon/postern', 'build/dev/daemon/postern', 'build/postern'];
  const candidates = process.env.POSTERN_BINARY
    ? [process.env.POSTERN_BINARY]
    : places.map((place) => path.join(root, place));
  const found = candidates.find((candidate) => fs.existsSync(candidate));
  if (!found) throw new Error(`no daemon at ${candidates.join(', ')}; build it first`);
  return path.resolve(found);
}

// The same daemon as a next version of it: with one more migration.
export function nextBinary() {
  const next = path.resolve(path.dirname(binary()), '../tests/tools/postern_next');
  if (!fs.existsSync(next)) throw new Error(`no next version at ${next}; build it first`);
  return next;
}

export function environment(extra = {}) {
  return {
    PATH: process.env.PATH,
    POSTERN_LISTEN: '127.0.0.1:0',
    POSTERN_ADMIN_LISTEN: '127.0.0.1:0',
    POSTERN_BOOTSTRAP_SECRET_KEY: secretKey,
    POSTERN_BOOTSTRAP_RESTRICTED_KEY: restrictedKey,
    POSTERN_API_RATE_LIMITS: 'false', // tests ask faster than merchants may
    ...(extra.POSTERN_STORAGE_URL ? {} : storeEnvironment(extra.POSTERN_DATA_DIR)),
    ...extra,
  };
}

export class Daemon {
  #lines = [];
  #rest = '';
  #waiting = [];
  #stopped = false;

  constructor(child, { folder, expectedErrors }) {
    this.child = child;
    this.folder = folder;
    this.expectedErrors = expectedErrors;
    this.exited = once(child, 'exit').then(([code, signal]) => ({ code, signal }));
    // A connection each: a kept one may be closed as idle just when it is used again.
    this.agent = new http.Agent({ keepAlive: false, maxSockets: 64 });
    child.once('exit', whenProcessEnds(() => child.kill('SIGKILL')));
    child.once('close', () => keepLog(folder, this.log));
    child.stderr.setEncoding('utf8');
    child.stderr.on('data', (text) => this.#read(text));
    child.stdout.resume();
  }

  #read(text) {
    const parts = (this.#rest + text).split('\n');
    this.#rest = parts.pop();
    for (const line of parts) {
      this.#lines.push(line);
      this.#waiting = this.#waiting.filter((waiter) => !waiter(line));
    }
  }

  get log() {
    return [...this.#lines, this.#rest].join('\n');
  }

  // The first line that matches, of those already written and those to come.
  logLine(pattern) {
    const earlier = this.#lines.find((line) => pattern.test(line));
    return earlier === undefined ? this.nextLogLine(pattern) : Promise.resolve(earlier);
  }

  // The first line that matches, of those to come.
  nextLogLine(pattern) {
    const found = new Promise((resolve) => {
      this.#waiting.push((line) => pattern.test(line) && (resolve(line), true));
    });
    return within(kReadyMilliseconds, `log line ${pattern}`, found);
  }

  async waitUntilReady() {
    const ended = this.exited.then(({ code, signal }) => {
      throw new Error(`the daemon ended before it was ready (${code ?? signal}):\n${this.log}`);
    });
    ended.catch(() => {});
    const line = await Promise.race([this.logLine(/daemon\.ready /), ended]);
    const address = (name) => new RegExp(` ${name}=(\\S+)`).exec(line)?.[1];
    this.listen = address('listen');
    this.admin = address('admin');
    this.tls = address('tls');
    this.port = Number(this.listen.split(':').at(-1));
    this.tlsPort = this.tls ? Number(this.tls.split(':').at(-1)) : undefined;
  }

  // A whole exchange: { status, headers, text, json }, which must be as it is described.
  async request(method, target, options = {}) {
    const answer = await this.#exchange(method, target, options);
    const isPrivate = options.base !== undefined && options.base === this.admin;
    if (!isPrivate) assertDescribed({ method, target, ...options }, answer);
    return answer;
  }

  #exchange(method, target, { headers = {}, body, base = this.listen }) {
    noteSecrets(headers.authorization);
    const [host, port] = base.split(':');
    const bytes = body === undefined ? undefined : Buffer.from(body);
    const length = bytes ? { 'content-length': bytes.length } : {};
    const options = { host, port, method, path: target, agent: this.agent };
    const exchange = new Promise((resolve, reject) => {
      const request = http.request(
        { ...options, headers: { ...length, ...headers } },
        (response) => {
          const chunks = [];
          response.on('data', (chunk) => chunks.push(chunk));
          response.on('error', reject);
          response.on('end', () => {
            const answer = toAnswer(response, Buffer.concat(chunks));
            noteSecrets(answer.text);
            resolve(answer);
          });
        },
      );
      request.on('error', reject);
      request.end(bytes);
    });
    return within(kRequestMilliseconds, `${method} ${target}`, exchange);
  }

  get(target, { key = secretKey, headers = {}, ...rest } = {}) {
    const authorization = key ? { authorization: `Bearer ${key}` } : {};
    return this.request('GET', target, { headers: { ...authorization, ...headers }, ...rest });
  }

  post(target, { key = secretKey, headers = {}, body = '', ...rest } = {}) {
    const authorization = key ? { authorization: `Bearer ${key}` } : {};
    return this.request('POST', target, {
      headers: { ...authorization, ...headers },
      body,
      ...rest,
    });
  }

  webhook(gateway, { headers = {}, body, query = '' }) {
    return this.request('POST', `/api/v2/webhooks/${gateway}${query}`, { headers, body });
  }

  private(target) {
    return this.request('GET', target, { base: this.admin });
  }

  // Every item of a list, page after page.
  async listAll(target, { limit = 100, ...parameters } = {}) {
    const items = [];
    let cursor;
    do {
      const query = new URLSearchParams({ limit, ...parameters, ...(cursor ? { cursor } : {}) });
      const answer = await this.get(`${target}?${query}`);
      assert.equal(answer.status, 200, answer.text);
      items.push(...answer.json.data);
      cursor = answer.json.has_more ? answer.json.next_cursor : undefined;
    } while (cursor);
    return items;
  }

  // Whole items: the lists may show less than the single record does.
  async inbox() {
    const items = await this.listAll('/api/v2/inbox');
    return Promise.all(items.map(async ({ id }) => (await this.get(`/api/v2/inbox/${id}`)).json));
  }

  events(parameters) {
    return this.listAll('/api/v2/events', parameters);
  }

  async metric(name, labels = {}) {
    const { text } = await this.private('/metrics');
    const wanted = Object.entries(labels).map(([label, of]) => `${label}="${of}"`);
    const line = text
      .split('\n')
      .find((each) => each.startsWith(name) && wanted.every((label) => each.includes(label)));
    return line === undefined ? undefined : Number(line.split(' ').at(-1));
  }

  async kill() {
    this.#stopped = true;
    this.child.kill('SIGKILL');
    this.agent.destroy();
    await this.exited;
  }

  // An orderly end, and then the log must hold no error that the test did not foresee.
  async stop({ signal = 'SIGTERM' } = {}) {
    if (this.#stopped) return;
    this.#stopped = true;
    this.agent.destroy();
    this.child.kill(signal);
    try {
      const { code, signal: killedBy } = await within(kStopMilliseconds, 'the end', this.exited);
      assert.equal(code ?? killedBy, 0, `exit of the daemon\n${this.log}`);
    } finally {
      this.child.kill('SIGKILL');
    }
    this.assertNoErrors();
  }

  assertNoErrors() {
    const errors = this.log
      .split('\n')
      .filter((line) => / (error|critical) /.test(line))
      .filter((line) => !this.expectedErrors.some((pattern) => pattern.test(line)));
    assert.deepEqual(errors, [], 'error lines in the log');
  }
}

function toAnswer(response, bytes) {
  const text = bytes.toString();
  const answer = { status: response.statusCode, headers: response.headers, bytes, text };
  if (/json/.test(response.headers['content-type'] ?? '') && text !== '') {
    answer.json = JSON.parse(text);
  }
  return answer;
}

// Runs `postern serve` without waiting for it. `folder` is given to start again on the state of an
// earlier daemon.
export function spawnDaemon(t, options = {}) {
  const { config = {}, env = {}, expectedErrors = [], folder = temporaryFolder(t) } = options;
  const { program = binary() } = options;
  const configFile = path.join(folder, 'postern.toml');
  fs.writeFileSync(configFile, toToml(config), { mode: 0o600 });
  noteSecrets(toToml(config));
  const child = spawn(program, ['serve', '--config', configFile], {
    cwd: folder,
    env: environment({ POSTERN_DATA_DIR: path.join(folder, 'data'), ...env }),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  return new Daemon(child, { folder, expectedErrors });
}

// Starts a daemon, waits until it is ready, and stops it when the test ends.
export async function startDaemon(t, options = {}) {
  const daemon = spawnDaemon(t, options);
  try {
    await daemon.waitUntilReady();
  } catch (error) {
    daemon.child.kill('SIGKILL');
    throw error;
  }
  atEnd(t, () => daemon.stop());
  return daemon;
}
