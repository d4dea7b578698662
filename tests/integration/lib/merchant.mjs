// A merchant's endpoint: takes what is delivered, and answers as it is told.
import http from 'node:http';
import { once } from 'node:events';
import { atEnd, within } from './daemon.mjs';

const kDeliveryMilliseconds = 60_000;

export class Sink {
  #server;
  #waiting = [];
  received = [];
  answer = { status: 200, body: 'taken' };

  constructor(server) {
    this.#server = server;
    server.on('request', (request, response) => this.#take(request, response));
  }

  get url() {
    return `http://127.0.0.1:${this.#server.address().port}/hook`;
  }

  #take(request, response) {
    const chunks = [];
    request.on('data', (chunk) => chunks.push(chunk));
    request.on('end', () => {
      response.writeHead(this.answer.status, { 'content-type': 'text/plain' });
      response.end(this.answer.body);
      const body = Buffer.concat(chunks).toString();
      this.received.push({ headers: request.headers, body, path: request.url });
      this.#waiting = this.#waiting.filter((waiter) => !waiter());
    });
  }

  // The first delivery, of those that came and those to come, for which `wanted` holds.
  async delivery(wanted = () => true, what = 'a delivery') {
    const found = () => this.received.find(wanted);
    if (found()) return found();
    const coming = new Promise((resolve) => {
      this.#waiting.push(() => {
        if (!found()) return false;
        resolve(found());
        return true;
      });
    });
    return within(kDeliveryMilliseconds, what, coming);
  }

  // Resolves once so many have come in all.
  async count(wanted) {
    await this.delivery(() => this.received.length >= wanted, `${wanted} deliveries`);
    return this.received;
  }

  close() {
    this.#server.closeAllConnections();
    this.#server.close();
  }
}

export async function startSink(t) {
  const server = http.createServer();
  const sink = new Sink(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  atEnd(t, () => sink.close());
  return sink;
}

// Asks again until the answer fits: for what becomes true a moment after a delivery.
export async function eventually(what, ask, fits) {
  const poll = async () => {
    for (;;) {
      const answer = await ask();
      if (fits(answer)) return answer;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  };
  return within(kDeliveryMilliseconds, what, poll());
}
