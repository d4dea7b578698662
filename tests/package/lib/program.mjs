// The program that POSTERN_BINARY names, and what the package says about it.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

export function binary() {
  const named = process.env.POSTERN_BINARY;
  assert.ok(named, 'POSTERN_BINARY must name the program');
  return named;
}

export function temporaryFolder(t) {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'postern-package-'));
  t.after(() => fs.rmSync(folder, { recursive: true, force: true }));
  return folder;
}

// A command that succeeds, and what it prints.
export function outputOf(command, args, options = {}) {
  const { status, stdout, stderr, error } = spawnSync(command, args, {
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
    ...options,
  });
  assert.equal(status, 0, `${command} ${args.join(' ')}: ${error ?? stderr}${stdout}`);
  return stdout;
}

export const help = (...words) => outputOf(binary(), [...words, '--help'], { env: {} });
