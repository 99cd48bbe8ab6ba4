// Random federated systems and operations. Many systems are refused by composition; the caller takes the next seed.
import { getNamedType, isAbstractType, isLeafType, isObjectType } from 'graphql';

const LONG = 1500;
const LEAVES = ['Int', 'String', 'Float', 'Boolean'];
const MARK = '\ndirective @mark(n: Int = 0) on FIELD\n';

export class Systems {
  /** `directives`: some systems have one that may stand at fields. */
  constructor(random, { directives = false } = {}) {
    this.r = random;
    this.directives = directives;
  }

  /** {subgraph: sdl} */
  make() {
    const r = this.r;
    this.subgraphs = ['a', 'b', 'c', 'd', 'e'].slice(0, 2 + r.below(4));
    this.entities = ['T', 'U', 'V', 'W'].slice(0, 2 + r.below(3));
    this.values = ['P', 'Q'].slice(0, r.below(3));
    this.interface = r.chance(0.5);
    this.union = r.chance(0.4);
    this.types = new Map(this.subgraphs.map((s) => [s, new Map()]));
    this.roots = new Map(this.subgraphs.map((s) => [s, []]));
    this.objects = new Set();
    for (const e of this.entities) this.entity(e);
    for (const v of this.values) this.value(v);
    this.members = this.entities.filter(() => r.chance(0.7));
    if (this.members.length < 2) this.interface = this.union = false;
    for (const e of this.entities) this.references(e);
    if (r.chance(0.4)) this.spread('T', this.homes('T'), { name: 'price', args: '(c: String)', type: 'Int' });
    for (const e of this.entities) for (let i = r.below(3); i > 0; i--) this.requires(e);
    for (const e of this.entities) if (r.chance(0.5)) this.requiresNested(e);
    if (r.chance(0.5)) this.requiresArguments();
    for (let i = r.chance(0.4) ? 1 + r.below(3) : 0; i > 0; i--) this.override();
    for (const e of this.entities) if (r.chance(0.5)) this.provides(e);
    this.queries();
    if (r.chance(0.25)) this.reentry();
    if (r.chance(0.25)) this.context();
    const z = this.interfaceObject();
    const definitions = this.directives && r.chance(0.2) ? MARK : '';
    return Object.fromEntries([...this.subgraphs.map((s) => [s, this.print(s) + this.mutations(s)]), ...(z ? [['z', z]] : [])].map(([s, sdl]) => [s, sdl + definitions]));
  }

  some(list, p) {
    const out = list.filter(() => this.r.chance(p));
    return out.length ? out : [this.r.pick(list)];
  }

  put(s, type, field) {
    const fields = this.types.get(s).get(type).fields;
    if (!fields.some((f) => f.name === field.name)) fields.push(field);
  }

  entity(e) {
    const r = this.r;
    const homes = this.some(this.subgraphs, 0.65);
    const second = r.chance(0.4), nested = r.chance(0.2) && e !== 'T';
    for (const s of homes) {
      const keys = [];
      const fields = [];
      if (!second || r.chance(0.7)) keys.push('id');
      if (second && (r.chance(0.6) || !keys.length)) keys.push(r.chance(0.3) ? 'sku tag' : 'sku');
      if (nested && r.chance(0.4) && this.types.get(s).has('T')) keys.push('owner { id }');
      const words = new Set(keys.join(' ').split(/[^\w]+/).filter(Boolean));
      if (words.has('id') || r.chance(0.2)) fields.push({ name: 'id', type: 'ID!', shared: true });
      for (const w of ['sku', 'tag']) if (words.has(w) || (second && r.chance(0.1))) fields.push({ name: w, type: 'String!', shared: true });
      if (words.has('owner')) fields.push({ name: 'owner', type: 'T!', shared: true });
      const off = keys.length && r.chance(0.08) ? r.below(keys.length) : -1;
      this.types.get(s).set(e, { keys, off, fields });
    }
    for (const [name, type] of [['name', 'String'], ['age', 'Int'], ['mate', '[T]']])
      if (name !== 'mate' || this.types.get(homes[0]).has('T')) this.spread(e, name === 'mate' ? homes.filter((s) => this.types.get(s).has('T')) : homes, { name, type });
    for (let i = 1; i <= 3 + r.below(3); i++) this.spread(e, homes, { name: `${e.toLowerCase()}${i}`, type: r.pick(LEAVES) + (r.chance(0.2) ? '!' : '') });
  }

