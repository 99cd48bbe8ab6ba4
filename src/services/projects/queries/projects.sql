-- name: PROJECTS_BY_ID
-- key: id
select * from project_rows where id = any($1::uuid[]) and project_visible(id, customer_id, $2::uuid, $3::uuid, $4::int)

-- name: PROJECT_BY_ID
select * from project_rows where id = $1::uuid and project_visible(id, customer_id, $2::uuid, $3::uuid, $4::int)

-- name: PROJECTS_BY_CUSTOMER
-- key: customer_id
select * from project_rows
 where customer_id = any($1::uuid[]) and project_visible(id, customer_id, $2::uuid, $3::uuid, $4::int)
 order by created_at, id

-- name: PROJECTS_BY_PROPERTY
-- key: property_id
select * from project_rows
 where property_id = any($1::uuid[]) and project_visible(id, customer_id, $2::uuid, $3::uuid, $4::int)
 order by created_at, id

-- name: PROJECT_SUMMARY
-- key: customer_id
select customer_id, count(*) as total,
       count(*) filter (where status in ('ESTIMATING', 'AWAITING_APPROVAL', 'APPROVED', 'SCHEDULED', 'IN_PROGRESS', 'ON_HOLD',
         'WEATHER_HOLD', 'PUNCH_LIST')) as active,
       count(*) filter (where status in ('COMPLETED', 'INVOICED', 'CLOSED')) as completed,
       min(scheduled_start) filter (where scheduled_start > now() and status in ('APPROVED', 'SCHEDULED', 'WEATHER_HOLD', 'ON_HOLD'))
         as next_start,
       max(updated_at) as last_updated_at
  from project_rows
 where customer_id = any($1::uuid[]) and project_visible(id, customer_id, $2::uuid, $3::uuid, $4::int)
 group by customer_id

-- name: PROJECTS
-- order: UPDATED_AT      p.updated_at timestamptz
-- order: CREATED_AT      p.created_at timestamptz
-- order: SCHEDULED_START coalesce(p.scheduled_start, 'infinity'::timestamptz) timestamptz
-- order: NUMBER          p.number text
-- id: p.id uuid
select p.* from project_rows p
 where ($3::text[] is null or p.status = any($3::text[]))
   and ($4::text[] is null or p.type = any($4::text[]))
   and ($5::uuid is null or p.customer_id = $5::uuid)
   and ($6::uuid is null or exists (select 1 from crew_assignments a where a.project_id = p.id and a.crew_id = $6::uuid))
   and ($7::timestamptz is null or p.scheduled_end >= $7::timestamptz)
   and ($8::timestamptz is null or p.scheduled_start < $8::timestamptz)
   and ($9::timestamptz is null or p.updated_at >= $9::timestamptz)
   and ($10::timestamptz is null or p.updated_at < $10::timestamptz)
   and ($11::float8 is null or (point(p.lng, p.lat) <@ around($11::float8, $12::float8, $13::float8)
        and distance_m(p.lat, p.lng, $11::float8, $12::float8) <= $13::float8))
   and ($14::text[] is null or p.tags && $14::text[])
   and project_visible(p.id, p.customer_id, $15::uuid, $16::uuid, $17::int)
   and /+page+/
 /+order+/ limit /+limit+/
-- count: select count(*) from project_rows p
--  where ($3::text[] is null or p.status = any($3::text[]))
--    and ($4::text[] is null or p.type = any($4::text[]))
--    and ($5::uuid is null or p.customer_id = $5::uuid)
--    and ($6::uuid is null or exists (select 1 from crew_assignments a where a.project_id = p.id and a.crew_id = $6::uuid))
--    and ($7::timestamptz is null or p.scheduled_end >= $7::timestamptz)
--    and ($8::timestamptz is null or p.scheduled_start < $8::timestamptz)
--    and ($9::timestamptz is null or p.updated_at >= $9::timestamptz)
--    and ($10::timestamptz is null or p.updated_at < $10::timestamptz)
--    and ($11::float8 is null or (point(p.lng, p.lat) <@ around($11::float8, $12::float8, $13::float8)
--         and distance_m(p.lat, p.lng, $11::float8, $12::float8) <= $13::float8))
--    and ($14::text[] is null or p.tags && $14::text[])
--    and project_visible(p.id, p.customer_id, $15::uuid, $16::uuid, $17::int)

