// Random federated systems with everything that federation knows. Many are refused by composition; the caller takes the next seed.
// What is made is a model, {subgraph: {type: {keys, fields}}}, that is printed at the end.
import { declarations, printSubgraph } from './print-systems.mjs';

const LEAVES = ['Int', 'String', 'Float', 'Boolean'];
const RICH = ['E', 'E!', 'J', 'O', '[Int!]', '[[Int]!]', '[[E!]]!', '[String]!', 'ID', 'J!', '[J!]'];
const ARGUMENTS = ['', '', '', '(a: Int)', '(a: Int = 3, b: [String!])', '(f: Filter)', '(e: E, f: Filter = {a: 1})', '(id: ID!, x: J)', '(l: [[Int!]], f: [Filter!])'];

const bare = (type) => type.replace(/\W/g, '');
const isLeaf = (type) => [...LEAVES, 'ID', 'E', 'J', 'O'].includes(bare(type));

export class Systems {
  /** `directives`: some systems have one that may stand at fields. */
  constructor(random, { directives = false } = {}) {
    this.r = random;
    this.ofDirectives = directives;
  }

  /** {subgraph: sdl} */
  make() {
    const r = this.r;
    this.names = ['a', 'b', 'c', 'd', 'e'].slice(0, 2 + r.below(4));
    this.entities = ['T', 'U', 'V', 'W'].slice(0, 2 + r.below(3));
    this.values = ['P', 'Q'].slice(0, r.below(3));
    this.subgraphs = new Map(this.names.map((s) => [s, { types: new Map(), query: [], mutation: [], keyedInterface: false, interfaceObject: false }]));
    this.interface = r.chance(0.55);
    this.union = r.chance(0.5);
    this.boxed = r.chance(0.2); // keys inside of a value type
    for (const v of this.values) this.value(v);
    for (const e of this.entities) this.entity(e);
    this.members = this.entities.filter(() => r.chance(0.7));
    this.unionMembers = [...this.members, ...this.values.filter(() => r.chance(0.5))];
    if (this.members.length < 2) this.interface = false;
    if (this.unionMembers.length < 2) this.union = false;
    this.valueInterface = this.values.length > 1 && r.chance(0.5);
    for (const e of this.entities) this.references(e);
    for (const v of this.values) if (r.chance(0.5)) this.valueReference(v);
    this.directives();
    this.queries();
    this.mutations();
    if (this.interface && r.chance(0.6)) this.interfaceObject();
    if (r.chance(0.35)) this.contexts();
    this.finish();
    this.marks = this.ofDirectives && r.chance(0.2);
    return Object.fromEntries([...this.subgraphs].map(([s, model]) => [s, printSubgraph(this, s, model)]));
  }

  some(list, p) {
    const out = list.filter(() => this.r.chance(p));
    return out.length ? out : [this.r.pick(list)];
  }

  type(s, name) {
    return this.subgraphs.get(s).types.get(name);
  }

  homes(name) {
    return [...this.subgraphs.keys()].filter((s) => this.type(s, name));
  }

  fieldAt(s, type, name) {
    return this.type(s, type)?.fields.find((f) => f.name === name);
  }

  put(s, type, field) {
    if (!this.fieldAt(s, type, field.name)) this.type(s, type).fields.push(field);
  }

  /** Puts a field into one of the homes, or shares it among some. */
  spread(type, homes, field) {
    const at = this.r.chance(0.3) ? this.some(homes, 0.5) : [this.r.pick(homes)];
    for (const s of at) this.put(s, type, { ...field, shared: at.length > 1 });
    if (at.length > 1 && !field.type.includes('!') && this.r.chance(0.2)) this.fieldAt(this.r.pick(at), type, field.name).type += '!';
  }

  leafType() {
    return this.r.chance(0.35) ? this.r.pick(RICH) : this.r.pick(LEAVES) + (this.r.chance(0.2) ? '!' : '');
  }

  /* ---- types and fields ---- */

