// The README's tour as it is printed: its commands and its script, on a daemon of our own.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { test } from 'node:test';
import { root, secretKey, startDaemon, temporaryFolder } from './lib/daemon.mjs';
import { freePort } from './lib/ports.mjs';

const run = promisify(execFile);

// [{ language, text }] of the fenced blocks below one heading.
function blocksBelow(markdown, heading) {
  const section = markdown.split(/^## /m).find((part) => part.startsWith(`${heading}\n`));
  assert.ok(section, `the README has no section "${heading}"`);
  const fences = section.matchAll(/^```(\w+)\n([^]*?)^```$/gm);
  return [...fences].map(([, language, text]) => ({ language, text }));
}

// What a comment below a command says that it prints.
function promised(text) {
  return [...text.matchAll(/^# (.+)$/gm)].map(([, line]) => line);
}

for (const [file, heading] of [
  ['README.md', 'A payment, all the way round'],
  ['README.zh-CN.md', '一笔支付的完整旅程'],
]) {
  test(`the tour of ${file} does what it shows`, async (t) => {
    const daemon = await startDaemon(t);
    const folder = temporaryFolder(t);
    const shopPort = await freePort();
    const places = { 'sk_test_…': secretKey, 8080: daemon.port, 4242: shopPort };
    const asHere = (text) => text.replaceAll(/sk_test_…|8080|4242/g, (shown) => places[shown]);
    const modules = path.join(root, 'tests/integration/node_modules');
    fs.symlinkSync(modules, path.join(folder, 'node_modules'));
    const blocks = blocksBelow(fs.readFileSync(path.join(root, file), 'utf8'), heading);
    const bin = path.join(folder, 'bin');
    fs.mkdirSync(bin);
    fs.symlinkSync(process.execPath, path.join(bin, 'node'));
    const environment = { ...process.env, PATH: `${bin}:${process.env.PATH}` };
    const outputs = [];
    let known = '';
    for (const { language, text } of blocks) {
      if (language === 'js') {
        const [, name] = text.match(/^\/\/ (\S+)$/m);
        fs.writeFileSync(path.join(folder, name), asHere(text));
      } else if (!text.startsWith('npm install')) {
        const script = `set -e\n${known}${asHere(text)}`;
        const { stdout } = await run('bash', ['-c', script], { cwd: folder, env: environment });
        known += (asHere(text).match(/^\w+=\S+$|^\w+=\S+(?=\s+#)/gm) ?? []).join('\n') + '\n';
        outputs.push({ stdout, shows: promised(text) });
      }
    }
    assert.equal(outputs.length, 3);
    assert.equal(JSON.parse(outputs[0].stdout).status, 'succeeded');
    assert.deepEqual(outputs[1].stdout.trim().split('\n'), outputs[1].shows);
    assert.equal(outputs[1].shows.length, 2);
    assert.match(outputs[2].stdout, /"object":\s*"balance"/);
    assert.match(outputs[2].stdout, /"amount":"50\.00"/);
    assert.match(outputs[2].stdout, /"verdict":"verified"/);
  });
}
