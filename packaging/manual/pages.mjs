// postern(1) from the command tree, postern.toml(5) from the settings.
import { allCommands } from './help.mjs';
import { entry, heading, page, paragraph, prose, subheading, title, verbatim } from './roff.mjs';

const kEnvironment = [
  ['POSTERN_CONFIG', 'The configuration file, where --config does not name one.'],
  ['POSTERN_URL', "The daemon's public address, where --url does not say it."],
  ['POSTERN_API_KEY', 'The API key, where --key does not give it.'],
  ['POSTERN_<KEY>, POSTERN_<TABLE>_<KEY>', 'A setting, over the file: see postern.toml(5).'],
  ['CREDENTIALS_DIRECTORY', 'Where systemd puts credentials; files of secrets are found there.'],
];
const kFiles = [
  ['/etc/postern/postern.toml', 'The configuration of the packaged service.'],
  ['/var/lib/postern', 'What the packaged service keeps: the store, its keys, its secrets.'],
];
const kExitCodes = [
  ['0', 'The command did what it was asked.'],
  ['1', 'It failed, and said why on standard error.'],
  ['2', 'It was not understood.'],
  ['70', 'Of serve: the store failed, and a new start is needed.'],
  ['78', 'Of serve: the configuration cannot be read or holds a mistake.'],
];

const entries = (rows) => rows.map(([term, text]) => entry([term], text));

function rowOf({ names, value, required, description }) {
  const term = [names.join(', '), value].filter(Boolean).join(' ');
  return [required ? `${term} (required)` : term, description || 'Required.'];
}

function partOf(command) {
  const own = command.options.filter(({ names }) => !names.includes('--help'));
  return [
    subheading(['postern', ...command.words].join(' ')),
    paragraph(`${command.about}.`),
    verbatim(command.usage),
    ...entries([...command.positionals, ...own].map(rowOf)),
    ...(command.footer ? [prose(command.footer)] : []),
  ];
}

export function commandPage(root, release) {
  const commands = allCommands(root).slice(1);
  return page([
    title('postern', 1, release),
    heading('NAME'),
    'postern \\- receives, keeps and delivers the webhooks of payment providers',
    heading('SYNOPSIS'),
    verbatim(root.usage.replace('[OPTIONS] SUBCOMMAND', 'COMMAND [OPTIONS]')),
    heading('DESCRIPTION'),
    paragraph(root.about),
    paragraph('Every command has --help, which says what is below.'),
    heading('COMMANDS'),
    ...commands.flatMap(partOf),
    heading('EXIT STATUS'),
    ...entries(kExitCodes),
    heading('ENVIRONMENT'),
    ...entries(kEnvironment),
    heading('FILES'),
    ...entries(kFiles),
    heading('EXAMPLES'),
    prose(root.footer),
    heading('SEE ALSO'),
    paragraph('postern.toml(5)'),
  ]);
}

function tableOf({ name, paragraphs, settings }) {
  return [
    heading(name === '' ? 'TOP OF THE FILE' : name),
    ...paragraphs.map(paragraph),
    ...settings.map(({ lines, text }) => entry(lines, text)),
  ];
}

export function settingsPage({ introduction, tables }, release) {
  return page([
    title('postern.toml', 5, release),
    heading('NAME'),
    'postern.toml \\- the configuration of postern',
    heading('DESCRIPTION'),
    ...introduction.map(paragraph),
    paragraph('Each setting is shown with its default, or in a gateway with an example.'),
    ...tables.flatMap(tableOf),
    heading('SEE ALSO'),
    paragraph('postern(1)'),
  ]);
}
