// What systemd does for the daemon, by hand: it hears its notices and keeps its sockets.
import fs from 'node:fs';
import path from 'node:path';
import { spawn } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { Daemon, atEnd, binary, environment, temporaryFolder, within } from './daemon.mjs';
import { noteSecrets } from './kept.mjs';
import { toToml } from './toml.mjs';

const here = path.dirname(fileURLToPath(import.meta.url));
const kPatienceMilliseconds = 60_000;

// Lines as they come, to be waited for one after the other.
class Lines {
  #lines = [];
  #waiting = [];

  constructor(stream) {
    createInterface({ input: stream }).on('line', (line) => {
      this.#lines.push(line);
      this.#serve();
    });
  }

  #serve() {
    this.#waiting = this.#waiting.filter(({ pattern, resolve }) => {
      const place = this.#lines.findIndex((line) => pattern.test(line));
      if (place < 0) return true;
      const [line] = this.#lines.splice(0, place + 1).slice(-1);
      resolve(line);
      return false;
    });
  }

  // The next line that matches; those before it are forgotten.
  next(pattern, patience = kPatienceMilliseconds) {
    const found = new Promise((resolve) => {
      this.#waiting.push({ pattern, resolve });
      this.#serve();
    });
    return within(patience, `a line ${pattern}`, found);
  }
}

function perl(t, script, args, options) {
  const child = spawn('perl', [path.join(here, script), ...args], options);
  atEnd(t, () => child.kill('SIGKILL'));
  return child;
}

// { path, next(pattern, patience) }: notices, each as one line with tabs between its assignments.
export async function hearNotices(t) {
  const socket = path.join(temporaryFolder(t), 'notify');
  const child = perl(t, 'hear_notices.pl', [socket], { stdio: ['ignore', 'pipe', 'inherit'] });
  const lines = new Lines(child.stdout);
  await lines.next(/^bound$/);
  return { path: socket, next: (...wanted) => lines.next(...wanted) };
}

export function writeConfig(folder, config) {
  noteSecrets(toToml(config));
  fs.writeFileSync(path.join(folder, 'postern.toml'), toToml(config), { mode: 0o600 });
}

// A daemon whose sockets live on in a process that starts it again and again.
export class HeldDaemon extends Daemon {
  #lines;

  constructor(child, options) {
    super(child, options);
    this.#lines = options.lines;
  }

  // Waits until the next run is ready, in whose log nothing of an earlier run counts.
  async run() {
    this.child.stdin.write('run\n');
    this.pid = Number((await this.#lines.next(/^started /)).split(' ')[1]);
  }

  // Ends this run and begins the next, without waiting for either.
  async restart(signal = 'SIGTERM') {
    this.child.stdin.write('run\n');
    process.kill(this.pid, signal);
    const ended = await this.#lines.next(/^ended /);
    this.pid = Number((await this.#lines.next(/^started /)).split(' ')[1]);
    return ended;
  }

  ended() {
    return this.#lines.next(/^ended /);
  }
}

// `through` is a command that starts the program in its turn, as another user for one.
export async function holdSockets(t, options) {
  const { names, config = {}, env = {}, expectedErrors = [] } = options;
  const { program = binary(), through = [], folder = temporaryFolder(t) } = options;
  writeConfig(folder, config);
  const command = [...through, program, 'serve', '--config', path.join(folder, 'postern.toml')];
  const child = perl(t, 'hold_sockets.pl', [names.join(','), ...command], {
    cwd: folder,
    env: environment({ POSTERN_DATA_DIR: path.join(folder, 'data'), ...env }),
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  const lines = new Lines(child.stdout);
  const ports = {};
  for (const name of names.map((each) => each.split('=')[0])) {
    ports[name] = Number((await lines.next(new RegExp(`^socket ${name} `))).split(' ')[2]);
  }
  const daemon = new HeldDaemon(child, { folder, expectedErrors, lines });
  daemon.ports = ports;
  return daemon;
}

// Asks without pause, `width` at a time and each over a connection of its own, until told to end.
// Who is refused a connection or gets another answer fails the test.
export function keepAsking(ask, { width = 8 } = {}) {
  const turns = new EventEmitter();
  let going = true;
  let failure;
  let answered = 0;
  const asker = async (first) => {
    for (let number = first; going; number += width) {
      try {
        await ask(number);
        answered += 1;
      } catch (error) {
        failure ??= error;
        going = false;
      }
      turns.emit('turn');
    }
  };
  const all = Promise.all(Array.from({ length: width }, (_, first) => asker(first)));
  return {
    // Resolves when so many more were answered.
    async more(count) {
      const wanted = answered + count;
      while (answered < wanted && going) await once(turns, 'turn');
      if (failure) throw failure;
    },
    // How many were answered in all.
    async end() {
      going = false;
      await all;
      if (failure) throw failure;
      return answered;
    },
  };
}
