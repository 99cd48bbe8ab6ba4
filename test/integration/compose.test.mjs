// `paintbox compose` as a program: exit codes, outputs, contracts from a configuration and from a supergraph.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { after, before, test } from 'node:test';

const program = process.env.PAINTBOX;
let dir;
const path = (name) => join(dir, name);
const run = (...args) => { const r = spawnSync(program, ['compose', ...args], { encoding: 'utf8' }); return { code: r.status, out: r.stdout, err: r.stderr }; };

const SDL = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@tag"])
type Query { a: Int @tag(name: "open") secret: T @tag(name: "inner") }
type T { id: ID! }`;
const config = (contracts = '') => `subgraphs:
  one:
    routing_url: http://one
    schema: {file: one.graphql}
${contracts}`;

before(() => {
  dir = mkdtempSync(join(tmpdir(), 'paintbox-compose-'));
  writeFileSync(path('one.graphql'), SDL);
  writeFileSync(path('plain.yaml'), config());
  writeFileSync(path('contracts.yaml'), config('contracts:\n  - {name: open, include: [open], output: open.graphql, api_schema: open-api.graphql}\n  - {name: public, exclude: [inner], output: public.graphql}\n'));
  writeFileSync(path('broken.yaml'), config('contracts:\n  - {name: nothing, include: [nobody], output: nothing.graphql}\n'));
});
after(() => rmSync(dir, { recursive: true }));

test('a supergraph on standard output', () => {
  const r = run('--config', path('plain.yaml'));
  assert.equal(r.code, 0);
  assert.match(r.out, /enum join__Graph/);
});

test('a supergraph in a file, which is left alone when something is wrong', () => {
  const r = run('--config', path('plain.yaml'), '--output', path('out.graphql'));
  assert.deepEqual(r, { code: 0, out: '', err: '' });
  const good = readFileSync(path('out.graphql'), 'utf8');
  assert.equal(good, run('--config', path('plain.yaml')).out);
  writeFileSync(path('wrong.yaml'), 'subgraphs: {one: {schema: {sdl: "type Query { a: Absent }"}}}\n');
  const wrong = run('--config', path('wrong.yaml'), '--output', path('out.graphql'));
  assert.equal(wrong.code, 1);
  assert.match(wrong.err, /Absent/);
  assert.equal(readFileSync(path('out.graphql'), 'utf8'), good);
  assert.match(run('--config', path('plain.yaml'), '--output', path('absent/out.graphql')).err, /absent\/out\.graphql/);
});

test('schemas in the configuration itself, and of running subgraphs', async (t) => {
  const asked = [];
  const answers = { '/good': JSON.stringify({ data: { _service: { sdl: SDL } } }), '/other': '{"errors":[{"message":"Who are you?"}]}' };
  const server = createServer(async (request, response) => {
    asked.push([request.method, request.headers.authorization, JSON.parse(await text(request))]);
    response.end(answers[request.url]);
  }).listen(0, '127.0.0.1');
  const close = () => { server.close(); server.closeAllConnections(); };
  t.after(close);
  await once(server, 'listening');
  const here = `http://127.0.0.1:${server.address().port}`;
  const composed = async (yaml) => { // asks this process: it must not wait for the program in between
    writeFileSync(path('asked.yaml'), yaml);
    const child = spawn(program, ['compose', '--config', path('asked.yaml')]);
    const [out, err] = await Promise.all([text(child.stdout), text(child.stderr)]);
    return { out, err };
  };
  const one = await composed(`subgraphs:\n  one:\n    schema: {subgraph_url: "${here}/good", introspection_headers: {Authorization: "Bearer x"}}\n`);
  assert.equal(one.out, run('--config', path('plain.yaml')).out.replace('http://one', `${here}/good`));
  assert.deepEqual(asked, [['POST', 'Bearer x', { query: '{_service{sdl}}' }]]);
  const routed = await composed(`subgraphs:\n  one:\n    routing_url: http://one\n    schema: {subgraph_url: "${here}/good"}\n`);
  assert.equal(routed.out, run('--config', path('plain.yaml')).out);
  const inline = await composed(`subgraphs:\n  one:\n    routing_url: http://one\n    schema:\n      sdl: |\n${SDL.replace(/^/gm, '        ')}\n`);
  assert.equal(inline.out, routed.out);
  const other = await composed(`subgraphs: {one: {schema: {subgraph_url: "${here}/other"}}}\n`);
  assert.match(other.err, /subgraph "one": http:.*\/other does not say its schema .*\(status 200\).*Who are you\?/);
  close();
  assert.match((await composed(`subgraphs: {one: {schema: {subgraph_url: "${here}/good"}}}\n`)).err, /subgraph "one": http.*does not answer: /);
  assert.match((await composed('subgraphs: {one: {schema: {subgraph_url: "file:///etc/passwd"}}}\n')).err, /does not answer: .*rotocol/);
});

