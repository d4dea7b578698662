// Writes the small part of TOML that the tests' configurations need.

function value(of) {
  if (typeof of === 'string') return JSON.stringify(of);
  if (Array.isArray(of)) return `[${of.map(value).join(', ')}]`;
  if (typeof of !== 'object') return String(of);
  const pairs = Object.entries(of).map(
    ([key, inner]) => `${JSON.stringify(key)} = ${value(inner)}`,
  );
  return `{ ${pairs.join(', ')} }`;
}

function lines(table) {
  return Object.entries(table)
    .map(([key, inner]) => `${key} = ${value(inner)}\n`)
    .join('');
}

// { top: {…}, gateways: [{…}], limits: {…}, … }: `top` is what stands before the first table.
export function toToml({ top = {}, gateways = [], ...tables }) {
  let text = lines(top);
  for (const [name, table] of Object.entries(tables)) text += `[${name}]\n${lines(table)}`;
  for (const gateway of gateways) text += `[[gateway]]\n${lines(gateway)}`;
  return text;
}
