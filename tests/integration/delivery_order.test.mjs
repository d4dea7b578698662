// The events of one payment in order, while other payments flow on.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  allInState,
  call,
  createEndpoint,
  deliveriesOf,
  eventually,
  postPayment,
  startDelivering,
} from './lib/delivery.mjs';
import { startSink } from './lib/sink.mjs';

const kFailures = 3;
const failing = { status: 500 };
const nameOf = ({ text }) => JSON.parse(text).gateway_event_id;
const namesOf = (requests) => requests.map(nameOf);
const states = (deliveries) => deliveries.map(({ state, held }) => (held ? 'held' : state));

async function startOrdered(t, settings, answer) {
  const sink = await startSink(t, { answer });
  const daemon = await startDelivering(t);
  const endpoint = await createEndpoint(daemon, {
    url: sink.url(),
    ordering: 'payment',
    retry: { schedule: [0, 1, 1, 1, 1] },
    ...settings,
  });
  return { sink, daemon, endpoint };
}

async function post(daemon, payment, ...ids) {
  for (const id of ids) await postPayment(daemon, { id, payment });
}

test('a payment whose first event fails keeps its order and delays no other', async (t) => {
  const settings = { retry: { schedule: [0, ...Array(29).fill(1)] } };
  let othersCame = false;
  const { sink, daemon, endpoint } = await startOrdered(t, settings, (request) => {
    const fails = request.attempt <= kFailures || !othersCame;
    return nameOf(request) === 'evt_a1' && fails ? failing : {};
  });
  await post(daemon, 'pi_a', 'evt_a1', 'evt_a2', 'evt_a3');
  await post(daemon, 'pi_b', 'evt_b1', 'evt_b2', 'evt_b3', 'evt_b4');
  await sink.until('payment b', (all) => namesOf(all).includes('evt_b4'));
  const early = namesOf(sink.requests);
  assert.ok(!early.includes('evt_a2'), 'the second event waits for the first');
  othersCame = true;
  await allInState(daemon, endpoint, { state: 'delivered', count: 7 });
  const of = (letter) => namesOf(sink.requests).filter((name) => name.startsWith(`evt_${letter}`));
  assert.ok(of('a').length >= kFailures + 3);
  assert.deepEqual([...new Set(of('a'))], ['evt_a1', 'evt_a2', 'evt_a3']);
  assert.deepEqual(of('a').slice(-3), ['evt_a1', 'evt_a2', 'evt_a3']);
  assert.deepEqual(of('b'), ['evt_b1', 'evt_b2', 'evt_b3', 'evt_b4']);
});

test('what waits for an earlier event of its payment is held', async (t) => {
  const settings = { max_hold_seconds: 86_400, retry: { schedule: [0, 3600] } };
  const { daemon, endpoint } = await startOrdered(t, settings, (request) =>
    nameOf(request) === 'evt_a1' ? failing : {},
  );
  await post(daemon, 'pi_a', 'evt_a1', 'evt_a2', 'evt_a3');
  const [first, second] = await eventually('the first failure', async () => {
    const all = await deliveriesOf(daemon, endpoint);
    return all[0].attempts === 1 && all[0].state === 'waiting' ? all : undefined;
  });
  assert.deepEqual(states(await deliveriesOf(daemon, endpoint)), ['waiting', 'held', 'held']);
  assert.equal(second.next_attempt_at, null);
  // Once the first one is out of the way, whichever way, the next one goes.
  await call(daemon, 'POST', `/api/v2/deliveries/${first.id}/cancel`);
  await eventually('the rest', async () => {
    const all = states(await deliveriesOf(daemon, endpoint));
    return all.join() === 'canceled,delivered,delivered';
  });
});

test('an event that ends without success lets the next one go', async (t) => {
  const { sink, daemon, endpoint } = await startOrdered(
    t,
    { retry: { schedule: [0, 0] } },
    (request) => (nameOf(request) === 'evt_a1' ? failing : {}),
  );
  await post(daemon, 'pi_a', 'evt_a1', 'evt_a2');
  await eventually('both', async () => {
    const all = states(await deliveriesOf(daemon, endpoint));
    return all.join() === 'dead,delivered';
  });
  assert.deepEqual(namesOf(sink.requests), ['evt_a1', 'evt_a1', 'evt_a2']);
});

