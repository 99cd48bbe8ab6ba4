-- Estimates: measured scope, three prices, acceptance.
create sequence estimate_number;

create table estimates (
  id uuid primary key,
  root_id uuid not null, -- the first revision; all revisions of one document share it
  number text not null unique,
  revision int not null default 1 check (revision >= 1),
  previous_id uuid references estimates (id),
  title text not null check (title <> ''),
  kind text not null check (kind in ('INTERIOR', 'EXTERIOR', 'CABINETS', 'DECK', 'CUSTOM')),
  status text not null default 'PRICED'
    check (status in ('DRAFT', 'PRICED', 'SENT', 'VIEWED', 'ACCEPTED', 'DECLINED', 'EXPIRED', 'SUPERSEDED', 'VOID')),
  customer_id uuid not null,
  project_id uuid,
  property_id uuid,
  selected_tier text check (selected_tier in ('GOOD', 'BETTER', 'BEST')),
  good_cents bigint not null check (good_cents >= 0),
  better_cents bigint not null,
  best_cents bigint not null,
  tax_mode text not null check (tax_mode in ('NONE', 'MATERIALS_CONSUMED', 'MATERIALS_RESOLD', 'FULL_CONTRACT')),
  tax_jurisdiction text not null,
  tax_rate_micros int not null check (tax_rate_micros between 0 and 1000000),
  tax_exempt boolean not null default false,
  deposit_kind text not null default 'NONE' check (deposit_kind in ('NONE', 'PERCENT', 'FIXED')),
  deposit_percent_bp int check (deposit_percent_bp between 0 and 10000),
  deposit_fixed_cents bigint check (deposit_fixed_cents >= 0),
  rate_card_id uuid not null references rate_cards (id),
  engine_version text not null,
  input_hash text not null check (length(input_hash) = 64),
  result_hash text not null check (length(result_hash) = 64),
  computed_at timestamptz not null,
  needs_approval boolean not null default false, -- a tier is under the margin floor
  valid_until date not null,
  sent_at timestamptz,
  first_viewed_at timestamptz,
  view_count int not null default 0,
  decline_reason text,
  void_reason text,
  terms text not null default '',
  exclusions text[] not null default '{}',
  version int not null default 1,
  created_by uuid,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  deleted_at timestamptz,
  unique (root_id, revision),
  check (good_cents <= better_cents and better_cents <= best_cents)
);
create index estimates_customer on estimates (customer_id, created_at)
  where deleted_at is null and status not in ('SUPERSEDED', 'VOID');
create index estimates_project on estimates (project_id, created_at) where deleted_at is null;
create unique index estimates_one_accepted on estimates (root_id) where status = 'ACCEPTED' and deleted_at is null;
create index estimates_updated_at on estimates (updated_at, id) where deleted_at is null;
create index estimates_created_at on estimates (created_at, id) where deleted_at is null;
create index estimates_better on estimates (better_cents, id) where deleted_at is null;
create index estimates_valid_until on estimates (valid_until, id) where deleted_at is null;
create index estimates_status on estimates (status, updated_at) where deleted_at is null;

create table estimate_areas (
  id uuid primary key,
  estimate_id uuid not null references estimates (id),
  position int not null,
  name text not null,
  kind text not null check (kind in ('ROOM', 'STAIRWELL', 'CLOSET', 'HALLWAY', 'ELEVATION', 'DETACHED', 'CABINET_RUN', 'DECK', 'OTHER')),
  length_ft numeric(9, 3),
  width_ft numeric(9, 3),
  height_ft numeric(9, 3),
  stories int,
  occupied boolean not null default true,
  notes text
);
create index estimate_areas_estimate on estimate_areas (estimate_id, position);

create table estimate_surfaces (
  id uuid primary key,
  estimate_id uuid not null references estimates (id),
  area_id uuid not null references estimate_areas (id),
  position int not null,
  surface text not null,
  substrate text not null,
  unit text not null,
  quantity numeric(15, 6) not null check (quantity >= 0),
  hours_each numeric(15, 6),
  measured_from text not null,
  method text not null,
  height_band text not null,
  condition text not null,
  color_change boolean not null default false,
  product_id uuid references paint_products (id),
  color text,
  included text[] not null default '{GOOD,BETTER,BEST}' check (included <@ array['GOOD', 'BETTER', 'BEST'] and included <> '{}')
);
create index estimate_surfaces_area on estimate_surfaces (area_id, position);
create index estimate_surfaces_estimate on estimate_surfaces (estimate_id);

create table estimate_lines (
  surface_id uuid not null references estimate_surfaces (id),
  tier text not null,
  prep_level text not null,
  coats int not null,
  rate_id uuid, -- NULL: a fixed line
  prep_centi_hours int not null,
  centi_hours int not null,
  centi_gallons int not null,
  labor_cents bigint not null,
  primary key (surface_id, tier)
);

create table estimate_tiers (
  estimate_id uuid not null references estimates (id),
  tier text not null check (tier in ('GOOD', 'BETTER', 'BEST')),
  label text not null,
  description text not null,
  prep_level text not null,
  coats int not null,
  warranty_years int not null,
  centi_hours bigint not null,
  crew_half_days bigint not null,
  labor_cents bigint not null,
  material_cents bigint not null,
  options_cents bigint not null,
  discount_cents bigint not null,
  subtotal_cents bigint not null,
  tax_cents bigint not null,
  total_cents bigint not null,
  deposit_cents bigint not null,
  direct_labor_cents bigint not null,
  direct_material_cents bigint not null,
  direct_cents bigint not null,
  margin_bp bigint not null,
  below_floor boolean not null,
  materials jsonb not null,
  primary key (estimate_id, tier)
);

create table estimate_options (
  id uuid primary key,
  estimate_id uuid not null references estimates (id),
  position int not null,
  name text not null check (name <> ''),
  description text,
  price_cents bigint not null check (price_cents >= 0),
  selected boolean not null default false
);
create index estimate_options_estimate on estimate_options (estimate_id, position);

create table estimate_discounts (
  id uuid primary key,
  estimate_id uuid not null references estimates (id),
  label text not null,
  percent_bp int check (percent_bp between 0 and 10000),
  amount_cents bigint check (amount_cents >= 0),
  approved_by uuid,
  created_at timestamptz not null default now(),
  check ((percent_bp is null) <> (amount_cents is null))
);
create index estimate_discounts_estimate on estimate_discounts (estimate_id, created_at);

create table acceptances (
  estimate_id uuid primary key references estimates (id),
  tier text not null check (tier in ('GOOD', 'BETTER', 'BEST')),
  option_ids uuid[] not null default '{}',
  total_cents bigint not null,
  signer_name text not null,
  signer_email text,
  kind text not null check (kind in ('TYPED', 'DRAWN', 'CLICK')),
  document_hash text not null,
  ip text,
  user_agent text,
  consent_text text not null,
  signed_at timestamptz not null default now(),
  cancellable_until date
);
