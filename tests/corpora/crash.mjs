#!/usr/bin/env node
// crash.mjs --adapter=FILE [options]   — node >= 18, no dependencies, loopback only
// Starts a daemon, posts signed webhooks from many clients, records every 2xx, kills the daemon with SIGKILL at random
// moments, restarts it, N cycles; then asks the HTTP API and a local sink whether every promise held:
//   lost        acknowledged with 2xx, not listed                      must be 0
//   doubled     listed more than once                                  must be 0
//   invented    listed, never sent (or with a body never sent)         must be 0
//   undelivered acknowledged, the sink never saw it answered 2xx       must be 0
//   order       only if the adapter gives orderKey(i): first deliveries of one key come in acknowledged order
// NOTE a process kill leaves the page cache alive: this finds a missing write, a wrong transaction, a lost in-memory queue,
// a bad recovery — it does not find a missing fsync. For that run powercut (see README).
//
// options: --cycles=50 --clients=16 --min-up=30 --max-up=1500 (ms alive before the kill, after ready) --seed=1
//          --retry=0.7 (share of unanswered posts sent again, as a provider does) --dup=0.05 (share of acknowledged events sent again)
//          --term=0.1 (share of cycles ended by SIGTERM instead) --sink-fail=0.03 (share of deliveries the sink breaks)
//          --settle=60000 (ms to wait for deliveries at the end) --max-seconds=3600 --dir=DIR (state; default a new temp dir)
//          --keep (leave the state behind) --json=FILE --verbose
//          --no-deliver (the daemon under test delivers nothing: the sink is not waited for)
//
// The adapter file exports default an object:
//   start({dir, port, sinkUrl})  -> {cmd, args, env?, cwd?}        how to start the daemon (called at every start)
//   path                          string or (i) => string           where the webhooks go
//   sign(i)                       -> {id, headers, body}            the i-th webhook; id = the name listEvents() will use
//   listEvents(base)              -> async array of {id, body?, sha256?}   every stored event, by the HTTP API, all pages
//   ready?(base)                  -> async boolean                  default: any HTTP answer from GET /
//   prepare?({dir, port, sinkUrl})                                  once, before the first start (config files)
//   setup?({base, sinkUrl})                                         once, after the first start (create endpoint, gateway)
//   sinkId?(req)                  -> id   req = {method, url, headers, body}   default: header webhook-id, else JSON body .id
//   acked?(status)                -> boolean                        default: 200..299
//   orderKey?(i)                  -> string                         events that must be delivered in order
import http from 'node:http'; import fs from 'node:fs'; import os from 'node:os'; import path from 'node:path';
import crypto from 'node:crypto'; import { spawn } from 'node:child_process'; import { pathToFileURL } from 'node:url'; import { freePort } from '../integration/lib/ports.mjs';
const opt = Object.fromEntries(process.argv.slice(2).map(a => { const m = /^--([a-z-]+)(?:=(.*))?$/s.exec(a); if (!m) { console.error('unknown argument ' + a); process.exit(2); } return [m[1], m[2] ?? true]; }));
if (!opt.adapter) { console.error('usage: crash.mjs --adapter=FILE [--cycles=50] [--clients=16] [--seed=1] ...  (see the head of this file)'); process.exit(2); }
const A = (await import(pathToFileURL(path.resolve(opt.adapter)))).default;
const num = (k, d) => +(opt[k] ?? d);
const CYCLES = num('cycles', 50), CLIENTS = num('clients', 16), MINUP = num('min-up', 30), MAXUP = num('max-up', 1500), RETRY = num('retry', .7), DUP = num('dup', .05), TERM = num('term', .1), SINKFAIL = num('sink-fail', .03), SETTLE = num('settle', 60000), MAXS = num('max-seconds', 3600), DELIVERS = !opt['no-deliver'];
let seed = num('seed', 1) >>> 0; const rnd = () => { seed = seed + 0x6d2b79f5 >>> 0; let t = Math.imul(seed ^ seed >>> 15, 1 | seed); t = t + Math.imul(t ^ t >>> 7, 61 | t) ^ t; return ((t ^ t >>> 14) >>> 0) / 2 ** 32; };
const sleep = ms => new Promise(r => setTimeout(r, ms)); const now = () => performance.now();
const sha = b => crypto.createHash('sha256').update(b).digest('hex');
const dir = opt.dir ? path.resolve(opt.dir) : fs.mkdtempSync(path.join(os.tmpdir(), 'crash-')); fs.mkdirSync(dir, { recursive: true });

