// Providers who post webhooks to whichever node runs until they are acknowledged, what came of it
// at endpoints, and what must hold between the two.
import assert from 'node:assert/strict';
import http from 'node:http';
import { EventEmitter, once } from 'node:events';
import { kLeaseMilliseconds, startCluster } from './cluster.mjs';
import { atEnd } from './daemon.mjs';
import {
  createEndpoint,
  deliveredInAll,
  eventually,
  paymentWebhook,
} from './delivery.mjs';
import { Chance, seed } from './seeded.mjs';
import { startSink } from './sink.mjs';
import { stripePath } from './stripe.mjs';
import { lookAgain, within } from './waiting.mjs';

const kAnswerMilliseconds = 60_000;
const kReachedMilliseconds = 240_000;
const kEventsOfPayment = 5;
const kShownMax = 20;
const kSentAgain = 0.05;
const kAtOnceMax = 64; // deliveries that an endpoint is given at once

function exchange(agent, port, { headers, body }) {
  const all = { ...headers, 'content-length': Buffer.byteLength(body) };
  const place = { port, host: '127.0.0.1', path: stripePath };
  const options = { agent, ...place, method: 'POST', headers: all };
  const answered = new Promise((resolve, reject) => {
    const request = http.request(options, (response) => {
      response.resume();
      response.on('error', reject);
      response.on('end', () => resolve(response));
    });
    request.on('error', reject);
    request.end(body);
  });
  return within(kAnswerMilliseconds, 'the answer to a webhook', answered);
}

class Provider {
  #cluster;
  #chance;
  #turns = new EventEmitter();
  #allowed = 0;
  #begun = 0;
  #ended = false;
  #clients;
  acknowledged = new Map(); // id -> { payment, place in it }
  attempted = new Set();
  refused = 0; // 503, to be posted again
  unanswered = 0;
  failures = []; // { number of the node, why } of both
  faults = [];

  constructor(cluster, { clients = 8, seed }) {
    this.#cluster = cluster;
    this.#chance = new Chance(seed);
    this.#turns.setMaxListeners(0);
    this.#clients = Array.from({ length: clients }, (_, number) => this.#client(number));
  }

  // So many more webhooks may be posted; one that was begun is posted until it is acknowledged.
  allow(count) {
    this.#allowed += count;
    this.#turns.emit('turn');
  }

