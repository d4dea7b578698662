// Ports for servers that must be told theirs and keep it when they are started again.
import net from 'node:net';
import { once } from 'node:events';

// Below the ports that the system gives to whoever connects: while a server is stopped, no
// connection of another process takes its port.
const kFirst = 12_000;
const kLast = 32_000;
const given = new Set();

async function isFree(port) {
  const server = net.createServer();
  server.listen(port, '127.0.0.1');
  try {
    await once(server, 'listening');
  } catch {
    return false;
  }
  server.close();
  await once(server, 'close');
  return true;
}

const kTries = 5;

// Starts a server that chose its port with freePort(), which another may have taken meanwhile.
export async function startOnFreePort(server) {
  for (let tries = 1; ; tries += 1) {
    try {
      return await server.start();
    } catch (error) {
      if (tries === kTries || !/already in use/.test(error.message)) throw error;
      server.port = await freePort();
    }
  }
}

export async function freePort() {
  for (;;) {
    const port = kFirst + Math.floor(Math.random() * (kLast - kFirst));
    if (given.has(port) || !(await isFree(port))) continue;
    given.add(port);
    return port;
  }
}
