// docs/COMMANDS.md beside what the program says about its commands.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { allCommands, programAt, readCommands } from '../../packaging/manual/help.mjs';
import { binary } from './lib/daemon.mjs';
import { pageText } from './lib/documents.mjs';

const kWithoutJson = ['serve', 'listen'];

const page = pageText('docs/COMMANDS.md');
const program = readCommands(programAt(binary()));
const nameOf = ({ words }) => words.at(-1);

// { name: what stands beside it } of the page's first table.
function rows() {
  const table = page.split('| command | |\n|---|---|\n')[1].split('\n\n')[0];
  return Object.fromEntries(
    table.split('\n').map((line) => /^\| `([a-z]+)` \| (.*) \|$/.exec(line).slice(1)),
  );
}

test('the table has every command', () => {
  assert.deepEqual(Object.keys(rows()).sort(), program.commands.map(nameOf).sort());
});

for (const group of program.commands.filter(({ commands }) => commands.length > 0)) {
  test(`the table has every verb of ${nameOf(group)}`, () => {
    const beside = rows()[nameOf(group)];
    const named = [...beside.matchAll(/`([a-z-]+)`/g)].map(([, name]) => name);
    assert.deepEqual(named.sort(), group.commands.map(nameOf).sort());
  });
}

test('every command has --json but those that the page names', () => {
  const leaves = allCommands(program).filter(({ commands }) => commands.length === 0);
  const without = leaves.filter(({ options }) =>
    options.every(({ names }) => !names.includes('--json')),
  );
  assert.deepEqual(without.map(nameOf).sort(), [...kWithoutJson].sort());
  const words = page.replaceAll('\n', ' ');
  const named = kWithoutJson.map((name) => `\`${name}\``).join(' and ');
  assert.ok(words.includes(`every command has it but ${named}.`));
});
