// The manual pages and the shells' completion, beside what the program says about itself.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { before, test } from 'node:test';
import { writtenPages } from '../../packaging/manual/write.mjs';
import { binary, help, outputOf, temporaryFolder } from './lib/program.mjs';

const kExample = new URL('../../config/postern.example.toml', import.meta.url);

let pages;
before(() => {
  pages = writtenPages(binary());
});

function inFolder(t) {
  const folder = temporaryFolder(t);
  for (const [name, text] of Object.entries(pages)) fs.writeFileSync(path.join(folder, name), text);
  return (name) => path.join(folder, name);
}

// As a reader sees it, in one column and without the shapes of its letters.
function readable(text) {
  return text.replaceAll('\\-', '-').replaceAll('\\(dq', '"').replaceAll('\\e', '\\');
}

// The names in the column that `heading` begins.
function listed(text, heading) {
  const part = text.split(`\n${heading}:\n`)[1]?.split('\n\n')[0] ?? '';
  return [...part.matchAll(/^ {2}(\S+)/gm)].map(([, name]) => name);
}

function* everyCommand(words = []) {
  const text = help(...words);
  yield { words, text };
  for (const name of listed(text, 'Subcommands')) yield* everyCommand([...words, name]);
}

test('postern(1) has every command with every option that its help names', () => {
  const page = readable(pages['postern.1']);
  const commands = [...everyCommand()].slice(1);
  assert.ok(commands.length >= 20, `${commands.length} commands`);
  for (const { words, text } of commands) {
    const heading = `.SS "postern ${words.join(' ')}"\n`;
    const part = page.split(heading)[1]?.split(/^\.S[SH] /m)[0];
    assert.ok(part, heading);
    for (const option of listed(text, 'Options').filter((name) => name !== '-h,--help')) {
      assert.ok(part.includes(`.B "${option.replace(',', ', ')}`), `${heading}${option}`);
    }
  }
});

test('postern.toml(5) has every setting of the example, under its table', () => {
  const page = readable(pages['postern.toml.5']);
  let part = page.split('.SH "TOP OF THE FILE"\n')[1].split('.SH')[0];
  let count = 0;
  for (const line of fs.readFileSync(kExample, 'utf8').split('\n')) {
    const table = /^#?(\[\[?[a-z_]+\]\]?)$/.exec(line)?.[1];
    if (table) part = page.split(`.SH "${table}"\n`)[1]?.split('.SH')[0];
    const key = /^#?([a-z_]+) = /.exec(line)?.[1];
    if (!key) continue;
    assert.ok(part?.includes(`.B "${key} = `), line);
    count += 1;
  }
  assert.ok(count > 60, `${count} settings`);
});

test('the pages are in order for the programs that show them', (t) => {
  const at = inFolder(t);
  for (const name of ['postern.1', 'postern.toml.5']) {
    const args = ['-T', 'lint', '-W', 'error', at(name)];
    assert.equal(outputOf('mandoc', args), '', name);
    assert.match(outputOf('mandoc', ['-T', 'utf8', at(name)]), /Postern \d/);
  }
});

const kLines = [
  ['the commands', 'postern ', ['serve', 'check', 'endpoints', 'version']],
  ['the commands that begin so', 'postern vers', ['version']],
  ['the verbs of a group', 'postern endpoints ', ['list', 'create', 'rotate-secret']],
  ['the options of a verb', 'postern endpoints create --ev', ['--event-type']],
  ['the options behind a word that is no command', 'postern send stripe --am', ['--amount']],
  ['nothing where only the user knows', 'postern send --amount ', []],
];

function completedByBash(file, line) {
  const script = `
    source "$1"
    IFS=' ' read -r -a COMP_WORDS <<<"$2"
    [[ $2 == *' ' ]] && COMP_WORDS+=('')
    COMP_CWORD=$((\${#COMP_WORDS[@]} - 1))
    _postern
    printf '%s\\n' "\${COMPREPLY[@]}"`;
  return outputOf('bash', ['-c', script, 'bash', file, line]).split('\n').filter(Boolean);
}

// zsh's own functions need a terminal; in their place stand those that print what they are given.
function completedByZsh(file, line) {
  const script = `
    _describe() { local name=$@[-1]; print -rl -- "\${(@P)name}" }
    _files() { print -- '<file>' }
    _message() { }
    compadd() { local name=$@[-1]; print -rl -- "\${(@P)name}" }
    words=("\${(@s: :)2}")
    CURRENT=\${#words}
    source "$1"`;
  const current = line.split(' ').at(-1);
  return outputOf('zsh', ['-f', '-c', script, 'zsh', file, line])
    .split('\n')
    .map((text) => text.split(':')[0])
    .filter((text) => text && text.startsWith(current));
}

for (const [shell, complete] of Object.entries({ bash: completedByBash, zsh: completedByZsh })) {
  test(`${shell} completes commands, verbs and options`, (t) => {
    const at = inFolder(t);
    for (const [name, line, wanted] of kLines) {
      const completed = complete(at(`postern.${shell}`), line);
      const missing = wanted.filter((word) => !completed.includes(word));
      assert.deepEqual(missing, [], `${name}: ${completed}`);
      if (wanted.length < 2) assert.equal(completed.length, wanted.length, `${name}: ${completed}`);
    }
  });

  test(`${shell} knows every command and option that the help names`, (t) => {
    const at = inFolder(t);
    for (const { words, text } of everyCommand()) {
      const line = ['postern', ...words].join(' ');
      const completed = complete(at(`postern.${shell}`), `${line} -`);
      const options = listed(text, 'Options').flatMap((names) => names.split(','));
      assert.deepEqual(completed.sort(), options.sort(), line);
    }
  });
}

test('bash completes the names of files, also with spaces in them', (t) => {
  const at = inFolder(t);
  fs.writeFileSync(at('my settings.toml'), '');
  const line = `postern check --config ${at('my')}`;
  assert.deepEqual(completedByBash(at('postern.bash'), line), [at('my settings.toml')]);
});
