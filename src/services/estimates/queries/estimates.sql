-- name: ESTIMATES_BY_ID
-- key: id
select * from estimate_rows where id = any($1::uuid[]) and estimate_visible(status, customer_id, $2::uuid)

-- name: ESTIMATE_BY_ID
select * from estimate_rows where id = $1::uuid and estimate_visible(status, customer_id, $2::uuid)

-- name: ESTIMATES_BY_CUSTOMER
-- key: customer_id
-- Current revisions only: a superseded one counts in no sum.
select * from estimate_rows
 where customer_id = any($1::uuid[]) and status not in ('SUPERSEDED', 'VOID') and estimate_visible(status, customer_id, $2::uuid)
 order by created_at, id

-- name: ESTIMATES_BY_PROJECT
-- key: project_id
select * from estimate_rows
 where project_id = any($1::uuid[]) and status not in ('SUPERSEDED', 'VOID') and estimate_visible(status, customer_id, $2::uuid)
 order by created_at, id

-- name: ACCEPTED_BY_PROJECT
-- key: project_id
select distinct on (project_id) * from estimate_rows
 where project_id = any($1::uuid[]) and status = 'ACCEPTED'
 order by project_id, updated_at desc, id

-- name: CONTRACT_BY_PROJECT
-- key: project_id
select e.project_id, sum(a.total_cents)::bigint
  from estimates e join acceptances a on a.estimate_id = e.id
 where e.project_id = any($1::uuid[]) and e.status = 'ACCEPTED' and e.deleted_at is null
 group by e.project_id

-- name: SUMMARY_BY_CUSTOMER
-- key: customer_id
select e.customer_id, count(*) as count,
       count(*) filter (where e.status in ('DRAFT', 'PRICED', 'SENT', 'VIEWED')) as open_count,
       count(*) filter (where e.status = 'ACCEPTED') as accepted_count,
       coalesce(sum(a.total_cents) filter (where e.status = 'ACCEPTED'), 0) as accepted_cents,
       coalesce(sum(e.chosen_cents) filter (where e.status in ('DRAFT', 'PRICED', 'SENT', 'VIEWED')), 0) as open_pipeline_cents,
       round(10000.0 * count(*) filter (where e.status = 'ACCEPTED')
             / nullif(count(*) filter (where e.status in ('ACCEPTED', 'DECLINED', 'EXPIRED')), 0))::int as win_rate_bp,
       max(e.updated_at) as last_updated_at
  from estimate_rows e left join acceptances a on a.estimate_id = e.id
 where e.customer_id = any($1::uuid[]) and e.status not in ('SUPERSEDED', 'VOID')
   and estimate_visible(e.status, e.customer_id, $2::uuid)
 group by e.customer_id

-- name: ESTIMATES
-- order: UPDATED_AT   e.updated_at timestamptz
-- order: CREATED_AT   e.created_at timestamptz
-- order: BETTER_PRICE e.better_cents bigint
-- order: VALID_UNTIL  e.valid_until date
-- id: e.id uuid
select e.* from estimate_rows e
 where ($3::text[] is null or e.status = any($3::text[]))
   and ($4::text[] is null or e.kind = any($4::text[]))
   and ($5::uuid is null or e.customer_id = $5::uuid)
   and ($6::uuid is null or e.project_id = $6::uuid)
   and ($7::uuid is null or e.created_by = $7::uuid)
   and ($8::bigint is null or e.better_cents >= $8::bigint)
   and ($9::bigint is null or e.better_cents <= $9::bigint)
   and ($10::timestamptz is null or e.valid_until >= ($10::timestamptz)::date)
   and ($11::timestamptz is null or e.valid_until < ($11::timestamptz)::date)
   and ($12::timestamptz is null or e.updated_at >= $12::timestamptz)
   and ($13::timestamptz is null or e.updated_at < $13::timestamptz)
   and estimate_visible(e.status, e.customer_id, $14::uuid)
   and /+page+/
 /+order+/ limit /+limit+/
-- count: select count(*) from estimate_rows e
--  where ($3::text[] is null or e.status = any($3::text[]))
--    and ($4::text[] is null or e.kind = any($4::text[]))
--    and ($5::uuid is null or e.customer_id = $5::uuid)
--    and ($6::uuid is null or e.project_id = $6::uuid)
--    and ($7::uuid is null or e.created_by = $7::uuid)
--    and ($8::bigint is null or e.better_cents >= $8::bigint)
--    and ($9::bigint is null or e.better_cents <= $9::bigint)
--    and ($10::timestamptz is null or e.valid_until >= ($10::timestamptz)::date)
--    and ($11::timestamptz is null or e.valid_until < ($11::timestamptz)::date)
--    and ($12::timestamptz is null or e.updated_at >= $12::timestamptz)
--    and ($13::timestamptz is null or e.updated_at < $13::timestamptz)
--    and estimate_visible(e.status, e.customer_id, $14::uuid)