  spread(type, homes, field) {
    const at = this.r.chance(0.3) ? this.some(homes, 0.5) : [this.r.pick(homes)];
    for (const s of at) this.put(s, type, { ...field, shared: at.length > 1 });
  }

  value(v) {
    const homes = this.some(this.subgraphs, 0.6);
    for (const s of homes) this.types.get(s).set(v, { keys: [], off: -1, fields: [] });
    for (let i = 1; i <= 3; i++)
      for (const s of this.some(homes, 0.7)) this.put(s, v, { name: `${v.toLowerCase()}${i}`, type: LEAVES[i % 4], shared: true });
    for (const s of homes) if (!this.types.get(s).get(v).fields.length) this.types.get(s).delete(v);
  }

  wrap(type) {
    return this.r.pick([type, type, `${type}!`, `[${type}!]!`, `[${type}]`]);
  }

  references(e) {
    const r = this.r;
    const homes = this.homes(e);
    const targets = [...this.entities, ...this.values, ...(this.interface ? ['I', 'I'] : []), ...(this.union ? ['A'] : [])];
    for (let i = 1; i <= 1 + r.below(3); i++) {
      const target = r.pick(targets);
      const able = homes.filter((s) => this.knows(s, target));
      if (able.length) this.spread(e, able, { name: `${e.toLowerCase()}To${target}${i}`, type: this.wrap(target) });
    }
  }

  homes(e) {
    return this.subgraphs.filter((s) => this.types.get(s).has(e));
  }

  knows(s, target) {
    if (target === 'I' || target === 'A') return this.members.filter((m) => this.types.get(s).has(m)).length > 0;
    return this.types.get(s).has(target);
  }

  /** Leaf fields of `e` that `s` does not have. */
  foreign(e, s) {
    const mine = new Set(this.types.get(s).get(e).fields.map((f) => f.name));
    return this.homes(e).flatMap((o) => this.types.get(o).get(e).fields.filter((f) => !mine.has(f.name) && !f.external && !f.requires && !f.args && LEAVES.includes(f.type.replace('!', ''))));
  }

  requires(e) {
    const r = this.r;
    const s = r.pick(this.homes(e));
    const type = this.types.get(s).get(e);
    if (!type.keys.some((_, i) => i !== type.off)) return; // nobody could send what is required
    const picked = [];
    for (let i = 1 + r.below(2); i > 0; i--) {
      const f = this.foreign(e, s);
      if (f.length) {
        const one = r.pick(f);
        this.put(s, e, { name: one.name, type: one.type, external: true });
        picked.push(one.name);
      }
    }
    if (picked.length) this.put(s, e, { name: `${e.toLowerCase()}Req${s}${type.fields.length}`, type: 'Int', requires: picked.join(' ') });
  }

  /** @requires on a leaf inside of an object that another subgraph has. */
  requiresNested(e) {
    const r = this.r;
    const s = r.pick(this.homes(e));
    const type = this.types.get(s).get(e);
    const mine = new Set(type.fields.map((f) => f.name));
    if (!type.keys.some((_, i) => i !== type.off)) return; // nobody could send what is required
    const objects = this.homes(e).flatMap((o) => this.types.get(o).get(e).fields.filter((f) => !mine.has(f.name) && !f.external && [...this.entities, ...this.values].includes(f.type.replace(/\W/g, ''))));
    if (!objects.length) return;
    const object = r.pick(objects);
    const target = object.type.replace(/\W/g, '');
    const able = this.homes(target).flatMap((o) => this.types.get(o).get(target).fields.filter((f) => !f.external && !f.requires && LEAVES.includes(f.type.replace('!', ''))));
    if (!able.length) return;
    const leaf = r.pick(able);
    if (!this.types.get(s).has(target)) this.types.get(s).set(target, { keys: [], off: -1, fields: [] });
    if (!this.types.get(s).get(target).fields.some((f) => f.name === leaf.name)) this.put(s, target, { name: leaf.name, type: leaf.type, external: true });
    this.put(s, e, { name: object.name, type: object.type, external: true });
    this.put(s, e, { name: `${e.toLowerCase()}Deep${s}${type.fields.length}`, type: 'Int', requires: `${object.name} { ${leaf.name} }` });
  }

