// What is older than it is kept goes, and only that; the daemon is started again when it is later.
import assert from 'node:assert/strict';
import path from 'node:path';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { binary, environment, scale, startDaemon } from './lib/daemon.mjs';
import {
  call,
  createEndpoint,
  deliveredInAll,
  deliveriesOf,
  endpointsPath,
  eventually,
  inState,
  paymentWebhook,
  postMany,
  postPayment,
  settled,
  startDelivering,
  unique,
} from './lib/delivery.mjs';
import { startLater } from './lib/later.mjs';
import { writeConfig } from './lib/service_manager.mjs';
import { startSink } from './lib/sink.mjs';
import { stripeGateway } from './lib/stripe.mjs';

const kDaySeconds = 24 * 3_600;
const kSeed = Number(process.env.POSTERN_TEST_SEED ?? Date.now() % 1_000_000);
const kept = { inbox_days: 10, events_days: 90, attempts_days: 20 };
const config = { gateways: [stripeGateway], storage: kept, log: { level: 'debug' } };

const later = (t, { folder }, days) =>
  startLater(t, { folder, seconds: days * kDaySeconds, config });
const swept = (daemon, what) => daemon.metric('postern_retention_rows_total', { what });
const sweptAll = (daemon, what, rows) =>
  eventually(`${rows} rows of ${what}`, async () => (await swept(daemon, what)) === rows);

async function sweptInAll(daemon) {
  const rows = await Promise.all(['attempts', 'events', 'inbox'].map((of) => swept(daemon, of)));
  return rows.reduce((sum, some) => sum + some, 0);
}

const signedNow = (ids) => ids.map((id) => paymentWebhook(id));

// Numbers from 0 to 1, the same for the same seed.
function randomFrom(seed) {
  let state = seed;
  return () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
}

// One event, and one endpoint that took it.
async function startWithDelivery(t) {
  const sink = await startSink(t);
  const daemon = await startDelivering(t, { config });
  const endpoint = await createEndpoint(daemon, { url: sink.url() });
  const id = await postPayment(daemon);
  const delivery = await settled(daemon, endpoint, inState('delivered'));
  const [item] = await daemon.inbox();
  return { daemon, sink, endpoint, id, delivery, item };
}

async function assertGone(daemon, target, { what, days }) {
  const { error } = await call(daemon, 'GET', target, { status: 404 });
  const message = `There is no ${what} of this id; what is older than ${days} days is not kept`;
  assert.equal(error.message, message);
}

// A daemon that checks its own store, once nobody uses it.
function assertSound({ folder }) {
  const args = ['check', '--config', path.join(folder, 'postern.toml'), '--store'];
  const env = environment({ POSTERN_DATA_DIR: path.join(folder, 'data') });
  const { status, stdout, stderr } = spawnSync(binary(), args, { env, encoding: 'utf8' });
  assert.equal(status, 0, `${stdout}${stderr}`);
}

test('each thing goes when it is older than it is kept, and nothing before', async (t) => {
  const { daemon, endpoint, delivery, item } = await startWithDelivery(t);
  await daemon.stop();

  const first = await later(t, daemon, 12);
  await sweptAll(first, 'inbox', 1);
  await assertGone(first, `/api/v2/inbox/${item.id}`, { what: 'received webhook', days: 10 });
  assert.equal((await first.events()).length, 1, 'its event stays');
  const [known] = await deliveriesOf(first, endpoint);
  assert.equal((await call(first, 'GET', `/api/v2/deliveries/${known.id}`)).attempts_log.length, 1);
  await first.stop();

  const second = await later(t, daemon, 25);
  await sweptAll(second, 'attempts', 1);
  const whole = await call(second, 'GET', `/api/v2/deliveries/${delivery.id}`);
  assert.deepEqual([whole.state, whole.attempts, whole.attempts_log], ['delivered', 1, []]);
  assert.equal(await swept(second, 'events'), 0);
  await second.stop();

  const third = await later(t, daemon, 95);
  await sweptAll(third, 'events', 2);
  assert.deepEqual(await third.events(), []);
  assert.deepEqual(await deliveriesOf(third, endpoint), []);
  const gone = { what: 'delivery', days: 90 };
  await assertGone(third, `/api/v2/deliveries/${delivery.id}`, gone);
  await assertGone(third, `/api/v2/events/${item.event_ids[0]}`, { what: 'event', days: 90 });
  await call(third, 'POST', `/api/v2/events/${item.event_ids[0]}/resend`, {
    body: {},
    status: 404,
  });
  await third.stop();
  assert.match(third.log, /retention\.swept .*what=events/);
  assertSound(daemon);
});

