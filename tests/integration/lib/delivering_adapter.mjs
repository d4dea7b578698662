// How crash.mjs talks to a Postern that delivers.
import http from 'node:http';
import receiving from './adapter.mjs';
import { secretKey } from './daemon.mjs';

function post(url, body) {
  const text = JSON.stringify(body);
  const headers = {
    authorization: `Bearer ${secretKey}`,
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(text),
  };
  return new Promise((resolve, reject) => {
    const request = http.request(url, { method: 'POST', headers }, (response) => {
      response.resume();
      response.on('end', () => resolve(response.statusCode));
    });
    request.on('error', reject);
    request.end(text);
  });
}

export default {
  ...receiving,

  async setup({ base, sinkUrl }) {
    const settings = { url: sinkUrl, timeout_seconds: 5, retry: { schedule: Array(30).fill(1) } };
    const status = await post(`${base}/api/v2/webhook-endpoints`, settings);
    if (status !== 201) throw new Error(`the endpoint was answered ${status}`);
  },

  // What the sink gets is named by us; the provider's own name is in the body.
  sinkId: ({ body }) => JSON.parse(body).gateway_event_id,
};
