// `postern top`: one picture for programs and people, and the live view on a terminal of its own,
// which script(1) makes.
import assert from 'node:assert/strict';
import net from 'node:net';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { test } from 'node:test';
import { atEnd, binary, secretKey, startDaemon, within } from './lib/daemon.mjs';
import { runCommand } from './lib/command.mjs';
import { stripeGateway, stripeWebhook } from './lib/stripe.mjs';

const kWaitMilliseconds = 60_000;
const kEnter = '\x1b[?1049h';
const kLeave = '\x1b[?1049l';
const kPicture = '\x1b[H';
const kShowCursor = '\x1b[?25h';

const adminOf = (daemon) => ['--admin-url', `http://${daemon.admin}`];

async function busyDaemon(t) {
  const daemon = await startDaemon(t, { config: { gateways: [stripeGateway] } });
  await daemon.webhook('stripe', stripeWebhook('evt_top'));
  return daemon;
}

test('one picture shows figures and gateways since the daemon started', async (t) => {
  const daemon = await busyDaemon(t);
  const { code, stdout, stderr } = await runCommand(daemon, ['top', '--once', ...adminOf(daemon)]);
  assert.equal(code, 0, stderr);
  assert.match(stdout, /^postern \d+\.\d+\.\d+ {2}ready {2}up /);
  assert.match(stdout, /^webhooks {2}received \S+\/s {2}verified \S+\/s /m);
  assert.match(stdout, /^store +commits \S+\/s {2}p50 \S+ ms/m);
  assert.match(stdout, /^stripe +\S+ +0 +0 +0 +1$/m);
  assert.ok(!stdout.includes('\x1b'), 'one picture is plain text');
});

test('its numbers are there for programs', async (t) => {
  const daemon = await busyDaemon(t);
  const args = ['top', '--once', '--json', ...adminOf(daemon)];
  const { code, stdout, stderr } = await runCommand(daemon, args);
  assert.equal(code, 0, stderr);
  const view = JSON.parse(stdout);
  assert.equal(view.state, 'ready');
  assert.ok(view.webhooks.received_per_second > 0);
  assert.equal(view.gateways[0].id, 'stripe');
  assert.equal(view.gateways[0].received, 1);
  assert.deepEqual(view.endpoints, []);
  assert.equal(view.notice, null);
  const keyless = await runCommand(daemon, args, { key: '' });
  assert.match(JSON.parse(keyless.stdout).notice, /POSTERN_API_KEY/);
});

test('a daemon that does not answer is a failure that says so', async (t) => {
  const daemon = await startDaemon(t);
  const args = ['top', '--once', '--admin-url', 'http://127.0.0.1:1'];
  const { code, stderr } = await runCommand(daemon, args);
  assert.equal(code, 1);
  assert.match(stderr, /is `postern serve` running there\?/);
});

// The live view on a terminal: what it wrote so far, and its end.
function startOnTerminal(t, daemon, { terminal = 'xterm' } = {}) {
  const command = `exec '${binary()}' top --interval 1 ${adminOf(daemon).join(' ')}`;
  const child = spawn('script', ['--quiet', '--return', '--command', command, '/dev/null'], {
    env: {
      PATH: process.env.PATH,
      TERM: terminal,
      SHELL: '/bin/sh',
      POSTERN_URL: `http://${daemon.listen}`,
      POSTERN_API_KEY: secretKey,
    },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const screen = { child, written: '' };
  child.stdout.setEncoding('utf8').on('data', (text) => {
    screen.written += text;
  });
  screen.ended = once(child, 'close').then(([code]) => code);
  atEnd(t, () => child.kill('SIGKILL'));
  return screen;
}

// Resolves once what is written so far is as it should be.
function until(screen, what, isSo) {
  const found = new Promise((resolve, reject) => {
    const look = () => isSo(screen.written) && resolve();
    screen.child.stdout.on('data', look);
    screen.ended.then((code) => reject(new Error(`ended with ${code}: ${screen.written}`)));
    look();
  });
  return within(kWaitMilliseconds, what, found);
}

const pictures = (written) => written.split(kPicture).length - 1;

for (const [how, keys] of Object.entries({ q: 'q', 'Ctrl-C': '\x03', 'Ctrl-\\': '\x1c' })) {
  test(`the live view draws again and again, and ${how} gives the terminal back`, async (t) => {
    const daemon = await busyDaemon(t);
    const screen = startOnTerminal(t, daemon);
    await until(screen, 'two pictures of the daemon', (written) => pictures(written) >= 3);
    screen.child.stdin.write(keys);
    assert.equal(await within(kWaitMilliseconds, 'the end', screen.ended), 0);
    const { written } = screen;
    assert.ok(written.indexOf(kEnter) >= 0 && written.indexOf(kEnter) < written.indexOf(kPicture));
    assert.match(written, /GATEWAY +RECEIVED\/s/);
    const last = written.lastIndexOf(kPicture);
    assert.ok(written.indexOf(kShowCursor, last) > 0 && written.indexOf(kLeave, last) > 0);
    assert.equal(written.split('\x1b[2J').length - 1, 1, 'pictures are drawn over, not cleared');
  });
}

test('the live view waits for a daemon that is away', async (t) => {
  const daemon = await busyDaemon(t);
  const screen = startOnTerminal(t, daemon);
  await until(screen, 'a picture', (written) => written.includes('ready'));
  await daemon.stop();
  // A picture may come in parts.
  const whole = /postern serve[^]*stands below is the last that it told/;
  await until(screen, 'what is wrong', (written) => whole.test(written));
  screen.child.stdin.write('q');
  assert.equal(await within(kWaitMilliseconds, 'the end', screen.ended), 0);
});

// It takes every connection, and says nothing.
async function silentServer(t) {
  const server = net.createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  atEnd(t, () => server.close());
  return server;
}

test('a daemon that hangs holds up no key', async (t) => {
  const daemon = await startDaemon(t);
  const server = await silentServer(t);
  const asked = once(server, 'connection');
  const screen = startOnTerminal(t, { ...daemon, admin: `127.0.0.1:${server.address().port}` });
  const [socket] = await within(kWaitMilliseconds, 'a question', asked);
  screen.child.stdin.write('q');
  assert.equal(await within(kWaitMilliseconds, 'the end', screen.ended), 0);
  socket.destroy();
  assert.ok(screen.written.includes(kLeave));
  assert.doesNotMatch(screen.written, /due to a timeout/, 'its answer was waited for');
});

test('a terminal that cannot be drawn on is refused', async (t) => {
  const daemon = await startDaemon(t);
  const screen = startOnTerminal(t, daemon, { terminal: 'dumb' });
  assert.equal(await within(kWaitMilliseconds, 'the end', screen.ended), 2);
  assert.match(screen.written, /--once prints one picture/);
  assert.ok(!screen.written.includes('\x1b'));
});
