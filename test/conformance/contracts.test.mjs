// Contracts: what is hidden against a second implementation of the rules, whether it is allowed against Apollo's library, what is
// left when tags only exclude against @theguild/federation-composition, and the router's reader on the result.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { composeSchemaContract } from '@theguild/federation-composition';
import { parse } from 'graphql';
import { codesOf, federationLink, startOurs } from './lib/composition.mjs';
import { judge, markContract, randomFilter, withTags } from './lib/contracts.mjs';
import { difference, sdlFacts } from './lib/sdl-facts.mjs';
import { generateSubgraphs } from './lib/subgraph-sets.mjs';

let ours;
before(() => { ours = startOurs(`${process.env.BUILD_DIR}/src/federation/federation-test-compose`); });
after(() => ours.end());

const one = (sdl) => [{ name: 'a', url: 'http://a', sdl: federationLink('v2.9') + sdl }];

async function check(subgraphs, filter) {
  const { supergraph, errors } = await ours.compose(subgraphs);
  if (!supergraph) return { refused: errors };
  const got = await ours.contract(supergraph, filter);
  const marked = markContract(supergraph, filter), want = judge(marked);
  const found = [];
  if (codesOf(got.errors).join() !== want.codes.join()) found.push(`codes: want [${want.codes}], got [${codesOf(got.errors)}]`, ...(want.messages ?? []), ...got.errors.map((e) => e.message));
  else if (got.supergraph) {
    found.push(...difference(sdlFacts(marked), sdlFacts(got.supergraph)));
    found.push(...difference(sdlFacts(want.api), sdlFacts(got.api)).map((line) => `api ${line}`));
    found.push(...difference(sdlFacts(judge(got.supergraph).api), sdlFacts(got.api)).map((line) => `own api ${line}`));
  }
  return { got, found };
}

const CASES = [
  ['exclude a field', 'type Query { a: Int b: Int @tag(name: "x") }', { exclude: ['x'] }, 'type Query { a: Int }'],
  ['exclude beats include', 'type Query { a: Int @tag(name: "i") b: Int @tag(name: "i") @tag(name: "x") }', { include: ['i'], exclude: ['x'] }, 'type Query { a: Int }'],
  ['a type passes its tags to fields and arguments', 'type Query { t: T @tag(name: "i") } type T @tag(name: "i") { a(n: Int): Int b: Int }', { include: ['i'] }, 'type Query { t: T } type T { a(n: Int): Int b: Int }'],
  ['a field is left for its argument', 'type Query { a(n: Int @tag(name: "i"), m: Int): Int b: Int }', { include: ['i'] }, 'type Query { a(n: Int): Int }'],
  ['an enum passes its tags to values', 'type Query { e: E @tag(name: "i") f: F @tag(name: "i") } enum E @tag(name: "i") { A B } enum F { C @tag(name: "i") D }', { include: ['i'] }, 'type Query { e: E f: F } enum E { A B } enum F { C }'],
  ['input fields', 'type Query { a(i: I @tag(name: "i")): Int @tag(name: "i") } input I { a: Int @tag(name: "i") b: Int }', { include: ['i'] }, 'type Query { a(i: I): Int } input I { a: Int }'],
  ['a field of an interface that no object has left', 'type Query { n: N } interface N { a: Int b: Int } type T implements N { a: Int b: Int @tag(name: "x") } type U implements N @tag(name: "x") { a: Int b: Int }', { exclude: ['x'] }, 'type Query { n: N } interface N { a: Int } type T implements N { a: Int }'],
  ['a union loses members', 'type Query { u: U } union U = A | B type A { a: Int } type B @tag(name: "x") { a: Int }', { exclude: ['x'] }, 'type Query { u: U } union U = A type A { a: Int }'],
  ['what cannot be reached goes', 'type Query { a: Int b: T @tag(name: "x") } type T { e: E u: V } enum E { A } union V = T', { exclude: ['x'] }, 'type Query { a: Int }'],
  ['unless it is to be kept', 'type Query { a: Int b: T @tag(name: "x") } type T { e: E } enum E { A }', { exclude: ['x'], keepUnreachable: true }, 'type Query { a: Int } type T { e: E } enum E { A }'],
  ['an included type is reached by itself', 'type Query { a: Int @tag(name: "i") } type T @tag(name: "i") { a: Int }', { include: ['i'] }, 'type Query { a: Int } type T { a: Int }'],
  ['a union of a type that is reached', 'type Query { a: A u: U @tag(name: "x") } union U = A | B type A { a: Int } type B { b: Int }', { exclude: ['x'] }, 'type Query { a: A } union U = A | B type A { a: Int } type B { b: Int }'],
  ['a mutation root that is left empty', 'type Query { a: Int } type Mutation { b: Int @tag(name: "x") }', { exclude: ['x'] }, 'type Query { a: Int }'],
  ['@inaccessible stays', 'type Query { a: Int b: Int @inaccessible c: Int @tag(name: "x") }', { exclude: ['x'] }, 'type Query { a: Int }'],
  ['arguments of directives of operations', 'directive @d(a: Int @tag(name: "x") b: Int) on FIELD type Query { a: Int }', { exclude: ['x'] }, 'directive @d(b: Int) on FIELD type Query { a: Int }'],
  ['no filter at all', 'type Query { a: Int } type T { a: Int }', {}, 'type Query { a: Int }'],
  ['a hidden type that a field needs', 'type Query { a: Int t: T } type T @tag(name: "x") { a: Int }', { exclude: ['x'] }, ['REFERENCED_INACCESSIBLE', 'type "T" is hidden (tagged "x", which the contract excludes) but is the type of "Query.t"']],
  ['a hidden argument that is required', 'type Query { a(n: Int! @tag(name: "x")): Int }', { exclude: ['x'] }, ['REQUIRED_INACCESSIBLE', '"Query.a(n:)" is hidden (tagged "x", which the contract excludes) but required']],
  ['a hidden input field that is required', 'type Query { a(i: I): Int } input I { a: Int! @tag(name: "x") b: Int }', { exclude: ['x'] }, ['REQUIRED_INACCESSIBLE', '"I.a" is hidden']],
  ['nothing left of Query', 'type Query @tag(name: "x") { a: Int }', { exclude: ['x'] }, ['QUERY_ROOT_TYPE_INACCESSIBLE', '"Query" is hidden (tagged "x"']],
  ['a default that is hidden', 'type Query { a(e: E = B): Int } enum E { A B @tag(name: "x") }', { exclude: ['x'] }, ['DEFAULT_VALUE_USES_INACCESSIBLE', '"E.B" is hidden']],
  ['a field that an interface promises', 'type Query { n: N } interface N { a: Int b: Int } type T implements N { a: Int b: Int @tag(name: "x") } type U implements N { a: Int b: Int }', { exclude: ['x'] }, ['IMPLEMENTED_BY_INACCESSIBLE', '"T.b" is hidden']],
  ['a scalar without the tag', 'type Query { a: S @tag(name: "i") } scalar S', { include: ['i'] }, ['REFERENCED_INACCESSIBLE', 'type "S" is hidden (without any tag that the contract includes)']],
  ['the tag of what it stands in', 'type Query { a: Int t: I } interface I @tag(name: "x") { a(n: Int!): Int } type T implements I { a(n: Int!): Int }', { exclude: ['x'] }, ['REFERENCED_INACCESSIBLE', 'type "I" is hidden']],
];

