// Card numbers, security codes, account numbers, keys and secrets go in everywhere and are left
// nowhere: not in the store, the logs, the metrics or the memory-mapped files.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import { otherCards, testCards } from './lib/cards.mjs';
import { restrictedKey, secretKey, startDaemon } from './lib/daemon.mjs';
import { eventually } from './lib/delivery.mjs';
import { RawConnection } from './lib/raw.mjs';
import { startSink } from './lib/sink.mjs';
import { findSecrets, mappedFiles } from './lib/secrets.mjs';
import { dumpStore, onPostgres } from './lib/store.mjs';

const kForm = 'application/x-www-form-urlencoded';
const kJson = 'application/json';
const kAccount = '000987650012348';
const kCode = '59271846390'; // longer than any security code: refused, and no error may echo it
const kWrongKey = 'sk_test_wrongCanary0123456789abcdef';
const kNoise = 'wh' + 'sec_noiseCanary0123456789abcdefgh';

const [kOther, , kMistyped] = otherCards;
const numbers = [...testCards, ...otherCards];
const grouped = (digits, separator) => digits.match(/.{1,4}/g).join(separator);

function startListening(t) {
  return startDaemon(t, {
    config: { log: { level: 'debug' }, payments: { sandbox_settle_milliseconds: 50 } },
  }).then((daemon) => {
    daemon.said = [];
    daemon.child.stdout.on('data', (chunk) => daemon.said.push(chunk));
    return daemon;
  });
}

const send = (daemon, method, target, { type, body, headers = {}, key = secretKey } = {}) =>
  daemon.request(method, target, {
    headers: {
      authorization: `Bearer ${key}`,
      ...(type ? { 'content-type': type } : {}),
      ...headers,
    },
    body: typeof body === 'object' ? JSON.stringify(body) : body,
  });

const cardOf = (number, more = {}) => ({
  number,
  exp_month: 12,
  exp_year: 2034,
  cvc: '314',
  ...more,
});

const payment = (number, more = {}) => ({
  gateway_id: 'stripe',
  amount: '19.99',
  currency: 'USD',
  payment_method: { type: 'card', card: cardOf(number, more) },
});

// Every endpoint that takes a card, as it wants it.
const takers = [
  (number) => ['/v1/payment_methods', kForm, `type=card&card[number]=${number}&card[exp_month]=12` +
    '&card[exp_year]=2034&card[cvc]=314'],
  (number) => ['/v1/payment_methods', kJson, { type: 'card', card: cardOf(number) }],
  (number) => ['/v1/payment_methods', kJson, { type: 'card', card: cardOf(Number(number)) }],
  (number) => ['/v1/payment_intents', kJson, {
    amount: 1500,
    currency: 'usd',
    confirm: true,
    payment_method_data: { type: 'card', card: cardOf(number) },
  }],
  (number) => ['/api/v1/payments', kJson, payment(number)],
  (number) => ['/api/v1/payments', kJson, {
    gateway: 'stripe',
    amount: '19.99',
    currency: 'USD',
    payment_method: payment(number).payment_method,
  }],
  (number) => [`/api/v1/customers/${randomUUID()}/payment_methods`, kJson, {
    type: 'card',
    card: cardOf(number),
  }],
  (number) => ['/api/v2/payment-methods', kJson, {
    gateway_id: 'stripe',
    payment_method_data: payment(number).payment_method,
  }],
];

