// Chance that a printed number replays: POSTERN_TEST_SEED=… node --test tests/integration/….
export const seed = Number(process.env.POSTERN_TEST_SEED ?? Date.now() % 1_000_000);

export class Chance {
  #state;

  constructor(from) {
    this.#state = from >>> 0;
  }

  // In [0, 1).
  real() {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  // In [low, high].
  whole(low, high) {
    return low + Math.floor(this.real() * (high - low + 1));
  }

  of(share) {
    return this.real() < share;
  }

  pick(items) {
    return items[this.whole(0, items.length - 1)];
  }
}
