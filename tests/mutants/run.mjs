#!/usr/bin/env node
// run.mjs [--build=build/release] [--built] [NAME...]
// Plants one known fault after another, wants its test to fail, prints a row each and last
// "N passed, N failed". The tree is not touched: a mutant is a copy of one file, compiled as the
// build folder compiles the original and linked before the library that holds the original.
// With --built only faults whose test stands in the folder are planted; all must have their place.
import fs from 'node:fs';
import path from 'node:path';
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { mutants } from './mutants.mjs';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');
const words = process.argv.slice(2);
const options = /^--(build=.+|built)$/;
const unknown = words.find((word) => word.startsWith('--') && !options.test(word));
if (unknown) {
  console.error(`unknown argument ${unknown}`);
  process.exit(2);
}
const build = path.resolve(
  words.find((word) => word.startsWith('--build='))?.slice('--build='.length) ??
    path.join(root, 'build/release'),
);
const onlyBuilt = words.includes('--built');
const names = words.filter((word) => !word.startsWith('--'));
const testSeconds = 120;

function chosen() {
  const missing = names.find((name) => !mutants.some((mutant) => mutant.name === name));
  if (missing) throw new Error(`no such mutant: ${missing}`);
  return mutants.filter((mutant) => names.length === 0 || names.includes(mutant.name));
}

function shell(command, cwd) {
  return spawnSync('sh', ['-c', command], { cwd, encoding: 'utf8', maxBuffer: 1 << 28 });
}

const compileCommands = new Map(
  JSON.parse(fs.readFileSync(path.join(build, 'compile_commands.json'), 'utf8')).map((entry) => [
    path.relative(root, entry.file),
    entry,
  ]),
);

// The command that links a target, with the mutant's object before everything else.
function linkCommand(target, object, program) {
  const said = spawnSync('ninja', ['-C', build, '-t', 'commands', target], {
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  });
  const command = said.stdout.trim().split('\n').at(-1) ?? '';
  const linked = command.replace(/ -o (\S+)/, ` ${object} -o ${program}`);
  if (linked === command) throw new Error(`no link command for ${target}`);
  return { command: linked, original: / -o (\S+)/.exec(command)[1] };
}

function sourceWithPlaceFor(mutant) {
  const source = fs.readFileSync(path.join(root, mutant.file), 'utf8');
  if (source.split(mutant.find).length !== 2) {
    throw new Error(`its text stands ${source.split(mutant.find).length - 1} times there`);
  }
  return source;
}

function plant(mutant, folder) {
  const source = sourceWithPlaceFor(mutant);
  const file = path.join(folder, path.basename(mutant.file));
  fs.writeFileSync(file, source.replace(mutant.find, () => mutant.replace));
  return file;
}

function compile(mutant, source, object) {
  const entry = compileCommands.get(mutant.file);
  if (!entry) throw new Error('the build folder does not know its file');
  const command = entry.command
    .replace(/ -o \S+/, ` -o ${object}`)
    .replace(/ -c \S+/, ` -c ${source}`);
  // A fault may leave a variable or a function behind that nobody uses.
  const done = shell(`${command} -Wno-error`, entry.directory);
  if (done.status !== 0) throw new Error(`does not compile:\n${done.stderr.slice(0, 2000)}`);
}

function passes(program, args) {
  const done = spawnSync(program, args, {
    cwd: build,
    encoding: 'utf8',
    timeout: testSeconds * 1000,
    maxBuffer: 1 << 28,
  });
  // A filter that chooses nothing would be content with every fault.
  return done.status === 0 && !/^\[=+\] 0 tests/m.test(done.stdout);
}

const sound = new Map();

// A test that fails anyway proves nothing.
function passesWithoutFault(program, args) {
  const key = JSON.stringify([program, args]);
  if (!sound.has(key)) sound.set(key, passes(program, args));
  return sound.get(key);
}

function judge(mutant) {
  const folder = path.join(build, 'mutants', mutant.name);
  fs.rmSync(folder, { recursive: true, force: true });
  fs.mkdirSync(folder, { recursive: true });
  try {
    const object = path.join(folder, 'mutant.o');
    const program = path.join(folder, mutant.target);
    const link = linkCommand(mutant.target, object, program);
    if (!passesWithoutFault(path.join(build, link.original), mutant.args)) {
      return 'FAILED: its test fails without it, or there is none';
    }
    compile(mutant, plant(mutant, folder), object);
    const linked = shell(link.command, build);
    if (linked.status !== 0) throw new Error(`does not link:\n${linked.stderr.slice(0, 2000)}`);
    return passes(program, mutant.args) ? 'FAILED: it survived' : 'caught';
  } catch (error) {
    return `FAILED: ${error.message}`;
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
}

function isBuilt(mutant) {
  return fs.existsSync(path.join(build, linkCommand(mutant.target, '', '').original));
}

function judgePlace(mutant) {
  try {
    sourceWithPlaceFor(mutant);
    return 'has its place';
  } catch (error) {
    return `FAILED: ${error.message}`;
  }
}

let passed = 0;
let failed = 0;
for (const mutant of chosen()) {
  const began = Date.now();
  const verdict = onlyBuilt && !isBuilt(mutant) ? judgePlace(mutant) : judge(mutant);
  if (verdict === 'has its place') continue;
  if (verdict === 'caught') passed += 1;
  else failed += 1;
  const seconds = ((Date.now() - began) / 1000).toFixed(1).padStart(5);
  console.log(`${mutant.name.padEnd(36)} ${mutant.target.padEnd(14)} ${seconds} s  ${verdict}`);
}
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);
