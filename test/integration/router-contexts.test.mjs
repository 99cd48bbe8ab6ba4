// Contexts over HTTP, with subgraphs that validate what they are asked: many different values at once, and on an @interfaceObject.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Router, compose, subgraph } from './lib/router.mjs';

const USERS = 251;
let users, notes, router;
const everybody = (n, same) => Array.from({ length: n }, (_, i) => ({ id: i, name: same ? 'Ada' : `u${i}` }));

before(async () => {
  users = await subgraph('users', `
    type Query { users(n: Int!, same: Boolean): [User!]! }
    type Mutation { renameAll(n: Int!): Renamed! }
    type Renamed { users: [User!]! query: Query mutation: Mutation }
    type User @key(fields: "id") { id: ID! name: String things: [Thing!]! }
    interface Thing @key(fields: "id") { id: ID! label: String }
    type Box implements Thing @key(fields: "id") { id: ID! label: String }
    type Can implements Thing @key(fields: "id") { id: ID! label: String litres: Int }`, {
    Query: { users: (_, { n, same }) => everybody(n, same) },
    Mutation: { renameAll: (_, { n }) => ({ users: everybody(n), query: {}, mutation: {} }) },
    User: { things: ({ id }) => [{ __typename: 'Box', id: `box${id % 2}`, label: 'b' }, { __typename: 'Can', id: `can${id % 3}`, litres: 5 }] },
    Thing: { __resolveType: (o) => o.__typename },
  });
  notes = await subgraph('notes', `
    type Query { motto: String }
    type Mutation { count: Int }
    type User @key(fields: "id") @context(name: "reader") { id: ID! name: String @external notes: [Note!]! }
    type Note @key(fields: "id") { id: ID! greeting(loud: Boolean, name: String @fromContext(field: "$reader { name }")): String }
    type Thing @key(fields: "id") @interfaceObject { id: ID! dedication(name: String @fromContext(field: "$reader { name }")): String plain: String }`, {
    Query: { motto: () => 'ink' },
    Mutation: { count: () => 7 },
    User: { notes: ({ id }) => [{ id: `n${id}` }] },
    Note: { __resolveReference: (r) => r, greeting: ({ id }, { name, loud }) => `${loud ? 'HELLO' : 'hello'} ${name} ${id}` },
    Thing: { __resolveReference: (r) => r, dedication: ({ id }, { name }) => `${id} for ${name}`, plain: ({ id }) => `plain ${id}` },
  });
  router = await Router.start(compose([users, notes]));
});
after(async () => {
  const code = await router?.stop();
  await users?.close();
  await notes?.close();
  assert.equal(code, 0, router?.log.join('\n'));
});

const asked = (word) => notes.requests.filter(({ body }) => body.includes(word));

test('251 values go in three requests', async () => {
  notes.requests.length = 0;
  const query = 'query Greet($n: Int!, $loud: Boolean) { users(n: $n) { notes { greeting(loud: $loud) } } }';
  const { data, errors } = await router.ask(query, { n: USERS, loud: true });
  assert.equal(errors, undefined, JSON.stringify(errors?.[0]));
  assert.deepEqual(data.users.map((u) => u.notes[0].greeting), Array.from({ length: USERS }, (_, i) => `HELLO u${i} n${i}`));
  const sizes = asked('greeting').map(({ body }) => JSON.parse(body).query.match(/greeting/g).length);
  assert.deepEqual(sizes.sort((a, b) => a - b), [51, 100, 100]);
});

test('100 values go in one, equal values in one selection', async () => {
  for (const [n, same, selections] of [[100, false, 100], [101, true, 1], [1, false, 1]]) {
    notes.requests.length = 0;
    const { errors } = await router.ask('query($n: Int!, $same: Boolean) { users(n: $n, same: $same) { notes { greeting } } }', { n, same });
    assert.equal(errors, undefined);
    assert.deepEqual(asked('greeting').map(({ body }) => JSON.parse(body).query.match(/greeting/g).length), [selections]);
  }
});

test('below a mutation they are split as well, beside roots that are asked again', async () => {
  notes.requests.length = 0;
  const query = `mutation($n: Int!) { renameAll(n: $n) {
    users { notes { greeting } } query { motto users(n: $n) { notes { greeting } } } mutation { count } } }`;
  const { data, errors } = await router.ask(query, { n: USERS });
  assert.equal(errors, undefined, JSON.stringify(errors?.[0]));
  const greetings = Array.from({ length: USERS }, (_, i) => `hello u${i} n${i}`), of = (list) => list.map((u) => u.notes[0].greeting);
  assert.deepEqual(of(data.renameAll.users), greetings);
  assert.deepEqual(of(data.renameAll.query.users), greetings);
  assert.equal(data.renameAll.query.motto, 'ink');
  assert.equal(data.renameAll.mutation.count, 7);
  const sizes = asked('greeting').map(({ body }) => JSON.parse(body).query.match(/greeting/g).length);
  assert.ok(sizes.every((n) => n <= 100), `${sizes}`);
  assert.equal(sizes.reduce((a, b) => a + b), 2 * USERS);
  assert.deepEqual([asked('motto').length, asked('count').length], [1, 1]);
  assert.match(asked('count')[0].body, /^\{"query":"mutation/);
});

test('an @interfaceObject gets the value of the object above, whatever its type', async () => {
  const { data, errors } = await router.ask('{ users(n: 4) { name things { __typename id dedication plain ... on Can { litres again: dedication } } } }');
  assert.equal(errors, undefined, JSON.stringify(errors?.[0]));
  for (const [i, { name, things }] of data.users.entries()) {
    assert.equal(name, `u${i}`);
    assert.deepEqual(things, [
      { __typename: 'Box', id: `box${i % 2}`, dedication: `box${i % 2} for u${i}`, plain: `plain box${i % 2}` },
      { __typename: 'Can', id: `can${i % 3}`, dedication: `can${i % 3} for u${i}`, plain: `plain can${i % 3}`, litres: 5, again: `can${i % 3} for u${i}` },
    ]);
  }
});
