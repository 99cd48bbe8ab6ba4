const CUSTOMER = 'customer { id number displayName status email phone version tags contacts { firstName isPrimary } properties { id address { line1 region } version } }';
const ERRORS = `__typename ... on UserError { code message } ... on ValidationError { fields { path message } }
  ... on ConflictError { expectedVersion currentVersion } ... on NotFoundError { id }
  ... on DuplicateCustomerError { candidates { customer { displayName } score reasons } }`;
const CREATE = `mutation ($input: CreateCustomerInput!) { createCustomer(input: $input) { ... on CustomerSuccess { ${CUSTOMER} } ${ERRORS} } }`;
const UPDATE = `mutation ($input: UpdateCustomerInput!) { updateCustomer(input: $input) { ... on CustomerSuccess { ${CUSTOMER} } ${ERRORS} } }`;
const create = (input, expect, more = {}) => ({ on: 'customers', query: CREATE, variables: { input }, expect, ...more });
const update = (input, expect, more = {}) => ({ on: 'customers', query: UPDATE, variables: { input }, expect, ...more });
const address = { line1: '12 Alder Ct', city: 'Denver', region: 'CO', postalCode: '80206', location: { lat: 39.73, lng: -104.95 } };
const invalid = (...paths) => ({ __typename: 'ValidationError', code: 'VALIDATION', fields: paths.map((p) => ({ path: p.split('.') })) });

