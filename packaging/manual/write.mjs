// Writes the manual pages and the shells' completion, as the program and the settings are:
//   node packaging/manual/write.mjs PROGRAM FOLDER
import fs from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { releasedAt } from '../release.mjs';
import { bashCompletion, zshCompletion } from './completion.mjs';
import { programAt, readCommands } from './help.mjs';
import { commandPage, settingsPage } from './pages.mjs';
import { readSettings } from './settings.mjs';

const kExample = new URL('../../config/postern.example.toml', import.meta.url);

// { file name: text }.
export function writtenPages(binary) {
  const run = programAt(binary);
  const version = /^postern (\S+)/.exec(run(['version']))[1];
  const release = { version, date: releasedAt().toISOString().slice(0, 10) };
  const root = readCommands(run);
  const settings = readSettings(fs.readFileSync(kExample, 'utf8'));
  return {
    'postern.1': commandPage(root, release),
    'postern.toml.5': settingsPage(settings, release),
    'postern.bash': bashCompletion(root),
    'postern.zsh': zshCompletion(root),
  };
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const [binary, folder] = process.argv.slice(2);
  for (const [name, text] of Object.entries(writtenPages(path.resolve(binary)))) {
    fs.writeFileSync(path.join(folder, name), text);
  }
}
