// Whether an answer is what /openapi.json says.
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);
const Ajv = require('ajv/dist/2020').default;
const addFormats = require('ajv-formats').default;

const kMethods = ['get', 'post', 'put', 'patch', 'delete'];

const pointer = (...parts) =>
  parts.map((part) => `/${part.replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');

const escaped = (text) => text.replaceAll(/[.*+?^$()|[\]\\]/g, '\\$&');

export class Description {
  #ajv = new Ajv({ strict: false, allErrors: true });

  constructor(document) {
    this.document = document;
    addFormats(this.#ajv);
    this.#ajv.addSchema(document, 'openapi');
    this.operations = Object.entries(document.paths).flatMap(([route, item]) =>
      kMethods
        .filter((method) => item[method])
        .map((method) => ({ method, route, operation: item[method] })),
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

  // Where in the document the schema of an answer stands; undefined: it has no JSON body.
  #schemaPointer({ method, route, operation }, status) {
    const name = operation.responses[status] ? String(status) : 'default';
    const described = operation.responses[name];
    assert.ok(described, `${method} ${route} does not describe ${status}`);
    const place = described.$ref
      ? described.$ref.slice(1)
      : pointer('paths', route, method, 'responses', name);
    const steps = described.$ref?.slice(2).split('/') ?? [];
    const target = described.$ref
      ? steps.reduce((node, part) => node[part], this.document)
      : described;
    const media = Object.keys(target.content ?? {}).find((type) => /json/.test(type));
    return media && `openapi#${place}${pointer('content', media, 'schema')}`;
  }

  assertDescribed(operation, answer) {
    const place = this.#schemaPointer(operation, answer.status);
    if (!place || answer.json === undefined) return;
    const validate = this.#ajv.getSchema(place) ?? this.#ajv.compile({ $ref: place });
    const name = `${operation.method} ${operation.route} ${answer.status}`;
    const right = validate(answer.json);
    const why = this.#ajv.errorsText(validate.errors);
    assert.ok(right, `${name}: ${why}\n${answer.text.slice(0, 900)}`);
  }
}
