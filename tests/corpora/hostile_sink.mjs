#!/usr/bin/env node
// hostile_sink.mjs [PORT]   — node >= 18, no dependencies, listens on 127.0.0.1 only
// A delivery target that answers with the raw files of http-bad-responses/. Register http://127.0.0.1:PORT/NNN-name (loopback
// must be allowed for the test) for each file, send one event to each, then compare each attempt with MANIFEST.tsv.
// GET /list gives [{file, how, expect, why}]; GET /hits gives {file: number of requests} — more than one hit on a "success"
// file, or any hit after a redirect, is a fault. Every connection is ended after --max=SECONDS (default 90).
import net from 'node:net'; import fs from 'node:fs'; import path from 'node:path'; import { fileURLToPath } from 'node:url';
const dir = path.join(path.dirname(fileURLToPath(import.meta.url)), 'http-bad-responses'), hits = {}; const MAX = 1000 * (process.argv.find(a => a.startsWith('--max='))?.slice(6) ?? 90);
const cases = fs.readFileSync(path.join(dir, 'MANIFEST.tsv'), 'utf8').split('\n').filter(l => l && l[0] !== '#').map(l => { const [file, how, expect, why] = l.split('\t'); return { file, how, expect, why }; });
const sleep = ms => new Promise(r => setTimeout(r, ms));
const srv = net.createServer({ allowHalfOpen: true }, s => {
  let b = Buffer.alloc(0), busy = false; s.on('error', () => { }); const t = setTimeout(() => s.destroy(), MAX); s.on('close', () => clearTimeout(t)); s.on('end', () => { if (!busy) s.end(); });
  s.on('data', async d => {
    b = Buffer.concat([b, d]); if (busy) return; const e = b.indexOf('\r\n\r\n'); if (e < 0) return; const head = b.subarray(0, e).toString('latin1'), url = head.split(' ')[1] ?? '/', name = url.replace(/^\/|[?].*$/g, '');
    const json = o => { const t = JSON.stringify(o); s.end(`HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(t)}\r\nConnection: close\r\n\r\n${t}`); };
    if (name === 'list') return json(cases); if (name === 'hits') return json(hits);
    const c = cases.find(x => x.file === name || x.file === name + '.res'); if (!c) return s.end('HTTP/1.1 404 No\r\nContent-Length: 0\r\nConnection: close\r\n\r\n');
    const cl = +(/\r\ncontent-length:\s*(\d+)/i.exec(head)?.[1] ?? 0); if (c.how !== 'early' && b.length < e + 4 + cl) return; // read the whole request first
    busy = true; hits[c.file] = (hits[c.file] ?? 0) + 1; const data = fs.readFileSync(path.join(dir, c.file)); const w = x => new Promise(r => { if (s.destroyed) return r(false); s.write(x, er => r(!er)); });
    if (c.how === 'reset') return s.resetAndDestroy();
    if (c.how.startsWith('drip')) { for (const x of data) { if (!await w(Buffer.from([x]))) return; await sleep(c.how === 'drip' ? 20 : 1000); } }
    else if (data.length) await w(data);
    if (c.how === 'close') return s.end();
    const more = { repeat: data, 'repeat-header': Buffer.from('X-N: v\r\n'.repeat(64)), 'repeat-body': Buffer.alloc(4096, 120), 'repeat-chunk': Buffer.from('400\r\n' + 'x'.repeat(1024) + '\r\n') }[c.how];
    if (more) while (await w(more)) await sleep(1);
    if (c.how === 'hold' || c.how === 'drip' || c.how === 'early') { b = b.subarray(Math.min(b.length, e + 4 + cl)); busy = false; } // a kept connection may bring the next request
  });
});
srv.listen(+(process.argv[2] ?? 18999), '127.0.0.1', () => console.log(`hostile sink on 127.0.0.1:${srv.address().port}, ${cases.length} files`));
