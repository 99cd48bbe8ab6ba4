-- name: ESTIMATE_LOCK
select e.*, to_jsonb(e) as row_json, e.valid_until < current_date as lapsed from estimates e
 where e.id = $1::uuid and e.deleted_at is null for update

-- name: ESTIMATE_SCOPE
select estimate_scope($1::uuid) as scope

-- name: ESTIMATE_NUMBER
select 'E-' || to_char(now(), 'YYYY') || '-' || lpad(nextval('estimate_number')::text, 5, '0') as number

-- name: ESTIMATE_INSERT
insert into estimates (id, root_id, number, revision, previous_id, title, kind, customer_id, project_id, property_id, good_cents,
    better_cents, best_cents, tax_mode, tax_jurisdiction, tax_rate_micros, tax_exempt, deposit_kind, deposit_percent_bp,
    deposit_fixed_cents, rate_card_id, engine_version, input_hash, result_hash, computed_at, needs_approval, valid_until, terms,
    exclusions, created_by)
select id, root_id, number || '-v' || revision, revision, previous_id, title, kind, customer_id, project_id, property_id, good_cents,
       better_cents, best_cents, tax_mode, tax_jurisdiction, tax_rate_micros, tax_exempt, deposit_kind, deposit_percent_bp,
       deposit_fixed_cents, rate_card_id, engine_version, input_hash, result_hash, now(), needs_approval,
       coalesce(valid_until, current_date + 30), coalesce(terms, ''), coalesce(exclusions, '{}'), created_by
  from jsonb_to_record($1::jsonb) as x(id uuid, root_id uuid, number text, revision int, previous_id uuid, title text, kind text,
       customer_id uuid, project_id uuid, property_id uuid, good_cents bigint, better_cents bigint, best_cents bigint, tax_mode text,
       tax_jurisdiction text, tax_rate_micros int, tax_exempt boolean, deposit_kind text, deposit_percent_bp int,
       deposit_fixed_cents bigint, rate_card_id uuid, engine_version text, input_hash text, result_hash text, needs_approval boolean,
       valid_until date, terms text, exclusions text[], created_by uuid)
returning version, to_jsonb(estimates) as row_json

-- name: ESTIMATE_REPRICED
update estimates e set kind = x.kind, good_cents = x.good_cents, better_cents = x.better_cents, best_cents = x.best_cents, tax_mode = x.tax_mode,
    tax_jurisdiction = x.tax_jurisdiction, tax_rate_micros = x.tax_rate_micros, tax_exempt = x.tax_exempt, deposit_kind = x.deposit_kind,
    deposit_percent_bp = x.deposit_percent_bp, deposit_fixed_cents = x.deposit_fixed_cents, rate_card_id = x.rate_card_id,
    engine_version = x.engine_version, input_hash = x.input_hash, result_hash = x.result_hash, computed_at = now(),
    needs_approval = x.needs_approval, status = case when e.status = 'DRAFT' then 'PRICED' else e.status end
  from jsonb_to_record($2::jsonb) as x(kind text, good_cents bigint, better_cents bigint, best_cents bigint, tax_mode text,
       tax_jurisdiction text, tax_rate_micros int, tax_exempt boolean, deposit_kind text, deposit_percent_bp int,
       deposit_fixed_cents bigint, rate_card_id uuid, engine_version text, input_hash text, result_hash text, needs_approval boolean)
 where e.id = $1::uuid

-- name: ESTIMATE_TEXTS
update estimates e set
    title = coalesce(i ->> 'title', e.title), valid_until = coalesce((i ->> 'validUntil')::date, e.valid_until),
    terms = coalesce(i ->> 'terms', e.terms),
    exclusions = case when i ? 'exclusions' then text_array(i -> 'exclusions') else e.exclusions end
  from (select $2::jsonb as i) x
 where e.id = $1::uuid