// ---- the sink: where the daemon delivers
const seen = new Map(); let sinkHits = 0, sinkBroke = 0, sinkUnknown = 0; const firstSeen = [];
const sinkId = A.sinkId ?? (r => r.headers['webhook-id'] ?? (() => { try { return JSON.parse(r.body).id; } catch { } })());
const sink = http.createServer((q, s) => {
  const c = []; q.on('data', d => c.push(d)); q.on('error', () => { });
  q.on('end', () => {
    sinkHits++; const id = sinkId({ method: q.method, url: q.url, headers: q.headers, body: Buffer.concat(c).toString() });
    const x = rnd();
    if (x < SINKFAIL / 3) { sinkBroke++; return q.socket.destroy(); }                    // read, then the line is cut
    if (x < SINKFAIL) { sinkBroke++; s.statusCode = 503; return s.end('later'); }        // refused
    if (id === undefined) sinkUnknown++; else { if (!seen.has(id)) firstSeen.push(id); seen.set(id, (seen.get(id) ?? 0) + 1); }
    s.end('ok');
  });
});
await new Promise(r => sink.listen(0, '127.0.0.1', r)); sink.keepAliveTimeout = 65000;
const sinkUrl = `http://127.0.0.1:${sink.address().port}/sink`;

// ---- the daemon
const port = await freePort(), base = `http://127.0.0.1:${port}`; let child = null, gone = null, up = false; const recovery = []; let unexpected = 0;
const log = fs.openSync(path.join(dir, 'daemon.log'), 'a');
function get(url, { method = 'GET', headers = {}, body, timeout = 10000, agent } = {}) {
  return new Promise((ok, no) => {
    const r = http.request(url, { method, headers, agent, timeout }, s => { const c = []; s.on('data', d => c.push(d)); s.on('end', () => ok({ status: s.statusCode, headers: s.headers, body: Buffer.concat(c).toString() })); s.on('error', no); s.on('aborted', () => no(new Error('aborted'))); });
    r.on('timeout', () => r.destroy(new Error('timeout'))); r.on('error', no); r.end(body);
  });
}
const ready = A.ready ?? (async b => { await get(b + '/', { timeout: 500 }); return true; });
async function start() {
  const s = await A.start({ dir, port, sinkUrl }); const t0 = now();
  child = spawn(s.cmd, s.args ?? [], { cwd: s.cwd ?? dir, env: { ...process.env, ...s.env }, stdio: ['ignore', log, log], detached: true });
  const me = child; gone = new Promise(r => me.once('exit', (code, sig) => { if (me.wanted === undefined) { unexpected++; console.log(`!! the daemon ended by itself: code ${code} signal ${sig}`); } up = false; r(); })); me.once('error', e => { console.error('cannot start: ' + e.message); process.exit(2); });
  for (;;) {
    try { if (await ready(base)) break; } catch { }
    if (me.exitCode !== null || me.signalCode !== null) throw new Error('the daemon ended before it was ready, see ' + path.join(dir, 'daemon.log'));
    if (now() - t0 > 60000) throw new Error('not ready after 60 s'); await sleep(5);
  }
  recovery.push(now() - t0); up = true;
}
async function stop(sig) { if (!child || child.exitCode !== null) return; child.wanted = sig; up = false; try { process.kill(-child.pid, sig); } catch { } const t = setTimeout(() => { try { process.kill(-child.pid, 'SIGKILL'); } catch { } }, 15000); await gone; clearTimeout(t); }
process.on('exit', () => { if (child && child.exitCode === null && child.signalCode === null) try { process.kill(-child.pid, 'SIGKILL'); } catch { } });
for (const s of ['SIGINT', 'SIGTERM']) process.on(s, () => process.exit(130));

// ---- the clients
const sent = new Map(); /* id -> {i, sha, acks, tries, order} */ let next = 0, posts = 0, refused = 0, unknown = 0, dupAcks = 0, ackSeq = 0; const statuses = {}; const again = []; let running = true;
const isAck = A.acked ?? (s => s >= 200 && s < 300); const lat = [];
async function client() {
  const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
  while (running) {
    if (!up) { await sleep(2); continue; }
    let i; if (again.length && rnd() < .5) i = again.splice(Math.floor(rnd() * again.length), 1)[0]; else i = next++;
    const m = await A.sign(i); let e = sent.get(m.id); if (!e) sent.set(m.id, e = { i, sha: sha(m.body), bodies: new Set(), acks: 0, tries: 0, order: -1 });
    e.bodies.add(sha(m.body)); e.tries++; posts++; const t0 = now();
    try {
      const r = await get(base + (typeof A.path === 'function' ? A.path(i) : A.path), { method: 'POST', headers: { ...m.headers, 'content-length': Buffer.byteLength(m.body) }, body: m.body, agent });
      statuses[r.status] = (statuses[r.status] ?? 0) + 1;
      if (isAck(r.status)) { lat.push(now() - t0); if (e.acks++) dupAcks++; else e.order = ackSeq++; if (rnd() < DUP) again.push(i); }
      else { refused++; if (rnd() < RETRY) again.push(i); await sleep(20); }
    } catch { unknown++; if (rnd() < RETRY) again.push(i); }
  }
  agent.destroy();
}

