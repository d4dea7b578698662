// A daemon, the real Stripe SDK that speaks to it, and an audit of the books at the end.
import assert from 'node:assert/strict';
import path from 'node:path';
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import Stripe from 'stripe';
import { atEnd, binary, environment, secretKey, startDaemon } from './daemon.mjs';
import { assertDescribed } from './described.mjs';

const run = promisify(execFile);
export const form = { 'content-type': 'application/x-www-form-urlencoded' };
export const asJson = { 'content-type': 'application/json' };

// The SDK's own way over HTTP; what comes back must be as it is described.
function describedHttp() {
  const http = Stripe.createNodeHttpClient();
  const send = http.makeRequest.bind(http);
  http.makeRequest = async (host, port, target, method, headers, body, ...rest) => {
    const response = await send(host, port, target, method, headers, body, ...rest);
    const read = response.toJSON.bind(response);
    response.toJSON = async () => {
      const value = await read();
      const status = response.getStatusCode();
      const answer = { status, headers: response.getHeaders(), json: value };
      assertDescribed(
        { method, target, headers, body },
        { ...answer, text: JSON.stringify(value) },
      );
      return value;
    };
    return response;
  };
  return http;
}

export function clientOf(daemon, { key = secretKey, ...options } = {}) {
  const [host, port] = daemon.listen.split(':');
  return new Stripe(key, {
    host,
    port,
    protocol: 'http',
    telemetry: false,
    maxNetworkRetries: 0,
    httpClient: describedHttp(),
    ...options,
  });
}

export async function auditBooks(daemon) {
  const data = path.join(daemon.folder, 'data');
  const { stdout, stderr } = await run(binary(), ['check', '--store', '--data-dir', data], {
    cwd: daemon.folder,
    env: environment({ POSTERN_DATA_DIR: data }),
  }).catch((error) => assert.fail(`the books: ${error.stdout}${error.stderr}`));
  assert.ok(stdout + stderr !== '', 'the audit says something');
}

// { daemon, stripe }; when the test ends the daemon is stopped and its store is audited.
export async function startPaying(t, { payments = {}, config = {}, ...options } = {}) {
  const daemon = await startDaemon(t, { config: { payments, ...config }, ...options });
  atEnd(t, async () => {
    await daemon.stop();
    await auditBooks(daemon);
  });
  return { daemon, stripe: clientOf(daemon) };
}

export const kCharge = {
  amount: 2000,
  currency: 'usd',
  payment_method: 'pm_card_visa',
  confirm: true,
};

export const pay = (stripe, more = {}) => stripe.paymentIntents.create({ ...kCharge, ...more });

// As it came over the wire, without what the SDK hangs on it.
export const plain = (object) => JSON.parse(JSON.stringify(object));

export const idsOf = ({ data }) => data.map(({ id }) => id);

// "/sandbox/actions/act_…" of what an intent requires.
export function pageOf({ next_action: action }) {
  const address = action.redirect_to_url?.url ?? action.use_stripe_sdk?.stripe_js;
  return new URL(address).pathname;
}

export const choose = (daemon, intent, outcome) =>
  daemon.request('POST', pageOf(intent), { headers: form, body: `outcome=${outcome}` });
