// The diff of schemas against @graphql-inspector/core: kind, level, coordinate and subject of every change.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { ChangeType } from '@graphql-inspector/core';
import { buildSchema, parse, print } from 'graphql';
import * as graphql17 from 'graphql-js';
import { inspect, keysOf } from './lib/inspector.mjs';
import { Random, seedOfRun } from './lib/random.mjs';
import { Mutations } from './lib/schema-mutations.mjs';
import { Schemas } from './lib/schemas.mjs';

let child;
const waiting = [];
before(() => {
  child = spawn(`${process.env.BUILD_DIR}/src/check/check-test-driver`, { stdio: ['pipe', 'pipe', 'inherit'] });
  createInterface({ input: child.stdout }).on('line', (line) => waiting.shift().resolve(JSON.parse(line)));
  child.on('exit', (code, signal) => waiting.splice(0).forEach((w) => w.reject(new Error(`the driver ended: ${signal ?? code}`))));
});
after(() => child.stdin.end());
const ours = (from, to) => new Promise((resolve, reject) => {
  waiting.push({ resolve, reject });
  child.stdin.write(`${JSON.stringify({ from, to })}\n`);
});

// `=== name`, the old schema, `---`, the new one. Each case lists the kinds it must have: `# KIND LEVEL`.
const cases = readFileSync(fileURLToPath(new URL('../fixtures/check/changes.txt', import.meta.url)), 'utf8').split(/^=== /m).slice(1).map((c) => {
  const [head, ...rest] = c.split('\n'), body = rest.join('\n'), [from, to] = body.split(/^---$/m);
  return { name: head, from, to, expect: [...body.matchAll(/^# (\w+) (\w+)$/gm)].map((m) => `${m[1]} ${m[2]}`) };
});

for (const c of cases)
  test(c.name, async () => {
    const { changes, error } = await ours(c.from, c.to);
    assert.equal(error, undefined);
    assert.deepEqual(keysOf(changes), keysOf(await inspect(c.from, c.to)));
    const have = changes.map((x) => `${x.kind} ${x.level}`);
    for (const e of c.expect) assert.ok(have.includes(e), `${e} is not among ${have.join(', ')}`);
    for (const x of changes) assert.match(x.message, /^["A-Z].*[^.]$/s);
  });

test('every kind of change has a case', () => {
  const had = new Set(cases.flatMap((c) => c.expect.map((e) => e.split(' ')[0])));
  // Of fields in operations, which a type system does not have: the oracle knows the kinds and never gives them.
  const never = ['DIRECTIVE_USAGE_FIELD_ADDED', 'DIRECTIVE_USAGE_FIELD_REMOVED'];
  assert.deepEqual(Object.values(ChangeType).filter((k) => !had.has(k) && !never.includes(k)), []);
});

// For the oracle, which runs on graphql-js 16, and for ours, which follows 17.
const valid = (sdl) => { try { return !!buildSchema(sdl) && graphql17.validateSchema(graphql17.buildSchema(sdl)).length === 0; } catch { return false; } };
const DIRECTIVES = 'directive @tag2(a: Any = 1) repeatable on SCHEMA | SCALAR | OBJECT | FIELD_DEFINITION | ARGUMENT_DEFINITION | INTERFACE | UNION | ENUM | ENUM_VALUE | INPUT_OBJECT | INPUT_FIELD_DEFINITION\nscalar Any\n';

// The old schema and the changes that lead to the new one; changes that break it are left out.
function mutated(seed) {
  const random = new Random(seed), mutations = new Mutations(random);
  let from;
  do from = DIRECTIVES + new Schemas(random).sdl().replace(/^extend schema.*$/gm, ''); while (!valid(from));
  return { from: print(parse(from, { noLocation: true })), names: mutations.some(10).map((change) => [change, random.below(1e9)]) };
}

function applyAll(from, names) {
  let doc = parse(from, { noLocation: true });
  for (const [change, seed] of names) {
    const next = structuredClone(doc);
    new Mutations(new Random(seed)).apply(change, next);
    if (next.definitions.some((d) => [d.fields, d.values, d.types].some((l) => l && l.length === 0)) || !valid(print(next))) continue;
    doc = next;
  }
  return print(doc);
}

async function differs(from, to) {
  const { changes, error } = await ours(from, to);
  if (error) return null;
  const want = keysOf(await inspect(from, to)), got = keysOf(changes);
  return want.join('\n') === got.join('\n') ? null : { onlyTheirs: want.filter((k) => !got.includes(k)), onlyOurs: got.filter((k) => !want.includes(k)), want: want.length, got: got.length };
}

async function shrink(from, names) {
  for (let i = 0; i < names.length;) {
    const fewer = names.filter((_, k) => k !== i);
    if (await differs(from, applyAll(from, fewer))) names = fewer; else i++;
  }
  const defs = parse(from).definitions.map((d) => print(d));
  for (let i = 0; i < defs.length;) {
    const fewer = defs.filter((_, k) => k !== i).join('\n');
    if (valid(fewer) && await differs(fewer, applyAll(fewer, names))) defs.splice(i, 1); else i++;
  }
  return { from: defs.join('\n'), names };
}

test('generated changes', async () => {
  const seed = seedOfRun(), count = Number(process.env.COUNT ?? 150);
  console.log(`# SEED=${seed} COUNT=${count}`);
  const kinds = new Map();
  let refused = 0;
  for (let i = 0; i < count; i++) {
    const { from, names } = mutated(seed + i);
    const to = applyAll(from, names), { changes = [], error } = await ours(from, to);
    if (error) refused++;
    for (const c of changes) kinds.set(c.kind, (kinds.get(c.kind) ?? 0) + 1);
    const found = error ? null : await differs(from, to);
    if (!found) continue;
    const small = await shrink(from, names), after_ = applyAll(small.from, small.names);
    assert.fail(`SEED=${seed + i} COUNT=1 ${JSON.stringify(await differs(small.from, after_), null, 1)}\n${JSON.stringify(small.names)}\n${small.from}\n---\n${after_}`);
  }
  console.log(`# ${refused} refused, ${kinds.size} kinds: ${[...kinds].sort((a, b) => a[1] - b[1]).slice(0, 12).map(([k, n]) => `${k} ${n}`).join(', ')} …`);
  assert.ok(count < 150 || (refused < count / 20 && kinds.size > 50), `${refused} refused, ${kinds.size} kinds`);
});
