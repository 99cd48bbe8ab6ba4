-- name: USERS_BY_ID
-- key: id
select * from users where id = any($1::uuid[]) and deleted_at is null

-- name: USERS
select * from users
 where deleted_at is null and ($1::text is null or role = $1) and (not $2::boolean or active)
 order by name, id
 limit 500

-- name: INTEGRATIONS_BY_ID
-- key: id
select * from integrations where id = any($1::uuid[])

-- name: INTEGRATIONS
select * from integrations where $1::text is null or provider = $1 order by display_name, id

-- name: HEALTH_BY_INTEGRATION
-- key: integration_id
select h.*,
       case when h.circuit = 'OPEN' then 'DOWN'
            when h.requests = 0 then 'UNKNOWN'
            when h.errors * 20 >= h.requests or h.p95_ms > 2000 then 'DEGRADED'
            else 'HEALTHY' end as status,
       case when h.requests = 0 then 1 else 1 - h.errors::float8 / h.requests end as success_rate
  from integration_health h
 where h.integration_id = any($1::uuid[])

-- name: CUSTOMER_TIMELINE
-- key: customer_id
-- order: AT at timestamptz
select t.* from unnest($3::uuid[]) k(key) cross join lateral (
  select * from timeline_items where customer_id = k.key and ($4::uuid is null or k.key = $4::uuid) and /+page+/ /+order+/ limit /+limit+/) t

-- name: PROJECT_TIMELINE
-- key: project_id
-- order: AT at timestamptz
select t.* from unnest($3::uuid[]) k(key) cross join lateral (
  select * from timeline_items where project_id = k.key and ($4::uuid is null or customer_id = $4::uuid) and /+page+/ /+order+/ limit /+limit+/) t
