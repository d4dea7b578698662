// The databases beside the servers, as durable as their makers ship them unless somebody asks for
// more.
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';

import { freePort, start, untilItListens } from './processes.mjs';

// Where Redis is the record, it has to sync before it answers, as a database does.
export const redisAsRecord = ['--appendonly', 'yes', '--appendfsync', 'always', '--save', ''];

export async function startRedis(settings = []) {
  const port = await freePort();
  const server = start('redis', 'redis-server', (folder) => [
    '--port', String(port), '--bind', '127.0.0.1', '--dir', folder, ...settings,
  ]);
  await untilItListens(port, server.child);
  return { server, port };
}

// PostgreSQL will not run as root; its package made a user for it.
function postgresUser() {
  if (process.getuid() !== 0) return {};
  const line = fs.readFileSync('/etc/passwd', 'utf8').split('\n')
    .find((each) => each.startsWith('postgres:'));
  if (!line) throw new Error('there is no user postgres to run PostgreSQL as');
  const [, , uid, gid] = line.split(':').map(Number);
  return { uid, gid };
}

function postgresPrograms() {
  const versions = '/usr/lib/postgresql';
  const newest = fs.readdirSync(versions).map(Number).sort((a, b) => b - a)[0];
  return path.join(versions, String(newest), 'bin');
}

// Durable as it comes: a commit is on the disk before it is told. Memory and the log have the room
// that a machine of this size would be given.
export async function startPostgres() {
  const port = await freePort();
  const programs = postgresPrograms();
  const user = postgresUser();
  const server = start('postgres', path.join(programs, 'postgres'), (folder) => {
    const data = path.join(folder, 'data');
    const made = spawnSync(path.join(programs, 'initdb'), [
      '-D', data, '-U', 'bench', '-A', 'trust', '-E', 'UTF8', '--no-locale',
    ], { ...user, cwd: folder, encoding: 'utf8' });
    if (made.status !== 0) throw new Error(`initdb: ${made.stderr}`);
    const settings = {
      port, listen_addresses: '127.0.0.1', unix_socket_directories: folder,
      synchronous_commit: 'on', fsync: 'on', shared_buffers: '512MB', max_wal_size: '4GB',
      checkpoint_timeout: '30min', random_page_cost: '1.1',
    };
    return ['-D', data, ...Object.entries(settings).flatMap(([k, v]) => ['-c', `${k}=${v}`])];
  }, () => ({}), user);
  await untilItListens(port, server.child);
  return { server, port };
}
