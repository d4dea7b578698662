// Writes docs/CONFIGURATION.md from config/: the meaning and the default of each key are those of
// postern.example.toml, its type and its bounds those of keys.cpp. A key that is in only one of the
// two, or bounds that the words do not tell, end the script: a page cannot then say something else.
//
//     node docs/tools/configuration.mjs
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');
const read = (name) => fs.readFileSync(path.join(root, name), 'utf8');

export const place = path.join(root, 'docs/CONFIGURATION.md');

const kPreface = `# Configuration

<!-- Written by docs/tools/configuration.mjs from config/: change those files, not this one. -->

Nothing here is needed: \`postern serve\` runs without a file. \`--config FILE\` or
\`POSTERN_CONFIG\` names one. An unknown key is an error, and \`postern check --config FILE\` shows
every mistake at once, secrets left out. The same settings, ready to be copied, are in
[config/postern.example.toml](../config/postern.example.toml).

- **The environment goes before the file.** The variable of each key stands in its row. Lists are
  separated by commas.
- **Secrets in files.** A key that ends in \`_file\` names a file that holds the value. A name that
  is not absolute is looked for in \`$CREDENTIALS_DIRECTORY\`, where systemd puts credentials, and
  then in the folder of the configuration.
`;

const kGateways = `
## [[gateway]]

A table for each gateway. With none there is a sandbox gateway of every kind, whose id is its kind.
What a provider itself needs is on [its page](PROVIDERS.md).
`;

// { 'section.key': { type, minimum, maximum, names } } as keys.cpp reads them.
function schema() {
  const source = read('config/keys.cpp');
  const choices = Object.fromEntries(
    [...source.matchAll(/(k\w+) = \{("[^}]+")\}/g)].map(([, name, list]) => [
      name,
      [...list.matchAll(/"([^"]*)"/g)].map(([, one]) => one),
    ]),
  );
  const keys = {};
  let section = '';
  const calls =
    /begin_section\((?:"(\w+)"|\{\})\)|visit(?:or\.|_)(\w+)\(\s*(?:visitor, )?"(\w+)",([^;]*);/g;
  for (const [, begun, kind, key, rest] of source.matchAll(calls)) {
    if (!key) section = begun ?? '';
    else Object.assign(keys, described({ section, kind, key, rest, choices }));
  }
  return keys;
}

const kTypes = {
  duration: 'integer',
  flag: 'true or false',
  ranges: 'list of networks',
  texts: 'list of texts',
};

function described({ section, kind, key, rest, choices }) {
  const name = section ? `${section}.${key}` : key;
  const bounds = /\{([^{},]+), ([^{},]+)\}/.exec(rest);
  const [minimum, maximum] = bounds ? bounds.slice(1).map(numberOf) : [];
  const names = choices[/\b(k\w+)\)/.exec(rest)?.[1]];
  const type = names ? names.map((one) => `\`"${one}"\``).join(', ') : (kTypes[kind] ?? 'text');
  const entry = { type: kind === 'integer' ? 'integer' : type, minimum, maximum };
  const file = kind === 'secret' ? { [`${name}_file`]: { type: 'file name' } } : {};
  if (kind === 'file') entry.type = 'file name';
  return { [name]: entry, ...file };
}

// "64 * kMebibyte" and "1'000'000" as numbers.
function numberOf(text) {
  const units = { kKibibyte: 1024, kMebibyte: 1024 * 1024 };
  const factors = text.replaceAll("'", '').split('*').map((one) => one.trim());
  return factors.reduce((product, one) => product * (units[one] ?? Number(one)), 1);
}

// [{ section, about, keys: [{ key, value, about }] }] as the example says them.
function example() {
  const [plain] = read('config/postern.example.toml').split('\n#[[gateway]]');
  const sections = [{ section: '', about: '', keys: [] }];
  let words = [];
  for (const line of plain.split('\n')) {
    const [, begun] = /^\[(\w+)\]$/.exec(line) ?? [];
    const [, key, value] = /^(\w+) = (.+)$/.exec(line) ?? [];
    if (line.startsWith('#')) words.push(line.replace(/^# ?/, ''));
    else if (begun) sections.push({ section: begun, keys: [] });
    else if (key) sections.at(-1).keys.push({ key, value, about: words.join(' ') });
    if (!line.startsWith('#')) words = [];
  }
  return sections;
}

const variableOf = (section, key) =>
  ['POSTERN', ...(section ? [section] : []), key].join('_').toUpperCase();

const cellOf = (text) => text.replaceAll('|', '\\|').replaceAll(/\.\.\./g, '…');

function row({ section, key, value, about, entry }) {
  const { type, minimum, maximum } = entry;
  const name = section ? `${section}.${key}` : key;
  if (minimum !== undefined) {
    assert.ok(
      about.includes(`${minimum} to ${maximum}`),
      `${name}: the example must say "${minimum} to ${maximum}"`,
    );
  }
  const kind = minimum === undefined ? type : `integer, ${minimum} to ${maximum}`;
  const meaning = about.replace(`, ${minimum} to ${maximum}`, '');
  const variable = variableOf(section, key);
  return `| \`${key}\` | ${kind} | \`${value}\` | ${cellOf(meaning)} \`${variable}\` |`;
}

function sectionText({ section, keys }, known) {
  const title = section ? `[${section}]` : 'Before the first table';
  const rows = keys.map(({ key, value, about }) => {
    const name = section ? `${section}.${key}` : key;
    const entry = known[name];
    assert.ok(entry, `${name} is in the example and not in config/keys.cpp`);
    delete known[name];
    return row({ section, key, value, about, entry });
  });
  return ['', `## ${title}`, '', '| key | type | default | |', '|---|---|---|---|', ...rows];
}

// The keys that every gateway has, from the example's first one.
function gatewayRows() {
  const [, text] = read('config/postern.example.toml').split('\n#[[gateway]]\n');
  const rows = [];
  let words = [];
  for (const line of text.split('\n')) {
    const [, key] = /^#(\w+) = /.exec(line) ?? [];
    if (line.startsWith('# ')) words.push(line.slice(2));
    else if (key && words.length > 0) rows.push(`| \`${key}\` | ${words.join(' ')} |`);
    if (!line.startsWith('# ')) words = [];
  }
  const common = rows.filter((one) => !/provider itself/.test(one));
  return ['', '| key | |', '|---|---|', ...common, ''];
}

export function configurationPage() {
  const known = schema();
  const lines = example().flatMap((section) => sectionText(section, known));
  assert.deepEqual(Object.keys(known), [], 'in config/keys.cpp and not in the example');
  return [kPreface.trimEnd(), ...lines, ...kGateways.trimEnd().split('\n'), ...gatewayRows()].join(
    '\n',
  );
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  fs.writeFileSync(place, configurationPage());
}
