// A TCP relay between a daemon and a server, which fails as networks do.
import net from 'node:net';
import { once } from 'node:events';
import { atEnd } from './endings.mjs';
import { freePort } from './ports.mjs';

const kHeldBytesMax = 4 << 20;
export const toServer = 'toServer';
export const toClient = 'toClient';
const kBoth = [toServer, toClient];

// The bytes of one connection in one direction, in their order.
class Flow {
  #held = [];
  #heldBytes = 0;
  #timer;

  constructor(from, to, rules) {
    Object.assign(this, { from, to, rules });
    from.on('data', (bytes) => this.#take({ bytes }));
    from.on('end', () => this.#take({ isEnd: true, bytes: Buffer.alloc(0) }));
    from.on('error', () => {}); // which is told by its close
    from.on('close', (broken) => broken && this.#take({ isGone: true, bytes: Buffer.alloc(0) }));
  }

  #take(piece) {
    this.#held.push({ ...piece, due: performance.now() + this.rules.delay });
    this.#heldBytes += piece.bytes.length;
    if (this.#heldBytes > kHeldBytesMax) this.from.pause();
    this.move();
  }

  // Lets on what is due.
  move() {
    clearTimeout(this.#timer);
    while (!this.rules.frozen && this.#held.length > 0) {
      const wait = this.#held[0].due - performance.now();
      if (wait > 0) {
        this.#timer = setTimeout(() => this.move(), wait);
        return;
      }
      const { bytes, isEnd, isGone } = this.#held.shift();
      this.#heldBytes -= bytes.length;
      if (isGone) this.to.resetAndDestroy();
      else if (isEnd) this.to.end();
      else this.to.write(bytes);
    }
    if (this.#heldBytes <= kHeldBytesMax) this.from.resume();
  }
}

export class Relay {
  #server;
  #sockets = new Set();
  #flows = new Set();
  #rules = Object.fromEntries(kBoth.map((way) => [way, { frozen: false, delay: 0 }]));
  connections = 0;

  constructor(port, target) {
    this.port = port;
    this.target = target;
  }

  async listen() {
    if (this.#server) return;
    this.#server = net.createServer({ allowHalfOpen: true }, (client) => this.#connect(client));
    this.#server.listen(this.port, '127.0.0.1');
    await once(this.#server, 'listening');
  }

  #connect(client) {
    this.connections += 1;
    const server = net.connect({ port: this.target, host: '127.0.0.1', allowHalfOpen: true });
    const flows = [
      new Flow(client, server, this.#rules[toServer]),
      new Flow(server, client, this.#rules[toClient]),
    ];
    for (const flow of flows) this.#flows.add(flow);
    for (const socket of [client, server]) {
      socket.setNoDelay(true);
      this.#sockets.add(socket);
      socket.on('close', () => {
        this.#sockets.delete(socket);
        if (client.closed && server.closed) for (const flow of flows) this.#flows.delete(flow);
      });
    }
  }

  // Resets every connection; new ones are let through.
  cut() {
    for (const socket of this.#sockets) socket.resetAndDestroy();
    this.#sockets.clear();
    this.#flows.clear();
  }

  // Resets every connection and refuses new ones.
  async refuse() {
    const server = this.#server;
    this.#server = undefined;
    server?.close();
    this.cut();
    if (server?.listening) await once(server, 'close');
  }

  // Nothing moves that way, and nobody is told.
  freeze(...ways) {
    for (const way of ways.length ? ways : kBoth) this.#rules[way].frozen = true;
  }

  delay(milliseconds, ...ways) {
    for (const way of ways.length ? ways : kBoth) this.#rules[way].delay = milliseconds;
  }

  // As if nothing had been: what was held back goes on its way.
  async goOn() {
    for (const way of kBoth) Object.assign(this.#rules[way], { frozen: false, delay: 0 });
    for (const flow of this.#flows) flow.move();
    await this.listen();
  }
}

export async function startRelay(t, target) {
  const relay = new Relay(await freePort(), target);
  await relay.listen();
  atEnd(t, () => relay.refuse());
  return relay;
}
