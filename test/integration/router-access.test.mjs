// Who may see what: tokens, scopes that filter fields with an error for each, introspection.
import assert from 'node:assert/strict';
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { SignJWT } from 'jose';
import { Router, compose, subgraph } from './lib/router.mjs';

const SDL = `
  type Query { me: User open: String @authenticated users: [User!]! secret: Vault hidden: Vault! things: [Thing!] node: Node needed: Box again: Query }
  interface Node { id: ID! }
  type User implements Node @key(fields: "id") { id: ID! name: String email: String @requiresScopes(scopes: [["pii"]])
    salary: Int! @requiresScopes(scopes: [["money", "pii"], ["boss"]]) friend: User }
  type Vault @requiresScopes(scopes: [["vault"]]) { gold: Int }
  type Box { size: Int! level: Level lid: Lid! }
  type Lid { color: String! @authenticated }
  union Thing = User | Vault
  enum Level @requiresScopes(scopes: [["level"]]) { LOW HIGH }
  type Mutation { write(n: Int): Int @requiresScopes(scopes: [["write"]]) }`;
const user = (id) => ({ __typename: 'User', id, name: `N${id}`, email: `${id}@x`, salary: 5, friend: null });
const resolvers = {
  Query: {
    me: (_, a, { headers }) => ({ ...user('1'), name: headers['paintbox-caller'] ?? null }), open: () => 'open', users: () => [user('1'), user('2')],
    secret: () => ({ gold: 1 }), hidden: () => ({ gold: 2 }), things: () => [user('1'), { __typename: 'Vault', gold: 3 }],
    node: () => user('3'), again: () => ({}), needed: () => ({ size: 1, level: 'LOW', lid: { color: 'red' } }),
  },
  User: { __resolveReference: ({ id }) => user(id) },
};

const dir = mkdtempSync(join(tmpdir(), 'access-'));
const secret = randomBytes(32);
const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }), ec = generateKeyPairSync('ec', { namedCurve: 'P-256' });
let one, router, closed;

before(async () => {
  const keys = [
    { kty: 'oct', alg: 'HS256', use: 'sig', kid: 'h', k: secret.toString('base64url') },
    { ...rsa.publicKey.export({ format: 'jwk' }), alg: 'RS256', use: 'sig', kid: 'r' },
    { ...ec.publicKey.export({ format: 'jwk' }), alg: 'ES256', use: 'sig', kid: 'e' },
  ];
  writeFileSync(join(dir, 'jwks.json'), JSON.stringify({ keys }));
  one = await subgraph('one', SDL, resolvers);
  const supergraph = compose([one]);
  const config = `router:\n  authentication:\n    router:\n      jwt:\n        jwks:\n          - url: file://${dir}/jwks.json\n            issuer: us\n            audience: paintbox\n`;
  router = await Router.start(supergraph, { config });
  closed = await Router.start(supergraph, { config: 'router:\n  supergraph:\n    introspection: false\n' });
});
after(async () => {
  await one?.close();
  const codes = [await router?.stop(), await closed?.stop()];
  rmSync(dir, { recursive: true });
  assert.deepEqual(codes, [0, 0], router?.log.join('\n') + closed?.log.join('\n'));
});

const now = () => Math.floor(Date.now() / 1000);
const claims = (more) => ({ sub: 'u1', iss: 'us', aud: 'paintbox', exp: now() + 600, scopes: [], ...more });
const sign = (body, header = { alg: 'HS256', kid: 'h' }, key = secret) => new SignJWT(body).setProtectedHeader(header).sign(key);
const withScopes = async (...scopes) => ({ authorization: `Bearer ${await sign(claims({ scopes }))}` });
const refused = (answer) => (answer.errors ?? []).filter((e) => e.extensions.code === 'UNAUTHORIZED_FIELD_OR_TYPE').map((e) => e.path.join('.'));

