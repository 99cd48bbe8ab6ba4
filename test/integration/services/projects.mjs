const PROJECT = 'project { id number status version name address { line1 } allowedTransitions scheduledStart leadSafeRequired statusHistory { from to reason actor { id } } }';
const ERRORS = `__typename ... on UserError { code message } ... on ValidationError { fields { path } } ... on ConflictError { currentVersion }
  ... on IllegalProjectTransitionError { from to allowed failedGuards } ... on ForbiddenError { requiredScopes }`;
const CUSTOMER = '018cc251-f400-7000-8000-0000000000c1', OTHER = '018cc251-f400-7000-8000-0000000000c2';
const SITE = '018cc251-f400-7000-8000-0000000000a1', CREW = '018cc251-f400-7000-8000-0000000000d1', RRP_CREW = '018cc251-f400-7000-8000-0000000000d2';
const LEAD = '018cc251-f400-7000-8000-0000000000e1';
const create = (input, expect, more) => ({ on: 'projects', query: `mutation ($input: CreateProjectInput!) { createProject(input: $input) { ... on ProjectSuccess { ${PROJECT} } ${ERRORS} } }`, variables: { input }, expect, ...more });
const move = (id, version, to, expect, more = {}) => ({ on: 'projects', name: `to ${to}`, as: more.as,
  query: `mutation ($input: TransitionProjectInput!) { transitionProject(input: $input) { ... on ProjectSuccess { ${PROJECT} } ${ERRORS} } }`,
  variables: { input: { projectId: id, expectedVersion: version, to, ...more.input } }, expect });
const moved = (status, version) => ({ project: { status, version } });
const refused = (...failedGuards) => ({ __typename: 'IllegalProjectTransitionError', code: 'ILLEGAL_TRANSITION', failedGuards });
const book = (input, expect, more) => ({ on: 'projects', query: `mutation ($input: ScheduleProjectInput!) { scheduleProject(input: $input) { __typename ... on ScheduleSuccess { project { version scheduledStart scheduledEnd } block { id kind exterior start } }
  ... on ScheduleConflictError { code blocks { start } } ... on ValidationError { fields { path } } ... on NotFoundError { message } } }`, variables: { input }, expect, ...more });
const fact = (set) => ({ on: 'projects', sql: `insert into project_facts (project_id) values ('$id') on conflict do nothing; update project_facts set ${set} where project_id = '$id'` });