  entity(e) {
    const r = this.r;
    const homes = this.some(this.names, 0.65);
    const second = r.chance(0.4), nested = r.chance(0.25) && e !== 'T', boxed = this.boxed && r.chance(0.6);
    for (const s of homes) {
      const keys = [];
      if (!second || r.chance(0.7)) keys.push('id');
      if (second && (r.chance(0.6) || !keys.length)) keys.push(r.pick(['sku', 'sku', 'sku tag']));
      if (nested && r.chance(0.4) && this.type(s, 'T')) keys.push(r.pick(['owner { id }', 'id owner { id }']));
      if (boxed && r.chance(0.6)) keys.push(r.pick(['box { code }', 'box { code part { nr } }']));
      const words = new Set(keys.join(' ').split(/[^\w]+/).filter(Boolean));
      const fields = [];
      const add = (name, type, p) => (words.has(name) || r.chance(p)) && fields.push({ name, type, shared: true });
      add('id', 'ID!', 0.2);
      for (const w of ['sku', 'tag']) add(w, 'String!', second ? 0.1 : 0);
      add('owner', 'T!', 0);
      add('box', 'Box!', 0);
      this.subgraphs.get(s).types.set(e, { keys, off: keys.length && r.chance(0.08) ? r.below(keys.length) : -1, fields });
    }
    for (const [name, type] of [['name', 'String'], ['age', 'Int'], ['mate', '[T]']]) {
      const able = name === 'mate' ? homes.filter((s) => this.type(s, 'T')) : homes;
      if (able.length) this.spread(e, able, { name, type });
    }
    for (let i = 1; i <= 3 + r.below(3); i++)
      this.spread(e, homes, { name: `${e.toLowerCase()}${i}`, type: this.leafType(), args: r.pick(ARGUMENTS) });
    if (r.chance(0.15)) this.spread(e, homes, { name: 'same', type: r.pick(['String', 'String!', 'Int', '[Int]']) });
    if (e === 'T' && r.chance(0.5)) this.spread('T', homes, { name: 'price', args: r.pick(['(c: String)', '(c: String, f: Filter)']), type: 'Int' });
  }

  value(v) {
    const homes = this.some(this.names, 0.6);
    for (const s of homes) this.subgraphs.get(s).types.set(v, { keys: [], off: -1, fields: [] });
    const partly = this.r.chance(0.25);
    for (let i = 1; i <= 3; i++) {
      const type = this.r.chance(0.3) ? this.r.pick(RICH) : LEAVES[i % 4];
      for (const s of partly ? this.some(homes, 0.7) : homes) this.put(s, v, { name: i === 3 ? 'p3' : `${v.toLowerCase()}${i}`, type: i === 3 ? 'String' : type, shared: true });
    }
    for (const s of homes) if (!this.type(s, v).fields.length) this.subgraphs.get(s).types.delete(v);
  }

  wrap(type) {
    return this.r.pick([type, type, type, `${type}!`, `[${type}!]!`, `[${type}]`, `[[${type}!]]`]);
  }

  targets() {
    return [...this.entities, ...this.values, ...(this.interface ? ['I', 'I'] : []), ...(this.union ? ['A', 'A'] : []), ...(this.valueInterface ? ['K'] : [])];
  }

  knows(s, target) {
    if (target === 'I') return this.members.some((m) => this.type(s, m));
    if (target === 'A') return this.unionMembers.some((m) => this.type(s, m));
    if (target === 'K') return this.values.some((m) => this.type(s, m));
    return !!this.type(s, target);
  }

  references(e) {
    for (let i = 1; i <= 1 + this.r.below(3); i++) {
      const target = this.r.pick(this.targets());
      const able = this.homes(e).filter((s) => this.knows(s, target));
      if (!able.length) continue;
      const name = `${e.toLowerCase()}To${target}${i}`;
      this.spread(e, able, { name, type: this.wrap(target), args: this.r.chance(0.15) ? '(a: Int)' : '' });
      this.narrow(e, name, target);
    }
    if (this.r.chance(0.04)) this.spread(e, this.homes(e), { name: `${e.toLowerCase()}Root`, type: 'Query' });
  }

