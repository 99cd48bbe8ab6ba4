// Tiny federated systems as data, so small that every plan for them can be tried: {subgraph: {type: {keys, fields}}}. A selection
// ({id: true, v: {x: true}}) stands for the text of a key, of @requires and of @provides.

export const printSet = (set) => Object.entries(set).map(([name, below]) => (below === true ? name : `${name} { ${printSet(below)} }`)).join(' ');

const NAMES = ['a', 'b', 'c'];
const KEYS = [{ id: true }, { k: true }, { v: { x: true } }];

export class TinySystems {
  constructor(random) {
    this.r = random;
  }

  make() {
    const r = this.r;
    this.names = NAMES.slice(0, 2 + r.below(2));
    this.system = Object.fromEntries(this.names.map((s) => [s, {}]));
    this.entities = ['E', 'F'].slice(0, 1 + r.below(2));
    for (const e of this.entities) this.entity(e);
    for (const e of this.entities) this.links(e);
    for (const e of this.entities) this.requires(e);
    for (const e of this.entities) this.provides(e);
    this.roots();
    return this.system;
  }

  some(list) {
    const out = list.filter(() => this.r.chance(0.5));
    return out.length ? out : [this.r.pick(list)];
  }

  homes(type) {
    return this.names.filter((s) => this.system[s][type]);
  }

  type(s, name) {
    return (this.system[s][name] ??= { keys: [], fields: {} });
  }

  /** Gives the field to some of the subgraphs that know the type. */
  spread(type, name, field) {
    const homes = this.some(this.homes(type));
    for (const s of homes) this.system[s][type].fields[name] = { ...field };
  }

  key(s, type, set) {
    const { fields } = this.type(s, type);
    for (const [name, below] of Object.entries(set)) {
      fields[name] ??= { leaf: below === true, type: below === true ? 'ID!' : 'V', key: true };
      if (below !== true) this.value(s);
    }
    return { set, resolvable: !this.r.chance(0.12) };
  }

  value(s) {
    this.type(s, 'V').fields = { x: { leaf: true, type: 'Int' }, y: { leaf: true, type: 'Int' } };
  }

  entity(e) {
    const r = this.r;
    for (const s of this.some(this.names).concat(r.chance(0.6) ? this.names : [])) {
      if (this.system[s][e]) continue;
      const keys = r.chance(0.75) ? [KEYS[0]] : r.shuffled(KEYS).slice(0, 1 + r.below(2));
      this.type(s, e).keys = keys.map((set) => this.key(s, e, set));
    }
    for (let i = 0; i < 3; i++) this.spread(e, `${e.toLowerCase()}${i}`, { leaf: true, type: 'Int' });
  }

  links(e) {
    const r = this.r;
    for (const to of this.entities) {
      const homes = this.homes(e).filter((s) => this.system[s][to]);
      if (!homes.length || r.chance(0.4)) continue;
      const type = r.chance(0.5) ? to : `[${to}!]`;
      for (const s of this.some(homes)) this.system[s][e].fields[`to${to}`] = { type };
    }
  }

  /** Where a subgraph does not resolve a field of its own, it may say that it needs it from elsewhere. */
  external(s, type, name) {
    const fields = this.type(s, type).fields;
    if (fields[name]) return;
    const [home] = this.homes(type).filter((o) => this.system[o][type].fields[name] && !this.system[o][type].fields[name].external);
    fields[name] = { ...this.system[home][type].fields[name], external: true, requires: undefined, provides: undefined };
  }

  leavesElsewhere(s, type) {
    return [...new Set(this.names.filter((o) => o !== s && this.system[o][type]).flatMap((o) =>
      Object.entries(this.system[o][type].fields).filter(([name, f]) => f.leaf && !f.external && !f.key && !f.requires && !this.system[s][type]?.fields[name]).map(([name]) => name)))];
  }

