// Names that lead where they must not, and the one way out through a proxy.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import {
  call,
  createEndpoint,
  endpointsPath,
  eventually,
  inState,
  postPayment,
  settled,
  startDelivering,
} from './lib/delivery.mjs';
import { root } from './lib/daemon.mjs';
import { startNameServer } from './lib/dns.mjs';
import { startProxy } from './lib/proxy.mjs';
import { script, startSink } from './lib/sink.mjs';

// Nobody is called outside of this machine: what stands for a public address here is one that the
// operator allows, and loopback itself is forbidden. A port for both is chosen on 127.0.0.1, where
// others listen too.
const kPublic = '127.0.0.2';
const kManyPublic = /^93\.184\.215\.(\d+)$/;
const ownAddress = Object.values(os.networkInterfaces())
  .flat()
  .find(({ internal, family }) => !internal && family === 'IPv4')?.address;

function toLocal(address) {
  if (address === '93.184.215.14') return kPublic;
  return address.replace(kManyPublic, '127.0.1.$1');
}

function readCases() {
  const file = path.join(root, 'tests/corpora/ssrf-dns.txt');
  return fs
    .readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line && !line.startsWith('#'))
    .map((line) => {
      const [name, answers, verdict, why] = line.split('\t');
      return { name, answers, verdict, why };
    });
}

function roundsOf({ answers }) {
  if (answers.startsWith('(no answer')) return ['silence'];
  if (answers.startsWith('(public address of this host')) return [[ownAddress]];
  const addresses = (round) => round.split(',').filter(Boolean).map(toLocal);
  return answers.split('|').map(addresses);
}

const guarded = (names) => ({
  loopback: 'never',
  allowed_networks: ['127.0.0.2/32', '127.0.1.0/24'],
  resolvers: [names.address],
});

async function deliverOnce(daemon, url) {
  const endpoint = await createEndpoint(daemon, { url, retry: { schedule: [0] } });
  await postPayment(daemon);
  const delivery = await settled(daemon, endpoint, ({ finished_at: at }) => at !== null);
  await call(daemon, 'DELETE', `${endpointsPath}/${endpoint.id}`);
  return delivery;
}

test('names that lead inside are refused before anybody is called', async (t) => {
  const names = await startNameServer(t);
  const inside = await startSink(t, { host: '127.0.0.1' });
  const { port } = inside;
  const reachable = await startSink(t, { host: kPublic, port });
  const config = { delivery: guarded(names) };
  const daemon = await startDelivering(t, { config });
  const cases = readCases().filter(({ verdict }) => verdict === 'refuse');
  assert.ok(cases.length >= 8);
  for (const each of cases) {
    if (each.answers.includes('this host') && !ownAddress) continue;
    names.set(each.name, ...roundsOf(each));
    const delivery = await deliverOnce(daemon, `http://${each.name}:${port}/`);
    const told = `${each.name}: ${delivery.state} ${delivery.last_error} (${each.why})`;
    assert.equal(delivery.state, 'dead', told);
    assert.match(delivery.last_error, /^(address_blocked|dns_failed)$/, told);
    if (each.answers !== 'silence' && !each.answers.startsWith('(no')) {
      assert.ok(names.asked(each.name, 'A').length <= 1, `${told}: asked again`);
    }
  }
  assert.equal(reachable.connections, 0);
  assert.equal(inside.connections, 0);
  assert.match(daemon.log, /delivery\.address_blocked/);
});

test('an attempt asks once, and calls the address that it judged', async (t) => {
  const names = await startNameServer(t);
  const inside = await startSink(t, { host: '127.0.0.1' });
  const sink = await startSink(t, { host: kPublic, port: inside.port });
  const daemon = await startDelivering(t, { config: { delivery: guarded(names) } });
  names.set('rebind.example.com', [kPublic], ['127.0.0.1']);
  const delivery = await deliverOnce(daemon, `http://rebind.example.com:${sink.port}/`);
  assert.equal(delivery.state, 'delivered', delivery.last_error);
  assert.equal(names.asked('rebind.example.com', 'A').length, 1);
  assert.equal(names.asked('rebind.example.com', 'AAAA').length, 1);
  assert.equal(sink.requests.length, 1);
  assert.equal(inside.connections, 0);
});