test('an event holds its payment for so long and no longer', async (t) => {
  const settings = { max_hold_seconds: 2, retry: { schedule: [0, 1, 3600] } };
  const { sink, daemon, endpoint } = await startOrdered(t, settings, (request) =>
    nameOf(request) === 'evt_a1' ? failing : {},
  );
  await post(daemon, 'pi_a', 'evt_a1', 'evt_a2', 'evt_a3');
  await eventually('the later ones', async () => {
    const all = states(await deliveriesOf(daemon, endpoint));
    return all.join() === 'waiting,delivered,delivered';
  });
  const later = namesOf(sink.requests).filter((name) => name !== 'evt_a1');
  assert.deepEqual(later, ['evt_a2', 'evt_a3']);
});

test('order is kept over a restart', async (t) => {
  const { sink, daemon, endpoint } = await startOrdered(t, {}, (request) =>
    nameOf(request) === 'evt_a1' && request.attempt <= 2 ? failing : {},
  );
  await post(daemon, 'pi_a', 'evt_a1', 'evt_a2', 'evt_a3');
  await sink.received(1);
  await daemon.kill();
  const again = await startDelivering(t, { folder: daemon.folder });
  await post(again, 'pi_a', 'evt_a4');
  await allInState(again, endpoint, { state: 'delivered', count: 4 });
  const firsts = [...new Set(namesOf(sink.requests))];
  assert.deepEqual(firsts, ['evt_a1', 'evt_a2', 'evt_a3', 'evt_a4']);
  const lastOfFirst = namesOf(sink.requests).lastIndexOf('evt_a1');
  assert.ok(lastOfFirst < namesOf(sink.requests).indexOf('evt_a2'));
});

test('without ordering nobody waits', async (t) => {
  const { sink, daemon } = await startOrdered(
    t,
    { ordering: 'none', retry: { schedule: [0, 3600] } },
    (request) => (nameOf(request) === 'evt_a1' ? failing : {}),
  );
  await post(daemon, 'pi_a', 'evt_a1', 'evt_a2');
  await sink.received(2);
  assert.deepEqual(namesOf(sink.requests).sort(), ['evt_a1', 'evt_a2']);
});

test('many payments at once each keep their order', async (t) => {
  const [kPayments, kSteps] = [40, 5];
  const { sink, daemon, endpoint } = await startOrdered(t, {}, ({ attempt, sequence }) =>
    attempt === 1 && sequence % 7 === 0 ? failing : {},
  );
  const one = (p) =>
    post(daemon, `pi_${p}`, ...Array.from({ length: kSteps }, (_, i) => `evt_${p}_${i}`));
  await Promise.all(Array.from({ length: kPayments }, (_, p) => one(p)));
  await allInState(daemon, endpoint, { state: 'delivered', count: kPayments * kSteps }, 60_000);
  for (let p = 0; p < kPayments; ++p) {
    const mine = sink.requests.filter((request) => nameOf(request).startsWith(`evt_${p}_`));
    const arrived = mine.filter(({ status }) => status === 200).map(nameOf);
    assert.deepEqual(
      arrived,
      Array.from({ length: kSteps }, (_, i) => `evt_${p}_${i}`),
    );
    const firsts = [...new Set(mine.map(nameOf))];
    assert.deepEqual(firsts, arrived, 'nor is a later one tried before');
  }
});

test('an endpoint that wants only the latest state is spared the older retries', async (t) => {
  const answer = (request) => (nameOf(request) === 'evt_a1' ? failing : {});
  const sink = await startSink(t, { answer });
  const daemon = await startDelivering(t);
  const endpoint = await createEndpoint(daemon, {
    url: sink.url(),
    deliver: 'latest',
    retry: { schedule: [0, ...Array(29).fill(2)] },
  });
  await post(daemon, 'pi_a', 'evt_a1');
  await sink.received(1);
  await post(daemon, 'pi_a', 'evt_a2');
  await eventually('superseded', async () => {
    const all = states(await deliveriesOf(daemon, endpoint));
    return all.join() === 'superseded,delivered';
  });
  const last = namesOf(sink.requests).at(-1);
  assert.equal(last, 'evt_a2', 'the older one is not tried after it');
});
