// What both documents are put together by.
import { exampleOf, ref } from './schema.mjs';

const kJson = 'application/json';
const kForm = 'application/x-www-form-urlencoded';

export const refTo = (kind, name) => ({ $ref: `#/components/${kind}/${name}` });
export const refsTo = (kind, names) =>
  Object.fromEntries(names.map((name) => [name, refTo(kind, name)]));

// An array or a table in a form is spelled with brackets: metadata[order_id]=1.
function encodingOf(schema) {
  const isTable = (member) => member.$ref || member.anyOf || /array|object/.test(member.type);
  const tables = Object.keys(schema.properties ?? {}).filter((name) =>
    isTable(schema.properties[name]),
  );
  const spelled = tables.map((name) => [name, { style: 'deepObject', explode: true }]);
  return spelled.length > 0 ? { encoding: Object.fromEntries(spelled) } : {};
}

export function bodyOf(name, { schemas, seeds = {}, form = false }) {
  const schema = schemas[name];
  const example = seeds[name] ? { example: seeds[name] } : {};
  const content = { [kJson]: { schema: ref(name), ...example } };
  if (form) content[kForm] = { schema: ref(name), ...encodingOf(schema), ...example };
  const required = schema.required || schema.anyOf ? { required: true } : {};
  return { ...required, content };
}

export const json = (description, schema, { headers, example } = {}) => ({
  description,
  headers,
  content: { [kJson]: { schema, ...(example === undefined ? {} : { example }) } },
});

export function exampleNamed(name, schemas, seeds = {}) {
  return exampleOf(ref(name), schemas, seeds[name]);
}

// The names in a path's braces.
export const bracesOf = (path) => [...path.matchAll(/\{([a-z_]+)\}/g)].map(([, name]) => name);

export function pathsOf(operations) {
  const paths = {};
  for (const { method, path, servers, operation } of operations) {
    paths[path] ??= servers ? { servers } : {};
    paths[path][method] = operation;
  }
  return paths;
}

export const security = {
  bearer: {
    type: 'http',
    scheme: 'bearer',
    description:
      'A secret key sk_test_… or sk_live_…; a restricted one, rk_…, which may only read; or a ' +
      'publishable one, pk_…, where an operation says so.',
  },
  basic: {
    type: 'http',
    scheme: 'basic',
    description: 'The key as user name, with an empty password.',
  },
};

const count = { type: 'string', pattern: '^[0-9]+$' };
export const limitHeaders = {
  'X-RateLimit-Limit': { description: 'Of the key, in its window.', schema: count },
  'X-RateLimit-Remaining': { description: 'Requests left in this window.', schema: count },
  'X-RateLimit-Reset': { description: 'When it ends, in Unix seconds.', schema: count },
};
export const retryAfter = { description: 'Seconds to wait.', schema: count };
export const replayHeaders = {
  'Idempotent-Replayed': {
    description: 'The key was used before, and this is the answer of then.',
    schema: { const: 'true' },
  },
  'Original-Request': {
    description: 'The request that the answer was made for.',
    schema: { type: 'string' },
  },
};
