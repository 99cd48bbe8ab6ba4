-- What the prices are made of. A published card never changes: a new version is a new row.
create table paint_products (
  id uuid primary key,
  brand text not null,
  line text not null,
  use text not null,
  sheens text[] not null default '{}',
  container_gallons numeric(8, 3) not null check (container_gallons > 0),
  list_cents bigint not null check (list_cents >= 0),
  cost_cents bigint not null check (cost_cents >= 0),
  min_temp_f float8,
  max_humidity_pct float8,
  recoat_hours float8,
  dry_hours float8,
  unique (brand, line, use)
);

create table rate_cards (
  id uuid primary key,
  name text not null,
  version int not null check (version >= 1),
  status text not null default 'DRAFT' check (status in ('DRAFT', 'PUBLISHED', 'RETIRED')),
  labor_cost_cents_per_hour bigint not null check (labor_cost_cents_per_hour >= 0),
  labor_sell_cents_per_hour bigint not null check (labor_sell_cents_per_hour > 0),
  material_markup_bp int not null check (material_markup_bp >= 0),
  sundries_bp int not null check (sundries_bp >= 0),
  margin_target_bp int not null check (margin_target_bp between 0 and 9999),
  margin_floor_bp int not null check (margin_floor_bp between 0 and 9999),
  round_totals_to_cents int not null default 1 check (round_totals_to_cents >= 1),
  occupied_factor_bp int not null check (occupied_factor_bp >= 10000),
  crew_hours_per_day numeric(6, 2) not null check (crew_hours_per_day > 0),
  deduct_openings_over_sqft numeric(8, 2),
  published_at timestamptz,
  created_at timestamptz not null default now(),
  unique (name, version)
);

create table production_rates (
  id uuid primary key,
  rate_card_id uuid not null references rate_cards (id),
  surface text not null,
  substrate text,
  unit text not null check (unit in ('SQFT', 'LNFT', 'EACH', 'HOUR')),
  method text not null check (method in ('BRUSH', 'ROLL', 'BRUSH_AND_ROLL', 'SPRAY', 'SPRAY_AND_BACKROLL')),
  first_coat_per_hour numeric(12, 4) not null check (first_coat_per_hour > 0),
  next_coat_per_hour numeric(12, 4) not null check (next_coat_per_hour > 0),
  coverage_per_gallon numeric(12, 4) not null check (coverage_per_gallon > 0),
  waste_bp int not null check (waste_bp >= 0),
  unique nulls not distinct (rate_card_id, surface, substrate, unit, method)
);

create table prep_rates (
  rate_card_id uuid not null references rate_cards (id),
  surface text not null,
  level text not null check (level in ('L1_BASIC', 'L2_STANDARD', 'L3_SUPERIOR', 'L4_SUPREME')),
  units_per_hour numeric(12, 4) not null check (units_per_hour > 0),
  primary key (rate_card_id, surface, level)
);

create table height_factors (
  rate_card_id uuid not null references rate_cards (id),
  band text not null check (band in ('TO_8_FT', 'FROM_8_TO_13_FT', 'FROM_13_TO_17_FT', 'FROM_17_TO_21_FT', 'OVER_21_FT')),
  factor_bp int not null check (factor_bp > 0),
  primary key (rate_card_id, band)
);

create table condition_factors (
  rate_card_id uuid not null references rate_cards (id),
  condition text not null check (condition in ('GOOD', 'FAIR', 'POOR')),
  factor_bp int not null check (factor_bp > 0),
  primary key (rate_card_id, condition)
);

-- What a tier means for a kind of work. Coats and products are by class of surface (surface_class).
create table tier_recipes (
  rate_card_id uuid not null references rate_cards (id),
  kind text not null check (kind in ('INTERIOR', 'EXTERIOR', 'CABINETS', 'DECK', 'CUSTOM')),
  tier text not null check (tier in ('GOOD', 'BETTER', 'BEST')),
  label text not null,
  description text not null,
  prep_level text not null check (prep_level in ('L1_BASIC', 'L2_STANDARD', 'L3_SUPERIOR', 'L4_SUPREME')),
  coats int not null check (coats between 1 and 9),
  product_line text not null,
  warranty_years int not null check (warranty_years >= 0),
  coats_by_class jsonb not null,
  products_by_class jsonb not null,
  primary key (rate_card_id, kind, tier)
);

