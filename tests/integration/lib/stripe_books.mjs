// The balance and its lines, by the real SDK, and that they say the same.
import assert from 'node:assert/strict';

const sumOf = (lines, of) => lines.reduce((sum, line) => sum + of(line), 0);

export async function linesOf(stripe, parameters = {}) {
  const lines = [];
  for await (const line of stripe.balanceTransactions.list({ limit: 100, ...parameters })) {
    lines.push(line);
  }
  return lines;
}

const amountIn = (amounts, currency) =>
  amounts.find((each) => each.currency === currency)?.amount ?? 0;

// { available, pending, instant } in one currency; the lines must add up to them.
export async function balanceOf(stripe, currency = 'usd') {
  const balance = await stripe.balance.retrieve();
  const available = amountIn(balance.available, currency);
  const pending = amountIn(balance.pending, currency);
  const instant = amountIn(balance.instant_available, currency);
  const lines = await linesOf(stripe, { currency });
  for (const line of lines) {
    assert.equal(line.net, line.amount - line.fee, line.id);
    assert.equal(
      sumOf(line.fee_details, ({ amount }) => amount),
      line.fee,
      line.id,
    );
    assert.equal(line.currency, currency);
  }
  const netOf = (status) =>
    sumOf(
      lines.filter((line) => line.status === status),
      ({ net }) => net,
    );
  assert.equal(netOf('available') + netOf('pending'), available + pending, 'lines and balance');
  assert.equal(netOf('available'), available, 'what is available');
  assert.equal(netOf('pending'), pending, 'what is pending');
  return { available, pending, instant };
}
