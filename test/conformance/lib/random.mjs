// Repeatable randomness: the same seed gives the same cases everywhere. A test prints its seed; SEED=n repeats it.

export function seedOfRun() {
  return process.env.SEED ? Number(process.env.SEED) : (Date.now() ^ (process.pid << 16)) >>> 0;
}

export class Random {
  #state;

  constructor(seed) {
    this.#state = seed >>> 0;
  }

  /** 0 … n-1 (mulberry32) */
  below(n) {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let t = this.#state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) % n;
  }

  chance(p) {
    return this.below(1_000_000) < p * 1_000_000;
  }

  pick(items) {
    return items[this.below(items.length)];
  }

  shuffled(items) {
    const out = [...items];
    for (let i = out.length - 1; i > 0; i--) {
      const k = this.below(i + 1);
      [out[i], out[k]] = [out[k], out[i]];
    }
    return out;
  }

  /** between lo and hi results of make(), both included */
  many(lo, hi, make) {
    return Array.from({ length: lo + this.below(hi - lo + 1) }, make);
  }
}