  /** A shared field of an abstract type that one subgraph declares with a member of it. */
  narrow(e, name, target) {
    const homes = this.homes(e).filter((s) => this.fieldAt(s, e, name));
    const members = target === 'I' ? this.members : target === 'A' ? this.unionMembers : [];
    if (homes.length < 2 || !members.length || !this.r.chance(0.25)) return;
    const s = this.r.pick(homes), member = this.r.pick(members);
    if (this.type(s, member)) this.fieldAt(s, e, name).type = this.fieldAt(s, e, name).type.replace(target, member);
  }

  valueReference(v) {
    const target = this.r.pick(this.entities);
    for (const s of this.homes(v)) if (this.type(s, target)) this.put(s, v, { name: `${v.toLowerCase()}Entity`, type: target, shared: true });
  }

  /* ---- directives ---- */

  directives() {
    const r = this.r;
    for (const e of this.entities) {
      for (let i = r.below(3); i > 0; i--) this.requires(e);
      if (r.chance(0.5)) this.requiresNested(e);
      if (r.chance(0.5)) this.provides(e);
      if (r.chance(0.3)) this.providesThrough(e);
    }
    if (r.chance(0.5) && this.homes('T').length) this.requiresArguments();
    for (let i = r.below(3); i > 0; i--) this.override();
    this.inaccessible = new Set();
  }

  /** Leaf fields of `e` that `s` does not have. */
  foreign(e, s) {
    const mine = new Set(this.type(s, e).fields.map((f) => f.name));
    return this.homes(e).flatMap((o) => this.type(o, e).fields.filter((f) => !mine.has(f.name) && !f.external && !f.args && isLeaf(f.type)));
  }

  requires(e) {
    const r = this.r, s = r.pick(this.homes(e)), type = this.type(s, e), picked = [];
    if (!type.keys.length) return;
    for (let i = 1 + r.below(2); i > 0; i--) {
      const f = this.foreign(e, s);
      if (!f.length) continue;
      const one = r.pick(f);
      this.put(s, e, { name: one.name, type: one.type, external: true });
      picked.push(one.name);
    }
    if (picked.length) this.put(s, e, { name: `${e.toLowerCase()}Req${s}${type.fields.length}`, type: 'Int', requires: picked.join(' '), args: r.chance(0.2) ? '(a: Int)' : '' });
  }

  /** What can be selected below `target` for @requires: [text, [[type, field]…] that have to be known]. */
  below(target, deep) {
    const r = this.r;
    const members = target === 'I' ? this.members : target === 'A' ? this.unionMembers : target === 'K' ? this.values : null;
    if (members) {
      const m = r.pick(members), under = this.below(m, deep);
      if (!under) return undefined;
      const common = target === 'I' && r.chance(0.4);
      return common ? ['id', this.members.map((t) => [t, { name: 'id', type: 'ID!' }])] : [`... on ${m} { ${under[0]} }`, under[1]];
    }
    const fields = this.homes(target).flatMap((o) => this.type(o, target).fields.filter((f) => !f.external && !f.requires && !f.args));
    const leaf = fields.filter((f) => isLeaf(f.type)), objects = fields.filter((f) => !isLeaf(f.type) && deep > 0 && bare(f.type) !== 'Query');
    if (objects.length && r.chance(0.35)) {
      const o = r.pick(objects), under = this.below(bare(o.type), deep - 1);
      if (under) return [`${o.name} { ${under[0]} }`, [[target, o], ...under[1]]];
    }
    if (!leaf.length) return undefined;
    const one = r.pick(leaf);
    return [one.name, [[target, one]]];
  }

  /** @requires of something inside of an object that another subgraph has. */
  requiresNested(e) {
    const r = this.r, s = r.pick(this.homes(e)), type = this.type(s, e);
    const mine = new Set(type.fields.map((f) => f.name));
    if (!type.keys.length) return;
    const objects = this.homes(e).flatMap((o) => this.type(o, e).fields.filter((f) => !mine.has(f.name) && !f.external && !f.args && !isLeaf(f.type) && !['Query', 'Box'].includes(bare(f.type))));
    if (!objects.length) return;
    const object = r.pick(objects), under = this.below(bare(object.type), 2);
    if (!under) return;
    const abstract = ['I', 'A', 'K'].includes(bare(object.type));
    for (const [t, f] of under[1]) {
      if (!this.type(s, t)) this.subgraphs.get(s).types.set(t, { keys: [], off: -1, fields: [] });
      this.put(s, t, { name: f.name, type: f.type, external: true });
      if (!this.knows(s, bare(f.type)) && !isLeaf(f.type)) return;
    }
    if (abstract && !this.knows(s, bare(object.type))) return;
    this.put(s, e, { name: object.name, type: object.type, external: true });
    this.put(s, e, { name: `${e.toLowerCase()}Deep${s}${type.fields.length}`, type: 'Int', requires: `${object.name} { ${abstract ? '__typename ' : ''}${under[0]} }` });
  }