  requiresArguments() {
    const r = this.r;
    const s = r.pick(this.homes('T'));
    const type = this.types.get(s).get('T');
    if (!type.keys.length || type.fields.some((f) => f.name === 'price')) return;
    if (!this.homes('T').some((o) => this.types.get(o).get('T').fields.some((f) => f.name === 'price'))) return;
    this.put(s, 'T', { name: 'price', args: '(c: String)', type: 'Int', external: true });
    for (const c of r.chance(0.5) ? ['X'] : ['X', 'Y'])
      this.put(s, 'T', { name: `tPrice${c}`, type: 'Int', requires: `price(c: \\"${c}\\")` });
  }

  override() {
    const r = this.r;
    const e = r.pick(this.entities);
    const [from, to] = [r.pick(this.homes(e)), r.pick(this.homes(e))];
    const able = this.types.get(from).get(e).fields.filter((f) => LEAVES.includes(f.type) && !f.external && !f.requires && !f.shared && !f.args);
    if (from === to || !able.length) return;
    const one = r.pick(able);
    if (!this.types.get(to).get(e).fields.some((f) => f.name === one.name)) this.put(to, e, { name: one.name, type: one.type, override: `"${from}"${/\d$/.test(one.name) && r.chance(0.6) ? `, label: "${r.pick(['percent(50)', 'percent(12.5)', 'new', 'x/y'])}"` : ''}` });
  }

  provides(e) {
    const r = this.r;
    const s = r.pick(this.homes(e));
    const foreign = this.foreign(e, s);
    if (!foreign.length) return;
    const one = r.pick(foreign);
    for (const o of this.homes(e)) for (const f of this.types.get(o).get(e).fields) if (f.name === one.name && !f.external) f.shared = true;
    this.put(s, e, { name: one.name, type: one.type, external: true });
    this.roots.get(s).push({ name: `given${e}${s}`, type: this.wrap(e), provides: one.name });
  }

  queries() {
    const r = this.r;
    for (const e of [...this.entities, ...(this.interface ? ['I'] : []), ...(this.union ? ['A'] : [])]) {
      const able = this.subgraphs.filter((s) => this.knows(s, e));
      if (!able.length) continue;
      const at = r.chance(0.3) ? this.some(able, 0.5) : [r.pick(able)];
      const type = this.wrap(e);
      for (const s of at) this.roots.get(s).push({ name: `get${e}`, type, shared: at.length > 1 });
    }
  }

  /** A child that is reached only through objects that set its context; now and then it sets the same context for those below it. */
  context() {
    const r = this.r;
    const able = this.entities.flatMap((e) => this.homes(e).filter((s) => this.types.get(s).get(e).keys.length).map((s) => [s, e]));
    if (!able.length) return;
    const [s, e] = r.pick(able);
    const leaves = this.homes(e).flatMap((o) => this.types.get(o).get(e).fields).filter((f) => ['Int', 'String'].includes(f.type) && !f.external && !f.args && !f.requires && !f.override);
    const mine = leaves.filter((f) => this.types.get(s).get(e).fields.some((g) => g.name === f.name && !g.external));
    if (!mine.length) return;
    const leaf = r.pick(mine), again = leaf.type === 'Int' && r.chance(0.5);
    this.types.get(s).get(e).context = 'ctx';
    this.put(s, e, { name: 'child', type: this.wrap('C') });
    const selection = again ? `... on ${e} { ${leaf.name} } ... on C { plain }` : `{ ${leaf.name} }`;
    const contextual = (name) => ({ name, args: `(from: ${leaf.type} @fromContext(field: "$ctx ${selection}"))`, type: r.pick(['Int', 'String!', 'D']) });
    this.types.get(s).set('D', { keys: ['id'], off: -1, fields: [{ name: 'id', type: 'ID!', shared: true }, { name: 'd', type: 'String' }] });
    this.types.get(s).set('C', { keys: ['id'], off: -1, context: again ? 'ctx' : undefined,
      fields: [{ name: 'id', type: 'ID!', shared: true }, { name: 'plain', type: 'Int' }, { name: 'kids', type: '[C]' }, { name: 'back', type: 'D' }, contextual('given'), contextual('taken')] });
    const other = r.pick(this.subgraphs.filter((o) => o !== s));
    this.types.get(other).set('C', { keys: ['id'], off: -1, fields: [{ name: 'id', type: 'ID!', shared: true }, { name: 'elsewhere', type: 'Int' }] });
  }

