const CARD = '01900000-0000-7000-8000-000000099000';
const CUSTOMER = '018cc251-f400-7000-8000-0000000000c1', PROJECT = '018cc251-f400-7000-8000-0000000000b1', SITE = '018cc251-f400-7000-8000-0000000000a1';
const TIERS = 'tiers { tier hours crewDays gallons laborCents materialCents optionsCents discountCents subtotalCents taxCents totalCents depositCents cost { directCents grossMarginBp belowFloor } }';
const ESTIMATE = `estimate { id number status revision version goodPrice betterPrice bestPrice selectedTier ${TIERS} pricing { inputHash resultHash engineVersion rateCardVersion }
  options { id name selected } discounts { label percentBp } previousRevision { status } revisions { revision status } acceptance { tier totalCents signerEmail cancellableUntil }
  areas { name surfaces { surface quantity lines { tier hours } } } }`;
const ERRORS = `__typename ... on UserError { code message } ... on ValidationError { fields { path message } } ... on ConflictError { currentVersion }
  ... on IllegalEstimateTransitionError { from to allowed } ... on StaleProposalError { current: currentVersion currentHash }`;
const call = (name, types, args, variables, expect, more = {}) => ({ on: 'estimates', name, as: more.as, save: more.save,
  query: `mutation (${types}) { ${name}(${args}) { ... on EstimateSuccess { ${ESTIMATE} } ${ERRORS} } }`, variables, expect });
const create = (input, expect, more) => call('createEstimate', '$input: CreateEstimateInput!', 'input: $input', { input }, expect, more);
const room = (name, lengthFt, widthFt, doors, windows) => ({ name, lengthFt, widthFt, heightFt: 8, surfaces: [
  { surface: 'WALL' }, { surface: 'CEILING' }] });
// Example A of the domain: three bedrooms.
const trim = { name: 'Trim', kind: 'OTHER', surfaces: [
  { surface: 'BASEBOARD', substrate: 'MDF', unit: 'LNFT', quantity: 122 }, { surface: 'DOOR_SIDE', substrate: 'WOOD', unit: 'EACH', quantity: 6 },
  { surface: 'WINDOW', substrate: 'WOOD', unit: 'EACH', quantity: 4 }, { surface: 'SETUP', unit: 'EACH', quantity: 3, hoursEach: 0.75 },
  { surface: 'MOBILIZATION', unit: 'EACH', quantity: 1, hoursEach: 1.5 }] };
const areas = [room('Primary', 14, 12), room('Bed 2', 12, 11), room('Bed 3', 11, 10), trim];
const tax = { mode: 'MATERIALS_CONSUMED', jurisdiction: 'US-CO-Denver', rateMicros: 0 };
const pricing = { rateCardId: CARD, kind: 'INTERIOR', areas, tax };
const deposit = { kind: 'PERCENT', percentBp: 3000 };
const input = { customerId: CUSTOMER, projectId: PROJECT, propertyId: SITE, title: 'Three bedrooms', pricing, deposit };
const sign = (documentHash) => ({ signerName: 'Ana N', signerEmail: 'Ana@Example.com', kind: 'TYPED', consent: true, documentHash });
const byId = (name, version, rest = '') => [name, '$id: ID!', `id: $id, expectedVersion: ${version}${rest}`];