  requiresArguments() {
    const r = this.r, s = r.pick(this.homes('T')), type = this.type(s, 'T');
    const price = this.homes('T').map((o) => this.fieldAt(o, 'T', 'price')).find(Boolean);
    if (!type.keys.length || !price || this.fieldAt(s, 'T', 'price')) return;
    this.put(s, 'T', { name: 'price', args: price.args, type: 'Int', external: true });
    for (const c of r.chance(0.5) ? ['X'] : ['X', 'Y'])
      this.put(s, 'T', { name: `tPrice${c}`, type: 'Int', requires: `price(c: \\"${c}\\"${price.args.includes('Filter') && r.chance(0.5) ? ', f: {a: 7, b: [\\"z\\"]}' : ''})` });
  }

  override() {
    const r = this.r, e = r.pick(this.entities), [from, to] = [r.pick(this.homes(e)), r.pick(this.homes(e))];
    const able = this.type(from, e).fields.filter((f) => isLeaf(f.type) && !f.external && !f.requires && !f.shared && !f.override && !this.type(from, e).keys.join(' ').includes(f.name));
    if (from === to || !able.length) return;
    const one = r.pick(able);
    this.put(to, e, { name: one.name, type: one.type, args: one.args, override: from, label: r.chance(0.5) ? `percent(${r.pick([0, 5, 50, 100])})` : '' });
  }

  share(e, name) {
    for (const o of this.homes(e)) for (const f of this.type(o, e).fields) if (f.name === name && !f.external) f.shared = true;
  }

  provides(e) {
    const r = this.r, s = r.pick(this.homes(e)), foreign = this.foreign(e, s).filter((f) => !f.requires);
    if (!foreign.length) return;
    const one = r.pick(foreign);
    this.share(e, one.name);
    this.put(s, e, { name: one.name, type: one.type, external: true });
    const reference = this.entities.filter((o) => this.type(s, o) && !this.fieldAt(s, o, `given${e}`));
    if (reference.length && r.chance(0.4)) this.put(s, r.pick(reference), { name: `given${e}${s}`, type: this.wrap(e), provides: one.name });
    else this.subgraphs.get(s).query.push({ name: `given${e}${s}`, type: this.wrap(e), provides: one.name });
  }

  /** @provides behind an interface, a union or another object. */
  providesThrough(e) {
    const r = this.r, s = r.pick(this.homes(e)), foreign = this.foreign(e, s).filter((f) => !f.requires);
    if (!foreign.length) return;
    const one = r.pick(foreign), ways = [];
    if (this.interface && this.members.includes(e)) ways.push(['I', `... on ${e} { ${one.name} }`]);
    if (this.union && this.unionMembers.includes(e)) ways.push(['A', `... on ${e} { ${one.name} }`]);
    for (const o of this.entities)
      for (const f of this.type(s, o)?.fields ?? []) if (bare(f.type) === e && !f.external && !f.args && !f.requires) ways.push([o, `${f.name} { ${one.name} }`]);
    if (!ways.length) return;
    this.share(e, one.name);
    this.put(s, e, { name: one.name, type: one.type, external: true });
    const [target, fields] = r.pick(ways);
    this.subgraphs.get(s).query.push({ name: `through${target}${e}${s}`, type: this.wrap(target), provides: fields });
  }

  /* ---- roots, interface objects ---- */

