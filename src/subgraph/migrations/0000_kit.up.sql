-- What every service's database has: keys of other services' entities, the outbox, remembered answers, the audit log.

-- Entities that live elsewhere, fed by events: existence is checked without a call.
create table federation_keys (
  entity_type text not null,
  entity_id uuid not null,
  owner text not null,
  version bigint not null default 0,
  merged_into uuid,
  deleted_at timestamptz,
  updated_at timestamptz not null default now(),
  primary key (entity_type, entity_id)
);

-- One row per event, written in the transaction of its change; the publisher reads it from the write-ahead log.
create table outbox (
  id uuid primary key,
  kind text not null,
  entity_type text not null,
  entity_id text not null,
  version bigint not null,
  customer_id uuid,
  project_id uuid,
  summary text,
  before jsonb,
  after jsonb,
  actor text,
  actor_kind text not null,
  request_id text,
  created_at timestamptz not null
);
create index outbox_created_at on outbox (created_at);

-- Answers of writes that carried an idempotency key.
create table idempotency (
  scope text not null,
  key text not null,
  input_hash text not null,
  answer jsonb,
  created_at timestamptz not null default now(),
  expires_at timestamptz not null default now() + interval '30 days',
  primary key (scope, key)
);
create index idempotency_expires_at on idempotency (expires_at);

-- Sixteen hash chains, so that writers of different entities seldom wait for each other's commit. The head is locked from the
-- end of a write until its commit.
create table audit_chain (
  chain smallint primary key,
  seq bigint not null default 0,
  hash text not null default ''
) with (fillfactor = 50);
insert into audit_chain (chain) select generate_series(0, 15);

create table audit_log (
  id uuid not null,
  at timestamptz not null,
  chain smallint not null,
  seq bigint not null,
  actor text,
  actor_kind text not null,
  action text not null,
  entity_type text not null,
  entity_id text not null,
  before jsonb,
  after jsonb,
  request_id text,
  previous_hash text not null,
  hash text not null,
  primary key (at, id)
) partition by range (at);
create index audit_log_entity on audit_log (entity_type, entity_id, at);
create index audit_log_chain on audit_log (chain, seq);

create function audit_log_refuse() returns trigger language plpgsql as $$
begin
  raise exception 'the audit log is append-only';
end $$;
create trigger audit_log_append_only before update or delete on audit_log
  for each row execute function audit_log_refuse();

-- Makes the partition of the month that `moment` is in. A table is made and then attached, so that readers are not locked out.
create function audit_log_partition(moment timestamptz) returns void language plpgsql as $$
declare
  from_day date := date_trunc('month', moment at time zone 'UTC')::date;
  to_day date := (from_day + interval '1 month')::date;
  part text := 'audit_log_' || to_char(from_day, 'YYYY_MM');
begin
  if to_regclass(part) is not null then
    return;
  end if;
  perform pg_advisory_xact_lock(hashtext('audit_log_partition'));
  if to_regclass(part) is not null then
    return;
  end if;
  execute format('create table %I (like audit_log including defaults including constraints)', part);
  execute format('alter table audit_log attach partition %I for values from (%L) to (%L)', part,
                 from_day || ' 00:00:00+00', to_day || ' 00:00:00+00');
end $$;

-- The text that a row's hash is made of, after the previous row's hash.
create function audit_log_text(a audit_log) returns text language sql immutable as $$
  select jsonb_build_object(
    'id', a.id, 'at', (extract(epoch from a.at) * 1000000)::bigint, 'chain', a.chain, 'seq', a.seq, 'actor', a.actor,
    'actor_kind', a.actor_kind, 'action', a.action, 'entity_type', a.entity_type, 'entity_id', a.entity_id,
    'before', a.before, 'after', a.after, 'request_id', a.request_id)::text
$$;
create function audit_log_hash(a audit_log) returns text language sql immutable as $$
  select encode(sha256(convert_to(a.previous_hash || audit_log_text(a), 'UTF8')), 'hex')
$$;

-- Rows whose hash is not what their content says, or that do not continue their chain.
create function audit_log_broken() returns setof audit_log language sql stable as $$
  select (b.a).* from (
    select a, lag(a.hash) over w as before_hash, lag(a.seq) over w as before_seq, c.seq as head_seq, c.hash as head_hash,
           lead(a.id) over w as next_id
      from audit_log a join audit_chain c using (chain)
    window w as (partition by a.chain order by a.seq)) b
   where (b.a).hash <> audit_log_hash(b.a)
      or (b.before_hash is not null and ((b.a).previous_hash <> b.before_hash or (b.a).seq <> b.before_seq + 1))
      or (b.next_id is null and ((b.a).seq <> b.head_seq or (b.a).hash <> b.head_hash))
$$;

-- The last statement of a write: its audit rows and outbox events. Chains are taken in order, so that two writers cannot wait
-- for each other.
create function kit_record(changes jsonb, actor text, actor_kind text, request_id text) returns void language plpgsql as $$
declare
  c record;
  head audit_chain;
  a audit_log;
begin
  for c in
    select x.*, (hashtext(x.entity_id) & 15)::smallint as chain
      from jsonb_to_recordset(changes) as x(
        n int, id uuid, event_id uuid, entity text, entity_id text, version bigint, action text, before jsonb, after jsonb,
        summary text, customer uuid, project uuid)
     order by chain, x.n
  loop
    select * into head from audit_chain h where h.chain = c.chain for update;
    a := row(c.id, clock_timestamp(), c.chain, head.seq + 1, actor, actor_kind, c.action, c.entity, c.entity_id, c.before, c.after,
             request_id, head.hash, '');
    a.hash := audit_log_hash(a);
    perform audit_log_partition(a.at);
    insert into audit_log select a.*;
    update audit_chain h set seq = a.seq, hash = a.hash where h.chain = c.chain;
    insert into outbox values (c.event_id, c.action, c.entity, c.entity_id, c.version, c.customer, c.project, c.summary, c.before,
                               c.after, actor, actor_kind, request_id, a.at);
  end loop;
end $$;

-- Called at the start of a service and every hour.
create function kit_maintain() returns void language plpgsql as $$
begin
  for i in 0..2 loop
    perform audit_log_partition(now() + make_interval(months => i));
  end loop;
  delete from idempotency where expires_at < now();
end $$;
select kit_maintain();
