// The server audit of the graphql-http package: every check of GraphQL over HTTP.
import { serverAudits } from 'graphql-http';
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Router, compose, subgraph } from './lib/router.mjs';

let router, one;
before(async () => {
  one = await subgraph('one', 'type Query { hello: String } type Mutation { greet(name: String): String }');
  router = await Router.start(compose([one]));
});
after(async () => {
  await one.close();
  assert.equal(await router?.stop(), 0, router?.log.join('\n'));
});

const audits = serverAudits({ url: () => router.url, fetchFn: fetch });

test('there are 61 checks', () => assert.equal(audits.length, 61));

for (const audit of audits)
  test(`${audit.id} ${audit.name}`, async () => {
    const result = await audit.fn();
    assert.equal(result.status, 'ok', `${result.reason ?? ''}\n${result.response ? `${result.response.status} ${JSON.stringify(result.body ?? null)}` : ''}`);
  });
