#!/usr/bin/env node
// secrets_sweep.mjs FOLDER EVENT_TEXTS
// Looks through everything that the daemons of a test run left behind (POSTERN_TEST_KEEP=FOLDER)
// for every card number, key and secret that the tests used; in what stores hold packed with the
// program EVENT_TEXTS. Ends with "N passed, N failed": one for each daemon's folder.
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { testCards } from './lib/cards.mjs';
import { secretsFile } from './lib/kept.mjs';
import { findSecrets } from './lib/secrets.mjs';

const [folder, eventTexts] = process.argv.slice(2);
if (!folder || !eventTexts) {
  console.error('usage: secrets_sweep.mjs FOLDER EVENT_TEXTS');
  process.exit(2);
}
const file = path.join(folder, secretsFile);
const noted = fs.existsSync(file) ? fs.readFileSync(file, 'utf8').split('\n').filter(Boolean) : [];
const secrets = new Set([...testCards, ...noted]);
const daemons = fs
  .readdirSync(folder, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => path.join(folder, name));

// Beside the store, where it is looked through with everything else.
function unpackEvents(store) {
  const done = spawnSync(eventTexts, [store], { maxBuffer: 1 << 30 });
  if (done.error || done.status !== 0) throw new Error(`${store}: ${done.error ?? done.stderr}`);
  fs.writeFileSync(`${store}.event-texts`, done.stdout);
}
for (const daemon of daemons) {
  const files = fs.readdirSync(daemon, { recursive: true });
  for (const file of files.filter((name) => path.basename(name) === 'postern.db')) {
    unpackEvents(path.join(daemon, file));
  }
}

const patterns = path.join(os.tmpdir(), `postern-patterns-${process.pid}`);
const found = findSecrets(secrets, daemons, patterns);
const dirty = new Set(found.map((line) => path.relative(folder, line).split(path.sep)[0]));
for (const line of found) console.log(`FAILED: in the clear: ${line}`);
console.log(`${secrets.size} secrets in ${daemons.length} folders`);
console.log(`${daemons.length - dirty.size} passed, ${dirty.size} failed`);
process.exit(dirty.size === 0 ? 0 : 1);