test('a name that changes its mind is judged anew', async (t) => {
  const names = await startNameServer(t);
  const inside = await startSink(t, { host: '127.0.0.1' });
  const sink = await startSink(t, {
    host: kPublic,
    port: inside.port,
    answer: () => ({ status: 500, headers: { connection: 'close' } }),
  });
  const daemon = await startDelivering(t, { config: { delivery: guarded(names) } });
  names.set('rebind.example.com', [kPublic], ['127.0.0.1']);
  const endpoint = await createEndpoint(daemon, {
    url: `http://rebind.example.com:${sink.port}/`,
    retry: { schedule: [0, 8] },
  });
  await postPayment(daemon);
  const delivery = await settled(daemon, endpoint, inState('dead'));
  assert.deepEqual(
    delivery.attempts_log.map(({ error }) => error),
    ['http_5xx', 'address_blocked'],
  );
  assert.equal(inside.connections, 0);
});

test('of many addresses eight are tried', async (t) => {
  const names = await startNameServer(t);
  const ninth = await startSink(t, { host: '127.0.1.9' });
  const { port } = ninth;
  const daemon = await startDelivering(t, { config: { delivery: guarded(names) } });
  const many = readCases().find(({ name }) => name === 'many.example.com');
  names.set('many.example.com', ...roundsOf(many));
  const delivery = await deliverOnce(daemon, `http://many.example.com:${port}/`);
  assert.equal(delivery.last_error, 'connect_refused');
  assert.equal(ninth.connections, 0);
  const third = await startSink(t, { host: '127.0.1.3', port });
  const again = await deliverOnce(daemon, `http://many.example.com:${port}/`);
  assert.equal(again.state, 'delivered');
  assert.equal(third.requests.length, 1);
});

test('a name that never resolves delays no other endpoint', async (t) => {
  const names = await startNameServer(t);
  const sink = await startSink(t, { host: kPublic });
  const daemon = await startDelivering(t, { config: { delivery: guarded(names) } });
  names.set('silent.example.com', 'silence');
  names.set('shop.example.com', [kPublic]);
  const silent = await createEndpoint(daemon, {
    url: `http://silent.example.com:${sink.port}/`,
    retry: { schedule: [0] },
  });
  await createEndpoint(daemon, { url: `http://shop.example.com:${sink.port}/` });
  for (let i = 0; i < 20; ++i) await postPayment(daemon);
  await sink.received(20);
  const newest = async () => {
    const { data } = await call(daemon, 'GET', `${endpointsPath}/${silent.id}/deliveries?limit=1`);
    return data[0].state;
  };
  await eventually('the silent one still waits', async () => (await newest()) === 'sending');
});

test('with a proxy everything goes through it, names unresolved', async (t) => {
  const sink = await startSink(t);
  const authorization = `Basic ${Buffer.from('postern:proxy-password').toString('base64')}`;
  const proxy = await startProxy(t, {
    authorization,
    route: (target) => (target === 'shop.example.com:8443' ? sink.port : undefined),
  });
  const daemon = await startDelivering(t, {
    config: {
      delivery: {
        proxy_url: `http://postern:proxy-password@127.0.0.1:${proxy.port}`,
      },
    },
  });
  const good = await deliverOnce(daemon, 'http://shop.example.com:8443/hooks');
  assert.equal(good.state, 'delivered', good.last_error);
  assert.equal(sink.requests[0].url, '/hooks');
  assert.equal(sink.requests[0].headers['proxy-authorization'], undefined);
  const refused = await deliverOnce(daemon, 'http://elsewhere.example.com:8443/');
  assert.equal(refused.last_error, 'proxy_failed');
  assert.deepEqual(proxy.tunnels, ['shop.example.com:8443', 'elsewhere.example.com:8443']);
  assert.deepEqual(proxy.others, []);
  assert.ok(!daemon.log.includes('proxy-password'));
});

test('a proxy does not lift the ban on private addresses', async (t) => {
  const proxy = await startProxy(t, { route: () => undefined });
  const daemon = await startDelivering(t, {
    config: {
      delivery: { proxy_url: `http://127.0.0.1:${proxy.port}`, loopback: 'never' },
    },
  });
  const { error } = await call(daemon, 'POST', endpointsPath, {
    body: { url: 'http://10.0.0.1:8443/' },
    status: 400,
  });
  assert.equal(error.code, 'ADDRESS_BLOCKED');
  assert.deepEqual(proxy.tunnels, []);
});

test('a resolver that is back is asked again after a failure', async (t) => {
  const names = await startNameServer(t);
  const sink = await startSink(t, { host: kPublic, answer: script({}) });
  const daemon = await startDelivering(t, { config: { delivery: guarded(names) } });
  names.set('late.example.com', [], [kPublic]);
  const endpoint = await createEndpoint(daemon, {
    url: `http://late.example.com:${sink.port}/`,
    retry: { schedule: [0, 14] },
  });
  await postPayment(daemon);
  const delivery = await settled(daemon, endpoint, inState('delivered'), 40_000);
  assert.deepEqual(
    delivery.attempts_log.map(({ error }) => error),
    ['dns_failed', null],
  );
});
