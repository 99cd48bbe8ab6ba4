// `paintbox check` as a program: exit codes, inputs, operations and the four reports.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { parseXml } from './lib/xml.mjs';

const program = process.env.PAINTBOX;
let dir;
const path = (name) => join(dir, name);
const put = (name, text) => { writeFileSync(path(name), text); return path(name); };
const run = (...args) => { const r = spawnSync(program, ['check', ...args], { encoding: 'utf8' }); return { code: r.status, out: r.stdout, err: r.stderr }; };
const check = (...args) => { const r = run('--format', 'json', ...args); return { code: r.code, ...JSON.parse(r.out) }; };

const LINK = 'extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@inaccessible", "@shareable"])\n';
before(() => {
  dir = mkdtempSync(join(tmpdir(), 'paintbox-check-'));
  put('old.graphql', 'type Query { a: Int b: Int "one" c: E }\nenum E { X }\n');
  put('safe.graphql', 'type Query { a: Int b: Int "two" c: E d: Int }\nenum E { X }\n');
  put('dangerous.graphql', 'type Query { a: Int b: Int "one" c: E }\nenum E { X Y }\n');
  put('breaking.graphql', 'type Query { a: Int "one" c: E }\nenum E { X }\n');
  put('wrong.graphql', 'type Query { a: Nope }\n');
  put('one.graphql', `${LINK}type Query { a: Int t: T }\ntype T @key(fields: "id") { id: ID! }`);
  put('two.graphql', `${LINK}type T @key(fields: "id") { id: ID! n: Int hidden: Int @inaccessible }`);
  put('two-less.graphql', `${LINK}type T @key(fields: "id") { id: ID! hidden: Int! @inaccessible }`);
  put('two-wrong.graphql', `${LINK}type T @key(fields: "nope") { id: ID! n: Int }`);
  put('graph.yaml', 'subgraphs:\n  one: {routing_url: http://one, schema: {file: one.graphql}}\n  two: {routing_url: http://two, schema: {file: two.graphql}}\n');
  writeFileSync(path('super.graphql'), spawnSync(program, ['compose', '--config', path('graph.yaml')], { encoding: 'utf8' }).stdout);
  put('a.jsonl', '{"query": "{ a }", "count": 7, "client": "web"}\n\n{"query": "query B { b }", "count": 3, "client": "<&\\"ios\\"\\u0001>"}\n{"query": "query B { b }", "count": 2, "client": "web"}\n{"query": "{ gone }"}\n');
  put('only-a.jsonl', '{"query": "{ a }"}\n');
  mkdirSync(path('sources/deep'), { recursive: true });
  put('sources/q.graphql', 'query One { a ...F }\nquery Two { c }\n');
  put('sources/deep/f.graphql', 'fragment F on Query { b }\n');
  put('sources/readme.txt', 'not an operation');
});
after(() => rmSync(dir, { recursive: true }));

test('exit codes', () => {
  const code = (...args) => run('--old', path('old.graphql'), ...args).code;
  assert.equal(code('--new', path('old.graphql')), 0);
  assert.equal(code('--new', path('safe.graphql')), 0);
  assert.equal(code('--new', path('dangerous.graphql')), 0);
  assert.equal(code('--new', path('dangerous.graphql'), '--fail-on', 'dangerous'), 1);
  assert.equal(code('--new', path('breaking.graphql')), 1);
  assert.equal(code('--new', path('wrong.graphql')), 1);
  assert.equal(code('--new', path('absent.graphql')), 2);
  assert.equal(code(), 2);
  assert.equal(code('--new', path('safe.graphql'), '--format', 'yaml'), 2);
  assert.equal(code('--new', path('safe.graphql'), '--fail-on', 'anything'), 2);
  assert.equal(code('--new', path('safe.graphql'), '--operations', path('absent')), 2);
  assert.equal(run('--old', path('wrong.graphql'), '--new', path('old.graphql')).code, 2);
  assert.equal(run('--help').code, 0);
});

test('text for people', () => {
  const r = run('--old', path('old.graphql'), '--new', path('breaking.graphql'));
  assert.equal(r.out, 'Breaking (1)\n  Field "Query.b" was removed  [FIELD_REMOVED]\n      to do: deprecate it first, and remove it when no client uses it any more\n\nfailed: 1 breaking change, 0 dangerous, 0 safe\n');
  assert.equal(run('--old', path('old.graphql'), '--new', path('old.graphql')).out, 'passed: 0 breaking changes, 0 dangerous, 0 safe\n');
  assert.match(run('--old', path('old.graphql'), '--new', path('wrong.graphql')).out, /^error INVALID_GRAPHQL: Unknown type "Nope"[^]*failed: 1 error in the new schema\n$/);
});

test('descriptions', () => {
  const kinds = (...args) => check('--old', path('old.graphql'), '--new', path('safe.graphql'), ...args).changes.map((c) => c.kind);
  assert.deepEqual(kinds(), ['FIELD_DESCRIPTION_CHANGED', 'FIELD_ADDED']);
  assert.deepEqual(kinds('--ignore-descriptions'), ['FIELD_ADDED']);
});

