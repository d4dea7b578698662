// What every endpoint and every list of /v1 promises, whatever it is about.
import assert from 'node:assert/strict';
import Stripe from 'stripe';
import { eventually } from './delivery.mjs';
import { idsOf } from './stripe_client.mjs';

const { StripeCardError, StripeInvalidRequestError } = Stripe.errors;

// The answer without what the SDK adds to it, so that two of them compare.
export const plain = (object) => JSON.parse(JSON.stringify(object));

// { status, code, param, message }: what is not given may be anything.
export async function refused(asking, { status = 400, code, param, message, card } = {}) {
  const error = await asking.then(
    (answer) => assert.fail(`was not refused: ${JSON.stringify(answer).slice(0, 200)}`),
    (reason) => reason,
  );
  const kind = card ? StripeCardError : StripeInvalidRequestError;
  assert.ok(error instanceof kind, `${error.name}: ${error.message}`);
  assert.equal(error.statusCode, status, error.message);
  if (code !== undefined) assert.equal(error.code, code, error.message);
  if (param !== undefined) assert.equal(error.param, param, error.message);
  if (message !== undefined) assert.match(error.message, message);
  assert.match(error.requestId, /^req_/);
  return error;
}

export const unknownPath = (asking, id) =>
  refused(asking, {
    status: 404,
    code: 'resource_missing',
    message: new RegExp(`^No such .+: '${id}'$`),
  });

export async function collect(pages, max = 10_000) {
  const ids = [];
  for await (const { id } of pages) {
    ids.push(id);
    assert.ok(ids.length <= max, 'the pages have no end');
  }
  return ids;
}

// Resolves when the daemon's clock shows a later second, so that `created` differs.
export async function laterSecond(daemon) {
  const second = async () => Date.parse((await daemon.get('/v1/balance')).headers.date);
  const begun = await second();
  await eventually('a later second', async () => (await second()) > begun);
}

