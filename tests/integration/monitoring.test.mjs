// docs/monitoring: what operators load into Prometheus and Grafana, held against a running daemon.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { execFileSync } from 'node:child_process';
import { after, before, test } from 'node:test';
import { Authority } from './lib/certificates.mjs';
import { root, startDaemon, temporaryFolder } from './lib/daemon.mjs';
import { createEndpoint, eventually, postPayment, startDelivering } from './lib/delivery.mjs';
import { startRedis } from './lib/redis.mjs';
import { startSink } from './lib/sink.mjs';
import { onPostgres } from './lib/store.mjs';
import { stripeGateway } from './lib/stripe.mjs';

const kToolMilliseconds = 120_000;
const folder = path.join(root, 'docs/monitoring');
const read = (name) => fs.readFileSync(path.join(folder, name), 'utf8');
const dashboard = JSON.parse(read('dashboard.json'));
const rules = read('alerts.yml');
const panels = dashboard.panels.filter(({ type }) => type !== 'row');
const queries = panels.flatMap(({ targets }) => targets.map(({ expr }) => expr));
const alerts = [...rules.matchAll(/alert: (\w+)/g)].map(([, name]) => name);

// A store of its own shows nothing of other nodes, and one on PostgreSQL all that there is.
const kOfNodes = /^postern_(cluster|lanes?|queue)_|^postern_store_reachable$/;
const isShownHere = (metric) => onPostgres || !kOfNodes.test(metric);

// Everything is on that has metrics of its own: limits, TLS, an endpoint, a collector of traces,
// and Redis where there may be one.
function tlsFiles(t) {
  const { key, cert } = new Authority(t).issue();
  const tls = {};
  for (const [name, text] of [['key_file', key], ['certificate_file', cert]]) {
    tls[name] = path.join(temporaryFolder(t), name);
    fs.writeFileSync(tls[name], text, { mode: 0o600 });
  }
  return { ...tls, listen: '127.0.0.1:0' };
}

const cleanup = [];
let scraped;
before(async () => {
  const t = { after: (end) => cleanup.push(end) };
  const sink = await startSink(t);
  const telemetry = { otlp_endpoint: (await startSink(t)).origin };
  const config = { gateways: [stripeGateway], telemetry, tls: tlsFiles(t) };
  const queue = onPostgres && { POSTERN_QUEUE_URL: (await startRedis(t)).url() };
  const env = { POSTERN_API_RATE_LIMITS: 'true', ...queue };
  const daemon = await startDaemon(t, { config, env });
  await createEndpoint(daemon, { url: sink.url() });
  await postPayment(daemon);
  await sink.received(1);
  scraped = (await daemon.private('/metrics')).text;
});
after(async () => {
  for (const end of cleanup) await end();
});

// What a failing promtool says is on either stream. One that stands still says nothing of the
// rules, so it is asked again.
function promtool(args, input, tries = 3) {
  const ways = { timeout: kToolMilliseconds, killSignal: 'SIGKILL', stdio: 'pipe' };
  try {
    return execFileSync('promtool', args, { cwd: folder, input, encoding: 'utf8', ...ways });
  } catch (error) {
    if (error.code === 'ETIMEDOUT' && tries > 1) return promtool(args, input, tries - 1);
    const said = `${error.stdout}${error.stderr}${error.message}`;
    return assert.fail(`promtool ${args.join(' ')}: ${said}`);
  }
}

