-- name: USERS_BY_ID
-- key: id
select * from users where id = any($1::uuid[]) and deleted_at is null

-- name: USERS
select * from users
 where deleted_at is null and ($1::text is null or role = $1) and (not $2::boolean or active)
   and ($3::uuid is null or id = $3)
 order by name, id
 limit 500

-- name: INTEGRATIONS_BY_ID
-- key: id
select * from integrations where id = any($1::uuid[])

-- name: INTEGRATIONS
select * from integrations where $1::text is null or provider = $1 order by display_name, id

-- A connection that nobody has looked at yet has a health too: unknown.
-- name: HEALTH_BY_INTEGRATION
-- key: integration_id
select i.id as integration_id, coalesce(h.circuit, 'CLOSED') as circuit, coalesce(h.requests, 0) as requests,
       coalesce(h.errors, 0) as errors, coalesce(h.p50_ms, 0) as p50_ms, coalesce(h.p95_ms, 0) as p95_ms,
       h.rate_limit_remaining, h.rate_limit_resets_at, h.cache_hit_rate, h.last_error,
       coalesce(h.checked_at, i.updated_at) as checked_at,
       case when h.circuit = 'OPEN' then 'DOWN'
            when coalesce(h.requests, 0) = 0 then 'UNKNOWN'
            when h.errors * 20::bigint >= h.requests or h.p95_ms > 2000 then 'DEGRADED'
            else 'HEALTHY' end as status,
       case when coalesce(h.requests, 0) = 0 then 1 else 1 - h.errors::float8 / h.requests end as success_rate
  from integrations i left join integration_health h on h.integration_id = i.id
 where i.id = any($1::uuid[])

-- A timeline is of one customer's own records when $4 names them. Crew people ($5) work on projects: of a project they
-- see what happens on the site and nothing of prices, of a customer nothing.
-- name: CUSTOMER_TIMELINE
-- key: customer_id
-- order: AT at timestamptz
select t.* from unnest($3::uuid[]) k(key) cross join lateral (
  select * from timeline_items
   where customer_id = k.key and ($4::uuid is null or k.key = $4::uuid) and not $5::boolean
     and /+page+/ /+order+/ limit /+limit+/) t

-- name: PROJECT_TIMELINE
-- key: project_id
-- order: AT at timestamptz
select t.* from unnest($3::uuid[]) k(key) cross join lateral (
  select * from timeline_items
   where project_id = k.key and ($4::uuid is null or customer_id = $4::uuid)
     and (not $5::boolean or entity_type in ('Project', 'ProjectTask', 'ScheduleBlock', 'Photo'))
     and /+page+/ /+order+/ limit /+limit+/) t