-- name: SCOPE_CLEAR
with lines as (delete from estimate_lines where surface_id in (select id from estimate_surfaces where estimate_id = $1::uuid)),
     surfaces as (delete from estimate_surfaces where estimate_id = $1::uuid)
delete from estimate_areas where estimate_id = $1::uuid

-- name: LINES_CLEAR
delete from estimate_lines where surface_id in (select id from estimate_surfaces where estimate_id = $1::uuid)

-- name: TIERS_CLEAR
delete from estimate_tiers where estimate_id = $1::uuid

-- name: OPTIONS_CLEAR
delete from estimate_options where estimate_id = $1::uuid

-- name: AREAS_INSERT
insert into estimate_areas (id, estimate_id, position, name, kind, length_ft, width_ft, height_ft, stories, occupied, notes)
select id, $1::uuid, position, name, kind, length_ft, width_ft, height_ft, stories, occupied, notes
  from jsonb_to_recordset($2::jsonb) as x(id uuid, position int, name text, kind text, length_ft numeric, width_ft numeric,
       height_ft numeric, stories int, occupied boolean, notes text)

-- name: SURFACES_INSERT
insert into estimate_surfaces (id, estimate_id, area_id, position, surface, substrate, unit, quantity, hours_each, measured_from, method,
    height_band, condition, color_change, product_id, color, included)
select id, $1::uuid, area_id, position, surface, substrate, unit, quantity, hours_each, measured_from, method, height_band, condition,
       color_change, product_id, color, included
  from jsonb_to_recordset($2::jsonb) as x(id uuid, area_id uuid, position int, surface text, substrate text, unit text,
       quantity numeric, hours_each numeric, measured_from text, method text, height_band text, condition text, color_change boolean,
       product_id uuid, color text, included text[])

-- name: LINES_INSERT
insert into estimate_lines (surface_id, tier, prep_level, coats, rate_id, prep_centi_hours, centi_hours, centi_gallons, labor_cents)
select surface_id, tier, prep_level, coats, rate_id, prep_centi_hours, centi_hours, centi_gallons, labor_cents
  from jsonb_to_recordset($1::jsonb) as x(surface_id uuid, tier text, prep_level text, coats int, rate_id uuid, prep_centi_hours int,
       centi_hours int, centi_gallons int, labor_cents bigint)

-- name: TIERS_INSERT
insert into estimate_tiers (estimate_id, tier, label, description, prep_level, coats, warranty_years, centi_hours, crew_half_days,
    labor_cents, material_cents, options_cents, discount_cents, subtotal_cents, tax_cents, total_cents, deposit_cents,
    direct_labor_cents, direct_material_cents, direct_cents, margin_bp, below_floor, materials)
select $1::uuid, tier, label, description, prep_level, coats, warranty_years, centi_hours, crew_half_days, labor_cents, material_cents,
       options_cents, discount_cents, subtotal_cents, tax_cents, total_cents, deposit_cents, direct_labor_cents,
       direct_material_cents, direct_cents, margin_bp, below_floor, materials
  from jsonb_to_recordset($2::jsonb) as x(tier text, label text, description text, prep_level text, coats int, warranty_years int,
       centi_hours bigint, crew_half_days bigint, labor_cents bigint, material_cents bigint, options_cents bigint,
       discount_cents bigint, subtotal_cents bigint, tax_cents bigint, total_cents bigint, deposit_cents bigint,
       direct_labor_cents bigint, direct_material_cents bigint, direct_cents bigint, margin_bp bigint, below_floor boolean,
       materials jsonb)

-- name: OPTIONS_INSERT
insert into estimate_options (id, estimate_id, position, name, description, price_cents)
select id, $1::uuid, position, name, description, price_cents
  from jsonb_to_recordset($2::jsonb) as x(id uuid, position int, name text, description text, price_cents bigint)

-- name: OPTIONS_SELECT
update estimate_options set selected = id = any($2::uuid[]) where estimate_id = $1::uuid

