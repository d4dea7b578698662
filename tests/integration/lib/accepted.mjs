// Whether the document of a dialect knows every parameter and every member of a body that the
// daemon took: what is sent and not described is refused, so what was taken must be described.
import assert from 'node:assert/strict';

// "card[number]" is ['card', 'number'].
const partsOf = (name) => name.split(/[[\]]+/).filter((part) => part !== '');

// The names in JSON, spelled as parts.
function namesIn(value, above = []) {
  if (typeof value !== 'object' || value === null) return [above];
  const members = Array.isArray(value)
    ? value.map((one, i) => [`${i}`, one])
    : Object.entries(value);
  if (members.length === 0) return [above];
  return members.flatMap(([name, below]) => namesIn(below, [...above, name]));
}

export function namesOfBody({ headers, body }) {
  const text = body === undefined || body === null ? '' : Buffer.from(body).toString();
  if (text === '') return [];
  const type = Object.entries(headers).find(([name]) => name.toLowerCase() === 'content-type');
  if (/json/.test(type?.[1] ?? '')) return namesIn(JSON.parse(text)).filter((parts) => parts[0]);
  return [...new URLSearchParams(text).keys()].map(partsOf);
}

// Does a value of this schema have a place for the name?
function knows(description, schema, parts) {
  if (parts.length === 0) return true;
  const whole = description.resolve(schema);
  if (whole.anyOf && !whole.properties) {
    return whole.anyOf.some((one) => knows(description, one, parts));
  }
  const [name, ...below] = parts;
  if (whole.properties?.[name]) return knows(description, whole.properties[name], below);
  if (whole.items) return knows(description, whole.items, below);
  if (typeof whole.additionalProperties === 'object') {
    return knows(description, whole.additionalProperties, below);
  }
  return whole.additionalProperties !== false && ![whole.type].flat().includes('string');
}

function parameterFor(description, operation, name) {
  return (operation.parameters ?? [])
    .map((one) => description.resolve(one))
    .find((one) => one.in === 'query' && one.name === name);
}

export function assertAccepted(description, { method, route, operation }, request) {
  const query = request.target.split('?')[1] ?? '';
  for (const key of new URLSearchParams(query).keys()) {
    const [name] = partsOf(key);
    const described = parameterFor(description, operation, name);
    assert.ok(described, `${method} ${route} took the parameter ${key}, which is not described`);
  }
  const content = operation.requestBody?.content ?? {};
  const [media] = Object.values(content);
  for (const parts of namesOfBody(request)) {
    const known = media && knows(description, media.schema, parts);
    assert.ok(known, `${method} ${route} took ${parts.join('.')}, which is not described`);
  }
}
