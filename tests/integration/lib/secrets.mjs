// Looks for card numbers, keys and other secrets in whatever a daemon leaves behind, in every
// spelling in which they could stand there.
import fs from 'node:fs';
import { spawnSync } from 'node:child_process';

const kMatchesShownMax = 20;
const kOutputBytesMax = 1 << 26;

const isNumber = (secret) => /^\d{12,19}$/.test(secret);
const grouped = (digits, separator) => digits.match(/.{1,4}/g).join(separator);

// What of a text's Base64 is the same whatever stands before and after it: at each of the three
// places where it may begin, without the characters that its neighbours share.
function base64Forms(text) {
  const bytes = Buffer.from(text);
  return [0, 1, 2].map((before) => {
    const padded = Buffer.concat([Buffer.alloc(before), bytes]);
    const whole = padded.toString('base64').replaceAll('=', '');
    const from = Math.ceil((before * 8) / 6);
    return whole.slice(from, Math.floor((padded.length * 8) / 6));
  });
}

export function formsOf(secret) {
  const hex = Buffer.from(secret).toString('hex');
  const forms = [secret, hex, hex.toUpperCase(), ...base64Forms(secret)];
  if (isNumber(secret)) forms.push(grouped(secret, ' '), grouped(secret, '-'));
  return [...new Set(forms)].filter((form) => form.length >= 8);
}

// "file: form (times)" of everything found under the folders and files.
export function findSecrets(secrets, places, patternFile) {
  const forms = [...new Set([...secrets].flatMap(formsOf))];
  const present = places.filter((place) => fs.existsSync(place));
  if (forms.length === 0 || present.length === 0) return [];
  fs.writeFileSync(patternFile, `${forms.join('\n')}\n`, { mode: 0o600 });
  const options = ['-r', '-a', '-o', '-H', '-F', '-f', patternFile, '--', ...present];
  const done = spawnSync('grep', options, {
    env: { ...process.env, LC_ALL: 'C' },
    maxBuffer: kOutputBytesMax,
  });
  fs.rmSync(patternFile);
  if (done.error || done.status > 1) throw new Error(`grep: ${done.error ?? done.stderr}`);
  const counts = new Map();
  for (const line of done.stdout.toString('latin1').split('\n').filter(Boolean)) {
    counts.set(line, (counts.get(line) ?? 0) + 1);
  }
  return [...counts].map(([line, times]) => `${line} (${times})`).slice(0, kMatchesShownMax);
}

// The files that a process has mapped, other than programs and libraries; a file that was deleted
// is named too, because its pages are still there.
export function mappedFiles(pid) {
  const program = fs.readlinkSync(`/proc/${pid}/exe`);
  const maps = fs.readFileSync(`/proc/${pid}/maps`, 'utf8').split('\n');
  const files = maps
    .map((line) => line.match(/^(\S+) \S{4} \S+ \S+ (\d+) +(\/.*)$/))
    .filter((match) => match && match[2] !== '0' && match[3] !== program)
    .map(([, range, , file]) =>
      file.endsWith(' (deleted)') ? `/proc/${pid}/map_files/${range}` : file,
    );
  return [...new Set(files)].filter((file) => !/\.so(\.\d+)*$/.test(file));
}
