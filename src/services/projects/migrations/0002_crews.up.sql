-- Crews and the blocks of their calendars.
create table crews (
  id uuid primary key,
  name text not null unique,
  lead_user_id uuid,
  is_subcontractor boolean not null default false,
  skills text[] not null default '{}' check (skills <@ array['INTERIOR', 'EXTERIOR', 'SPRAY', 'CABINETS', 'WALLCOVERING', 'HIGH_REACH',
    'LEAD_SAFE', 'EPOXY']),
  rrp_certified boolean not null default false,
  lat float8,
  lng float8,
  active boolean not null default true,
  daily_capacity_hours numeric(6, 2) not null default 24,
  version int not null default 1,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);

create table crew_members (
  crew_id uuid not null references crews (id),
  user_id uuid not null,
  role text not null check (role in ('LEAD', 'PAINTER', 'APPRENTICE')),
  since date not null,
  primary key (crew_id, user_id)
);
create index crew_members_user on crew_members (user_id);

create table crew_assignments (
  project_id uuid not null references projects (id),
  crew_id uuid not null references crews (id),
  from_day date not null,
  to_day date,
  role text,
  primary key (project_id, crew_id, from_day)
);
create index crew_assignments_crew on crew_assignments (crew_id, from_day);

create table schedule_blocks (
  id uuid primary key,
  project_id uuid references projects (id),
  crew_id uuid references crews (id),
  kind text not null default 'PAINT'
    check (kind in ('ESTIMATE_VISIT', 'WALKTHROUGH', 'PREP', 'PAINT', 'PUNCH', 'WARRANTY_VISIT', 'TIME_OFF')),
  status text not null default 'CONFIRMED'
    check (status in ('TENTATIVE', 'CONFIRMED', 'IN_PROGRESS', 'DONE', 'MOVED', 'CANCELLED')),
  starts_at timestamptz not null,
  ends_at timestamptz not null,
  exterior boolean not null default false,
  overlap_allowed boolean not null default false,
  created_by uuid,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  check (ends_at > starts_at),
  constraint schedule_blocks_no_overlap exclude using gist (crew_id with =, tstzrange(starts_at, ends_at) with &&)
    where (not overlap_allowed and status not in ('MOVED', 'CANCELLED') and crew_id is not null)
);
create index schedule_blocks_project on schedule_blocks (project_id, starts_at);
create index schedule_blocks_crew on schedule_blocks (crew_id, starts_at);