create function rate_card_frozen() returns trigger language plpgsql as $$
declare
  card uuid := coalesce(new.rate_card_id, old.rate_card_id);
begin
  if (select status from rate_cards where id = card) <> 'DRAFT' then
    raise exception 'rate card % is published and cannot change: make a new version', card using errcode = '23514';
  end if;
  return coalesce(new, old);
end $$;
create trigger production_rates_frozen before insert or update or delete on production_rates
  for each row execute function rate_card_frozen();
create trigger prep_rates_frozen before insert or update or delete on prep_rates
  for each row execute function rate_card_frozen();
create trigger height_factors_frozen before insert or update or delete on height_factors
  for each row execute function rate_card_frozen();
create trigger condition_factors_frozen before insert or update or delete on condition_factors
  for each row execute function rate_card_frozen();
create trigger tier_recipes_frozen before insert or update or delete on tier_recipes
  for each row execute function rate_card_frozen();

create function rate_card_only_status() returns trigger language plpgsql as $$
begin
  if old.status <> 'DRAFT' and to_jsonb(new) - 'status' - 'published_at' <> to_jsonb(old) - 'status' - 'published_at' then
    raise exception 'rate card % is published and cannot change: make a new version', old.id using errcode = '23514';
  end if;
  return new;
end $$;
create trigger rate_cards_frozen before update on rate_cards for each row execute function rate_card_only_status();

-- The whole card as one document: what the pricing of an estimate is built from. Decimals are text, as the engine takes them.
create function rate_card_document(card uuid) returns jsonb language sql stable as $$
  select jsonb_build_object(
    'id', c.id, 'version', c.version, 'status', c.status,
    'sellCentsPerHour', c.labor_sell_cents_per_hour, 'costCentsPerHour', c.labor_cost_cents_per_hour,
    'markupBp', c.material_markup_bp, 'sundriesBp', c.sundries_bp, 'occupiedBp', c.occupied_factor_bp,
    'marginFloorBp', c.margin_floor_bp, 'crewHoursPerDay', trim_scale(c.crew_hours_per_day)::text,
    'height', (select jsonb_object_agg(band, factor_bp) from height_factors where rate_card_id = c.id),
    'condition', (select jsonb_object_agg(condition, factor_bp) from condition_factors where rate_card_id = c.id),
    'rates', (select jsonb_agg(jsonb_build_object('id', r.id, 'surface', r.surface, 'substrate', r.substrate, 'unit', r.unit,
        'method', r.method, 'first', trim_scale(r.first_coat_per_hour)::text, 'next', trim_scale(r.next_coat_per_hour)::text,
        'coverage', trim_scale(r.coverage_per_gallon)::text, 'wasteBp', r.waste_bp) order by r.id)
      from production_rates r where r.rate_card_id = c.id),
    'prep', (select jsonb_object_agg(p.surface, p.levels) from (
        select surface, jsonb_object_agg(left(level, 2), trim_scale(units_per_hour)::text) as levels
          from prep_rates where rate_card_id = c.id group by surface) p),
    'recipes', (select jsonb_agg(jsonb_build_object('kind', t.kind, 'tier', t.tier, 'label', t.label, 'description', t.description,
        'prep', t.prep_level, 'coats', t.coats, 'warrantyYears', t.warranty_years, 'coatsByClass', t.coats_by_class,
        'productsByClass', (select jsonb_object_agg(e.key, jsonb_build_object('id', q.id, 'costCents', q.cost_cents,
            'containerGal', trim_scale(q.container_gallons)::text))
          from jsonb_each_text(t.products_by_class) e join paint_products q on q.id = e.value::uuid)))
      from tier_recipes t where t.rate_card_id = c.id),
    'products', (select jsonb_object_agg(q.id, jsonb_build_object('id', q.id, 'costCents', q.cost_cents,
        'containerGal', trim_scale(q.container_gallons)::text)) from paint_products q))
  from rate_cards c where c.id = card
$$;
