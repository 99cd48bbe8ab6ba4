// A second pricing engine, written from docs/pricing.md on BigInt fractions, and the comparison with the first one on
// generated jobs. Usage: node oracle.mjs PRICE_JOBS [count]
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';

const gcd = (a, b) => { while (b) [a, b] = [b, a % b]; return a < 0n ? -a : a; };
const frac = (n, d = 1n) => { const g = gcd(n, d) || 1n; return { n: n / g, d: d / g }; };
const add = (a, b) => frac(a.n * b.d + b.n * a.d, a.d * b.d);
const sub = (a, b) => frac(a.n * b.d - b.n * a.d, a.d * b.d);
const mul = (a, b) => frac(a.n * b.n, a.d * b.d);
const div = (a, b) => frac(a.n * b.d, a.d * b.n);
const int = (n) => frac(BigInt(n));
const bp = (n) => frac(BigInt(n), 10000n);
const floorDiv = (n, d) => (n % d !== 0n && n < 0n ? n / d - 1n : n / d);
const halfUp = (x) => floorDiv(2n * x.n + x.d, 2n * x.d);
const ceil = (x) => -floorDiv(-x.n, x.d);
const decimal = (s) => {
  const [whole, part = ''] = String(s).split('.');
  return frac(BigInt(whole + part), 10n ** BigInt(part.length));
};

const sorted = (v) => Array.isArray(v) ? v.map(sorted)
  : v && typeof v === 'object' ? Object.fromEntries(Object.keys(v).sort().map((k) => [k, sorted(v[k])])) : v;
export const canonical = (v) => JSON.stringify(sorted(v));
export const hash = (v) => createHash('sha256').update(canonical(v)).digest('hex');

function priceTier(input, name) {
  const card = input.rateCard, tier = card.tiers[name];
  const lines = [], groups = [];
  for (const item of input.items) {
    if (item.tiers && !item.tiers.includes(name)) continue;
    let hours;
    if (item.hoursEach !== undefined) {
      hours = mul(decimal(item.qty), decimal(item.hoursEach));
    } else {
      const rate = card.rates[item.rate], q = decimal(item.qty), coats = tier.coats[item.surface];
      hours = int(0);
      if (rate.prep[tier.prep]) hours = mul(div(q, decimal(rate.prep[tier.prep])), bp(item.condition ? card.condition[item.condition] : 10000));
      if (coats > 0) hours = add(hours, add(div(q, decimal(rate.first)), mul(div(q, decimal(rate.next)), int(coats - 1))));
      hours = mul(hours, bp(item.height ? card.height[item.height] : 10000));
      if (item.occupied ?? input.occupied) hours = mul(hours, bp(card.occupiedBp));
      if (item.product && coats > 0) {
        const product = tier.products[item.product];
        let g = groups.find((x) => x.product.id === product.id && x.color === item.color);
        if (!g) groups.push(g = { product, color: item.color, gallons: int(0) });
        g.gallons = add(g.gallons, div(mul(mul(q, int(coats)), bp(10000 + (rate.wasteBp ?? 0))), decimal(rate.coverage)));
      }
    }
    const centiHours = halfUp(mul(hours, int(100)));
    lines.push({ id: item.id, centiHours, laborCents: halfUp(frac(centiHours * BigInt(card.sellCentsPerHour), 100n)) });
  }
  const centiHours = lines.reduce((s, l) => s + l.centiHours, 0n);
  const materials = groups.map((g) => {
    const containers = ceil(div(g.gallons, decimal(g.product.containerGal)));
    const costCents = containers * BigInt(g.product.costCents);
    return { product: g.product.id, ...(g.color ? { color: g.color } : {}), exactCentiGallons: halfUp(mul(g.gallons, int(100))), containers, costCents,
      sellCents: halfUp(mul(frac(costCents), bp(10000 + card.markupBp))) };
  });
  const sum = (list, key) => list.reduce((s, x) => s + x[key], 0n);
  const paint = sum(materials, 'sellCents');
  const materialCents = paint + halfUp(mul(frac(paint), bp(card.sundriesBp)));
  const direct = add(frac(centiHours * BigInt(card.costCentsPerHour), 100n), mul(frac(sum(materials, 'costCents')), bp(10000 + card.sundriesBp)));
  let laborCents = sum(lines, 'laborCents');
  if (input.targetMarginBp !== undefined) {
    laborCents = halfUp(div(direct, bp(10000 - input.targetMarginBp))) - materialCents;
    let hours = 0n, given = 0n;
    for (const l of lines) {
      hours += l.centiHours;
      const upTo = centiHours ? halfUp(frac(hours * laborCents, centiHours)) : 0n;
      l.laborCents = upTo - given;
      given = upTo;
    }
  }
  const optionsCents = (input.options ?? []).reduce((s, o) => s + BigInt(o.priceCents), 0n);
  const before = laborCents + materialCents + optionsCents;
  const discountCents = halfUp(mul(frac(before), bp(input.discountBp ?? 0))) + BigInt(input.discountCents ?? 0);
  const subtotalCents = before - discountCents;
  const { mode, rateMicros = 0, exempt } = input.tax;
  const base = exempt ? 0n : mode === 'FULL_CONTRACT' ? subtotalCents : mode === 'MATERIALS_RESOLD' ? materialCents : 0n;
  const taxCents = halfUp(frac(base * BigInt(rateMicros), 1000000n));
  const totalCents = subtotalCents + taxCents;
  const dep = input.deposit ?? {};
  let depositCents = dep.fixedCents !== undefined ? BigInt(dep.fixedCents) : halfUp(mul(frac(totalCents), bp(dep.percentBp ?? 0)));
  const least = (a, b) => (a < b ? a : b);
  if (dep.capCents !== undefined) depositCents = least(depositCents, BigInt(dep.capCents));
  if (dep.capBp !== undefined) depositCents = least(depositCents, totalCents * BigInt(dep.capBp) / 10000n);
  depositCents = least(depositCents, totalCents);
  const margin = subtotalCents > 0n ? div(sub(frac(subtotalCents), direct), frac(subtotalCents)) : int(0);
  return {
    belowFloor: sub(margin, bp(card.marginFloorBp ?? -1000000)).n < 0n && card.marginFloorBp !== undefined,
    result: {
      centiHours, crewHalfDays: ceil(div(frac(centiHours, 50n), decimal(card.crewHoursPerDay ?? '24'))), laborCents, materialCents,
      ...(input.options?.length ? { optionsCents } : {}), discountCents, subtotalCents, taxCents, totalCents, depositCents,
      directCostCents: halfUp(direct), grossMarginBp: halfUp(mul(margin, int(10000))), materials, lines,
    },
  };
}

