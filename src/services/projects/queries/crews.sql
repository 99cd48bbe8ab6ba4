-- name: CREWS_BY_ID
-- key: id
select c.*, case when lat is not null then jsonb_build_object('lat', lat, 'lng', lng) end as home_base from crews c where id = any($1::uuid[])

-- name: CREWS
select c.*, case when lat is not null then jsonb_build_object('lat', lat, 'lng', lng) end as home_base
  from crews c where active or not $1::boolean order by name, id

-- name: MEMBERS_BY_CREW
-- key: crew_id
select * from crew_members where crew_id = any($1::uuid[]) order by case role when 'LEAD' then 0 when 'PAINTER' then 1 else 2 end, since, user_id

-- name: CREWS_BY_USER
-- key: user_id
select m.user_id, c.*, case when lat is not null then jsonb_build_object('lat', lat, 'lng', lng) end as home_base
  from crew_members m join crews c on c.id = m.crew_id where m.user_id = any($1::uuid[]) order by c.name, c.id

-- name: ASSIGNMENTS_BY_PROJECT
-- key: project_id
select project_id, crew_id, from_day as "from", to_day as "to", role
  from crew_assignments where project_id = any($1::uuid[]) order by from_day, crew_id

-- name: BLOCKS_BY_PROJECT
-- key: project_id
select b.*, starts_at as start, ends_at as "end" from schedule_blocks b
 where project_id = any($1::uuid[])
   and ($2::timestamptz is null or ends_at > $2::timestamptz) and ($3::timestamptz is null or starts_at < $3::timestamptz)
 order by starts_at, id

-- name: BLOCKS_BY_CREW
-- key: crew_id
select b.*, starts_at as start, ends_at as "end" from schedule_blocks b
 where crew_id = any($1::uuid[])
   and ($2::timestamptz is null or ends_at > $2::timestamptz) and ($3::timestamptz is null or starts_at < $3::timestamptz)
 order by starts_at, id

-- name: BLOCKS_BY_USER
-- key: user_id
select m.user_id, b.*, b.starts_at as start, b.ends_at as "end"
  from crew_members m join schedule_blocks b on b.crew_id = m.crew_id
 where m.user_id = any($1::uuid[])
   and ($2::timestamptz is null or b.ends_at > $2::timestamptz) and ($3::timestamptz is null or b.starts_at < $3::timestamptz)
 order by b.starts_at, b.id

-- name: SCHEDULE
select b.*, starts_at as start, ends_at as "end" from schedule_blocks b
 where ($1::timestamptz is null or ends_at > $1::timestamptz) and ($2::timestamptz is null or starts_at < $2::timestamptz)
   and ($3::uuid[] is null or crew_id = any($3::uuid[]))
   and ($4::uuid is null or exists (select 1 from crew_members m where m.crew_id = b.crew_id and m.user_id = $4::uuid))
   and ($5::int is null or (starts_at < now() + make_interval(days => $5::int) and ends_at > now() - make_interval(days => $5::int)))
 order by starts_at, id
 limit 2000

-- name: BLOCK_CONFLICTS
select b.*, starts_at as start, ends_at as "end" from schedule_blocks b
 where crew_id = $1::uuid and not overlap_allowed and status not in ('MOVED', 'CANCELLED')
   and tstzrange(starts_at, ends_at) && tstzrange($2::timestamptz, $3::timestamptz)
 order by starts_at, id

-- name: CREW_LOCK
-- Serialises bookings of one crew, so that a conflict is found before the constraint has to refuse.
select id, active, rrp_certified from crews where id = $1::uuid for update

-- name: BLOCK_INSERT
insert into schedule_blocks (id, project_id, crew_id, kind, starts_at, ends_at, exterior, overlap_allowed, created_by)
values ($1::uuid, $2::uuid, $3::uuid, $4, $5::timestamptz, $6::timestamptz, $7::boolean, $8::boolean, $9::uuid)
returning *, starts_at as start, ends_at as "end"

-- name: ASSIGN_CREW
insert into crew_assignments (project_id, crew_id, from_day, to_day, role)
values ($1::uuid, $2::uuid, ($3::timestamptz)::date, ($4::timestamptz)::date, 'PRIMARY')
on conflict (project_id, crew_id, from_day) do update set to_day = greatest(excluded.to_day, crew_assignments.to_day)

-- name: PROJECT_DATES
update projects p set scheduled_start = least(p.scheduled_start, $2::timestamptz), scheduled_end = greatest(p.scheduled_end, $3::timestamptz),
       version = p.version + 1, updated_at = now()
 where p.id = $1::uuid
returning p.version, p.number, to_jsonb(p) - 'words' as row_json
