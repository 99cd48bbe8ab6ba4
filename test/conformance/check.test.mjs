// The diff of schemas against @graphql-inspector/core: kind, level, coordinate and subject of every change. Then what recorded
// operations use of the changes, against graphql-js: what it refuses must use a change that we call breaking.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { ChangeType } from '@graphql-inspector/core';
import { buildSchema, parse, print } from 'graphql';
import * as graphql17 from 'graphql-js';
import { inspect, keysOf } from './lib/inspector.mjs';
import { Random, seedOfRun } from './lib/random.mjs';
import { Operations } from './lib/operations.mjs';
import { Mutations } from './lib/schema-mutations.mjs';
import { Schemas } from './lib/schemas.mjs';

let child;
const waiting = [];
before(() => {
  child = spawn(`${process.env.BUILD_DIR}/src/check/check-test-driver`, { stdio: ['pipe', 'pipe', 'inherit'] });
  createInterface({ input: child.stdout }).on('line', (line) => waiting.shift().resolve(JSON.parse(line)));
  child.on('exit', (code, signal) => waiting.splice(0).forEach((w) => w.reject(new Error(`the driver ended: ${signal ?? code}`))));
});
after(() => child.stdin.end());
const ours = (from, to, operations) => new Promise((resolve, reject) => {
  waiting.push({ resolve, reject });
  child.stdin.write(`${JSON.stringify({ from, to, operations })}\n`);
});

