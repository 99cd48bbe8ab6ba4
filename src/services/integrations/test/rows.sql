-- What cases.json asks about. Users 0001 to 0006; customers c001 and c002, c003 has no events; projects d001 and d002.
create function pg_temp.id(tail text) returns uuid language sql as $$
  select ('00000000-0000-7000-8000-00000000' || tail)::uuid
$$;
set timezone = 'UTC';

insert into users (id, name, email, phone, role, customer_id, active, time_zone, last_seen_at, created_at)
select pg_temp.id(u), name, lower(split_part(name, ' ', 1)) || '@paint.example', phone, role, pg_temp.id(customer), active,
       zone, seen::timestamptz, created::timestamptz
  from (values
    ('0001', 'Olga Owner', '+13035550101', 'OWNER', null, true, 'America/Denver', '2026-11-01 10:00:00.5', '2024-01-01'),
    ('0002', 'Emil Estimator', null, 'ESTIMATOR', null, true, 'America/Chicago', null, '2024-01-02'),
    ('0003', 'Paula Painter', '+13035550103', 'PAINTER', null, true, 'America/Denver', null, '2024-01-03'),
    ('0004', 'Fred Former', null, 'PAINTER', null, false, 'America/Denver', null, '2024-01-04'),
    ('0005', 'Cora Customer', null, 'CUSTOMER', 'c001', true, 'America/Denver', null, '2024-01-05'),
    ('0006', 'Dora Deleted', null, 'OFFICE', null, true, 'America/Denver', null, '2024-01-06'))
    as rows (u, name, phone, role, customer, active, zone, seen, created);
update users set deleted_at = now() where name = 'Dora Deleted';

insert into integrations (id, provider, display_name, status, account_label, scopes, connected_by, connected_at, settings,
                          created_at, updated_at)
select pg_temp.id(i), provider, name, status, account, scopes::text[], pg_temp.id(by), connected::timestamptz,
       settings::jsonb, '2025-01-01', '2025-01-02'
  from (values
    ('a001', 'SALESFORCE', 'Salesforce', 'CONNECTED', 'org 00D', '{api,refresh_token}', '0001', '2025-01-01',
     '{"sandbox": false}'),
    ('a002', 'COMPANYCAM', 'CompanyCam', 'CONNECTED', null, '{}', '0001', '2025-01-01', null),
    ('a003', 'WEATHER', 'Weather', 'ERROR', null, '{}', null, null, null),
    ('a004', 'EMAIL', 'Email', 'CONNECTED', null, '{}', '0006', '2025-01-01', null),
    ('a005', 'PDF', 'PDF', 'CONNECTED', null, '{}', '0002', '2025-01-01', null),
    ('a006', 'PAYMENTS', 'Payments', 'NOT_CONNECTED', null, '{}', null, null, null))
    as rows (i, provider, name, status, account, scopes, by, connected, settings);

-- At the limits: 5 % of errors and more than 2 s are degraded, an open circuit is down, no requests are unknown. Nobody
-- has looked at a006.
insert into integration_health (integration_id, circuit, requests, errors, p50_ms, p95_ms, rate_limit_remaining, last_error,
                                checked_at)
values
  (pg_temp.id('a001'), 'CLOSED', 200, 8, 180, 2000, 14000, null, '2026-11-22 12:00:00'),
  (pg_temp.id('a002'), 'CLOSED', 200, 10, 240, 1500, null, '429 Too Many Requests', '2026-11-22 12:00:00'),
  (pg_temp.id('a003'), 'OPEN', 10, 0, 90, 210, null, null, '2026-11-22 12:00:00'),
  (pg_temp.id('a004'), 'CLOSED', 0, 0, 0, 0, null, null, '2026-11-22 12:00:00'),
  (pg_temp.id('a005'), 'HALF_OPEN', 10, 0, 420, 2000.5, null, null, '2026-11-22 12:00:00');

-- e001 to e006 are of customer c001 and project d001, e003 and e004 of one instant; e011 and e012 are of c002 and d002.
insert into timeline_items (id, at, kind, summary, actor_id, entity_type, entity_id, customer_id, project_id)
select pg_temp.id(e), at::timestamptz, kind, summary, pg_temp.id(actor), type, pg_temp.id(entity), pg_temp.id(customer),
       pg_temp.id(project)
  from (values
    ('e001', '2026-01-01 08:00', 'customer.created', 'Customer created', '0001', 'Customer', 'c001', 'c001', null),
    ('e002', '2026-01-02 08:00', 'project.created', 'Project created', '0002', 'Project', 'd001', 'c001', 'd001'),
    ('e003', '2026-01-03 08:00', 'estimate.sent', 'Estimate sent', '0002', 'Estimate', 'b001', 'c001', 'd001'),
    ('e004', '2026-01-03 08:00', 'project.status_changed', 'Now AWAITING_APPROVAL', '0002', 'Project', 'd001', 'c001',
     'd001'),
    ('e005', '2026-01-04 08:00:00.123456', 'estimate.accepted', 'Estimate accepted', null, 'Estimate', 'b001', 'c001',
     'd001'),
    ('e006', '2026-01-05 08:00', 'task.completed', 'Task done', '0006', 'ProjectTask', 'f001', 'c001', 'd001'),
    ('e011', '2026-02-01 08:00', 'customer.created', 'Customer created', '0001', 'Customer', 'c002', 'c002', null),
    ('e012', '2026-02-02 08:00', 'project.created', 'Project created', '0001', 'Project', 'd002', 'c002', 'd002'))
    as rows (e, at, kind, summary, actor, type, entity, customer, project);
