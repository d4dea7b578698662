// The package that POSTERN_PACKAGE names, taken apart.
import assert from 'node:assert/strict';
import path from 'node:path';
import { outputOf, temporaryFolder } from './program.mjs';

export function packageFile() {
  const named = process.env.POSTERN_PACKAGE;
  assert.ok(named, 'POSTERN_PACKAGE must name the package');
  return named;
}

// A folder with the package's files as they are installed.
export function unpacked(t) {
  const folder = temporaryFolder(t);
  outputOf('dpkg-deb', ['--extract', packageFile(), folder]);
  return folder;
}

// A folder with its control files: control, conffiles, postinst …
export function controlFolder(t) {
  const folder = path.join(temporaryFolder(t), 'control');
  outputOf('dpkg-deb', ['--control', packageFile(), folder]);
  return folder;
}

export const field = (name) => outputOf('dpkg-deb', ['--field', packageFile(), name]).trim();

export const packagedProgram = (t) => path.join(unpacked(t), 'usr/bin/postern');

// [{ path, mode, owner }], folders without.
export function listedFiles() {
  const lines = outputOf('dpkg-deb', ['--contents', packageFile()]).trim().split('\n');
  return lines
    .map((line) => /^(\S+) (\S+) +\d+ \S+ \S+ \.(\S+)$/.exec(line))
    .map(([, mode, owner, file]) => ({ path: file, mode, owner }))
    .filter(({ mode }) => !mode.startsWith('d'));
}
