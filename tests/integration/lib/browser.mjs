// Chromium, driven over WebDriver's plain HTTP: what a person sees and clicks.
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import { atEnd, within } from './daemon.mjs';

const kStartMilliseconds = 40_000;
const kTriesMax = 4;
const driverPath = process.env.POSTERN_CHROMEDRIVER ?? '/usr/bin/chromedriver';

export const hasBrowser = fs.existsSync(driverPath);

// As WebDriver names them.
export const kTab = '\uE004';
export const kEnter = '\uE007';
export const kSpace = ' ';

class Browser {
  constructor(base, session) {
    this.base = `${base}/session/${session}`;
  }

  async #ask(method, path, body) {
    const answer = await fetch(`${this.base}${path}`, {
      method,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const { value } = await answer.json();
    if (!answer.ok) throw new Error(`${path}: ${value.message}`);
    return value;
  }

  open(url) {
    return this.#ask('POST', '/url', { url });
  }
  url() {
    return this.#ask('GET', '/url');
  }
  title() {
    return this.#ask('GET', '/title');
  }
  source() {
    return this.#ask('GET', '/source');
  }
  async #find(selector) {
    const found = await this.#ask('POST', '/element', { using: 'css selector', value: selector });
    return Object.values(found)[0];
  }
  async click(selector) {
    return this.#ask('POST', `/element/${await this.#find(selector)}/click`, {});
  }
  // What a person reads, or where it is: { x, y, width, height }.
  async text(selector) {
    return this.#ask('GET', `/element/${await this.#find(selector)}/text`);
  }
  async place(selector) {
    return this.#ask('GET', `/element/${await this.#find(selector)}/rect`);
  }
  resize(size) {
    return this.#ask('POST', '/window/rect', size);
  }
  // The value of what has the keyboard's focus.
  async focused() {
    const [element] = Object.values(await this.#ask('GET', '/element/active'));
    return this.#ask('GET', `/element/${element}/attribute/value`);
  }
  // One key after the other, by hand.
  press(...keys) {
    const strokes = keys.flatMap((value) => [
      { type: 'keyDown', value },
      { type: 'keyUp', value },
    ]);
    return this.#ask('POST', '/actions', {
      actions: [{ type: 'key', id: 'keyboard', actions: strokes }],
    });
  }
  // What the page complained about: blocked styles, failed loads.
  complaints() {
    return this.#ask('POST', '/se/log', { type: 'browser' });
  }
  close() {
    return this.#ask('DELETE', '');
  }
}

function startDriver() {
  const driver = spawn(driverPath, ['--port=0'], { stdio: ['ignore', 'pipe', 'ignore'] });
  const listening = new Promise((resolve) => {
    let text = '';
    driver.stdout.on('data', (part) => {
      text += part;
      const port = /successfully on port (\d+)/.exec(text)?.[1];
      if (port) resolve(`http://127.0.0.1:${port}`);
    });
  });
  return { driver, listening };
}

// Without scripts: what works then works for everybody.
function capabilitiesFor(language) {
  const options = {
    args: [
      '--headless',
      '--no-sandbox',
      '--disable-gpu',
      '--disable-dev-shm-usage',
      `--accept-lang=${language}`,
      '--blink-settings=scriptEnabled=false',
    ],
  };
  return {
    alwaysMatch: { 'goog:chromeOptions': options, 'goog:loggingPrefs': { browser: 'ALL' } },
  };
}

async function openSession(base, capabilities) {
  const answer = await fetch(`${base}/session`, {
    method: 'POST',
    body: JSON.stringify({ capabilities }),
  });
  const { value } = await answer.json();
  if (!answer.ok) throw new Error(`a browser: ${value.message}`);
  return new Browser(base, value.sessionId);
}

async function tryToStart(language) {
  const { driver, listening } = startDriver();
  try {
    const base = await within(kStartMilliseconds, 'chromedriver', listening);
    const opening = openSession(base, capabilitiesFor(language));
    return { driver, browser: await within(kStartMilliseconds, 'the browser', opening) };
  } catch (error) {
    driver.kill('SIGKILL');
    throw error;
  }
}

// On a busy machine Chromium now and then does not come up; the next one does.
export async function startBrowser(t, { language = 'en' } = {}) {
  let started;
  for (let tries = 1; started === undefined; ++tries) {
    started = await tryToStart(language).catch((error) => {
      if (tries === kTriesMax) throw error;
    });
  }
  const { driver, browser } = started;
  atEnd(t, () => driver.kill('SIGKILL'));
  atEnd(t, () => browser.close());
  return browser;
}
