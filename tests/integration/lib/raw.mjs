// A connection on which a test decides about every byte.
import net from 'node:net';
import { within } from './daemon.mjs';

const kAnswerMilliseconds = 60_000;

export class RawConnection {
  #received = Buffer.alloc(0);
  #changed = () => {};
  #ended = false;

  constructor(socket) {
    this.socket = socket;
    socket.on('data', (bytes) => {
      this.#received = Buffer.concat([this.#received, bytes]);
      this.#changed();
    });
    for (const event of ['end', 'close']) {
      socket.on(event, () => {
        this.#ended = true;
        this.#changed();
      });
    }
    socket.on('error', () => {}); // a reset is an end like any other; the answer counts
  }

  static connect(port) {
    const socket = net.connect({ host: '127.0.0.1', port, noDelay: true, allowHalfOpen: true });
    const connected = new Promise((resolve, reject) => {
      socket.once('connect', () => resolve(new RawConnection(socket)));
      socket.once('error', reject);
    });
    return within(kAnswerMilliseconds, 'a connection', connected);
  }

  write(bytes) {
    this.socket.write(bytes);
    return this;
  }

  async #until(ready) {
    const found = (async () => {
      for (let value = ready(); ; value = ready()) {
        if (value !== undefined) return value;
        await new Promise((resolve) => {
          this.#changed = resolve;
        });
      }
    })();
    return within(kAnswerMilliseconds, 'an answer', found);
  }

  // The next answer: { status, headers, body }, or null when the connection ended instead.
  answer({ head = false } = {}) {
    return this.#until(() => this.#take(head) ?? (this.#ended ? null : undefined));
  }

  #take(withoutBody) {
    const end = this.#received.indexOf('\r\n\r\n');
    if (end < 0) return undefined;
    const [first, ...lines] = this.#received.subarray(0, end).toString('latin1').split('\r\n');
    const headers = Object.fromEntries(
      lines.map((line) => [
        line.split(':')[0].toLowerCase(),
        line.slice(line.indexOf(':') + 1).trim(),
      ]),
    );
    const length = withoutBody ? 0 : Number(headers['content-length'] ?? 0);
    if (this.#received.length < end + 4 + length) return undefined;
    const body = this.#received.subarray(end + 4, end + 4 + length).toString();
    this.#received = this.#received.subarray(end + 4 + length);
    return { status: Number(first.split(' ')[1]), headers, body };
  }

  // Resolves when the peer has ended its side; false when it is still open after that time.
  async closedWithin(milliseconds) {
    try {
      await within(
        milliseconds,
        'the end',
        this.#until(() => (this.#ended ? true : undefined)),
      );
      return true;
    } catch {
      return false;
    }
  }

  destroy() {
    this.socket.destroy();
  }
}

export function requestText(method, target, { headers = {}, body = '' } = {}) {
  const fields = {
    Host: 'localhost',
    ...(body ? { 'Content-Length': Buffer.byteLength(body) } : {}),
  };
  const lines = Object.entries({ ...fields, ...headers }).map(
    ([name, value]) => `${name}: ${value}\r\n`,
  );
  return `${method} ${target} HTTP/1.1\r\n${lines.join('')}\r\n${body}`;
}