// `=== name`, the old schema, `---`, the new one. Each case lists the kinds it must have: `# KIND LEVEL`.
const cases = readFileSync(fileURLToPath(new URL('../fixtures/check/changes.txt', import.meta.url)), 'utf8').split(/^=== /m).slice(1).map((c) => {
  const [head, ...rest] = c.split('\n'), body = rest.join('\n'), [from, to] = body.split(/^---$/m);
  return { name: head, from, to, expect: [...body.matchAll(/^# (\w+) (\w+)$/gm)].map((m) => `${m[1]} ${m[2]}`) };
});

for (const c of cases)
  test(c.name, async () => {
    const { changes, error } = await ours(c.from, c.to);
    assert.equal(error, undefined);
    assert.deepEqual(keysOf(changes), keysOf(await inspect(c.from, c.to)));
    const have = changes.map((x) => `${x.kind} ${x.level}`);
    for (const e of c.expect) assert.ok(have.includes(e), `${e} is not among ${have.join(', ')}`);
    for (const x of changes) assert.match(x.message, /^["A-Z].*[^.]$/s);
  });

test('every kind of change has a case', () => {
  const had = new Set(cases.flatMap((c) => c.expect.map((e) => e.split(' ')[0])));
  // Of fields in operations, which a type system does not have: the oracle knows the kinds and never gives them.
  const never = ['DIRECTIVE_USAGE_FIELD_ADDED', 'DIRECTIVE_USAGE_FIELD_REMOVED'];
  assert.deepEqual(Object.values(ChangeType).filter((k) => !had.has(k) && !never.includes(k)), []);
});

// For the oracle, which runs on graphql-js 16, and for ours, which follows 17.
const valid = (sdl) => { try { return !!buildSchema(sdl) && graphql17.validateSchema(graphql17.buildSchema(sdl)).length === 0; } catch { return false; } };
const DIRECTIVES = 'directive @tag2(a: Any = 1) repeatable on SCHEMA | SCALAR | OBJECT | FIELD_DEFINITION | ARGUMENT_DEFINITION | INTERFACE | UNION | ENUM | ENUM_VALUE | INPUT_OBJECT | INPUT_FIELD_DEFINITION\nscalar Any\n';

// The old schema and the changes that lead to the new one; changes that break it are left out.
function mutated(seed) {
  const random = new Random(seed), mutations = new Mutations(random);
  let from;
  do from = DIRECTIVES + new Schemas(random).sdl().replace(/^extend schema.*$/gm, ''); while (!valid(from));
  return { from: print(parse(from, { noLocation: true })), names: mutations.some(10).map((change) => [change, random.below(1e9)]) };
}

function applyAll(from, names) {
  let doc = parse(from, { noLocation: true });
  for (const [change, seed] of names) {
    const next = structuredClone(doc);
    new Mutations(new Random(seed)).apply(change, next);
    if (next.definitions.some((d) => [d.fields, d.values, d.types].some((l) => l && l.length === 0)) || !valid(print(next))) continue;
    doc = next;
  }
  return print(doc);
}

async function differs(from, to) {
  const { changes, error } = await ours(from, to);
  if (error) return null;
  const want = keysOf(await inspect(from, to)), got = keysOf(changes);
  return want.join('\n') === got.join('\n') ? null : { onlyTheirs: want.filter((k) => !got.includes(k)), onlyOurs: got.filter((k) => !want.includes(k)), want: want.length, got: got.length };
}

async function shrink(from, names) {
  for (let i = 0; i < names.length;) {
    const fewer = names.filter((_, k) => k !== i);
    if (await differs(from, applyAll(from, fewer))) names = fewer; else i++;
  }
  const defs = parse(from).definitions.map((d) => print(d));
  for (let i = 0; i < defs.length;) {
    const fewer = defs.filter((_, k) => k !== i).join('\n');
    if (valid(fewer) && await differs(fewer, applyAll(fewer, names))) defs.splice(i, 1); else i++;
  }
  return { from: defs.join('\n'), names };
}

test('generated changes', async () => {
  const seed = seedOfRun(), count = Number(process.env.COUNT ?? 150);
  console.log(`# SEED=${seed} COUNT=${count}`);
  const kinds = new Map();
  let refused = 0;
  for (let i = 0; i < count; i++) {
    const { from, names } = mutated(seed + i);
    const to = applyAll(from, names), { changes = [], error } = await ours(from, to);
    if (error) refused++;
    for (const c of changes) kinds.set(c.kind, (kinds.get(c.kind) ?? 0) + 1);
    const found = error ? null : await differs(from, to);
    if (!found) continue;
    const small = await shrink(from, names), after_ = applyAll(small.from, small.names);
    assert.fail(`SEED=${seed + i} COUNT=1 ${JSON.stringify(await differs(small.from, after_), null, 1)}\n${JSON.stringify(small.names)}\n${small.from}\n---\n${after_}`);
  }
  console.log(`# ${refused} refused, ${kinds.size} kinds: ${[...kinds].sort((a, b) => a[1] - b[1]).slice(0, 12).map(([k, n]) => `${k} ${n}`).join(', ')} …`);
  assert.ok(count < 150 || (refused < count / 20 && kinds.size > 50), `${refused} refused, ${kinds.size} kinds`);
});

// ---- usage ----

const SCHEMA = `type Query { a: Int gone: Int args(n: Int, m: Int = 1, in: In): String u: U n: N e: E list: [T] }
type Mutation { m: Int } interface N { id: ID x(k: Int): Int } type T implements N { id: ID x(k: Int): Int t: Int } type S implements N { id: ID x(k: Int): Int s: Int }
union U = T | S enum E { A B } input In { a: Int e: E nested: In } directive @d(a: Int, b: Int) on FIELD | QUERY`;
const change = (from, to) => SCHEMA.replace(from, to);
// name, the new schema, operations with what is expected: state and how many changes it uses
const USES = [
  ['a field', change('gone: Int ', ''), [['{ gone }', 'BROKEN', 1], ['{ a }', 'UNAFFECTED', 0], ['{ x: gone }', 'BROKEN', 1], ['query { ...F } fragment F on Query { gone }', 'BROKEN', 1]]],
  ['a field of an object behind an interface', change('x(k: Int): Int t: Int', 'x(k: Int): Int! t: Int'), [['{ n { x } }', 'UNAFFECTED', 0]]],
  ['the type of a field of an object behind an interface', change('interface N { id: ID x(k: Int): Int } type T implements N { id: ID x(k: Int): Int', 'interface N { id: ID x(k: Int): Int } type T implements N { id: ID! x(k: Int): Int').replace('t: Int', 't: String'), [['{ n { ... on T { t } } }', 'AFFECTED', 1], ['{ n { x } }', 'UNAFFECTED', 0], ['{ u { ... on N { id } ... on T { __typename } } }', 'UNAFFECTED', 0]]],
  ['a required argument', change('a: Int gone', 'a(k: Int!): Int gone'), [['{ a }', 'BROKEN', 1], ['{ gone }', 'UNAFFECTED', 0]]],
  ['an argument that goes', change('n: Int, m', 'm'), [['{ args(n: 1) }', 'BROKEN', 1], ['{ args }', 'UNAFFECTED', 0]]],
  ['an argument that becomes required', change('n: Int,', 'n: Int!,'), [['{ args(n: 1) }', 'UNAFFECTED', 0], ['{ args }', 'BROKEN', 1], ['query Q($n: Int) { args(n: $n) }', 'BROKEN', 1]]],
  ['a default', change('m: Int = 1', 'm: Int = 2'), [['{ args }', 'AFFECTED', 1], ['{ args(m: 3) }', 'UNAFFECTED', 0]]],
  ['a member of a union', change('T | S', 'T'), [['{ u { ... on S { s } } }', 'BROKEN', 1], ['{ u { ... on T { t } } }', 'UNAFFECTED', 0], ['{ n { ... on S { s } } }', 'UNAFFECTED', 0]]],
  ['a new member', change('T | S', 'T | S | Mutation'), [['{ u { __typename } }', 'AFFECTED', 1], ['{ a }', 'UNAFFECTED', 0]]],
  ['an interface', change('S implements N', 'S'), [['{ n { ... on S { s } } }', 'BROKEN', 1], ['{ n { id } }', 'AFFECTED', 1], ['{ a }', 'UNAFFECTED', 0]]],
  ['an enum value that is sent', change('{ A B }', '{ A }'), [['{ args(in: {e: B}) }', 'BROKEN', 1], ['{ args(in: {e: A}) }', 'UNAFFECTED', 0], ['{ e }', 'UNAFFECTED', 0],
    ['query Q($e: E) { args(in: {e: $e}) }', 'AFFECTED', 1], ['query Q($e: E) { args(in: {e: $e}) }', 'UNAFFECTED', 0, { e: 'A' }], ['query Q($e: E) { args(in: {e: $e}) }', 'BROKEN', 1, { e: 'B' }],
    ['query Q($i: In) { args(in: $i) }', 'AFFECTED', 1], ['query Q($i: In) { args(in: $i) }', 'BROKEN', 1, { i: { nested: { e: 'B' } } }], ['query Q($i: In) { args(in: $i) }', 'UNAFFECTED', 0, { i: { a: 1 } }], ['query Q($i: In = {e: B}) { args(in: $i) }', 'BROKEN', 1, {}]]],
  ['an enum value that is new', change('{ A B }', '{ A B C }'), [['{ e }', 'AFFECTED', 1], ['{ args(in: {e: A}) }', 'UNAFFECTED', 0]]],
  ['an input field that is new and required', change('input In { a: Int', 'input In { must: Int! a: Int'), [['{ args(in: {a: 1}) }', 'BROKEN', 1], ['{ args }', 'UNAFFECTED', 0], ['query Q($i: In) { args(in: $i) }', 'AFFECTED', 1], ['query Q($i: In) { args(in: $i) }', 'BROKEN', 1, { i: {} }], ['query Q($i: In) { args(in: $i) }', 'UNAFFECTED', 0, { i: null }]]],
  ['an input field that goes', change('input In { a: Int', 'input In {'), [['{ args(in: {a: 1}) }', 'BROKEN', 1], ['{ args(in: {e: A}) }', 'UNAFFECTED', 0], ['query Q($i: In) { args(in: $i) }', 'BROKEN', 1, { i: { nested: { a: 1 } } }]]],
  ['@oneOf', change('input In {', 'input In @oneOf {'), [['{ args(in: {a: 1, e: A}) }', 'BROKEN', 1], ['{ args(in: {a: 1}) }', 'AFFECTED', 1], ['{ args }', 'UNAFFECTED', 0]]],
  ['a root type', change('type Mutation { m: Int }', ''), [['mutation { m }', 'BROKEN', 2], ['{ a }', 'UNAFFECTED', 0]]],
  ['a type', change('list: [T] ', '').replace(/type T .*? type S/, 'type S').replace('T | S', 'S'), [['{ list { t } }', 'BROKEN', 2], ['{ n { id } }', 'AFFECTED', 1], ['{ a }', 'UNAFFECTED', 0]]],
  ['a directive', change('on FIELD | QUERY', 'on QUERY'), [['{ a @d }', 'BROKEN', 1], ['{ a }', 'UNAFFECTED', 0]]],
  ['an argument of a directive', change('(a: Int, b', '(b'), [['{ a @d(a: 1) }', 'BROKEN', 1], ['{ a @d(b: 1) }', 'UNAFFECTED', 0]]],
  ['a required argument of a directive', change('(a: Int, b', '(c: Int!, a: Int, b'), [['{ a @d(a: 1) }', 'BROKEN', 1], ['{ a }', 'UNAFFECTED', 0]]],
  ['nothing that was valid', change('gone: Int ', ''), [['{ nope }', 'INVALID', 0], ['{', 'INVALID', 0], ['query Q($i: In) { args(in: $i) }', 'INVALID', 0, { i: 3 }], ['query A { a } query B { a }', 'INVALID', 0]]],
];

for (const [name, to, operations] of USES)
  test(`usage: ${name}`, async () => {
    const r = await ours(SCHEMA, to, operations.map(([query, , , variables]) => ({ query, variables })));
    assert.equal(r.error, undefined);
    assert.deepEqual(r.operations.map((o, i) => [operations[i][0], o.state, o.changes.length]), operations.map(([q, state, n]) => [q, state, n]), JSON.stringify(r.changes.filter((c) => c.level !== 'SAFE').map((c) => c.message)));
  });

test('usage: an operation that breaks uses a change that is not safe', async () => {
  const seed = seedOfRun() + 11, count = Number(process.env.COUNT ?? 150), seen = {};
  console.log(`# SEED=${seed - 11} COUNT=${count}`);
  for (let i = 0; i < count; i++) {
    const { from, names } = mutated(seed + i), to = applyAll(from, names);
    const before_ = graphql17.buildSchema(from), after_ = graphql17.buildSchema(to), make = new Operations(new Random(seed + i), before_);
    const queries = Array.from({ length: 8 }, () => make.document());
    const r = await ours(from, to, queries.map((query) => ({ query })));
    if (r.error) { // graphql-js does not follow the directives on the types of a directive's arguments, the specification does
      assert.match(r.error, /^Directive ".*" cannot reference itself/, `SEED=${seed - 11 + i} COUNT=1`);
      continue;
    }
    const says = (q) => {
      let doc;
      try { doc = graphql17.parse(q); } catch { return 'INVALID'; }
      if (doc.definitions.filter((d) => d.kind === 'OperationDefinition').length !== 1 || graphql17.validate(before_, doc).length) return 'INVALID';
      return graphql17.validate(after_, doc).length ? 'BROKEN' : 'VALID';
    };
    r.operations.forEach((o, k) => {
      const want = says(queries[k]), got = o.state === 'AFFECTED' || o.state === 'UNAFFECTED' ? 'VALID' : o.state;
      seen[o.state] = (seen[o.state] ?? 0) + 1;
      const context = () => `SEED=${seed - 11 + i} COUNT=1\n${queries[k]}\n${o.errors}\n${r.changes.filter((c) => c.level !== 'SAFE').map((c) => `${c.kind} ${c.message}`).join('\n')}\n${from}\n---\n${to}`;
      assert.equal(got, want, context());
      if (want === 'BROKEN') assert.ok(o.changes.some((c) => r.changes[c].level === 'BREAKING' || r.changes[c].kind === 'DIRECTIVE_REPEATABLE_REMOVED'), context());
    });
  }
  console.log(`# ${JSON.stringify(seen)}`);
});
