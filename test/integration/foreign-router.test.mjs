// Our four subgraphs behind somebody else's router, with our supergraph: it has to say what our router says.
import { ApolloGateway, RemoteGraphQLDataSource } from '@apollo/gateway';
import { ApolloServer } from '@apollo/server';
import { createGatewayRuntime } from '@graphql-hive/gateway-runtime';
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { parse, print, visit } from 'graphql';
import { makeCustomer } from './lib/rows.mjs';
import { System } from './lib/system.mjs';

const DASHBOARD = `query Dashboard($id: ID!) {
  customer(id: $id) {
    id number displayName status createdAt
    totalEstimateValue activeProjectsCount lastActivityDate
    estimateSummary { acceptedCents openPipelineCents }
    primaryProperty { address { line1 city location { lat lng } } }
    estimates { id number status goodPrice betterPrice bestPrice selectedTier updatedAt }
    projects { id number name status property { address { city } } }
    timeline(first: 10) { nodes { at summary } }
  }
}`;
const LIST = `query List($first: Int!) {
  customers(first: $first) {
    totalCount
    nodes { id displayName totalEstimateValue activeProjectsCount lastActivityDate }
    pageInfo { hasNextPage endCursor }
  }
}`;
const RENAME = `mutation Rename($input: UpdateCustomerInput!) {
  updateCustomer(input: $input) {
    __typename
    ... on CustomerSuccess { customer { id displayName version totalEstimateValue } }
    ... on ConflictError { code expectedVersion currentVersion }
  }
}`;

let system, headers;
const rows = [];

before(async () => {
  system = await System.start({ args: ['--no-seed'] });
  for (let n = 0; n < 3; n++) rows.push(await makeCustomer(system, n, n + 1));
  const claims = JSON.parse(Buffer.from((await system.token()).split('.')[1], 'base64url'));
  const scopes = ['customers:read', 'customers:write', 'customers:pii', 'projects:read', 'estimates:read', 'prices:read'];
  headers = {
    'paintbox-service-token': readFileSync(join(system.dir, 'secrets/service-token'), 'utf8').trim(),
    'paintbox-caller': JSON.stringify({ sub: claims.sub, role: 'OWNER', scopes }),
  };
});
after(() => system?.stop());

const supergraph = () => readFileSync(join(system.dir, 'supergraph.graphql'), 'utf8');

/** Apollo's open gateway refuses a supergraph with security links, which it does not enforce. */
function withoutSecurity(sdl) {
  const isSecurity = ({ name, arguments: given }) => ['authenticated', 'requiresScopes'].includes(name.value)
    || (name.value === 'link' && given.some((a) => a.name.value === 'for' && a.value.value === 'SECURITY'));
  const document = parse(sdl);
  assert.ok(print(document).includes('for: SECURITY'), 'nothing to take out');
  return print(visit(document, { Directive: (node) => (isSecurity(node) ? null : undefined) }));
}

async function startHive() {
  const gateway = createGatewayRuntime({
    supergraph: supergraph(), logging: false, maskedErrors: false,
    propagateHeaders: { fromClientToSubgraphs: () => headers },
  });
  return {
    stop: () => gateway[Symbol.asyncDispose](),
    async ask(query, variables) {
      const response = await gateway.fetch('http://hive/graphql', {
        method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ query, variables }) });
      return response.json();
    },
  };
}

class WithCaller extends RemoteGraphQLDataSource {
  willSendRequest({ request }) {
    for (const [name, value] of Object.entries(headers)) request.http.headers.set(name, value);
  }
}

async function startApollo() {
  const gateway = new ApolloGateway({ supergraphSdl: withoutSecurity(supergraph()), buildService: ({ url }) => new WithCaller({ url }) });
  const server = new ApolloServer({ gateway });
  await server.start();
  return {
    stop: () => server.stop(),
    async ask(query, variables) {
      const { body } = await server.executeOperation({ query, variables });
      return JSON.parse(JSON.stringify(body.singleResult));
    },
  };
}

for (const [name, start] of [['Hive Gateway', startHive], ['Apollo Gateway', startApollo]]) {
  describe(`behind ${name}`, () => {
    let router;
    before(async () => { router = await start(); });
    after(() => router?.stop());

    const same = async (query, variables) => {
      const ours = await system.graphql(query, variables), theirs = await router.ask(query, variables);
      assert.equal(ours.errors, undefined, JSON.stringify(ours.errors));
      assert.equal(theirs.errors, undefined, JSON.stringify(theirs.errors));
      assert.deepEqual(theirs.data, ours.data);
      return ours.data;
    };

    it('the dashboard says the same', async () => {
      for (const [n, { id }] of rows.entries()) {
        const { customer } = await same(DASHBOARD, { id });
        assert.equal(customer.estimates.length, n + 1);
        assert.ok(customer.totalEstimateValue > 0);
        assert.equal(customer.activeProjectsCount, 1);
      }
    });

    it('the list says the same', async () => {
      const { customers } = await same(LIST, { first: 2 });
      assert.equal(customers.nodes.length, 2);
      assert.equal(customers.pageInfo.hasNextPage, true);
    });

    it('a mutation works, and is seen by our router', async () => {
      const { id } = rows[0];
      const { version } = (await system.graphql('query ($id: ID!) { customer(id: $id) { version } }', { id })).data.customer;
      const input = { id, expectedVersion: version, lastName: `Renamed by ${name}` };
      const { data, errors } = await router.ask(RENAME, { input });
      assert.equal(errors, undefined, JSON.stringify(errors));
      assert.equal(data.updateCustomer.customer.displayName, `Row Renamed by ${name}`);
      assert.equal(data.updateCustomer.customer.version, version + 1);
      await same(DASHBOARD, { id });
      await same(RENAME, { input }); // with the old version now: a conflict, from both
    });
  });
}