// Where no number belongs, in a request that is wrong for it.
const mistakes = [
  (number) => ['/v1/payment_methods', kForm, `type=card&card[numbr]=${number}&card[exp_month]=12`],
  (number) => ['/v1/payment_methods', kForm, `type=card&card=${number}`],
  (number) => ['/v1/payment_methods', kForm, `type=${number}`],
  (number) => ['/v1/payment_methods', kForm, `${number}=1`],
  (number) => ['/v1/payment_methods', kJson, {
    type: 'card',
    card: cardOf(number, { [number]: 1 }),
  }],
  (number) => ['/v1/payment_methods', kJson, { type: 'card', card: cardOf(`${number}x`) }],
  (number) => ['/v1/payment_methods', kJson, { type: 'card', card: cardOf([number]) }],
  (number) => ['/v1/payment_methods', kJson, {
    type: 'card',
    card: cardOf(number, { exp_month: number, exp_year: number }),
  }],
  (number) => ['/v1/payment_intents', kForm, `amount=${number}&currency=usd`],
  (number) => ['/v1/payment_intents', kForm, `amount=1000&currency=${number}`],
  (number) => ['/v1/payment_intents', kForm, `amount=1000&currency=usd&payment_method=${number}`],
  (number) => ['/v1/payment_intents', kForm, `amount=1000&currency=usd&customer=${number}`],
  (number) => ['/v1/payment_intents', kForm, `amount=1000&currency=usd&card=${number}`],
  (number) => ['/v1/payment_intents', kForm, `amount=1000&currency=usd&capture_method=${number}`],
  (number) => ['/v1/refunds', kForm, `payment_intent=${number}`],
  (number) => ['/v1/payouts', kForm, `amount=${number}&currency=usd`],
  (number) => ['/api/v1/payments', kJson, { ...payment(number), gateway_id: number }],
  (number) => ['/api/v1/payments', kJson, { ...payment(number), amount: number }],
  (number) => ['/api/v1/payments', kJson, { ...payment(number), currency: number }],
  (number) => ['/api/v1/payments', kJson, { ...payment(number), unknown: number }],
  (number) => ['/api/v1/payments', kJson, { ...payment(number), payment_method: number }],
  (number) => ['/api/v1/payments', kJson, {
    ...payment(number),
    payment_method: { type: 'saved_card', token: number },
  }],
  (number) => ['/api/v1/payments', kJson, JSON.stringify(payment(number)).slice(0, -2)],
  (number) => ['/v1/payment_methods', kJson, `{"type":"card","card":{"number":"${number}"`],
  (number) => ['/v1/payment_methods', kJson, `${number}`],
  (number) => ['/v1/payment_methods', 'text/plain', `${number}`],
  (number) => ['/v1/payment_methods', kForm, `type=card&card[number]=%${number}`],
  (number) => [`/v1/payment_intents/${number}`, kForm, 'amount=1000'],
  (number) => [`/api/v1/payments/${number}/capture`, kJson, { amount: '1.00' }],
];

const questions = [
  (number) => `/v1/payment_intents/${number}`,
  (number) => `/v1/payment_methods/${number}`,
  (number) => `/api/v1/payments/${number}`,
  (number) => `/${number}`,
  (number) => `/v1/payment_intents?starting_after=${number}`,
  (number) => `/v1/payment_intents?card[number]=${number}`,
  (number) => `/v1/payment_intents?limit=${number}`,
  (number) => `/v1/customers?email=${number}`,
  (number) => `/v1/payment_intents/search?query=${encodeURIComponent(`currency:'${number}'`)}`,
  (number) => `/api/v1/payments?order_id=${number}`,
  (number) => `/api/v1/payments?sort=${number}`,
];

const strangeHeaders = [
  (number) => ({ 'x-card': number }),
  (number) => ({ 'user-agent': number }),
  (number) => ({ referer: `https://shop.example/?card=${number}` }),
  (number) => ({ 'onerway-version': number }),
  (number) => ({ 'stripe-version': number }),
  (number) => ({ 'accept-language': number }),
  (number) => ({ cookie: `card=${number}` }),
];

async function offerEverywhere(daemon, number) {
  for (const taker of takers) {
    const [target, type, body] = taker(number);
    const headers = { 'idempotency-key': randomUUID() };
    const answer = await send(daemon, 'POST', target, { type, body, headers });
    assert.notEqual(answer.status, 500, `${target}: ${answer.text}`);
    await send(daemon, 'POST', target, { type, body, headers }); // replayed
  }
}

async function offerWrongly(daemon, number) {
  for (const mistake of mistakes) {
    const [target, type, body] = mistake(number);
    const answer = await send(daemon, 'POST', target, { type, body });
    assert.ok(answer.status >= 400 && answer.status < 500, `${target} ${JSON.stringify(body)}`);
  }
  for (const question of questions) await send(daemon, 'GET', question(number));
  for (const headers of strangeHeaders) {
    await send(daemon, 'GET', '/v1/balance', { headers: headers(number) });
  }
  for (const separator of [' ', '-']) {
    const spelled = grouped(number, separator);
    await send(daemon, 'POST', '/api/v1/payments', { type: kJson, body: payment(spelled) });
    await send(daemon, 'GET', `/v1/customers?email=${encodeURIComponent(spelled)}`);
  }
  await send(daemon, 'GET', '/v1/balance', { key: number });
}