const metricsOf = (text) => new Set(text.match(/\b(postern|process)_\w+/g) ?? []);
const metricsPage = fs.readFileSync(path.join(root, 'docs/METRICS.md'), 'utf8');
const listedIn = (text) => [...text.matchAll(/^\| `(\w+)` \|/gm)].map(([, name]) => name);
const families = () => new Set([...scraped.matchAll(/^# TYPE (\S+)/gm)].map(([, name]) => name));
const familyOf = (metric) => metric.replace(/_(bucket|count|sum)$/, '');

// Series as they are shown, each with the labels that it has: name -> set of label names.
function labelsShown() {
  const shown = new Map();
  for (const [, name, labels = ''] of scraped.matchAll(/^(\w+)(?:\{(.*)\})? \S+$/gm)) {
    const names = [...labels.matchAll(/(\w+)="/g)].map(([, label]) => label);
    shown.set(name, new Set([...(shown.get(name) ?? []), ...names]));
  }
  return shown;
}

test('promtool finds nothing wrong with the rules', () => {
  promtool(['check', 'rules', 'alerts.yml']);
});

test('promtool takes the configuration that the page shows', (t) => {
  const [, shown] = /^```yaml\n([^]*?)^```$/m.exec(read('README.md'));
  const file = path.join(temporaryFolder(t), 'prometheus.yml');
  const rulesFile = path.join(folder, 'alerts.yml');
  fs.writeFileSync(file, shown.replace('/etc/prometheus/postern/alerts.yml', rulesFile));
  promtool(['check', 'config', file]);
});

// Grafana fills in its variables, and what comes out must be a query that Prometheus reads.
test('promtool finds nothing wrong with the queries of the dashboard', (t) => {
  const filledIn = (query) =>
    query.replaceAll('$__rate_interval', '5m').replaceAll('$instance', '.*');
  const recorded = queries.map((query, i) => ({ record: `panel_${i}`, expr: filledIn(query) }));
  const file = path.join(temporaryFolder(t), 'dashboard.yml');
  fs.writeFileSync(file, JSON.stringify({ groups: [{ name: 'dashboard', rules: recorded }] }));
  promtool(['check', 'rules', file]);
});

test('each alert fires when it should, and only then', () => {
  promtool(['test', 'rules', 'alerts_test.yml']);
  const worlds = read('alerts_test.yml');
  const fires = (name) => new RegExp(`alertname(: |=")${name}\\b`).test(worlds);
  assert.deepEqual(alerts.filter((name) => !fires(name)), [], 'alerts that no case makes fire');
});

test('promtool finds nothing wrong with what the daemon shows', () => {
  assert.equal(promtool(['check', 'metrics'], scraped), '');
});

test('every metric of rules and dashboard is one that the daemon shows', () => {
  const known = families();
  const expressions = rules.replaceAll(/^\s*(summary|description|runbook|- name):.*$/gm, '');
  const variables = JSON.stringify(dashboard.templating);
  const named = [...metricsOf(expressions), ...metricsOf([...queries, variables].join('\n'))];
  assert.ok(named.length > 40, `${named.length} metrics`);
  const expected = named.filter(isShownHere);
  assert.deepEqual(expected.filter((metric) => !known.has(familyOf(metric))), []);
});

test('the section on several nodes lists what only they show', () => {
  const [section] = /^## Several nodes$[^]*?(?=^## )/m.exec(metricsPage);
  const ofNodes = listedIn(metricsPage).filter((name) => kOfNodes.test(name));
  assert.deepEqual(listedIn(section), ofNodes);
});

test('the dashboard leaves no metric out', () => {
  const drawn = new Set([...metricsOf(queries.join('\n'))].map(familyOf));
  assert.deepEqual([...families()].filter((name) => !drawn.has(name)), []);
});

test('METRICS.md lists exactly the metrics that the daemon shows', () => {
  assert.deepEqual(listedIn(metricsPage).filter(isShownHere).sort(), [...families()].sort());
});

test('an endpoint that is called has series of its own', async (t) => {
  const answer = ({ attempt }) => ({ status: attempt > 1 ? 200 : 500 });
  const sink = await startSink(t, { answer });
  const daemon = await startDelivering(t);
  const retry = { schedule: [0, 0] };
  const { id: endpoint } = await createEndpoint(daemon, { url: sink.url(), retry });
  await postPayment(daemon);
  const attempts = (outcome) =>
    daemon.metric('postern_endpoint_attempts_total', { endpoint, outcome });
  await eventually('both attempts', async () => (await attempts('delivered')) === 1);
  assert.equal(await attempts('failed'), 1);
  assert.ok((await daemon.metric('postern_endpoint_attempt_seconds_total', { endpoint })) > 0);
  const firstBytes = 'postern_delivery_phase_seconds_count';
  assert.equal(await daemon.metric(firstBytes, { phase: 'first_byte' }), 2);
});

test('a daemon that is well says so', async (t) => {
  const daemon = await startDelivering(t);
  for (const [target, status] of [['/healthz', 'ok'], ['/readyz', 'ready']]) {
    const answer = await daemon.private(target);
    assert.equal(answer.status, 200, target);
    assert.equal(answer.json.status, status);
    assert.equal(answer.json.reason, null);
    assert.deepEqual(answer.json.reasons, []);
  }
});

test('the dashboard draws and filters by labels that its metrics have', () => {
  const shown = labelsShown();
  const target = ['instance', 'job']; // Prometheus adds these to all that it reads
  for (const query of queries) {
    for (const [, metric, selector] of query.matchAll(/\b((?:postern|process)_\w+)\{([^}]*)\}/g)) {
      assert.match(selector, /instance=~"\$instance"/, query);
      if (!isShownHere(metric)) continue;
      const labels = [...selector.matchAll(/(\w+)=/g)].map(([, label]) => label);
      const grouped = /\bby \(([^)]*)\)/.exec(query)?.[1].split(', ') ?? [];
      const known = new Set([...target, ...(shown.get(metric) ?? [])]);
      const absent = [...labels, ...grouped].filter((label) => !known.has(label));
      assert.deepEqual(absent, [], `${metric} in ${query}`);
    }
  }
});

test('the dashboard asks the data source and the instances that its reader chose', () => {
  const variables = dashboard.templating.list.map(({ name }) => name);
  assert.deepEqual(variables, ['datasource', 'instance']);
  for (const panel of panels) {
    assert.ok(panel.description, panel.title);
    for (const { datasource } of [panel, ...panel.targets]) {
      assert.equal(datasource.uid, '${datasource}', panel.title);
    }
  }
});

test('every alert says what happened, what to do, and where to read on', () => {
  const page = read('README.md');
  const headings = [...page.matchAll(/^### (\w+)$/gm)].map(([, name]) => name);
  assert.deepEqual(headings.sort(), [...alerts].sort());
  for (const text of rules.split(/^ {6}- alert: /m).slice(1)) {
    const [name, ...body] = text.split('\n');
    for (const word of ['severity: ', 'summary: ', 'description: ']) {
      assert.ok(text.includes(word), `${name}: ${word}`);
    }
    assert.ok(body.includes(`          runbook: README.md#${name.toLowerCase()}`), name);
  }
});
