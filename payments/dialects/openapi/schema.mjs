// Words for JSON schemas: what an answer holds is always there and nothing else is; what a request
// may hold is optional unless it is needed.
const kMark = Symbol('of a member, not of its schema');

export const ref = (name) => ({ $ref: `#/components/schemas/${name}` });
export const text = (more = {}) => ({ type: 'string', ...more });
export const words = (...names) => ({ type: 'string', enum: names });
export const only = (value) => ({ const: value });
export const whole = (more = {}) => ({ type: 'integer', ...more });
export const flag = { type: 'boolean' };
export const nothing = { type: 'null' };
export const list = (items, more = {}) => ({ type: 'array', items, ...more });
export const anyOf = (...schemas) => ({ anyOf: schemas });
export const moment = whole({ minimum: 0, description: 'Unix seconds.' });
export const currency = text({ pattern: '^[a-z]{3}$', examples: ['usd'] });

export const id = (prefix) =>
  text({ pattern: `^${prefix}_[0-9A-Za-z_-]+$`, examples: [`${prefix}_1234567890`] });

export function orNull(schema) {
  if (schema.anyOf) return { ...schema, anyOf: [...schema.anyOf, nothing] };
  if (schema.enum) return { ...schema, type: [schema.type, 'null'], enum: [...schema.enum, null] };
  if (schema.type) return { ...schema, type: [schema.type, 'null'] };
  return { anyOf: [schema, nothing] };
}

export const nulls = (...names) => Object.fromEntries(names.map((name) => [name, nothing]));
export const maybe = (schema) => ({ [kMark]: 'maybe', ...schema });
export const needed = (schema) => ({ [kMark]: 'needed', ...schema });

function record(properties, isRequired, more) {
  const required = Object.keys(properties).filter((name) => isRequired(properties[name][kMark]));
  return {
    type: 'object',
    ...more,
    additionalProperties: false,
    ...(required.length > 0 ? { required } : {}),
    properties,
  };
}

export const answer = (properties, more = {}) =>
  record(properties, (mark) => mark !== 'maybe', more);
export const request = (properties, more = {}) =>
  record(properties, (mark) => mark === 'needed', more);

export const metadata = {
  type: 'object',
  additionalProperties: text({ maxLength: 500 }),
  maxProperties: 50,
  propertyNames: { maxLength: 40 },
};

// An example of a schema: what the seeds of it say, and of the rest the plainest value there is.
export function exampleOf(schema, schemas, said) {
  if (said !== undefined && (typeof said !== 'object' || said === null)) return said;
  if (schema.$ref) return exampleOf(schemas[schema.$ref.split('/').at(-1)], schemas, said);
  if ('const' in schema) return schema.const;
  const types = [schema.type].flat();
  if (said === undefined) {
    if (types.includes('null')) return null;
    if (schema.anyOf) {
      const none = schema.anyOf.some(({ type }) => type === 'null');
      return none ? null : exampleOf(schema.anyOf[0], schemas);
    }
    if (schema.examples) return schema.examples[0];
    if (schema.enum) return schema.enum[0];
  }
  if (schema.anyOf) return said;
  if (types.includes('array'))
    return (said ?? []).map((one) => exampleOf(schema.items, schemas, one));
  if (types.includes('object')) return exampleOfRecord(schema, schemas, said ?? {});
  return { string: '', integer: 0, boolean: false }[types[0]];
}

function exampleOfRecord(schema, schemas, said) {
  const { properties = {}, required = [] } = schema;
  const names = Object.keys(properties).filter((name) => required.includes(name) || name in said);
  const known = names.map((name) => [name, exampleOf(properties[name], schemas, said[name])]);
  const others = Object.entries(said).filter(([name]) => !(name in properties));
  return Object.fromEntries([...known, ...others]);
}
