// What a shell needs for completing a command line: tables of the command tree, which the scripts
// in this folder look things up in.
import fs from 'node:fs';
import { allCommands } from './help.mjs';

const script = (name) => fs.readFileSync(new URL(name, import.meta.url), 'utf8');

const pathOf = ({ words }) => ['postern', ...words].join(' ');
const quoted = (text) => `'${text.replaceAll("'", "'\\''")}'`;

function kindOf({ names, value, choices, description }) {
  if (value === '') return '';
  if (choices.length > 0) return choices.join(' ');
  if (/folder/.test(description)) return '<folder>';
  const words = `${names.join(' ').replaceAll('-', ' ')} ${description}`;
  return /\bfile\b/.test(words) ? '<file>' : '<text>';
}

// A shell function that prints what belongs to a key. Rows without words print nothing.
function lookup(name, rows) {
  const cases = rows
    .filter(([, words]) => words.length > 0)
    .map(([key, words]) => {
      const lines = words.map((word) => `            ${quoted(word)}`);
      return `        ${quoted(key)}) printf '%s\\n' \\\n${lines.join(' \\\n')} ;;\n`;
    });
  return `${name}() {\n    case $1 in\n${cases.join('')}    esac\n}\n`;
}

function tables(root) {
  const commands = allCommands(root);
  const described = (word, about) => `${word}:${about}`;
  return [
    lookup(
      '_postern_commands',
      commands.map((command) => [
        pathOf(command),
        command.commands.map(({ words, about }) => described(words.at(-1), about)),
      ]),
    ),
    lookup(
      '_postern_options',
      commands.map((command) => [
        pathOf(command),
        command.options.flatMap(({ names, description }) =>
          names.map((name) => described(name, description)),
        ),
      ]),
    ),
    lookup(
      '_postern_values',
      commands.flatMap((command) =>
        command.options.flatMap((option) =>
          option.names.map((name) => [
            `${pathOf(command)} ${name}`,
            kindOf(option) ? [kindOf(option)] : [],
          ]),
        ),
      ),
    ),
  ].join('\n');
}

export function bashCompletion(root) {
  return `${tables(root)}\n${script('complete.bash')}`;
}

export function zshCompletion(root) {
  return `#compdef postern\n\n${tables(root)}\n${script('complete.zsh')}`;
}
