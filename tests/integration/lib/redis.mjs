// Redis servers of the tests' own: one, three masters as a cluster, or a master and its replica
// watched by three sentinels.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { atEnd, whenProcessEnds } from './endings.mjs';
import { freePort, startOnFreePort } from './ports.mjs';
import { ServerProcess, output } from './server_process.mjs';
import { eventually } from './waiting.mjs';

const kReady = /Ready to accept connections|\+monitor|Sentinel ID is/;
const kMasters = 3;
const kSentinels = 3;
const kQuorum = 2;
const kMasterName = 'postern';
const kNoticedMilliseconds = 1_000;
const kFailoverMilliseconds = 5_000;

export class Redis {
  #server;
  #lines;
  #args;
  #written;

  constructor({ folder, port, lines = [], args = [], password, user }) {
    Object.assign(this, { folder, port, password, user });
    this.#lines = lines;
    this.#args = args;
  }

  // Only before the first start on a port: Redis and its sentinels write there what they learned.
  #writeConfiguration() {
    if (this.#written === this.port) return;
    this.#written = this.port;
    const own = [`port ${this.port}`, 'bind 127.0.0.1', `dir ${this.folder}`, 'daemonize no'];
    const lines = [...own, ...this.#lines].join('\n');
    fs.writeFileSync(path.join(this.folder, 'redis.conf'), `${lines}\n`, { mode: 0o600 });
  }

  async start() {
    this.#writeConfiguration();
    const file = path.join(this.folder, 'redis.conf');
    const options = { cwd: this.folder };
    this.#server = new ServerProcess('redis-server', [file, ...this.#args], options);
    await this.#server.ready(kReady);
  }

  get log() {
    return this.#server.log;
  }

  get pid() {
    return this.#server.child.pid;
  }

  get isRunning() {
    return this.#server.isRunning;
  }

  // With nothing written to a disk, it comes back empty.
  kill() {
    return this.#server.end('SIGKILL');
  }

  async restart() {
    await this.kill();
    await this.start();
  }

  freeze() {
    return this.#server.freeze();
  }

  thaw() {
    return this.#server.thaw();
  }

  // What redis-cli shows of the answer.
  command(...args) {
    const who = this.user ? ['--user', this.user] : [];
    const env = { PATH: process.env.PATH, ...(this.password && { REDISCLI_AUTH: this.password }) };
    const place = ['-h', '127.0.0.1', '-p', `${this.port}`, '-e', ...who];
    return output('redis-cli', [...place, ...args], { env });
  }

  async keys(pattern = '*') {
    return (await this.command('KEYS', pattern)).split('\n').filter(Boolean);
  }

  flush() {
    return this.command('FLUSHALL');
  }

  // How many commands it has carried out since it started.
  async commandsDone() {
    const told = await this.command('INFO', 'stats');
    return Number(/total_commands_processed:(\d+)/.exec(told)[1]);
  }

  // `port` is where a relay stands in between.
  url({ port = this.port } = {}) {
    return `redis://${credentials(this)}127.0.0.1:${port}`;
  }

  async end() {
    await this.#server?.thaw();
    await this.#server?.end('SIGKILL');
    this.endAtOnce();
  }

  endAtOnce() {
    fs.rmSync(this.folder, { recursive: true, force: true, maxRetries: 3 });
  }
}

const credentials = ({ user = '', password }) => (password ? `${user}:${password}@` : '');

async function prepared(t, options) {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'postern-redis-'));
  const server = new Redis({ folder, port: await freePort(), ...options });
  const callOff = whenProcessEnds(() => server.endAtOnce());
  atEnd(t, () => server.end().finally(callOff));
  return server;
}

const kMemoryOnly = ['save ""', 'appendonly no'];

// A password alone is that of the default user; with a user it is his, and nobody else gets in.
function accessLines({ user, password }) {
  if (!password) return [];
  if (!user) return [`requirepass ${password}`, `masterauth ${password}`];
  return ['user default off', `user ${user} on >${password} ~* &* +@all -@admin +config|get`];
}

export async function startRedis(t, { user, password, lines = [] } = {}) {
  const all = [...kMemoryOnly, ...accessLines({ user, password }), ...lines];
  const server = await prepared(t, { user, password, lines: all });
  await startOnFreePort(server);
  return server;
}

export class RedisCluster {
  constructor(masters) {
    this.masters = masters;
  }

  url() {
    return `redis+cluster://${this.masters.map(({ port }) => `127.0.0.1:${port}`).join(',')}`;
  }

  async create() {
    const places = this.masters.map(({ port }) => `127.0.0.1:${port}`);
    await output('redis-cli', ['--cluster', 'create', ...places, '--cluster-yes']);
    await this.whole();
  }

