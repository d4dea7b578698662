// What the package holds, and the list of components beside it.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { controlFolder, field, listedFiles, packageFile, unpacked } from './lib/package.mjs';
import { binary, outputOf, temporaryFolder } from './lib/program.mjs';

const kRoot = fileURLToPath(new URL('../..', import.meta.url)).replace(/\/$/, '');
const fromRoot = (name) => path.join(kRoot, name);

const kFiles = {
  '/etc/postern/postern.toml': '-rw-r-----',
  '/usr/bin/postern': '-rwxr-xr-x',
  '/usr/share/bash-completion/completions/postern': '-rw-r--r--',
  '/usr/share/doc/postern/changelog.Debian.gz': '-rw-r--r--',
  '/usr/share/doc/postern/copyright': '-rw-r--r--',
  '/usr/share/lintian/overrides/postern': '-rw-r--r--',
  '/usr/share/man/man1/postern.1.gz': '-rw-r--r--',
  '/usr/share/man/man5/postern.toml.5.gz': '-rw-r--r--',
  '/usr/share/zsh/vendor-completions/_postern': '-rw-r--r--',
};

// Where the files of systemd/ go.
const kUnits = {
  'postern.service': '/usr/lib/systemd/system/postern.service',
  'postern.socket': '/usr/lib/systemd/system/postern.socket',
  'postern-private.socket': '/usr/lib/systemd/system/postern-private.socket',
  'postern-tls.socket': '/usr/lib/systemd/system/postern-tls.socket',
  'postern.sysusers': '/usr/lib/sysusers.d/postern.conf',
  'postern.tmpfiles': '/usr/lib/tmpfiles.d/postern.conf',
  'examples/credentials.conf': '/usr/share/doc/postern/examples/credentials.conf',
  'examples/egress.conf': '/usr/share/doc/postern/examples/egress.conf',
};

test('the package holds these files and no others, all of them owned by root', () => {
  const wanted = { ...kFiles };
  for (const [name, place] of Object.entries(kUnits)) {
    if (fs.existsSync(fromRoot(`systemd/${name}`))) wanted[place] = '-rw-r--r--';
  }
  const files = listedFiles();
  const modes = Object.fromEntries(files.map((file) => [file.path, file.mode]));
  assert.deepEqual(modes, wanted);
  assert.deepEqual([...new Set(files.map(({ owner }) => owner))], ['root/root']);
});

test('the manual pages that the units name are in the package', () => {
  const pages = listedFiles().map((file) => path.basename(file.path, '.gz'));
  for (const unit of Object.keys(kUnits).filter((name) => /\.(service|socket)$/.test(name))) {
    const text = fs.readFileSync(fromRoot(`systemd/${unit}`), 'utf8');
    const found = text.matchAll(/man:(\S+)\((\d)\)/g);
    const named = [...found].map(([, name, section]) => `${name}.${section}`);
    assert.deepEqual(named, ['postern.1', 'postern.toml.5'], unit);
    for (const page of named) assert.ok(pages.includes(page), page);
  }
});

test('the packaged configuration is the example, but keeps its data in /var/lib', (t) => {
  const file = path.join(unpacked(t), 'etc/postern/postern.toml');
  const example = fs.readFileSync(fromRoot('config/postern.example.toml'), 'utf8');
  const wanted = example.replace('"./postern-data"', '"/var/lib/postern"');
  assert.notEqual(wanted, example);
  assert.equal(fs.readFileSync(file, 'utf8'), wanted);
  const options = { env: { POSTERN_DATA_DIR: temporaryFolder(t) } };
  assert.match(outputOf(binary(), ['check', '--config', file], options), /in order/);
});

test('dpkg asks before it replaces a configuration that was edited', (t) => {
  const conffiles = fs.readFileSync(path.join(controlFolder(t), 'conffiles'), 'utf8');
  const inPlace = listedFiles().filter((file) => file.path.startsWith('/etc/'));
  assert.deepEqual(conffiles.trim().split('\n'), inPlace.map((file) => file.path));
});