test('the API schema', () => {
  const r = run('--config', path('plain.yaml'), '--api-schema');
  assert.deepEqual([r.code, r.out], [0, 'type Query {\n  a: Int\n  secret: T\n}\n\ntype T {\n  id: ID!\n}\n']);
});

test('a contract of a configuration and of a supergraph are the same', () => {
  const direct = run('--config', path('plain.yaml'), '--exclude-tag', 'inner', '--api-schema');
  writeFileSync(path('super.graphql'), run('--config', path('plain.yaml')).out);
  const later = run('--supergraph', path('super.graphql'), '--exclude-tag', 'inner', '--api-schema');
  assert.equal(direct.out, 'type Query {\n  a: Int\n}\n');
  assert.deepEqual(later, direct);
  const kept = run('--supergraph', path('super.graphql'), '--exclude-tag', 'inner', '--keep-unreachable', '--api-schema');
  assert.match(kept.out, /type T/);
});

test('contracts of the configuration are written', () => {
  const r = run('--config', path('contracts.yaml'));
  assert.equal(r.code, 0, r.err);
  assert.doesNotMatch(r.out, /@inaccessible/);
  assert.match(readFileSync(path('public.graphql'), 'utf8'), /secret: T @tag\(name: "inner"\) @inaccessible/);
  assert.equal(readFileSync(path('open-api.graphql'), 'utf8'), 'type Query {\n  a: Int\n}\n');
  const again = run('--supergraph', path('public.graphql'), '--api-schema');
  assert.equal(again.out, 'type Query {\n  a: Int\n}\n');
});

test('JSON has the contracts', () => {
  const r = run('--config', path('contracts.yaml'), '--format', 'json', '--api-schema');
  const { supergraph, apiSchema, errors, contracts } = JSON.parse(r.out);
  assert.ok(supergraph && apiSchema.startsWith('type Query') && errors.length === 0);
  assert.deepEqual(contracts.map((c) => [c.name, typeof c.supergraph, c.errors.length]), [['open', 'string', 0], ['public', 'string', 0]]);
});

test('a contract that cannot be is an error', () => {
  const r = run('--config', path('broken.yaml'));
  assert.equal(r.code, 1);
  assert.match(r.err, /error QUERY_ROOT_TYPE_INACCESSIBLE: contract "nothing": .*all its fields are hidden/);
  assert.match(r.err, /warning CONTRACT_TAG_UNKNOWN: contract "nothing": .*"nobody"/);
});

test('what is wrong with the input', () => {
  assert.equal(run().code, 2);
  assert.equal(run('--config', path('plain.yaml'), '--supergraph', path('one.graphql')).code, 2);
  assert.equal(run('--config', path('plain.yaml'), '--format', 'xml').code, 2);
  assert.equal(run('--config', path('absent.yaml')).code, 1);
  const plain = run('--supergraph', path('one.graphql'));
  assert.deepEqual([plain.code, plain.out], [1, '']);
  assert.match(plain.err, /This is no supergraph/);
  const wrong = (text) => { writeFileSync(path('wrong.yaml'), config(text)); return run('--config', path('wrong.yaml')).err; };
  assert.match(wrong('contracts: {a: 1}\n'), /contracts\.a/);
  const schema = (yaml) => { writeFileSync(path('wrong.yaml'), `subgraphs: {one: {schema: ${yaml}}}\n`); return run('--config', path('wrong.yaml')).err; };
  assert.match(schema('{}'), /wrong\.yaml:1: subgraph "one" needs schema: \{file: PATH\}, \{subgraph_url: URL\} or \{sdl: TEXT\}/);
  assert.match(schema('{file: a, sdl: b}'), /one of them/);
  assert.match(schema('{sdl: b, introspection_headers: {a: b}}'), /go with subgraph_url/);
  assert.match(schema('{subgraph_url: b, introspection_headers: {a: [1]}}'), /the header a must be a text/);
  assert.match(wrong('contracts:\n  - {name: x}\n'), /needs `name` and `output`/);
  assert.match(wrong('contracts:\n  - {name: x, output: y, include: internal}\n'), /`include` must be a list of tags/);
  assert.match(wrong('contracts:\n  - {name: x, output: y}\n  - {name: x, output: z}\n'), /two contracts are called "x"/);
});