-- name: DISCOUNT_INSERT
insert into estimate_discounts (id, estimate_id, label, percent_bp, amount_cents, approved_by)
values ($1::uuid, $2::uuid, $3, $4::int, $5::bigint, $6::uuid)

-- name: DISCOUNTS_CLEAR
delete from estimate_discounts where estimate_id = $1::uuid

-- name: DISCOUNTS_COPY
insert into estimate_discounts (id, estimate_id, label, percent_bp, amount_cents, approved_by)
select gen_random_uuid(), $2::uuid, label, percent_bp, amount_cents, approved_by from estimate_discounts where estimate_id = $1::uuid

-- name: ESTIMATE_MOVE
update estimates set status = $2, version = version + 1, updated_at = now(),
       sent_at = case when $2 = 'SENT' then now() else sent_at end,
       decline_reason = case when $2 = 'DECLINED' then $3 else decline_reason end,
       void_reason = case when $2 = 'VOID' then $3 else void_reason end
 where id = $1::uuid
returning version, number, customer_id, project_id, to_jsonb(estimates) as row_json

-- name: ESTIMATE_TIER
update estimates set selected_tier = $2, version = version + 1, updated_at = now() where id = $1::uuid
returning version, number, customer_id, project_id, to_jsonb(estimates) as row_json

-- name: ESTIMATE_ACCEPT
update estimates set status = 'ACCEPTED', selected_tier = $2, version = version + 1, updated_at = now() where id = $1::uuid
returning version, number, customer_id, project_id, to_jsonb(estimates) as row_json

-- name: OPTION_IDS
select id from estimate_options where estimate_id = $1::uuid and id = any($2::uuid[])

-- name: ESTIMATE_TOUCH
update estimates set version = version + 1, updated_at = now() where id = $1::uuid
returning version, number, customer_id, project_id, to_jsonb(estimates) as row_json

-- name: ACCEPTANCE_INSERT
insert into acceptances (estimate_id, tier, option_ids, total_cents, signer_name, signer_email, kind, document_hash, ip, user_agent,
    consent_text, cancellable_until)
select $1::uuid, $2, $3::uuid[], (select total_cents from estimate_tiers where estimate_id = $1::uuid and tier = $2), $4, $5, $6, $7, $8, $9,
       $10, business_days_after(current_date, 3)

-- name: SCOPE_COPY
-- Areas and surfaces of one revision for the next; new ids, same order.
with areas as (
  insert into estimate_areas (id, estimate_id, position, name, kind, length_ft, width_ft, height_ft, stories, occupied, notes)
  select gen_random_uuid(), $2::uuid, position, name, kind, length_ft, width_ft, height_ft, stories, occupied, notes
    from estimate_areas where estimate_id = $1::uuid
  returning id, position)
insert into estimate_surfaces (id, estimate_id, area_id, position, surface, substrate, unit, quantity, hours_each, measured_from, method,
    height_band, condition, color_change, product_id, color, included)
select gen_random_uuid(), $2::uuid, n.id, s.position, s.surface, s.substrate, s.unit, s.quantity, s.hours_each, s.measured_from, s.method,
       s.height_band, s.condition, s.color_change, s.product_id, s.color, s.included
  from estimate_surfaces s join estimate_areas o on o.id = s.area_id join areas n on n.position = o.position
 where s.estimate_id = $1::uuid

-- name: OPTIONS_COPY
insert into estimate_options (id, estimate_id, position, name, description, price_cents, selected)
select gen_random_uuid(), $2::uuid, position, name, description, price_cents, selected from estimate_options where estimate_id = $1::uuid

-- name: SURFACE_IDS
-- In the order of the scope: the n-th item of a priced job is the n-th surface.
select s.id from estimate_surfaces s join estimate_areas a on a.id = s.area_id
 where s.estimate_id = $1::uuid order by a.position, s.position

-- name: STORED_TIERS
select * from estimate_tiers where estimate_id = $1::uuid order by tier_rank(tier)
