// Our router in front of somebody else's subgraphs: Apollo Server and GraphQL Yoga, composed by Apollo's package and by ours.
import { ApolloServer } from '@apollo/server';
import { startStandaloneServer } from '@apollo/server/standalone';
import { buildSubgraphSchema } from '@apollo/subgraph';
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { parse } from 'graphql';
import { createYoga } from 'graphql-yoga';
import { LINK, Router, compose, program } from './lib/router.mjs';

const PRODUCTS = `
  type Query { products(first: Int = 10): [Product!]! product(upc: String!): Product search(text: String): [Result!]! }
  type Mutation { rename(upc: String!, name: String!): Product }
  interface Node { id: ID! }
  type Product implements Node @key(fields: "upc") @key(fields: "id") { id: ID! upc: String! name: String weight: Float size: Size @shareable }
  type Size @shareable { width: Int height: Int }
  type Shop { id: ID! city: String }
  union Result = Product | Shop`;
const REVIEWS = `
  type Query { latest: [Review!]! }
  type Product @key(fields: "upc") { upc: String! weight: Float @external reviews: [Review!]! shipping(express: Boolean = false): Float @requires(fields: "weight") broken: String! }
  type Review { id: ID! stars: Int! product: Product! }`;

const items = [{ id: '1', upc: 'a', name: 'Brush', weight: 0.5, size: { width: 2, height: 9 } }, { id: '2', upc: 'b', name: 'Roller', weight: 1.25, size: null }];
const reviews = [{ id: 'r1', stars: 5, upc: 'a' }, { id: 'r2', stars: 1, upc: 'b' }, { id: 'r3', stars: 3, upc: 'a' }];
const productsSchema = () => buildSubgraphSchema({
  typeDefs: parse(LINK + PRODUCTS),
  resolvers: {
    Query: { products: (_, { first }) => items.slice(0, first), product: (_, { upc }) => items.find((p) => p.upc === upc), search: () => [items[0], { id: 's', city: 'Denver' }] },
    Mutation: { rename: (_, { upc, name }) => ({ ...items.find((p) => p.upc === upc), name }) },
    Product: { __resolveReference: (r) => items.find((p) => p.upc === r.upc || p.id === r.id) },
    Result: { __resolveType: (o) => (o.city ? 'Shop' : 'Product') },
  },
});
const reviewsSchema = () => buildSubgraphSchema({
  typeDefs: parse(LINK + REVIEWS),
  resolvers: {
    Query: { latest: () => reviews },
    Product: {
      __resolveReference: (r) => r,
      reviews: ({ upc }) => reviews.filter((r) => r.upc === upc),
      shipping: ({ weight }, { express }) => weight * (express ? 10 : 2),
      broken: () => { throw new Error('kaput'); },
    },
    Review: { product: ({ upc }) => ({ upc }) },
  },
});

const cases = [
  ['there and back', '{ latest { stars product { name size { height } } } }',
    { latest: [{ stars: 5, product: { name: 'Brush', size: { height: 9 } } }, { stars: 1, product: { name: 'Roller', size: null } }, { stars: 3, product: { name: 'Brush', size: { height: 9 } } }] }],
  ['@requires and arguments', 'query($e: Boolean) { products(first: 1) { upc slow: shipping fast: shipping(express: $e) reviews { id } } }',
    { products: [{ upc: 'a', slow: 1, fast: 5, reviews: [{ id: 'r1' }, { id: 'r3' }] }] }, { e: true }],
  ['a union, and an entity in it', '{ search { __typename ... on Shop { city } ... on Product { name reviews { stars } } } }',
    { search: [{ __typename: 'Product', name: 'Brush', reviews: [{ stars: 5 }, { stars: 3 }] }, { __typename: 'Shop', city: 'Denver' }] }],
  ['a mutation, and what follows', 'mutation { rename(upc: "b", name: "Tray") { name reviews { stars product { id } } } }',
    { rename: { name: 'Tray', reviews: [{ stars: 1, product: { id: '2' } }] } }],
  ['nothing found', '{ product(upc: "zz") { name reviews { stars } } }', { product: null }],
];

let servers = [];
async function startServers() {
  const apollo = new ApolloServer({ schema: productsSchema() });
  const { url } = await startStandaloneServer(apollo, { listen: { port: 0, host: '127.0.0.1' } });
  const yoga = createServer(createYoga({ schema: reviewsSchema(), logging: false, maskedErrors: false }));
  await new Promise((resolve) => yoga.listen(0, '127.0.0.1', resolve));
  servers = [() => apollo.stop(), () => new Promise((resolve) => (yoga.close(resolve), yoga.closeAllConnections()))];
  return [{ name: 'products', url, sdl: PRODUCTS }, { name: 'reviews', url: `http://127.0.0.1:${yoga.address().port}/graphql`, sdl: REVIEWS }];
}

function composeOurs(subgraphs) {
  const dir = mkdtempSync(join(tmpdir(), 'foreign-'));
  try {
    let yaml = 'subgraphs:\n';
    for (const { name, url, sdl } of subgraphs) {
      writeFileSync(join(dir, `${name}.graphql`), LINK + sdl);
      yaml += `  ${name}:\n    routing_url: ${url}\n    schema:\n      file: ${name}.graphql\n`;
    }
    writeFileSync(join(dir, 'supergraph.yaml'), yaml);
    return execFileSync(program, ['compose', '--config', join(dir, 'supergraph.yaml')], { encoding: 'utf8' });
  } finally {
    rmSync(dir, { recursive: true });
  }
}

let subgraphs;
before(async () => (subgraphs = await startServers()));
after(() => Promise.all(servers.map((stop) => stop())));

for (const [composer, make] of [['@apollo/composition', compose], ['paintbox compose', composeOurs]])
  describe(`Apollo Server and Yoga, composed by ${composer}`, () => {
    let router;
    before(async () => (router = await Router.start(make(subgraphs))));
    after(async () => assert.equal(await router?.stop(), 0, router?.log.join('\n')));
    for (const [name, query, data, variables] of cases)
      test(name, async () => assert.deepEqual(await router.ask(query, variables), { data }));
    test('an error keeps its message and gets the client’s path', async () => {
      const answer = await router.ask('{ all: products { upc bad: broken } }');
      assert.equal(answer.data, null);
      assert.deepEqual(answer.errors.map((e) => [e.message, e.path]), [['kaput', ['all', 0, 'bad']]]);
      assert.equal(answer.errors[0].extensions.service, 'reviews');
    });
  });