  /** A field that returns the query root, whose fields other subgraphs resolve. */
  reentry() {
    const able = this.entities.flatMap((e) => this.homes(e).filter((s) => this.roots.get(s).length).map((s) => [s, e]));
    if (!able.length) return;
    const [s, e] = this.r.pick(able);
    this.put(s, e, { name: `${e.toLowerCase()}Root`, type: this.r.pick(['Query', 'Query!', '[Query!]']) });
  }

  /** A subgraph that knows the interface only as an @interfaceObject. */
  interfaceObject() {
    const whole = this.subgraphs.filter((s) => this.members.every((m) => this.types.get(s).get(m)?.keys.includes('id')));
    if (!this.interface || !whole.length || this.r.chance(0.4)) return undefined;
    this.interfaceKeys = new Set(whole);
    return 'type I @key(fields: "id") @interfaceObject {\n  id: ID!\n  zNumber: Int\n  zText: String!\n' +
      `${this.r.chance(0.5) ? '  zMate: I\n' : ''}}\n` + `type Query {\n  zOne: I\n${this.r.chance(0.5) ? '  zAll: [I!]!\n' : ''}}\n`;
  }

  mutations(s) {
    if (!this.r.chance(0.6)) return '';
    const able = this.entities.filter((e) => this.types.get(s).get(e)?.fields.length);
    const fields = able.filter(() => this.r.chance(0.6)).map((e) => `  do${e}${s}(n: Int): ${e}\n`);
    const events = able.filter(() => this.r.chance(0.4)).map((e) => `  on${e}${s}(n: Int): ${e}\n`);
    return (fields.length ? `type Mutation {\n${fields.join('')}}\n` : '') + (events.length ? `type Subscription {\n${events.join('')}}\n` : '');
  }

  field(f) {
    return `  ${f.name}${f.args ?? ''}: ${f.type}${f.override ? ` @override(from: ${f.override})` : ''}${f.shared ? ' @shareable' : ''}${f.external ? ' @external' : ''}` +
      `${f.requires ? ` @requires(fields: "${f.requires}")` : ''}${f.provides ? ` @provides(fields: "${f.provides}")` : ''}\n`;
  }

  print(s) {
    let out = '';
    const here = this.members?.filter((m) => this.types.get(s).has(m)) ?? [];
    const everywhere = (f) => (this.members ?? []).every((m) => this.homes(m).some((o) => this.types.get(o).get(m).fields.some((g) => g.name === f.name && g.type === f.type && !g.external)));
    const common = here.length ? this.types.get(s).get(here[0]).fields.filter((f) => here.every((m) => this.types.get(s).get(m).fields.some((g) => g.name === f.name && g.type === f.type && !g.external)) && everywhere(f)) : [];
    const iface = this.interface && here.length && common.length;
    const drop = (f) => !iface && f.type.replace(/\W/g, '') === 'I';
    for (const [name, t] of this.types.get(s)) {
      t.fields = t.fields.filter((f) => !drop(f));
      if (!t.fields.length) continue;
      const keys = t.keys.map((k, i) => ` @key(fields: "${k}"${i === t.off ? ', resolvable: false' : ''})`).join('');
      const inKeys = new Set(t.keys.join(' ').split(/[^\w]+/));
      out += `type ${name}${iface && here.includes(name) ? ' implements I' : ''}${keys}${t.context ? ` @context(name: "${t.context}")` : ''} {\n` +
        t.fields.map((f) => this.field(inKeys.has(f.name) ? { ...f, shared: f.name === 'owner' } : f)).join('') + '}\n';
    }
    if (iface) out += `interface I${this.interfaceKeys?.has(s) ? ' @key(fields: "id")' : ''} {\n${common.map((f) => `  ${f.name}: ${f.type}\n`).join('')}}\n`;
    if (this.union && here.length) out += `union A = ${here.join(' | ')}\n`;
    this.roots.set(s, this.roots.get(s).filter((f) => !drop(f)));
    if (this.roots.get(s).length) out += `type Query {\n${this.roots.get(s).map((f) => this.field(f)).join('')}}\n`;
    return out || 'type Unused { x: Int }\n';
  }
}

