// The command line of the same program, as a merchant on the daemon's machine uses it.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { binary, secretKey } from './daemon.mjs';

const kCommandMilliseconds = 60_000;

// Runs to the end: { code, stdout, stderr }.
export function runCommand(daemon, args, { key = secretKey } = {}) {
  const env = {
    PATH: process.env.PATH,
    POSTERN_URL: `http://${daemon.listen}`,
    POSTERN_API_KEY: key,
  };
  return new Promise((resolve) => {
    execFile(binary(), args, { env, timeout: kCommandMilliseconds }, (error, stdout, stderr) =>
      resolve({ code: error ? error.code : 0, stdout, stderr }),
    );
  });
}

// One that succeeds, and what it says as JSON.
export async function commandJson(daemon, ...args) {
  const { code, stdout, stderr } = await runCommand(daemon, [...args, '--json']);
  assert.equal(code, 0, `${args.join(' ')}: ${stderr}${stdout}`);
  return JSON.parse(stdout);
}
