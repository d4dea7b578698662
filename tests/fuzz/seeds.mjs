// The first inputs of every fuzz target, as [name, bytes].
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const here = path.dirname(fileURLToPath(import.meta.url));
const corpora = path.join(here, '../corpora');

function files(folder, ending) {
  return fs
    .readdirSync(folder)
    .filter((name) => name.endsWith(ending))
    .map((name) => [name, fs.readFileSync(path.join(folder, name))]);
}

function texts(...list) {
  return list.map((text, index) => [String(index), Buffer.from(text, 'latin1')]);
}

const requests = () => [
  ...files(path.join(corpora, 'http-bad-requests'), '.req'),
  ...files(path.join(corpora, 'http-good-odd'), '.req'),
];

const answers = () => files(path.join(corpora, 'http-bad-responses'), '.res');

function afterChoice([name, bytes]) {
  return [name, Buffer.concat([Buffer.from([3]), bytes])];
}

function afterHead([name, bytes]) {
  const end = bytes.indexOf('\r\n\r\n');
  return [name, Buffer.concat([Buffer.from([3]), end < 0 ? bytes : bytes.subarray(end + 4)])];
}

// Lines of "name<TAB>bytes<TAB>note" with \xNN for what is not printable.
export function jsonLines(list) {
  return fs
    .readFileSync(path.join(corpora, list), 'utf8')
    .split('\n')
    .filter((line) => line && !line.startsWith('#'))
    .map((line) => line.split('\t'))
    .filter(([, text]) => text !== '(make it)')
    .map(([name, text, note]) => ({
      name,
      note: note ?? '',
      bytes: Buffer.from(
        text.replace(/\\x([0-9a-f]{2})/g, (_, hex) => String.fromCharCode(parseInt(hex, 16))),
        'latin1',
      ),
    }));
}

const json = () =>
  ['json-bad.txt', 'json-good-odd.txt'].flatMap((list) =>
    jsonLines(list).map(({ name, bytes }) => [name, bytes]),
  );

const webhooks = () => files(path.join(here, 'seeds/webhook'), '.txt');

function pemBlocks() {
  const text = fs.readFileSync(path.join(here, 'provider_settings.json'), 'utf8');
  const blocks = text.match(/-----BEGIN [^"]*?-----END [A-Z ]+-----/g) ?? [];
  return texts(...new Set(blocks.map((block) => block.replaceAll('\\n', '\n'))));
}

const urls = () =>
  ['ssrf-denied.txt', 'ssrf-allowed.txt']
    .flatMap((list) => fs.readFileSync(path.join(corpora, list), 'utf8').split('\n'))
    .filter((line) => line && !line.startsWith('#'))
    .map((line) =>
      line
        .split('\t')[1]
        .replace(/\\(?:x(..)|u(....)|U(.{8}))/g, (_, ...hex) =>
          String.fromCodePoint(parseInt(hex.find(Boolean), 16)),
        ),
    )
    .map((text, index) => [String(index), Buffer.from(text)]);

const makers = {
  address: () =>
    texts('127.0.0.1', '10.0.0.0/8', '2001:db8::/32', '[::1]:80', '192.0.2.1, 10.0.0.2', 'a.b:80'),
  braintree_xml: () =>
    texts(
      '<?xml version="1.0" encoding="UTF-8"?>\n<notification><kind>check</kind>' +
        '<subject><transaction><id>a</id><amount nil="true"/>&amp;&#x41;</transaction></subject>' +
        '<!-- x --><timestamp type="datetime">2024-01-01T00:00:00Z</timestamp></notification>',
    ),
  chunked_body: () => requests().map(afterHead),
  config_text: () => [
    ['example', fs.readFileSync(path.join(here, '../../config/postern.example.toml'))],
    ...texts(
      'listen = "127.0.0.1:0"\n[[gateway]]\nid = "a"\nkind = "stripe"\nwebhook_secrets = ["x"]\n',
      '[tls]\ncertificate_file = "a.pem"\nkey_file = "b.pem"\n[limits]\nbody_bytes_max = 2000\n',
    ),
  ],
  encodings: () => texts('00ff', 'AAECAw==', 'a+b=%20&c=d', 'limit=3'),
  ids: () => texts('evt_018bcfe5-6800-7000-8000-000000000000', '01234567'),
  iso_time: () =>
    texts('2026-01-28T10:00:00.123Z', '2024-02-29', '2024-12-31T23:59:60+01:30', '0000-01-01'),
  json_document: json,
  money: () => texts('\x00-12.50', '\x015.120', '\x0299999999999999999.99', '\x03 7'),
  normalise: webhooks,
  proxy_protocol: () =>
    texts(
      'PROXY TCP4 192.0.2.1 127.0.0.1 4096 80\r\n',
      'PROXY UNKNOWN\r\n',
      '\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c\xc0\0\x02\x01\x7f\0\0\x01\x10\0\0\x50',
    ),
  public_keys: pemBlocks,
  request_head: requests,
  response_head: answers,
  response_reader: () => answers().map(afterChoice),
  search_query: () =>
    texts(
      'amount>100 AND -status:"canceled"',
      "currency:'usd' OR metadata['order']:'a \\'b\\''",
      'metadata["k"]:null created>=1700000000 created<1800000000',
      'customer:cus_018bcfe5-6800-7000-8000-000000000000',
      'customer:null and amount<=5',
    ),
  signature_header: () => texts('t=1700000000,v1=00ff,v1=aa', 'ts=1,sig=00', 'AAECAw=='),
  traceparent: () =>
    texts(
      '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01',
      'cc-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00-more',
    ),
  url_guard: urls,
  verify: webhooks,
};

export function seedsFor(target) {
  return makers[target]?.() ?? [];
}