  requires(e) {
    const r = this.r;
    for (const s of this.homes(e)) {
      if (r.chance(0.5)) continue;
      const leaves = this.leavesElsewhere(s, e), set = {};
      for (const name of leaves) if (r.chance(0.5)) set[name] = true;
      for (const to of this.entities) {
        const elsewhere = this.system[s][to] && !this.system[s][e].fields[`to${to}`] && this.names.some((o) => this.system[o][e]?.fields[`to${to}`]);
        const below = elsewhere ? this.leavesElsewhere(s, to) : [];
        if (below.length && r.chance(0.5)) set[`to${to}`] = { [r.pick(below)]: true };
      }
      if (!Object.keys(set).length) continue;
      for (const [name, below] of Object.entries(set)) {
        this.external(s, e, name);
        if (below !== true) this.external(s, name.slice(2), Object.keys(below)[0]);
      }
      this.system[s][e].fields[`r${s}`] = { leaf: true, type: 'Int', requires: set };
    }
  }

  provides(e) {
    const r = this.r;
    for (const s of this.homes(e))
      for (const to of this.entities) {
        const link = this.system[s][e].fields[`to${to}`];
        const leaves = link && !link.external ? this.leavesElsewhere(s, to) : [];
        if (!leaves.length || r.chance(0.6)) continue;
        const name = r.pick(leaves);
        this.external(s, to, name);
        link.provides = { [name]: true };
      }
  }

  roots() {
    const r = this.r;
    for (const e of this.entities)
      for (const s of this.some(this.homes(e)).slice(0, 1 + r.below(2))) {
        this.type(s, 'Query').fields[`get${e}`] = { type: e };
        const leaves = r.chance(0.2) ? this.leavesElsewhere(s, e) : [];
        if (!leaves.length) continue;
        this.external(s, e, leaves[0]);
        this.system[s].Query.fields[`get${e}`].provides = { [leaves[0]]: true };
      }
  }
}

const HEAD = 'extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@requires", "@provides", "@external", "@shareable"])\n';

/** {subgraph: sdl} */
export function printTiny(system) {
  const homes = (type, name) => Object.values(system).filter((types) => types[type]?.fields[name] && !types[type].fields[name].external).length;
  const field = (type, name, f) => `  ${name}: ${f.type}${homes(type, name) > 1 && !f.external && (type === 'V' || !f.key || !f.leaf) ? ' @shareable' : ''}${f.external ? ' @external' : ''}` +
    `${f.requires ? ` @requires(fields: "${printSet(f.requires)}")` : ''}${f.provides ? ` @provides(fields: "${printSet(f.provides)}")` : ''}\n`;
  return Object.fromEntries(Object.entries(system).map(([s, types]) => [s, HEAD + Object.entries(types).map(([name, t]) =>
    `type ${name}${t.keys.map((k) => ` @key(fields: "${printSet(k.set)}"${k.resolvable ? '' : ', resolvable: false'})`).join('')} {\n` +
    Object.entries(t.fields).map(([n, f]) => field(name, n, f)).join('') + '}\n').join('')]));
}

export const namedOf = (type) => type.replace(/\W/g, '');

/** A random selection of the whole system's query root, as a tree; undefined when it would be empty. */
export function randomTree(random, system) {
  const fieldsOf = (type) => {
    const out = {};
    for (const types of Object.values(system)) for (const [name, f] of Object.entries(types[type]?.fields ?? {})) out[name] ??= f;
    return out;
  };
  const tree = (type, depth) => {
    const out = {};
    for (const [name, f] of Object.entries(fieldsOf(type))) {
      if (!random.chance(f.leaf ? 0.45 : depth < 2 ? 0.6 : depth < 3 ? 0.3 : 0)) continue;
      const below = f.leaf ? true : tree(namedOf(f.type), depth + 1);
      if (below) out[name] = below;
    }
    return Object.keys(out).length ? out : undefined;
  };
  return tree('Query', 0);
}