// A body that ends before its length says, as when a customer's line is cut.
async function offerTruncated(daemon, number) {
  const body = JSON.stringify(payment(number));
  const head =
    `POST /api/v1/payments HTTP/1.1\r\nhost: ${daemon.listen}\r\ncontent-type: ${kJson}\r\n` +
    `authorization: Bearer ${secretKey}\r\ncontent-length: ${body.length + 10}\r\n\r\n`;
  const connection = await RawConnection.connect(daemon.port);
  connection.write(head + body).socket.end();
  await connection.answer();
  connection.destroy();
}

async function offerSecrets(daemon, sink) {
  const made = [];
  const keys = await send(daemon, 'POST', '/api/v2/api-keys', {
    type: kJson,
    body: { kind: 'secret' },
  });
  made.push(keys.json.key);
  const rolled = await send(daemon, 'POST', `/api/v2/api-keys/${keys.json.id}/roll`, {
    type: kJson,
    body: { overlap_hours: 1 },
  });
  made.push(rolled.json.key);
  const endpoint = await send(daemon, 'POST', '/api/v2/webhook-endpoints', {
    type: kJson,
    body: { url: sink.url() },
  });
  made.push(endpoint.json.secret);
  const fresh = await send(
    daemon,
    'POST',
    `/api/v2/webhook-endpoints/${endpoint.json.id}/rotate-secret`,
    { type: kJson, body: {} },
  );
  made.push(fresh.json.secret);
  for (const secret of made) assert.match(secret ?? '', /^(sk_test|whsec)_/, endpoint.text);
  for (const secret of [...made, kWrongKey, kNoise]) {
    await send(daemon, 'GET', '/v1/balance', { key: secret });
    await send(daemon, 'GET', `/v1/customers/${secret}`);
    await send(daemon, 'GET', `/v1/customers?email=${secret}`);
    await send(daemon, 'POST', '/v1/customers', { type: kForm, body: `nonsense=${secret}` });
    await send(daemon, 'POST', '/v1/customers', { type: kJson, body: `{"email":"${secret}` });
    const basic = Buffer.from(`${secret}:`).toString('base64');
    await send(daemon, 'GET', '/v1/balance', { headers: { authorization: `Basic ${basic}` } });
  }
  return made;
}

async function offerAccounts(daemon) {
  const bank = {
    account_number: kAccount,
    routing_number: '110000000',
    account_holder_name: 'Ada L.',
    bank_name: 'Test Bank',
  };
  const body = {
    ...payment(numbers[0]),
    payment_method: { type: 'bank_transfer', bank_transfer: bank },
  };
  const paid = await send(daemon, 'POST', '/api/v1/payments', { type: kJson, body });
  assert.equal(paid.status, 201, paid.text);
  await send(daemon, 'POST', '/v1/payment_methods', {
    type: kForm,
    body:
      `type=us_bank_account&us_bank_account[account_number]=${kAccount}` +
      '&us_bank_account[routing_number]=110000000&billing_details[name]=Ada',
  });
  const mixed = { type: 'card', bank_transfer: bank, account: kAccount };
  const wrong = { ...body, payment_method: mixed };
  await send(daemon, 'POST', '/api/v1/payments', { type: kJson, body: wrong });
  const coded = payment(numbers[0], { cvc: kCode });
  await send(daemon, 'POST', '/api/v1/payments', { type: kJson, body: coded });
  await send(daemon, 'POST', '/v1/payment_methods', {
    type: kForm,
    body: `type=card&card[number]=4242424242424242&card[cvc]=${kCode}&cvc=${kCode}`,
  });
  await send(daemon, 'GET', `/v1/payment_intents?cvc=${kCode}`);
}