describe('tokens', () => {
  const accepted = [
    ['HS256', () => sign(claims())],
    ['RS256', () => sign(claims(), { alg: 'RS256', kid: 'r' }, rsa.privateKey)],
    ['ES256', () => sign(claims(), { alg: 'ES256', kid: 'e' }, ec.privateKey)],
    ['without a kid', () => sign(claims(), { alg: 'ES256' }, ec.privateKey)],
    ['several audiences', () => sign(claims({ aud: ['other', 'paintbox'] }))],
    ['expired within the leeway', () => sign(claims({ exp: now() - 10 }))],
  ];
  for (const [name, make] of accepted)
    test(`${name} is accepted`, async () =>
      assert.deepEqual(await router.ask('{ open }', {}, { authorization: `Bearer ${await make()}` }), { data: { open: 'open' } }));

  const b64 = (v) => Buffer.from(JSON.stringify(v)).toString('base64url');
  const flip = (token) => token.slice(0, -10) + (token.at(-10) === 'A' ? 'B' : 'A') + token.slice(-9);
  const refusedTokens = [
    ['alg none', () => `${b64({ alg: 'none' })}.${b64(claims())}.`, /token/],
    ['alg none, with a signature', () => `${b64({ alg: 'none' })}.${b64(claims())}.AAAA`, /token/],
    ['HS256 with the public key as secret', () => sign(claims(), { alg: 'HS256', kid: 'r' }, Buffer.from(rsa.publicKey.export({ format: 'pem', type: 'spki' }))), /key that is not known|signature/],
    ['another algorithm', () => sign(claims(), { alg: 'HS512', kid: 'h' }, randomBytes(64)), /algorithm/],
    ['another secret', () => sign(claims(), undefined, randomBytes(32)), /signature does not fit/],
    ['a changed signature', async () => flip(await sign(claims())), /signature/],
    ['changed claims', async () => (await sign(claims())).split('.').map((p, i) => (i === 1 ? b64(claims({ scopes: ['boss'] })) : p)).join('.'), /signature/],
    ['an unknown kid', () => sign(claims(), { alg: 'HS256', kid: 'z' }), /key that is not known/],
    ['crit', () => sign(claims(), { alg: 'HS256', kid: 'h', crit: ['b64'], b64: true }), /crit/],
    ['expired', () => sign(claims({ exp: now() - 60 })), /expired/],
    ['not valid yet', () => sign(claims({ nbf: now() + 120 })), /not valid yet/],
    ['no expiry', () => sign(claims({ exp: undefined })), /no expiry/],
    ['an expiry that is no number', () => `${b64({ alg: 'HS256' })}.x.y`, /token/],
    ['another issuer', () => sign(claims({ iss: 'them' })), /issuer/],
    ['another audience', () => sign(claims({ aud: 'them' })), /audience/],
    ['no subject', () => sign(claims({ sub: undefined })), /whose/],
    ['an unknown role', () => sign(claims({ role: 'KING' })), /role/],
    ['two parts', () => `${b64({ alg: 'HS256' })}.e30`, /three parts|not valid/],
    ['nothing', () => '', /empty|Bearer/],
    ['too much', () => 'x'.repeat(9000), /8 KiB/],
    ['garbage', () => '\u00a0!!.%%.==', /token/],
  ];
  for (const [name, make, message] of refusedTokens)
    test(`${name} is refused`, async () => {
      const token = await make();
      const reply = await router.post({ query: '{ open }' }, { authorization: `Bearer ${token}` });
      assert.equal(reply.status, 401, reply.text);
      assert.equal(reply.json.errors[0].extensions.code, 'UNAUTHENTICATED');
      assert.match(reply.json.errors[0].message, message);
      assert.match(reply.headers.get('www-authenticate'), /^Bearer/);
    });

  test('the identity reaches the subgraph, and nobody else can claim one', async () => {
    const { data } = await router.ask('{ me { name } }', {}, await withScopes('pii', 'x'));
    assert.deepEqual(JSON.parse(data.me.name), { sub: 'u1', scopes: ['pii', 'x'] });
    const forged = await router.ask('{ me { name } }', {}, { 'paintbox-caller': '{"sub":"boss","scopes":["boss"]}' });
    assert.equal(forged.data.me.name, null);
  });
});

