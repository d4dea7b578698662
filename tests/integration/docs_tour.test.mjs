// Every command on the pages for users does what it shows, or its page says why it is not run here.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { test } from 'node:test';
import { binary, environment, root, temporaryFolder } from './lib/daemon.mjs';
import { codeBlocks, pageText, runPage, startDocumented } from './lib/documents.mjs';

const run = promisify(execFile);

// How many blocks of a page are run: a page whose commands are no longer found is no success.
const kPages = {
  'docs/GETTING_STARTED.md': 7,
  'docs/MERCHANTS.md': 7,
};

for (const [page, least] of Object.entries(kPages)) {
  test(`the commands of ${page} do what it shows`, async (t) => {
    const daemon = await startDocumented(t);
    const count = await runPage(t, page, daemon);
    assert.ok(count >= least, `${count} blocks were run`);
  });
}

// Operations and providers name files that their own tests make.
test('the configurations of the pages are taken by the program', async (t) => {
  const others = /^docs\/(OPERATIONS|providers\/.+)\.md$/;
  for (const page of allPages().filter((one) => !others.test(one))) {
    const blocks = codeBlocks(pageText(page)).filter(({ language }) => language === 'toml');
    for (const { text } of blocks) {
      const folder = temporaryFolder(t);
      const file = path.join(folder, 'postern.toml');
      fs.writeFileSync(file, text, { mode: 0o600 });
      for (const [, name] of text.matchAll(/_file = "([^"]+)"/g)) {
        fs.writeFileSync(path.join(folder, name), 'whsec_of-this-file\n', { mode: 0o600 });
      }
      const env = environment({ POSTERN_DATA_DIR: path.join(folder, 'data') });
      await run(binary(), ['check', '--config', file], { env });
    }
  }
});

function allPages() {
  const names = fs.readdirSync(path.join(root, 'docs'), { recursive: true });
  const pages = names.filter((name) => name.endsWith('.md')).map((name) => `docs/${name}`);
  return [...pages, 'README.md', 'README.zh-CN.md', 'SECURITY.md', 'CONTRIBUTING.md'];
}

// The links of a page that do not lead elsewhere.
const linksOf = (page) =>
  [...pageText(page).matchAll(/\]\((?!https?:)([^)\s]+)\)/g)].map(([, link]) => link);

const anchorsOf = (text) =>
  [...text.matchAll(/^#+ (.+)$/gm)].map(([, title]) =>
    title
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  );

test('every link of every page leads somewhere', () => {
  for (const page of allPages()) {
    for (const link of linksOf(page)) {
      const [file, anchor] = link.split('#');
      const target = file ? path.join(path.dirname(page), file) : page;
      assert.ok(fs.existsSync(path.join(root, target)), `${page}: nothing is at ${link}`);
      if (!anchor) continue;
      assert.ok(anchorsOf(pageText(target)).includes(anchor), `${page}: no heading for ${link}`);
    }
  }
});

test('every page of docs/ is reached from its index or from a page that is', () => {
  const reached = new Set(['docs/README.md']);
  for (const page of reached) {
    for (const link of linksOf(page)) {
      const target = path.join(path.dirname(page), link.split('#')[0]);
      if (target.startsWith('docs/') && target.endsWith('.md')) reached.add(target);
    }
  }
  const pages = allPages().filter((page) => page.startsWith('docs/'));
  assert.deepEqual(pages.filter((page) => !reached.has(page)), []);
});

test('the files that decisions point to exist', () => {
  for (const page of allPages().filter((one) => one.startsWith('docs/adr/'))) {
    const named = pageText(page).matchAll(/`((?:\w+\/)+[\w.]*)`/g);
    for (const [, file] of named) {
      assert.ok(fs.existsSync(path.join(root, file)), `${page}: nothing is at ${file}`);
    }
  }
});

// The pages that a test runs; in others a block would go unseen.
test('every command of the pages is run by a test or says why not', () => {
  const tours =
    /^docs\/(BACKUP|GETTING_STARTED|MERCHANTS|OPERATIONS|PROVIDERS|providers\/.+)\.md$/;
  const references = /^docs\/(DELIVERY|KEYS|PAYMENTS|SANDBOX)\.md$/;
  for (const page of allPages().filter((one) => one.startsWith('docs/'))) {
    const blocks = codeBlocks(pageText(page)).filter(({ language }) => language === 'sh');
    const unseen = blocks.filter(({ unrun }) => !unrun);
    if (!tours.test(page) && !references.test(page)) assert.deepEqual(unseen, [], page);
  }
});
