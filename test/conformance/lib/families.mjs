// Systems and operations that grow with a number, for measuring planners and for finding what grows too fast.
// Each gives {subgraphs: {name: sdl}, operation}.
const range = (n) => Array.from({ length: n }, (_, i) => i);
const join = (n, text) => range(n).map(text).join('\n');

const LINK = 'extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@requires", "@external", "@shareable"])\n';
const linked = (subgraphs) => Object.fromEntries(Object.entries(subgraphs).map(([name, sdl]) => [name, LINK + sdl]));

export const families = {
  // An interface whose implementations get their fields from four subgraphs, not all from the same ones.
  interface(n) {
    const part = (step, field) => join(n, (i) => (i % step ? '' : `type T${i} @key(fields: "id") { id: ID! ${field}: Int }`));
    const subgraphs = linked({
      a: `type Query { nodes: [Node!]! } interface Node { id: ID! name: String children: [Node!]! }\n` +
        join(n, (i) => `type T${i} implements Node @key(fields: "id") { id: ID! name: String children: [Node!]! own${i}: Int }`),
      b: part(1, 'price'),
      c: part(2, 'stock'),
      d: part(3, 'rating'),
    });
    const own = join(n, (i) => `... on T${i} { own${i} price ${i % 2 ? '' : 'stock'} ${i % 3 ? '' : 'rating'} }`);
    return { subgraphs, operation: `{ nodes { id name ${own} children { name ${own} } } }` };
  },

  // The same, with an interface that every subgraph knows and fields that several of them share.
  sharedInterface(n) {
    const part = (field, more) => `interface Node { id: ID! name: String ${field}: Int }\n` + join(n, (i) =>
      `type T${i} implements Node @key(fields: "id") { id: ID! name: String @shareable ${field}: Int @shareable ${more(i)} }`);
    const subgraphs = linked({
      a: `type Query { nodes: [Node!]! @shareable first: Node }\n` + part('a', (i) => (i % 2 ? '' : 'x: Int @shareable')),
      b: `type Query { nodes: [Node!]! @shareable }\n` + part('b', (i) => (i % 3 ? '' : 'x: Int @shareable')),
      c: part('c', (i) => `x${i}: Int`),
    });
    const own = join(n, (i) => `... on T${i} { name a b c x${i} ${i % 2 && i % 3 ? '' : 'x'} }`);
    return { subgraphs, operation: `{ nodes { ${own} } first { ${own} } }` };
  },

  // A union of n entities with two fields each, from two of five subgraphs.
  union(n) {
    const parts = range(5).map((s) => join(n, (i) =>
      (i % 5 === s || (i + 2) % 5 === s ? `type T${i} @key(fields: "id") { id: ID! f${s}: Int }` : '')));
    const subgraphs = linked({
      root: `type Query { all: [All!]! } union All = ${range(n).map((i) => `T${i}`).join(' | ')}\n` + join(n, (i) => `type T${i} @key(fields: "id") { id: ID! name: String }`),
      ...Object.fromEntries(parts.map((sdl, s) => [`s${s}`, sdl])),
    });
    return { subgraphs, operation: `{ all { __typename ${join(n, (i) => `... on T${i} { name f${i % 5} f${(i + 2) % 5} }`)} } }` };
  },

  // n subgraphs, ten keys: each subgraph knows two of them, so a way leads around a ring.
  keyRing(n) {
    const keys = Math.min(10, n);
    const subgraphs = linked(Object.fromEntries(range(n).map((s) => {
      const [a, b] = [s % keys, (s + 1) % keys];
      return [`s${s}`, `${s ? '' : 'type Query { t: T }'} type T @key(fields: "k${a}") @key(fields: "k${b}") { k${a}: ID! k${b}: ID! f${s}: Int }`];
    })));
    return { subgraphs, operation: `{ t { ${range(n).map((s) => `f${s}`).join(' ')} } }` };
  },

  // n subgraphs, ten keys that all of them know: every field can be reached by ten keys from everywhere.
  keyMesh(n) {
    const keys = range(10).map((k) => `@key(fields: "k${k}")`).join(' ');
    const fields = range(10).map((k) => `k${k}: ID!`).join(' ');
    const subgraphs = linked(Object.fromEntries(range(n).map((s) =>
      [`s${s}`, `${s ? '' : 'type Query { t: T }'} type T ${keys} { ${fields} f${s}: Int u: T @shareable }`])));
    return { subgraphs, operation: `{ t { ${range(n).map((s) => `f${s}`).join(' ')} u { ${range(n).map((s) => `f${s}`).join(' ')} } } }` };
  },

  // a { b { a { b … } } }, where each step is in the other subgraph.
  recursion(n) {
    const nested = (k) => (k ? `${k % 2 ? 'b' : 'a'} { ${nested(k - 1)} }` : 'id');
    const subgraphs = linked({
      x: 'type Query { a: A } type A @key(fields: "id") { id: ID! b: B } type B @key(fields: "id") { id: ID! }',
      y: 'type B @key(fields: "id") { id: ID! a: A name: String } type A @key(fields: "id") { id: ID! }',
    });
    return { subgraphs, operation: `{ a { ${nested(n - 1 + (n % 2))} } }` };
  },

  // The same where both can go either way, with a field at each level that only one of them has.
  sharedRecursion(n) {
    const nested = (k) => (k ? `x${k % 3} ${k % 2 ? 'b' : 'a'} { ${nested(k - 1)} }` : 'id');
    const type = (t, next, field, more) => `type ${t} @key(fields: "id") { id: ID! ${next}: ${t === 'A' ? 'B' : 'A'} @shareable ${field} ${more} }`;
    const subgraphs = linked({
      x: `type Query { a: A @shareable } ${type('A', 'b', 'x0: Int', '')} ${type('B', 'a', 'x0: Int', '')}`,
      y: `type Query { a: A @shareable } ${type('A', 'b', 'x1: Int', '')} ${type('B', 'a', 'x1: Int', '')}`,
      z: `${type('A', 'b', 'x2: Int', '')} ${type('B', 'a', 'x2: Int', '')}`,
    });
    return { subgraphs, operation: `{ a { ${nested(n - 1 + (n % 2))} } }` };
  },

  // f1 requires f0, f2 requires f1 …, each in the next of three subgraphs.
  requires(n) {
    const own = (s) => range(n).filter((i) => i % 3 === s).map((i) => (i ? `f${i}: Int @requires(fields: "f${i - 1}")` : 'f0: Int')).join(' ');
    const from = (s) => range(n - 1).filter((i) => (i + 1) % 3 === s).map((i) => `f${i}: Int @external`).join(' ');
    const subgraphs = linked(Object.fromEntries(range(3).map((s) =>
      [`s${s}`, `${s ? '' : 'type Query { t: T }'} type T @key(fields: "id") { id: ID! ${own(s)} ${from(s)} }`])));
    return { subgraphs, operation: `{ t { ${range(n).map((i) => `f${i}`).join(' ')} } }` };
  },

  // A field that requires one n objects away, each of which two subgraphs lead to.
  requiresFar(n) {
    const types = range(n + 1), text = (i) => (i < n ? `n { ${text(i + 1)} }` : 'leaf');
    const subgraphs = linked({
      root: `type Query { t: T0 }\n` + join(n + 1, (i) => `type T${i} @key(fields: "id") { id: ID! ${i < n ? `n: T${i + 1} @shareable` : ''} }`),
      other: join(n + 1, (i) => `type T${i} @key(fields: "id") { id: ID! ${i < n ? `n: T${i + 1} @shareable` : ''} ${i === n ? 'leaf: Int' : ''} }`),
      far: types.map((i) => (i ? `type T${i} @key(fields: "id", resolvable: false) { id: ID! ${i < n ? `n: T${i + 1} @external` : 'leaf: Int @external'} }`
        : `type T0 @key(fields: "id") { id: ID! n: T1 @external f: Int @requires(fields: "${text(0)}") }`)).join('\n'),
    });
    return { subgraphs, operation: '{ t { f } }' };
  },

  // n types, each known by an object of every other: what keys need unfolds into all ways through them.
  keyWeb(n) {
    const others = (i) => range(n).filter((k) => k !== i);
    const subgraphs = linked({
      root: `type Query { ${range(n).map((i) => `t${i}: T${i}`).join(' ')} }\n` +
        join(n, (i) => `type T${i} @key(fields: "id") { id: ID! ${others(i).map((k) => `r${k}: T${k} @shareable`).join(' ')} }`),
      ...Object.fromEntries(range(n).map((i) => [`s${i}`,
        `type T${i} @key(fields: "id") ${others(i).map((k) => `@key(fields: "r${k} { own${k} }")`).join(' ')} { id: ID! own${i}: Int ${others(i).map((k) => `r${k}: T${k} @shareable`).join(' ')} }\n` +
        others(i).map((k) => `type T${k} @key(fields: "id", resolvable: false) { id: ID! own${k}: Int @external }`).join('\n')])),
    });
    return { subgraphs, operation: `{ ${range(n).map((i) => `t${i} { own${i} }`).join(' ')} }` };
  },

  // One type with n keys, each of which two subgraphs share, and a field in each.
  keys(n) {
    const subgraphs = linked(Object.fromEntries(range(n + 1).map((s) => [`s${s}`,
      `${s ? '' : 'type Query { t: T }'} type T ${range(n).filter((k) => k === s || k + 1 === s).map((k) => `@key(fields: "k${k}")`).join(' ')} {
        ${range(n).filter((k) => k === s || k + 1 === s).map((k) => `k${k}: ID!`).join(' ')} f${s}: Int }`])));
    return { subgraphs, operation: `{ t { ${range(n + 1).map((s) => `f${s}`).join(' ')} } }` };
  },

  // n conditions, each around fields of two subgraphs.
  conditions(n) {
    const subgraphs = linked({
      a: `type Query { t: T } type T @key(fields: "id") { id: ID! ${range(n).map((i) => `a${i}: Int`).join(' ')} }`,
      b: `type T @key(fields: "id") { id: ID! ${range(n).map((i) => `b${i}: Int`).join(' ')} }`,
    });
    return { subgraphs, operation: `query(${range(n).map((i) => `$c${i}: Boolean = ${i % 2 === 0}`).join(' ')}) { t { ${range(n).map((i) => `... @include(if: $c${i}) { a${i} b${i} }`).join(' ')} } }` };
  },

  // n fields that require three fields of three other subgraphs, on both sides of a list.
  requiresWide(n) {
    const subgraphs = linked({
      root: 'type Query { ts: [T!]! } type T @key(fields: "id") { id: ID! next: T }',
      ...Object.fromEntries(range(3).map((s) => [`s${s}`, `type T @key(fields: "id") { id: ID! ${range(n).map((i) => `i${s}_${i}: Int`).join(' ')} }`])),
      far: `type T @key(fields: "id") { id: ID! ${range(n).map((i) => range(3).map((s) => `i${s}_${i}: Int @external`).join(' ') +
        ` r${i}: Int @requires(fields: "${range(3).map((s) => `i${s}_${i}`).join(' ')}")`).join('\n')} }`,
    });
    const fields = range(n).map((i) => `r${i}`).join(' ');
    return { subgraphs, operation: `{ ts { ${fields} next { ${fields} } } }` };
  },

  // Fields that several subgraphs share, arranged so that asking greedily costs more requests: {s0, s1}, {s1, s2}, …
  cover(n) {
    const subgraphs = linked({
      root: 'type Query { t: T } type T @key(fields: "id") { id: ID! }',
      ...Object.fromEntries(range(n).map((s) => [`s${s}`,
        `type T @key(fields: "id") { id: ID! ${range(n).filter((i) => i === s || (i + 1) % n === s || (i * 3) % n === s).map((i) => `f${i}: Int @shareable`).join(' ')} }`])),
    });
    return { subgraphs, operation: `{ t { ${range(n).map((i) => `f${i}`).join(' ')} } }` };
  },

  // The same over a chain of n entities, each of which every subgraph may lead to.
  coverChain(n) {
    const homes = (i) => [i % 5, (i + 1) % 5, (i * 3 + 1) % 5];
    const subgraphs = linked(Object.fromEntries(range(5).map((s) => [`s${s}`,
      `type Query { t0: T0 @shareable }\n` + join(n, (i) => `type T${i} @key(fields: "id") { id: ID!
        ${range(4).filter((f) => homes(i + f).includes(s)).map((f) => `f${f}: Int @shareable`).join(' ')}
        ${i + 1 < n && homes(i * 2).includes(s) ? `next: T${i + 1} @shareable` : ''} }`)])));
    const known = (i) => range(4).map((f) => `f${f}`).join(' ') + (i + 1 < n ? ` next { ${known(i + 1)} }` : '');
    return { subgraphs, operation: `{ t0 { ${known(0)} } }` };
  },

  // n fields in all: 40 of each of n / 40 entities, behind fragments in fragments.
  large(n) {
    const types = Math.max(1, Math.ceil(n / 40));
    const subgraphs = linked({
      root: `type Query { ${range(types).map((t) => `t${t}: [T${t}!]!`).join(' ')} }\n` +
        join(types, (t) => `type T${t} @key(fields: "id") { id: ID! ${range(10).map((f) => `a${f}: String`).join(' ')} }`),
      ...Object.fromEntries(['b', 'c', 'd'].map((s) => [s, join(types, (t) =>
        `type T${t} @key(fields: "id") { id: ID! ${range(10).map((f) => `${s}${f}(n: Int): String`).join(' ')} v${s}: V @shareable }`) +
        '\ntype V { x: Int @shareable y: Int @shareable }'])),
    });
    const fragments = range(types).map((t) => ['a', 'b', 'c', 'd'].map((s) =>
      `fragment F${s}${t} on T${t} { ${range(10).map((f) => (s === 'a' ? `a${f}` : `x${s}${f}: ${s}${f}(n: ${f})`)).join(' ')} ${s === 'a' ? `...Fb${t} ...Fc${t} ...Fd${t}` : `v${s} { x y }`} }`).join('\n')).join('\n');
    return { subgraphs, operation: `{ ${range(types).map((t) => `t${t} { ...Fa${t} ...Fc${t} }`).join('\n')} }\n${fragments}` };
  },
};