describe('scopes', () => {
  const cases = [
    ['a field', '{ me { id email } }', [], { me: { id: '1', email: null } }, ['me.email']],
    ['a field, with the scope', '{ me { id email } }', ['pii'], { me: { id: '1', email: '1@x' } }, []],
    ['an alias', '{ you: me { mail: email } }', [], { you: { mail: null } }, ['you.mail']],
    ['in a list', '{ users { id email } }', [], { users: [{ id: '1', email: null }, { id: '2', email: null }] }, ['users.0.email', 'users.1.email']],
    ['non-null takes its parent', '{ me { id salary } }', ['pii'], { me: null }, ['me.salary']],
    ['one set of several', '{ me { salary } }', ['boss'], { me: { salary: 5 } }, []],
    ['the other set', '{ me { salary } }', ['money', 'pii'], { me: { salary: 5 } }, []],
    ['a type', '{ secret { gold } me { id } }', [], { secret: null, me: { id: '1' } }, ['secret']],
    ['a type at a non-null field', '{ hidden { gold } }', [], null, ['hidden']],
    ['a type, with the scope', '{ hidden { gold } }', ['vault'], { hidden: { gold: 2 } }, []],
    ['an enum', '{ needed { size level } }', [], { needed: { size: 1, level: null } }, ['needed.level']],
    ['through an interface', '{ node { id ... on User { email } } }', [], { node: { id: '3', email: null } }, ['node.email']],
    ['a mutation', 'mutation { write(n: 1) }', [], { write: null }, ['write']],
  ];
  for (const [name, query, scopes, data, paths] of cases)
    test(name, async () => {
      const answer = await router.ask(query, {}, await withScopes(...scopes));
      assert.deepEqual(answer.data, data, JSON.stringify(answer));
      assert.deepEqual(refused(answer), paths, JSON.stringify(answer));
    });

  test('anonymous callers', async () => {
    const answer = await router.ask('{ open needed { size lid { color } } }');
    assert.deepEqual([answer.data, refused(answer).sort()], [{ open: null, needed: null }, ['needed.lid.color', 'open']]);
  });

  test('what is refused is not asked of the subgraph', async () => {
    one.requests.length = 0;
    await router.ask('{ me { id email } }', {}, await withScopes());
    assert.equal(one.requests.length, 1);
    assert.doesNotMatch(one.requests[0].body, /email/);
    one.requests.length = 0;
    await router.ask('mutation { write(n: 1) }', {}, await withScopes());
    assert.equal(one.requests.length, 0);
  });

  test('callers of one operation do not get each other’s plan', async () => {
    const query = '{ me { id email salary } }';
    const [none, all] = [await withScopes(), await withScopes('pii', 'boss')];
    for (let i = 0; i < 5; i++) {
      assert.equal((await router.ask(query, {}, none)).data.me, null);
      assert.deepEqual((await router.ask(query, {}, all)).data.me, { id: '1', email: '1@x', salary: 5 });
    }
  });

  test('members of a union', async () => {
    const query = '{ things { __typename ... on User { id } ... on Vault { gold } } }';
    const answer = await router.ask(query, {}, await withScopes());
    assert.doesNotMatch(JSON.stringify(answer.data), /gold":3/);
    assert.ok(refused(answer).length > 0, JSON.stringify(answer));
    assert.deepEqual((await router.ask(query, {}, await withScopes('vault'))).data.things, [{ __typename: 'User', id: '1' }, { __typename: 'Vault', gold: 3 }]);
  });
});

describe('introspection below a field', () => {
  const SCHEMA = '__schema { types { name fields { name type { name kind ofType { name } } } enumValues { name } } }';

  test('is that of the root, for every caller', async () => {
    const { data: { __schema: expected } } = await router.ask(`{ ${SCHEMA} }`);
    assert.ok(expected.types.some((t) => t.name === 'Vault'));
    for (const headers of [{}, await withScopes(), await withScopes('pii', 'vault')]) {
      const { data, errors } = await router.ask(`{ again { s: ${SCHEMA} again { ...F } } } fragment F on Query { ${SCHEMA} }`, {}, headers);
      assert.equal(errors, undefined);
      assert.deepEqual(data, { again: { s: expected, again: { __schema: expected } } });
    }
  });

  test('beside fields that are refused, with variables', async () => {
    const query = 'query($name: String!, $no: Boolean!) { again { open __type(name: $name) { name kind } x: __schema @include(if: $no) { __typename } me { id email } } }';
    const answer = await router.ask(query, { name: 'Level', no: false }, await withScopes());
    assert.deepEqual(answer.data, { again: { open: 'open', __type: { name: 'Level', kind: 'ENUM' }, me: { id: '1', email: null } } });
    assert.deepEqual(refused(answer), ['again.me.email']);
    assert.deepEqual((await router.ask(query, { name: 'Nothing', no: false })).data, { again: { open: null, __type: null, me: { id: '1', email: null } } });
  });

  test('asks no subgraph for it', async () => {
    one.requests.length = 0;
    await router.ask('{ again { __schema { queryType { name } } } }');
    assert.ok(one.requests.every(({ body }) => !/__schema|__type\b/.test(body)), JSON.stringify(one.requests.map((r) => r.body)));
  });
});

describe('introspection switched off', () => {
  for (const query of ['{ __schema { queryType { name } } }', '{ x: __type(name: "User") { name } }', '{ ...F } fragment F on Query { ... { __schema { __typename } } }', '{ again { __schema { __typename } } }',
    '{ again { again { x: __type(name: "User") { name } } } }', '{ again { ...F } } fragment F on Query { open ... on Query { s: __schema { __typename } } }', '{ again @include(if: true) { __schema @skip(if: false) { __typename } } }'])
    test(query, async () => {
      const reply = await closed.post({ query }, { accept: 'application/graphql-response+json' });
      assert.equal(reply.status, 400);
      assert.equal(reply.json.errors[0].extensions.code, 'INTROSPECTION_DISABLED');
    });
  test('__typename answers', async () => assert.deepEqual(await closed.ask('{ __typename users { __typename } }'), { data: { __typename: 'Query', users: [{ __typename: 'User' }, { __typename: 'User' }] } }));
});
