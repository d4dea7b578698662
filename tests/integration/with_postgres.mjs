#!/usr/bin/env node
// with_postgres.mjs COMMAND [ARGUMENTS...]
// Runs a command whose tests keep the records of their daemons in PostgreSQL: starts a server for
// it, tells it where, and ends the server with it.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { whenProcessEnds } from './lib/endings.mjs';
import { startPostgres } from './lib/postgres.mjs';

const [command, ...args] = process.argv.slice(2);
if (!command) {
  console.error('usage: with_postgres.mjs COMMAND [ARGUMENTS...]');
  process.exit(2);
}
const endings = [];
const server = await startPostgres({ after: (end) => endings.push(end) });
const env = {
  ...process.env,
  POSTERN_TEST_STORE: 'postgres',
  POSTERN_TEST_POSTGRES: `postgres://postgres@127.0.0.1:${server.port}`,
};
const child = spawn(command, args, { env, stdio: 'inherit' });
whenProcessEnds(() => child.kill());
const [code] = await once(child, 'exit');
for (const end of endings) await end();
process.exitCode = code ?? 1;
