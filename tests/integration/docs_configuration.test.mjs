// docs/CONFIGURATION.md is what its script writes, and says what the program does.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { test } from 'node:test';
import { configurationPage, place } from '../../docs/tools/configuration.mjs';
import { binary, temporaryFolder } from './lib/daemon.mjs';

const run = promisify(execFile);

test('the committed page is what the script writes', () => {
  const committed = fs.readFileSync(place, 'utf8');
  assert.ok(committed === configurationPage(), 'run node docs/tools/configuration.mjs');
});

// [{ section, key, value, variable }] of the page's rows.
function rows() {
  return configurationPage()
    .split(/^## /m)
    .flatMap((part) => {
      const section = /^\[(\w+)\]/.exec(part)?.[1] ?? '';
      const found = part.matchAll(/^\| `(\w+)` \| [^|]+ \| `([^`]+)` \|.* `(\w+)` \|$/gm);
      return [...found].map(([, key, value, variable]) => ({ section, key, value, variable }));
    });
}

test('every default of the page is in force when nothing is configured', async (t) => {
  const cwd = temporaryFolder(t);
  const { stdout } = await run(binary(), ['check'], { cwd, env: { PATH: process.env.PATH } });
  const inForce = {};
  let section = '';
  for (const line of stdout.split('\n')) {
    section = /^\[(\w+)\]$/.exec(line)?.[1] ?? section;
    const [, key, value] = /^(\w+) = (.+)$/.exec(line) ?? [];
    if (key) inForce[`${section}.${key}`] = value.replaceAll("'", '"');
  }
  const shown = rows().filter(({ section: of, key }) => `${of}.${key}` in inForce);
  assert.ok(shown.length > 50, `${shown.length} keys are compared`);
  for (const { section: of, key, value } of shown) {
    assert.equal(inForce[`${of}.${key}`].replaceAll('_', ''), value.replaceAll('_', ''), key);
  }
});

test('the variable of a row sets its key', async (t) => {
  const cwd = temporaryFolder(t);
  for (const { key, variable, value } of rows()) {
    if (!/^\d+$/.test(value)) continue;
    const env = { PATH: process.env.PATH, [variable]: 'not-a-number' };
    await assert.rejects(run(binary(), ['check'], { cwd, env }), new RegExp(variable), key);
  }
});
