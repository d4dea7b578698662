// The pages of docs/providers/ against the program: their configuration, events and commands.
import assert from 'node:assert/strict';
import crypto from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { test } from 'node:test';
import { binary, environment, root, temporaryFolder } from './lib/daemon.mjs';
import { codeBlocks, pageText, runPage, sectionBelow, startDocumented } from './lib/documents.mjs';

const run = promisify(execFile);
const pageOf = (kind) => `docs/providers/${kind}.md`;

// { kind: [event type, …] } from `send --list`.
async function sendable() {
  const { stdout } = await run(binary(), ['send', '--list']);
  const kinds = {};
  let kind;
  for (const line of stdout.split('\n').filter(Boolean)) {
    if (line.startsWith(' ')) kinds[kind].push(line.trim());
    else kinds[(kind = line.split(' ')[0])] = [];
  }
  return kinds;
}

test('every kind of gateway has a page and a row, and there are no others', async () => {
  const kinds = Object.keys(await sendable());
  const pages = fs.readdirSync(path.join(root, 'docs/providers'));
  assert.deepEqual(pages.sort(), kinds.map((kind) => `${kind}.md`).sort());
  const rows = [...pageText('docs/PROVIDERS.md').matchAll(/^\| `(\w+)` \| \[.+\]\((\S+)\)/gm)];
  assert.deepEqual(
    rows.map(([, kind, page]) => [kind, page]),
    kinds.sort().map((kind) => [kind, `providers/${kind}.md`]),
  );
});

test('the events of a page are those that a gateway of its kind tells', async () => {
  for (const [kind, types] of Object.entries(await sendable())) {
    const section = sectionBelow(pageText(pageOf(kind)), 'Events');
    const told = [...section.matchAll(/^\| `([\w.]+)` \|/gm)].map(([, type]) => type);
    assert.deepEqual(told.sort(), types.sort(), kind);
  }
});

// Airwallex' disputes are told under two names, of which its verifier spells the shorter one.
const spellings = (word) => [word, word.replace(/^payment_(?=dispute)/, '')];

test('the words of a provider that a page names are those that its verifier knows', async () => {
  const files = fs.readdirSync(path.join(root, 'verifiers'));
  for (const kind of Object.keys(await sendable())) {
    const own = files.filter((name) => name.startsWith(kind) || name === 'event_map.cpp');
    const known = ['core/unified_event.cpp', ...own.map((name) => `verifiers/${name}`)]
      .filter((name) => name.endsWith('.cpp'))
      .map(pageText)
      .join('\n');
    const rows = sectionBelow(pageText(pageOf(kind)), 'Events').matchAll(/^\| `[^|]+\| (.+) \|$/gm);
    for (const [, told] of rows) {
      for (const [, word] of told.matchAll(/`\.?([^`]+)`/g)) {
        assert.ok(spellings(word).some((one) => known.includes(one)), `${kind}: ${word}`);
      }
    }
  }
});

// A file of the kind that its name promises: a public key, or a line of text.
function contentOf(name) {
  if (!name.endsWith('.pem')) return 'sk_live_the-content-of-this-file\n';
  const { publicKey } = crypto.generateKeyPairSync('rsa', { modulusLength: 2048 });
  return publicKey.export({ type: 'spki', format: 'pem' });
}

test('the configuration of every page is taken by the program', async (t) => {
  for (const kind of Object.keys(await sendable())) {
    const folder = temporaryFolder(t);
    const [{ text }] = codeBlocks(pageText(pageOf(kind))).filter((one) => one.language === 'toml');
    for (const [, name] of text.matchAll(/_file = "([^"]+)"/g)) {
      fs.writeFileSync(path.join(folder, name), contentOf(name), { mode: 0o600 });
    }
    const file = path.join(folder, 'postern.toml');
    fs.writeFileSync(file, text, { mode: 0o600 });
    const env = environment({ POSTERN_DATA_DIR: path.join(folder, 'data') });
    const { stdout } = await run(binary(), ['check', '--config', file], { env });
    assert.match(stdout, new RegExp(`kind = "${kind}"`), kind);
    assert.match(stdout, /mode = "live"/, kind);
  }
});

test('the keys of a page are those that its verifier asks for', async () => {
  const shared = pageText('verifiers/secret_settings.cpp');
  for (const kind of Object.keys(await sendable())) {
    const files = fs.readdirSync(path.join(root, 'verifiers'));
    const own = files.filter((name) => name.startsWith(kind) && name.endsWith('.cpp'));
    const source = [shared, ...own.map((name) => pageText(`verifiers/${name}`))].join('\n');
    const section = sectionBelow(pageText(pageOf(kind)), 'In postern.toml');
    for (const [, key] of section.matchAll(/^\| `(\w+)` \|/gm)) {
      const known = source.includes(`"${key}"`) || ['authorization', 'event', 'mode'].includes(key);
      assert.ok(known, `${kind}: no verifier asks for ${key}`);
    }
  }
});

test('what a page sends arrives', async (t) => {
  const daemon = await startDocumented(t);
  for (const kind of Object.keys(await sendable())) {
    assert.equal(await runPage(t, pageOf(kind), daemon), 1, kind);
    const [, wanted] = pageText(pageOf(kind)).match(/^postern send \w+ (\S+)/m);
    const types = (await daemon.events({ gateway: kind })).map(({ type }) => type);
    assert.ok(types.includes(wanted), `${kind}: ${types}`);
  }
  assert.equal(await runPage(t, 'docs/PROVIDERS.md', daemon), 1);
});
