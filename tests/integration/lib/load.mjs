// Clients that post webhooks one after the other, each in its own way of connecting.
import http from 'node:http';
import https from 'node:https';
import { within } from './daemon.mjs';
import { keepAsking } from './service_manager.mjs';

const kAnswerMilliseconds = 60_000;

export const kConnecting = [
  { name: 'plain, a connection each', secure: false, kept: false },
  { name: 'plain, one connection', secure: false, kept: true },
  { name: 'TLS, a connection each', secure: true, kept: false },
  { name: 'TLS, one connection', secure: true, kept: true },
];

class Client {
  #module;
  #agent;

  constructor({ name, secure, kept }, ports) {
    this.name = name;
    this.#module = secure ? https : http;
    this.#agent = new this.#module.Agent({ keepAlive: kept, maxSockets: 1 });
    this.port = secure ? ports.tls : ports.public;
  }

  // { status, text }; a connection that is refused or reset is an error.
  post(target, { headers, body }) {
    const length = Buffer.byteLength(body);
    const exchange = new Promise((resolve, reject) => {
      const request = this.#module.request({
        host: '127.0.0.1',
        port: this.port,
        agent: this.#agent,
        method: 'POST',
        path: target,
        headers: { ...headers, 'content-length': length },
        rejectUnauthorized: false,
      });
      request.on('error', (error) => reject(new Error(`${this.name}: ${error.message}`)));
      request.on('response', (response) => {
        const chunks = [];
        response.on('data', (chunk) => chunks.push(chunk));
        response.on('error', reject);
        response.on('end', () =>
          resolve({ status: response.statusCode, text: Buffer.concat(chunks).toString() }),
        );
      });
      request.end(body);
    });
    return within(kAnswerMilliseconds, this.name, exchange);
  }

  close() {
    this.#agent.destroy();
  }
}

// `each` clients of every kind of connecting, without pause until told to end. Of an answer
// `accept(answer, number)` has the say.
export function keepPosting({ ports, target, webhook, accept, each = 3 }) {
  const kinds = kConnecting.filter(({ secure }) => !secure || ports.tls);
  const clients = kinds.flatMap((kind) =>
    Array.from({ length: each }, () => new Client(kind, ports)),
  );
  const ask = async (number) => {
    const client = clients[number % clients.length];
    accept(await client.post(target, webhook(number)), number);
  };
  const load = keepAsking(ask, { width: clients.length });
  return {
    more: (count) => load.more(count),
    end: () => load.end().finally(() => clients.forEach((client) => client.close())),
  };
}
