// When the manager is right to start the daemon again, and how long a stop may take.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';
import { atEnd, root, startDaemon, temporaryFolder } from './lib/daemon.mjs';
import { createEndpoint, eventually, postPayment } from './lib/delivery.mjs';
import { RawConnection, requestText } from './lib/raw.mjs';
import { hearNotices } from './lib/service_manager.mjs';
import { startSink } from './lib/sink.mjs';
import { onlyOnSqlite } from './lib/store.mjs';
import { stripeGateway, stripePath, stripeWebhook } from './lib/stripe.mjs';

const only = onlyOnSqlite('a disk that the daemon writes to itself');
const kWatchdogMicroseconds = 200_000;
const kStandstills = 5;
// A disk is given a minute to come back by itself.
const kStandstillMilliseconds = 300_000;
const kStanding = /^STATUS=Nothing moves: a commit does not end$/;

// A disk whose syncs stand still from hold() to release().
function holdableDisk(t) {
  const folder = temporaryFolder(t);
  const library = path.join(folder, 'hold_syncs.so');
  const source = path.join(root, 'tests/integration/lib/hold_syncs.c');
  execFileSync('cc', ['-O2', '-shared', '-fPIC', '-o', library, source]);
  const fifo = path.join(folder, 'held');
  let held = false;
  const disk = {
    env: { LD_PRELOAD: library, HOLD_SYNCS: fifo },
    hold() {
      execFileSync('mkfifo', [fifo]);
      held = true;
    },
    // Opened for both ways it does not wait for a reader itself, and lets every reader go on.
    release() {
      if (!held) return;
      held = false;
      const opened = fs.openSync(fifo, fs.constants.O_RDWR);
      fs.rmSync(fifo);
      fs.closeSync(opened);
    },
  };
  return disk;
}

test('the watchdog is fed only while the disk moves', only, async (t) => {
  const notices = await hearNotices(t);
  const disk = holdableDisk(t);
  const daemon = await startDaemon(t, {
    config: { gateways: [stripeGateway] },
    env: {
      ...disk.env,
      NOTIFY_SOCKET: notices.path,
      WATCHDOG_USEC: `${kWatchdogMicroseconds}`,
    },
    expectedErrors: [/daemon\.standstill what="a commit does not end"/],
  });
  atEnd(t, () => disk.release());
  assert.equal((await daemon.webhook('stripe', stripeWebhook('evt_before'))).status, 200);
  await notices.next(/^WATCHDOG=1$/);
  disk.hold();
  const waiting = daemon.webhook('stripe', stripeWebhook('evt_held'));
  await notices.next(kStanding, kStandstillMilliseconds);
  for (let i = 0; i < kStandstills; ++i) {
    assert.match(await notices.next(/./), kStanding);
  }
  disk.release();
  await notices.next(/^WATCHDOG=1$/);
  const { status } = await waiting; // it may have been told to come again meanwhile
  assert.ok(status === 200 || status === 503, `${status}`);
  const again = () => daemon.webhook('stripe', stripeWebhook('evt_held'));
  await eventually('a webhook is taken again', async () => (await again()).status === 200);
  assert.equal((await daemon.events()).length, 2);
});

const webhookText = (id) => requestText('POST', stripePath, stripeWebhook(id));

// Clients that began something and say no more.
const kHanging = [
  { after: 'connecting', said: '' },
  { after: 'half a head', said: webhookText('evt_head').slice(0, 40) },
  { after: 'half a body', said: webhookText('evt_body').slice(0, -40) },
  { after: 'an answer', said: webhookText('evt_idle'), answered: true },
];

test('a stop ends in its time, whoever hangs', async (t) => {
  const notices = await hearNotices(t);
  const sink = await startSink(t, { answer: () => ({ hang: true }) });
  const daemon = await startDaemon(t, {
    config: {
      gateways: [stripeGateway],
      limits: { shutdown_timeout_seconds: 1 },
      delivery: { shutdown_timeout_seconds: 1 },
    },
    env: { NOTIFY_SOCKET: notices.path },
  });
  await createEndpoint(daemon, { url: sink.url(), timeout_seconds: 30 });
  await postPayment(daemon);
  await sink.received(1);
  for (const { after, said, answered } of kHanging) {
    const connection = await RawConnection.connect(daemon.port);
    atEnd(t, () => connection.destroy());
    connection.write(said);
    if (answered) assert.equal((await connection.answer()).status, 200, after);
  }
  daemon.child.kill('SIGTERM');
  const stopping = await notices.next(/^STOPPING=1/);
  const [, asked] = /\tEXTEND_TIMEOUT_USEC=([0-9]+)\t/.exec(stopping);
  assert.ok(Number(asked) <= 30_000_000, `${asked} microseconds are asked for`);
  await daemon.stop();
  // That its socket has closed may be heard a moment after the process has ended.
  await eventually('the end of what hung', () => sink.hanging === 0);
});
