// Whether an answer is what /openapi.json says.
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);
const Ajv = require('ajv/dist/2020').default;
const addFormats = require('ajv-formats').default;

const kMethods = ['get', 'post', 'put', 'patch', 'delete'];

const pointer = (...parts) =>
  parts.map((part) => `/${part.replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');

// What stands before the paths: "/" of a server is nothing, "/api/v1" is itself.
const basesOf = (servers = [{ url: '/' }]) => servers.map(({ url }) => url.replace(/\/$/, ''));

const escaped = (text) => text.replaceAll(/[.*+?^$()|[\]\\]/g, '\\$&');

// A schema of the document, for use outside of it.
const inside = (schema) =>
  JSON.parse(JSON.stringify(schema).replaceAll('"$ref":"#', '"$ref":"openapi#'));

// Of an object with a member too many, its name is what one wants to know.
const inWords = ({ instancePath, message, params: { additionalProperty } }) =>
  `${instancePath || '/'} ${message} ${additionalProperty ?? ''}`.trim();

export class Description {
  #ajv = new Ajv({ strict: false, allErrors: true });

  constructor(document) {
    this.document = document;
    addFormats(this.#ajv);
    this.#ajv.addSchema(document, 'openapi');
    this.operations = Object.entries(document.paths).flatMap(([path, item]) =>
      basesOf(item.servers ?? document.servers).flatMap((base) =>
        kMethods
          .filter((method) => item[method])
          .map((method) => ({ method, path, route: base + path, operation: item[method] })),
      ),
    );
  }

  static async of(daemon) {
    return new Description((await daemon.get('/openapi.json', { key: null })).json);
  }

  // The operation that serves this request; a route without parameters goes before one with.
  operationOf(method, target) {
    const path = target.split('?')[0];
    const found = this.operations.filter(({ route, method: served }) => {
      const pattern = escaped(route).replaceAll(/\{[^}]+\}/g, '[^/]+');
      return served === method.toLowerCase() && new RegExp(`^${pattern}$`).test(path);
    });
    return found.sort((a, b) => a.route.includes('{') - b.route.includes('{'))[0];
  }

  // What a $ref stands for; anything else stands for itself.
  resolve(node) {
    if (!node.$ref) return node;
    const steps = node.$ref.slice(2).split('/');
    return steps.reduce((at, part) => at[part], this.document);
  }

  responseOf({ method, route, operation }, status) {
    const described = operation.responses[status] ?? operation.responses.default;
    assert.ok(described, `${method} ${route} does not describe ${status}`);
    return this.resolve(described);
  }

  // Where in the document the schema of an answer stands; undefined: it has no JSON body.
  #schemaPointer(found, status) {
    const { method, path, operation } = found;
    const target = this.responseOf(found, status);
    const name = operation.responses[status] ? String(status) : 'default';
    const described = operation.responses[name];
    const place = described.$ref
      ? described.$ref.slice(1)
      : pointer('paths', path, method, 'responses', name);
    const media = Object.keys(target.content ?? {}).find((type) => /json/.test(type));
    return media && `openapi#${place}${pointer('content', media, 'schema')}`;
  }

  // What is wrong with a value of this schema; nothing: it is right.
  complaints(schema, value) {
    const validate = this.#ajv.compile(inside(schema));
    return validate(value) ? '' : validate.errors.map(inWords).join('\n');
  }

  // Every example of a body or an answer, with its schema.
  *examples(node = this.document, place = '') {
    if (typeof node !== 'object' || node === null) return;
    if (node.schema && 'example' in node) {
      yield { place, schema: node.schema, example: node.example };
    }
    for (const [name, below] of Object.entries(node)) {
      yield* this.examples(below, `${place}/${name}`);
    }
  }

  assertDescribed(operation, answer) {
    const place = this.#schemaPointer(operation, answer.status);
    if (!place || answer.json === undefined) return;
    const validate = this.#ajv.getSchema(place) ?? this.#ajv.compile({ $ref: place });
    const name = `${operation.method} ${operation.route} ${answer.status}`;
    const right = validate(answer.json);
    const why = (validate.errors ?? []).map(inWords).join('\n  ');
    assert.ok(right, `${name}: ${why}\n${answer.text.slice(0, 900)}`);
  }
}
