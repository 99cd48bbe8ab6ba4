// The integrations service over HTTP on a real PostgreSQL: cases.json is asked about rows.sql.
// Needs test/with-postgres around the whole.
import { execFileSync, spawn } from 'node:child_process';
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';

const binary = process.env.TEST_SERVICES, conninfo = process.env.PAINTBOX_TEST_PG;
assert.ok(binary && conninfo,
  'TEST_SERVICES names the program; run it by meson test or in test/with-postgres');
const here = (name) => fileURLToPath(new URL(name, import.meta.url));
const { callers, cases } = JSON.parse(readFileSync(here('cases.json'), 'utf8'));
const run = (...command) => execFileSync(binary, [conninfo, ...command], { encoding: 'utf8' }).trim();
const PSQL = ['-d', 'paintbox_integrations', '-AtqX', '-v', 'ON_ERROR_STOP=1'];
const psql = (...args) => execFileSync('psql', [...PSQL, ...args], { encoding: 'utf8', stdio: 'pipe' }).trim();
// Every column, constraint and index, in words.
const shape = () => psql('-c', `select table_name, column_name, data_type, is_nullable, column_default
    from information_schema.columns where table_schema = 'public' order by 1, 2`)
  + psql('-c', `select conrelid::regclass, pg_get_constraintdef(oid) from pg_constraint
    where connamespace = 'public'::regnamespace order by 1, 2`)
  + psql('-c', `select indexdef from pg_indexes where schemaname = 'public' order by 1`);

let child, url;
const log = [];

before(async () => {
  run('up');
  psql('-f', here('rows.sql'));
  child = spawn(binary, [conninfo, 'serve', 'integrations', '127.0.0.1:0'], { stdio: ['ignore', 'ignore', 'pipe'] });
  url = await new Promise((resolve, reject) => {
    createInterface({ input: child.stderr }).on('line', (line) => {
      log.push(line);
      const found = / listening on (\S+)/.exec(line);
      if (found) resolve(`http://${found[1]}/graphql`);
    });
    child.once('exit', (code) => reject(new Error(`the service ended with ${code}:\n${log.join('\n')}`)));
  });
});
after(async () => {
  const ended = new Promise((resolve) => child.once('exit', (code, signal) => resolve(code ?? signal)));
  child.kill('SIGTERM');
  assert.equal(await ended, 0, log.join('\n'));
});

async function ask(caller, query, variables) {
  assert.ok(caller in callers, `no caller ${caller}`);
  const headers = { 'content-type': 'application/json', 'paintbox-service-token': 'secret' };
  if (callers[caller]) headers['paintbox-caller'] = JSON.stringify(callers[caller]);
  const body = JSON.stringify({ query, variables, extensions: { paintbox: {} } });
  return (await fetch(url, { method: 'POST', headers, body })).json();
}

describe('cases', () => {
  for (const { name, caller, query, variables, data, errors, statements } of cases) {
    test(`${name} (${caller})`, async () => {
      const answer = await ask(caller, query, variables);
      const said = answer.errors?.map((e) => ({ code: e.extensions.code, message: e.message }));
      assert.deepEqual(said, errors, JSON.stringify(answer.errors));
      if (data !== undefined) assert.deepEqual(answer.data, data);
      if (statements !== undefined) assert.equal(answer.extensions.paintbox.statements, statements, 'statements');
    });
  }
});

describe('timelines', () => {
  const id = (n) => `00000000-0000-7000-8000-00000000${n}`;
  const QUERY = `query($r: [_Any!]!, $after: String) { _entities(representations: $r) { ... on Customer {
    timeline(first: 2, after: $after) {
      edges { cursor node { id } } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } } } }`;

  test('page by page, over two events of one instant', async () => {
    const seen = [];
    for (let after = null, more = true; more;) {
      const r = [{ __typename: 'Customer', id: id('c001') }];
      const { data, extensions } = await ask('customer', QUERY, { r, after });
      const { edges, pageInfo } = data._entities[0].timeline;
      assert.equal(extensions.paintbox.statements, 1);
      assert.deepEqual([pageInfo.startCursor, pageInfo.endCursor], [edges[0].cursor, edges.at(-1).cursor]);
      assert.equal(pageInfo.hasPreviousPage, after !== null);
      seen.push(...edges.map((e) => e.node.id));
      after = pageInfo.endCursor;
      more = pageInfo.hasNextPage;
    }
    assert.deepEqual(seen, ['e006', 'e005', 'e004', 'e003', 'e002', 'e001'].map(id));
  });

  test('of 100 customers and their actors in two statements, each with its own rows', async () => {
    psql('-c', `insert into timeline_items (id, at, kind, summary, actor_id, entity_type, entity_id, customer_id)
      select gen_random_uuid(), timestamptz '2026-03-01' + n * interval '1 minute', 'k', c || ' ' || n, '${id('0001')}',
             'Customer', key, key
        from generate_series(1, 100) c, generate_series(1, 30) n,
             lateral (select ('00000000-0000-7000-8000-0000001' || lpad(c::text, 5, '0'))::uuid as key) k`);
    const r = Array.from({ length: 100 }, (_, i) => ({
      __typename: 'Customer', id: `00000000-0000-7000-8000-0000001${String(i + 1).padStart(5, '0')}` }));
    const { data, extensions } = await ask('owner', `query($r: [_Any!]!) { _entities(representations: $r) {
      ... on Customer { timeline { nodes { summary actor { name } } } } } }`, { r });
    assert.equal(extensions.paintbox.statements, 2);
    data._entities.forEach(({ timeline }, i) => assert.deepEqual(timeline.nodes,
      Array.from({ length: 25 }, (_, n) => ({ summary: `${i + 1} ${30 - n}`, actor: { name: 'Olga Owner' } }))));
  });

  test('read their index in its order', () => {
    const plan = psql('-c', 'set enable_seqscan = off; set enable_bitmapscan = off', '-c', `explain
      select t.* from unnest('{${id('c001')}}'::uuid[]) k(key) cross join lateral
      (select * from timeline_items where customer_id = k.key order by at desc, id desc limit 26) t`);
    assert.match(plan, /Index Scan using timeline_items_customer/);
    assert.doesNotMatch(plan, /Sort/);
  });
});

describe('tables', () => {
  test('have what statements and fields need', () => assert.equal(run('check'), ''));

  test('refuse a second owner, a customer without records, an address that is not in lower case', () => {
    for (const [columns, why] of [
      [`'Two', 'two@paint.example', 'OWNER'`, /users_one_owner/], [`'C', 'c@paint.example', 'CUSTOMER'`, /check/],
      [`'E', 'E@paint.example', 'OFFICE'`, /check/], [`'E', 'emil@paint.example', 'OFFICE'`, /users_email_key/]])
      assert.throws(() => psql('-c', `insert into users (id, name, email, role)
        values (gen_random_uuid(), ${columns})`), (e) => why.test(e.stderr));
  });

  test('go down and come up again as they were', async () => {
    const now = shape();
    const n = run('down', 'integrations', '1000');
    const tables = psql('-c', `select string_agg(tablename, ' ') from pg_tables where schemaname = 'public'`);
    assert.equal(tables, 'schema_migrations');
    assert.equal(run('up', 'integrations'), n);
    assert.equal(shape(), now);
    assert.equal(run('up', 'integrations'), '0');
    const { data } = await ask('owner', '{ users { id } integrations { id } }');
    assert.deepEqual(data, { users: [], integrations: [] });
  });
});
