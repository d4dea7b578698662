// PostgreSQL servers of the tests' own, each in a folder of its own and on a port of its own.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { atEnd, whenProcessEnds } from './endings.mjs';
import { freePort, startOnFreePort } from './ports.mjs';
import { ServerProcess, idsOfUser, output } from './server_process.mjs';
import { eventually } from './waiting.mjs';

const kAdministrator = 'postgres';
const kVersions = '/usr/lib/postgresql';
const kReady = /database system is ready to accept/;
const kStops = { smart: 'SIGTERM', fast: 'SIGINT', immediate: 'SIGQUIT' };
const kSettings = {
  listen_addresses: '127.0.0.1',
  max_connections: 300,
  shared_buffers: '64MB',
  log_line_prefix: '',
};
// Nothing here outlives its machine, and syncs are what a run would wait for.
const kCareless = { fsync: 'off', full_page_writes: 'off' };

// Debian keeps the programs of each version beside each other, and off the path.
function programFolder() {
  const versions = fs.existsSync(kVersions) ? fs.readdirSync(kVersions) : [];
  const newest = versions.map(Number).sort((one, other) => other - one)[0];
  return newest ? path.join(kVersions, `${newest}`, 'bin') : undefined;
}

const programs = programFolder();
const program = (name) => (programs ? path.join(programs, name) : name);

// The server refuses to be run by root.
const owner = process.getuid() === 0 ? idsOfUser(kAdministrator) : {};

function newFolder() {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'postern-postgres-'));
  if (owner.uid !== undefined) fs.chownSync(folder, owner.uid, owner.gid);
  return folder;
}

// Sorted as by a person, not by bytes: as most installations are.
async function initialised() {
  const folder = newFolder();
  whenProcessEnds(() => fs.rmSync(folder, { recursive: true, force: true }));
  const data = path.join(folder, 'data');
  const locale = ['--locale=C.UTF-8', '--locale-provider=icu', '--icu-locale=en-US'];
  const names = ['-U', kAdministrator, '-A', 'trust', '-E', 'UTF8', '--no-sync'];
  await output(program('initdb'), ['-D', data, ...names, ...locale], { cwd: folder, ...owner });
  return data;
}

let pristine; // made once for all servers of a process, since that takes longer than a copy

export class Postgres {
  #server;
  #settings;

  constructor({ folder, port, settings }) {
    this.folder = folder;
    this.port = port;
    this.data = path.join(folder, 'data');
    this.#settings = settings;
  }

  async start() {
    const own = { ...this.#settings, port: this.port, unix_socket_directories: this.folder };
    const settings = Object.entries(own).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
    const options = { cwd: this.folder, lastSignal: 'QUIT', ...owner };
    this.#server = new ServerProcess(program('postgres'), ['-D', this.data, ...settings], options);
    await this.#server.ready(kReady);
  }

  get log() {
    return this.#server.log;
  }

  get pid() {
    return this.#server.child.pid;
  }

  // smart waits for its clients, fast sends them away, immediate is as good as a crash.
  stop(mode = 'fast') {
    return this.#server.end(kStops[mode]);
  }

  async restart(mode = 'fast') {
    await this.stop(mode);
    await this.start();
  }

  freeze() {
    return this.#server.freeze();
  }

  thaw() {
    return this.#server.thaw();
  }

  // To be told to a daemon. `port` is where a relay stands in between.
  url(database = 'postgres', { port = this.port, user = kAdministrator } = {}) {
    return `postgres://${user}@127.0.0.1:${port}/${database}`;
  }

  // The output of any statements, unadorned. Over the socket, past every relay.
  sql(text, database = 'postgres') {
    const place = ['-h', this.folder, '-p', `${this.port}`, '-U', kAdministrator, '-d', database];
    return output('psql', ['-XAtq', '-v', 'ON_ERROR_STOP=1', ...place, '-c', text]);
  }

  // The rows of a SELECT, as objects.
  async query(select, database) {
    const rows = `SELECT coalesce(json_agg(rows), '[]') FROM (${select}) AS rows`;
    return JSON.parse(await this.sql(rows, database));
  }

  createDatabase(name) {
    return this.sql(`CREATE DATABASE "${name}"`);
  }

  dropDatabase(name) {
    return this.sql(`DROP DATABASE IF EXISTS "${name}" WITH (FORCE)`);
  }

  promote() {
    return this.sql('SELECT pg_promote()');
  }

  // A copy that follows this one; every commit waits for it once it is there.
  async addSynchronousStandby(t) {
    const standby = await prepared(t, this.#settings);
    const from = ['-h', this.folder, '-p', `${this.port}`, '-U', kAdministrator];
    const how = ['-R', '-X', 'stream', '-c', 'fast', '--no-sync'];
    const options = { cwd: standby.folder, ...owner };
    await output(program('pg_basebackup'), [...from, '-D', standby.data, ...how], options);
    await this.requireStandby();
    await startOnFreePort(standby);
    const state = 'SELECT sync_state FROM pg_stat_replication';
    await eventually('a synchronous standby', async () => (await this.sql(state)) === 'sync');
    return standby;
  }

  async requireStandby(names = '*') {
    await this.sql(`ALTER SYSTEM SET synchronous_standby_names = '${names}'`);
    await this.sql('SELECT pg_reload_conf()');
  }

  // Starts again with TLS and this certificate of `Authority.issue`; with none, without TLS.
  async serveTls(leaf) {
    const { uid, gid } = fs.statSync(this.data);
    const files = leaf ? { 'server.key': leaf.key, 'server.crt': leaf.cert } : {};
    for (const [name, text] of Object.entries(files)) {
      const file = path.join(this.data, name);
      fs.writeFileSync(file, text, { mode: 0o600 });
      fs.chownSync(file, uid, gid);
    }
    await this.sql(`ALTER SYSTEM SET ssl = ${leaf ? 'on' : 'off'}`);
    await this.restart();
  }

  async end() {
    await this.#server?.thaw();
    await this.#server?.end('SIGQUIT');
    fs.rmSync(this.folder, { recursive: true, force: true, maxRetries: 3 });
  }

  // Processes of a server that was just told to end may still write.
  endAtOnce() {
    fs.rmSync(this.folder, { recursive: true, force: true, maxRetries: 3 });
  }
}

async function prepared(t, settings) {
  const server = new Postgres({ folder: newFolder(), port: await freePort(), settings });
  const callOff = whenProcessEnds(() => server.endAtOnce());
  atEnd(t, () => server.end().finally(callOff));
  return server;
}

// One that listens, without a database besides the usual ones.
export async function startPostgres(t, { fsync = false, settings = {} } = {}) {
  const careful = fsync ? {} : kCareless;
  const server = await prepared(t, { ...kSettings, ...careful, ...settings });
  pristine ??= initialised();
  await output('cp', ['-a', await pristine, server.data]);
  await startOnFreePort(server);
  return server;
}

// Several servers of which one is written to, as a daemon is told of them.
export function urlOfMany(servers, database) {
  const places = servers.map(({ port }) => `127.0.0.1:${port}`).join(',');
  return `postgres://${kAdministrator}@${places}/${database}`;
}
