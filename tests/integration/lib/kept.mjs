// With POSTERN_TEST_KEEP=FOLDER, what every daemon left behind is kept there, together with the
// keys and secrets that were said to it, for secrets_sweep.mjs to look through.
import fs from 'node:fs';
import path from 'node:path';

export const keptFolder = process.env.POSTERN_TEST_KEEP;
export const secretsFile = 'secrets.txt';

const kFileBytesMax = 32 << 20;
const kAllBytesMax = 1 << 30;
// Secret by its beginning; publishable keys are for everybody to see.
const kSecrets = /(?:[sr]k_(?:test|live)_|whsec_)[A-Za-z0-9_+/=-]{12,}/g;

const noted = new Set();

export function noteSecrets(text) {
  if (!keptFolder || !text) return;
  for (const [secret] of String(text).matchAll(kSecrets)) {
    if (noted.has(secret)) continue;
    noted.add(secret);
    fs.appendFileSync(path.join(keptFolder, secretsFile), `${secret}\n`, { mode: 0o600 });
  }
}

function bytesUnder(folder) {
  return fs
    .readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => fs.statSync(path.join(entry.parentPath ?? entry.path, entry.name)).size)
    .reduce((sum, size) => sum + size, 0);
}

// Disk that is only held in reserve says nothing, and a store that was filled up on purpose says
// the same again and again: neither is worth its room.
function isWorthKeeping(file) {
  const { base } = path.parse(file);
  const found = fs.lstatSync(file);
  if (found.isDirectory()) return true;
  return found.isFile() && found.size <= kFileBytesMax && !/reserve|\.(key|toml)$/.test(base);
}

export function keepFolder(folder) {
  const data = path.join(folder, 'data');
  if (!keptFolder || !fs.existsSync(data)) return;
  if (bytesUnder(keptFolder) + bytesUnder(data) > kAllBytesMax) return;
  const kept = path.join(keptFolder, path.basename(folder));
  fs.cpSync(data, path.join(kept, 'data'), { recursive: true, filter: isWorthKeeping });
}

export function keepLog(folder, log) {
  if (!keptFolder) return;
  const kept = path.join(keptFolder, path.basename(folder));
  fs.mkdirSync(kept, { recursive: true });
  fs.appendFileSync(path.join(kept, 'daemon.log'), `${log}\n`);
}
