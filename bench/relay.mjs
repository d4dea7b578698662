// A relay in front of a database that counts what goes through it. It is a process of its own, told
// the protocol and the port by its arguments, and answers each message with its counts.
//   turns     the client sent something after the server had: it had read an answer and went on, so
//             what is pipelined is one turn however many statements it holds
//   commands  arrays of Redis' protocol that the client sent, each one a command
import net from 'node:net';
import process from 'node:process';

const [, , protocol, target] = process.argv;
const counts = { turns: 0, commands: 0 };

// Counts whole commands in a stream of "*2\r\n$3\r\nGET\r\n$1\r\nk\r\n".
class CommandCounter {
  #header = '';
  #partsLeft = 0;
  #bytesLeft = 0;

  push(chunk) {
    for (let at = 0; at < chunk.length;) {
      if (this.#bytesLeft > 0) {
        const taken = Math.min(this.#bytesLeft, chunk.length - at);
        this.#bytesLeft -= taken;
        at += taken;
        if (this.#bytesLeft === 0) this.#endPart();
        continue;
      }
      const end = chunk.indexOf(10, at);
      this.#header += chunk.toString('latin1', at, end < 0 ? chunk.length : end);
      if (end < 0) return;
      at = end + 1;
      this.#endHeader();
    }
  }

  #endHeader() {
    const size = Number.parseInt(this.#header.slice(1), 10);
    const kind = this.#header[0];
    this.#header = '';
    const lineEndBytes = 2;
    if (kind === '*') this.#partsLeft = size;
    if (kind === '$') this.#bytesLeft = size + lineEndBytes;
  }

  #endPart() {
    this.#partsLeft -= 1;
    if (this.#partsLeft === 0) counts.commands += 1;
  }
}

function relay(client) {
  const server = net.connect(Number(target), '127.0.0.1');
  const counter = new CommandCounter();
  let serverSpokeLast = true;
  client.setNoDelay(true);
  server.setNoDelay(true);
  client.on('data', (chunk) => {
    if (serverSpokeLast) counts.turns += 1;
    serverSpokeLast = false;
    if (protocol === 'redis') counter.push(chunk);
    server.write(chunk);
  });
  server.on('data', (chunk) => {
    serverSpokeLast = true;
    client.write(chunk);
  });
  for (const [one, other] of [[client, server], [server, client]]) {
    one.on('close', () => other.destroy());
    one.on('error', () => other.destroy());
  }
}

const listener = net.createServer(relay).listen(0, '127.0.0.1', () => {
  process.send({ port: listener.address().port });
});
process.on('message', () => process.send(counts));
process.on('disconnect', () => process.exit(0));
