// The picture in the README shows what the program answers: recorded again, its commands are the
// same and its answers differ in nothing but ids and times.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { test } from 'node:test';
import { drawn, place, recorded } from '../../docs/tools/terminal.mjs';
import { binary } from './lib/daemon.mjs';

// Ids, times and what is random in a provider's id.
const timeless = (text) =>
  text
    .replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, 'TIME')
    .replaceAll(/\b(dlv|evt|pi|we)_[0-9a-f-]+/g, '$1_ID')
    .replaceAll(/\bwhsec_[\w+/=]+/g, 'whsec_SECRET')
    .replaceAll(/\b[0-9A-Z]{20,}:/g, 'ID:');

test('the recorded terminal is what the program answers', async () => {
  const committed = fs.readFileSync(place, 'utf8');
  const again = drawn(await recorded(binary()));
  assert.equal(timeless(again), timeless(committed), 'run node docs/tools/terminal.mjs');
});

test('the picture is small, runs nothing and loads nothing', () => {
  const committed = fs.readFileSync(place, 'utf8');
  assert.ok(committed.length < 16_384, `${committed.length} characters`);
  assert.doesNotMatch(committed, /<script|<image|href|@import|url\(/i);
});
