// Writes the list of components, as CycloneDX 1.5: what the program is linked with, and whose
// headers were compiled into it. Both are packages of the system that it was built on.
//   node packaging/sbom.mjs BUILD_FOLDER > FILE
import { execFileSync, spawnSync } from 'node:child_process';
import crypto from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { releaseVersion, releasedAt } from './release.mjs';

const kOutputBytesMax = 256 * 1024 * 1024;

function linesOf(command, args) {
  const options = { encoding: 'utf8', maxBuffer: kOutputBytesMax };
  return execFileSync(command, args, options).split('\n').filter(Boolean);
}

// The libraries that the program itself names, where the loader finds them:
// "libssl.so.3 => /lib/x86_64-linux-gnu/libssl.so.3 (0x…)".
function linkedFiles(program) {
  const needed = linesOf('readelf', ['-dW', program]).flatMap(
    (line) => /\(NEEDED\).*\[(.*)\]/.exec(line)?.[1] ?? [],
  );
  const found = linesOf('ldd', [program]).map((line) => line.trim().split(/ => | \(/));
  return needed.map((name) => {
    const row = found.find(([left]) => left === name || path.basename(left) === name);
    return row[1]?.startsWith('/') ? row[1] : row[0];
  });
}

// The headers that the program's own objects were compiled from; others belong to tests.
function compiledFiles(build) {
  const inputs = linesOf('ninja', ['-C', build, '-t', 'inputs', 'daemon/postern']);
  const objects = new Set(inputs.filter((name) => /\.(o|gch)$/.test(name)));
  const files = new Set();
  let counts = false;
  for (const line of linesOf('ninja', ['-C', build, '-t', 'deps'])) {
    if (!line.startsWith(' ')) counts = objects.has(line.split(': #deps')[0]);
    else if (counts && line.trim().startsWith('/usr/')) files.add(path.normalize(line.trim()));
  }
  return [...files];
}

// The packages that own some files. dpkg may know a file by its place before /usr was merged.
function ownersOf(files) {
  const places = files.flatMap((file) => {
    const real = fs.realpathSync(file);
    return [file, real, real.replace(/^\/usr(?=\/lib)/, '')];
  });
  const options = { encoding: 'utf8', maxBuffer: kOutputBytesMax };
  const { stdout } = spawnSync('dpkg-query', ['--search', '--', ...new Set(places)], options);
  const rows = stdout.split('\n').filter((line) => line.includes(': /'));
  return new Set(rows.flatMap((line) => line.split(': /')[0].split(', ')));
}

const kFields = '${Package}\t${Version}\t${Architecture}\t${source:Package}\t${Homepage}\n';

// ID and VERSION_ID of the system, among others.
function systemHere() {
  const rows = fs.readFileSync('/etc/os-release', 'utf8').matchAll(/^(\w+)="?([^"\n]*)/gm);
  return Object.fromEntries([...rows].map(([, key, value]) => [key, value]));
}

function purlOf({ ID }, name, version) {
  return `pkg:deb/${ID}/${name}@${encodeURIComponent(version)}`;
}

function componentsOf(names, use) {
  const system = systemHere();
  const rows = linesOf('dpkg-query', ['--show', `--showformat=${kFields}`, ...names]);
  return rows.map((row) => {
    const [name, version, architecture, source, homepage] = row.split('\t');
    const purl = `${purlOf(system, name, version)}?arch=${architecture}`;
    return {
      type: 'library',
      'bom-ref': purl,
      name,
      version,
      purl,
      ...(homepage && { externalReferences: [{ type: 'website', url: homepage }] }),
      properties: [
        { name: 'postern:use', value: use },
        { name: 'postern:source-package', value: source },
      ],
    };
  });
}

// The same for the same content, and for no other.
function serialNumber(content) {
  const digits = crypto.createHash('sha256').update(JSON.stringify(content)).digest('hex');
  const parts = [8, 12, 16, 20, 32].map((end, i, ends) => digits.slice(ends[i - 1] ?? 0, end));
  parts[2] = `8${parts[2].slice(1)}`;  // a UUID whose digits its maker defines
  parts[3] = `8${parts[3].slice(1)}`;
  return `urn:uuid:${parts.join('-')}`;
}

export function listOfComponents(build) {
  const linked = ownersOf(linkedFiles(path.join(build, 'daemon/postern')));
  const compiled = [...ownersOf(compiledFiles(build))].filter((name) => !linked.has(name));
  const components = [
    ...componentsOf([...linked], 'linked'),
    ...componentsOf(compiled, 'headers compiled in'),
  ].sort((one, other) => (one['bom-ref'] < other['bom-ref'] ? -1 : 1));
  const version = releaseVersion();
  const itself = purlOf(systemHere(), 'postern', version);
  const content = {
    metadata: {
      timestamp: releasedAt().toISOString(),
      component: {
        type: 'application',
        'bom-ref': itself,
        name: 'postern',
        version,
        purl: itself,
        licenses: [{ license: { id: 'Apache-2.0' } }],
      },
    },
    components,
    dependencies: [
      { ref: itself, dependsOn: components.map((component) => component['bom-ref']) },
      ...components.map((component) => ({ ref: component['bom-ref'] })),
    ],
  };
  return {
    $schema: 'http://cyclonedx.org/schema/bom-1.5.schema.json',
    bomFormat: 'CycloneDX',
    specVersion: '1.5',
    serialNumber: serialNumber(content),
    version: 1,
    ...content,
  };
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  process.stdout.write(`${JSON.stringify(listOfComponents(process.argv[2]), null, 2)}\n`);
}
