// Subgraph sets put together from patterns: each uses some directives the way they are meant, over two to four subgraphs, with
// variations of which some are mistakes. The names of a pattern begin with its own letter, so that any of them go together.

// One subgraph under construction. Directives are written with at(): their names may be renamed by the import.
class Subgraph {
  constructor(r, i) {
    Object.assign(this, { r, i, name: `s${i}`, minor: r.pick([0, 3, 5, 8]), query: [], parts: [], links: [], head: [], alias: new Map() });
    for (const name of ['key', 'shareable', 'tag', 'external', 'inaccessible', 'cost'])
      if (r.chance(0.01)) this.alias.set(name, `${name}${i}`);
  }

  // The directive `name`, which needs that federation version; now and then it is forgotten to link it.
  at(name, minor = 0) {
    if (!this.r.chance(0.01)) this.minor = Math.max(this.minor, minor);
    return `@${this.alias.get(name) ?? name}`;
  }

  add(...parts) { this.parts.push(...parts); }

  sdl(imports) {
    const list = imports.map((name) => (this.alias.has(name) ? `{name: "@${name}", as: "@${this.alias.get(name)}"}` : `"@${name}"`)).join(', ');
    const root = this.r.chance(0.05) ? 'Root' : 'Query';
    const link = `@link(url: "https://specs.apollo.dev/federation/v2.${this.minor}", import: [${list}])`;
    const head = root === 'Query' ? 'extend schema' : 'schema';
    const body = root === 'Query' ? '' : ` { query: Root${this.mutation ? ' mutation: Mutation' : ''}${this.subscription ? ' subscription: Subscription' : ''} }`;
    const query = this.query.length ? `type ${root} {\n  ${this.query.join('\n  ')}\n}\n` : root === 'Query' ? '' : 'type Root\n';
    return `${head} ${[link, ...this.links, ...this.head].join(' ')}${body}\n${query}${this.parts.join('\n')}\n`;
  }
}

const maybe = (r, p, text) => (r.chance(p) ? text : '');

function entities(r, subs) {
  const key = r.pick(['id', 'id', 'id code', 'o { id }', 'o { id } id']);
  subs.forEach((s, i) => {
    const owner = i === 0, ext = maybe(r, 0.1, 'extend ');
    const fields = [`id: ID!`, key.includes('code') ? 'code: Int!' : '', key.includes('o {') ? `o: EOwner!` : ''].filter(Boolean);
    if (key.includes('o {')) s.add(`type EOwner ${s.at('shareable')} { id: ID! ${maybe(r, 0.2, 'name: String')} }`);
    if (owner) s.query.push(`e: ${r.pick(['E', '[E!]!', 'E!'])}`);
    const loose = !owner && r.chance(0.15);
    s.add(`${ext}type E ${s.at('key')}(fields: "${loose ? 'id' : key}"${maybe(r, 0.1, ', resolvable: false')}) { ${fields.join(' ')} e${i}: ${r.pick(['Int', 'String', 'E', '[E]'])} ${maybe(r, 0.08, s.at('inaccessible'))} ${maybe(r, 0.4, `shared: Int ${s.at('shareable')}`)} }`);
  });
}

function requires(r, subs) {
  const deep = r.pick(['f', 'v { a }', 'v { a b }', 'list { a }', 'f v { n { a } }', 'itf { a }', 'itf { ... on RX { x } }', 'arg(n: 1)', 'arg(n: true)', 'u { ... on RX { x } ... on RY { y } }']);
  const [a, b, c] = subs, ext = b.at('external');
  a.query.push('rq: R');
  const types = (s, mark) => [`type RV ${mark} { a: Int b: Int n: RV }`, `interface RI { a: Int }`, `type RX implements RI ${mark} { a: Int x: Int }`, `type RY implements RI ${mark} { a: Int y: Int }`, `union RU = RX | RY`];
  const fields = (s, mark) => `f: Int ${mark} v: RV ${mark} list: [RV] ${mark} itf: RI ${mark} arg(n: Int): Int ${mark} u: RU ${mark}`;
  a.add(`type R ${a.at('key')}(fields: "id") { id: ID! ${fields(a, '')} }`, ...types(a, a.at('shareable')));
  const used = new Set(deep.match(/\b(f|v|list|itf|arg|u)\b/g));
  const own = fields(b, ext).split(/(?<=@\w+) /).filter((f) => used.has(f.match(/^\w+/)[0]) || r.chance(0.03)).join(' ');
  b.add(`type R ${b.at('key')}(fields: "id"${maybe(r, 0.05, ', resolvable: false')}) { id: ID! ${own} sum: Int ${b.at('requires')}(fields: "${deep}") }`, ...types(b, r.chance(0.5) ? b.at('shareable') : ext));
  if (c) c.add(`type R ${c.at('key')}(fields: "id") { id: ID! sum: Int ${c.at('external')} more: Int ${c.at('requires')}(fields: "${r.pick(['sum', 'sum', 'sum id', 'more'])}") }`);
}

