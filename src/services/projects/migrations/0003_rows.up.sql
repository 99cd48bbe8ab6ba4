-- Rows as the graph shows them.
create view project_rows as
  select p.id, p.number, p.customer_id, p.property_id, p.name, p.type, p.status, p.held_from, p.cancelled_at, p.priority,
         p.region, p.lat, p.lng, p.scheduled_start, p.scheduled_end, p.actual_start, p.actual_end, p.budgeted_hours,
         p.lead_safe_required, p.tags, p.custom_fields, p.version, p.created_by, p.created_at, p.updated_at, p.words,
         case when p.line1 is not null then jsonb_build_object('line1', p.line1, 'line2', p.line2, 'city', p.city, 'region', p.region,
           'postalCode', p.postal_code, 'country', p.country, 'timeZone', p.time_zone,
           'location', case when p.lat is not null then jsonb_build_object('lat', p.lat, 'lng', p.lng) end) end as address,
         case when p.lat is not null then jsonb_build_object('lat', p.lat, 'lng', p.lng) end as location
    from projects p
   where p.deleted_at is null;

-- Who sees which project: a customer their own, a crew member those of their crews (and, with a window of days, only while the
-- crew is or soon will be there). NULL: no rule.
create function project_visible(project uuid, owner uuid, customer uuid, member uuid, window_days int) returns boolean
language sql stable as $$
  select (customer is null or owner = customer)
     and (member is null or exists (
           select 1 from crew_assignments a join crew_members m on m.crew_id = a.crew_id
            where a.project_id = project and m.user_id = member
              and (window_days is null or (a.from_day <= current_date + window_days
                   and coalesce(a.to_day, current_date) >= current_date - window_days))))
$$;

create function patched(input jsonb, member text, current text) returns text language sql immutable as
$$ select case when input ? member then input ->> member else current end $$;
create function text_array(v jsonb) returns text[] language sql immutable as
$$ select case when jsonb_typeof(v) = 'array' then array(select jsonb_array_elements_text(v)) else '{}' end $$;

create function search_projects(q text) returns table (id uuid, body text, score float8) language sql stable
set pg_trgm.word_similarity_threshold = 0.45 as $$
  select p.id, project_body(p.number, p.name, p.line1, p.city, p.tags),
         round((coalesce(ts_rank(p.words, prefix_query(q)), 0) + word_similarity(plain(q), plain(p.name))
                + case when p.words @@ prefix_query(q) then 1 else 0 end)::numeric, 6)::float8 as score
    from projects p
   where p.deleted_at is null and (p.words @@ prefix_query(q) or plain(q) <% plain(p.name))
   order by score desc, p.id
   limit 1000
$$;
