// Writes what the dialects serve at /v1/openapi.json and /api/v1/openapi.json:
//   node payments/dialects/openapi/write.mjs
import fs from 'node:fs';
import { describeOnerway } from './onerway.mjs';
import { describeRcommerce } from './rcommerce.mjs';

export const documents = {
  'onerway/openapi.json': describeOnerway,
  'rcommerce/openapi.json': describeRcommerce,
};
export const placeOf = (name) => new URL(`../${name}`, import.meta.url);
export const textOf = (describe) => `${JSON.stringify(describe(), null, 2)}\n`;

if (process.argv[1] && import.meta.url === new URL(`file://${process.argv[1]}`).href) {
  for (const [name, describe] of Object.entries(documents)) {
    fs.writeFileSync(placeOf(name), textOf(describe));
  }
}
