// What a test set up is taken down, also when the test dies half way.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { keepFolder } from './kept.mjs';
import { dropDatabasesUnder } from './store.mjs';

// What was set up last is taken down first, unlike with t.after(): a daemon ends before its folder.
const endings = new WeakMap();
export function atEnd(t, end) {
  if (!endings.has(t)) {
    endings.set(t, []);
    t.after(() => runEndings(endings.get(t)));
  }
  endings.get(t).push(end);
}

async function runEndings(stack) {
  const end = stack.pop();
  if (!end) return;
  try {
    await end();
  } finally {
    await runEndings(stack);
  }
}

// For a test that does not come to its end. Gives back what calls it off.
const lastDeeds = new Set();
export function whenProcessEnds(deed) {
  lastDeeds.add(deed);
  return () => lastDeeds.delete(deed);
}

process.once('exit', () => lastDeeds.forEach((deed) => deed()));
for (const [signal, number] of Object.entries({ SIGHUP: 1, SIGINT: 2, SIGTERM: 15 })) {
  process.once(signal, () => process.exit(128 + number));
}

export function temporaryFolder(t) {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'postern-test-'));
  atEnd(t, () => {
    keepFolder(folder);
    dropDatabasesUnder(folder);
    fs.rmSync(folder, { recursive: true, force: true });
  });
  return folder;
}
