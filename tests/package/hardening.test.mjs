// What makes a memory error in the program harder to use, read from the program itself.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { binary, outputOf, temporaryFolder } from './lib/program.mjs';
import { packagedProgram } from './lib/package.mjs';

const read = (option, file) => outputOf('readelf', ['--wide', option, file]);

function segments(file) {
  const row = /^ {2}([A-Z_]+) +0x\S+ 0x\S+ 0x\S+ 0x\S+ 0x\S+ ([R ][W ][E ]) /gm;
  return [...read('--segments', file).matchAll(row)].map(([, type, flags]) => ({ type, flags }));
}

// The functions of the system's libraries that the program calls.
function imports(file) {
  const row = / UND ([^\s@]+)/gm;
  return [...read('--dyn-syms', file).matchAll(row)].map(([, name]) => name);
}

const kProperties = {
  'may be loaded at any address': (file) => {
    assert.match(read('--file-header', file), /Type: +DYN \(Position-Independent Executable/);
    assert.match(read('--dynamic', file), /\(FLAGS_1\).*\bPIE\b/);
  },
  'has its tables of functions read-only, because all are found at the start': (file) => {
    assert.match(read('--dynamic', file), /\(FLAGS\).*\bBIND_NOW\b/);
    assert.match(read('--dynamic', file), /\(FLAGS_1\).*\bNOW\b/);
    assert.ok(segments(file).some(({ type }) => type === 'GNU_RELRO'));
  },
  'has no memory that may be written and executed, the stack included': (file) => {
    const all = segments(file);
    assert.ok(all.length > 8, `${all.length} segments`);
    assert.deepEqual(all.find(({ type }) => type === 'GNU_STACK')?.flags, 'RW ');
    assert.deepEqual(
      all.filter(({ flags }) => flags.includes('W') && flags.includes('E')),
      [],
    );
    assert.doesNotMatch(read('--dynamic', file), /TEXTREL/);
  },
  'looks for libraries only where the system has them': (file) => {
    assert.doesNotMatch(read('--dynamic', file), /\((RPATH|RUNPATH)\)/);
  },
  'notices a stack that was written over': (file) => {
    assert.ok(imports(file).includes('__stack_chk_fail'));
  },
  'checks the sizes that go to the C library': (file) => {
    const checked = imports(file).filter((name) => /^__(?!stack).*_chk$/.test(name));
    assert.ok(checked.length > 0, 'no function of the kind __memcpy_chk');
  },
  'tells the processor to keep a second stack of return addresses': (file) => {
    assert.match(read('--notes', file), /x86 feature:.*\bSHSTK\b/);
  },
};

const kFiles = { 'the program': () => binary(), 'the packaged program': packagedProgram };

for (const [name, fileOf] of Object.entries(kFiles)) {
  for (const [property, check] of Object.entries(kProperties)) {
    test(`${name} ${property}`, (t) => check(fileOf(t)));
  }
}

// The C library's own start-up code is not marked on every system, and one part that is not clears
// the mark of the whole. So each of ours is looked at.
test('every object of ours marks where indirect jumps may go', () => {
  const archives = archivesBelow(path.dirname(path.dirname(binary())));
  assert.ok(archives.length >= 9, `${archives}`);
  for (const archive of archives) {
    const parts = read('--notes', archive).split(/^File: /m).slice(1);
    assert.ok(parts.length > 0, archive);
    for (const part of parts) assert.match(part, /x86 feature: IBT, SHSTK/, archive);
  }
});

function archivesBelow(folder) {
  return fs
    .readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .flatMap(({ name }) => fs.readdirSync(path.join(folder, name)).map((file) => [name, file]))
    .filter(([, file]) => /^libpostern_.*\.a$/.test(file))
    .map((parts) => path.join(folder, ...parts));
}

test('a program that was built without care is noticed', (t) => {
  const folder = temporaryFolder(t);
  const file = path.join(folder, 'careless');
  fs.writeFileSync(path.join(folder, 'careless.cpp'), 'int main() { return 0; }\n');
  const flags = ['-no-pie', '-fno-stack-protector', '-U_FORTIFY_SOURCE', '-fcf-protection=none'];
  const link = ['-Wl,-z,execstack,-z,lazy,-z,norelro,-rpath,/tmp'];
  outputOf('g++', [...flags, ...link, '-o', file, path.join(folder, 'careless.cpp')]);
  for (const [property, check] of Object.entries(kProperties)) {
    assert.throws(() => check(file), assert.AssertionError, property);
  }
});