function provides(r, subs) {
  const [a, b] = subs, set = r.pick(['n', 'v { a }', 'n v { a b }', 'id', '... on P { n }', 'itf { a }', 'next { n }']);
  const mark = a.at('external'), key = r.chance(0.7), keyOf = (s) => (key ? `${s.at('key')}(fields: "id")` : '');
  a.query.push(`p: ${r.pick(['P', '[P]', 'P!'])} ${a.at('provides')}(fields: "${set}")`);
  const has = (n) => set.includes(n) || r.chance(0.05);
  a.add(`type P ${keyOf(a)} { id: ID! ${key ? '' : a.at('shareable')} ${has('n ') || set === 'n' || set.includes('{ n }') ? `n: Int ${mark}` : ''} ${has('v') ? `v: PV ${mark}` : ''} ${has('itf') ? `itf: PI ${mark}` : ''} ${has('next') ? `next: P ${r.chance(0.7) ? mark : a.at('shareable')}` : ''} }`);
  if (set.includes('v')) a.add(`type PV ${r.chance(0.5) ? mark : a.at('shareable')} { a: Int b: Int }`);
  if (set.includes('itf')) a.add(`interface PI { a: Int } type PX implements PI ${r.chance(0.5) ? mark : a.at('shareable')} { a: Int }`);
  b.query.push('pb: P');
  b.add(`type P ${keyOf(b)} { id: ID! ${key ? '' : b.at('shareable')} n: Int ${maybe(r, 0.9, b.at('shareable'))} v: PV ${b.at('shareable')} itf: PI ${b.at('shareable')} next: P ${b.at('shareable')} }`, `type PV ${b.at('shareable')} { a: Int b: Int }`, `interface PI { a: Int } type PX implements PI ${b.at('shareable')} { a: Int }`);
}

function overrides(r, subs) {
  const [a, b, c] = subs, label = r.pick(['', '', ', label: "flag.one"', ', label: "percent(20)"', ', label: "percent(7.5)"', ', label: "1bad"']);
  const from = r.pick(['s0', 's0', 's0', 's0', 's9', 's1', 's00']);
  a.query.push('o: O');
  a.add(`type O ${a.at('key')}(fields: "id") { id: ID! x: ${r.pick(['Int', 'OV'])} y: Int ${maybe(r, 0.2, a.at('shareable'))} z: Int }`, `type OV ${a.at('shareable')} { a: Int ${maybe(r, 0.3, 'b: Int')} }`);
  const type = a.parts.at(-2).includes('x: OV') ? 'OV' : 'Int';
  b.add(`type O ${b.at('key')}(fields: "id") { id: ID! x: ${type} ${b.at('override', label ? 7 : 0)}(from: "${from}"${label}) ${maybe(r, 0.3, `y: Int ${b.at('override', label ? 7 : 0)}(from: "s0"${label})`)} }`, `type OV ${b.at('shareable')} { a: Int }`);
  if (c && r.chance(0.5)) c.add(`type O ${c.at('key')}(fields: "id") { id: ID! ${r.pick([`x: ${type} ${c.at('external')} w: Int ${c.at('requires')}(fields: "x${type === 'OV' ? ' { a }' : ''}")`, `x: ${type} ${c.at('shareable')}`, `z: Int ${c.at('override')}(from: "s0")`, `x: ${type} ${c.at('override')}(from: "s1")`])} }`, type === 'OV' ? `type OV ${c.at('shareable')} { a: Int }` : '');
}

