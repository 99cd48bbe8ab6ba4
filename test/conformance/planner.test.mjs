// Plans compared with Apollo's planner (never more fetches, never deeper), every request valid for its subgraph, and the answer equal
// to that of one monolithic schema.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { compose, examine } from './lib/planner.mjs';

const dir = new URL('../fixtures/planner/', import.meta.url);

/** `=== subgraph NAME`, `=== operations`, `=== variables`, `=== end` */
function readFixture(text) {
  const out = { subgraphs: {}, operations: '', variables: {} };
  for (const part of text.split(/^=== /m).slice(1)) {
    const [, word, name, body] = part.match(/^(\w+)(?: (\w+))?\n([^]*)$/);
    if (word === 'subgraph') out.subgraphs[name] = body;
    if (word === 'operations') out.operations = body;
    if (word === 'variables') out.variables = JSON.parse(body);
  }
  return out;
}

for (const file of readdirSync(dir).filter((f) => f.endsWith('.txt') && f.includes(process.env.FIXTURE ?? '')))
  test(`fixture ${file}`, () => {
    const fixture = readFixture(readFileSync(new URL(file, dir), 'utf8'));
    const system = compose(fixture.subgraphs);
    assert.deepEqual(system.errors, undefined);
    const { complaints } = examine(system, fixture.operations, fixture.variables);
    assert.equal(complaints.join('\n\n'), '');
  });