export const estimates = [
  { on: 'estimates', query: `query ($input: PricingInput!) { previewPricing(input: $input) { tier totalCents hours materials { product { line } containers containerGallons } } }`, variables: { input: pricing },
    expect: [{ totalCents: 249296, hours: 30.1, materials: [{ product: { line: 'Contractor Wall' }, containers: 8, containerGallons: 1 }, { containers: 2 }, { containers: 2 }] }, { totalCents: 347888, hours: 39.72 }, { totalCents: 438476, hours: 47.49 }] },
  create({ ...input, idempotencyKey: 'e1', pricing: { ...pricing, options: [{ name: 'Closets', priceCents: 32000 }] } },
    { estimate: { number: /^E-\d{4}-00001-v1$/, status: 'PRICED', version: 1, goodPrice: 2492.96, betterPrice: 3478.88, bestPrice: 4384.76, options: [{ name: 'Closets', selected: false }],
      tiers: [{ tier: 'GOOD', laborCents: 204680, materialCents: 44616, depositCents: 74789, crewDays: 1.5, cost: { directCents: 132145, grossMarginBp: 4699, belowFloor: false } },
        { laborCents: 270096, materialCents: 77792, depositCents: 104366, cost: { directCents: 188930, grossMarginBp: 4569 } },
        { laborCents: 322932, materialCents: 115544, depositCents: 131543, cost: { directCents: 243223, grossMarginBp: 4453 } }],
      areas: [{ name: 'Primary', surfaces: [{ surface: 'WALL', quantity: 416, lines: [{ tier: 'GOOD', hours: 5.2 }, { hours: 5.89 }, { hours: 7.03 }] }, { quantity: 168 }] }, {}, {}, { surfaces: [{ quantity: 122 }, {}, {}, {}, {}] }] } },
    { save: { id: 'estimate.id', hash: 'estimate.pricing.resultHash', option: 'estimate.options.0.id' } }),
  create({ ...input, idempotencyKey: 'e1', pricing: { ...pricing, options: [{ name: 'Closets', priceCents: 32000 }] } }, { estimate: { id: '$id' } }),
  { on: 'estimates', query: 'query ($id: ID!) { replayPricing(estimateId: $id) { matches differences { path } } }', variables: { id: '$id' }, expect: { matches: true, differences: [] } },
  create({ ...input, title: ' ', customerId: 'x', validUntil: '2026-02-30', deposit: { kind: 'FIXED' } }, { __typename: 'ValidationError', fields: [['input', 'title'], ['input', 'customerId'], ['input', 'deposit', 'fixedCents'], ['input', 'validUntil']].map((path) => ({ path })) }),
  create({ ...input, pricing: { ...pricing, rateCardId: CUSTOMER } }, { fields: [{ path: ['input', 'pricing', 'rateCardId'] }] }),
  create({ ...input, pricing: { ...pricing, areas: [{ name: 'x', surfaces: [{ surface: 'SHUTTER', unit: 'EACH', quantity: 2 }] }] } }, { fields: [{ path: ['input', 'pricing'], message: /surfaces\[0\].*no rate for SHUTTER/ }] }),
  create({ ...input, pricing: { ...pricing, areas: [{ name: 'x', surfaces: [{ surface: 'BASEBOARD', quantity: 4 }] }] } }, { fields: [{ message: /measured in LNFT/ }] }),
  create({ ...input, pricing: { ...pricing, areas: [{ name: 'x', surfaces: [{ surface: 'WALL' }] }] } }, { fields: [{ message: /give a quantity/ }] }),
  create({ ...input, pricing: { ...pricing, areas: [{ name: 'x', surfaces: [{ surface: 'WALL', quantity: 1000, included: ['GOOD'] }] }] } }, { fields: [{ message: /GOOD costs .* more than BETTER/ }] }),
  create({ ...input, pricing: { ...pricing, discountBp: 1100 } }, { fields: [{ path: ['input', 'pricing', 'discountBp'] }] }, { as: 'estimator' }),
  { name: 'the cap of California', ...create({ ...input, pricing: { ...pricing, tax: { ...tax, jurisdiction: 'US-CA-Sacramento' } } }, { estimate: { tiers: [{ depositCents: 24929 }, { depositCents: 34788 }, { depositCents: 43847 }] } }) },
  call(...byId('sendEstimate', 1).slice(0, 1), '$input: SendEstimateInput!', 'input: $input', { input: { id: '$id', expectedVersion: 1, toEmails: [] } }, { fields: [{ path: ['input', 'toEmails'] }] }),
  call('acceptEstimate', '$input: AcceptEstimateInput!', 'input: $input', { input: { idempotencyKey: 'a0', id: '$id', expectedVersion: 1, tier: 'BETTER', signature: sign('x') } }, { __typename: 'IllegalEstimateTransitionError', from: 'PRICED', to: 'ACCEPTED', allowed: ['SENT', 'VOID'] }),
  call('applyDiscount', '$id: ID!', 'id: $id, expectedVersion: 1, percentBp: 500, label: "Neighbour"', { id: '$id' }, { estimate: { version: 2, goodPrice: 2368.31, discounts: [{ label: 'Neighbour', percentBp: 500 }] } }, { as: 'estimator' }),
  call('applyDiscount', '$id: ID!', 'id: $id, expectedVersion: 2, percentBp: 1001, label: "More"', { id: '$id' }, { fields: [{ path: ['percentBp'] }] }, { as: 'estimator' }),
  call('applyDiscount', '$id: ID!', 'id: $id, expectedVersion: 2, percentBp: 500, label: "More"', { id: '$id' }, { estimate: { version: 3, goodPrice: 2243.66, tiers: [{ discountCents: 24930, cost: { belowFloor: true } }, { cost: { belowFloor: true } }, { cost: { belowFloor: true } }] } }),
  { name: 'under the floor an estimator cannot send', ...call('sendEstimate', '$input: SendEstimateInput!', 'input: $input', { input: { id: '$id', expectedVersion: 3, toEmails: ['ana@example.com'] } }, { __typename: 'ForbiddenError' }, { as: 'estimator' }) },
  call('updateEstimate', '$input: UpdateEstimateInput!', 'input: $input', { input: { id: '$id', expectedVersion: 3, title: 'Bedrooms', pricing: { ...pricing, options: [{ name: 'Closets', priceCents: 32000 }] } } }, { estimate: { version: 4, goodPrice: 2492.96, discounts: [] } }, { save: { hash: 'estimate.pricing.resultHash', option: 'estimate.options.0.id' } }),
  call('updateEstimate', '$input: UpdateEstimateInput!', 'input: $input', { input: { id: '$id', expectedVersion: 3, title: 'Bedrooms' } }, { __typename: 'ConflictError', currentVersion: 4 }),
  call('sendEstimate', '$input: SendEstimateInput!', 'input: $input', { input: { id: '$id', expectedVersion: 4, toEmails: ['ana@example.com'] } }, { estimate: { status: 'SENT', version: 5 } }, { as: 'estimator' }),
  { name: 'an edit after sending is a revision', ...call('updateEstimate', '$input: UpdateEstimateInput!', 'input: $input', { input: { id: '$id', expectedVersion: 5, deposit: { kind: 'NONE' } } },
    { estimate: { number: /-v2$/, status: 'PRICED', revision: 2, goodPrice: 2492.96, tiers: [{ depositCents: 0 }, {}, {}], previousRevision: { status: 'SUPERSEDED' }, revisions: [{ revision: 1, status: 'SUPERSEDED' }, { revision: 2 }], areas: [{ name: 'Primary' }, {}, {}, {}], options: [{ name: 'Closets' }] } },
    { save: { second: 'estimate.id', version: 'estimate.version' } }) },
  { on: 'estimates', sql: `select status from estimates where id = '$id'`, expect: 'SUPERSEDED' },
  { on: 'estimates', query: 'query ($id: ID!) { replayPricing(estimateId: $id) { matches } }', variables: { id: '$second' }, expect: { matches: true } },
  call('selectTier', '$id: ID!, $v: Int!', 'id: $id, expectedVersion: $v, tier: BEST', { id: '$second', v: '$version' }, { estimate: { selectedTier: 'BEST' } }, { save: { version: 'estimate.version', hash: 'estimate.pricing.resultHash', option: 'estimate.options.0.id' } }),
  { name: 'a customer does not see what was not sent', on: 'estimates', as: 'customer', query: 'query ($id: ID!) { estimate(id: $id) { id } }', variables: { id: '$second' }, expect: null },
  ...[['customer', [null]], ['estimator', [{ status: 'PRICED' }]]].map(([as, expect]) => ({ name: `a reference of ${as} to what was not sent`, on: 'estimates', as,
    query: 'query ($r: [_Any!]!) { _entities(representations: $r) { ... on Estimate { status } } }', variables: { r: [{ __typename: 'Estimate', id: '$second' }] }, expect })),
  call('sendEstimate', '$id: ID!, $v: Int!', 'input: { id: $id, expectedVersion: $v, toEmails: ["ana@example.com"] }', { id: '$second', v: '$version' }, { estimate: { status: 'SENT' } }, { save: { version: 'estimate.version' } }),
  { on: 'estimates', as: 'customer', query: 'query ($id: ID!) { estimate(id: $id) { status } }', variables: { id: '$second' }, expect: { status: 'SENT' } },
  { on: 'estimates', as: 'stray', query: 'query ($id: ID!) { estimate(id: $id) { status } }', variables: { id: '$second' }, errors: [{ extensions: { code: 'FORBIDDEN' } }] },
  call('acceptEstimate', '$input: AcceptEstimateInput!', 'input: $input', { input: { idempotencyKey: 'a1', id: '$second', expectedVersion: '$version', tier: 'BETTER', signature: sign('0'.repeat(64)) } }, { __typename: 'StaleProposalError', currentHash: '$hash' }),
  call('acceptEstimate', '$input: AcceptEstimateInput!', 'input: $input', { input: { idempotencyKey: 'a2', id: '$second', expectedVersion: '$version', tier: 'BETTER', signature: { signerName: 'A', signerEmail: 'x', kind: 'TYPED', consent: false, documentHash: 'x' } } }, { fields: [{ path: ['input', 'signature', 'signerEmail'] }, { path: ['input', 'signature', 'consent'] }] }),
  call('acceptEstimate', '$input: AcceptEstimateInput!', 'input: $input', { input: { idempotencyKey: 'a3', id: '$second', expectedVersion: '$version', tier: 'BETTER', optionIds: [CUSTOMER], signature: { signerName: 'Ana N', signerEmail: 'ana@example.com', kind: 'TYPED', consent: true, documentHash: '$hash' } } }, { fields: [{ path: ['input', 'optionIds'] }] }),
  ...[1, 2].map((n) => ({ name: `accept, ${n}`, ...call('acceptEstimate', '$input: AcceptEstimateInput!', 'input: $input', { input: { idempotencyKey: 'a4', id: '$second', expectedVersion: '$version', tier: 'BETTER', optionIds: ['$option'], signature: { signerName: 'Ana N', signerEmail: 'Ana@Example.com', kind: 'TYPED', consent: true, documentHash: '$hash' } } },
    { estimate: { status: 'ACCEPTED', selectedTier: 'BETTER', betterPrice: 3798.88, acceptance: { tier: 'BETTER', totalCents: 379888, signerEmail: 'ana@example.com' }, options: [{ selected: true }] } }, { as: 'customer' }) })),
  { on: 'estimates', sql: 'select count(*) from acceptances', expect: 1 },
  { on: 'estimates', query: 'query ($id: ID!) { replayPricing(estimateId: $id) { matches } }', variables: { id: '$second' }, expect: { matches: true } },
  { on: 'estimates', query: `mutation ($id: ID!) { voidEstimate(id: $id, expectedVersion: 99, reason: "x") { __typename } }`, variables: { id: '$second' }, expect: { __typename: 'ConflictError' } },
  { on: 'estimates', query: `mutation ($id: ID!) { reviseEstimate(id: $id) { ${ERRORS} } }`, variables: { id: '$second' }, expect: { __typename: 'IllegalEstimateTransitionError', from: 'ACCEPTED', allowed: [] } },
  { on: 'estimates', query: 'query ($r: [_Any!]!) { _entities(representations: $r) { ... on Customer { estimates { status } estimateSummary { count openCount acceptedCount acceptedCents winRateBp } } ... on Project { estimates { status } acceptedEstimate { id } contractCents } } }',
    variables: { r: [{ __typename: 'Customer', id: CUSTOMER }, { __typename: 'Project', id: PROJECT }, { __typename: 'Customer', id: PROJECT }, { __typename: 'Project', id: CUSTOMER }] },
    expect: [{ estimates: [{ status: 'PRICED' }, { status: 'ACCEPTED' }], estimateSummary: { count: 2, openCount: 1, acceptedCount: 1, acceptedCents: 379888, winRateBp: 10000 } },
      { estimates: [{}, {}], acceptedEstimate: { id: '$second' }, contractCents: 379888 }, { estimates: [], estimateSummary: { count: 0, winRateBp: null } }, { estimates: [], acceptedEstimate: null, contractCents: null }] },
  { name: 'a tampered price is seen', on: 'estimates', sql: `update estimate_tiers set total_cents = total_cents - 1 where estimate_id = '$second' and tier = 'BEST'` },
  { on: 'estimates', query: 'query ($id: ID!) { replayPricing(estimateId: $id) { matches differences { path } } }', variables: { id: '$second' }, expect: { matches: false, differences: [{ path: 'BEST.total_cents' }] } },
  { on: 'estimates', query: '{ rateCards { name status tierRecipes { tier } } }', expect: [{ name: 'Standard', status: 'PUBLISHED', tierRecipes: Array.from({ length: 15 }, () => ({})) }] },
  { on: 'estimates', query: '{ paintProducts(search: "100%") { id } }', expect: [] },
  { on: 'estimates', sql: 'select count(*) from audit_log_broken()', expect: 0 },
];
