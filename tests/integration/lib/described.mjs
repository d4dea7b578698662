// Holds what the payment API answers against the documents of its dialects: whatever a test asks
// and however it asks. An answer that is not as described fails the request, and the test file even
// where a client swallows that.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { assertAccepted } from './accepted.mjs';
import { Description } from './openapi.mjs';

const kRoot = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../../..');
const kDialects = ['onerway', 'rcommerce'].map((name) => `payments/dialects/${name}/openapi.json`);
const kNative = 'daemon/api/openapi.json';

const read = (name) => new Description(JSON.parse(fs.readFileSync(path.join(kRoot, name))));

let loaded;
export function dialects() {
  loaded ??= kDialects.map(read);
  return loaded;
}

let own;
function native() {
  own ??= read(kNative);
  return own;
}

const unlike = new Set();
process.once('exit', () => {
  if (unlike.size === 0) return;
  process.exitCode = 1;
  console.error(['Not as described:', ...unlike].join('\n'));
});

function assertHeaders({ method, route, described }, headers) {
  for (const [name, { required }] of Object.entries(described.headers ?? {})) {
    const there = headers[name.toLowerCase()] !== undefined;
    assert.ok(there || !required, `${method} ${route}: no ${name} in the answer`);
  }
}

// A daemon whose payments are switched off has none of these addresses.
const isNoAddress = ({ status, text = '' }) =>
  status === 404 && /There is nothing at this address|Unrecognized request URL/.test(text);

// `answer` is { status, headers, text, json }.
export function assertDescribed({ method, target, headers = {}, body }, answer) {
  if (method === 'HEAD' || isNoAddress(answer)) return;
  for (const description of [...dialects(), native()]) {
    const operation = description.operationOf(method, target);
    if (!operation) continue;
    try {
      description.assertDescribed(operation, answer);
      const described = description.responseOf(operation, answer.status);
      assertHeaders({ ...operation, described }, answer.headers);
      if (answer.status < 300 && description !== native()) {
        assertAccepted(description, operation, { target, headers, body });
      }
    } catch (error) {
      unlike.add(error.message);
      throw error;
    }
    return;
  }
}
