// The planner's fixtures through the whole router: its answers equal those of one monolithic schema, with every label off and with every label on.
// FIXTURE=name takes those files only.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { Kind, parse, print, visit } from 'graphql';
import { readFixture } from '../conformance/lib/fixture.mjs';
import { Ground, Trial } from './differential/trial.mjs';

const dir = new URL('../fixtures/planner/', import.meta.url);
let ground;
before(async () => (ground = await Ground.start()));
after(() => ground.stop());

/** Each operation with the fragments that it uses. */
function operationsOf(text) {
  const { definitions } = parse(text, { noLocation: true });
  const fragments = definitions.filter((d) => d.kind === Kind.FRAGMENT_DEFINITION);
  return definitions.filter((d) => d.kind === Kind.OPERATION_DEFINITION && d.operation !== 'subscription').map((operation) => {
    const used = [operation];
    for (const d of used)
      visit(d, { FragmentSpread: ({ name }) => void (used.some((u) => u.name?.value === name.value && u.kind === Kind.FRAGMENT_DEFINITION) || used.push(fragments.find((f) => f.name.value === name.value))) });
    return print({ kind: Kind.DOCUMENT, definitions: used });
  });
}

for (const file of readdirSync(dir).filter((f) => f.endsWith('.txt') && !f.startsWith('defer') && f.includes(process.env.FIXTURE ?? '')))
  test(file, async () => {
    const { subgraphs, operations, variables } = readFixture(readFileSync(new URL(file, dir), 'utf8'));
    for (const labels of file.includes('label') ? [0, 0xffff] : [0]) {
      const { trial, ...refused } = await Trial.start(ground, subgraphs, { labels, trouble: 0, strict: true });
      assert.ok(trial, JSON.stringify(refused));
      const complaints = [];
      for (const text of operationsOf(operations)) complaints.push((await trial.examine({ text, variables })) ?? `not valid: ${text}`);
      assert.equal(await trial.stop(), 0, trial.router.log.join('\n'));
      assert.equal(complaints.filter((c) => c !== '').join('\n\n'), '');
    }
  });
