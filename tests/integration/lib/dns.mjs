// A name server that answers as the test says, over UDP and TCP, and remembers who asked for what.
import dgram from 'node:dgram';
import net from 'node:net';
import { once } from 'node:events';
import { atEnd } from './daemon.mjs';

const kTypes = { 1: 'A', 28: 'AAAA' };
const kUdpBytesMax = 512;
const kTruncated = 0x0200;
const kAnswer = 0x8180; // a response, recursion asked for and available
const kNameError = 3;

function readQuestion(message) {
  const labels = [];
  let at = 12;
  for (; message[at] !== 0; at += message[at] + 1) {
    labels.push(message.toString('latin1', at + 1, at + 1 + message[at]));
  }
  const type = kTypes[message.readUInt16BE(at + 1)];
  return { name: labels.join('.').toLowerCase(), type, bytes: message.subarray(12, at + 5) };
}

function addressBytes(address) {
  if (net.isIPv4(address)) return Buffer.from(address.split('.').map(Number));
  const mapped = /^(.*:)(\d+)\.(\d+)\.(\d+)\.(\d+)$/.exec(address);
  const text = mapped
    ? mapped[1] +
      [2, 4].map((i) => ((Number(mapped[i]) << 8) | Number(mapped[i + 1])).toString(16)).join(':')
    : address;
  const [head, tail] = text.split('::').map((part) => part.split(':').filter(Boolean));
  const rest = tail ?? [];
  const zeros = tail === undefined ? [] : Array(8 - head.length - rest.length).fill('0');
  const bytes = Buffer.alloc(16);
  [...head, ...zeros, ...rest].forEach((part, i) => bytes.writeUInt16BE(parseInt(part, 16), i * 2));
  return bytes;
}

function record(address, ttl) {
  const data = addressBytes(address);
  const head = Buffer.alloc(12);
  head.writeUInt16BE(0xc00c, 0); // the question's name
  head.writeUInt16BE(data.length === 4 ? 1 : 28, 2);
  head.writeUInt16BE(1, 4);
  head.writeUInt32BE(ttl, 6);
  head.writeUInt16BE(data.length, 10);
  return Buffer.concat([head, data]);
}

export class NameServer {
  queries = [];
  #names = new Map();
  #rounds = new Map(); // id and question -> what it is answered with
  #ttl;

  constructor({ ttl = 0 } = {}) {
    this.#ttl = ttl;
  }

  // What each round of questions is answered with: lists of addresses, the last one for ever after.
  // 'silence' is no answer at all.
  set(name, ...rounds) {
    this.#names.set(name, { rounds, asked: { A: 0, AAAA: 0 } });
  }

  asked(name, type) {
    return this.queries.filter((query) => query.name === name && (!type || query.type === type));
  }

  // Who had no answer in time asks again under the same id: that is still one question.
  #roundFor(message, { question, entry }) {
    const asked = `${message.readUInt16BE(0)} ${question.name} ${question.type}`;
    if (!this.#rounds.has(asked)) {
      this.queries.push(question);
      const round = entry?.rounds[Math.min(entry.asked[question.type]++, entry.rounds.length - 1)];
      this.#rounds.set(asked, round);
    }
    return this.#rounds.get(asked);
  }

  #reply(message, bytesMax) {
    const question = readQuestion(message);
    const entry = this.#names.get(question.name);
    const round = this.#roundFor(message, { question, entry });
    if (round === 'silence') return undefined;
    const wanted = question.type === 'A' ? net.isIPv4 : net.isIPv6;
    const records = (round ?? []).filter(wanted).map((address) => record(address, this.#ttl));
    const head = Buffer.alloc(12);
    message.copy(head, 0, 0, 2);
    const whole = Buffer.concat([head, question.bytes, ...records]);
    const fits = whole.length <= bytesMax;
    head.writeUInt16BE(kAnswer | (entry ? 0 : kNameError) | (fits ? 0 : kTruncated), 2);
    head.writeUInt16BE(1, 4);
    head.writeUInt16BE(fits ? records.length : 0, 6);
    return Buffer.concat([head, question.bytes, ...(fits ? records : [])]);
  }

  // One port for both; the next one where somebody else has the other half of it.
  async start(t) {
    for (;;) {
      this.udp = dgram.createSocket('udp4');
      this.udp.bind(0, '127.0.0.1');
      await once(this.udp, 'listening');
      this.tcp = net.createServer((socket) => this.#serve(socket));
      this.tcp.listen(this.udp.address().port, '127.0.0.1');
      const [taken] = await Promise.race([
        once(this.tcp, 'listening'),
        new Promise((resolve) => this.tcp.once('error', (error) => resolve([error]))),
      ]);
      if (!taken) break;
      this.udp.close();
    }
    this.udp.on('message', (message, { port, address }) => {
      const reply = this.#reply(message, kUdpBytesMax);
      if (reply) this.udp.send(reply, port, address);
    });
    this.address = `127.0.0.1:${this.udp.address().port}`;
    atEnd(t, () => {
      this.udp.close();
      this.tcp.close();
    });
    return this;
  }

  #serve(socket) {
    let bytes = Buffer.alloc(0);
    socket.on('error', () => {});
    socket.on('data', (more) => {
      bytes = Buffer.concat([bytes, more]);
      while (bytes.length >= 2 && bytes.length >= 2 + bytes.readUInt16BE(0)) {
        const length = bytes.readUInt16BE(0);
        const reply = this.#reply(bytes.subarray(2, 2 + length), 65_535);
        bytes = bytes.subarray(2 + length);
        if (!reply) continue;
        const prefix = Buffer.alloc(2);
        prefix.writeUInt16BE(reply.length);
        socket.write(Buffer.concat([prefix, reply]));
      }
    });
  }
}

export const startNameServer = (t, options) => new NameServer(options).start(t);
