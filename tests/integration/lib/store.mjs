// A store at rest, changed by hand: for what takes days, or fifty thousand requests, otherwise.
import assert from 'node:assert/strict';
import path from 'node:path';
import { spawnSync } from 'node:child_process';

// Why a test cannot be run here, or false.
export const noSqlite = spawnSync('sqlite3', ['--version']).error
  ? 'there is no sqlite3 here'
  : false;

// `update` must change so many rows of the store of a daemon that is stopped.
export function changeStore({ folder }, { update, rows = 1 }) {
  const file = path.join(folder, 'data', 'postern.db');
  const sql = `${update}; SELECT changes();`;
  const { status, stdout, stderr } = spawnSync('sqlite3', [file, sql]);
  assert.equal(status, 0, `${stderr}`);
  assert.equal(`${stdout}`.trim(), `${rows}`, update);
}
