// The pages of docs/ as tests read them: what their code blocks say, and what their commands do.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import {
  binary,
  environment,
  root,
  secretKey,
  startDaemon,
  temporaryFolder,
} from './daemon.mjs';
import { storeEnvironment } from './store.mjs';

const run = promisify(execFile);
const kCommandMilliseconds = 60_000;

export const pageText = (name) => fs.readFileSync(path.join(root, name), 'utf8');

// [{ language, text, unrun }] of the fenced blocks. A comment in the line above may say why a block
// is not run by a test.
export function codeBlocks(markdown) {
  const fences = markdown.matchAll(
    /^(?:<!-- not run here: ([^>]+) -->\n)?```(\w+)\n([^]*?)^```$/gm,
  );
  return [...fences].map(([, unrun, language, text]) => ({ unrun, language, text }));
}

// The shell blocks below one heading of a README, without what is another test's (`./dev`, all else
// that compiles) and what runs until it is stopped.
export function readmeBlocks(name, heading) {
  const section = sectionBelow(pageText(name), heading).replaceAll(/^ +(?=\S)/gm, '');
  const isRun = (line) => !/^\.\/dev |^build\/postern listen/.test(line);
  return codeBlocks(section)
    .filter(({ language }) => language === 'sh')
    .map((block) => ({ ...block, text: block.text.split('\n').filter(isRun).join('\n') }))
    .filter(({ text }) => text.trim() !== '');
}

// The text below one heading, down to the next of the same depth.
export function sectionBelow(markdown, heading) {
  const section = markdown.split(/^## /m).find((part) => part.startsWith(`${heading}\n`));
  assert.ok(section, `there is no section "${heading}"`);
  return section;
}

// Some providers sign the URL that they were told: the daemon and its commands must agree on one,
// whatever port the system chose.
const publicUrl = { POSTERN_PUBLIC_URL: 'http://127.0.0.1' };

export const startDocumented = (t, options = {}) =>
  startDaemon(t, { ...options, env: { ...publicUrl, ...options.env } });

// What a page takes for granted is put beside its commands: the program's name, the key, the ports.
// `places` are folders that a page names and a test has elsewhere.
export function shellFor(t, daemon, places = {}) {
  const folder = temporaryFolder(t);
  const bin = path.join(folder, 'bin');
  const data = path.join(daemon.folder, 'data');
  fs.mkdirSync(bin);
  fs.symlinkSync(binary(), path.join(bin, 'postern'));
  fs.symlinkSync(process.execPath, path.join(bin, 'node'));
  const env = {
    ...environment(publicUrl),
    PATH: `${bin}:${process.env.PATH}`,
    POSTERN_API_KEY: secretKey,
    POSTERN_DATA_DIR: data,
    ...storeEnvironment(data),
    POSTERN_LISTEN: daemon.listen,
    POSTERN_ADMIN_LISTEN: daemon.admin,
    POSTERN_URL: `http://${daemon.listen}`,
  };
  const elsewhere = Object.entries({
    'sk_test_…': secretKey,
    '127.0.0.1:8080': daemon.listen,
    '127.0.0.1:9090': daemon.admin,
    'build/postern': 'postern',
    ...places,
  });
  const asHere = (text) =>
    elsewhere.reduce((changed, [shown, here]) => changed.replaceAll(shown, here), text);
  // What one block sets, the next one knows, as in the reader's terminal.
  const kept = path.join(folder, 'variables');
  const bash = async (text) => {
    const known = fs.existsSync(kept) ? `source '${kept}'\n` : '';
    const script = `set -euo pipefail\n${known}set -a\n${asHere(text)}\nexport -p >'${kept}'`;
    const options = { cwd: folder, env, timeout: kCommandMilliseconds };
    return (await run('bash', ['-c', script], options)).stdout;
  };
  return { bash, folder };
}

const escapeText = (text) => text.replaceAll(/[$()*+.?[\\\]^{|}]/g, '\\$&');

// Does the output hold these lines, in this order? "…" stands for anything.
export function assertShows(stdout, promised, place) {
  const lines = promised.trim().split('\n');
  const escaped = lines.map((line) => line.split('…').map(escapeText).join('.*'));
  assert.match(stdout, new RegExp(escaped.join('[^]*')), place);
}

// Runs every shell block of a page, in its order, and compares with the text block behind it.
export async function runPage(t, name, daemon) {
  return runBlocks(shellFor(t, daemon), name, codeBlocks(pageText(name)));
}

export async function runBlocks({ bash }, name, blocks) {
  let count = 0;
  for (const [index, { language, text, unrun }] of blocks.entries()) {
    if (language !== 'sh' || unrun) continue;
    const stdout = await bash(text);
    const next = blocks[index + 1];
    if (next?.language === 'text') assertShows(stdout, next.text, `${name}: ${text}`);
    count += 1;
  }
  return count;
}