for (const [name, sdl, filter, want] of CASES)
  test(name, async () => {
    const { got, found } = await check(one(sdl), filter);
    assert.deepEqual(found, []);
    if (Array.isArray(want)) {
      assert.deepEqual(codesOf(got.errors), [want[0]]);
      assert.ok(got.errors.some((e) => e.message.includes(want[1])), got.errors.map((e) => e.message).join('\n'));
    } else assert.deepEqual(difference(sdlFacts(want), sdlFacts(got.api)), []);
  });

test('a tag that nothing has is told', async () => {
  const { supergraph } = await ours.compose(one('type Query { a: Int b: Int @tag(name: "x") }'));
  const { hints } = await ours.contract(supergraph, { include: [], exclude: ['x', 'oops'] });
  assert.deepEqual(hints.map((h) => h.code), ['CONTRACT_TAG_UNKNOWN']);
  assert.match(hints[0].message, /"oops"/);
});

test('a contract of a contract', async () => {
  const { supergraph } = await ours.compose(one('type Query { a: Int b: Int @tag(name: "x") c: Int @tag(name: "y") }'));
  const first = await ours.contract(supergraph, { exclude: ['x'] }), second = await ours.contract(first.supergraph, { exclude: ['y'] });
  assert.deepEqual(sdlFacts(second.api), sdlFacts('type Query { a: Int }'));
});

test('what is no supergraph', async () => {
  for (const sdl of ['', 'type Query { a: Int }', 'type Query {'])
    assert.deepEqual(codesOf((await ours.contract(sdl, { exclude: ['x'] })).errors).length, 1);
});

test('generated sets with tags', async () => {
  const seed = Number(process.env.SEED ?? Date.now() % 1e9), count = Number(process.env.COUNT ?? 150);
  console.log(`# SEED=${seed} COUNT=${count}`);
  const seen = { refused: 0, errors: 0, contracts: 0 };
  for (let i = 0; i < count; i++) {
    const subgraphs = withTags(generateSubgraphs(seed + i), seed + i), filter = randomFilter(seed + i);
    const { got, found, refused } = await check(subgraphs, filter);
    seen[refused ? 'refused' : got.errors.length ? 'errors' : 'contracts']++;
    assert.deepEqual(found ?? [], [], `SEED=${seed + i} COUNT=1 ${JSON.stringify(filter)}\n${subgraphs.map((s) => `--- ${s.name}\n${s.sdl}`).join('\n')}`);
  }
  console.log(`# ${JSON.stringify(seen)}`);
  assert.ok(count < 100 || seen.contracts > count / 20, 'most sets must not end in errors');
});

test('contracts that only exclude, against @theguild/federation-composition', async () => {
  const seed = Number(process.env.SEED ?? Date.now() % 1e9) + 7, count = Number(process.env.COUNT ?? 150);
  let compared = 0;
  for (let i = 0; i < count; i++) {
    const subgraphs = withTags(generateSubgraphs(seed + i), seed + i), filter = { include: [], exclude: randomFilter(seed + i).exclude, keepUnreachable: true };
    const { supergraph } = await ours.compose(subgraphs);
    const got = supergraph && await ours.contract(supergraph, filter);
    if (!got?.api || !filter.exclude.length) continue;
    const theirs = composeSchemaContract(subgraphs.map((s) => ({ name: s.name, url: s.url, typeDefs: parse(s.sdl) })), { include: new Set(), exclude: new Set(filter.exclude) }, false);
    if (theirs.errors) continue;
    // Their supergraphs define @listSize without a link, so Apollo's library takes it for one that clients see.
    const types = (api) => sdlFacts(api).filter((fact) => !fact.startsWith('@listSize'));
    const found = difference(types(judge(theirs.supergraphSdl).api), types(got.api));
    assert.deepEqual(found, [], `SEED=${seed + i - 7} COUNT=1 ${JSON.stringify(filter)}\n${subgraphs.map((s) => `--- ${s.name}\n${s.sdl}`).join('\n')}`);
    compared++;
  }
  console.log(`# SEED=${seed - 7}: ${compared} of ${count} compared`);
});
