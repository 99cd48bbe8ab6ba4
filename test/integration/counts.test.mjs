// What a page costs: fetches as planned and as sent, and the SQL statements of each, must not grow with the page.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { bodyOf } from './lib/router.mjs';
import { makeCustomer } from './lib/rows.mjs';
import { System, eventually, freePortBase, paintbox, program } from './lib/system.mjs';

const STATEMENTS_OF_A_FETCH = 8; // a list, its count, and what hangs below; never one for each parent

const PAGE = `query ($first: Int!) { customers(first: $first) { totalCount nodes {
  id displayName totalEstimateValue activeProjectsCount lastActivityDate
  contacts { firstName } properties { id } primaryProperty { id address { city } }
  estimates { number goodPrice tiers { tier totalCents } areas { name surfaces { quantity lines { tier hours } } } }
  projects { number statusHistory { to } crews { from } property { id } }
  timeline(first: 3) { nodes { at summary } }
} } }`;

let system, proxy, router, sent = [];

/** Stands between router and subgraphs, asks each for its count of statements and takes that out of the answer again. */
async function forward(request, response) {
  const [, port, path] = /^\/(\d+)(.*)$/.exec(request.url);
  const body = JSON.stringify({ ...JSON.parse(await bodyOf(request)), extensions: { paintbox: {} } });
  const { host, connection, 'content-length': length, 'accept-encoding': encoding, ...headers } = request.headers;
  const answer = await fetch(`http://127.0.0.1:${port}${path}`, { method: 'POST', headers, body });
  const { extensions, ...rest } = await answer.json();
  sent.push({ port: Number(port), statements: extensions.paintbox.statements });
  response.writeHead(answer.status, { 'content-type': 'application/graphql-response+json' }).end(JSON.stringify(rest));
}

before(async () => {
  system = await System.start({ args: ['--no-seed'] });
  for (let n = 0; n < 50; n += 5) await Promise.all([0, 1, 2, 3, 4].map((i) => makeCustomer(system, n + i, 1 + (i % 2))));

  proxy = createServer((request, response) => forward(request, response).catch((e) => response.writeHead(502).end(String(e))));
  await new Promise((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  const file = join(system.dir, 'counted.graphql');
  writeFileSync(file, readFileSync(join(system.dir, 'supergraph.graphql'), 'utf8')
    .replace(/http:\/\/127\.0\.0\.1:(\d+)\/graphql/g, `http://127.0.0.1:${proxy.address().port}/$1/graphql`));
  const port = await freePortBase(system.base + 10);
  router = spawn(program, ['router', '--supergraph', file, '--listen', `127.0.0.1:${port}`, '--workers', '1',
    '--jwks', join(system.dir, 'secrets/jwks.json'), '--service-token-file', join(system.dir, 'secrets/service-token')], { stdio: 'ignore' });
  router.url = `http://127.0.0.1:${port}/graphql`;
  await eventually('the counted router answers', () => fetch(router.url.replace('graphql', 'health')).catch(() => false));
});
after(async () => {
  router?.kill();
  proxy?.closeAllConnections();
  proxy?.close();
  await system?.stop();
});

/** The fetches of a page as they were sent: [{ port, statements }] in the order of their ports. */
async function fetchesOf(first) {
  sent = [];
  const response = await fetch(router.url, { method: 'POST', body: JSON.stringify({ query: PAGE, variables: { first } }),
    headers: { 'content-type': 'application/json', authorization: `Bearer ${await system.token()}` } });
  const { data, errors } = await response.json();
  assert.equal(errors, undefined, JSON.stringify(errors));
  assert.equal(data.customers.nodes.length, first);
  assert.ok(data.customers.nodes.every((c) => c.totalEstimateValue > 0 && c.projects.length === 1 && c.estimates.length > 0));
  return sent.sort((a, b) => a.port - b.port || a.statements - b.statements);
}

test('a page of 50 customers takes the fetches and the statements of a page of 5', async () => {
  const five = await fetchesOf(5);
  assert.deepEqual(await fetchesOf(50), five);
  for (const { port, statements } of five) {
    assert.ok(statements <= STATEMENTS_OF_A_FETCH, `port ${port}: ${statements} statements`);
  }
  assert.equal(new Set(five.filter((f) => f.statements > 0).map((f) => f.port)).size, 4, 'all four databases were asked');
});

test('as many fetches are sent as `paintbox plan` shows', async () => {
  const operation = join(system.dir, 'page.graphql');
  writeFileSync(operation, PAGE);
  const plan = await paintbox(['plan', '--supergraph', join(system.dir, 'supergraph.graphql'), '--operation', operation, '--format', 'json']);
  assert.equal(plan.code, 0, plan.stderr);
  assert.equal((await fetchesOf(5)).length, JSON.parse(plan.stdout).fetches.length);
});
