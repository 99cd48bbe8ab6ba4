// Small subgraph sets from a seed: a few entities, value types, interfaces, unions, enums and inputs, spread over two to four
// subgraphs of Federation 1 and 2, with directives, and now and then with a mistake.
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
const VERSIONS = ['v2.3', 'v2.5', 'v2.7', 'v2.9', 'v2.11', 'v2.12', 'v2.14'];
const FEDERATION_1 = 'v1';

function describeWorld(r) {
  const entities = ['Alpha', 'Beta', 'Gamma'].slice(0, 1 + r.below(3));
  const values = ['Point', 'Money'].slice(0, r.below(3));
  const world = { entities, values, types: {}, args: {}, keys: {}, enums: {}, inputs: {}, unions: {}, interfaces: {}, wrong: r.chance(0.5) ? 1 : 0 };
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
      if (!values_ && r.chance(0.2)) world.args[`${name}.f${i}`] = `(n: Int${r.chance(0.5) ? ' = 1' : ''}${world.inputs.Filter && r.chance(0.4) ? ', by: Filter' : ''})`;
    }
    world.keys[name] = r.pick(['id', 'id', 'id', 'id code', 'owner { id }']);
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
      if (r.chance(0.2)) (owners[`${e}.${f}`].provided = true);
    }
  return owners;
}

function fieldDirectives(r, version, shared) {
  const out = [];
  if (version === 0) return r.chance(0.05) ? '@tag(name: "x")' : '';
  if (shared ? r.chance(0.98) : r.chance(0.1)) out.push('@shareable');
  if (r.chance(0.08)) out.push(`@tag(name: "${r.pick(['x', 'y'])}")`);
  if (r.chance(0.05)) out.push('@inaccessible');
  if (r.chance(0.05)) out.push(r.pick(['@deprecated', '@deprecated(reason: "old")']));
  if (version >= 5 && r.chance(0.06)) out.push(r.pick(['@authenticated', '@requiresScopes(scopes: [["a"], ["b", "c"]])', '@requiresScopes(scopes: [["c"]])']));
  if (version >= 9 && r.chance(0.06)) out.push(`@cost(weight: ${r.below(5)})`);
  return out.join(' ');
}

const KEY_FIELDS = { id: 'id: ID!', 'id code': 'id: ID! code: String!', 'owner { id }': 'owner: Owner!' };

function keysOf(r, world, e, wrong) {
  const keys = [`@key(fields: "${world.keys[e]}"${r.chance(0.08 * wrong) ? ', resolvable: false' : ''})`];
  const lines = [`  ${KEY_FIELDS[world.keys[e]]}`];
  if (world.keys[e] === 'id code' && r.chance(0.3)) keys.push('@key(fields: "id")');
  if (world.keys[e] === 'owner { id }' && world.interfaces.Named) { keys.push('@key(fields: "id")'); lines.push('  id: ID!'); }
  if (r.chance(0.15)) { keys.push('@key(fields: "sku")'); lines.push('  sku: String!'); }
  return { keys, lines };
}

function ownField(r, world, e, f, type, own, i, n, version) {
  const wrong = world.wrong;
  const t = r.chance(0.03 * wrong) ? r.pick(SCALARS) : r.chance(0.06) && !type.endsWith('!') ? `${type}!` : type;
  const label = version >= 7 && r.chance(0.4) ? ', label: "flag.one"' : '';
  const override = version > 0 && r.chance(0.06) && own.length === 1 ? ` @override(from: "s${(i + 1 + r.below(n - 1)) % n}"${label})` : '';
  return `  ${f}${r.chance(0.04 * wrong) ? '' : world.args[`${e}.${f}`] ?? ''}: ${t} ${fieldDirectives(r, version, own.length > 1 || own.provided)}${override}`;
}

function entityType(r, world, owners, e, i, n, version) {
  const { keys, lines } = keysOf(r, world, e, world.wrong), uses = new Set(), foreign = [], fed1 = version === 0;
  const extend = fed1 && owners[`${e}.f0`][0] !== i && r.chance(0.8);
  for (const [f, type] of Object.entries(world.types[e])) {
    const own = owners[`${e}.${f}`];
    if (own.includes(i)) {
      uses.add(type.replace(/[[\]!]/g, ''));
      if (world.args[`${e}.${f}`]?.includes('Filter')) uses.add('Filter');
      lines.push(ownField(r, world, e, f, type, own, i, n, version));
    } else if (SCALARS.includes(type)) foreign.push([f, type]);
  }
  if (foreign.length && r.chance(0.4)) {
    const [f, type] = r.pick(foreign);
    lines.push(`  ${f}${world.args[`${e}.${f}`] ?? ''}: ${type} @external`);
    lines.push(`  computed${i}: String @requires(fields: "${f}")`);
  }
  if (extend) lines[0] = lines[0].replace(/(\w+!)/g, '$1 @external');
  if (world.keys[e].startsWith('owner')) uses.add('Owner');
  const named = world.interfaces.Named && r.chance(world.keyed ? 0.98 : 0.7) ? ' implements Named' : '';
  const guard = version >= 5 && r.chance(0.05) ? ' @authenticated' : '';
  if (named && world.label) lines.push(`  label: String ${fed1 ? '' : '@shareable'}`);
  if (r.chance(0.05 * world.wrong)) keys.length = 0;
  if (r.chance(i ? 0.25 : 0.7) && !fed1) lines.push(`  part: Part${r.chance(0.05) ? '!' : ''} @shareable`), uses.add('Part');
  else if (i > 0 && r.chance(0.2) && !fed1 && keys.length) lines.push(`  part: Part @external`, `  parts${i}: Int @requires(fields: "part { a }")`), uses.add('Part');
  return { sdl: `${extend ? 'extend ' : ''}type ${e}${named} ${keys.join(' ')}${guard} {\n${lines.join('\n')}\n}`, uses, named: !!named };
}

