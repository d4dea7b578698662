// Several daemons over one PostgreSQL and, where a test wants it, one Redis.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { atEnd, spawnDaemon, temporaryFolder } from './daemon.mjs';
import { stripeGateway } from './stripe.mjs';
import { eventually } from './waiting.mjs';

const kNodes = 3;
export const database = 'postern';
// As long as a node may be gone before others take over what it served.
export const kLeaseMilliseconds = 10_000;

// What a node sent before it was killed may be read when it is dead, and later on a machine that is
// busy: but before its lease ends, when others send it again.
const kOnItsWayMilliseconds = 5_000;

const keyFile = (folder) => path.join(folder, 'data', 'secrets.key');

// The nodes of a cluster open each other's secrets.
export function shareKey(from, to) {
  fs.mkdirSync(path.dirname(keyFile(to)), { recursive: true, mode: 0o700 });
  fs.copyFileSync(keyFile(from), keyFile(to));
}

export class Cluster {
  #t;
  #options;
  nodes = []; // the daemons, with a hole where one is down
  folders = [];
  troubles = []; // when nodes were killed, or could not be reached
  faults = [];

  // `storageUrl` and `queueUrl` take the number of a node, whose way may lead over a relay.
  // `envOf` says what is set on one of them alone.
  constructor(t, { storageUrl, queueUrl, envOf, config = {}, env = {}, expectedErrors = [] }) {
    this.#t = t;
    this.#options = { storageUrl, queueUrl, envOf, config, env, expectedErrors };
    atEnd(t, () => this.#end());
  }

  environment(number) {
    const { storageUrl, queueUrl, envOf, env } = this.#options;
    const queue = queueUrl?.(number);
    return {
      POSTERN_STORAGE_URL: storageUrl(number),
      ...(queue && { POSTERN_QUEUE_URL: queue }),
      POSTERN_CLUSTER_NODE_NAME: `node-${number}`,
      ...env,
      ...envOf?.(number),
    };
  }

  // `program` is another one than the daemon under test.
  spawn(number, { program } = {}) {
    this.folders[number] ??= temporaryFolder(this.#t);
    const { config, expectedErrors } = this.#options;
    const daemon = spawnDaemon(this.#t, {
      folder: this.folders[number],
      config: { gateways: [stripeGateway], ...config },
      env: this.environment(number),
      expectedErrors,
      program,
    });
    daemon.number = number;
    daemon.exited.then(({ code, signal }) => {
      if (this.nodes[number] !== daemon) return;
      this.faults.push(`node ${number} ended by itself (${code ?? signal}):\n${daemon.log}`);
    });
    return daemon;
  }

  async start(number, options) {
    if (number > 0 && !this.folders[number]) {
      this.folders[number] = temporaryFolder(this.#t);
      shareKey(this.folders[0], this.folders[number]);
    }
    const daemon = this.spawn(number, options);
    try {
      await daemon.waitUntilReady();
    } catch (error) {
      await daemon.kill();
      throw error;
    }
    this.nodes[number] = daemon;
    return daemon;
  }

  // The first one makes the key of all.
  async startAll(count = kNodes) {
    if (!this.nodes[0]) await this.start(0);
    const others = Array.from({ length: count - 1 }, (_, i) => this.start(i + 1));
    await Promise.all(others);
    return this.nodes;
  }

  get running() {
    return this.nodes.filter(Boolean);
  }

  // Whatever makes that something may be sent again. A node that only lost its servers goes on
  // until its lease ends, and cannot put on record what came of it.
  trouble(lasts = kLeaseMilliseconds) {
    this.troubles.push({ at: Date.now(), lasts });
  }

  async kill(number) {
    const daemon = this.nodes[number];
    this.nodes[number] = undefined;
    this.trouble(kOnItsWayMilliseconds);
    await daemon.kill();
  }

  async stop(number) {
    const daemon = this.nodes[number];
    this.nodes[number] = undefined;
    await daemon.stop();
  }

  assertAllRun() {
    assert.deepEqual(this.faults, []);
  }

  async #end() {
    const running = this.running;
    this.nodes = [];
    const ended = await Promise.allSettled(running.map((daemon) => daemon.stop()));
    const failed = ended.find(({ status }) => status === 'rejected');
    if (failed) throw failed.reason;
    this.assertAllRun();
  }
}

// `queue` is a Redis, sentinels or a cluster of them, or nothing. `storageUrl` and `queueUrl` say
// otherwise where a node has another way there.
export async function startCluster(t, { postgres, queue, ...options }) {
  const { count = kNodes, name = database, ...rest } = options;
  await postgres.createDatabase(name);
  const cluster = new Cluster(t, {
    storageUrl: () => postgres.url(name),
    queueUrl: queue && (() => queue.url()),
    ...rest,
  });
  await cluster.startAll(count);
  return cluster;
}

// What a node says of itself: { status, json }.
export const readiness = (daemon) => daemon.private('/readyz');

export const isReady = async (daemon) => (await readiness(daemon)).status === 200;

// What every node that runs says of the cluster.
export const allSay = (cluster, what, holds) =>
  eventually(what, async () => {
    const told = await Promise.all(cluster.running.map(readiness));
    return told.every(({ json }) => holds(json.cluster));
  });

export const allKnowAll = (cluster) =>
  allSay(cluster, 'all members', ({ members }) => members.length === cluster.running.length);

export const allReady = (cluster) =>
  eventually('nodes that are ready', async () => {
    const ready = await Promise.all(cluster.running.map(isReady));
    return ready.every(Boolean);
  });