// What the daemon tells: its log, its standard output, its metrics, and the log of requests.
async function whatItTells(daemon, folder) {
  const rows = await eventually('the log of requests', async () => {
    const all = await daemon.listAll('/api/v2/request-logs');
    return all.length > 100 ? all : undefined;
  });
  const { text: metrics } = await daemon.private('/metrics');
  const files = {
    'stderr.log': daemon.log,
    'stdout.log': Buffer.concat(daemon.said),
    'metrics.txt': metrics,
    'request-logs.json': JSON.stringify(rows),
    'events.json': JSON.stringify(await daemon.events()),
  };
  fs.mkdirSync(folder);
  for (const [name, content] of Object.entries(files)) {
    fs.writeFileSync(path.join(folder, name), content);
  }
}

const kFiles = ['postern.db', 'postern.db-wal', 'postern.db-shm'];

// Where the store keeps its rows, and where they are in memory.
function storePlaces(daemon, told) {
  const data = path.join(daemon.folder, 'data');
  if (onPostgres) {
    fs.writeFileSync(path.join(told, 'store.sql'), dumpStore(daemon));
    return [data];
  }
  const written = fs.readdirSync(data);
  for (const file of kFiles) assert.ok(written.includes(file), `${file} of ${written}`);
  const mapped = mappedFiles(daemon.child.pid);
  assert.ok(mapped.some((file) => file.startsWith(data)), 'the store is mapped');
  return [data, ...mapped];
}

function assertNowhere(daemon, { secrets, places, when }) {
  const found = findSecrets(secrets, places, path.join(daemon.folder, 'patterns'));
  assert.deepEqual(found, [], `${when}: secrets in the clear`);
}

test('what is secret is left nowhere', async (t) => {
  const sink = await startSink(t);
  const daemon = await startListening(t);
  for (const number of numbers) {
    await offerEverywhere(daemon, number);
    // Where no card belongs, digits that cannot be a card's number are told from none of a shop's.
    if (number !== kMistyped) await offerWrongly(daemon, number);
    await offerTruncated(daemon, number);
  }
  await offerAccounts(daemon);
  const made = await offerSecrets(daemon, sink);
  const told = path.join(daemon.folder, 'told');
  await whatItTells(daemon, told);
  const places = [...storePlaces(daemon, told), told];
  const given = [kAccount, kCode, secretKey, restrictedKey, kWrongKey, kNoise];
  const secrets = [...numbers, ...given, ...made];
  assertNowhere(daemon, { secrets, places, when: 'while it runs' });
  await daemon.stop();
  fs.writeFileSync(path.join(told, 'stderr.log'), daemon.log);
  const left = [path.join(daemon.folder, 'data'), told];
  assertNowhere(daemon, { secrets, places: left, when: 'after its end' });
});

test('the search finds what is there, in every spelling', async (t) => {
  const daemon = await startDaemon(t);
  const number = kOther;
  const spellings = [
    `a ${number} b`,
    grouped(number, ' '),
    grouped(number, '-'),
    Buffer.from(number).toString('hex'),
    ...['', 'x', 'xy'].map((before) => Buffer.from(`${before}${number}z`).toString('base64')),
  ];
  for (const spelling of spellings) {
    const file = path.join(daemon.folder, 'planted');
    fs.writeFileSync(file, Buffer.concat([Buffer.from([0, 255]), Buffer.from(spelling)]));
    const found = findSecrets([number], [file], path.join(daemon.folder, 'patterns'));
    assert.equal(found.length, 1, spelling);
  }
});

// What a merchant writes into texts of his own is his, and is given back to him; nothing of it goes
// into a log.
test('a number in the texts of a merchant is in no log', async (t) => {
  const daemon = await startListening(t);
  const number = kOther;
  const body = { amount: 1500, currency: 'usd', description: number, metadata: { note: number } };
  const made = await send(daemon, 'POST', '/v1/payment_intents', { type: kJson, body });
  assert.equal(made.json.metadata.note, number);
  const logged = await eventually('its row', async () => {
    const { json } = await daemon.get('/api/v2/request-logs?method=POST');
    return json.data.length > 0 && json;
  });
  const told = path.join(daemon.folder, 'told');
  fs.mkdirSync(told);
  fs.writeFileSync(path.join(told, 'log'), daemon.log + JSON.stringify(logged));
  assertNowhere(daemon, { secrets: [number], places: [told], when: 'in the logs' });
});
