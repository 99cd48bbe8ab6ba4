// Rows made the way a client makes them, for tests that start without the demo data.
import assert from 'node:assert/strict';

const RATE_CARD = '01900000-0000-7000-8000-000000099000'; // the standard card, which a migration brings
const PROBLEM = '... on UserError { code message }';

/** The one argument of a mutation that answers `… on Success { thing { … } }`. */
async function make(system, name, type, success, input) {
  const { data, errors } = await system.graphql(
    `mutation ($input: ${type}!) { made: ${name}(input: $input) { ${success} ${PROBLEM} } }`, { input });
  assert.equal(errors, undefined, JSON.stringify(errors));
  assert.equal(data.made.code, undefined, `${name}: ${data.made.message}`);
  return Object.values(data.made)[0];
}

const address = (n) => ({ line1: `${n} Larimer St`, city: 'Denver', region: 'CO', postalCode: '80202', location: { lat: 39.75, lng: -105 } });

const pricing = (n) => ({
  rateCardId: RATE_CARD,
  kind: 'INTERIOR',
  areas: [{ name: 'Hall', lengthFt: 10 + n, widthFt: 9, heightFt: 8, surfaces: [{ surface: 'WALL' }, { surface: 'CEILING' }] }],
  tax: { mode: 'MATERIALS_CONSUMED', jurisdiction: 'US-CO-Denver', rateMicros: 0 },
});

/** A customer with a house, an active project and priced estimates: { id, propertyId, projectId }. */
export async function makeCustomer(system, n, estimates = 1) {
  const { id, properties } = await make(system, 'createCustomer', 'CreateCustomerInput',
    '... on CustomerSuccess { customer { id properties { id } } }',
    { firstName: 'Row', lastName: `Number ${n}`, email: `row${n}@example.com`, properties: [{ address: address(n) }] });
  const propertyId = properties[0].id;
  const project = await make(system, 'createProject', 'CreateProjectInput', '... on ProjectSuccess { project { id } }',
    { customerId: id, propertyId, name: `House ${n}`, type: 'INTERIOR' });
  await make(system, 'transitionProject', 'TransitionProjectInput', '... on ProjectSuccess { project { id } }',
    { projectId: project.id, to: 'ESTIMATING', expectedVersion: 1 });
  for (let i = 0; i < estimates; i++) {
    await make(system, 'createEstimate', 'CreateEstimateInput', '... on EstimateSuccess { estimate { id } }',
      { customerId: id, propertyId, projectId: project.id, title: `Offer ${i}`, pricing: pricing(n + i) });
  }
  return { id, propertyId, projectId: project.id };
}
