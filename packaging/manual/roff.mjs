// What the two pages are made of, in the language of man(7).

// A backslash and a leading dot or quote would be commands; a plain hyphen would be typeset as one
// that a shell does not take.
export function escape(text) {
  return text
    .replaceAll('\\', '\\e')
    .replaceAll('-', '\\-')
    .replaceAll('…', '\\[u2026]')
    .replace(/^(?=['.])/gm, '\\&');
}

const quoted = (text) => `"${escape(text).replaceAll('"', '\\(dq')}"`;

// No hyphens in names of settings, and no wide gaps between them.
export const title = (name, section, { version, date }) =>
  `.TH ${quoted(name)} ${section} "${date}" ${quoted(`Postern ${version}`)}\n.nh\n.ad l`;
export const heading = (text) => `.SH ${quoted(text)}`;
export const subheading = (text) => `.SS ${quoted(text)}`;
export const paragraph = (text) => `.PP\n${escape(text)}`;
export const verbatim = (text) => `.PP\n.EX\n${escape(text)}\n.EE`;

// Several terms may share one text.
export function entry(terms, text) {
  const [first, ...others] = terms.map((term) => `.B ${quoted(term)}\n`);
  return `.TP\n${first}${others.map((term) => `.TQ\n${term}`).join('')}${escape(text)}`;
}

// A heading begins a paragraph by itself.
export function page(parts) {
  return `${parts.join('\n').replace(/^(\.S[HS] .*)\n\.PP$/gm, '$1')}\n`;
}

const isIndented = (line) => line.startsWith('  ') || line === 'Examples:';

// Prose is filled; what is indented is an example and stays as it is.
export function prose(text) {
  const parts = text.split(/\n{2,}/).map((part) => part.split('\n'));
  return parts
    .map((lines) =>
      lines.every(isIndented)
        ? verbatim(lines.filter((line) => line !== 'Examples:').join('\n'))
        : paragraph(lines.join('\n')),
    )
    .join('\n');
}