-- name: CUSTOMER_ESTIMATES
-- key: customer_id
-- order: UPDATED_AT e.updated_at timestamptz
-- id: e.id uuid
select e.* from unnest($3::uuid[]) k(id) cross join lateral (
  select e.*, /+cursor+/ from estimate_rows e
   where e.customer_id = k.id
     and ($4::text[] is null or e.status = any($4::text[]))
     and ($5::text[] is null or e.kind = any($5::text[]))
     and ($6::uuid is null or e.customer_id = $6::uuid)
     and ($7::uuid is null or e.project_id = $7::uuid)
     and ($8::uuid is null or e.created_by = $8::uuid)
     and ($9::bigint is null or e.better_cents >= $9::bigint)
     and ($10::bigint is null or e.better_cents <= $10::bigint)
     and ($11::timestamptz is null or e.valid_until >= ($11::timestamptz)::date)
     and ($12::timestamptz is null or e.valid_until < ($12::timestamptz)::date)
     and ($13::timestamptz is null or e.updated_at >= $13::timestamptz)
     and ($14::timestamptz is null or e.updated_at < $14::timestamptz)
     and estimate_visible(e.status, e.customer_id, $15::uuid)
     and /+page+/ /+order+/ limit /+limit+/) e
-- count: select e.customer_id, count(*) from estimate_rows e
--  where e.customer_id = any($3::uuid[])
--    and ($4::text[] is null or e.status = any($4::text[]))
--    and ($5::text[] is null or e.kind = any($5::text[]))
--    and ($6::uuid is null or e.customer_id = $6::uuid)
--    and ($7::uuid is null or e.project_id = $7::uuid)
--    and ($8::uuid is null or e.created_by = $8::uuid)
--    and ($9::bigint is null or e.better_cents >= $9::bigint)
--    and ($10::bigint is null or e.better_cents <= $10::bigint)
--    and ($11::timestamptz is null or e.valid_until >= ($11::timestamptz)::date)
--    and ($12::timestamptz is null or e.valid_until < ($12::timestamptz)::date)
--    and ($13::timestamptz is null or e.updated_at >= $13::timestamptz)
--    and ($14::timestamptz is null or e.updated_at < $14::timestamptz)
--    and estimate_visible(e.status, e.customer_id, $15::uuid)
--  group by e.customer_id

-- name: REVISIONS_BY_ROOT
-- key: root_id
select * from estimate_rows where root_id = any($1::uuid[]) and estimate_visible(status, customer_id, $2::uuid) order by revision

-- name: AREAS_BY_ESTIMATE
-- key: estimate_id
select * from estimate_areas where estimate_id = any($1::uuid[]) order by position

-- name: SURFACES_BY_AREA
-- key: area_id
select * from estimate_surfaces where area_id = any($1::uuid[]) order by position

-- name: LINES_BY_SURFACE
-- key: surface_id
select surface_id, tier, coats, prep_level, rate_id, (prep_centi_hours / 100.0)::numeric(15, 2) as prep_hours,
       ((centi_hours - prep_centi_hours) / 100.0)::numeric(15, 2) as paint_hours, (centi_hours / 100.0)::numeric(15, 2) as hours,
       (centi_gallons / 100.0)::numeric(15, 2) as gallons, labor_cents
  from estimate_lines where surface_id = any($1::uuid[]) order by tier_rank(tier)

-- name: TIERS_BY_ESTIMATE
-- key: estimate_id
select * from tier_rows where estimate_id = any($1::uuid[]) order by tier_rank(tier)

-- name: OPTIONS_BY_ESTIMATE
-- key: estimate_id
select * from estimate_options where estimate_id = any($1::uuid[]) order by position

-- name: DISCOUNTS_BY_ESTIMATE
-- key: estimate_id
select * from estimate_discounts where estimate_id = any($1::uuid[]) order by created_at, id

-- name: ACCEPTANCE_BY_ESTIMATE
-- key: estimate_id
select * from acceptances where estimate_id = any($1::uuid[])

-- name: PRODUCTS_BY_ID
-- key: id
select * from product_rows where id = any($1::uuid[])

-- name: PRODUCTS
select * from product_rows
 where $1::text is null or brand || ' ' || line || ' ' || use ilike '%' || replace(replace(replace($1, '\', '\\'), '%', '\%'), '_', '\_') || '%'
 order by use, cost_cents, id
 limit $2::int