/** A random selection of `schema`'s query root. */
export class Operations {
  constructor(random, schema) {
    this.r = random;
    this.schema = schema;
    this.marks = !!schema.getDirective('mark');
    this.labels = -1; // no @defer
  }

  /** A field's directive, which only subgraphs understand. */
  mark(chance = 0.15) {
    return this.marks && this.r.chance(chance) ? this.r.pick([' @mark', ' @mark(n: 1)', ' @mark(n: 2)']) : '';
  }

  /** Operations with @defer here and there. */
  deferring() {
    this.labels = 0;
    return this;
  }

  /** Some of the selections in one or two deferred fragments; some of them in several places. */
  deferred(parts) {
    const r = this.r;
    if (this.labels < 0 || !r.chance(0.3)) return parts;
    const out = [], fragments = Array.from({ length: 1 + r.below(2) }, () => []);
    for (const part of parts) {
      const into = fragments.filter(() => r.chance(0.5));
      for (const f of into) f.push(part);
      if (!into.length || r.chance(0.15)) out.push(part);
    }
    for (const f of fragments) if (f.length) out.push(`... @defer(label: "") { ${f.join(' ')} }`);
    return out;
  }

  labelled(text) {
    return text.replace(/label: ""/g, () => `label: "l${this.labels++}"`);
  }

  /** Apollo's planner takes minutes for some long operations. */
  short(make, otherwise) {
    const text = Array.from({ length: 5 }, make).find((t) => t.length < (this.marks ? LONG / 3 : LONG));
    return this.labelled(text ?? otherwise);
  }

  make(name) {
    return this.short(() => `query ${name} ${this.set(this.schema.getQueryType(), 0)}`, `query ${name} { __typename }`);
  }

  mutation(name) {
    const r = this.r;
    const fields = Object.values(this.schema.getMutationType()?.getFields() ?? {});
    if (!fields.length) return '';
    const picked = () => Array.from({ length: 1 + r.below(4) }, (_, i) => {
      const f = r.pick(fields);
      return `m${i}: ${f.name}(n: ${r.below(3)})${this.mark()} ${this.set(getNamedType(f.type), 2)}`;
    });
    return this.short(() => `mutation ${name} { ${picked().join(' ')} }`, `mutation ${name} { __typename }`);
  }

  subscription(name) {
    const fields = Object.values(this.schema.getSubscriptionType()?.getFields() ?? {});
    if (!fields.length) return '';
    const f = this.r.pick(fields);
    return `subscription ${name} { ${f.name}(n: 1) ${this.set(getNamedType(f.type), 2)} }`;
  }

  set(type, depth) {
    const r = this.r;
    const parts = [];
    const fields = isAbstractType(type) && !type.getFields ? [] : Object.values(type.getFields());
    for (const f of fields) {
      const named = getNamedType(f.type);
      if (!r.chance(isLeafType(named) ? 0.45 : depth > 3 ? 0.05 : depth ? 0.45 : 0.4)) continue;
      if (f.args.length) {
        for (let i = 0; i <= r.below(3); i++) {
          const c = r.pick(['X', 'Y', 'Z', '']);
          parts.push(`${f.name}${c}: ${f.name}${c ? `(c: "${c}")` : ''}${this.mark()}`);
        }
        continue;
      }
      const alias = r.chance(0.08) ? `x${f.name}: ` : '';
      parts.push(isLeafType(named) ? `${alias}${f.name}${this.mark()}` : depth > 4 ? `${f.name} { __typename }` : `${alias}${f.name}${this.mark(0.03)} ${this.set(named, depth + (named.name === 'Query' ? 3 : 1))}`);
    }
    if (isAbstractType(type))
      for (const t of this.schema.getPossibleTypes(type)) if (r.chance(0.55)) parts.push(`... on ${t.name} ${this.set(t, depth + 1)}`);
    if (isObjectType(type) && depth && r.chance(0.1)) parts.push(`... ${this.set(type, depth + 1)}`);
    if (r.chance(0.1) || !parts.length) parts.push('__typename');
    return `{ ${this.deferred(parts).join(' ')} }`;
  }
}
