// Small subgraph sets from a seed: a few entities, value types, interfaces, unions, enums and inputs, spread over two to four
// subgraphs, with directives, and now and then with a mistake.
import { federationLink } from './composition.mjs';

function random(seed) {
  let s = (seed * 2654435761 + 12345) >>> 0;
  const next = () => {
    s = (s + 0x6d2b79f5) >>> 0;
    let t = Math.imul(s ^ (s >>> 15), 1 | s);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
  return {
    chance: (p) => next() < p,
    below: (n) => Math.floor(next() * n),
    pick: (list) => list[Math.floor(next() * list.length)],
    some: (list, p) => list.filter(() => next() < p),
  };
}

const SCALARS = ['Int', 'String', 'Boolean', 'ID', 'Float', 'Int!', '[String!]', '[Int]!'];
const VERSIONS = ['v2.3', 'v2.5', 'v2.7', 'v2.9', 'v2.11', 'v2.12'];

function describeWorld(r) {
  const entities = ['Alpha', 'Beta', 'Gamma'].slice(0, 1 + r.below(3));
  const values = ['Point', 'Money'].slice(0, r.below(3));
  const world = { entities, values, types: {}, enums: {}, inputs: {}, unions: {}, interfaces: {} };
  if (r.chance(0.5)) world.enums.Color = ['RED', 'GREEN', 'BLUE'];
  if (r.chance(0.5)) world.inputs.Filter = { text: 'String', limit: 'Int', flag: r.pick(['Boolean', 'Boolean!']) };
  if (r.chance(0.4) && entities.length > 1) world.unions.Thing = entities;
  if (r.chance(0.4)) world.interfaces.Named = entities;
  const targets = () => [...SCALARS, ...SCALARS, ...entities, ...values, ...Object.keys(world.enums), ...Object.keys(world.unions), ...Object.keys(world.interfaces)];
  for (const name of [...entities, ...values]) {
    world.types[name] = {};
    for (let i = 0; i < 2 + r.below(4); i++) {
      const values_ = values.includes(name);
      world.types[name][`f${i}`] = r.pick(values_ ? SCALARS : targets());
    }
  }
  return world;
}

// Which subgraph resolves which field of an entity; most fields belong to one.
function share(r, world, n) {
  const owners = {};
  for (const e of world.entities)
    for (const f of Object.keys(world.types[e])) {
      const one = r.below(n);
      owners[`${e}.${f}`] = r.chance(0.25) ? [one, (one + 1) % n] : [one];
    }
  return owners;
}

function fieldDirectives(r, version, shared) {
  const out = [];
  if (shared ? r.chance(0.95) : r.chance(0.1)) out.push('@shareable');
  if (r.chance(0.08)) out.push(`@tag(name: "${r.pick(['x', 'y'])}")`);
  if (r.chance(0.05)) out.push('@inaccessible');
  if (r.chance(0.05)) out.push(r.pick(['@deprecated', '@deprecated(reason: "old")']));
  if (version >= 5 && r.chance(0.06)) out.push(r.pick(['@authenticated', '@requiresScopes(scopes: [["a"], ["b", "c"]])', '@requiresScopes(scopes: [["c"]])']));
  if (version >= 9 && r.chance(0.06)) out.push(`@cost(weight: ${r.below(5)})`);
  return out.join(' ');
}

function entityType(r, world, owners, e, i, n, version) {
  const lines = [], keys = [];
  const uses = new Set();
  keys.push(`@key(fields: "id"${r.chance(0.08) ? ', resolvable: false' : ''})`);
  lines.push('  id: ID!');
  if (r.chance(0.2)) { keys.push('@key(fields: "code")'); lines.push('  code: String!'); }
  const foreign = [];
  for (const [f, type] of Object.entries(world.types[e])) {
    const own = owners[`${e}.${f}`];
    if (own.includes(i)) {
      uses.add(type.replace(/[[\]!]/g, ''));
      const t = r.chance(0.04) ? r.pick(SCALARS) : r.chance(0.08) && !type.endsWith('!') ? `${type}!` : type;
      const args = f === 'f1' && r.chance(0.6) ? `(n: Int${r.chance(0.5) ? ' = 1' : ''}${world.inputs.Filter && r.chance(0.4) ? ', by: Filter' : ''})` : '';
      if (args.includes('Filter')) uses.add('Filter');
      lines.push(`  ${f}${args}: ${t} ${fieldDirectives(r, version, own.length > 1)}${r.chance(0.05) && n > 1 ? ` @override(from: "s${(i + 1) % n}")` : ''}`);
    } else if (SCALARS.includes(type)) foreign.push([f, type]);
  }
  if (foreign.length && r.chance(0.4)) {
    const [f, type] = r.pick(foreign);
    lines.push(`  ${f}: ${type} @external`);
    lines.push(`  computed${i}: String @requires(fields: "${f}")`);
  }
  const named = world.interfaces.Named && r.chance(0.7) ? ' implements Named' : '';
  const guard = version >= 5 && r.chance(0.05) ? ' @authenticated' : '';
  return { sdl: `type ${e}${named} ${keys.join(' ')}${guard} {\n${lines.join('\n')}\n}`, uses, named: !!named };
}

function subgraph(r, world, owners, i, n) {
  const version = r.pick(VERSIONS), minor = Number(version.slice(3));
  const parts = [], used = new Set();
  const present = world.entities.filter((e) => r.chance(0.85) || Object.entries(owners).some(([k, v]) => k.startsWith(`${e}.`) && v.includes(i)));
  let named = false;
  for (const e of present) {
    const t = entityType(r, world, owners, e, i, n, minor);
    parts.push(t.sdl);
    t.uses.forEach((u) => used.add(u));
    named ||= t.named;
  }
  const query = present.map((e) => `  ${e.toLowerCase()}${r.chance(0.1) ? '' : i}: ${r.pick([e, `[${e}!]!`])}`);
  if (world.unions.Thing && r.chance(0.5)) { query.push(`  things${i}: [Thing!]`); used.add('Thing'); }
  if (named && r.chance(0.6)) { query.push(`  named${i}: [Named]`); used.add('Named'); }
  if (world.enums.Color && r.chance(0.5)) { query.push(`  paint${i}(c: Color): Int`); used.add('Color'); }
  if (r.chance(0.7)) query.push(`  x${i}: Int`);
  if (named) used.add('Named');
  // Types that are referred to must exist; entities come as stubs.
  for (const e of world.entities)
    if (!present.includes(e) && (used.has(e) || used.has('Thing'))) { parts.push(`type ${e} @key(fields: "id", resolvable: false) { id: ID! }`); }
  for (const v of world.values)
    if (used.has(v)) {
      const fields = Object.entries(world.types[v]).filter(() => r.chance(0.95));
      parts.push(`type ${v} ${r.chance(0.95) ? '@shareable' : ''} { ${(fields.length ? fields : Object.entries(world.types[v])).map(([f, t]) => `${f}: ${t}`).join(' ')} }`);
    }
  if (used.has('Color')) parts.push(`enum Color { ${(r.chance(0.85) ? world.enums.Color : world.enums.Color.slice(0, 2)).join(' ')} }`);
  if (used.has('Filter')) parts.push(`input Filter { ${r.some(Object.entries(world.inputs.Filter), 0.9).map(([f, t]) => `${f}: ${t}`).concat('extra: Int').join(' ')} }`);
  if (used.has('Thing')) parts.push(`union Thing = ${world.unions.Thing.join(' | ')}`);
  if (used.has('Named')) parts.push('interface Named { id: ID! }');
  if (query.length) parts.unshift(`type Query {\n${query.join('\n')}\n}`);
  return { name: `s${i}`, url: `http://s${i}`, sdl: federationLink(version) + parts.join('\n') };
}

export function generateSubgraphs(seed) {
  const r = random(seed), world = describeWorld(r), n = 2 + r.below(3), owners = share(r, world, n);
  return Array.from({ length: n }, (_, i) => subgraph(r, world, owners, i, n));
}