  queries() {
    const r = this.r;
    for (const e of new Set(this.targets())) {
      const able = this.names.filter((s) => this.knows(s, e));
      if (!able.length || this.subgraphs.get(able[0]).query.some((f) => f.name === `get${e}`)) continue;
      const at = r.chance(0.3) ? this.some(able, 0.5) : [r.pick(able)];
      const type = this.wrap(e), args = r.chance(0.3) ? r.pick(ARGUMENTS) : '';
      for (const s of at) if (!this.subgraphs.get(s).query.some((f) => f.name === `get${e}`)) this.subgraphs.get(s).query.push({ name: `get${e}`, type, args, shared: at.length > 1 });
    }
  }

  mutations() {
    for (const [s, model] of this.subgraphs) {
      if (!this.r.chance(0.5)) continue;
      for (const e of this.entities)
        if (this.type(s, e)?.fields.length && this.r.chance(0.5)) model.mutation.push({ name: `do${e}${s}`, args: this.r.pick(['(n: Int)', '(n: Int = 2, f: Filter)']), type: this.r.pick([e, `[${e}]`]) });
    }
  }

  /** A subgraph that knows the interface only as an @interfaceObject. */
  interfaceObject() {
    const r = this.r, whole = this.names.filter((s) => this.members.every((m) => this.type(s, m)?.keys.includes('id')));
    if (!whole.length) return;
    for (const s of whole) this.subgraphs.get(s).keyedInterface = true;
    const fields = [{ name: 'id', type: 'ID!' }, { name: 'zNumber', type: 'Int', args: r.pick(['', '(a: Int)']) }, { name: 'zText', type: r.pick(['String!', 'E', 'J']) }];
    if (r.chance(0.5)) fields.push({ name: 'zMate', type: r.pick(['I', '[I]']) });
    if (r.chance(0.5)) fields.push({ name: 'name', type: 'String', external: true }, { name: 'zOfName', type: 'Int', requires: 'name' });
    const query = [{ name: 'zOne', type: 'I' }, ...(r.chance(0.5) ? [{ name: 'zAll', type: '[I!]!' }] : [])];
    this.subgraphs.set('z', { types: new Map([['I', { keys: ['id'], off: -1, fields }]]), query, mutation: [], interfaceObject: true });
    this.zNames = r.chance(0.4);
  }

  /* ---- contexts ---- */

  /** Leaves of `e` that `s` resolves itself, or says that another does. */
  settable(s, e) {
    return this.type(s, e).fields.filter((f) => ['Int', 'String', 'Float', 'ID!', 'E'].includes(f.type) && !f.args && !f.override);
  }

  /** One entity, two of a kind, or an interface sets the context; `C` is reached only below it, in the same subgraph. */
  contexts() {
    const r = this.r, able = this.names.filter((s) => this.entities.some((e) => this.type(s, e)?.keys.length && this.settable(s, e).length));
    if (!able.length) return;
    const s = r.pick(able);
    const setters = r.shuffled(this.entities.filter((e) => this.type(s, e)?.keys.length && this.settable(s, e).length)).slice(0, r.chance(0.4) ? 2 : 1);
    const chosen = this.contextSelection(s, setters);
    if (!chosen) return;
    const { selection, type, again } = chosen;
    for (const e of setters) {
      this.type(s, e).context = 'ctx';
      this.put(s, e, { name: 'child', type: r.pick(['C', 'C', '[C]', '[C!]!', '[[C]]', 'C!']) });
    }
    this.contextual(s, { setters, again, argument: `from: ${type} @fromContext(field: "$ctx ${selection}")` });
  }

  /** What the argument selects of each of `setters`: fields of one type. */
  contextSelection(s, setters) {
    const r = this.r, own = setters.map((e) => r.pick(this.settable(s, e)));
    const [{ type }] = own, nested = setters.length === 1 && r.chance(0.3) && this.nestedLeaf(s, setters[0]);
    if (nested) return { selection: `{ ${nested.text} }`, type: nested.type };
    if (own.some((f) => f.type !== type)) return undefined;
    const again = type === 'Int' && r.chance(0.4);
    const inner = again ? ' ... on C { plain }' : '';
    const selection = own.length === 1 && !again ? `{ ${own[0].name} }` : own.map((f, i) => `... on ${setters[i]} { ${f.name} }`).join(' ') + inner;
    return { selection, type: type.replace('!', ''), again };
  }