function interfaceObjects(r, subs) {
  const [a, b, c] = subs, shared = r.chance(0.2);
  a.query.push(`i: ${r.pick(['I', '[I]'])}`);
  a.add(`interface I ${maybe(r, 0.95, `${a.at('key', 3)}(fields: "id"${maybe(r, 0.05, ', resolvable: false')})`)} { id: ID! ${maybe(r, 0.5, 'a: Int')} }`);
  for (const t of ['IX', 'IY']) a.add(`type ${t} implements I ${maybe(r, 0.97, `${a.at('key')}(fields: "id")`)} { id: ID! a: Int }`);
  if (r.chance(0.4)) b.query.push('ib: [I]');
  b.add(`type I ${b.at('interfaceObject', 3)} ${maybe(r, 0.97, `${b.at('key')}(fields: "id")`)} { id: ID! extra: Int ${maybe(r, 0.3, b.at('tag') + '(name: "i")')} ${shared ? b.at('shareable') : ''} ${maybe(r, 0.15, `a: Int ${b.at('external')} twice: Int ${b.at('requires')}(fields: "a")`)} ${maybe(r, 0.04, 'id2: ID')} }`);
  if (!c) return;
  if (r.chance(0.4)) c.add(`type IX ${c.at('key')}(fields: "id") { id: ID! ${r.pick(['c: Int', `extra: Int ${c.at('external')} c: Int ${c.at('requires')}(fields: "extra")`, `extra: Int ${c.at('shareable')}`])} }`);
  else if (r.chance(0.4)) c.add(`type I ${c.at('interfaceObject', 3)} ${c.at('key')}(fields: "id") { id: ID! ${shared ? `extra: Int ${c.at('shareable')}` : 'more: String'} }`);
  else if (r.chance(0.3)) c.add(`interface I ${c.at('key', 3)}(fields: "id") { id: ID! }`, `type IZ implements I ${c.at('key')}(fields: "id") { id: ID! }`);
}

function contexts(r, subs) {
  const [a, b] = subs, name = r.pick(['ctx', 'ctx', 'ctx', 'my_ctx', 'c1']), selection = r.pick(['{ prop }', '{ prop }', 'prop', '{ o { n } }', '... on C { prop }', '{ nope }', '{ prop other }', '... on C { prop } ... on D { prop }', '{ ext }']);
  const type = r.pick(['Int', 'Int', 'Int', 'Int!', 'String', '[Int]']);
  const both = selection.includes('on D');
  a.query.push('c: C', ...(both || r.chance(0.3) ? ['d: D'] : []), ...(r.chance(0.2) ? ['u: CU'] : []));
  const set = a.at('context', 8);
  for (const t of both || a.query.some((q) => q === 'd: D') ? ['C', 'D'] : ['C'])
    a.add(`type ${t} ${a.at('key')}(fields: "id") ${t === 'C' || both || r.chance(0.5) ? `${set}(name: "${name}")` : ''} { id: ID! prop: Int other: Int o: CO u: CU ${selection.includes('ext') ? `ext: Int ${a.at('external')}` : ''} }`);
  a.add('type CO { n: Int }', `type CU ${maybe(r, 0.95, `${a.at('key')}(fields: "id")`)} { id: ID! field(a: ${type} ${a.at('fromContext', 8)}(field: "$${name} ${selection}")${maybe(r, 0.3, ' n: Int')}): Int ${maybe(r, 0.1, a.at('shareable'))} }`);
  if (selection.includes('ext') || r.chance(0.2)) b.add(`type C ${b.at('key')}(fields: "id") { id: ID! ext: Int }`);
  if (r.chance(0.2)) b.add(`type CU ${b.at('key')}(fields: "id") { id: ID! ${r.pick(['v: Int', `field(a: Int): Int ${b.at('shareable')}`, `field(n: Int): Int ${b.at('shareable')}`])} }`);
  if (r.chance(0.1)) b.query.push('back: CU'), b.add(b.parts.some((p) => p.includes('type CU')) ? '' : `type CU ${b.at('key')}(fields: "id", resolvable: false) { id: ID! }`);
}

