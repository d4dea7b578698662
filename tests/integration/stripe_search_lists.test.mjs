// Lists and search by the real SDK: pages both ways, filters, expansion and refusals.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { idsOf, pay, startPaying } from './lib/stripe_client.mjs';

test('pages and searches', async (t) => {
  const { stripe } = await startPaying(t);
  const made = [];
  for (let index = 0; index < 7; index += 1) {
    made.unshift((await pay(stripe, { amount: 1000 + index, metadata: { n: `${index}` } })).id);
  }
  const collect = async (list) => {
    const ids = [];
    for await (const { id } of list) ids.push(id);
    return ids;
  };
  const { paymentIntents } = stripe;

  await t.test('forward, every intent once and newest first', async () => {
    assert.deepEqual(await collect(paymentIntents.list({ limit: 2 })), made);
  });
  await t.test('backward, those before the cursor', async () => {
    const page = await paymentIntents.list({ limit: 2, ending_before: made[5] });
    assert.deepEqual(idsOf(page), made.slice(3, 5));
    assert.equal(page.has_more, true);
    const list = paymentIntents.list({ limit: 2, ending_before: made[6] });
    assert.deepEqual(await collect(list), made.slice(0, 6).reverse());
  });
  await t.test('a list is expanded', async () => {
    const page = await paymentIntents.list({ limit: 1, expand: ['data.latest_charge'] });
    assert.equal(page.data[0].latest_charge.object, 'charge');
  });
  for (const more of [{ limit: 0 }, { limit: 101 }, { expand: ['data.amount'] }, { x: 1 }]) {
    await t.test(`refused: ${JSON.stringify(more)}`, async () => {
      await assert.rejects(paymentIntents.list(more), { statusCode: 400 });
    });
  }
  const searches = [
    ['amount:1003', [made[3]]],
    ['amount>1004', [made[0], made[1]]],
    ["metadata['n']:'2'", [made[4]]],
    ["status:'succeeded' AND amount<=1000", [made[6]]],
    ['amount:1000 OR amount:1001', [made[5], made[6]]],
    ["-metadata['n']:'0' AND amount<1002", [made[5]]],
  ];
  for (const [query, expected] of searches) {
    await t.test(query, async () => {
      assert.deepEqual(idsOf(await paymentIntents.search({ query })), expected);
    });
  }
  await t.test('a search goes through its pages', async () => {
    const query = "status:'succeeded'";
    assert.deepEqual(await collect(paymentIntents.search({ query, limit: 3 })), made);
  });
  await t.test('a query that mixes AND and OR is refused', async () => {
    const query = 'amount:1 AND amount:2 OR amount:3';
    await assert.rejects(paymentIntents.search({ query }), { statusCode: 400, param: 'query' });
  });
});