  /** A leaf of an object, or of the objects of a list, that is a field of `e`. */
  nestedLeaf(s, e) {
    const objects = this.type(s, e).fields.filter((f) => !f.args && !f.external && this.type(s, bare(f.type)) && /^\w+!?$|^\[\w+!?\]$/.test(f.type));
    if (!objects.length) return undefined;
    const object = this.r.pick(objects), target = bare(object.type);
    const leaves = this.type(s, target).fields.filter((f) => ['Int', 'String', 'Float'].includes(f.type) && !f.args && !f.external && !f.override);
    if (!leaves.length) return undefined;
    const leaf = this.r.pick(leaves);
    return { text: `${object.name} { ${leaf.name} }`, type: object.type.startsWith('[') ? `[${leaf.type}]` : leaf.type };
  }

  contextual(s, { setters, again, argument }) {
    const r = this.r, others = this.names.filter((o) => o !== s), other = others.length ? r.pick(others) : undefined;
    const id = () => ({ name: 'id', type: 'ID!' });
    const field = (name) => ({ name, args: `(${argument}${r.chance(0.3) ? ', n: Int' : ''})`, type: r.pick(['Int', 'String', 'D', '[D]', 'J', ...(again === undefined ? [] : ['Int!'])]) });
    const fields = [id(), { name: 'plain', type: 'Int' }, { name: 'kids', type: '[C]' }, field('given'), field('taken')];
    if (r.chance(0.4)) fields.push({ name: 'above', type: r.pick(setters) });
    if (other && r.chance(0.5)) fields.push({ name: 'weight', type: 'Int', external: true }, { ...field('weighed'), type: 'Int', requires: 'weight' });
    this.subgraphs.get(s).types.set('C', { keys: ['id'], off: -1, context: again ? 'ctx' : undefined, fields });
    this.subgraphs.get(s).types.set('D', { keys: ['id'], off: -1, fields: [id(), { name: 'd', type: 'String' }, ...(r.chance(0.4) ? [{ name: 'back', type: r.pick(setters) }] : [])] });
    if (!other) return;
    const more = [id(), { name: 'weight', type: 'Int' }, { name: 'elsewhere', type: r.pick(['String', 'Float!', 'E']) }];
    this.subgraphs.get(other).types.set('C', { keys: ['id'], off: -1, fields: more });
    if (r.chance(0.4)) this.subgraphs.get(r.pick(others)).types.set('D', { keys: ['id'], off: -1, fields: [id(), { name: 'dElsewhere', type: 'Int' }] });
    this.contextAt = s;
  }

  /* ---- the last touches ---- */

  finish() {
    const r = this.r;
    const used = new Set(['id', 'name', 'age', 'mate', 'p3', 'same']);
    for (const { types, query } of this.subgraphs.values())
      for (const { keys, fields } of types.values())
        for (const words of [...keys, ...[...fields, ...query].map((f) => `${f.requires ?? ''} ${f.provides ?? ''}`)]) words.split(/\W+/).forEach((w) => used.add(w));
    for (const { types } of this.subgraphs.values())
      for (const t of types.values()) {
        // Composition accepts @requires on a type that the subgraph cannot be entered by; nobody can run that.
        if (t.fields.some((f) => f.requires)) t.off = -1;
        for (const f of t.fields) if (isLeaf(f.type) && !f.external && !used.has(f.name) && r.chance(0.03)) f.inaccessible = true;
        for (const f of t.fields) if (f.name === 'sku' && r.chance(0.1)) f.inaccessible = true;
        for (const f of t.fields) if (!f.external && r.chance(0.03)) f.tag = true;
      }
    this.fed1 = new Set(r.chance(0.2) ? this.names.filter((s) => r.chance(0.5) && s !== this.contextAt) : []);
    this.renamed = new Set(r.chance(0.2) ? this.names.filter(() => r.chance(0.5)) : []);
    this.partialUnion = r.chance(0.3);
    this.superInterface = r.chance(0.3);
    this.declarations = declarations(r);
  }
}
