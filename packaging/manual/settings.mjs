// The settings, read from the annotated example: a test keeps it equal to the configuration's keys.

// "#id = …" below the gateways is an example, too: its comments begin with "# ".
function parseLine(line) {
  const table = /^#?(\[\[?[a-z_]+\]\]?)$/.exec(line)?.[1];
  if (table) return { table };
  const key = /^#?([a-z_]+) = /.exec(line)?.[1];
  if (key) return { key, text: line.replace(/^#/, '') };
  return { text: line.replace(/^# ?/, '') };
}

// Paragraphs of one comment, which an empty line separates.
function paragraphsOf(comments) {
  return comments.join('\n').trim().split(/\n{2,}/).filter(Boolean);
}

class Reader {
  tables = [{ name: '', paragraphs: [], settings: [] }];
  comments = [];
  introduction;

  read(line) {
    const { table, key, text } = parseLine(line);
    if (table) this.begin(table);
    else if (key) this.add(key, text);
    else if (line === '' && !this.introduction) this.introduction = this.takeComments();
    else this.comments.push(text);
  }

  takeComments() {
    return paragraphsOf(this.comments.splice(0));
  }

  // A second example of a table adds to the first what that does not have.
  begin(name) {
    const paragraphs = this.takeComments();
    const at = this.tables.findIndex((table) => table.name === name);
    const table = at < 0 ? { name, paragraphs, settings: [] } : this.tables.splice(at, 1)[0];
    this.tables.push(table);
  }

  // A line without a comment of its own shares the one above it.
  add(key, line) {
    const { settings } = this.tables.at(-1);
    const text = this.takeComments().join(' ').replaceAll('\n', ' ');
    if (settings.some(({ keys }) => keys.includes(key))) return;
    if (text === '') {
      settings.at(-1).keys.push(key);
      settings.at(-1).lines.push(line);
    } else {
      settings.push({ keys: [key], lines: [line], text });
    }
  }
}

// { introduction: [paragraph], tables: [{ name, paragraphs, settings: [{ keys, lines, text }] }] }.
export function readSettings(toml) {
  const reader = new Reader();
  for (const line of toml.split('\n')) reader.read(line);
  return { introduction: reader.introduction.slice(1), tables: reader.tables };
}