export function price(input) {
  const out = { result: {}, belowFloor: [] };
  for (const name of ['GOOD', 'BETTER', 'BEST'].filter((t) => input.rateCard.tiers[t])) {
    const tier = priceTier(input, name);
    out.result[name] = tier.result;
    out.belowFloor.push(tier.belowFloor);
  }
  out.result = JSON.parse(JSON.stringify(out.result, (k, v) => (typeof v === 'bigint' ? Number(v) : v)));
  return out;
}

// ---- generated jobs ----

let state = 0x9e3779b9;
const next = () => { state ^= state << 13; state ^= state >>> 17; state ^= state << 5; return state >>> 0; };
const below = (n) => next() % n;
const pick = (list) => list[below(list.length)];
const maybe = (p) => below(100) < p;
const dec = (lo, hi, digits) => ((lo * 10 ** digits + below((hi - lo) * 10 ** digits + 1)) / 10 ** digits).toFixed(below(digits + 1));

const HEIGHTS = { TO_8_FT: 10000, FROM_8_TO_13_FT: 13000, FROM_13_TO_17_FT: 16000, FROM_17_TO_21_FT: 19000, OVER_21_FT: 22000 };
const CONDITIONS = { GOOD: 10000, FAIR: 12500, POOR: 16000 };

const rate = (lo, hi, wasteBp) => {
  const first = 1 + lo + below(hi - lo);
  return { first: String(first), next: dec(first, first * 2, 2), coverage: dec(12, 400, 1), wasteBp,
    prep: { L1: dec(600, 1200, 1), L2: dec(300, 600, 1), L3: dec(80, 300, 2), ...(maybe(30) ? { L4: dec(20, 80, 3) } : {}) } };
};
const product = (id) => ({ id, costCents: 1500 + below(9000), containerGal: pick(['1', '5', '0.25', '0.8']) });

