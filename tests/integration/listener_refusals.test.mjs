// What the listener refuses before anybody looks at it is answered in the words of the API that the
// path belongs to, and reaches a client that is still sending.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { secretKey, startDaemon, within } from './lib/daemon.mjs';
import { RawConnection, requestText } from './lib/raw.mjs';

const run = promisify(execFile);
const kBytesMax = 16 * 1024 * 1024;
const kSendingMilliseconds = 30_000;
// Less than the idle timeout, after which every connection ends.
const kEndMilliseconds = 60_000;
const long = (bytes) => 'a'.repeat(bytes);
const chinese = { 'Accept-Language': 'zh-CN' };

async function answerTo(t, daemon, text, options) {
  const connection = await RawConnection.connect(Number(daemon.listen.split(':')[1]));
  t.after(() => connection.destroy());
  connection.write(text);
  return { connection, answer: await connection.answer(options) };
}

// [name, status, what is sent to a path, whether the fields were read]
const kRefusals = [
  ['no host', 400, (at) => `POST ${at} HTTP/1.1\r\nContent-Length: 0\r\n\r\n`],
  ['two lengths', 400, (at) => requestText('POST', at, { headers: { 'Content-Length': '1, 1' } })],
  ['a target too long', 414, (at) => requestText('GET', `${at}?x=${long(9000)}`)],
  ['a target beyond the head', 414, (at) => requestText('GET', `${at}?x=${long(20_000)}`)],
  ['a path too long', 414, (at) => requestText('GET', `${at}/${long(9000)}`)],
  ['a field too long', 431, (at) => requestText('GET', at, { headers: { A: long(9000) } })],
  ['another version', 505, (at) => `GET ${at} HTTP/2.0\r\nHost: localhost\r\n\r\n`],
  ['no length', 411, (at) => requestText('POST', at, { headers: chinese }), 'read'],
  [
    'a body too long',
    413,
    (at) =>
      requestText('POST', at, {
        headers: { ...chinese, 'Content-Length': `${kBytesMax + 1}`, Expect: '100-continue' },
      }),
    'read',
  ],
  [
    'chunks that are none',
    400,
    (at) => {
      const headers = { ...chinese, 'Transfer-Encoding': 'chunked' };
      return `${requestText('POST', at, { headers })}zz\r\n`;
    },
    'read',
  ],
  [
    'an unknown expectation',
    417,
    (at) => requestText('POST', at, { headers: { ...chinese, Expect: 'tea' }, body: '{}' }),
    'read',
  ],
  [
    'a coded body',
    415,
    (at) =>
      requestText('POST', at, {
        headers: { ...chinese, 'Content-Encoding': 'gzip', Connection: 'close' },
        body: '{}',
      }),
    'read',
  ],
];

const kPaths = ['/v1/charges', '/api/v1/payments', '/api/v2/payments', '/api/v2/webhooks/x'];

function assertStripe({ headers, body }) {
  assert.match(headers['request-id'], /^req_/);
  assert.equal(headers['x-request-id'], undefined);
  assert.equal(headers['onerway-version'], '2024-11-01');
  const { error } = JSON.parse(body);
  assert.equal(error.type, 'invalid_request_error');
  assert.ok(error.message.length > 5);
  assert.equal(error.details, undefined);
}

function assertNative({ headers, body }, inChinese) {
  assert.match(headers['x-request-id'], /^req_/);
  const { error } = JSON.parse(body);
  assert.equal(error.code, 'VALIDATION_ERROR');
  assert.equal(error.request_id, headers['x-request-id']);
  assert.equal(/[\u4e00-\u9fff]/.test(error.message), inChinese, error.message);
}

test('refusals of the listener speak as the API of their path does', async (t) => {
  const daemon = await startDaemon(t);
  for (const [name, status, textOf, read] of kRefusals) {
    for (const at of kPaths) {
      await t.test(`${name} at ${at}`, async (t) => {
        const { connection, answer } = await answerTo(t, daemon, textOf(at));
        assert.equal(answer.status, status, answer.body);
        assert.match(answer.headers['content-type'], /^application\/json/);
        assert.equal(answer.headers.connection, 'close');
        assert.equal(answer.headers['cache-control'], 'no-store');
        if (at.startsWith('/v1')) assertStripe(answer);
        else assertNative(answer, read === 'read');
        assert.ok(await connection.closedWithin(kEndMilliseconds), 'the connection ends');
      });
    }
  }
});

