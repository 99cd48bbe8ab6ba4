-- name: TIMELINE_EVENT
-- Whatever has something to say becomes an item, under the event's own id.
with e as (select $1::jsonb as e)
insert into timeline_items (id, at, kind, summary, actor_id, entity_type, entity_id, customer_id, project_id)
select (e ->> 'id')::uuid, (e ->> 'created_at')::timestamptz, e ->> 'kind', e ->> 'summary',
       case when e ->> 'actor' ~ '^[0-9a-fA-F-]{36}$' then (e ->> 'actor')::uuid end,
       e ->> 'entity_type', (e ->> 'entity_id')::uuid, (e ->> 'customer_id')::uuid, (e ->> 'project_id')::uuid
  from e
 where e ->> 'summary' <> '' and num_nonnulls(e ->> 'customer_id', e ->> 'project_id') > 0
on conflict (id) do nothing
