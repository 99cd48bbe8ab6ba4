-- Rows as the graph shows them.
create view estimate_rows as
  select e.*,
         (e.good_cents / 100.0)::numeric(15, 2) as good_price,
         (e.better_cents / 100.0)::numeric(15, 2) as better_price,
         (e.best_cents / 100.0)::numeric(15, 2) as best_price,
         case e.selected_tier when 'GOOD' then e.good_cents when 'BEST' then e.best_cents else e.better_cents end as chosen_cents,
         jsonb_build_object('mode', e.tax_mode, 'jurisdiction', e.tax_jurisdiction, 'rateMicros', e.tax_rate_micros,
           'exempt', e.tax_exempt) as tax,
         jsonb_build_object('kind', e.deposit_kind, 'percentBp', e.deposit_percent_bp, 'fixedCents', e.deposit_fixed_cents,
           'capCents', case when e.tax_jurisdiction like 'US-CA%' then 100000 end,
           'capRule', case when e.tax_jurisdiction like 'US-CA%' then 'California: the lesser of $1,000 or 10 % of the price' end)
           as deposit_policy,
         jsonb_build_object('engineVersion', e.engine_version, 'rateCardId', e.rate_card_id,
           'rateCardVersion', (select version from rate_cards where id = e.rate_card_id), 'inputHash', e.input_hash,
           'resultHash', e.result_hash, 'computedAt', to_char(e.computed_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')) as pricing
    from estimates e
   where e.deleted_at is null;

-- A customer sees what was sent to them.
create function estimate_visible(status text, owner uuid, customer uuid) returns boolean language sql immutable as $$
  select customer is null or (owner = customer and status not in ('DRAFT', 'PRICED', 'VOID'))
$$;

create view product_rows as
  select id, brand, line, use, sheens, container_gallons, list_cents, cost_cents, min_temp_f, max_humidity_pct, recoat_hours, dry_hours,
         jsonb_build_object('id', id, 'brand', brand, 'line', line, 'use', use, 'sheens', sheens, 'containerGallons', container_gallons,
           'listCents', list_cents, 'costCents', cost_cents, 'minTempF', min_temp_f, 'maxHumidityPct', max_humidity_pct,
           'recoatHours', recoat_hours, 'dryHours', dry_hours) as document
    from paint_products;

create view tier_rows as
  select t.estimate_id, t.tier, t.label, t.description, t.prep_level, t.coats, t.warranty_years,
         (t.centi_hours / 100.0)::numeric(15, 2) as hours, (t.crew_half_days / 2.0)::numeric(15, 1) as crew_days,
         (select coalesce(sum((m ->> 'exactCentiGallons')::bigint), 0) / 100.0 from jsonb_array_elements(t.materials) m)::numeric(15, 2)
           as gallons,
         t.labor_cents, t.material_cents, t.options_cents, t.discount_cents, t.subtotal_cents, t.tax_cents, t.total_cents,
         t.deposit_cents,
         jsonb_build_object('laborCents', t.direct_labor_cents, 'materialCents', t.direct_material_cents, 'directCents', t.direct_cents,
           'grossProfitCents', t.subtotal_cents - t.direct_cents, 'grossMarginBp', t.margin_bp, 'belowFloor', t.below_floor) as cost,
         (select coalesce(jsonb_agg(jsonb_build_object('product', p.document, 'color', m.v ->> 'color', 'sheen', null,
                   'exactGallons', (m.v ->> 'exactCentiGallons')::bigint / 100.0, 'containers', m.v -> 'containers',
                   'containerGallons', p.container_gallons, 'sellCents', m.v -> 'sellCents', 'costCents', m.v -> 'costCents')
                   order by m.n), '[]')
            from jsonb_array_elements(t.materials) with ordinality m(v, n)
            join product_rows p on p.id = (m.v ->> 'product')::uuid) as materials
    from estimate_tiers t;

create function tier_rank(tier text) returns int language sql immutable as
$$ select case tier when 'GOOD' then 1 when 'BETTER' then 2 else 3 end $$;

create function patched(input jsonb, member text, current text) returns text language sql immutable as
$$ select case when input ? member then input ->> member else current end $$;
create function text_array(v jsonb) returns text[] language sql immutable as
$$ select case when jsonb_typeof(v) = 'array' then array(select jsonb_array_elements_text(v)) else '{}' end $$;

-- The measured scope of an estimate in the form that pricing is built from. Decimals are text without zeros at the end.
create function estimate_scope(estimate uuid) returns jsonb language sql stable as $$
  select jsonb_build_object(
    'rateCardId', e.rate_card_id, 'kind', e.kind,
    'tax', jsonb_build_object('mode', e.tax_mode, 'jurisdiction', e.tax_jurisdiction, 'rateMicros', e.tax_rate_micros,
      'exempt', e.tax_exempt),
    'deposit', jsonb_build_object('kind', e.deposit_kind, 'percentBp', e.deposit_percent_bp, 'fixedCents', e.deposit_fixed_cents),
    'discountBp', (select coalesce(sum(percent_bp), 0) from estimate_discounts where estimate_id = e.id),
    'discountCents', (select coalesce(sum(amount_cents), 0) from estimate_discounts where estimate_id = e.id),
    'options', (select coalesce(jsonb_agg(jsonb_build_object('id', o.id, 'priceCents', o.price_cents) order by o.position), '[]')
      from estimate_options o where o.estimate_id = e.id and o.selected),
    'areas', (select coalesce(jsonb_agg(jsonb_build_object('occupied', a.occupied, 'surfaces', (
          select coalesce(jsonb_agg(jsonb_build_object('surface', s.surface, 'substrate', s.substrate, 'unit', s.unit,
              'quantity', trim_scale(s.quantity)::text, 'hoursEach', trim_scale(s.hours_each)::text, 'method', s.method,
              'heightBand', s.height_band, 'condition', s.condition, 'productId', s.product_id, 'color', s.color,
              'included', s.included) order by s.position), '[]')
            from estimate_surfaces s where s.area_id = a.id)) order by a.position), '[]')
      from estimate_areas a where a.estimate_id = e.id))
  from estimates e where e.id = estimate
$$;

-- The n-th working day after a day: Saturdays and Sundays do not count.
create function business_days_after(day date, n int) returns date language sql immutable as $$
  select d::date from generate_series(day + 1, day + 2 * n + 4, interval '1 day') d
   where extract(isodow from d) < 6 order by d offset n - 1 limit 1
$$;
