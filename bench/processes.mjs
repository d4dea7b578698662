// Programs that a benchmark runs, each in a folder of its own under the system's temporary folder
// and on ports that the system chose. Whatever ends this process ends what it started.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

export const bench = path.dirname(fileURLToPath(import.meta.url));
export const root = path.dirname(bench);
export const startTimeoutMs = 60_000;
const stopTimeoutMs = 10_000;

export async function freePort() {
  const server = net.createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}

export const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

export async function untilItListens(port, child) {
  const end = Date.now() + startTimeoutMs;
  while (Date.now() < end && child.exitCode === null) {
    const socket = net.connect(port, '127.0.0.1');
    try {
      await once(socket, 'connect');
      return;
    } catch {
      await pause(50);
    } finally {
      socket.destroy();
    }
  }
  throw new Error(`${child.spawnfile} does not listen on ${port}`);
}

function descendants(pid) {
  const children = fs
    .readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8')
    .trim()
    .split(' ')
    .filter(Boolean);
  return [pid, ...children.flatMap((child) => descendants(Number(child)))];
}

// One started program with everything it started.
export class Server {
  constructor(child, folder) {
    this.child = child;
    this.folder = folder;
  }

  // Of all that run, and of all that ran and ended: a process keeps the times of its children.
  cpuSeconds() {
    const ticksPerSecond = 100;
    return descendants(this.child.pid)
      .map((pid) => fs.readFileSync(`/proc/${pid}/stat`, 'utf8').replace(/^.*\) /s, '').split(' '))
      .flatMap((fields) => fields.slice(11, 15))
      .reduce((sum, ticks) => sum + Number(ticks) / ticksPerSecond, 0);
  }

  residentMib() {
    return descendants(this.child.pid)
      .map((pid) => /VmRSS:\s+(\d+)/.exec(fs.readFileSync(`/proc/${pid}/status`, 'utf8')))
      .reduce((sum, match) => sum + (match ? Number(match[1]) / 1024 : 0), 0);
  }

  async stop() {
    if (this.child.exitCode === null && this.child.signalCode === null) {
      const gone = once(this.child, 'exit');
      this.child.kill('SIGTERM');
      const killer = setTimeout(() => this.child.kill('SIGKILL'), stopTimeoutMs);
      await gone;
      clearTimeout(killer);
    }
    started.delete(this);
    fs.rmSync(this.folder, { recursive: true, force: true });
  }
}

const started = new Set();
const dataFolders = new Set();
process.on('exit', () => {
  for (const folder of dataFolders) fs.rmSync(folder, { recursive: true, force: true });
  for (const server of started) {
    server.child.kill('SIGKILL');
    fs.rmSync(server.folder, { recursive: true, force: true });
  }
});
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => process.exit(1));

// A folder that outlives the programs which work in it.
export function newDataFolder() {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'postern-bench-data-'));
  dataFolders.add(folder);
  return folder;
}

// `args` and `environment` are told the folder; `user` is who runs it, if not this user.
export function start(name, command, args, environment = () => ({}), user = {}) {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), `postern-bench-${name}-`));
  if (user.uid) fs.chownSync(folder, user.uid, user.gid);
  const log = fs.openSync(path.join(folder, 'log'), 'w');
  const child = spawn(command, args(folder), {
    stdio: ['ignore', log, log],
    env: { ...process.env, ...environment(folder) },
    ...user,
  });
  fs.closeSync(log);
  child.on('error', (error) => console.error(`${name}: ${error.message}`));
  const server = new Server(child, folder);
  started.add(server);
  return server;
}
