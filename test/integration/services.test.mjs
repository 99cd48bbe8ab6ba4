// The four services over HTTP, on a real PostgreSQL: stories as data, migrations up and down, statements against the schema.
import { after, before, describe, test } from 'node:test';
import assert from 'node:assert/strict';
import { NAMES, sql, start, tell, tool } from './services/service.mjs';
import { customers } from './services/customers.mjs';
import { projects } from './services/projects.mjs';
import { estimates } from './services/estimates.mjs';

const OWNER = '01900000-0000-7000-8000-000000000001', LEAD = '018cc251-f400-7000-8000-0000000000e1';
const caller = (role, sub = OWNER, customer) => ({ sub, role, scopes: [], ...(customer ? { customer } : {}) });
const callers = (customer) => ({ owner: { ...caller('OWNER'), scopes: ['users:read'] }, office: caller('OFFICE'), estimator: caller('ESTIMATOR'), lead: caller('CREW_LEAD', LEAD),
  painter: caller('PAINTER', LEAD), customer: caller('CUSTOMER', OWNER, customer), stray: caller('CUSTOMER') });
const services = {};

before(async () => {
  tool('up');
  for (const name of NAMES) services[name] = await start(name);
});
after(async () => {
  for (const s of Object.values(services)) assert.equal(await s.stop(), 0, s.log.join('\n'));
});

test('every statement fits the schema', () => tool('check'));

describe('stories', () => {
  test('customers', () => tell(customers, services, callers('$acme')));
  test('projects', () => tell(projects, services, callers('018cc251-f400-7000-8000-0000000000f1')));
  test('estimates', () => tell(estimates, services, callers('018cc251-f400-7000-8000-0000000000c1')));
});

test('an idempotent write that comes twice at once is done once', async () => {
  const query = 'mutation ($i: CreateCustomerInput!) { createCustomer(input: $i) { ... on CustomerSuccess { customer { id } } ... on UserError { message } } }';
  const i = { firstName: 'Twin', email: 'twin@example.com', idempotencyKey: 'twins' };
  const answers = await Promise.all(Array.from({ length: 8 }, () => services.customers.ask(query, { i }, callers().owner)));
  assert.equal(new Set(answers.map((a) => a.data.createCustomer.customer?.id)).size, 1, JSON.stringify(answers));
  assert.equal(sql('customers', `select count(*) from customers where first_name = 'Twin'`), '1');
});

test('of many writers with one version one wins', async () => {
  const id = sql('customers', `select id from customers where first_name = 'Twin'`);
  const query = 'mutation ($i: UpdateCustomerInput!) { updateCustomer(input: $i) { __typename } }';
  const answers = await Promise.all(Array.from({ length: 8 }, (_, n) => services.customers.ask(query, { i: { id, expectedVersion: 1, lastName: `N${n}` } }, callers().owner)));
  const names = answers.map((a) => a.data.updateCustomer.__typename).sort();
  assert.deepEqual(names, [...Array(7).fill('ConflictError'), 'CustomerSuccess']);
});

test('a crew is never booked twice', async () => {
  const crew = sql('projects', `select id from crews where name = 'Alpine'`);
  const ids = sql('projects', `with p as (insert into projects (id, customer_id, name, type, status) select gen_random_uuid(), gen_random_uuid(), 'Race ' || g, 'INTERIOR', 'APPROVED' from generate_series(1, 6) g returning id) select string_agg(id::text, ',') from p`).split(',');
  const query = 'mutation ($i: ScheduleProjectInput!) { scheduleProject(input: $i) { __typename } }';
  const answers = await Promise.all(ids.map((projectId) => services.projects.ask(query, { i: { projectId, expectedVersion: 1, crewId: crew, start: '2027-05-04T15:00:00Z', end: '2027-05-04T23:00:00Z' } }, callers().owner)));
  assert.deepEqual(answers.map((a) => a.data.scheduleProject.__typename).sort(), [...Array(5).fill('ScheduleConflictError'), 'ScheduleSuccess']);
});

test('lists of any length take the same statements', async () => {
  sql('customers', `insert into customers (id, first_name) select gen_random_uuid(), 'Many ' || g from generate_series(1, 60) g`);
  const count = async (n) => (await services.customers.ask(`{ customers(first: ${n}) { nodes { displayName contacts { firstName } primaryProperty { id } properties { id customer { number } } } } }`, {}, callers().owner)).extensions.paintbox.statements;
  assert.equal(await count(5), await count(50));
});

test('integrations: users, roles, connections', async () => {
  sql('integrations', `insert into users (id, name, email, role) values ('${OWNER}', 'Pat', 'pat@example.com', 'OWNER'), ('${LEAD}', 'Lee', 'lee@example.com', 'CREW_LEAD');
    insert into integrations (id, provider, display_name) values (gen_random_uuid(), 'WEATHER', 'Weather'), (gen_random_uuid(), 'COMPANYCAM', 'CompanyCam');
    insert into integration_health (integration_id, requests, errors, p95_ms) select id, 100, case provider when 'COMPANYCAM' then 5 else 4 end, 10 from integrations`);
  const { data } = await services.integrations.ask('{ me { name role scopes } users(role: CREW_LEAD) { name } integrations { provider health { status successRate } } user(id: "x") { id } }', {}, callers().owner);
  assert.equal(data.me.name, 'Pat');
  assert.ok(data.me.scopes.includes('users:admin'));
  assert.deepEqual(data.users, [{ name: 'Lee' }]);
  assert.deepEqual(data.integrations, [{ provider: 'COMPANYCAM', health: { status: 'DEGRADED', successRate: 0.95 } }, { provider: 'WEATHER', health: { status: 'HEALTHY', successRate: 0.96 } }]);
  assert.equal((await services.integrations.ask('{ me { id } }')).data.me, null);
});

test('a published rate card cannot be changed', () => {
  assert.throws(() => sql('estimates', `update production_rates set first_coat_per_hour = 1 where surface = 'WALL'`), /published/);
  assert.throws(() => sql('estimates', `update rate_cards set labor_sell_cents_per_hour = 1`), /published/);
});