function job(i) {
  const exterior = maybe(50);
  const surfaces = exterior ? ['SIDING', 'TRIM', 'SOFFIT'] : ['WALL', 'CEILING', 'TRIM'];
  const rates = Object.fromEntries(surfaces.flatMap((s) => [
    [`${s}:brush`, rate(40, 200, maybe(50) ? 1000 : below(3000))],
    [`${s}:spray-backroll`, rate(200, 600, 2000)],
  ]));
  const tier = (prep, coats, suffix) => ({ prep, coats: Object.fromEntries(surfaces.map((s) => [s, below(coats + 1)])),
    products: Object.fromEntries(surfaces.map((s) => [s, product(`${maybe(20) ? 'one' : s}-${suffix}`)])) });
  const item = (n) => maybe(15) ? { id: `fixed-${n}`, qty: dec(0, 9, 2), hoursEach: dec(0, 4, 2) } : (() => {
    const surface = pick(surfaces);
    return { id: `item-${n}`, surface, rate: `${surface}:${pick(['brush', 'spray-backroll'])}`, qty: dec(0, 3000, 3),
      ...(maybe(90) ? { product: surface } : {}), ...(maybe(40) ? { height: pick(Object.keys(HEIGHTS)) } : {}),
      ...(maybe(40) ? { condition: pick(Object.keys(CONDITIONS)) } : {}), ...(maybe(40) ? { color: pick(['SW 7005', 'Zażółć', '白']) } : {}),
      ...(maybe(20) ? { occupied: maybe(50) } : {}), ...(maybe(15) ? { tiers: pick([['BEST'], ['BETTER', 'BEST'], ['GOOD']]) } : {}) };
  })();
  return {
    name: `job ${i}`, occupied: maybe(50),
    ...(maybe(50) ? { discountBp: pick([500, 333, 1, 1000, 10000]) } : {}), ...(maybe(10) ? { discountCents: below(100) } : {}),
    ...(maybe(25) ? { targetMarginBp: 4500 + below(5000) } : {}),
    tax: { mode: pick(['NONE', 'MATERIALS_CONSUMED', 'MATERIALS_RESOLD', 'FULL_CONTRACT']), rateMicros: pick([0, 90000, 82500, 1]), ...(maybe(10) ? { exempt: true } : {}) },
    deposit: pick([{}, { percentBp: 3000 }, { percentBp: 3333, capBp: 1000, capCents: 100000 }, { fixedCents: 50000 }, { percentBp: 10000 }]),
    ...(maybe(20) ? { options: [{ priceCents: below(100000) }, { priceCents: below(999) }] } : {}),
    rateCard: { sellCentsPerHour: pick([6800, 6801, 7333]), costCentsPerHour: pick([3250, 3333]), markupBp: pick([3000, 1, 2575]), sundriesBp: pick([1000, 333]),
      occupiedBp: 11000, marginFloorBp: 4200, height: HEIGHTS, condition: CONDITIONS, rates, ...(maybe(30) ? { crewHoursPerDay: pick(['16', '7.5']) } : {}),
      tiers: { GOOD: tier('L1', 2, 'a'), BETTER: tier('L2', 3, 'b'), BEST: tier(maybe(80) ? 'L3' : 'L4', 3, 'c') } },
    items: Array.from({ length: 1 + below(24) }, (_, n) => item(n)),
  };
}

// ---- comparison ----

if (process.argv[2]) {
  const jobs = Array.from({ length: Number(process.argv[3] ?? 2000) }, (_, i) => job(i));
  const run = spawnSync(process.argv[2], { input: JSON.stringify(jobs), maxBuffer: 1 << 28 });
  if (run.status !== 0) throw new Error(`price-jobs failed: ${run.stderr}`);
  const got = JSON.parse(run.stdout.toString());
  let refused = 0, below = 0;
  jobs.forEach((input, i) => {
    if (got[i].error) {
      const low = /target margin|discount exceeds/.test(got[i].error);
      const mine = low ? price({ ...input, discountCents: 0 }).result : null;
      const reason = low && Object.values(mine).some((t) => t.laborCents < 0 || t.centiHours === 0 || t.subtotalCents < (input.discountCents ?? 0));
      if (!reason) throw new Error(`job ${i} was refused: ${got[i].error}\n${JSON.stringify(input)}`);
      refused++;
      return;
    }
    const want = price(input);
    below += want.belowFloor.filter(Boolean).length;
    const same = canonical(want.result) === canonical(got[i].result) && hash(want.result) === got[i].resultHash
      && hash(input) === got[i].inputHash && JSON.stringify(want.belowFloor) === JSON.stringify(got[i].belowFloor);
    if (!same) throw new Error(`job ${i} differs\n${JSON.stringify(input)}\nwant ${canonical(want.result)}\ngot  ${canonical(got[i].result)}`);
  });
  if (refused > jobs.length / 4 || below === 0) throw new Error(`the generated jobs are too tame: ${refused} refused, ${below} below the floor`);
  console.log(`${jobs.length - refused} jobs agree to the cent and the hash; ${refused} were refused with a reason; ${below} tiers below the floor`);
}
