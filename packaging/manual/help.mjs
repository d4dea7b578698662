// The command tree, read from what the program itself says about its commands.
import { execFileSync } from 'node:child_process';

const kIndentMin = 20;  // of a description that has a line of its own

function usageOf(line) {
  return line.replace(/^Usage: /, '');
}

// "-v,--verbose", "--count INT:INT in [1 - 1000000]=1", "--kind TEXT:{a,b} REQUIRED", "id TEXT".
function parseName(text) {
  const [, names, value = ''] = /^(\S+)\s*(.*)$/.exec(text);
  const choices = /\{([^}]*)\}/.exec(value)?.[1].split(',') ?? [];
  return {
    names: names.split(','),
    value: value.replace(/ ?REQUIRED$/, ''),
    required: value.endsWith('REQUIRED'),
    choices,
    description: '',
  };
}

// One row of a list: two spaces, a name, and a description beside it or below it.
function addRow(rows, line) {
  const indent = line.length - line.trimStart().length;
  if (indent >= kIndentMin) {
    const row = rows.at(-1);
    row.description = `${row.description} ${line.trim()}`.trim();
    return;
  }
  const [, name, description = ''] = /^ {2}(.*?)(?: {2,}(.*))?$/.exec(line);
  rows.push({ ...parseName(name), description });
}

function parseHelp(text) {
  const help = { about: '', usage: '', Positionals: [], Options: [], Subcommands: [], footer: '' };
  const lines = text.trimEnd().split('\n');
  let section;
  while (lines.length > 0) {
    const line = lines.shift();
    const heading = /^(Positionals|Options|Subcommands):$/.exec(line)?.[1];
    if (line.startsWith('Usage: ')) help.usage = usageOf(line);
    else if (heading) section = heading;
    else if (!help.usage) help.about += line;
    else if (line.startsWith('  ') && section) addRow(help[section], line);
    else if (line !== '') {
      help.footer = [line, ...lines.splice(0)].join('\n');
    }
  }
  return help;
}

// { words, about, usage, positionals, options, commands, footer }; `run` gives the program's answer
// to some arguments. A footer that a command has from its parent is left out.
export function readCommands(run, words = [], inherited = '') {
  const help = parseHelp(run([...words, '--help']));
  return {
    words,
    about: help.about,
    usage: help.usage,
    positionals: help.Positionals,
    options: help.Options,
    footer: help.footer === inherited ? '' : help.footer,
    commands: help.Subcommands.map(({ names: [name] }) =>
      readCommands(run, [...words, name], help.footer),
    ),
  };
}

export function programAt(binary) {
  return (words) => execFileSync(binary, words, { encoding: 'utf8', env: {} });
}

// The command and all below it.
export function allCommands(command) {
  return [command, ...command.commands.flatMap(allCommands)];
}
