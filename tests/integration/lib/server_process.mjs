// A server of the tests' own as a process: it ends when the process that started it ends.
import { execFile, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { whenProcessEnds } from './endings.mjs';
import { eventually, within } from './waiting.mjs';

const kReadyMilliseconds = 60_000;
const kEndMilliseconds = 60_000;
const kOutputBytesMax = 1 << 28;
const run = promisify(execFile);

// What a command said, or an error with what it complained of.
export async function output(command, args, options = {}) {
  const { stdout } = await run(command, args, { maxBuffer: kOutputBytesMax, ...options });
  return stdout.trim();
}

export const idsOfUser = (name) => ({
  uid: Number(execFileSync('id', ['-u', name])),
  gid: Number(execFileSync('id', ['-g', name])),
});

async function processState(pid) {
  return output('ps', ['-o', 'stat=', '-p', `${pid}`]).catch(() => '');
}

// One that ended since it was listed needs no signal.
function signalled(pid, signal) {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if (error.code !== 'ESRCH') throw error;
  }
}

export class ServerProcess {
  #lines = [];

  // `lastSignal` ends it when nobody is left to end it in good order.
  constructor(command, args, { lastSignal = 'KILL', ...options } = {}) {
    const bound = ['--pdeathsig', lastSignal, '--', command, ...args];
    this.child = spawn('setpriv', bound, { stdio: ['ignore', 'pipe', 'pipe'], ...options });
    this.exited = once(this.child, 'exit');
    this.exited.catch(() => {});
    const callOff = whenProcessEnds(() => this.#signal(`SIG${lastSignal}`, 'SIGCONT'));
    this.child.once('exit', callOff);
    for (const stream of [this.child.stdout, this.child.stderr]) {
      createInterface({ input: stream }).on('line', (line) => this.#lines.push(line));
    }
  }

  get log() {
    return this.#lines.join('\n');
  }

  get isRunning() {
    return this.child.exitCode === null && this.child.signalCode === null;
  }

  #signal(...names) {
    for (const name of names) this.child.kill(name);
  }

  // Until a line of its log matches. Whether it ended instead: see what it said.
  async ready(pattern) {
    const looked = () => !this.isRunning || this.#lines.some((line) => pattern.test(line));
    await eventually(`${pattern} in the log of a server`, looked, kReadyMilliseconds);
    if (!this.isRunning) throw new Error(`a server ended before it was ready:\n${this.log}`);
  }

  async end(signal) {
    if (!this.isRunning) return;
    this.child.kill(signal);
    await within(kEndMilliseconds, `the end of a server\n${this.log}`, this.exited);
  }

  // It and its own processes stand still, sockets and all, as on a machine that hangs.
  async freeze() {
    const { pid } = this.child;
    process.kill(pid, 'SIGSTOP');
    await eventually('a frozen process', async () => (await processState(pid)).startsWith('T'));
    for (const child of await this.#children()) signalled(child, 'SIGSTOP');
  }

  async thaw() {
    if (!this.isRunning) return;
    for (const child of await this.#children()) signalled(child, 'SIGCONT');
    this.child.kill('SIGCONT');
  }

  async #children() {
    const asked = ['-o', 'pid=', '--ppid', `${this.child.pid}`];
    const listed = await output('ps', asked).catch(() => '');
    return listed.split('\n').filter(Boolean).map(Number);
  }
}
