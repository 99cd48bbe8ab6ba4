// Printed schemas against graphql-js printSchema(), and the form with applied directives against itself.
import assert from 'node:assert/strict';
import test from 'node:test';
import { Kind, assertValidSchema, buildSchema, parse, printSchema, visit } from 'graphql-js';
import { runDriver } from './lib/driver.mjs';
import { Random, seedOfRun } from './lib/random.mjs';
import { PrintableSchemas } from './lib/printable-schemas.mjs';

const COUNT = Number(process.env.COUNT ?? 300);
const seed = seedOfRun();
console.log(`# SEED=${seed}`);

const schemas = new PrintableSchemas(new Random(seed));

function appliedDirectives(text) {
  const found = [];
  visit(parse(text), { [Kind.DIRECTIVE]: (node) => void found.push(node.name.value) });
  return found.sort();
}

test('random schemas', () => {
  const cases = [];
  let invalid = 0;
  while (cases.length < COUNT) {
    const text = schemas.schema();
    try {
      const schema = buildSchema(text);
      assertValidSchema(schema);
      cases.push({ mode: 'schema', text, expected: printSchema(schema) });
    } catch (error) {
      if (invalid++ > COUNT) throw error;
    }
  }
  console.log(`# ${cases.length} schemas, ${invalid} invalid ones left out`);
  const ours = runDriver(cases);
  cases.forEach(({ text, expected }, i) => {
    assert.equal(ours[i].print ?? ours[i].error.message, expected, `SEED=${seed}, case ${i}:\n${text}`);
    assert.deepEqual(appliedDirectives(ours[i].full), appliedDirectives(text), `SEED=${seed}, case ${i}:\n${text}`);
    assert.equal(printSchema(buildSchema(ours[i].full)), expected);
  });
  runDriver(ours.map(({ full }) => ({ mode: 'schema', text: full }))).forEach((again, i) => assert.equal(again.full, ours[i].full));
});
