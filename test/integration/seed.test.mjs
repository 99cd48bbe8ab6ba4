// The demo data: sizes, shapes, hashes that replay; then every migration goes down and up again.
import { before, test } from 'node:test';
import assert from 'node:assert/strict';
import { NAMES, sql, start, tool } from './services/service.mjs';

const number = (service, text) => Number(sql(service, text));
const between = (service, text, low, high) => {
  const n = number(service, text);
  assert.ok(n >= low && n <= high, `${text}: ${n} is not in ${low} … ${high}`);
};

before(() => {
  tool('up');
  tool('seed');
});

test('sizes', () => {
  const exact = { customers: { customers: 5000, properties: 6300, customer_search: 5000 }, projects: { projects: 12000, crews: 14, project_facts: 12000 },
    estimates: { estimates: 30000, estimate_tiers: 90000 }, integrations: { users: 62 } };
  for (const [service, tables] of Object.entries(exact))
    for (const [table, n] of Object.entries(tables)) assert.equal(number(service, `select count(*) from ${table}`), n, table);
  between('estimates', 'select count(*) from estimate_surfaces', 440000, 520000);
  between('estimates', 'select count(*) from estimate_lines', 1200000, 1450000);
});

test('shapes', () => {
  between('customers', `select 100.0 * count(*) filter (where type = 'RESIDENTIAL') / count(*) from customers`, 82, 86);
  between('customers', `select 100.0 * count(*) filter (where year_built < 1978) / count(*) from properties`, 36, 40);
  between('projects', `select 100.0 * count(*) filter (where status = 'CLOSED') / count(*) from projects`, 59, 63);
  between('estimates', `select percentile_cont(0.5) within group (order by better_cents) / 100 from estimates where kind = 'INTERIOR'`, 3000, 3900);
  between('estimates', `select percentile_cont(0.5) within group (order by better_cents) / 100 from estimates where kind = 'EXTERIOR'`, 7600, 9600);
  between('estimates', `select 100.0 * count(*) filter (where status = 'ACCEPTED') / count(*) filter (where status in ('ACCEPTED', 'DECLINED', 'EXPIRED')) from estimates`, 40, 48);
  between('estimates', `select 100.0 * count(*) filter (where selected_tier = 'BETTER') / count(selected_tier) from estimates`, 52, 58);
});

test('the planted stories', () => {
  assert.equal(number('projects', `select count(*) from projects where customer_id = (select customer_id from projects group by 1 order by count(*) desc limit 1)`), 140);
  assert.equal(number('estimates', `select count(*) from estimates where customer_id = (select customer_id from estimates group by 1 order by count(*) desc limit 1)`), 420);
  assert.equal(number('projects', `select count(*) from projects where name like 'Dew-point%' and status = 'SCHEDULED' and type = 'EXTERIOR' and scheduled_start::date = current_date + 1`), 2);
  assert.equal(number('estimates', `select max(view_count) from estimates where title = 'Nine views and no signature' and status = 'VIEWED'`), 9);
  assert.equal(sql('estimates', `select bool_or(needs_approval) from estimates where title = 'Discount under the floor' and status = 'PRICED'`), 't');
});

test('nothing dangles', () => {
  assert.equal(number('estimates', `select count(*) from estimate_surfaces s left join estimate_areas a on a.id = s.area_id where a.id is null or a.estimate_id <> s.estimate_id`), 0);
  assert.equal(number('estimates', `select count(*) from estimate_lines l left join estimate_surfaces s on s.id = l.surface_id where s.id is null`), 0);
  assert.equal(number('customers', `select count(*) from properties p left join customers c on c.id = p.customer_id where c.id is null`), 0);
  assert.equal(number('estimates', `select count(*) from estimates where created_at > updated_at or updated_at > now() or sent_at > updated_at`), 0);
  assert.equal(number('estimates', `select count(*) from estimates e join acceptances a on a.estimate_id = e.id join estimate_tiers t on t.estimate_id = e.id and t.tier = a.tier where a.total_cents <> t.total_cents`), 0);
});

test('prices replay to the hash', async () => {
  const service = await start('estimates');
  const ids = sql('estimates', `select id from estimates where ('x' || right(id::text, 6))::bit(24)::int % 200 = 0`).split('\n');
  assert.ok(ids.length > 80);
  for (const id of ids) {
    const answer = await service.ask('query ($id: ID!) { replayPricing(estimateId: $id) { matches differences { path stored replayed } } }', { id }, { sub: id, role: 'OWNER', scopes: [] });
    assert.deepEqual(answer.data?.replayPricing, { matches: true, differences: [] }, JSON.stringify(answer));
  }
  assert.equal(await service.stop(), 0);
});

test('demo data is not loaded twice', () => assert.throws(() => tool('seed'), /SEED_NOT_EMPTY/));

test('every migration goes down, also over data, and up again', () => {
  for (const name of NAMES) {
    const n = number(name, 'select count(*) from schema_migrations');
    assert.equal(tool('down', name, String(n)), String(n));
    assert.equal(sql(name, `select count(*) from pg_class where relnamespace = 'public'::regnamespace and relname <> 'schema_migrations' and relkind in ('r', 'v', 'S', 'p')
      and relname not like 'schema_migrations%'`), '0', name);
    assert.equal(sql(name, `select count(*) from pg_proc where pronamespace = 'public'::regnamespace`), '0', name);
  }
  tool('up');
  tool('check');
});
