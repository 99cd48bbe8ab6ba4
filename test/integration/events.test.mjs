// The outbox reaches Redis and the consumer: concurrent writers, killed processes, a Redis that forgets. Needs test/with-postgres.
import { after, afterEach, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { execFile, execFileSync, spawn } from 'node:child_process';
import { promisify } from 'node:util';
import { startRedis } from './redis.mjs';

const run = promisify(execFile);
const conninfo = process.env.PAINTBOX_TEST_PG;
const psql = (database) => ['-d', database, '-AtqX', '-v', 'ON_ERROR_STOP=1', '-c'];
const sql = (database, text) => execFileSync('psql', [...psql(database), text], { encoding: 'utf8' }).trim();
const running = new Set();
let redis;

function probe(service, ...kept) {
  const child = spawn(process.env.EVENTS_PROBE, [conninfo, redis.address, service, service, ...kept], { stdio: ['pipe', 'ignore', 'pipe'] });
  const p = { child, log: '', ended: new Promise((resolve) => child.once('exit', (code, signal) => { running.delete(p); resolve(code ?? signal); })) };
  child.stderr.on('data', (text) => { p.log += text; });
  running.add(p);
  p.stop = () => { child.stdin.end(); return p.ended; };
  p.kill = () => { child.kill('SIGKILL'); return p.ended; };
  return p;
}

async function until(what, condition, seconds = 25) {
  for (const end = Date.now() + seconds * 1000; Date.now() < end;) {
    if (condition()) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  assert.fail(`${what}: ${[...running].map((p) => p.log).join('\n')}`);
}

// Each writer commits `n` versions of things that all writers share.
const write = (n, kind = 'thing.changed') => `do $$ declare t text; v bigint; begin for i in 1..${n} loop
  t := 't' || (random() * 7)::int; update things set version = version + 1 where id = t returning version into v;
  insert into outbox (id, kind, entity_type, entity_id, version, summary, after, actor_kind, created_at)
    values (gen_random_uuid(), '${kind}', 'Thing', t, v, E'line "one"\\n\\\\ ü', '{"a": [1, "x"]}', 'SYSTEM', clock_timestamp());
  commit; end loop; end $$`;
const seen = () => Number(sql('target', 'select count(*) from seen'));
const missing = () => Number(sql('source', `select count(*) from outbox where kind like 'thing.%'`)) - Number(sql('target', 'select count(distinct event) from seen'));
const disorder = () => sql('target', `select count(*) from (select version - lag(version) over (partition by entity order by n) as step from seen) s where step <> 1`);

before(async () => {
  redis = await startRedis();
  for (const name of ['source', 'target']) sql('postgres', `create database ${name}`);
  for (const name of ['source', 'target']) sql(name, `create table outbox (id uuid primary key, kind text not null, entity_type text not null, entity_id text not null, version bigint not null, customer_id uuid,
    project_id uuid, summary text, before jsonb, after jsonb, actor text, actor_kind text not null, request_id text, created_at timestamptz not null)`);
  sql('source', `create table things (id text primary key, version bigint not null); insert into things select 't' || g, 0 from generate_series(0, 7) g`);
  sql('target', 'create table seen (n bigint generated always as identity, event uuid, kind text, entity text, version bigint)');
});
afterEach(async () => {
  for (const p of [...running]) await p.kill();
});
after(() => redis.stop());

test('what was written before there was a publisher is published first', async () => {
  sql('source', write(30));
  const p = probe('source'), c = probe('target');
  await until('the backlog arrives', () => seen() === 30);
  assert.deepEqual([await p.stop(), await c.stop()], [0, 0], p.log + c.log);
  assert.equal(disorder(), '0');
});

test('sixteen writers, a publisher and a consumer that are killed: nothing lost, nothing twice, in order', async () => {
  let p = probe('source'), c = probe('target');
  const writers = Promise.all(Array.from({ length: 16 }, () => run('psql', [...psql('source'), write(60)])));
  for (let i = 0; i < 4; i++) {
    await new Promise((resolve) => setTimeout(resolve, 300 + i * 250));
    if (i % 2) { await c.kill(); c = probe('target'); } else { await p.kill(); p = probe('source'); }
  }
  await writers;
  await until('all arrive', () => missing() === 0);
  assert.equal(seen(), 30 + 16 * 60);
  assert.equal(disorder(), '0');
  assert.deepEqual([await p.stop(), await c.stop()], [0, 0], p.log + c.log);
});

test('of two publishers and two consumers one works; when it ends the other goes on', async () => {
  const ps = [probe('source'), probe('source')], cs = [probe('target'), probe('target')], was = seen();
  await until('a publisher has the slot', () => sql('source', `select active from pg_replication_slots where slot_name = 'source_events'`) === 't');
  sql('source', write(20));
  await until('all arrive', () => missing() === 0);
  await ps[0].kill();
  await cs[0].kill();
  sql('source', write(20));
  await until('the rest arrives', () => missing() === 0);
  assert.equal(seen(), was + 40);
  assert.deepEqual([await ps[1].stop(), await cs[1].stop()], [0, 0]);
});

test('a Redis that is away, and comes back with nothing', async () => {
  const p = probe('source');
  sql('source', write(20));
  await until('they are in Redis', () => redis.call('XLEN', 'paintbox:events:source') !== '0');
  await until('the publisher is idle', () => sql('source', 'select last > 0 from event_publisher') === 't');
  await redis.stop();
  sql('source', write(20));
  await redis.start();
  const c = probe('target');
  await until('all arrive', () => missing() === 0, 40);
  await p.stop();
  await c.stop();
});

test('an event that cannot be handled is put aside; unknown kinds are passed over', async () => {
  const p = probe('source'), c = probe('target');
  sql('target', `alter table seen add constraint poison check (kind <> 'thing.poison')`);
  sql('source', write(1, 'thing.poison'));
  sql('source', write(1, 'other.kind'));
  sql('source', write(3, 'thing.after'));
  await until('the rest arrives', () => sql('target', `select count(*) from seen where kind = 'thing.after'`) === '3');
  assert.equal(sql('target', `select kind || attempts from event_failures where error like '%poison%'`), 'thing.poison5');
  assert.equal(sql('target', `select count(*) from seen where kind = 'other.kind'`), '0');
  sql('source', `delete from outbox where kind = 'thing.poison'`);
  await p.stop();
  await c.stop();
});

test('a consumer that was away while the stream was trimmed gets all of the outbox again', async () => {
  let p = probe('source', '200'), c = probe('target');
  await until('all is read', () => missing() === 0);
  await c.stop();
  redis.call('DEL', 'paintbox:events:source:readers');
  sql('source', write(1500));
  const position = sql('target', `select last_id from event_positions where source = 'source'`).split('-')[0];
  await until('the stream is trimmed', () => BigInt(redis.call('GET', 'paintbox:events:source:trimmed').split('-')[0] || 0) > BigInt(position));
  assert.ok(missing() === 1500);
  c = probe('target');
  await until('all arrive', () => missing() === 0, 40);
  assert.match(c.log, /target was away for longer than the events of source are kept/);
  assert.match(p.log, /published again/);
  await until('the publication is complete', () => sql('source', 'select count(*) from event_publisher') === '1'); // else it begins anew
  assert.deepEqual([await p.stop(), await c.stop()], [0, 0], p.log + c.log);
});

test('a consumer that is slow loses nothing: the publisher waits', async (t) => {
  const p = probe('source', '100'), c = probe('target');
  await until('all is read', () => missing() === 0);
  const lock = spawn('psql', ['-d', 'target', '-qX'], { stdio: ['pipe', 'ignore', 'inherit'] });
  t.after(() => lock.kill());
  lock.stdin.write('begin; lock table seen in exclusive mode;\n');
  await until('the table is locked', () => sql('target', `select count(*) from pg_locks where relation = 'seen'::regclass and mode = 'ExclusiveLock' and granted`) === '1');
  sql('source', write(1500));
  await until('the stream is full', () => Number(redis.call('XLEN', 'paintbox:events:source')) >= 500);
  await new Promise((resolve) => setTimeout(resolve, 2000));
  assert.ok(Number(redis.call('XLEN', 'paintbox:events:source')) < 600);
  lock.stdin.end('commit;\n');
  await until('all arrive', () => missing() === 0, 40);
  assert.doesNotMatch(p.log + c.log, /again/);
  assert.deepEqual([await p.stop(), await c.stop()], [0, 0], p.log + c.log);
});
