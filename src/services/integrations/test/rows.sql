-- What cases.json asks about. Users …0001 to …0006, customers …c001 and …c002 (c003 has no events), projects …d001 and …d002.
insert into users (id, name, email, phone, role, customer_id, active, time_zone, last_seen_at, created_at) values
  ('00000000-0000-7000-8000-000000000001', 'Olga Owner', 'olga@paint.example', '+13035550101', 'OWNER', null, true, 'America/Denver',
   '2026-11-01 10:00:00.5+00', '2024-01-01 00:00:00+00'),
  ('00000000-0000-7000-8000-000000000002', 'Emil Estimator', 'emil@paint.example', null, 'ESTIMATOR', null, true, 'America/Chicago',
   null, '2024-01-02 00:00:00+00'),
  ('00000000-0000-7000-8000-000000000003', 'Paula Painter', 'paula@paint.example', '+13035550103', 'PAINTER', null, true,
   'America/Denver', null, '2024-01-03 00:00:00+00'),
  ('00000000-0000-7000-8000-000000000004', 'Fred Former', 'fred@paint.example', null, 'PAINTER', null, false, 'America/Denver', null,
   '2024-01-04 00:00:00+00'),
  ('00000000-0000-7000-8000-000000000005', 'Cora Customer', 'cora@home.example', null, 'CUSTOMER',
   '00000000-0000-7000-8000-00000000c001', true, 'America/Denver', null, '2024-01-05 00:00:00+00');
insert into users (id, name, email, role, deleted_at) values
  ('00000000-0000-7000-8000-000000000006', 'Dora Deleted', 'dora@paint.example', 'OFFICE', now());

insert into integrations (id, provider, display_name, status, account_label, scopes, connected_by, connected_at, settings, created_at,
                          updated_at) values
  ('00000000-0000-7000-8000-00000000a001', 'SALESFORCE', 'Salesforce', 'CONNECTED', 'org 00D', '{api,refresh_token}',
   '00000000-0000-7000-8000-000000000001', '2025-01-01 00:00:00+00', '{"sandbox": false}', '2025-01-01 00:00:00+00', '2025-01-02 00:00:00+00'),
  ('00000000-0000-7000-8000-00000000a002', 'COMPANYCAM', 'CompanyCam', 'CONNECTED', null, '{}',
   '00000000-0000-7000-8000-000000000001', '2025-01-01 00:00:00+00', null, '2025-01-01 00:00:00+00', '2025-01-02 00:00:00+00'),
  ('00000000-0000-7000-8000-00000000a003', 'WEATHER', 'Weather', 'ERROR', null, '{}',
   null, null, null, '2025-01-01 00:00:00+00', '2025-01-02 00:00:00+00'),
  ('00000000-0000-7000-8000-00000000a004', 'EMAIL', 'Email', 'CONNECTED', null, '{}',
   '00000000-0000-7000-8000-000000000006', '2025-01-01 00:00:00+00', null, '2025-01-01 00:00:00+00', '2025-01-02 00:00:00+00'),
  ('00000000-0000-7000-8000-00000000a005', 'PDF', 'PDF', 'CONNECTED', null, '{}',
   '00000000-0000-7000-8000-000000000002', '2025-01-01 00:00:00+00', null, '2025-01-01 00:00:00+00', '2025-01-02 00:00:00+00'),
  ('00000000-0000-7000-8000-00000000a006', 'PAYMENTS', 'Payments', 'NOT_CONNECTED', null, '{}',
   null, null, null, '2025-01-01 00:00:00+00', '2025-01-02 00:00:00+00');
-- The limits: 5 % errors and more than 2 s are degraded, an open circuit is down, no requests are unknown, …a006 has no look at all.
insert into integration_health (integration_id, circuit, requests, errors, p50_ms, p95_ms, rate_limit_remaining, last_error, checked_at) values
  ('00000000-0000-7000-8000-00000000a001', 'CLOSED', 200, 8, 180, 2000, 14000, null, '2026-11-22 12:00:00+00'),
  ('00000000-0000-7000-8000-00000000a002', 'CLOSED', 200, 10, 240, 1500, null, '429 Too Many Requests', '2026-11-22 12:00:00+00'),
  ('00000000-0000-7000-8000-00000000a003', 'OPEN', 10, 0, 90, 210, null, null, '2026-11-22 12:00:00+00'),
  ('00000000-0000-7000-8000-00000000a004', 'CLOSED', 0, 0, 0, 0, null, null, '2026-11-22 12:00:00+00'),
  ('00000000-0000-7000-8000-00000000a005', 'HALF_OPEN', 10, 0, 420, 2000.5, null, null, '2026-11-22 12:00:00+00');

-- Events e001 to e006 of customer c001 and project d001; e003 and e004 are of one instant. e011 and e012 are of c002 and d002.
insert into timeline_items (id, at, kind, summary, actor_id, entity_type, entity_id, customer_id, project_id)
select ('00000000-0000-7000-8000-00000000' || e)::uuid, at::timestamptz, kind, summary, ('00000000-0000-7000-8000-00000000000' || actor)::uuid,
       entity_type, ('00000000-0000-7000-8000-00000000' || entity)::uuid, ('00000000-0000-7000-8000-00000000' || customer)::uuid,
       ('00000000-0000-7000-8000-00000000' || project)::uuid
  from (values
    ('e001', '2026-01-01 08:00:00+00', 'customer.created', 'Customer created', '1', 'Customer', 'c001', 'c001', null),
    ('e002', '2026-01-02 08:00:00+00', 'project.created', 'Project created', '2', 'Project', 'd001', 'c001', 'd001'),
    ('e003', '2026-01-03 08:00:00+00', 'estimate.sent', 'Estimate sent', '2', 'Estimate', 'b001', 'c001', 'd001'),
    ('e004', '2026-01-03 08:00:00+00', 'project.status_changed', 'Now AWAITING_APPROVAL', '2', 'Project', 'd001', 'c001', 'd001'),
    ('e005', '2026-01-04 08:00:00.123456+00', 'estimate.accepted', 'Estimate accepted', null, 'Estimate', 'b001', 'c001', 'd001'),
    ('e006', '2026-01-05 08:00:00+00', 'task.completed', 'Task done', '6', 'ProjectTask', 'f001', 'c001', 'd001'),
    ('e011', '2026-02-01 08:00:00+00', 'customer.created', 'Customer created', '1', 'Customer', 'c002', 'c002', null),
    ('e012', '2026-02-02 08:00:00+00', 'project.created', 'Project created', '1', 'Project', 'd002', 'c002', 'd002'))
    as rows (e, at, kind, summary, actor, entity_type, entity, customer, project);
