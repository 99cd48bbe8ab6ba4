// The main story end to end: one command brings up four subgraphs and the router, and the graph says what the databases say.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { System, eventually } from './lib/system.mjs';

const ACTIVE = ['ESTIMATING', 'AWAITING_APPROVAL', 'APPROVED', 'SCHEDULED', 'IN_PROGRESS', 'ON_HOLD', 'WEATHER_HOLD', 'PUNCH_LIST'];

const DASHBOARD = `query CustomerDashboard($id: ID!) {
  customer(id: $id) {
    id number displayName status
    totalEstimateValue activeProjectsCount lastActivityDate
    primaryProperty { address { line1 city location { lat lng } } }
    estimates { id number status goodPrice betterPrice bestPrice selectedTier updatedAt }
    projects { id number name status scheduledStart contractCents }
    timeline(first: 10) { nodes { at summary } }
  }
}`;

let system;
before(async () => {
  system = await System.start();
});
after(() => system?.stop());

/** What the computed fields have to be, from SQL alone. */
function computedFromSql(ids) {
  const list = ids.map((id) => `'${id}'`).join(',');
  const estimates = system.sql('estimates', `select customer_id, good_cents, better_cents, best_cents, selected_tier, updated_at
    from estimates where customer_id in (${list}) and deleted_at is null and status not in ('SUPERSEDED', 'VOID')`);
  const projects = system.sql('projects', `select customer_id, status, updated_at from projects
    where customer_id in (${list}) and deleted_at is null`);
  const customers = system.sql('customers', `select id, updated_at from customers where id in (${list})`);
  const result = new Map();
  for (const c of customers) {
    const mine = estimates.filter((e) => e.customer_id === c.id), jobs = projects.filter((p) => p.customer_id === c.id);
    const cents = mine.reduce((sum, e) => sum + e[`${(e.selected_tier ?? 'BETTER').toLowerCase()}_cents`], 0);
    const times = [...mine, ...jobs].map((x) => Date.parse(x.updated_at));
    result.set(c.id, {
      totalEstimateValue: cents / 100,
      activeProjectsCount: jobs.filter((p) => ACTIVE.includes(p.status)).length,
      lastActivityDate: new Date(times.length ? Math.max(...times) : Date.parse(c.updated_at)).toISOString(),
      estimates: mine.length,
      projects: jobs.length,
    });
  }
  return result;
}

describe('the dashboard', () => {
  it('says for one busy customer what SQL says', async () => {
    const [{ customer_id: id }] = system.sql('estimates',
      'select customer_id from estimates group by customer_id order by count(*) desc limit 1');
    const { data, errors } = await system.graphql(DASHBOARD, { id });
    assert.equal(errors, undefined);
    const want = computedFromSql([id]).get(id);
    assert.equal(data.customer.totalEstimateValue, want.totalEstimateValue);
    assert.equal(data.customer.activeProjectsCount, want.activeProjectsCount);
    assert.equal(data.customer.lastActivityDate, want.lastActivityDate);
    assert.equal(data.customer.estimates.length, want.estimates);
    assert.equal(data.customer.projects.length, want.projects);
  });

  it('says for a page of 50 customers what SQL says', async () => {
    const { data, errors } = await system.graphql(`{ customers(first: 50) {
      nodes { id displayName totalEstimateValue activeProjectsCount lastActivityDate } pageInfo { endCursor hasNextPage } } }`);
    assert.equal(errors, undefined);
    assert.equal(data.customers.nodes.length, 50);
    assert.equal(data.customers.pageInfo.hasNextPage, true);
    const want = computedFromSql(data.customers.nodes.map((c) => c.id));
    for (const c of data.customers.nodes) {
      const { totalEstimateValue, activeProjectsCount, lastActivityDate } = c;
      const { estimates, projects, ...computed } = want.get(c.id);
      assert.deepEqual({ totalEstimateValue, activeProjectsCount, lastActivityDate }, computed);
    }
  });

  it('has a fast list that survives without prices', async () => {
    const { data, errors } = await system.graphql(`{ customers(first: 50) { nodes { id displayName
      estimateSummary { acceptedCents openPipelineCents } projectSummary { active lastUpdatedAt } } } }`);
    assert.equal(errors, undefined);
    assert.equal(data.customers.nodes.length, 50);
  });
});

describe('who may see what', () => {
  it('refuses fields one by one, with an error for each', async () => {
    const token = await system.token('OWNER', '--scopes', 'customers:read');
    const { data, errors } = await system.graphql('{ customers(first: 1) { nodes { displayName email phone } } }', {}, token);
    assert.ok(data.customers.nodes[0].displayName);
    assert.equal(data.customers.nodes[0].email, null);
    assert.deepEqual(errors.map((e) => e.extensions.code), ['UNAUTHORIZED_FIELD_OR_TYPE', 'UNAUTHORIZED_FIELD_OR_TYPE']);
    assert.deepEqual(errors[0].path, ['customers', 'nodes', 0, 'email']);
  });

  it('answers an anonymous caller with errors and no data', async () => {
    const { data, errors } = await system.graphql('{ customers(first: 1) { nodes { id } } }', {}, null);
    assert.equal(data, null);
    assert.equal(errors[0].extensions.code, 'UNAUTHORIZED_FIELD_OR_TYPE');
  });

  it('closes the subgraphs to everybody but the router', async () => {
    const response = await fetch(`http://127.0.0.1:${system.base + 3}/graphql`, {
      method: 'POST', headers: { 'content-type': 'application/json' }, body: '{"query":"{ __typename }"}' });
    assert.equal(response.status, 401);
  });
});

describe('a crashed subgraph', () => {
  it('spoils only what needs it, and comes back by itself', async () => {
    const [pid] = system.pidOf('estimates');
    process.kill(pid, 'SIGSTOP'); // not dead yet: the port is taken but nobody answers
    process.kill(pid, 'SIGKILL');
    const { data } = await system.graphql('{ customers(first: 1) { nodes { displayName activeProjectsCount } } }');
    assert.ok(data.customers.nodes[0].displayName);
    await eventually('estimates runs again', async () => {
      const again = await system.graphql('{ estimates(first: 1) { nodes { number } } }');
      return again.data?.estimates?.nodes.length === 1;
    });
    assert.match(system.log('up'), /estimates was killed by signal 9.*starts again/);
  });
});