export const customers = [
  create({ firstName: 'José', lastName: 'Núñez', email: ' Jose.Nunez@Example.COM ', phone: '(303) 555-0101', tags: ['vip'], idempotencyKey: 'k1',
    contacts: [{ firstName: 'Ana', isPrimary: true, email: 'ANA@example.com' }], properties: [{ address }] },
  { __typename: 'CustomerSuccess', customer: { number: 'C-000001', displayName: 'José Núñez', status: 'PROSPECT', email: 'jose.nunez@example.com',
    phone: '+13035550101', version: 1, tags: ['vip'], contacts: [{ firstName: 'Ana', isPrimary: true }],
    properties: [{ address: { line1: '12 Alder Ct', region: 'CO' } }] } },
  { save: { id: 'customer.id', property: 'customer.properties.0.id' } }),
  { name: 'the same key gives the same answer', ...create({ firstName: 'José', lastName: 'Núñez', email: ' Jose.Nunez@Example.COM ', phone: '(303) 555-0101',
    tags: ['vip'], idempotencyKey: 'k1', contacts: [{ firstName: 'Ana', isPrimary: true, email: 'ANA@example.com' }], properties: [{ address }] },
  { customer: { id: '$id' } }) },
  { name: 'the same key with another input', ...create({ firstName: 'Other', email: 'o@example.com', idempotencyKey: 'k1' }, invalid('input.idempotencyKey')) },
  { on: 'customers', sql: 'select count(*) from customers', expect: 1 },
  { on: 'customers', sql: `select string_agg(action, ',' order by action) from audit_log`, expect: 'contact.created,customer.created,property.created' },
  { on: 'customers', sql: 'select count(*) from audit_log_broken()', expect: 0 },
  { on: 'customers', sql: `select summary || ' ' || (customer_id = '$id')::text from outbox where kind = 'customer.created'`, expect: 'Customer created: José Núñez true' },
  create({}, invalid('input', 'input')),
  create({ firstName: '  ', email: 'nobody', phone: '12', billingAddress: { ...address, line1: ' ', region: 'Colorado', country: 'usa' } },
    invalid('input.firstName', 'input.billingAddress', 'input.billingAddress', 'input.billingAddress', 'input.email', 'input.phone')),
  create({ firstName: 'a\u0000b', email: 'x@example.com' }, invalid('input')),
  create({ firstName: 'No', lastName: 'Channel' }, invalid('input')),
  create({ firstName: 'J', lastName: 'N', email: 'JOSE.nunez@example.com' },
    { __typename: 'DuplicateCustomerError', code: 'DUPLICATE', candidates: [{ customer: { displayName: 'José Núñez' }, score: 1, reasons: ['EMAIL'] }] }),
  create({ firstName: 'J', phone: '303.555.0101' }, { __typename: 'DuplicateCustomerError', candidates: [{ reasons: ['PHONE'] }] }),
  create({ firstName: 'Jose', lastName: 'Nunez', email: 'z@example.com', properties: [{ address: { ...address, line1: '12 ALDER ct' } }] },
    { __typename: 'DuplicateCustomerError', candidates: [{ reasons: ['ADDRESS_AND_NAME'] }] }),
  create({ companyName: 'Acme', phone: '+4930123456', allowDuplicate: true }, { customer: { displayName: 'Acme', phone: '+4930123456' } }, { save: { acme: 'customer.id' } }),
  update({ id: '$id', expectedVersion: 1, lastName: null, phone: null, status: 'ACTIVE', tags: [] },
    { customer: { displayName: 'José', phone: null, status: 'ACTIVE', version: 2, tags: [], email: 'jose.nunez@example.com' } }),
  update({ id: '$id', expectedVersion: 1, lastName: 'X' }, { __typename: 'ConflictError', code: 'VERSION_CONFLICT', expectedVersion: 1, currentVersion: 2 }),
  update({ id: '$id', expectedVersion: 2, firstName: null }, invalid('input')),
  update({ id: '$id', expectedVersion: 2, status: 'PROSPECT' }, invalid('input.status')),
  update({ id: '$id', expectedVersion: 2, ownerId: 'me', paymentTermsDays: 400 }, invalid('input.ownerId', 'input.paymentTermsDays')),
  update({ id: '018cc251-f400-7000-8000-000000000000', expectedVersion: 1 }, { __typename: 'NotFoundError', code: 'NOT_FOUND', id: '018cc251-f400-7000-8000-000000000000' }),
  update({ id: 'nonsense', expectedVersion: 1 }, { __typename: 'NotFoundError' }),
  { on: 'customers', query: `mutation ($id: ID!) { archiveCustomer(id: $id, expectedVersion: 2) { ... on CustomerSuccess { ${CUSTOMER} } ${ERRORS} } }`, variables: { id: '$id' }, expect: { customer: { status: 'ARCHIVED', version: 3 } } },
  { on: 'customers', query: `mutation ($id: ID!) { archiveCustomer(id: $id, expectedVersion: 3) { ... on CustomerSuccess { ${CUSTOMER} } ${ERRORS} } }`, variables: { id: '$id' }, expect: invalid('id') },
  { on: 'customers', query: `mutation ($id: ID!) { restoreCustomer(id: $id, expectedVersion: 3) { ... on CustomerSuccess { ${CUSTOMER} } ${ERRORS} } }`, variables: { id: '$id' }, expect: { customer: { status: 'ACTIVE', version: 4 } } },
  { on: 'customers', query: `mutation ($id: ID!) { addContact(customerId: $id, input: { firstName: "Bo", isPrimary: true, phone: "1-303-555-0199" }) { ... on ContactSuccess { contact { id phone isPrimary role customer { displayName } } } ... on UserError { code message } } }`,
    variables: { id: '$id' }, expect: { contact: { phone: '+13035550199', isPrimary: true, role: 'HOMEOWNER', customer: { displayName: 'José' } } }, save: { contact: 'contact.id' } },
  { on: 'customers', query: 'query ($id: ID!) { customer(id: $id) { contacts { firstName isPrimary } primaryProperty { id } } }', variables: { id: '$id' },
    expect: { contacts: [{ firstName: 'Bo', isPrimary: true }, { firstName: 'Ana', isPrimary: false }], primaryProperty: { id: '$property' } } },
  { on: 'customers', query: 'mutation ($id: ID!) { updateContact(id: $id, input: { firstName: "Bob", role: SPOUSE }) { ... on ContactSuccess { contact { firstName role isPrimary } } } }', variables: { id: '$contact' }, expect: { contact: { firstName: 'Bob', role: 'SPOUSE', isPrimary: false } } },
  { on: 'customers', query: 'mutation ($id: ID!) { removeContact(id: $id) { ... on CustomerSuccess { customer { contacts { firstName } } } } }', variables: { id: '$contact' }, expect: { customer: { contacts: [{ firstName: 'Ana' }] } } },
  { on: 'customers', query: 'mutation ($id: ID!, $p: PropertyInput!) { updateProperty(id: $id, expectedVersion: 1, input: $p) { ... on PropertySuccess { property { yearBuilt version address { line1 location { lat } } } } } }', variables: { id: '$property', p: { address: { ...address, line1: '14 Alder Ct' }, yearBuilt: 1924 } }, expect: { property: { yearBuilt: 1924, version: 2, address: { line1: '14 Alder Ct', location: { lat: 39.73 } } } } },
  { on: 'customers', query: 'mutation ($id: ID!, $p: PropertyInput!) { updateProperty(id: $id, expectedVersion: 1, input: $p) { ... on ConflictError { currentVersion } } }', variables: { id: '$property', p: { address } }, expect: { currentVersion: 2 } },
  { on: 'customers', query: 'mutation ($id: ID!, $p: PropertyInput!) { addProperty(customerId: $id, input: $p) { ... on ValidationError { fields { path } } } }', variables: { id: '$id', p: { address, stories: 0, yearBuilt: 1 } }, expect: { fields: [{ path: ['input', 'yearBuilt'] }, { path: ['input', 'stories'] }] } },
  ...[['núñ', ['José']], ['jos', ['José']], ['aldr', ['José']], ['alder', ['José']], ['14 ald', ['José']], ['C-000001', ['José', 'Acme']], ['acm', ['Acme']], ['!!', []], ['', []], ['bob', []], ['ana', ['José']]].map(([q, found]) => ({
    name: `search ${q}`, on: 'customers', query: 'query ($q: String!) { searchCustomers(query: $q) { nodes { displayName } edges { score highlight } } }', variables: { q }, expect: { nodes: found.map((displayName) => ({ displayName })) } })),
  { on: 'customers', query: '{ searchCustomers(query: "alder") { edges { highlight } } }', expect: { edges: [{ highlight: /14 <mark>Alder<\/mark> Ct/ }] } },
  { on: 'customers', query: '{ propertiesNear(near: { center: { lat: 39.74, lng: -104.95 }, radiusMeters: 1200 }) { edges { distanceMeters node { customer { displayName } } } } }', expect: { edges: [{ distanceMeters: /^111[12]\./, node: { customer: { displayName: 'José' } } }] } },
  { on: 'customers', query: '{ propertiesNear(near: { center: { lat: 39.74, lng: -104.95 }, radiusMeters: 1000 }) { edges { distanceMeters } } }', expect: { edges: [] } },
  { on: 'customers', query: '{ propertiesNear(near: { center: { lat: 99, lng: 0 }, radiusMeters: 1000 }) { edges { distanceMeters } } }', errors: [{ message: /latitude/, extensions: { code: 'BAD_USER_INPUT' } }] },
  { on: 'customers', query: '{ customers(filter: { ownerId: "x" }) { totalCount } }', errors: [{ extensions: { code: 'BAD_USER_INPUT' } }] },
  { on: 'customers', query: '{ customers(filter: { region: "CO", statuses: [ACTIVE] }, orderBy: { field: NAME, direction: ASC }) { totalCount nodes { displayName } } }', expect: { totalCount: 1, nodes: [{ displayName: 'José' }] } },
  { on: 'customers', query: '{ customers(filter: { near: { center: { lat: 39.73, lng: -104.95 }, radiusMeters: 10 } }) { totalCount } }', expect: { totalCount: 1 } },
  { name: 'a customer sees themselves', on: 'customers', as: 'customer', query: '{ customers { totalCount nodes { id } } }', expect: { totalCount: 1, nodes: [{ id: '$acme' }] } },
  { on: 'customers', as: 'customer', query: 'query ($id: ID!) { customer(id: $id) { id } }', variables: { id: '$id' }, expect: null },
  { on: 'customers', as: 'customer', query: 'query ($id: ID!) { property(id: $id) { id } }', variables: { id: '$property' }, expect: null },
  ...[['customer', [null, null, { displayName: 'Acme' }]], ['owner', [{ displayName: 'José' }, { address: { line1: /./ } }, { displayName: 'Acme' }]]].map(([as, expect]) => ({
    name: `references of ${as}`, on: 'customers', as, query: 'query ($r: [_Any!]!) { _entities(representations: $r) { ... on Customer { displayName } ... on Property { address { line1 } } } }',
    variables: { r: [['Customer', '$id'], ['Property', '$property'], ['Customer', '$acme']].map(([__typename, id]) => ({ __typename, id })) }, expect })),
  { on: 'customers', as: 'stray', query: '{ customers { totalCount } }', errors: [{ message: /a CUSTOMER of nobody/, extensions: { code: 'FORBIDDEN' } }] },
  { name: 'computed fields cost no SQL', on: 'customers', query: 'query ($r: [_Any!]!) { _entities(representations: $r) { ... on Customer { totalEstimateValue activeProjectsCount lastActivityDate } } }',
    variables: { r: [{ __typename: 'Customer', id: '$id', estimates: [0.1, 0.2, 1111.11].map((p, i) => ({ goodPrice: 1, betterPrice: p, bestPrice: 99.99, selectedTier: i === 1 ? 'BEST' : null, updatedAt: '2026-03-01T00:00:00.000Z' })),
      projects: ['DRAFT', 'ESTIMATING', 'ON_HOLD', 'WEATHER_HOLD', 'PUNCH_LIST', 'COMPLETED', 'INVOICED', 'CLOSED', 'CANCELLED'].map((status) => ({ status, updatedAt: '2026-03-02T00:00:00.5Z' })) }] },
    expect: [{ totalEstimateValue: 1211.2, activeProjectsCount: 4, lastActivityDate: '2026-03-02T00:00:00.500Z' }] },
];