test('what a provider says again is known after its rows went', async (t) => {
  const { daemon, sink, id } = await startWithDelivery(t);
  await daemon.stop();
  const old = await later(t, daemon, 95);
  await sweptAll(old, 'events', 2);
  await sweptAll(old, 'inbox', 1);
  await old.stop();
  const again = await startDaemon(t, { folder: daemon.folder, config });
  await postPayment(again, { id });
  assert.deepEqual(await again.inbox(), []);
  assert.deepEqual(await again.events(), []);
  assert.equal(sink.requests.length, 1);
});

test('an event stays as long as somebody waits for it', async (t) => {
  const sink = await startSink(t, { answer: () => ({ status: 500 }) });
  const daemon = await startDelivering(t, { config });
  const retry = { schedule: [0, kDaySeconds] };
  const endpoint = await createEndpoint(daemon, { url: sink.url(), retry });
  await postPayment(daemon);
  await settled(daemon, endpoint, inState('waiting'));
  const [event] = await daemon.events();
  await call(daemon, 'POST', `${endpointsPath}/${endpoint.id}/disable`, { body: {} });
  await daemon.stop();
  const old = await later(t, daemon, 200);
  await sweptAll(old, 'inbox', 1); // the last to be swept
  await call(old, 'GET', `/api/v2/events/${event.id}`);
  assert.equal((await deliveriesOf(old, endpoint)).length, 1);
});

// Sweeps with many steps, cut off wherever the seed says.
test('a sweep that is killed goes on where it was, and the store is sound', async (t) => {
  const kEndpoints = 3;
  const kEvents = Math.round(1_000 * scale);
  const kKills = Math.round(6 * scale);
  const kRowsMax = (kEvents * (2 + 2 * kEndpoints)) / kKills;
  t.diagnostic(`seed ${kSeed}`);
  const random = randomFrom(kSeed);
  const sink = await startSink(t);
  const daemon = await startDelivering(t, { config });
  const endpoints = [];
  for (let i = 0; i < kEndpoints; ++i) {
    endpoints.push(await createEndpoint(daemon, { url: sink.url(`/${i}`) }));
  }
  const ids = Array.from({ length: kEvents }, () => unique());
  await postMany(daemon, signedNow(ids));
  for (const endpoint of endpoints) await deliveredInAll(daemon, endpoint, kEvents, 60_000);
  await daemon.stop();

  for (let i = 0; i < kKills; ++i) {
    const one = await later(t, daemon, 95);
    const enough = 1 + random() * kRowsMax;
    await eventually(
      `${enough} rows`,
      async () => (await sweptInAll(one)) >= enough || (await one.inbox()).length === 0,
    );
    await one.kill();
    assertSound(daemon);
  }

  const last = await later(t, daemon, 95);
  await eventually('the end', async () => (await last.inbox()).length === 0);
  assert.deepEqual(await last.events(), []);
  for (const endpoint of endpoints) assert.deepEqual(await deliveriesOf(last, endpoint), []);
  await last.stop();
  assertSound(daemon);
  const again = await startDaemon(t, { folder: daemon.folder, config });
  await postMany(again, signedNow(ids.slice(0, 10)));
  assert.deepEqual(await again.inbox(), []);
});

test('a reload says that a change of these settings waits for a restart', async (t) => {
  const daemon = await startDaemon(t, { config });
  const changed = { ...config, storage: { ...kept, inbox_days: 11 } };
  writeConfig(daemon.folder, changed);
  daemon.child.kill('SIGHUP');
  const line = await daemon.logLine(/daemon\.restart_needed/);
  assert.match(line, /storage\.inbox_days/);
});
