// The documents of the payment dialects: written by their script, valid, served as they are, and
// true of every parameter both ways.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { test } from 'node:test';
import { Validator } from '@seriousme/openapi-schema-validator';
import { documents, placeOf, textOf } from '../../payments/dialects/openapi/write.mjs';
import { startDaemon } from './lib/daemon.mjs';
import { dialects } from './lib/described.mjs';

const committed = (name) => fs.readFileSync(placeOf(name), 'utf8');
const kJson = 'application/json';

test('the committed documents are what the script writes', () => {
  for (const [name, describe] of Object.entries(documents)) {
    assert.ok(
      committed(name) === textOf(describe),
      `${name}: run payments/dialects/openapi/write.mjs`,
    );
  }
});

test('they are valid OpenAPI 3.1, by somebody else’s judgement', async () => {
  const native = new URL('../../daemon/api/openapi.json', import.meta.url);
  for (const place of [...Object.keys(documents).map(placeOf), native]) {
    const validator = new Validator();
    const { valid, errors } = await validator.validate(JSON.parse(fs.readFileSync(place, 'utf8')));
    assert.ok(valid, `${place}: ${JSON.stringify(errors)}`);
    assert.equal(validator.version, '3.1');
  }
});

test('every name leads somewhere, every component is used, every operation has its own id', () => {
  for (const description of dialects()) {
    const text = JSON.stringify(description.document);
    const named = new Set([...text.matchAll(/"\$ref":"#([^"]+)"/g)].map(([, path]) => path));
    for (const path of named) {
      assert.ok(description.resolve({ $ref: `#${path}` }), `nothing is at ${path}`);
    }
    for (const [kind, components] of Object.entries(description.document.components)) {
      if (kind === 'securitySchemes') continue;
      for (const name of Object.keys(components)) {
        assert.ok(named.has(`/components/${kind}/${name}`), `${kind} ${name} is used nowhere`);
      }
    }
    const ids = new Map(
      description.operations.map(({ path, method, operation }) => [
        operation.operationId,
        `${method} ${path}`,
      ]),
    );
    const own = new Set(description.operations.map(({ path, method }) => `${method} ${path}`));
    assert.equal(ids.size, own.size);
  }
});

test('every example is an example of its schema', () => {
  for (const description of dialects()) {
    let examples = 0;
    for (const { place, schema, example } of description.examples()) {
      examples += 1;
      assert.equal(description.complaints(schema, example), '', place);
    }
    assert.ok(examples > 50);
  }
});

// A value that has the schema's type, whatever it means.
function sampleOf(description, schema, name) {
  const whole = description.resolve(schema);
  if (whole.anyOf && !whole.type) return sampleOf(description, whole.anyOf[0], name);
  if (whole.enum) return whole.enum[0];
  if ('const' in whole) return whole.const;
  const type = [whole.type].flat()[0];
  if (type === 'boolean') return true;
  if (type === 'integer') return 1;
  if (type === 'array') return [sampleOf(description, whole.items, name)];
  if (type === 'object' && whole.additionalProperties === false) return {};
  if (type === 'object' || whole.type === undefined) return { sample: '1' };
  return '1';
}

// { "card": schema, "card[number]": schema, … }
function membersOf(description, schema, above = '') {
  const whole = description.resolve(schema);
  return Object.entries(whole.properties ?? {}).flatMap(([name, member]) => {
    const path = above ? `${above}[${name}]` : name;
    return [[path, member], ...membersOf(description, member, path)];
  });
}

const within = (path, value) =>
  path
    .split(/[[\]]+/)
    .filter((part) => part !== '')
    .reduceRight((below, part) => ({ [part]: below }), value);

const addressOf = (route) => route.replaceAll(/\{[^}]+\}/g, 'none');

// Was the name refused as one that nobody knows?
function isUnknown({ json }, name) {
  const { code, param, details = [] } = json?.error ?? {};
  if (code === 'parameter_unknown') return param === name;
  return details.some(
    ({ field, message }) => field === name && /^is no (field|parameter) of this/.test(message),
  );
}

test('the daemon serves them to everybody, and the native one tells of them', async (t) => {
  const daemon = await startDaemon(t);
  const places = {
    '/v1/openapi.json': 'onerway/openapi.json',
    '/api/v1/openapi.json': 'rcommerce/openapi.json',
    '/api/v2/openapi.json': 'rcommerce/openapi.json',
  };
  const native = await daemon.get('/openapi.json', { key: null });
  for (const [target, name] of Object.entries(places)) {
    const { status, text } = await daemon.get(target, { key: null });
    assert.equal(status, 200);
    assert.ok(text === committed(name), target);
    assert.ok(native.json.info.description.includes(target), target);
  }
});

const kNobodys = 'nobody_knows_this';

// Asks an operation with one parameter, or with one member of its body.
function askWith(daemon, { method, route }, { query = '', body }) {
  return daemon[method](`${addressOf(route)}${query}`, {
    headers: body ? { 'content-type': kJson } : {},
    body: body ? JSON.stringify(body) : '',
  });
}

async function assertQueryKnown(daemon, description, found) {
  const { method, route, operation } = found;
  const described = (operation.parameters ?? []).map((one) => description.resolve(one));
  const queries = described.filter((one) => one.in === 'query');
  for (const { name, schema } of queries) {
    const bracket = { array: '[0]', object: '[gte]' }[schema.type] ?? '';
    const answer = await askWith(daemon, found, { query: `?${name}${bracket}=1` });
    assert.ok(!isUnknown(answer, name), `${method} ${route} does not know ${name}`);
  }
  if (method !== 'get' || queries.length === 0) return;
  const needed = queries.filter(({ required }) => required);
  const query = needed.map(
    ({ name, schema }) => `${name}=${encodeURIComponent(schema.examples[0])}&`,
  );
  const refused = await askWith(daemon, found, { query: `?${query.join('')}${kNobodys}=1` });
  if (refused.status === 404) return; // the id was looked at first
  assert.ok(isUnknown(refused, kNobodys), `${method} ${route} took ${kNobodys}: ${refused.text}`);
}

async function assertBodyKnown(daemon, description, found) {
  const { method, route, operation } = found;
  const [media] = Object.values(operation.requestBody?.content ?? {});
  if (!media) return;
  const { required, anyOf } = description.resolve(media.schema);
  // What is absent is told before what is too much, and so is an id that nothing has.
  if (!required && !anyOf && !route.includes('{')) {
    const refused = await askWith(daemon, found, { body: { [kNobodys]: '1' } });
    assert.ok(isUnknown(refused, kNobodys), `${method} ${route} took ${kNobodys}`);
  }
  for (const [path, member] of membersOf(description, media.schema)) {
    const body = within(path, sampleOf(description, member, path));
    const answer = await askWith(daemon, found, { body });
    assert.ok(!isUnknown(answer, path), `${method} ${route} does not know ${path}`);
  }
}

test('what is described is known, and nothing else is', async (t) => {
  const daemon = await startDaemon(t);
  for (const description of dialects()) {
    const asked = description.operations.filter(
      ({ method, operation }) => !operation.security && /^(get|post)$/.test(method),
    );
    for (const found of asked) {
      await assertQueryKnown(daemon, description, found);
      await assertBodyKnown(daemon, description, found);
    }
  }
});