test('recorded operations', () => {
  const args = ['--old', path('old.graphql'), '--new', path('breaking.graphql')];
  const used = check(...args, '--operations', path('a.jsonl'));
  assert.equal(used.code, 1);
  assert.deepEqual(used.operations.map((o) => [o.name, o.line, o.requests, o.clients.length, o.state]), [['{ a }', 1, 7, 1, 'UNAFFECTED'], ['B', 3, 5, 2, 'BROKEN'], ['{ gone }', 5, 1, 0, 'INVALID']]);
  assert.deepEqual([used.changes[0].fails, used.changes[0].requests, used.changes[0].operations], [true, 5, [1]]);
  const unused = check(...args, '--operations', path('only-a.jsonl'));
  assert.deepEqual([unused.code, unused.passed, unused.changes[0].fails, unused.summary.breakingUnused], [0, true, false, 1]);
  assert.equal(check(...args, '--operations', path('only-a.jsonl'), '--strict').code, 1);
  assert.match(run(...args, '--operations', path('only-a.jsonl')).out, /Breaking, but used by no recorded operation \(1\)[^]*passed: 1 breaking change \(1 of them used by nobody\)/);
});

test('operations in documents and folders share fragments', () => {
  const r = check('--old', path('old.graphql'), '--new', path('breaking.graphql'), '--operations', path('sources'));
  assert.deepEqual(r.operations.map((o) => [o.name, o.state]), [['One', 'BROKEN'], ['Two', 'UNAFFECTED']]);
});

test('operations with @defer, which routers take', () => {
  const deferred = put('defer.jsonl', '{"query": "{ a ... @defer { t { n } } }"}');
  const args = ['--old', path('super.graphql'), '--subgraph', `two=${path('two-less.graphql')}`, '--new', path('graph.yaml')];
  assert.deepEqual(check(...args, '--operations', deferred).operations.map((o) => o.state), ['BROKEN']);
  const api = put('api.graphql', 'type Query { a: Int t: T }\ntype T { id: ID! n: Int }\n');
  for (const [from, to] of [['super.graphql', api], [api, 'super.graphql']])
    assert.deepEqual(check('--old', from === api ? api : path(from), '--new', to === api ? api : path(to)).changes, []);
  const own = put('own-defer.graphql', 'directive @defer on INLINE_FRAGMENT\ntype Query { a: Int t: T }\ntype T { id: ID! n: Int }\n');
  assert.deepEqual(check('--old', own, '--new', api).changes.map((c) => c.kind), ['DIRECTIVE_REMOVED']);
});

test('operations that cannot be read', () => {
  const say = (text, name = 'bad.jsonl') => { const r = run('--old', path('old.graphql'), '--new', path('safe.graphql'), '--operations', put(name, text)); assert.equal(r.code, 2); return r.err; };
  assert.match(say('{"query": "{ a }"}\n{"query": 1}\n'), /bad\.jsonl:2: .*"query", a text/);
  assert.match(say('{"query": "{ a }", "count": -1}'), /bad\.jsonl:1: "count" must be/);
  assert.match(say('{"query": "{ a }", "variables": []}'), /bad\.jsonl:1: "variables" must be an object/);
  assert.match(say('nonsense'), /bad\.jsonl:1: /);
  assert.match(say('\n\n'), /there is no operation in .*: without any, every change would look unused/);
  assert.match(say('query {', 'bad.graphql'), /bad\.graphql:1: Syntax Error/);
});

test('subgraphs', () => {
  const same = check('--old', path('graph.yaml'), '--new', path('graph.yaml'));
  assert.deepEqual([same.code, same.changes], [0, []]);
  const less = check('--old', path('graph.yaml'), '--subgraph', `two=${path('two-less.graphql')}`);
  assert.deepEqual([less.code, less.changes.map((c) => `${c.kind} ${c.coordinate}`)], [1, ['FIELD_REMOVED T.n']]);
  const fromSuper = check('--old', path('super.graphql'), '--new', path('graph.yaml'), '--subgraph', `two=${path('two-less.graphql')}`);
  assert.deepEqual(fromSuper.changes.map((c) => `${c.kind} ${c.coordinate} ${c.file}`), [`FIELD_REMOVED T.n ${path('super.graphql')}`]);
  const wrong = check('--old', path('graph.yaml'), '--subgraph', `two=${path('two-wrong.graphql')}`);
  assert.deepEqual([wrong.code, wrong.passed, wrong.composition.errors[0].code, wrong.changes], [1, false, 'KEY_INVALID_FIELDS', []]);
  const more = check('--old', path('graph.yaml'), '--new', path('graph.yaml'), '--subgraph', `three=${put('three.graphql', `${LINK}type Query { three: Int }`)}`);
  assert.deepEqual(more.changes.map((c) => `${c.kind} ${c.coordinate}`), ['FIELD_ADDED Query.three']);
  assert.match(run('--old', path('graph.yaml'), '--subgraph', 'two').err, /write it as NAME=FILE/);
  assert.match(run('--old', path('super.graphql'), '--subgraph', `two=${path('two.graphql')}`).err, /--subgraph needs a configuration/);
});