// ---- run
const T0 = now(); let cycle = 0;
try {
  await A.prepare?.({ dir, port, sinkUrl }); await start(); await A.setup?.({ base, sinkUrl });
  const clients = Array.from({ length: CLIENTS }, client);
  for (cycle = 1; cycle <= CYCLES && now() - T0 < MAXS * 1000; cycle++) {
    await sleep(MINUP + rnd() * (MAXUP - MINUP)); const sig = rnd() < TERM ? 'SIGTERM' : 'SIGKILL'; const before = [...sent.values()].filter(e => e.acks).length;
    await stop(sig); if (opt.verbose || cycle % Math.ceil(CYCLES / 10) === 0) console.log(`cycle ${cycle} ${sig} acknowledged ${before} recovery ${recovery.at(-1).toFixed(0)} ms`);
    await start();
  }
  running = false; await Promise.all(clients);
} catch (e) { console.error('FAIL  ' + e.message); running = false; process.exitCode = 1; if (!up) process.exit(1); }
const acked = [...sent].filter(([, e]) => e.acks);
for (const end = now() + SETTLE; DELIVERS && now() < end && acked.some(([id]) => !seen.has(id));) await sleep(50);
const listed = new Map(); let wrongBody = [];
for (const ev of await A.listEvents(base)) { listed.set(ev.id, (listed.get(ev.id) ?? 0) + 1); const h = ev.sha256 ?? (ev.body !== undefined ? sha(ev.body) : null); if (h && sent.has(ev.id) && !sent.get(ev.id).bodies.has(h)) wrongBody.push(ev.id); }
const R = {
  lost: acked.filter(([id]) => !listed.has(id)).map(([id]) => id), doubled: [...listed].filter(([, n]) => n > 1).map(([id]) => id),
  invented: [...[...listed.keys()].filter(id => !sent.has(id)), ...wrongBody], undelivered: !DELIVERS ? [] : acked.filter(([id]) => !seen.has(id)).map(([id]) => id),
  'delivered unasked': [...seen.keys()].filter(id => !sent.has(id)), 'ended by itself': Array(unexpected).fill('exit'),
};
if (A.orderKey) { const pos = new Map(firstSeen.map((id, n) => [id, n])); const by = {}; for (const [id, e] of acked) (by[A.orderKey(e.i)] ??= []).push([e.order, pos.get(id) ?? -1]); R['out of order'] = Object.entries(by).filter(([, l]) => l.sort((a, b) => a[0] - b[0]).some((x, n) => n && x[1] < l[n - 1][1])).map(([k]) => k); }
await stop('SIGTERM'); sink.close(); sink.closeAllConnections?.();
const q = (a, p) => a.length ? a.slice().sort((x, y) => x - y)[Math.min(a.length - 1, Math.floor(p * a.length))].toFixed(1) : '-';
console.log(`cycles ${cycle - 1}  seed ${num('seed', 1)}  posts ${posts}  acknowledged ${acked.length} (again ${dupAcks})  refused ${refused}  no answer ${unknown}  statuses ${JSON.stringify(statuses)}`);
console.log(`listed ${listed.size}  sink hits ${sinkHits}  broken by the sink ${sinkBroke}  without id ${sinkUnknown}  deliveries an event ${(sinkHits / Math.max(1, seen.size)).toFixed(3)}`);
console.log(`ack ms p50 ${q(lat, .5)} p99 ${q(lat, .99)}   restart to ready ms p50 ${q(recovery, .5)} p99 ${q(recovery, .99)} max ${q(recovery, 1)}   wall ${((now() - T0) / 1000).toFixed(1)} s`);
let p = 0; for (const [k, v] of Object.entries(R)) { if (!v.length) p++; console.log(`${v.length ? 'FAIL' : 'pass'}  ${k}: ${v.length}${v.length ? '  e.g. ' + v.slice(0, 5).join(' ') : ''}`); }
if (opt.json) fs.writeFileSync(opt.json, JSON.stringify({ cycles: cycle - 1, posts, acknowledged: acked.length, listed: listed.size, refused, unknown, recovery, result: Object.fromEntries(Object.entries(R).map(([k, v]) => [k, v.length])) }, null, 1));
if (!opt.keep && p === Object.keys(R).length && !opt.dir) fs.rmSync(dir, { recursive: true, force: true }); else console.log('state kept in ' + dir);
console.log(`passed ${p} of ${Object.keys(R).length}`);
process.exit(p === Object.keys(R).length && !process.exitCode && acked.length ? 0 : 1);
