// What the daemon tells a service manager, and when.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { startDaemon } from './lib/daemon.mjs';
import { hearNotices, writeConfig } from './lib/service_manager.mjs';
import { stripeGateway } from './lib/stripe.mjs';

const config = { gateways: [stripeGateway] };

test('the manager hears of the start, of each reload and of the end', async (t) => {
  const notices = await hearNotices(t);
  const daemon = await startDaemon(t, { config, env: { NOTIFY_SOCKET: notices.path } });
  const ready = await notices.next(/^READY=1\t/);
  assert.ok(ready.includes(`STATUS=Listening on ${daemon.listen}`), ready);
  for (let i = 0; i < 2; ++i) {
    daemon.child.kill('SIGHUP');
    assert.match(await notices.next(/^RELOADING=1/), /\tMONOTONIC_USEC=[0-9]+\t/);
    assert.equal(await notices.next(/^READY=1/), 'READY=1\tSTATUS=Reloaded');
  }
  await daemon.stop();
  assert.match(await notices.next(/^STOPPING=1/), /\tEXTEND_TIMEOUT_USEC=[0-9]+\t.*STATUS=Finish/);
});

test('a refused reload is a status that names the mistake, and the daemon goes on', async (t) => {
  const notices = await hearNotices(t);
  const expectedErrors = [/daemon\.reload_refused/];
  const env = { NOTIFY_SOCKET: notices.path };
  const daemon = await startDaemon(t, { config, env, expectedErrors });
  const file = path.join(daemon.folder, 'postern.toml');
  const mistakes = [
    { text: 'limit = 3\n', said: /STATUS=Reload refused, .*limit/ },
    { text: '[limits]\nidle_timeout_seconds = 0\n', said: /STATUS=.*idle_timeout_seconds/ },
    { text: '[[gateway]]\nid = "x"\nkind = "nobody"\n', said: /STATUS=.*gateway "x"/ },
    { text: 'listen = \n', said: /STATUS=Reload refused/ },
  ];
  for (const { text, said } of mistakes) {
    fs.writeFileSync(file, text);
    daemon.child.kill('SIGHUP');
    assert.match(await notices.next(/^READY=1.*refused/), said);
    assert.equal((await daemon.private('/readyz')).status, 200);
  }
  writeConfig(daemon.folder, config);
  daemon.child.kill('SIGHUP');
  assert.equal(await notices.next(/^READY=1.*Reloaded/), 'READY=1\tSTATUS=Reloaded');
});

test('the watchdog is fed while work moves', async (t) => {
  const notices = await hearNotices(t);
  const env = { NOTIFY_SOCKET: notices.path, WATCHDOG_USEC: '200000' };
  const daemon = await startDaemon(t, { config, env });
  for (let i = 0; i < 5; ++i) await notices.next(/^WATCHDOG=1$/);
  await daemon.stop();
  assert.match(await notices.next(/^STOPPING=1/), /\tWATCHDOG_USEC=[0-9]+\tWATCHDOG=1\t/);
});

test('nobody is told anything where no manager is', async (t) => {
  const daemon = await startDaemon(t, { config });
  daemon.child.kill('SIGHUP');
  await daemon.logLine(/daemon\.reloaded/);
});