function custom(r, subs) {
  const version = () => r.pick(['v1.0', 'v1.0', 'v1.1', 'v2.0']), first = version();
  subs.forEach((s, i) => {
    if (i && r.chance(0.3)) return;
    const as = r.chance(0.08) ? 'other' : 'mark';
    s.links.push(`@link(url: "https://example.com/marks/${r.chance(0.85) ? first : version()}", import: [${as === 'mark' ? '"@mark"' : '{name: "@mark", as: "@other"}'}${maybe(r, 0.3, ', "@unused"')}])`);
    if (r.chance(0.85)) s.head.push(`${s.at('composeDirective', 1)}(name: "@${r.chance(0.97) ? as : 'tag'}")`);
    s.add(`directive @${as}(n: Int${maybe(r, 0.15, ' = 1')}) ${maybe(r, 0.7, 'repeatable')} on FIELD_DEFINITION | OBJECT | ENUM_VALUE ${maybe(r, 0.1, '| FIELD')}`);
    if (s.links.at(-1).includes('@unused')) s.add('directive @unused on OBJECT');
    s.query.push(`k${i}: K @${as}(n: ${i})`);
    s.add(`type K ${s.at('shareable')} @${as}(n: ${r.below(2)}) { k: Int @${as} ${maybe(r, 0.2, `@deprecated`)} }`);
  });
}

const DEFAULTS = { Int: ['1', '2', 'null'], String: ['"a"', '"b"'], LE: ['A', 'B'], '[Int]': ['[1]', '[]', '1'], LIn: ['{a: 1}', '{a: 1, e: B}', '{}'], Boolean: ['true'] };
function inputs(r, subs) {
  const type = r.pick(Object.keys(DEFAULTS)), pick = () => maybe(r, 0.5, ` = ${r.pick(DEFAULTS[type])}`), same = pick();
  const values = ['A', 'B', 'C'], out = r.chance(0.4);
  subs.forEach((s, i) => {
    const def = r.chance(0.85) ? same : pick(), wrap = r.chance(0.1) ? `${type}!` : type;
    s.query.push(`in${r.chance(0.85) ? '' : i}(a: ${wrap}${def} ${maybe(r, 0.3, ' b: LIn')}${maybe(r, 0.05, ' c: Int!')}): Int ${s.at('shareable')}`);
    if (out && r.chance(0.6)) s.query.push(`le${i}: LE`);
    s.add(`enum LE { ${values.filter((v) => v !== 'C' || r.chance(out ? 0.9 : 0.5)).map((v) => `${v} ${maybe(r, 0.05, s.at('inaccessible'))} ${maybe(r, 0.05, '@deprecated')}`).join(' ')} }`,
      `input LIn ${maybe(r, 0.05, s.at('tag') + '(name: "in")')} { a: Int${maybe(r, 0.05, '!')}${maybe(r, 0.1, ' = 3')} e: LE${maybe(r, 0.2, ' = A')} ${maybe(r, 0.4, `only${i}: Int ${maybe(r, 0.1, '= 1')}`)} ${maybe(r, 0.03, 'must: Int!')} ${maybe(r, 0.1, `next: LIn`)} }`);
  });
}

function executable(r, subs) {
  const places = ['FIELD', 'QUERY', 'FRAGMENT_SPREAD', 'FIELD | QUERY', 'FIELD | OBJECT'];
  const first = r.pick(places);
  subs.forEach((s, i) => {
    s.query.push(`x${i}: Int`);
    if (r.chance(0.9)) s.add(`${maybe(r, 0.2, `"a directive" `)}directive @log(level: Int${maybe(r, 0.2, '!')}${maybe(r, 0.2, ' = 1')} ${maybe(r, 0.2, 'tag: String')}) ${maybe(r, 0.3, 'repeatable')} on ${r.chance(0.8) ? first : r.pick(places)}`);
  });
}