test("the package's version is the program's", () => {
  const [, version] = /^postern (\S+)/.exec(outputOf(binary(), ['version']));
  const changelog = fs.readFileSync(fromRoot('packaging/debian/changelog'), 'utf8');
  assert.equal(field('Version'), /^postern \((.*?)\)/.exec(changelog)[1]);
  assert.equal(field('Version').split('-')[0], version);
});

const lintian = spawnSync('lintian', ['--version']);

test('lintian has nothing to say', { skip: lintian.error && 'there is no lintian here' }, () => {
  const asked = ['--allow-root', '--fail-on', 'error,warning', packageFile()];
  assert.equal(outputOf('lintian', asked), '');
});

test('the scripts that dpkg runs are plain shell without a mistake', (t) => {
  const folder = controlFolder(t);
  for (const name of ['postinst', 'prerm', 'postrm']) {
    const file = path.join(folder, name);
    assert.ok(fs.statSync(file).mode & 0o100, `${name} can be run`);
    outputOf('shellcheck', ['--shell=sh', file]);
  }
});

test('the same program packed again elsewhere, under another mask, is the same package', (t) => {
  const folder = temporaryFolder(t);
  const changelog = fs.readFileSync(fromRoot('packaging/debian/changelog'), 'utf8');
  const released = new Date(/^ -- .*> {2}(.*)$/m.exec(changelog)[1]);
  const config = path.join(path.dirname(path.dirname(binary())), 'CPackConfig.cmake');
  const script = 'umask 027 && exec cpack --config "$1" -B "$2"';
  const env = { ...process.env, SOURCE_DATE_EPOCH: `${released / 1000}` };
  outputOf('sh', ['-c', script, 'sh', config, folder], { env });
  const again = fs.readFileSync(path.join(folder, path.basename(packageFile())));
  assert.ok(again.equals(fs.readFileSync(packageFile())), 'the bytes differ');
});

test('the program does not say in which folder it was built', () => {
  assert.ok(!fs.readFileSync(binary()).includes(kRoot), kRoot);
});

function componentList() {
  return JSON.parse(fs.readFileSync(packageFile().replace(/\.deb$/, '.cdx.json'), 'utf8'));
}

// The package itself, or the one that stands for it: libspdlog1.10 provides libspdlog1.10-fmt9.
function componentFor(name, components) {
  const provides = (one) => outputOf('dpkg-query', ['-W', '-f', '${Provides}', one.name]);
  return components.find((one) => one.name === name)
    ?? components.find((one) => provides(one).split(/[ ,]+/).includes(name));
}

test('the list of components names every package that this one depends on', () => {
  const { components } = componentList();
  const depends = field('Depends').split(', ').filter((entry) => !entry.includes('|'));
  assert.ok(depends.length >= 10, `${depends}`);
  for (const name of depends.map((entry) => entry.split(' ')[0])) {
    const component = componentFor(name, components);
    assert.ok(component, name);
    assert.match(component.version, /\d/);
    assert.ok(component.properties.some(({ value }) => value === 'linked'), name);
  }
});

test('the list of components names those that exist in the program only as headers', () => {
  const names = componentList().components.map(({ name }) => name);
  for (const name of [/^libboost1\.\d+-dev$/, /^libcli11-dev$/, /^libstdc\+\+-\d+-dev$/]) {
    assert.ok(names.some((one) => name.test(one)), `${name} is not among ${names}`);
  }
  assert.ok(!names.some((name) => /gtest|benchmark/.test(name)), 'nothing of tests');
});

test('the list of components has the shape of CycloneDX 1.5', () => {
  const list = componentList();
  assert.equal(list.bomFormat, 'CycloneDX');
  assert.equal(list.specVersion, '1.5');
  assert.match(list.serialNumber, /^urn:uuid:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
  assert.equal(list.metadata.component.version, field('Version'));
  const references = [list.metadata.component, ...list.components].map((one) => one['bom-ref']);
  assert.equal(new Set(references).size, references.length);
  assert.deepEqual(list.dependencies.map(({ ref }) => ref), references);
  assert.deepEqual(list.dependencies[0].dependsOn, references.slice(1));
  for (const { type, purl } of list.components) {
    assert.equal(type, 'library');
    assert.match(purl, /^pkg:deb\/[a-z]+\/[a-z0-9+.-]+@[^?]+\?arch=\w+$/);
  }
});