-- name: CUSTOMER_PROJECTS
-- key: customer_id
-- order: UPDATED_AT p.updated_at timestamptz
-- id: p.id uuid
select p.* from unnest($3::uuid[]) k(id) cross join lateral (
  select p.*, /+cursor+/ from project_rows p
   where p.customer_id = k.id
     and ($4::text[] is null or p.status = any($4::text[]))
     and ($5::text[] is null or p.type = any($5::text[]))
     and ($6::uuid is null or p.customer_id = $6::uuid)
     and ($7::uuid is null or exists (select 1 from crew_assignments a where a.project_id = p.id and a.crew_id = $7::uuid))
     and ($8::timestamptz is null or p.scheduled_end >= $8::timestamptz)
     and ($9::timestamptz is null or p.scheduled_start < $9::timestamptz)
     and ($10::timestamptz is null or p.updated_at >= $10::timestamptz)
     and ($11::timestamptz is null or p.updated_at < $11::timestamptz)
     and ($12::float8 is null or (point(p.lng, p.lat) <@ around($12::float8, $13::float8, $14::float8)
          and distance_m(p.lat, p.lng, $12::float8, $13::float8) <= $14::float8))
     and ($15::text[] is null or p.tags && $15::text[])
     and project_visible(p.id, p.customer_id, $16::uuid, $17::uuid, $18::int)
     and /+page+/ /+order+/ limit /+limit+/) p
-- count: select p.customer_id, count(*) from project_rows p
--  where p.customer_id = any($3::uuid[])
--    and ($4::text[] is null or p.status = any($4::text[]))
--    and ($5::text[] is null or p.type = any($5::text[]))
--    and ($6::uuid is null or p.customer_id = $6::uuid)
--    and ($7::uuid is null or exists (select 1 from crew_assignments a where a.project_id = p.id and a.crew_id = $7::uuid))
--    and ($8::timestamptz is null or p.scheduled_end >= $8::timestamptz)
--    and ($9::timestamptz is null or p.scheduled_start < $9::timestamptz)
--    and ($10::timestamptz is null or p.updated_at >= $10::timestamptz)
--    and ($11::timestamptz is null or p.updated_at < $11::timestamptz)
--    and ($12::float8 is null or (point(p.lng, p.lat) <@ around($12::float8, $13::float8, $14::float8)
--         and distance_m(p.lat, p.lng, $12::float8, $13::float8) <= $14::float8))
--    and ($15::text[] is null or p.tags && $15::text[])
--    and project_visible(p.id, p.customer_id, $16::uuid, $17::uuid, $18::int)
--  group by p.customer_id

-- name: SEARCH_PROJECTS
-- order: SCORE r.score float8
-- id: r.id uuid
select p.*, r.score, highlight(r.body, prefix_query($3::text)) as highlight
  from search_projects($3::text) r join project_rows p on p.id = r.id
 where project_visible(p.id, p.customer_id, $4::uuid, $5::uuid, $6::int) and /+page+/
 /+order+/ limit /+limit+/

-- name: PROJECTS_NEAR
-- order: DISTANCE r.distance_meters float8
-- id: r.id uuid
select r.*
  from (select p.*, distance_m(p.lat, p.lng, $3::float8, $4::float8) as distance_meters
          from project_rows p
         where point(p.lng, p.lat) <@ around($3::float8, $4::float8, $5::float8)) r
 where r.distance_meters <= $5::float8
   and ($6::text[] is null or r.status = any($6::text[]))
   and project_visible(r.id, r.customer_id, $7::uuid, $8::uuid, $9::int)
   and /+page+/
 /+order+/ limit /+limit+/

-- name: TRANSITIONS_BY_PROJECT
-- key: project_id
select project_id, from_status as "from", to_status as "to", reason, actor_id, at
  from project_transitions where project_id = any($1::uuid[]) order by at, id

-- name: TASKS_BY_PROJECT
-- key: project_id
select * from project_tasks where project_id = any($1::uuid[]) order by created_at, id

-- name: SITE_LOCK
-- Until the transaction ends: a project and the event of its site wait for each other, so that one of them sees the other.
select pg_advisory_xact_lock(hashtextextended('Property ' || ($1::uuid)::text, 0))

-- name: PROPERTY_FACTS
select * from property_facts where property_id = $1::uuid

-- name: CUSTOMER_KEY
select deleted_at is not null as deleted, merged_into from federation_keys where entity_type = 'Customer' and entity_id = $1::uuid

-- name: PROJECT_INSERT
insert into projects (id, customer_id, property_id, name, type, priority, tags, custom_fields, line1, line2, city, region, postal_code,
    country, time_zone, lat, lng, lead_safe_required, created_by)
