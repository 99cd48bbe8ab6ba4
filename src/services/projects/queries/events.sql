-- What other services tell: facts for the guards, and which entities there are. $1 is the event.

-- name: CUSTOMER_EVENT
with e as (select $1::jsonb as e, $1::jsonb -> 'after' as a),
known as (
  insert into federation_keys (entity_type, entity_id, owner, version, deleted_at)
  select 'Customer', (e ->> 'entity_id')::uuid, 'customers', (e ->> 'version')::bigint, (a ->> 'deleted_at')::timestamptz from e
  on conflict (entity_type, entity_id) do update
     set version = excluded.version, deleted_at = excluded.deleted_at, updated_at = now()
   where federation_keys.version < excluded.version
  returning entity_id)
insert into customer_facts (customer_id, credit_hold)
select k.entity_id, coalesce((a ->> 'credit_hold')::boolean, false) from known k, e
on conflict (customer_id) do update set credit_hold = excluded.credit_hold, updated_at = now()

-- name: SITE_EVENT_LOCK
-- SITE_LOCK for an event: a statement of its own, since the next one must see what was committed meanwhile.
select pg_advisory_xact_lock(hashtextextended('Property ' || (($1::jsonb ->> 'entity_id')::uuid)::text, 0))

-- name: PROPERTY_EVENT
with e as (select $1::jsonb as e, $1::jsonb -> 'after' as a),
known as (
  insert into federation_keys (entity_type, entity_id, owner, version, deleted_at)
  select 'Property', (e ->> 'entity_id')::uuid, 'customers', (e ->> 'version')::bigint, (a ->> 'deleted_at')::timestamptz from e
  on conflict (entity_type, entity_id) do update
     set version = excluded.version, deleted_at = excluded.deleted_at, updated_at = now()
   where federation_keys.version < excluded.version
  returning entity_id),
fact as (
  insert into property_facts (property_id, customer_id, line1, line2, city, region, postal_code, country, time_zone, lat, lng,
    lead_safe_required)
  select k.entity_id, (a ->> 'customer_id')::uuid, a ->> 'line1', a ->> 'line2', a ->> 'city', a ->> 'region', a ->> 'postal_code',
         a ->> 'country', a ->> 'time_zone', (a ->> 'lat')::float8, (a ->> 'lng')::float8,
         a ->> 'lead_paint_status' in ('PRESUMED', 'TESTED_POSITIVE')
    from known k, e
  on conflict (property_id) do update
     set customer_id = excluded.customer_id, line1 = excluded.line1, line2 = excluded.line2, city = excluded.city,
         region = excluded.region, postal_code = excluded.postal_code, country = excluded.country, time_zone = excluded.time_zone,
         lat = excluded.lat, lng = excluded.lng, lead_safe_required = excluded.lead_safe_required, updated_at = now()
  returning *)
update projects p
   set line1 = f.line1, line2 = f.line2, city = f.city, region = f.region, postal_code = f.postal_code, country = f.country,
       time_zone = f.time_zone, lat = f.lat, lng = f.lng, lead_safe_required = p.lead_safe_required or f.lead_safe_required
  from fact f
 where p.property_id = f.property_id and p.customer_id = f.customer_id and p.line1 is null

-- name: ESTIMATE_EVENT
-- The difference that this version makes to the counts: the state known before it, or what the event says of it.
with e as (
  select (j ->> 'entity_id')::uuid as id, (j ->> 'version')::bigint as version, (j ->> 'project_id')::uuid as project_id,
         j -> 'after' ->> 'status' as status, coalesce(f.status, j -> 'before' ->> 'status', '') as was,
         j -> 'after' ->> 'deposit_kind' as deposit
    from (select $1::jsonb as j) x
    left join estimate_facts f on f.estimate_id = (j ->> 'entity_id')::uuid
   where coalesce(f.version, 0) < (j ->> 'version')::bigint),
fact as (
  insert into estimate_facts (estimate_id, version, status) select id, version, status from e
  on conflict (estimate_id) do update set version = excluded.version, status = excluded.status),
change as (
  select e.project_id,
         (e.status in ('SENT', 'VIEWED', 'ACCEPTED'))::int - (e.was in ('SENT', 'VIEWED', 'ACCEPTED'))::int as sent,
         (e.status = 'ACCEPTED')::int - (e.was = 'ACCEPTED')::int as accepted,
         e.status = 'ACCEPTED' and e.deposit = 'NONE' as settled
    from e join projects p on p.id = e.project_id)
insert into project_facts as f (project_id, estimates_sent, estimates_accepted, deposit_settled)
select project_id, greatest(sent, 0), greatest(accepted, 0), settled from change
on conflict (project_id) do update
   set estimates_sent = greatest(f.estimates_sent + (select sent from change), 0),
       estimates_accepted = greatest(f.estimates_accepted + (select accepted from change), 0),
       deposit_settled = f.deposit_settled or excluded.deposit_settled, updated_at = now()
