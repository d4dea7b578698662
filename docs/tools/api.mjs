// Writes the API reference as static pages, one for each OpenAPI document and an index: no script
// runs in them, and nothing is loaded from elsewhere.
//
//     node docs/tools/api.mjs FOLDER
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const here = path.dirname(fileURLToPath(import.meta.url));
const root = path.resolve(here, '../..');

// By the name of the page.
export const documents = {
  native: 'daemon/api/openapi.json',
  onerway: 'payments/dialects/onerway/openapi.json',
  rcommerce: 'payments/dialects/rcommerce/openapi.json',
};

export const kMethods = ['get', 'post', 'put', 'patch', 'delete'];
const kNamesShown = 12; // of an enumeration; the rest is in the document

export const readDocument = (name) =>
  JSON.parse(fs.readFileSync(path.join(root, documents[name]), 'utf8'));

const kEscapes = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
const escaped = (text) => String(text).replaceAll(/[&<>"]/g, (one) => kEscapes[one]);

// The little markdown that descriptions hold: paragraphs, code and links of our own.
function prose(text = '') {
  const paragraphs = escaped(text).split(/\n{2,}/);
  const marked = paragraphs.map((one) => one.replaceAll(/`([^`]+)`/g, '<code>$1</code>'));
  return marked.map((one) => `<p>${one}</p>`).join('\n');
}

const code = (text) => `<code>${escaped(text)}</code>`;
const slug = (text) => text.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-').replaceAll(/^-|-$/g, '');
const nameOf = (reference) => reference.split('/').at(-1);

class Page {
  constructor(document) {
    this.document = document;
  }

  // A reference leads to the component that it names; anything else is itself.
  resolve(value) {
    if (!value?.$ref) return value;
    const found = value.$ref
      .slice(2)
      .split('/')
      .reduce((at, part) => at?.[part.replaceAll('~1', '/').replaceAll('~0', '~')], this.document);
    assert.ok(found, `nothing is at ${value.$ref}`);
    return found;
  }

  // In one line: what a value may be. Components are named and linked.
  typeText(schema) {
    if (schema === true || schema === undefined) return 'anything';
    if (schema.$ref) {
      const name = nameOf(schema.$ref);
      return `<a href="#schema-${slug(name)}">${escaped(name)}</a>`;
    }
    const choices = schema.anyOf ?? schema.oneOf ?? schema.allOf;
    if (choices) return choices.map((one) => this.typeText(one)).join(' or ');
    if ('const' in schema) return code(JSON.stringify(schema.const));
    if (schema.enum) return this.namesText(schema.enum);
    const type = [schema.type ?? 'anything'].flat();
    const words = type.map((one) => (one === 'array' ? this.listText(schema) : escaped(one)));
    return words.join(' or ') + this.boundsText(schema);
  }

  listText(schema) {
    return `list of ${this.typeText(schema.items)}`;
  }

  namesText(names) {
    const shown = names.slice(0, kNamesShown).map((one) => code(JSON.stringify(one)));
    return shown.join(', ') + (names.length > kNamesShown ? ' …' : '');
  }

  boundsText({ minimum, maximum, minLength, maxLength, format }) {
    const range = (from, to, unit) => {
      if (from === undefined && to === undefined) return [];
      if (from === undefined) return [`at most ${to}${unit}`];
      return [to === undefined ? `at least ${from}${unit}` : `${from} to ${to}${unit}`];
    };
    const words = [
      ...range(minimum, maximum, ''),
      ...range(minLength, maxLength, ' characters'),
      ...(format ? [format] : []),
    ];
    return words.length > 0 ? `, ${escaped(words.join(', '))}` : '';
  }

  // Members of an object as rows; of alternatives, those of each.
  membersTable(schema) {
    const whole = this.resolve(schema);
    const parts = [whole, ...(whole.allOf ?? []), ...(whole.anyOf ?? []), ...(whole.oneOf ?? [])];
    const rows = parts
      .filter((one) => !one.$ref)
      .flatMap((one) => Object.entries(one.properties ?? {}).map((found) => [found, one]))
      .filter(([[, member]]) => member !== false)
      .map(([[name, member], owner]) => {
        const needed = owner.required?.includes(name) ? ' <b>required</b>' : '';
        const about = escaped(this.aboutMember(member));
        return `<tr><td>${code(name)}${needed}</td><td>${this.typeText(member)}</td>
<td>${about}</td></tr>`;
      });
    if (rows.length === 0) return `<p>${this.typeText(schema)}</p>`;
    return `<table>${rows.join('\n')}</table>`;
  }

  aboutMember(member) {
    const { default: fallback, description } = member;
    const added = fallback === undefined ? '' : ` Default ${JSON.stringify(fallback)}.`;
    return `${description ?? this.resolve(member).description ?? ''}${added}`;
  }

  parametersTable(parameters) {
    if (parameters.length === 0) return '';
    const rows = parameters.map((one) => {
      const { name, in: place, required, schema, description = '' } = this.resolve(one);
      const needed = required ? ' <b>required</b>' : '';
      return `<tr><td>${code(name)}${needed}</td><td>${escaped(place)}</td>
<td>${this.typeText(schema)}</td><td>${escaped(description)}</td></tr>`;
    });
    return `<h4>Parameters</h4><table>${rows.join('\n')}</table>`;
  }

  contentText(content = {}) {
    const [[media, { schema, example } = {}] = []] = Object.entries(content);
    if (!media) return '';
    const kinds = Object.keys(content).map(code).join(' or ');
    const shown = example === undefined ? '' : exampleText(example);
    return `<p>${kinds}: ${this.typeText(schema)}</p>${shown}`;
  }

  bodyText(requestBody) {
    if (!requestBody) return '';
    const { content, description } = this.resolve(requestBody);
    const [{ schema } = {}] = Object.values(content ?? {});
    const members = schema?.$ref || !schema ? '' : this.membersTable(schema);
    const about = description ? prose(description) : '';
    return `<h4>Body</h4>${about}${this.contentText(content)}${members}`;
  }

  answersText(responses) {
    const rows = Object.entries(responses).map(([status, one]) => {
      const { description, content } = this.resolve(one);
      const [{ schema } = {}] = Object.values(content ?? {});
      const type = schema ? this.typeText(schema) : '';
      return `<tr><td>${code(status)}</td><td>${escaped(description ?? '')}</td>
<td>${type}</td></tr>`;
    });
    const good = Object.entries(responses).find(([status]) => status.startsWith('2'));
    const [{ example } = {}] = Object.values(good ? (this.resolve(good[1]).content ?? {}) : {});
    const shown = example === undefined ? '' : exampleText(example);
    return `<h4>Answers</h4><table>${rows.join('\n')}</table>${shown}`;
  }

  operationText({ method, route, operation, shared }) {
    const { summary = '', description, parameters = [], requestBody, responses } = operation;
    return `<section id="${placeOf(operation)}">
<h3><span class="method">${method.toUpperCase()}</span> ${code(route)}</h3>
<p class="summary">${escaped(summary)}</p>
${description ? prose(description) : ''}
${this.parametersTable([...shared, ...parameters])}
${this.bodyText(requestBody)}
${this.answersText(responses)}
</section>`;
  }

  operations() {
    return Object.entries(this.document.paths).flatMap(([route, item]) =>
      kMethods
        .filter((method) => item[method])
        .map((method) => ({
          method,
          route,
          operation: item[method],
          shared: item.parameters ?? [],
        })),
    );
  }

  // The operations below their tags, in the order of the document.
  groups() {
    const all = this.operations();
    const tags = (this.document.tags ?? []).map(({ name, description }) => ({ name, description }));
    const rest = all.filter(({ operation }) => !tags.some(({ name }) => isOf(operation, name)));
    const groups = tags.map((tag) => ({
      ...tag,
      operations: all.filter(({ operation }) => isOf(operation, tag.name)),
    }));
    return rest.length > 0 ? [...groups, { name: 'Other', operations: rest }] : groups;
  }

  schemasText() {
    const schemas = Object.entries(this.document.components?.schemas ?? {});
    const parts = schemas.map(
      ([name, schema]) => `<section id="schema-${slug(name)}"><h3>${escaped(name)}</h3>
${schema.description ? prose(schema.description) : ''}${this.membersTable(schema)}</section>`,
    );
    return `<h2 id="schemas">Objects</h2>${parts.join('\n')}`;
  }

  contents() {
    const groups = this.groups().map(({ name, operations }) => {
      const lines = operations.map(
        ({ method, route, operation }) =>
          `<li><a href="#${placeOf(operation)}"><b>${method.toUpperCase()}</b>
${escaped(route)}</a></li>`,
      );
      return `<b>${escaped(name)}</b><ul>${lines.join('\n')}</ul>`;
    });
    return `<nav>${groups.join('\n')}<a href="#schemas">Objects</a></nav>`;
  }

  // Where the paths begin, if not at the root.
  serversText() {
    const places = (this.document.servers ?? []).map(({ url }) => url).filter((one) => one !== '/');
    if (places.length === 0) return '';
    return `<p>Addresses begin with ${places.map(code).join(' or ')}.</p>`;
  }

  text() {
    const { title, version, description } = this.document.info;
    const about = `${prose(description)}${this.serversText()}`;
    const groups = this.groups().map(
      ({ name, description: about, operations }) => `<h2>${escaped(name)}</h2>
${about ? prose(about) : ''}${operations.map((one) => this.operationText(one)).join('\n')}`,
    );
    return framed(title, [
      this.contents(),
      `<main><h1>${escaped(title)}</h1><p>${escaped(version)}</p>${about}`,
      ...groups,
      this.schemasText(),
      '</main>',
    ]);
  }
}

const placeOf = ({ operationId }) => `operation-${slug(operationId)}`;
const isOf = (operation, tag) => (operation.tags ?? []).includes(tag);
const exampleText = (example) => `<pre>${escaped(JSON.stringify(example, null, 2))}</pre>`;

function framed(title, parts) {
  const style = fs.readFileSync(path.join(here, 'api.css'), 'utf8');
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escaped(title)}</title>
<style>
${style}</style>
</head>
<body>
${parts.join('\n')}
</body>
</html>
`;
}

export const pageOf = (name) => new Page(readDocument(name)).text();

export function indexPage() {
  const rows = Object.keys(documents).map((name) => {
    const { title, description } = readDocument(name).info;
    return `<h2><a href="${name}.html">${escaped(title)}</a></h2>${prose(description)}`;
  });
  const main = `<main><h1>API reference</h1>${rows.join('\n')}</main>`;
  return framed('Postern: API reference', [main]);
}

export function writePages(folder) {
  fs.mkdirSync(folder, { recursive: true });
  fs.writeFileSync(path.join(folder, 'index.html'), indexPage());
  for (const name of Object.keys(documents)) {
    fs.writeFileSync(path.join(folder, `${name}.html`), pageOf(name));
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  assert.ok(process.argv[2], 'the folder for the pages is missing');
  writePages(process.argv[2]);
}
