// What one service commits reaches the others: from a customer to an approved project, by events alone. Needs test/with-postgres.
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { startRedis } from './redis.mjs';
import { NAMES, sql, tool } from './services/service.mjs';

const OWNER = { sub: '01900000-0000-7000-8000-000000000001', role: 'OWNER', scopes: [] };
const CARD = '01900000-0000-7000-8000-000000099000';
const dir = mkdtempSync(join(tmpdir(), 'paintbox-events.'));
const services = {};
let redis;

async function start(name) {
  const child = spawn(process.env.PAINTBOX, [name, '--listen', '127.0.0.1:0', '--database', process.env.PAINTBOX_TEST_PG, '--redis', redis.address,
    '--service-token-file', join(dir, 'token')], { stdio: ['ignore', 'ignore', 'pipe'] });
  const log = [];
  const address = await new Promise((resolve) => {
    createInterface({ input: child.stderr }).on('line', (line) => {
      log.push(line);
      const found = / listening on (\S+)/.exec(line);
      if (found) resolve(found[1]);
    });
    child.once('exit', () => resolve(null));
  });
  assert.ok(address, log.join('\n'));
  services[name] = { child, log, address };
}

async function ask(name, query, variables) {
  const response = await fetch(`http://${services[name].address}/graphql`, { method: 'POST', body: JSON.stringify({ query, variables }),
    headers: { 'content-type': 'application/json', 'paintbox-service-token': 'secret', 'paintbox-caller': JSON.stringify(OWNER) } });
  const answer = await response.json();
  assert.equal(answer.errors, undefined, JSON.stringify(answer));
  return Object.values(answer.data)[0];
}

async function until(what, condition) {
  for (const end = Date.now() + 30000; Date.now() < end;) {
    if (condition()) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  assert.fail(`${what}\n${Object.values(services).map((s) => s.log.join('\n')).join('\n')}`);
}

before(async () => {
  writeFileSync(join(dir, 'token'), 'secret');
  redis = await startRedis();
  tool('up');
  for (const name of NAMES) await start(name);
});
after(async () => {
  for (const { child, log } of Object.values(services)) {
    child.removeAllListeners('exit');
    const ended = new Promise((resolve) => child.once('exit', (code, signal) => resolve(code ?? signal)));
    child.kill('SIGTERM');
    assert.equal(await ended, 0, log.join('\n'));
  }
  await redis.stop();
  rmSync(dir, { recursive: true, force: true });
});

test('a project passes its guards because of what the estimates service committed', { timeout: 100000 }, async () => {
  const { customer } = await ask('customers', 'mutation { createCustomer(input: { firstName: "Ana", email: "ana@example.com" }) { ... on CustomerSuccess { customer { id } } } }');
  await until('the customer is known', () => sql('projects', `select credit_hold from customer_facts where customer_id = '${customer.id}'`) === 'f');
  assert.equal(sql('projects', `select owner from federation_keys where entity_id = '${customer.id}'`), 'customers');
  const { property } = await ask('customers', `mutation ($id: ID!, $p: PropertyInput!) { addProperty(customerId: $id, input: $p) {
    ... on PropertySuccess { property { id } } } }`,
  { id: customer.id, p: { address: { line1: '12 Elm St', city: 'Denver', region: 'CO', postalCode: '80202' }, leadPaintStatus: 'PRESUMED' } });
  const { project } = await ask('projects', 'mutation ($i: CreateProjectInput!) { createProject(input: $i) { ... on ProjectSuccess { project { id } } } }',
    { i: { customerId: customer.id, propertyId: property.id, name: 'Hall', type: 'INTERIOR' } });
  await until('the project has its address', () => sql('projects', `select line1 || lead_safe_required from projects where id = '${project.id}'`) === '12 Elm Sttrue');
  const move = (expectedVersion, to) => ask('projects', `mutation ($i: TransitionProjectInput!) { transitionProject(input: $i) {
    ... on ProjectSuccess { project { status } } ... on UserError { message } } }`, { i: { projectId: project.id, expectedVersion, to } });
  assert.equal((await move(1, 'ESTIMATING')).project?.status, 'ESTIMATING');
  assert.match((await move(2, 'AWAITING_APPROVAL')).message, /NO_SENT_ESTIMATE/);

  const estimate = (name, type, input) => ask('estimates', `mutation ($i: ${type}!) { ${name}(input: $i) {
    ... on EstimateSuccess { estimate { id version pricing { resultHash } } } ... on UserError { message } } }`, { i: input });
  const created = await estimate('createEstimate', 'CreateEstimateInput', { idempotencyKey: 'e', customerId: customer.id, projectId: project.id, propertyId: property.id, title: 'Hall',
    pricing: { rateCardId: CARD, kind: 'INTERIOR', areas: [{ name: 'Hall', lengthFt: 14, widthFt: 12, heightFt: 8, surfaces: [{ surface: 'WALL' }] }], tax: { mode: 'NONE', jurisdiction: 'US-CO-Denver', rateMicros: 0 } } });
  assert.ok(created.estimate, JSON.stringify(created));
  const sent = await estimate('sendEstimate', 'SendEstimateInput', { id: created.estimate.id, expectedVersion: created.estimate.version, toEmails: ['ana@example.com'] });
  assert.ok(sent.estimate, JSON.stringify(sent));
  await until('the estimate is known as sent', () => sql('projects', `select estimates_sent from project_facts where project_id = '${project.id}'`) === '1');
  assert.equal((await move(2, 'AWAITING_APPROVAL')).project?.status, 'AWAITING_APPROVAL');
  const accepted = await estimate('acceptEstimate', 'AcceptEstimateInput', { idempotencyKey: 'a', id: created.estimate.id, expectedVersion: sent.estimate.version, tier: 'BETTER',
    signature: { signerName: 'Ana', signerEmail: 'ana@example.com', kind: 'TYPED', consent: true, documentHash: sent.estimate.pricing.resultHash } });
  assert.ok(accepted.estimate, JSON.stringify(accepted));
  await until('the estimate is known as accepted', () => sql('projects', `select estimates_accepted from project_facts where project_id = '${project.id}'`) === '1');
  assert.equal((await move(3, 'APPROVED')).project?.status, 'APPROVED');
  await until('the timeline tells it', () => Number(sql('integrations', `select count(*) from timeline_items where project_id = '${project.id}'`)) >= 7);
  assert.equal(sql('integrations', `select string_agg(kind, ' ' order by at) from timeline_items where project_id = '${project.id}'`),
    'project.created project.status_changed estimate.created estimate.sent project.status_changed estimate.accepted project.status_changed');
  for (const name of NAMES) assert.equal(sql(name, `select count(*) from pg_tables where tablename = 'event_failures'`) === '1' ? sql(name, 'select count(*) from event_failures') : '0', '0');
});