  async reach(count) {
    const reached = async () => {
      while (this.acknowledged.size < count) await once(this.#turns, 'turn');
    };
    await within(kReachedMilliseconds, `${count} webhooks acknowledged`, reached());
  }

  // Everything that was allowed is acknowledged.
  finished() {
    return this.reach(this.#allowed);
  }

  quit() {
    this.#ended = true;
    this.#turns.emit('turn');
  }

  async end() {
    this.quit();
    await Promise.all(this.#clients);
    assert.deepEqual(this.faults, [], 'answers that no webhook may get');
  }

  async #client(number) {
    const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
    for (let count = 0; ; count += 1) {
      while (this.#begun >= this.#allowed && !this.#ended) await once(this.#turns, 'turn');
      if (this.#ended) break;
      this.#begun += 1;
      const payment = `pi_${number}_${Math.floor(count / kEventsOfPayment)}`;
      const webhook = { id: `evt_${number}_${count}`, payment, place: count % kEventsOfPayment };
      while (!(await this.#post(agent, webhook)) && !this.#ended) await lookAgain();
      if (this.#chance.of(kSentAgain)) await this.#post(agent, webhook);
    }
    agent.destroy();
  }

  // Whether it was acknowledged.
  async #post(agent, { id, payment, place }) {
    const { running } = this.#cluster;
    if (running.length === 0) return false;
    const { port, number } = this.#chance.pick(running);
    this.attempted.add(id);
    let answer;
    try {
      answer = await exchange(agent, port, paymentWebhook(id, { payment }));
    } catch (error) {
      this.unanswered += 1;
      this.failures.push({ number, why: error.message });
      return false;
    }
    const { statusCode: status, headers } = answer;
    if (status === 200 && !this.acknowledged.has(id)) this.acknowledged.set(id, { payment, place });
    else if (status === 503 && /^\d+$/.test(headers['retry-after'])) {
      this.refused += 1;
      this.failures.push({ number, why: 'refused' });
    } else if (status !== 200) this.faults.push(`${id}: ${status} ${JSON.stringify(headers)}`);
    this.#turns.emit('turn');
    return status === 200;
  }
}

function startProvider(t, cluster, options) {
  const provider = new Provider(cluster, options);
  atEnd(t, () => provider.quit());
  return provider;
}

const nameOf = ({ text }) => JSON.parse(text).gateway_event_id;

// Two endpoints at one sink, of which one wants the events of a payment in their order. Both refuse
// some of what comes.
export class Receivers {
  #seen;
  #read = 0;

  constructor(sink, endpoints) {
    this.sink = sink;
    this.endpoints = endpoints; // path -> endpoint
    this.#seen = new Map(Object.keys(endpoints).map((path) => [path, new Map()]));
  }

  // path -> id of the event -> { first, taken }: the first request, and those that were answered
  // with 200, as they came.
  seen() {
    const { requests } = this.sink;
    while (requests[this.#read]?.status) {
      const request = requests[this.#read++];
      const of = this.#seen.get(request.url);
      const name = nameOf(request);
      if (!of.has(name)) of.set(name, { first: request, taken: [] });
      if (request.status === 200) of.get(name).taken.push(request);
    }
    return this.#seen;
  }

  #missing(names) {
    const of = [...this.seen()];
    const isMissing = ([path, seen]) =>
      names.filter((name) => !seen.get(name)?.taken.length).map((name) => `${path} ${name}`);
    return of.flatMap(isMissing);
  }

  async allTaken(names) {
    const none = () => this.#missing(names).length === 0;
    await eventually('all deliveries', none, kReachedMilliseconds).catch((error) => {
      const missing = this.#missing(names);
      const shown = missing.slice(0, kShownMax).join(', ');
      throw new Error(`${error.message}; ${missing.length} are missing: ${shown}`);
    });
  }
}

const kPlain = '/plain';
const kOrdered = '/ordered';

async function startReceivers(t, cluster, { seed, refusing = 0.03 }) {
  const chance = new Chance(seed);
  const sink = await startSink(t, { answer: () => (chance.of(refusing) ? { status: 503 } : {}) });
  const retry = { schedule: [0, ...Array(29).fill(1)] };
  const [daemon] = cluster.running;
  const make = (path, more) => createEndpoint(daemon, { url: sink.url(path), retry, ...more });
  return new Receivers(sink, {
    [kPlain]: await make(kPlain, {}),
    [kOrdered]: await make(kOrdered, { ordering: 'payment' }),
  });
}

// { cluster, receivers, provider }. The first node makes the endpoints, for all.
export async function startUnderLoad(t, { nodes, ...options }) {
  t.diagnostic(`seed ${seed}`);
  const cluster = await startCluster(t, { ...options, count: 1 });
  const receivers = await startReceivers(t, cluster, { seed });
  await cluster.startAll(nodes);
  return { cluster, receivers, provider: startProvider(t, cluster, { seed }) };
}

const idsOf = (items) => items.map(({ gateway_event_id: id }) => id);
const moreThanOnce = (ids) => ids.filter((id, place) => ids.indexOf(id) !== place);

// What was acknowledged is stored, once, and nothing else than was posted.
async function assertStored(daemon, provider) {
  const inbox = idsOf(await daemon.listAll('/api/v2/inbox'));
  const events = idsOf(await daemon.events());
  const stored = new Set(inbox);
  const lost = [...provider.acknowledged.keys()].filter((id) => !stored.has(id));
  assert.deepEqual(lost, [], 'acknowledged and gone');
  assert.deepEqual(moreThanOnce(inbox), [], 'stored twice');
  assert.deepEqual(events.sort(), inbox.sort(), 'one event of each webhook');
  assert.deepEqual(inbox.filter((id) => !provider.attempted.has(id)), [], 'never posted');
  return inbox;
}

// What was taken again had been under way, or not on record yet, when something broke.
function assertRepeats(seen, troubles) {
  const inexcusable = [];
  let repeats = 0;
  for (const [path, of] of seen) {
    for (const [name, { taken: [first, ...others] }] of of) {
      repeats += others.length;
      const excused = others.every(({ begun: again }) =>
        troubles.some(
          ({ at, lasts }) =>
            at - first.begun <= kLeaseMilliseconds && first.begun - at <= lasts && at <= again,
        ),
      );
      if (!excused) inexcusable.push(`${path} ${name}`);
    }
  }
  assert.deepEqual(inexcusable, [], 'sent again without need');
  const most = troubles.length * seen.size * kAtOnceMax;
  assert.ok(repeats <= most, `${repeats} sent again in ${troubles.length} troubles`);
  return repeats;
}

// No event of a payment is sent before the one that was acknowledged before it was taken.
function assertOrder(of, provider) {
  const wrong = [];
  const previous = new Map();
  for (const [name, { payment, place }] of provider.acknowledged) {
    if (place > 0) {
      const earlier = previous.get(payment);
      const [taken] = of.get(earlier).taken;
      if (of.get(name).first.arrived < taken.answered) wrong.push(`${name} before ${earlier}`);
    }
    previous.set(payment, name);
  }
  assert.deepEqual(wrong, [], 'out of order');
}

// To be asked when the provider has ended and nothing is broken: what happened, in a line.
export async function assertKept(cluster, { provider, receivers }) {
  cluster.assertAllRun();
  const [daemon] = cluster.running;
  const stored = await assertStored(daemon, provider);
  await receivers.allTaken(stored);
  for (const endpoint of Object.values(receivers.endpoints)) {
    await deliveredInAll(daemon, endpoint, stored.length, kReachedMilliseconds);
  }
  const seen = receivers.seen();
  const repeats = assertRepeats(seen, cluster.troubles);
  assertOrder(seen.get(kOrdered), provider);
  const { refused, unanswered } = provider;
  return (
    `${stored.length} stored, ${refused} refused, ${unanswered} without answer, ` +
    `${receivers.sink.requests.length} deliveries tried, ${repeats} taken again`
  );
}