// A root field that provides what another subgraph resolves.
function provided(r, world, owners, e, i) {
  const foreign = Object.entries(world.types[e]).filter(([f, t]) => SCALARS.includes(t) && !owners[`${e}.${f}`].includes(i) && (owners[`${e}.${f}`].provided || r.chance(0.05)) && !world.args[`${e}.${f}`]);
  return foreign.length && r.chance(0.6) ? foreign[0] : null;
}

function subgraph(r, world, owners, i, n, fed1) {
  const version = fed1 ? FEDERATION_1 : r.pick(VERSIONS), minor = fed1 ? 0 : Number(version.slice(3));
  const parts = [], used = new Set(), query = [];
  const present = world.entities.filter((e) => r.chance(world.keyed ? 0.99 : 0.85) || Object.entries(owners).some(([k, v]) => k.startsWith(`${e}.`) && v.includes(i)));
  // One subgraph may know the interface only as an object.
  const asObject = !fed1 && world.interfaces.Named && i === n - 1 && n > 2 && world.keyed;
  let named = false;
  for (const e of asObject ? [] : present) {
    const t = entityType(r, world, owners, e, i, n, minor);
    const p = fed1 ? null : provided(r, world, owners, e, i);
    if (p && !t.sdl.includes(`  ${p[0]}:`)) {
      query.push(`  with${e}${i}: ${e} @provides(fields: "${p[0]}")`);
      t.sdl = t.sdl.replace(/\}$/, `  ${p[0]}: ${p[1]} @external\n}`);
    }
    parts.push(t.sdl);
    t.uses.forEach((u) => used.add(u));
    named ||= t.named;
  }
  if (asObject) { parts.push(`type Named @interfaceObject @key(fields: "id") { id: ID! rating${i}: Int ${fieldDirectives(r, minor, false)} }`); query.push(`  rated${i}: Named`); }
  else query.push(...present.map((e) => `  ${e.toLowerCase()}${r.chance(0.06) ? '' : i}: ${r.pick([e, `[${e}!]!`])}`));
  if (!asObject && world.unions.Thing && r.chance(0.5)) { query.push(`  things${i}: [Thing!]`); used.add('Thing'); }
  if (named && r.chance(0.6)) { query.push(`  named${i}: [Named]`); used.add('Named'); }
  if (parts.some((p) => p.includes('by: Filter'))) used.add('Filter');
  if (world.enums.Color && r.chance(0.5)) { query.push(`  paint${i}(c: Color): Int`); used.add('Color'); }
  if (r.chance(0.7)) query.push(`  x${i}: Int`);
  if (named) used.add('Named');
  // Types that are referred to must exist; entities come as stubs.
  for (const e of asObject ? [] : world.entities)
    if (!present.includes(e) && (used.has(e) || used.has('Thing'))) {
      parts.push(fed1 ? `extend type ${e} @key(fields: "id") { id: ID! @external }` : `type ${e} @key(fields: "id", resolvable: false) { id: ID! }`);
    }
  for (const v of world.values)
    if (used.has(v)) {
      const fields = Object.entries(world.types[v]).filter(() => r.chance(1 - 0.08 * world.wrong));
      parts.push(`type ${v} ${fed1 || r.chance(0.04) ? '' : '@shareable'} { ${(fields.length ? fields : Object.entries(world.types[v])).map(([f, t]) => `${f}: ${t}`).join(' ')} }`);
    }
  if (used.has('Part')) parts.push(`type Part @shareable { a: Int${r.chance(0.3 * world.wrong) ? '' : ' b: String'}${r.chance(0.3) ? ' next: Part' : ''} }`);
  if (used.has('Owner')) parts.push(`type Owner ${fed1 ? '' : '@shareable'} { id: ID! }`);
  if (used.has('Color')) parts.push(`enum Color { ${(r.chance(0.85) ? world.enums.Color : world.enums.Color.slice(0, 2)).join(' ')} }`);
  if (used.has('Filter')) parts.push(`input Filter { ${r.some(Object.entries(world.inputs.Filter), 0.95).map(([f, t]) => `${f}: ${t}`).concat('extra: Int').join(' ')} }`);
  if (used.has('Thing')) parts.push(`union Thing = ${world.unions.Thing.filter((e, k) => k === 0 || r.chance(0.9)).join(' | ')}`);
  if (used.has('Named')) parts.push(`interface Named ${world.keyed && !fed1 && present.length === world.entities.length ? '@key(fields: "id") ' : ''}{ id: ID! ${world.label && r.chance(0.9) ? 'label: String' : ''} }`);
  if (query.length) parts.unshift(`type Query {\n${query.join('\n')}\n}`);
  return { name: `s${i}`, url: `http://s${i}`, sdl: (fed1 ? '' : federationLink(version)) + parts.join('\n') };
}

export function generateSubgraphs(seed) {
  const r = random(seed), world = describeWorld(r), n = 2 + r.below(3), owners = share(r, world, n);
  world.keyed = r.chance(0.6);
  world.label = r.chance(0.4);
  if (world.keyed && world.interfaces.Named) for (const e of world.entities) world.keys[e] = 'id';
  const fed1 = r.chance(0.15) ? 1 : r.chance(0.1) ? 0.5 : 0;
  return Array.from({ length: n }, (_, i) => subgraph(r, world, owners, i, n, r.chance(fed1)));
}