  // Until every master that runs finds the cluster in this state.
  async whole(state = 'ok') {
    const running = this.masters.filter(({ isRunning }) => isRunning);
    await eventually(`a cluster that is ${state}`, async () => {
      const told = await Promise.all(running.map((each) => each.command('CLUSTER', 'INFO')));
      return told.every((text) => text.includes(`cluster_state:${state}`));
    });
  }

  async keys(pattern) {
    const running = this.masters.filter(({ isRunning }) => isRunning);
    return (await Promise.all(running.map((each) => each.keys(pattern)))).flat();
  }

  flush() {
    return Promise.all(this.masters.map((each) => each.flush()));
  }
}

// Without `wholeOnly` the slots of the masters that are left are served on when one is away.
export async function startRedisCluster(t, { wholeOnly = false } = {}) {
  const masters = [];
  for (let i = 0; i < kMasters; i += 1) {
    const lines = [
      ...kMemoryOnly,
      'cluster-enabled yes',
      `cluster-port ${await freePort()}`,
      `cluster-node-timeout ${kNoticedMilliseconds}`,
      `cluster-require-full-coverage ${wholeOnly ? 'yes' : 'no'}`,
    ];
    masters.push(await prepared(t, { lines }));
  }
  await Promise.all(masters.map((master) => startOnFreePort(master)));
  const cluster = new RedisCluster(masters);
  await cluster.create();
  return cluster;
}

export class RedisSentinels {
  constructor({ servers, sentinels, password }) {
    Object.assign(this, { servers, sentinels, password });
  }

  url() {
    const places = this.sentinels.map(({ port }) => `127.0.0.1:${port}`).join(',');
    return `redis+sentinel://${credentials(this)}${places}/${kMasterName}`;
  }

  async #masterAt(sentinel) {
    const told = await sentinel.command('SENTINEL', 'get-master-addr-by-name', kMasterName);
    return Number(told.split('\n')[1]);
  }

  // Whom the sentinels that run agree upon, or nobody.
  async master() {
    const running = this.sentinels.filter(({ isRunning }) => isRunning);
    const ports = await Promise.all(running.map((each) => this.#masterAt(each)));
    const agreed = ports.every((port) => port === ports[0]);
    return agreed ? this.servers.find(({ port }) => port === ports[0]) : undefined;
  }

  // Until another server than this one is the master, and takes writes.
  newMaster(old) {
    return eventually('a new master', async () => {
      const master = await this.master();
      if (!master?.isRunning || master === old) return undefined;
      const role = await master.command('ROLE').catch(() => '');
      return role.startsWith('master') ? master : undefined;
    });
  }

  // Until the other server is the replica of this one, and has what it has.
  followed(master) {
    const replica = this.servers.find((server) => server !== master);
    return eventually('a replica that is in step', async () =>
      (await replica.command('INFO', 'replication')).includes('master_link_status:up'),
    );
  }

  // A master that was killed comes back behind the one that took its place. The sentinels would
  // see to that too, but leave it alone for ten seconds first.
  async takeBack(old) {
    const master = await this.newMaster(old);
    await old.start();
    await old.command('REPLICAOF', '127.0.0.1', `${master.port}`);
    await this.followed(master); // or nobody could take over from it
  }

  // An orderly change of the master, as for maintenance.
  async failover() {
    const old = await this.master();
    await this.sentinels[0].command('SENTINEL', 'failover', kMasterName);
    return this.newMaster(old);
  }
}

function sentinelLines(master, password) {
  return [
    `sentinel monitor ${kMasterName} 127.0.0.1 ${master.port} ${kQuorum}`,
    `sentinel down-after-milliseconds ${kMasterName} ${kNoticedMilliseconds}`,
    `sentinel failover-timeout ${kMasterName} ${kFailoverMilliseconds}`,
    ...(password ? [`sentinel auth-pass ${kMasterName} ${password}`] : []),
  ];
}

async function assertWatched(group) {
  const [master] = group.servers;
  await group.followed(master);
  const known = new RegExp(`slaves=1,sentinels=${kSentinels}$`, 'm');
  await eventually('sentinels that know each other', async () => {
    const told = group.sentinels.map((each) => each.command('INFO', 'sentinel'));
    return (await Promise.all(told)).every((text) => known.test(text.replaceAll('\r', '')));
  });
  return master;
}

export async function startRedisSentinels(t, { password } = {}) {
  const master = await startRedis(t, { password });
  const replica = await startRedis(t, {
    password,
    lines: [`replicaof 127.0.0.1 ${master.port}`],
  });
  const sentinels = [];
  for (let i = 0; i < kSentinels; i += 1) {
    const lines = sentinelLines(master, password);
    const sentinel = await prepared(t, { lines, args: ['--sentinel'] });
    await startOnFreePort(sentinel);
    sentinels.push(sentinel);
  }
  const group = new RedisSentinels({ servers: [master, replica], sentinels, password });
  await assertWatched(group);
  return group;
}
