// A proxy that knows CONNECT and leads every tunnel where the test says.
import http from 'node:http';
import net from 'node:net';
import { once } from 'node:events';
import { atEnd } from './daemon.mjs';

export async function startProxy(t, { route, authorization }) {
  const proxy = { tunnels: [], others: [] };
  const server = http.createServer((request, response) => {
    proxy.others.push(request.url);
    response.writeHead(405).end();
  });
  const sockets = new Set();
  server.on('connection', (socket) => sockets.add(socket));
  server.on('connect', (request, socket, head) => {
    socket.on('error', () => {});
    const allowed = !authorization || request.headers['proxy-authorization'] === authorization;
    if (!allowed) return socket.end('HTTP/1.1 407 Proxy Authentication Required\r\n\r\n');
    proxy.tunnels.push(request.url);
    const port = route(request.url);
    if (!port) return socket.end('HTTP/1.1 403 Forbidden\r\n\r\n');
    const onward = net.connect(port, '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
      onward.write(head);
      onward.pipe(socket).pipe(onward);
    });
    onward.on('error', () => socket.destroy());
    sockets.add(onward);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  proxy.port = server.address().port;
  atEnd(t, () => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return proxy;
}
