// The API reference is built from the OpenAPI documents: everything of them is in it, every link in
// it leads somewhere, and nothing is loaded from elsewhere.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { test } from 'node:test';
import { documents, kMethods, pageOf, readDocument } from '../../docs/tools/api.mjs';
import { root, temporaryFolder } from './lib/daemon.mjs';

const run = promisify(execFile);

test('the script writes an index and a page for each document', async (t) => {
  const folder = path.join(temporaryFolder(t), 'api');
  await run(process.execPath, [path.join(root, 'docs/tools/api.mjs'), folder]);
  const wanted = ['index', ...Object.keys(documents)].map((name) => `${name}.html`);
  assert.deepEqual(fs.readdirSync(folder).sort(), wanted.sort());
  const index = fs.readFileSync(path.join(folder, 'index.html'), 'utf8');
  for (const name of Object.keys(documents)) assert.ok(index.includes(`href="${name}.html"`), name);
});

test('every operation and every object is on its page', () => {
  for (const name of Object.keys(documents)) {
    const { paths, components } = readDocument(name);
    const page = pageOf(name);
    for (const [route, item] of Object.entries(paths)) {
      for (const method of kMethods.filter((one) => item[one])) {
        const heading = `<span class="method">${method.toUpperCase()}</span> <code>${route}</code>`;
        assert.ok(page.includes(heading), `${name}: ${method} ${route}`);
      }
    }
    for (const schema of Object.keys(components.schemas)) {
      assert.ok(page.includes(`<h3>${schema}</h3>`), `${name}: ${schema}`);
    }
  }
});

test('every link leads to one place of its page', () => {
  for (const name of Object.keys(documents)) {
    const page = pageOf(name);
    const ids = [...page.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id);
    assert.equal(new Set(ids).size, ids.length, `${name}: an id is there twice`);
    for (const [, target] of page.matchAll(/href="#([^"]+)"/g)) {
      assert.ok(ids.includes(target), `${name}: nothing is at #${target}`);
    }
  }
});

test('nothing is run, and nothing loaded from elsewhere', () => {
  for (const name of Object.keys(documents)) {
    const page = pageOf(name);
    assert.doesNotMatch(page, /<(script|link|img|iframe|object|embed|form)\b/i, name);
    assert.doesNotMatch(page, /@import|url\(|\son\w+=/i, name);
    for (const [, target] of page.matchAll(/href="([^"]+)"/g)) assert.match(target, /^#/, name);
  }
});