const GUARDS = [(s) => s.at('authenticated', 5), (s, r) => `${s.at('requiresScopes', 5)}(scopes: ${r.pick(['[["a"]]', '[["a"], ["b"]]', '[["a", "b"]]', '[["c"]]'])})`, (s, r) => `${s.at('policy', 6)}(policies: ${r.pick(['[["p"]]', '[["p"], ["q"]]'])})`];
function guards(r, subs) {
  const guard = (s, p) => maybe(r, p, r.pick(GUARDS)(s, r));
  subs.forEach((s, i) => {
    s.query.push(`g${i}: G ${guard(s, 0.2)}`);
    s.add(`type G ${s.at('key')}(fields: "id") ${guard(s, 0.2)} { id: ID! g${i}: Int ${guard(s, 0.4)} shared: GS ${s.at('shareable')} ${guard(s, 0.3)} ${i ? `g0: Int ${s.at('external')} sum${i}: Int ${s.at('requires')}(fields: "g0") ${guard(s, 0.6)}` : ''} }`,
      `scalar GS ${guard(s, 0.2)}`, `interface GI ${guard(s, 0.02)} { f: Int ${guard(s, 0.02)} }`, `type GA implements GI ${s.at('shareable')} ${guard(s, 0.3)} { f: Int ${guard(s, 0.4)} }`, `enum GE ${guard(s, 0.2)} { A }`);
    s.query.push(`gi${i}: GI`, `ge${i}: GE`);
    if (i && r.chance(0.2)) s.add(`union GU = G | GA`), s.query.push(`gu${i}: GU`);
  });
}

function costs(r, subs) {
  subs.forEach((s) => {
    const cost = (p) => maybe(r, p, `${s.at('cost', 9)}(weight: ${r.below(6)})`), size = r.pick(['assumedSize: 5', 'assumedSize: 0', 'assumedSize: -1', 'slicingArguments: ["first"]', 'slicingArguments: ["first", "last"], requireOneSlicingArgument: false', 'slicingArguments: ["nope"]', 'sizedFields: ["list"], slicingArguments: ["first"]', 'sizedFields: ["nope"]', '']);
    s.query.push(`z(first: Int ${cost(0.3)}${maybe(r, 0.8, ', last: Int')}): ${size.includes('sized') ? 'ZP' : '[Z]'} ${s.at('shareable')} ${s.at('listSize', 9)}${size ? `(${size})` : ''} ${cost(0.2)}`);
    s.add(`type Z ${s.at('shareable')} ${cost(0.3)} { n: Int ${cost(0.4)} s: ZS }`, `type ZP ${s.at('shareable')} { list: [Z] }`, `scalar ZS ${cost(0.4)}`, `enum ZE ${cost(0.4)} { A }`, `input ZI { a: Int ${cost(0.4)} e: ZE }`);
    s.query.push(`zi${s.i}(i: ZI): Int`);
  });
}

function hidden(r, subs) {
  subs.forEach((s) => {
    const hide = (p) => maybe(r, p, s.at('inaccessible')), tag = (p) => maybe(r, p, `${s.at('tag')}(name: "${r.pick(['x', 'y'])}")`);
    s.query.push(`h${s.i}(a: HI ${hide(0.1)} ${tag(0.2)}): H`, `hu${s.i}: HU ${hide(0.2)}`, `he${s.i}: HE`);
    s.add(`"H" type H implements HN ${s.at('shareable')} ${hide(0.08)} ${tag(0.2)} { n: Int ${hide(0.1)} ${tag(0.1)} m: HE ${hide(0.1)} o: HM ${hide(0.4)} }`, `interface HN ${tag(0.2)} ${hide(0.08)} { n: Int ${hide(0.1)} }`,
      `type HM ${s.at('shareable')} ${hide(0.15)} { a: Int ${hide(0.1)} }`, `union HU ${hide(0.08)} ${tag(0.2)} = H | HM`, `enum HE ${hide(0.05)} { A ${hide(0.1)} ${tag(0.2)} B }`, `input HI ${hide(0.05)} { a: Int ${hide(0.1)} b: HE${maybe(r, 0.3, ' = A')} ${hide(0.1)} ${maybe(r, 0.1, `c: Int! ${s.at('inaccessible')}`)} }`, `scalar HS ${hide(0.1)} ${tag(0.2)}`);
    if (r.chance(0.1)) s.head.push(`${s.at('tag', 3)}(name: "schema")`);
  });
}

