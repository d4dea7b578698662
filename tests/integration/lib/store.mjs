// The store that the daemons of this run keep their records in: SQLite in the data folder, or with
// POSTERN_TEST_STORE=postgres a database of its own for each data folder, on the one server that
// with_postgres.mjs started. And a store at rest, changed by hand: for what takes days, or fifty
// thousand requests, otherwise.
import assert from 'node:assert/strict';
import crypto from 'node:crypto';
import path from 'node:path';
import { spawnSync } from 'node:child_process';

export const onPostgres = process.env.POSTERN_TEST_STORE === 'postgres';
const server = process.env.POSTERN_TEST_POSTGRES;
if (onPostgres && !server) {
  throw new Error('start it with: node with_postgres.mjs node --test FILES');
}

// The options of a test that is about SQLite itself: `what` it is that PostgreSQL has not.
export const onlyOnSqlite = (what) => ({ skip: onPostgres && `only SQLite has ${what}` });

// Why a test cannot look into the store or change it, or false.
export const noStoreTool =
  !onPostgres && spawnSync('sqlite3', ['--version']).error ? 'there is no sqlite3 here' : false;

const databases = new Map(); // data folder -> name

function psql(database, sql) {
  const args = ['-XAtq', '-v', 'ON_ERROR_STOP=1', '-d', `${server}/${database}`, '-f', '-'];
  const { status, stdout, stderr } = spawnSync('psql', args, { input: sql, encoding: 'utf8' });
  assert.equal(status, 0, `${sql}: ${stderr}`);
  return stdout.trim();
}

// The same after a restart, and in every process that is told of the same folder.
function databaseOf(dataFolder) {
  const folder = path.resolve(dataFolder);
  if (!databases.has(folder)) {
    const name = `test_${crypto.createHash('sha256').update(folder).digest('hex').slice(0, 24)}`;
    const isNew = `NOT EXISTS (SELECT FROM pg_database WHERE datname = '${name}')`;
    psql('postgres', `SELECT 'CREATE DATABASE ${name}' WHERE ${isNew} \\gexec`);
    databases.set(folder, name);
  }
  return databases.get(folder);
}

// What a daemon is told of its store; the database is there from here on.
export function storeEnvironment(dataFolder) {
  if (!onPostgres || dataFolder === undefined) return {};
  return { POSTERN_STORAGE_URL: `${server}/${databaseOf(dataFolder)}` };
}

export function dropDatabasesUnder(folder) {
  for (const [dataFolder, name] of databases) {
    if (path.relative(folder, dataFolder).startsWith('..')) continue;
    psql('postgres', `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
    databases.delete(dataFolder);
  }
}

const dataOf = ({ folder }) => path.join(folder, 'data');

function sqlite(daemon, options, sql) {
  const args = [...options, path.join(dataOf(daemon), 'postern.db'), sql];
  const { status, stdout, stderr } = spawnSync('sqlite3', args, { encoding: 'utf8' });
  assert.equal(status, 0, `${sql}: ${stderr}`);
  return stdout.trim();
}

// The rows of a SELECT, as objects, from the store of a daemon.
export function queryStore(daemon, select) {
  if (!onPostgres) return JSON.parse(sqlite(daemon, ['-json', '-readonly'], select) || '[]');
  const rows = `SELECT coalesce(json_agg(rows), '[]') FROM (${select}) AS rows`;
  return JSON.parse(psql(databaseOf(dataOf(daemon)), rows));
}

// `update` must change so many rows of the store of a daemon that is stopped.
export function changeStore(daemon, { update, rows = 1 }) {
  const changed = onPostgres
    ? psql(databaseOf(dataOf(daemon)), `\\unset QUIET\n${update};`).split(' ').at(-1)
    : sqlite(daemon, [], `${update}; SELECT changes();`);
  assert.equal(changed, `${rows}`, update);
}

// Everything that is in the store of a daemon, as text; on SQLite its files are that.
export function dumpStore(daemon) {
  const url = `${server}/${databaseOf(dataOf(daemon))}`;
  const dumped = spawnSync('pg_dump', ['--inserts', url], { maxBuffer: 1 << 30 });
  assert.equal(dumped.status, 0, `${dumped.stderr}`);
  return dumped.stdout;
}