select $1::uuid, (i ->> 'customerId')::uuid, (i ->> 'propertyId')::uuid, i ->> 'name', i ->> 'type', i ->> 'priority',
       text_array(i -> 'tags'), nullif(i -> 'customFields', 'null'), f.line1, f.line2, f.city, f.region, f.postal_code, f.country,
       f.time_zone, f.lat, f.lng, coalesce(f.lead_safe_required, false), $3::uuid
  from (select $2::jsonb as i) x
  left join property_facts f on f.property_id = (i ->> 'propertyId')::uuid
returning id, number, to_jsonb(projects) - 'words' as row_json

-- name: PROJECT_LOCK
select p.*, to_jsonb(p) - 'words' as row_json from projects p where p.id = $1::uuid and p.deleted_at is null for update

-- name: PROJECT_UPDATE
update projects p set
    name = coalesce(i ->> 'name', p.name), type = coalesce(i ->> 'type', p.type), priority = coalesce(i ->> 'priority', p.priority),
    tags = case when i ? 'tags' then text_array(i -> 'tags') else p.tags end,
    custom_fields = case when i ? 'customFields' then nullif(i -> 'customFields', 'null') else p.custom_fields end,
    version = p.version + 1, updated_at = now()
  from (select $2::jsonb as i) x
 where p.id = $1::uuid
returning p.version, p.number, to_jsonb(p) - 'words' as row_json

-- name: PROJECT_MOVE
-- $2 the new state, $3 the state that a hold remembers
update projects p set
    status = $2, held_from = $3, cancelled_at = case when $2 = 'CANCELLED' then now() end,
    actual_start = case when $2 = 'IN_PROGRESS' then coalesce(p.actual_start, now()) else p.actual_start end,
    actual_end = case when $2 = 'COMPLETED' then now() when $2 in ('IN_PROGRESS', 'PUNCH_LIST') then null else p.actual_end end,
    version = p.version + 1, updated_at = now()
 where p.id = $1::uuid
returning p.version, p.number, to_jsonb(p) - 'words' as row_json

-- name: TRANSITION_INSERT
insert into project_transitions (id, project_id, from_status, to_status, reason, override, skipped_guards, actor_id)
values ($1::uuid, $2::uuid, $3, $4, $5, $6::boolean, $7::text[], $8::uuid)

-- name: GUARD_FACTS
-- What the guards look at, in one row.
select coalesce(f.estimates_sent, 0) > 0 as estimate_sent,
       coalesce(f.estimates_accepted, 0) > 0 as estimate_accepted,
       coalesce(f.deposit_settled, false) as deposit_settled,
       coalesce(f.final_invoice, false) as final_invoice,
       coalesce(f.balance_cents = 0, false) as balance_settled,
       coalesce(c.credit_hold, false) as credit_hold,
       exists (select 1 from crew_assignments a where a.project_id = p.id) as has_crew,
       exists (select 1 from crew_assignments a join crews w on w.id = a.crew_id where a.project_id = p.id and w.rrp_certified) as has_rrp,
       exists (select 1 from project_tasks t where t.project_id = p.id and t.kind = 'PUNCH' and not t.done) as open_punch,
       p.scheduled_start is not null and p.scheduled_end is not null as has_dates,
       p.type in ('EXTERIOR', 'INTERIOR_AND_EXTERIOR', 'DECK_AND_FENCE', 'NEW_CONSTRUCTION', 'COMMERCIAL') as has_exterior,
       p.lead_safe_required,
       coalesce(p.cancelled_at > now() - interval '30 days', false) as cancelled_lately
  from projects p
  left join project_facts f on f.project_id = p.id
  left join customer_facts c on c.customer_id = p.customer_id
 where p.id = $1::uuid

-- name: TASK_INSERT
insert into project_tasks (id, project_id, title, kind, due_on, assignee_id, area)
values ($1::uuid, $2::uuid, $3, $4, $5::date, $6::uuid, $7)
returning *, to_jsonb(project_tasks) as row_json

-- name: TASK_LOCK
select t.*, p.customer_id, p.version as project_version, to_jsonb(t) as row_json
  from project_tasks t join projects p on p.id = t.project_id
 where t.id = $1::uuid for update of t

-- name: TASK_DONE
update project_tasks set done = $2::boolean, completed_at = case when $2::boolean then now() end,
       completed_by = case when $2::boolean then $3::uuid end
 where id = $1::uuid
returning *, to_jsonb(project_tasks) as row_json
