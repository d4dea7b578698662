// The units as systemd reads them, and the ranges of the network guard as the kernel gets them.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { binary, root, temporaryFolder } from './lib/daemon.mjs';

const units = path.join(root, 'systemd');
const kExposureMax = 11; // in tenths
const analyze = (...args) => spawnSync('systemd-analyze', args, { encoding: 'utf8' });
const skip = analyze('--version').status !== 0 && 'there is no systemd-analyze here';

const read = (name) => fs.readFileSync(path.join(units, name), 'utf8');
const unitNames = () => fs.readdirSync(units).filter((name) => /\.(service|socket)$/.test(name));

// The units with the program at its place here, and with drop-ins.
function installed(t, dropIns = []) {
  const folder = temporaryFolder(t);
  for (const name of unitNames()) {
    const text = read(name).replaceAll('/usr/bin/postern', binary());
    fs.writeFileSync(path.join(folder, name), text);
  }
  const place = path.join(folder, 'postern.service.d');
  fs.mkdirSync(place);
  for (const name of dropIns) {
    fs.copyFileSync(path.join(units, name), path.join(place, path.basename(name)));
  }
  return folder;
}

const examples = fs.readdirSync(path.join(units, 'examples')).map((name) => `examples/${name}`);

for (const dropIns of [[], ...examples.map((name) => [name])]) {
  const title = dropIns.length > 0 ? ` with ${dropIns}` : '';
  test(`systemd finds no fault with the units${title}`, { skip }, (t) => {
    const folder = installed(t, dropIns);
    const files = unitNames().map((name) => path.join(folder, name));
    const { status, stdout, stderr } = analyze('verify', '--man=no', ...files);
    assert.equal(stdout + stderr, '');
    assert.equal(status, 0);
  });

  test(`the service is exposed to at most 1.1${title}`, { skip }, (t) => {
    const file = path.join(installed(t, dropIns), 'postern.service');
    const limit = `--threshold=${kExposureMax}`;
    const { status, stdout, stderr } = analyze('security', '--offline=true', limit, file);
    assert.equal(status, 0, stdout + stderr);
  });
}

const familyOf = (address) => (net.isIPv6(address) ? 'ipv6' : 'ipv4');

test('the kernel is given every range that no delivery may reach', () => {
  // Packets of IPv4 are held against ranges of IPv4 only.
  const denied = { ipv4: new net.BlockList(), ipv6: new net.BlockList() };
  const given = read('examples/egress.conf').matchAll(/^IPAddressDeny=(\S+)\/([0-9]+)$/gm);
  for (const [, address, bits] of given) {
    denied[familyOf(address)].addSubnet(address, Number(bits), familyOf(address));
  }
  const isDenied = (address) => denied[familyOf(address)].check(address, familyOf(address));
  const ranges = fs.readFileSync(path.join(root, 'tests/corpora/ssrf-ranges.tsv'), 'utf8');
  for (const line of ranges.split('\n').filter((each) => each !== '' && !each.startsWith('#'))) {
    const [address] = line.split('\t')[0].split('/');
    assert.ok(isDenied(address), line);
  }
  for (const open of ['1.1.1.1', '93.184.216.34', '2606:4700::1111', '2a00:1450::1']) {
    assert.ok(!isDenied(open), open);
  }
});
