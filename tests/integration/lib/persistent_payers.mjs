// Merchants who ask again, with the same Idempotency-Key, until they are answered: over the Stripe
// SDK and over /api, whatever becomes of the daemon meanwhile.
import Stripe from 'stripe';
import { secretKey } from './daemon.mjs';

const kTriesMax = 5_000;
const json = { 'content-type': 'application/json', authorization: `Bearer ${secretKey}` };

// The daemon that answers at the moment; while there is none, everybody waits.
export class House {
  #daemon;
  #waiting = [];
  #ended = false;
  requests = 0;
  onRequest = () => {};

  open(daemon) {
    this.#daemon = daemon;
    for (const resolve of this.#waiting.splice(0)) resolve(daemon);
  }

  close() {
    this.#daemon = undefined;
  }

  // Nobody asks any more.
  end() {
    this.#ended = true;
    this.open(undefined);
  }

  daemon() {
    if (this.#ended) return Promise.reject(new Error('the test has ended'));
    if (this.#daemon) return Promise.resolve(this.#daemon);
    return new Promise((resolve) => this.#waiting.push(resolve)).then(() => this.daemon());
  }

  asked() {
    this.requests += 1;
    this.onRequest(this.requests);
  }
}

// Where a refused request is found again names the listener, which has another port at each start.
const placeless = (text) => text.replace(/"request_log_url":"http:..127[^/]*/, '');

// What was answered to each key, byte for byte.
export class Receipts {
  answers = new Map(); // key -> { status, text, json }
  replayed = 0;
  recovered = 0;
  unanswered = 0;
  faults = [];

  keep(key, { status, headers, text }) {
    const before = this.answers.get(key);
    if (before === undefined) {
      // Done by a daemon that was killed before it could answer.
      if (headers['idempotent-replayed'] === 'true') this.recovered += 1;
      this.answers.set(key, { status, text, json: JSON.parse(text) });
      return;
    }
    this.replayed += 1;
    if (before.status !== status || placeless(before.text) !== placeless(text)) {
      this.faults.push(`${key}: answered ${before.status} ${before.text}\nthen ${status} ${text}`);
    }
  }
}

const isEffect = (status) => (status >= 200 && status < 300) || status === 402;
const isToBeAskedAgain = (status, text) =>
  status >= 500 || (status === 409 && /idempotency_key_in_use|IDEMPOTENCY_KEY_REUSED/.test(text));

export class Payer {
  repeats = []; // what was acknowledged, to be asked once more

  constructor(house, receipts) {
    this.house = house;
    this.receipts = receipts;
  }

  // { status, json } of the answer that ended the asking. `call(daemon, fetch)` makes one request.
  async #persist(key, call) {
    for (let tries = 0; tries < kTriesMax; tries += 1) {
      const daemon = await this.house.daemon();
      const answer = await this.#once(daemon, call);
      if (answer === undefined || isToBeAskedAgain(answer.status, answer.text)) continue;
      if (isEffect(answer.status)) {
        if (!this.receipts.answers.has(key)) this.repeats.push(() => this.#persist(key, call));
        this.receipts.keep(key, answer);
      }
      return { status: answer.status, json: JSON.parse(answer.text) };
    }
    throw new Error(`${key}: no answer after ${kTriesMax} tries`);
  }

  // undefined: no answer came; whether it was done is then anybody's guess.
  async #once(daemon, call) {
    let answer;
    const listening = async (url, options) => {
      this.house.asked();
      const { pathname, search } = new URL(url);
      const { method = 'GET' } = options;
      const body = options.body || undefined;
      const headers = Object.fromEntries(new Headers(options.headers));
      // Of the daemon's own: its connections end when it is killed.
      answer = await daemon.request(method, pathname + search, { headers, body });
      return new Response(answer.text, { status: answer.status, headers: answer.headers });
    };
    try {
      await call(daemon, listening);
    } catch (error) {
      if (answer === undefined) this.receipts.unanswered += 1;
      else if (!(error instanceof Stripe.errors.StripeError)) throw error;
    }
    return answer;
  }

  // `call(stripe, options)` with the real SDK.
  stripe(key, call) {
    return this.#persist(key, (daemon, listening) => {
      const [host, port] = daemon.listen.split(':');
      const stripe = new Stripe(secretKey, {
        host,
        port,
        protocol: 'http',
        telemetry: false,
        maxNetworkRetries: 0,
        httpClient: Stripe.createFetchHttpClient(listening),
      });
      return call(stripe, { idempotencyKey: key });
    });
  }

  // The key in the body where the endpoint takes it there, else in the header.
  api(key, target, body, place = 'header') {
    const whole = place === 'body' ? { ...body, idempotency_key: key } : body;
    const headers = place === 'body' ? json : { ...json, 'idempotency-key': key };
    return this.#persist(key, (daemon, listening) =>
      listening(`http://${daemon.listen}${target}`, {
        method: 'POST',
        headers,
        body: JSON.stringify(whole),
      }),
    );
  }

  // Reads are simply done again.
  async get(target) {
    const { json: object } = await this.#read(target);
    return object;
  }

  async #read(target) {
    for (;;) {
      const daemon = await this.house.daemon();
      const answer = await this.#once(daemon, (_, listening) =>
        listening(`http://${daemon.listen}${target}`, { headers: json }),
      );
      if (answer !== undefined && answer.status < 500) return { json: JSON.parse(answer.text) };
    }
  }
}