// JUnit has no schema of its own, and no package carries one of those in use: what readers need is checked here by hand.
test('JUnit', () => {
  const suites = (...args) => {
    const root = parseXml(run('--format', 'junit', ...args).out);
    assert.equal(root.name, 'testsuites');
    for (const s of root.children) {
      const count = (name) => s.children.filter((c) => c.children.some((x) => x.name === name)).length;
      assert.deepEqual(['tests', 'failures', 'skipped', 'errors'].map((n) => Number(s.attributes[n])), [s.children.length, count('failure'), count('skipped'), 0], s.attributes.name);
      assert.ok(s.children.length > 0 && s.children.every((c) => c.name === 'testcase' && c.attributes.name && c.attributes.classname));
    }
    return Object.fromEntries(root.children.map((s) => [s.attributes.name, s.attributes.failures]));
  };
  assert.deepEqual(suites('--old', path('old.graphql'), '--new', path('old.graphql')), { composition: '0', schema: '0' });
  assert.deepEqual(suites('--old', path('old.graphql'), '--new', path('breaking.graphql'), '--operations', path('a.jsonl')), { composition: '0', schema: '1', operations: '1' });
  assert.deepEqual(suites('--old', path('old.graphql'), '--new', path('dangerous.graphql')), { composition: '0', schema: '0' });
  assert.deepEqual(suites('--old', path('old.graphql'), '--new', path('wrong.graphql')), { composition: '1' });
  put('odd.jsonl', JSON.stringify({ query: '{ a(x: "<]]>&\u0001\ufffe") }' }));
  assert.deepEqual(suites('--old', path('old.graphql'), '--new', path('old.graphql'), '--operations', path('odd.jsonl')), { composition: '0', schema: '0', operations: '0' });
});

// What SARIF 2.1.0 requires of the members that are written. The logs of the test below were also validated once with ajv against the schema
// sarif-2.1.0-rtm.5 that @microsoft/jest-sarif carries: valid, all of them.
function sarif(...args) {
  const log = JSON.parse(run('--format', 'sarif', ...args).out);
  assert.equal(log.version, '2.1.0');
  assert.match(log.$schema, /sarif-schema-2\.1\.0\.json$/);
  const [{ tool: { driver }, results, columnKind }] = log.runs;
  assert.equal(columnKind, 'utf16CodeUnits');
  assert.ok(driver.name && driver.rules.every((r) => r.id && r.shortDescription.text && (!r.help || r.help.text)));
  assert.equal(new Set(driver.rules.map((r) => r.id)).size, driver.rules.length);
  for (const r of results) {
    assert.ok(['error', 'warning', 'note'].includes(r.level) && r.message.text);
    assert.equal(driver.rules[r.ruleIndex].id, r.ruleId);
    for (const { physicalLocation: p, logicalLocations } of r.locations) {
      assert.match(p.artifactLocation.uri, /^[\w\-.~/%]+$/);
      assert.ok(!p.region || p.region.startLine > 0);
      assert.ok(!logicalLocations || logicalLocations.every((l) => l.fullyQualifiedName));
    }
  }
  return results.map((r) => `${r.ruleId} ${r.level} ${r.locations[0].physicalLocation.artifactLocation.uri.split('/').pop()}:${r.locations[0].physicalLocation.region?.startLine ?? ''}`);
}

test('SARIF', () => {
  assert.deepEqual(sarif('--old', path('old.graphql'), '--new', path('safe.graphql')), []);
  assert.deepEqual(sarif('--old', path('old.graphql'), '--new', path('dangerous.graphql')), ['ENUM_VALUE_ADDED warning dangerous.graphql:2']);
  assert.deepEqual(sarif('--old', path('old.graphql'), '--new', path('breaking.graphql'), '--operations', path('a.jsonl')), ['FIELD_REMOVED error old.graphql:1', 'OPERATION_BROKEN error a.jsonl:3']);
  assert.deepEqual(sarif('--old', path('old.graphql'), '--new', path('breaking.graphql'), '--operations', path('only-a.jsonl')), ['FIELD_REMOVED note old.graphql:1']);
  assert.deepEqual(sarif('--old', path('graph.yaml'), '--subgraph', `two=${path('two-wrong.graphql')}`), ['COMPOSITION_ERROR error two-wrong.graphql:2']);
  put('inline.yaml', 'subgraphs: {one: {schema: {sdl: "type Query { a: Nope }"}}}\n'); // its lines are those of no file
  assert.deepEqual(sarif('--old', path('old.graphql'), '--new', path('inline.yaml')), ['COMPOSITION_ERROR error inline.yaml:']);
});