async function checkCursors(t, { list, ids }) {
  await t.test('forward, each once, the newest first', async () => {
    assert.deepEqual(await collect(list({ limit: 2 })), ids);
  });
  await t.test('backward, those nearest before the cursor', async () => {
    const last = ids.at(-1);
    const nearest = await list({ limit: 2, ending_before: last });
    assert.deepEqual(idsOf(nearest), ids.slice(-3, -1));
    assert.equal(nearest.has_more, ids.length > 3);
    const all = await collect(list({ limit: 2, ending_before: last }));
    assert.deepEqual(all, ids.slice(0, -1).reverse());
  });
  await t.test('a page says whether there is more', async () => {
    const whole = await list({ limit: 100 });
    assert.equal(whole.object, 'list');
    assert.match(whole.url, /^\/v1\//);
    assert.equal(whole.has_more, false);
    assert.deepEqual(idsOf(whole), ids);
    assert.equal((await list({ limit: ids.length })).has_more, false);
    assert.equal((await list({ limit: ids.length - 1 })).has_more, true);
    assert.deepEqual(idsOf(await list({ limit: 100, starting_after: ids.at(-1) })), []);
    assert.deepEqual(idsOf(await list({ limit: 100, ending_before: ids[0] })), []);
  });
  await t.test('the default page holds ten', async () => {
    assert.equal((await list()).data.length, Math.min(10, ids.length));
  });
}

// Differs in its last digit, which the others determine.
const untrue = (id) => id.slice(0, -1) + (id.endsWith('f') ? '0' : 'f');

async function checkListRefusals(t, { list, ids }) {
  const wrong = [
    [{ limit: 0 }, 'limit'],
    [{ limit: 101 }, 'limit'],
    [{ limit: -1 }, 'limit'],
    [{ limit: 'ten' }, 'limit', 'parameter_invalid_integer'],
    [{ limit: 1.5 }, 'limit', 'parameter_invalid_integer'],
    [{ starting_after: 'xx_none' }, 'starting_after', 'resource_missing'],
    [{ ending_before: 'xx_none' }, 'ending_before', 'resource_missing'],
    [{ starting_after: untrue(ids[0]) }, 'starting_after', 'resource_missing'],
    [{ starting_after: ids[0], ending_before: ids[1] }],
    [{ expand: ['data.nothing'] }, 'expand'],
    [{ expand: ['nothing'] }, 'expand'],
    [{ expand: ['data'] }, 'expand'],
    [{ expandd: 1 }, 'expandd', 'parameter_unknown'],
    [{ limit: { gte: 1 } }, 'limit'],
  ];
  for (const [parameters, param, code] of wrong) {
    const name = `refused: ${JSON.stringify(parameters)}`;
    await t.test(name, () => refused(list(parameters), { param, code }));
  }
}

async function checkCreated(t, { list, rows }) {
  const seconds = [...new Set(rows.map(({ created }) => created))].sort((a, b) => a - b);
  const border = seconds.at(Math.floor(seconds.length / 2));
  const holds = {
    gt: (created) => created > border,
    gte: (created) => created >= border,
    lt: (created) => created < border,
    lte: (created) => created <= border,
  };
  for (const [name, is] of Object.entries(holds)) {
    await t.test(`created[${name}]`, async () => {
      const expected = rows.filter(({ created }) => is(created)).map(({ id }) => id);
      assert.deepEqual(await collect(list({ limit: 2, created: { [name]: border } })), expected);
    });
  }
  await t.test('created in a range, and in one second', async () => {
    const [from, until] = [seconds[0], seconds.at(-1)];
    const within = rows.filter(({ created }) => created > from && created <= until);
    const ranged = await list({ limit: 100, created: { gt: from, lte: until } });
    assert.deepEqual(idsOf(ranged), idsOf({ data: within }));
    const same = rows.filter(({ created }) => created === border);
    assert.deepEqual(idsOf(await list({ limit: 100, created: border })), idsOf({ data: same }));
    assert.deepEqual(idsOf(await list({ created: { lt: from } })), []);
    assert.deepEqual(idsOf(await list({ created: { gt: until } })), []);
  });
  const wrong = [
    [{ gte: 'yesterday' }, 'created[gte]', 'parameter_invalid_integer'],
    [{ lt: 1.5 }, 'created[lt]', 'parameter_invalid_integer'],
    ['soon', 'created', 'parameter_invalid_integer'],
    [{ since: 1 }, 'created[since]', 'parameter_unknown'],
  ];
  for (const [created, param, code] of wrong) {
    const name = `refused: created ${JSON.stringify(created)}`;
    await t.test(name, () => refused(list({ created }), { param, code }));
  }
}

// `list` asks; everything it should hold is read once, and must be at least four, in two seconds
// or more where `created` is a filter.
export async function checkList(t, list, options = {}) {
  const { created = true, url } = options;
  const { data: rows, ...page } = await list({ limit: 100 });
  const ids = idsOf({ data: rows });
  assert.ok(ids.length >= 4, `only ${ids.length} rows to check a list with`);
  if (url) assert.equal(page.url, url);
  await t.test('order', () => {
    const times = rows.map((row) => row.created);
    assert.deepEqual(
      times,
      [...times].sort((a, b) => b - a),
    );
  });
  await checkCursors(t, { list, ids });
  await checkListRefusals(t, { list, ids });
  if (created) await checkCreated(t, { list, rows });
}

const many = (count) =>
  Object.fromEntries(Array.from({ length: count }, (_, index) => [`k${index}`, 'v']));

// `update` changes one object that has no metadata yet, and gives it back.
export async function checkMetadata(t, update) {
  await t.test('metadata is merged, and empty values take keys away', async () => {
    const first = await update({ metadata: { a: '1', b: '2' } });
    assert.deepEqual(plain(first.metadata), { a: '1', b: '2' });
    const merged = await update({ metadata: { b: '', c: '3' } });
    assert.deepEqual(plain(merged.metadata), { a: '1', c: '3' });
    assert.deepEqual(plain((await update({ metadata: '' })).metadata), {});
  });
  await t.test('metadata has limits', async () => {
    const fits = { ['ké'.repeat(20)]: '€'.repeat(500) };
    assert.deepEqual(plain((await update({ metadata: fits })).metadata), fits);
    for (const metadata of [{ ['k'.repeat(41)]: 'v' }, { k: 'v'.repeat(501) }, many(51)]) {
      await refused(update({ metadata }), { param: 'metadata' });
    }
    await update({ metadata: many(49) });
    await refused(update({ metadata: { last: 'one too many' } }), { param: 'metadata' });
    await refused(update({ metadata: 'text' }), { param: 'metadata' });
    assert.deepEqual(plain((await update({ metadata: '' })).metadata), {});
  });
}
