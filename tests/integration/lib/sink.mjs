// A merchant's endpoint: keeps every request it gets, and answers as the test says.
import http from 'node:http';
import https from 'node:https';
import { once } from 'node:events';
import { atEnd, within } from './daemon.mjs';

const kArrivalMilliseconds = 60_000;

export class Sink {
  requests = [];
  sockets = new Set();
  connections = 0;
  abandoned = 0; // requests that hung until the other side gave up
  #waiting = [];
  #hanging = new Set();
  #turn = 0; // numbers what comes and what is answered, in one row

  constructor(server, { answer, secure, host }) {
    this.server = server;
    this.answer = answer;
    this.secure = secure;
    this.host = host;
    server.on('request', (request, response) => this.#take(request, response));
    server.on('connection', (socket) => {
      this.connections += 1;
      this.sockets.add(socket);
      socket.once('close', () => this.sockets.delete(socket));
    });
  }

  get port() {
    return this.server.address().port;
  }

  get origin() {
    return `${this.secure ? 'https' : 'http'}://${this.host}:${this.port}`;
  }

  url(path = '/') {
    return `${this.origin}${path}`;
  }

  #take(request, response) {
    const begun = Date.now();
    const chunks = [];
    request.on('data', (chunk) => chunks.push(chunk));
    request.on('error', () => {});
    request.on('end', () => this.#keep(request, response, { begun, body: Buffer.concat(chunks) }));
  }

  async #keep(request, response, { begun, body }) {
    const text = body.toString();
    const { method, url, headers, socket } = request;
    const kept = { method, url, headers, text, begun, connection: socket.remotePort };
    kept.id = headers['webhook-id'];
    kept.attempt = Number(headers['webhook-attempt']);
    kept.sequence = Number(headers['webhook-sequence']);
    kept.arrived = ++this.#turn;
    this.requests.push(kept);
    const answer = (await this.answer(kept, response)) ?? {};
    kept.status = answer.status ?? 200;
    kept.answered = ++this.#turn;
    this.#waiting = this.#waiting.filter((waiter) => !waiter());
    if (answer.hang) return this.#hang(response);
    response.writeHead(kept.status, answer.headers ?? {});
    response.end(answer.body ?? '');
  }

  #hang(response) {
    this.#hanging.add(response);
    response.once('close', () => {
      if (this.#hanging.delete(response)) this.abandoned += 1;
    });
  }

  // Lets go of everybody who hangs.
  release(status = 200) {
    const released = [...this.#hanging];
    this.#hanging.clear();
    for (const response of released) response.writeHead(status).end();
  }

  get hanging() {
    return this.#hanging.size;
  }

  // Resolves with all requests once `enough` of them holds.
  until(what, enough, milliseconds = kArrivalMilliseconds) {
    if (enough(this.requests)) return Promise.resolve(this.requests);
    const arrived = new Promise((resolve) => {
      this.#waiting.push(() => enough(this.requests) && (resolve(this.requests), true));
    });
    return within(milliseconds, `${what}; ${this.requests.length} requests came`, arrived);
  }

  received(count, milliseconds) {
    return this.until(`${count} deliveries`, (all) => all.length >= count, milliseconds);
  }

  async close() {
    for (const socket of this.sockets) socket.destroy();
    if (!this.server.listening) return;
    this.server.close();
    await once(this.server, 'close');
  }
}

// `answer(request, response)` gives { status, headers, body } or { hang: true }; nothing is a 200.
export async function startSink(t, options = {}) {
  const { answer = () => ({}), tls, host = '127.0.0.1', port = 0 } = options;
  const server = tls ? https.createServer(tls) : http.createServer();
  server.keepAliveTimeout = 60_000;
  const sink = new Sink(server, { answer, secure: tls !== undefined, host });
  server.listen(port, host);
  await once(server, 'listening');
  atEnd(t, () => sink.close());
  return sink;
}

// Answers in turn; the last one stays.
export function script(...answers) {
  let next = 0;
  return () => answers[Math.min(next++, answers.length - 1)];
}
