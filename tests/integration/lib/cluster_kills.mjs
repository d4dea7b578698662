// Cycle after cycle in which nodes are killed while webhooks come in on all of them, and perhaps
// something that they share is broken in the same moment.
import { Chance, seed } from './seeded.mjs';

const kWebhooksOfCycle = 40;
const kLeftDown = 0.2; // of the killed, until a later cycle
const kTwoAtOnce = 0.2;
const kStopped = 0.1; // in good order, instead

const numbersOf = (cluster, isWanted) =>
  [0, 1, 2].filter((number) => isWanted(cluster.nodes[number]));

async function interrupt(cluster, chance) {
  const up = numbersOf(cluster, Boolean);
  const victims = [chance.pick(up)];
  if (chance.of(kTwoAtOnce)) victims.push(chance.pick(up));
  for (const number of new Set(victims)) {
    if (chance.of(kStopped)) await cluster.stop(number);
    else await cluster.kill(number);
  }
}

// Of those that are down; one is always up in the end.
async function startAgain(cluster, chance) {
  for (const number of numbersOf(cluster, (node) => !node)) {
    if (cluster.running.length > 0 && chance.of(kLeftDown)) continue;
    await cluster.start(number);
  }
}

// `besides` is told the number of the cycle, and happens while nodes are killed.
export async function killAgainAndAgain(world, { cycles, besides = () => {} }) {
  const chance = new Chance(seed);
  const { cluster, provider } = world;
  for (let cycle = 0; cycle < cycles; cycle += 1) {
    const before = provider.acknowledged.size;
    provider.allow(kWebhooksOfCycle);
    await provider.reach(before + chance.whole(1, kWebhooksOfCycle - 1));
    await Promise.all([interrupt(cluster, chance), besides(cycle)]);
    await startAgain(cluster, chance);
    await provider.finished();
  }
  await provider.end();
}

// In every third cycle a server is killed. It stays away for the next one, whose nodes are killed
// while the others find out, and is back with the third.
export function killingServers(world, { victim, recovered }) {
  let gone;
  return async (cycle) => {
    if (cycle % 3 === 1) return;
    world.cluster.trouble();
    if (gone) {
      await recovered(gone);
      gone = undefined;
    } else {
      gone = await victim();
      await gone.kill();
    }
  };
}
