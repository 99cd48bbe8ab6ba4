-- People of the company, connections to other systems, and the timeline that events leave behind.
create table users (
  id uuid primary key,
  name text not null check (name <> ''),
  email text not null unique check (email = lower(email)),
  phone text check (phone ~ '^\+[1-9][0-9]{6,14}$'),
  role text not null check (role in ('OWNER', 'ADMIN', 'ESTIMATOR', 'OFFICE', 'CREW_LEAD', 'PAINTER', 'CUSTOMER')),
  customer_id uuid, -- role CUSTOMER: whose records the portal shows
  active boolean not null default true,
  locale text not null default 'en-US',
  time_zone text not null default 'America/Denver',
  last_seen_at timestamptz,
  version int not null default 1,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  deleted_at timestamptz,
  check ((role = 'CUSTOMER') = (customer_id is not null))
);
create index users_role on users (role) where deleted_at is null;
create unique index users_one_owner on users (role) where role = 'OWNER' and deleted_at is null;

create table integrations (
  id uuid primary key,
  provider text not null unique
    check (provider in ('SALESFORCE', 'COMPANYCAM', 'WEATHER', 'PDF', 'EMAIL', 'QUICKBOOKS', 'PAYMENTS', 'CUSTOM')),
  display_name text not null,
  status text not null default 'NOT_CONNECTED'
    check (status in ('NOT_CONNECTED', 'AUTHORIZING', 'CONNECTED', 'TOKEN_EXPIRED', 'ERROR', 'PAUSED', 'DISCONNECTED')),
  account_label text,
  scopes text[] not null default '{}',
  connected_by uuid references users (id),
  connected_at timestamptz,
  token_expires_at timestamptz,
  settings jsonb,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);

-- The last look at each connection: a window of 15 minutes.
create table integration_health (
  integration_id uuid primary key references integrations (id),
  circuit text not null default 'CLOSED' check (circuit in ('CLOSED', 'OPEN', 'HALF_OPEN')),
  requests int not null default 0 check (requests >= 0),
  errors int not null default 0 check (errors between 0 and requests),
  p50_ms float8 not null default 0,
  p95_ms float8 not null default 0,
  rate_limit_remaining int,
  rate_limit_resets_at timestamptz,
  cache_hit_rate float8,
  last_error text,
  checked_at timestamptz not null default now()
);

-- The read model of the event bus: one line of English for each event. The event's id makes it idempotent.
create table timeline_items (
  id uuid primary key,
  at timestamptz not null,
  kind text not null,
  summary text not null,
  actor_id uuid,
  entity_type text not null,
  entity_id uuid not null,
  customer_id uuid,
  project_id uuid
);
create index timeline_items_customer on timeline_items (customer_id, at desc, id desc) where customer_id is not null;
create index timeline_items_project on timeline_items (project_id, at desc, id desc) where project_id is not null;