export const projects = [
  { on: 'projects', sql: `insert into property_facts (property_id, customer_id, line1, city, region, postal_code, lead_safe_required) values ('${SITE}', '${CUSTOMER}', '9 Elm St', 'Denver', 'CO', '80206', true);
    insert into crews (id, name, rrp_certified) values ('${CREW}', 'Alpine', false), ('${RRP_CREW}', 'Bristle', true);
    insert into crew_members values ('${CREW}', '${LEAD}', 'LEAD', '2026-01-01')` },
  create({ customerId: OTHER, propertyId: SITE, name: 'x', type: 'INTERIOR' }, { __typename: 'ValidationError', fields: [{ path: ['input', 'propertyId'] }] }),
  create({ customerId: 'x', propertyId: SITE, name: ' ', type: 'INTERIOR' }, { fields: [{ path: ['input', 'name'] }, { path: ['input', 'customerId'] }] }),
  create({ customerId: CUSTOMER, propertyId: SITE, name: 'Porch', type: 'EXTERIOR', idempotencyKey: 'p1' },
    { project: { number: /^P-\d{4}-00001$/, status: 'DRAFT', version: 1, address: { line1: '9 Elm St' }, leadSafeRequired: true, allowedTransitions: ['ESTIMATING', 'CANCELLED'],
      statusHistory: [{ from: null, to: 'DRAFT', actor: { id: /^0190/ } }] } }, { save: { id: 'project.id' } }),
  create({ customerId: CUSTOMER, propertyId: SITE, name: 'Porch', type: 'EXTERIOR', idempotencyKey: 'p1' }, { project: { id: '$id' } }),
  { name: 'a site that nobody has told about', ...create({ customerId: OTHER, propertyId: '018cc251-f400-7000-8000-0000000000a9', name: 'Hall', type: 'INTERIOR' }, { project: { address: null } }, { save: { other: 'project.id' } }) },
  { on: 'projects', query: 'mutation ($i: UpdateProjectInput!) { updateProject(input: $i) { ... on ProjectSuccess { project { name priority version } } } }', variables: { i: { id: '$id', expectedVersion: 1, name: 'Porch and deck', priority: 'HIGH' } }, expect: { project: { name: 'Porch and deck', priority: 'HIGH', version: 2 } } },
  move('$id', 1, 'ESTIMATING', { __typename: 'ConflictError', currentVersion: 2 }),
  move('$id', 2, 'APPROVED', { ...refused(), from: 'DRAFT', to: 'APPROVED', allowed: ['ESTIMATING', 'CANCELLED'] }),
  move('$id', 2, 'ESTIMATING', moved('ESTIMATING', 3)),
  move('$id', 3, 'AWAITING_APPROVAL', refused('NO_SENT_ESTIMATE')),
  move('$id', 3, 'AWAITING_APPROVAL', { __typename: 'ForbiddenError', code: 'FORBIDDEN' }, { as: 'office', input: { override: true } }),
  fact('estimates_sent = 1'),
  move('$id', 3, 'AWAITING_APPROVAL', moved('AWAITING_APPROVAL', 4), { as: 'office' }),
  move('$id', 4, 'APPROVED', refused('NO_ACCEPTED_ESTIMATE')),
  fact('estimates_accepted = 1'),
  move('$id', 4, 'APPROVED', moved('APPROVED', 5)),
  move('$id', 5, 'SCHEDULED', refused('NO_CREW', 'NO_DATES', 'DEPOSIT_UNPAID')),
  book({ projectId: '$id', expectedVersion: 5, crewId: CREW, start: '2026-05-04T17:00:00Z', end: '2026-05-04T15:00:00Z' }, { __typename: 'ValidationError', fields: [{ path: ['input', 'end'] }] }),
  book({ projectId: '$id', expectedVersion: 5, crewId: OTHER, start: '2026-05-04T15:00:00Z', end: '2026-05-04T23:00:00Z' }, { __typename: 'NotFoundError' }),
  book({ projectId: '$id', expectedVersion: 5, crewId: CREW, start: '2026-05-04T15:00:00Z', end: '2026-05-04T23:00:00Z' }, { project: { version: 6, scheduledStart: '2026-05-04T15:00:00.000Z' }, block: { kind: 'PAINT', exterior: true } }),
  book({ projectId: '$id', expectedVersion: 6, crewId: CREW, start: '2026-05-04T22:00:00Z', end: '2026-05-05T01:00:00Z' }, { __typename: 'ScheduleConflictError', code: 'PRECONDITION_FAILED', blocks: [{ start: '2026-05-04T15:00:00.000Z' }] }),
  book({ projectId: '$id', expectedVersion: 6, crewId: CREW, start: '2026-05-04T22:00:00Z', end: '2026-05-05T01:00:00Z', allowOverlap: true }, { project: { version: 7, scheduledEnd: '2026-05-05T01:00:00.000Z' } }),
  { on: 'projects', sql: `insert into customer_facts values ('${CUSTOMER}', true)` },
  fact('deposit_settled = true'),
  move('$id', 7, 'SCHEDULED', refused('CREDIT_HOLD')),
  { on: 'projects', sql: `update customer_facts set credit_hold = false` },
  move('$id', 7, 'SCHEDULED', moved('SCHEDULED', 8)),
  move('$id', 8, 'ON_HOLD', { project: { status: 'ON_HOLD', version: 9, allowedTransitions: ['SCHEDULED', 'CANCELLED'] } }),
  move('$id', 9, 'APPROVED', { ...refused(), allowed: ['SCHEDULED', 'CANCELLED'] }),
  move('$id', 9, 'SCHEDULED', moved('SCHEDULED', 10)),
  move('$id', 10, 'IN_PROGRESS', refused('NO_RRP_CREW'), { as: 'lead' }),
  book({ projectId: '$id', expectedVersion: 10, crewId: RRP_CREW, start: '2026-05-06T15:00:00Z', end: '2026-05-06T23:00:00Z' }, { project: { version: 11 } }),
  move('$id', 11, 'IN_PROGRESS', { __typename: 'NotFoundError' }, { as: 'painter' }),
  move('$id', 11, 'IN_PROGRESS', moved('IN_PROGRESS', 12), { as: 'lead' }),
  move('$id', 12, 'WEATHER_HOLD', moved('WEATHER_HOLD', 13), { as: 'lead' }),
  move('$id', 13, 'IN_PROGRESS', moved('IN_PROGRESS', 14), { as: 'lead' }),
  move('$id', 14, 'CANCELLED', { __typename: 'ForbiddenError' }, { as: 'lead' }),
  move('$id', 14, 'CANCELLED', refused('ADMIN_ONLY', 'NO_REASON'), { as: 'office' }),
  move('$id', 14, 'PUNCH_LIST', moved('PUNCH_LIST', 15), { as: 'lead' }),
  { on: 'projects', as: 'lead', query: 'mutation ($id: ID!) { addTask(projectId: $id, title: "Drip on the sill", kind: PUNCH) { ... on TaskSuccess { task { id done kind } } } }', variables: { id: '$id' }, expect: { task: { done: false, kind: 'PUNCH' } }, save: { task: 'task.id' } },
  move('$id', 15, 'COMPLETED', refused('OPEN_PUNCH_ITEMS')),
  { on: 'projects', as: 'lead', query: 'mutation ($id: ID!) { setTaskDone(id: $id, done: true) { ... on TaskSuccess { task { done completedAt completedBy { id } } } } }', variables: { id: '$task' }, expect: { task: { done: true, completedBy: { id: LEAD } } } },
  move('$id', 15, 'COMPLETED', moved('COMPLETED', 16), { as: 'lead' }),
  move('$id', 16, 'INVOICED', refused('NO_FINAL_INVOICE')),
  move('$id', 16, 'INVOICED', { project: { status: 'INVOICED', statusHistory: Array.from({ length: 13 }, () => ({})) } }, { input: { override: true, reason: 'invoiced on paper' } }),
  { on: 'projects', sql: `select reason || ' ' || override || ' ' || skipped_guards::text from project_transitions where to_status = 'INVOICED'`, expect: 'invoiced on paper true {NO_FINAL_INVOICE}' },
  move('$id', 17, 'CLOSED', refused('BALANCE_DUE')),
  fact('balance_cents = 0, final_invoice = true'),
  move('$id', 17, 'COMPLETED', refused('FINAL_INVOICE_STANDS')),
  move('$id', 17, 'CLOSED', { project: { status: 'CLOSED', version: 18, allowedTransitions: [] } }),
  move('$id', 18, 'COMPLETED', { ...refused(), allowed: [] }, { input: { override: true } }),
  { on: 'projects', sql: 'select count(*) from audit_log_broken()', expect: 0 },
  { on: 'projects', sql: `select count(*) from outbox where kind = 'project.status_changed'`, expect: 13 },
  move('$other', 1, 'CANCELLED', moved('CANCELLED', 2)),
  move('$other', 2, 'DRAFT', refused('ADMIN_ONLY'), { as: 'office' }),
  move('$other', 2, 'DRAFT', moved('DRAFT', 3)),
  ...[['lead', [{ name: 'Porch and deck' }]], ['painter', []], ['customer', []], ['owner', [{ name: 'Hall' }, { name: 'Porch and deck' }]]].map(([as, nodes]) => ({
    name: `what ${as} sees`, on: 'projects', as, query: '{ projects { totalCount nodes { name } } }', expect: { totalCount: nodes.length, nodes } })),
  ...[['lead', [{ name: 'Porch and deck' }, null]], ['painter', [null, null]], ['customer', [null, null]], ['owner', [{ name: 'Porch and deck' }, { name: 'Hall' }]]].map(([as, expect]) => ({
    name: `references of ${as}`, on: 'projects', as, query: 'query ($r: [_Any!]!) { _entities(representations: $r) { ... on Project { name } } }',
    variables: { r: ['$id', '$other'].map((id) => ({ __typename: 'Project', id })) }, expect })),
  { on: 'projects', as: 'lead', query: 'query ($id: ID!) { project(id: $id) { name } }', variables: { id: '$other' }, expect: null },
  move('$other', 3, 'ESTIMATING', { __typename: 'NotFoundError' }, { as: 'lead' }),
  { on: 'projects', query: '{ searchProjects(query: "porsh") { edges { highlight node { name } } } }', expect: { edges: [{ node: { name: 'Porch and deck' } }] } },
  { on: 'projects', query: 'query ($r: [_Any!]!) { _entities(representations: $r) { ... on Customer { projects { name } projectSummary { total active completed } projectsConnection(filter: { statuses: [CLOSED] }) { totalCount } } } }',
    variables: { r: [{ __typename: 'Customer', id: CUSTOMER }, { __typename: 'Customer', id: OTHER }, { __typename: 'Customer', id: LEAD }] },
    expect: [{ projects: [{ name: 'Porch and deck' }], projectSummary: { total: 1, active: 0, completed: 1 }, projectsConnection: { totalCount: 1 } },
      { projects: [{ name: 'Hall' }], projectSummary: { total: 1, active: 0, completed: 0 }, projectsConnection: { totalCount: 0 } },
      { projects: [], projectSummary: { total: 0 }, projectsConnection: { totalCount: 0 } }] },
];