test('refusals of the router speak as the API of their path does', async (t) => {
  const daemon = await startDaemon(t);
  const cases = [
    ['GET', '/v1/nothing', 404],
    ['PATCH', '/v1/customers', 405],
    ['GET', '/api/v1/nothing', 404],
    ['DELETE', '/api/v1/payments', 405],
    ['GET', '/api/v2/nothing', 404],
    ['PUT', '/api/v2/payments', 405],
  ];
  for (const [method, target, status] of cases) {
    const answer = await daemon.request(method, target, { headers: { 'content-length': '0' } });
    assert.equal(answer.status, status, `${method} ${target}`);
    assert.match(answer.headers['content-type'], /^application\/json/);
    if (status === 405) assert.match(answer.headers.allow, /GET|POST/);
    if (target.startsWith('/v1')) {
      assert.match(answer.headers['request-id'], /^req_/);
      assert.equal(answer.json.error.type, 'invalid_request_error');
    } else {
      assert.equal(answer.json.error.request_id, answer.headers['x-request-id']);
      assert.equal(answer.json.error.code, status === 404 ? 'NOT_FOUND' : 'METHOD_NOT_ALLOWED');
    }
  }
});

test('a HEAD that is refused has no body', async (t) => {
  const daemon = await startDaemon(t);
  const text = requestText('HEAD', '/v1/charges', { headers: { A: long(9000) } });
  const { connection, answer } = await answerTo(t, daemon, text, { head: true });
  assert.equal(answer.status, 431);
  assert.ok(await connection.closedWithin(kEndMilliseconds));
  assert.equal(await connection.answer(), null, 'nothing follows the head');
});

test('clients that send a body over 16 MB read why it is refused', async (t) => {
  const daemon = await startDaemon(t);
  const body = Buffer.alloc(kBytesMax + 1_000_000, 'x');
  const url = `http://${daemon.listen}`;
  const headers = { authorization: `Bearer ${secretKey}`, 'content-type': 'application/json' };
  await t.test('fetch', async () => {
    for (const target of ['/v1/customers', '/api/v2/payments']) {
      const sent = fetch(url + target, { method: 'POST', headers, body });
      const answer = await within(kSendingMilliseconds, 'an answer', sent);
      assert.equal(answer.status, 413, target);
      assert.match((await answer.json()).error.message, /body/);
    }
  });
  const file = path.join(daemon.folder, 'body');
  await writeFile(file, body);
  const curl = ['-sS', '-o', '-', '-w', '\n%{http_code}', '--data-binary', `@${file}`];
  const cases = [
    ['curl', []],
    ['curl that asks first', ['-H', 'Expect: 100-continue']],
    ['curl that does not ask', ['-H', 'Expect:']],
    ['curl in chunks', ['-H', 'Transfer-Encoding: chunked', '-H', 'Expect:']],
  ];
  for (const [name, options] of cases) {
    await t.test(name, async () => {
      const sent = run('curl', [...curl, ...options, `${url}/v1/customers`]);
      const { stdout } = await within(kSendingMilliseconds, 'an answer', sent);
      const [text, status] = stdout.split('\n');
      assert.equal(status, '413', stdout);
      assert.equal(JSON.parse(text).error.type, 'invalid_request_error');
    });
  }
  await t.test('one that looks for the answer when all is sent', async (t) => {
    const head = requestText('POST', '/v1/customers', {
      headers: { 'Content-Length': `${body.length}` },
    });
    const connection = await RawConnection.connect(Number(daemon.listen.split(':')[1]));
    t.after(() => connection.destroy());
    connection.socket.pause();
    connection.write(head);
    await within(
      kSendingMilliseconds,
      'the body to be sent',
      new Promise((resolve, reject) => {
        connection.socket.once('error', reject);
        connection.socket.write(body, resolve);
      }),
    );
    connection.socket.resume();
    const answer = await connection.answer();
    assert.equal(answer?.status, 413);
  });
});