function values(r, subs) {
  const types = ['Int', 'Int!', '[Int]', '[Int!]!', 'W', 'WU', 'WI', 'WX'];
  const base = r.pick(types);
  subs.forEach((s, i) => {
    const t = r.chance(0.85) ? base : r.pick(types);
    s.query.push(`w: ${t} ${maybe(r, 0.97, s.at('shareable'))}`);
    s.add(`${maybe(r, 0.2, `"one of ${r.below(2)}" `)}type W ${maybe(r, 0.95, s.at('shareable'))} { a: Int ${maybe(r, 0.3, '@deprecated')} ${maybe(r, 0.15, `b${i}: Int`)} }`, `interface WI { a: Int ${maybe(r, 0.06, 'c: Int')} }`, `type WX implements WI ${s.at('shareable')} { a: Int ${maybe(r, 0.6, 'c: Int')} }`, `type WY ${maybe(r, 0.9, 'implements WI')} ${s.at('shareable')} { a: Int c: Int }`, `union WU = WX ${maybe(r, 0.85, '| WY')}`);
    if (r.chance(0.15)) s.query.push(`wi${i}: WI wu${i}: WU`);
  });
}

function operations(r, subs) {
  subs.forEach((s, i) => {
    s.query.push(`m${i}: M`);
    s.mutation = r.chance(0.6);
    s.subscription = r.chance(0.3);
    const key = maybe(r, 0.8, `${s.at('key')}(fields: "id")`);
    s.add(`type M ${key} { id: ID! ${key ? '' : s.at('shareable')} m${i}: Int ${maybe(r, 0.2, `query: Query`)} }`);
    if (s.parts.at(-1).includes('Query')) s.parts[s.parts.length - 1] = s.parts.at(-1).replace('query: Query', '');
    if (s.mutation) s.add(`type Mutation { do${r.chance(0.5) ? i : ''}(n: Int): M ${maybe(r, 0.5, s.at('shareable'))} }`);
    if (s.subscription) s.add(`type Subscription { on${r.chance(0.8) ? i : ''}: M ${maybe(r, 0.04, s.at('shareable'))} }`);
  });
}

function caches(r, subs) {
  subs.forEach((s, i) => {
    s.query.push(`ct${i}: CT ${maybe(r, 0.5, `${s.at('cacheTag', 12)}(format: "ct-${r.below(2)}")`)}`);
    s.add(`type CT ${s.at('key')}(fields: "id") ${maybe(r, 0.5, `${s.at('cacheTag', 12)}(format: "${r.pick(['a', 'b-{$key.id}'])}")`)} { id: ID! ct${i}: Int }`);
  });
}

function connectors(r, subs) {
  const s = r.pick(subs), v = r.pick(['v0.1', 'v0.2', 'v0.3']);
  s.minor = Math.max(s.minor, r.chance(0.8) ? 12 : 5);
  s.links.push(`@link(url: "https://specs.apollo.dev/connect/${v}", import: ["@connect"${maybe(r, 0.5, ', "@source"')}])`);
  if (s.links.at(-1).includes('@source')) s.head.push('@source(name: "x", http: {baseURL: "http://x"})');
  s.query.push(`y: [Y] @connect(${maybe(r, 0.5, 'source: "x", ')}http: {GET: "/y"}, selection: "id")`);
  s.add(`type Y ${s.at('key')}(fields: "id") { id: ID! y: Int ${maybe(r, 0.5, '@connect(http: {GET: "/n"}, selection: "$.n")')} }`);
}

const PATTERNS = { entities, requires, provides, overrides, interfaceObjects, contexts, custom, inputs, executable, guards, costs, hidden, values, operations, caches, connectors };

// A set from one to three patterns. `importsOf(minor)` are the names of that federation version's directives.
export function subgraphsFromPatterns(r, importsOf) {
  const subs = Array.from({ length: 2 + r.below(2) }, (_, i) => new Subgraph(r, i));
  const names = Object.keys(PATTERNS);
  const used = new Set(Array.from({ length: 1 + r.below(3) }, () => r.pick(names)));
  for (const name of used) PATTERNS[name](r, subs);
  if (!subs.some((s) => s.query.length)) subs[0].query.push('nothing: Int');
  return subs.map((s) => ({ name: s.name, url: `http://${s.name}`, sdl: s.sdl(importsOf(s.minor)) }));
}
