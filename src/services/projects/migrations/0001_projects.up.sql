-- Projects, their lifecycle, crews and the schedule.
create extension if not exists pg_trgm;
create extension if not exists unaccent;
create extension if not exists btree_gist;

create text search configuration paintbox (copy = simple);
alter text search configuration paintbox alter mapping for hword, hword_part, word, asciiword, asciihword, hword_asciipart
  with unaccent, simple;
create function plain(t text) returns text language sql immutable parallel safe strict as
$$ select lower(public.unaccent('public.unaccent'::regdictionary, t)) $$;
create function distance_m(lat1 float8, lng1 float8, lat2 float8, lng2 float8) returns float8
language sql immutable parallel safe strict as $$
  select 2 * 6371008.8 * asin(least(1, sqrt(
    sin(radians(lat2 - lat1) / 2) ^ 2 + cos(radians(lat1)) * cos(radians(lat2)) * sin(radians(lng2 - lng1) / 2) ^ 2)))
$$;
create function around(lat float8, lng float8, radius float8) returns box
language sql immutable parallel safe strict as $$
  select case when abs(lat) + d >= 89 then box(point(-180, lat - d), point(180, lat + d))
              else box(point(lng - d / cos(radians(abs(lat) + d)), lat - d), point(lng + d / cos(radians(abs(lat) + d)), lat + d)) end
    from (select degrees(radius / 6371008.8) * 1.001 as d) r
$$;
create function prefix_query(q text) returns tsquery language sql stable strict as $$
  select to_tsquery('paintbox', nullif(string_agg(quote_literal(w) || ':*', ' & '), ''))
    from regexp_split_to_table(regexp_replace(plain(q), '[^[:alnum:]@.+_-]+', ' ', 'g'), '\s+') w
   where w <> ''
$$;
create function highlight(body text, q tsquery) returns text language sql stable as $$
  select ts_headline('paintbox', replace(replace(replace(body, '&', '&amp;'), '<', '&lt;'), '>', '&gt;'), q,
                     'StartSel=<mark>, StopSel=</mark>, MaxWords=16, MinWords=6, MaxFragments=1')
$$;

create function project_words(number text, name text, line1 text, city text, tags text[]) returns tsvector
language sql immutable parallel safe as $$
  select setweight(to_tsvector('public.paintbox', concat_ws(' ', number, name)), 'A')
      || setweight(to_tsvector('public.paintbox', concat_ws(' ', line1, city, array_to_string(tags, ' '))), 'C')
$$;
create function project_body(number text, name text, line1 text, city text, tags text[]) returns text
language sql immutable parallel safe as $$ select concat_ws(' · ', number, name, line1, city, nullif(array_to_string(tags, ' '), '')) $$;

create sequence project_number;

create table projects (
  id uuid primary key,
  number text not null unique default 'P-' || to_char(now(), 'YYYY') || '-' || lpad(nextval('project_number')::text, 5, '0'),
  customer_id uuid not null,
  property_id uuid,
  name text not null check (name <> ''),
  type text not null check (type in ('INTERIOR', 'EXTERIOR', 'INTERIOR_AND_EXTERIOR', 'CABINETS', 'DECK_AND_FENCE', 'COMMERCIAL',
    'NEW_CONSTRUCTION')),
  status text not null default 'DRAFT' check (status in ('DRAFT', 'ESTIMATING', 'AWAITING_APPROVAL', 'APPROVED', 'SCHEDULED',
    'IN_PROGRESS', 'ON_HOLD', 'WEATHER_HOLD', 'PUNCH_LIST', 'COMPLETED', 'INVOICED', 'CLOSED', 'CANCELLED')),
  held_from text,
  cancelled_at timestamptz,
  priority text not null default 'NORMAL' check (priority in ('LOW', 'NORMAL', 'HIGH', 'URGENT')),
  line1 text, -- the site, as the customers service told it; NULL until then
  line2 text,
  city text,
  region text,
  postal_code text,
  country text,
  time_zone text,
  lat float8 check (lat between -90 and 90),
  lng float8 check (lng between -180 and 180),
  scheduled_start timestamptz,
  scheduled_end timestamptz,
  actual_start timestamptz,
  actual_end timestamptz,
  budgeted_hours numeric(9, 2),
  lead_safe_required boolean not null default false,
  tags text[] not null default '{}',
  custom_fields jsonb,
  version int not null default 1,
  created_by uuid,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  deleted_at timestamptz,
  words tsvector not null generated always as (project_words(number, name, line1, city, tags)) stored,
  check ((lat is null) = (lng is null)),
  check (num_nulls(line1, city, region, postal_code, country) in (0, 5)),
  check ((status = 'ON_HOLD') = (held_from is not null)),
  check (scheduled_end >= scheduled_start)
);
create index projects_customer on projects (customer_id, created_at) where deleted_at is null;
create index projects_property on projects (property_id) where deleted_at is null;
create index projects_updated_at on projects (updated_at, id) where deleted_at is null;
create index projects_created_at on projects (created_at, id) where deleted_at is null;
create index projects_scheduled on projects (coalesce(scheduled_start, 'infinity'::timestamptz), id) where deleted_at is null;
create index projects_status on projects (status, updated_at) where deleted_at is null;
create index projects_tags on projects using gin (tags);
create index projects_words on projects using gin (words);
create index projects_grams on projects using gin (plain(name) gin_trgm_ops);
create index projects_location on projects using gist (point(lng, lat)) where lat is not null;

-- Every change of state, the first one included.
create table project_transitions (
  id uuid primary key,
  project_id uuid not null references projects (id),
  from_status text,
  to_status text not null,
  reason text,
  override boolean not null default false,
  skipped_guards text[] not null default '{}',
  actor_id uuid,
  at timestamptz not null default now()
);
create index project_transitions_project on project_transitions (project_id, at);

-- What the lifecycle's guards need to know from other services. Events fill it; a fact that has not arrived is false.
create table project_facts (
  project_id uuid primary key references projects (id),
  estimates_sent int not null default 0,
  estimates_accepted int not null default 0,
  deposit_settled boolean not null default false, -- paid, waived or not asked for
  final_invoice boolean not null default false,
  balance_cents bigint,
  updated_at timestamptz not null default now()
);
create table customer_facts (
  customer_id uuid primary key,
  credit_hold boolean not null default false,
  updated_at timestamptz not null default now()
);
-- Job sites as the customers service told them.
create table property_facts (
  property_id uuid primary key,
  customer_id uuid not null,
  line1 text not null,
  line2 text,
  city text not null,
  region text not null,
  postal_code text not null,
  country text not null default 'US',
  time_zone text,
  lat float8,
  lng float8,
  lead_safe_required boolean not null default false,
  updated_at timestamptz not null default now()
);

create table project_tasks (
  id uuid primary key,
  project_id uuid not null references projects (id),
  title text not null check (title <> ''),
  kind text not null default 'TODO' check (kind in ('TODO', 'PUNCH', 'SAFETY', 'MATERIAL_ORDER', 'CUSTOMER_DECISION')),
  done boolean not null default false,
  due_on date,
  assignee_id uuid,
  area text,
  completed_at timestamptz,
  completed_by uuid,
  created_at timestamptz not null default now()
);
create index project_tasks_project on project_tasks (project_id, created_at);
create index project_tasks_open_punch on project_tasks (project_id) where kind = 'PUNCH' and not done;