test('who goes on sending after a refusal is cut off', async (t) => {
  const daemon = await startDaemon(t);
  const head = requestText('POST', '/v1/customers', {
    headers: { 'Content-Length': `${1e12}` },
  });
  const { connection, answer } = await answerTo(t, daemon, head);
  assert.equal(answer.status, 413);
  const ended = new Promise((resolve) => connection.socket.once('close', resolve));
  const drip = setInterval(() => connection.socket.write('x'), 50);
  t.after(() => clearInterval(drip));
  await within(kSendingMilliseconds, 'the end of the connection', ended);
});

const announcing = (target, bytes) =>
  requestText('POST', target, {
    headers: { 'Content-Length': `${bytes}`, Expect: '100-continue' },
  });

test('the API takes bodies of up to 16 MB, and webhooks as much as they are granted', async (t) => {
  const daemon = await startDaemon(t);
  const headers = { 'content-type': 'application/json' };
  const body = JSON.stringify({ name: 'Ada', description: 'x'.repeat(3_000_000) });
  for (const target of ['/v1/customers', '/api/v1/payments']) {
    const answer = await daemon.post(target, { headers, body });
    assert.equal(answer.status, 400, `${target}: ${answer.text.slice(0, 300)}`);
  }
  const cases = [
    ['/v1/customers', kBytesMax, 100],
    ['/v1/customers', kBytesMax + 1, 413],
    ['/api/v2/payments', kBytesMax, 100],
    ['/api/v2/payments', kBytesMax + 1, 413],
    ['/api/v2/webhooks/stripe', 2_000_000, 413],
  ];
  for (const [target, bytes, status] of cases) {
    const { connection, answer } = await answerTo(t, daemon, announcing(target, bytes));
    assert.equal(answer.status, status, `${bytes} at ${target}`);
    connection.destroy();
  }
});

test('few large bodies are read at a time, and small ones do not wait for them', async (t) => {
  const daemon = await startDaemon(t, { env: { POSTERN_THREADS: '1' } });
  const opened = [];
  const open = async () => {
    const met = await answerTo(t, daemon, announcing('/v1/customers', 15_000_000));
    opened.push(met.connection);
    return met;
  };
  const first = await Promise.all(Array.from({ length: 8 }, open));
  for (const { answer } of first) assert.equal(answer.status, 100);
  const { answer: refused } = await open();
  assert.equal(refused.status, 503);
  assert.equal(refused.headers['retry-after'], '1');
  assert.equal(JSON.parse(refused.body).error.type, 'api_error');
  assert.equal((await daemon.get('/v1/balance')).status, 200);
  first[0].connection.destroy();
  let status = 503;
  for (let i = 0; status === 503 && i < 200; ++i) status = (await open()).answer.status;
  assert.equal(status, 100, 'the place is free again');
  for (const connection of opened) connection.destroy();
});

test('the API asks for TLS where it must, webhooks do not', async (t) => {
  const daemon = await startDaemon(t, {
    config: { api: { require_tls: true }, proxy: { trusted: ['127.0.0.0/8'] } },
  });
  const afar = { 'x-forwarded-for': '203.0.113.7' };
  const statusOf = async (target, headers) => (await daemon.get(target, { headers })).status;
  for (const target of ['/v1/balance', '/api/v2/events']) {
    assert.equal(await statusOf(target, {}), 200, 'from this machine');
    assert.equal(await statusOf(target, { ...afar, 'x-forwarded-proto': 'https' }), 200);
    assert.equal(await statusOf(target, { ...afar, 'x-forwarded-proto': 'https, http' }), 403);
    const refused = await daemon.get(target, { headers: afar });
    assert.equal(refused.status, 403);
    assert.match(refused.json.error.message, /https/);
  }
  const webhook = await daemon.post('/api/v2/webhooks/stripe', { headers: afar, body: '{}' });
  assert.equal(webhook.status, 401, 'it is looked at');
});
