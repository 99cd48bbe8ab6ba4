// The build-time generator of statements: what it makes of good files, and what it says of wrong ones.
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, writeFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const tool = join(process.env.BUILD_DIR ?? 'build', 'src/subgraph/sqlgen');

function run(...texts) {
  const dir = mkdtempSync(join(tmpdir(), 'sqlgen-'));
  try {
    const files = texts.map((text, i) => {
      writeFileSync(join(dir, `${i}.sql`), text);
      return `${i}.sql`;
    });
    const result = spawnSync(tool, ['out.h', 'out.c', 'LIB', ...files], { cwd: dir, encoding: 'utf8' });
    const read = (name) => readFileSync(join(dir, name), 'utf8');
    return { status: result.status, error: result.stderr, header: result.status ? '' : read('out.h'), source: result.status ? '' : read('out.c') };
  } finally {
    rmSync(dir, { recursive: true });
  }
}
// The text of a statement, its C literal undone.
const text = (source, name) =>
  new RegExp(`\\.name = "${name.replace(/[.#]/g, '\\$&')}", \\.sql = STR_INIT\\(((?:\\s*"(?:[^"\\\\]|\\\\.)*")+)\\)`).exec(source)[1]
    .replace(/"\s*"/g, '').trim().slice(1, -1).replace(/\\n/g, '\n').replace(/\\(["\\?])/g, '$1');

test('a statement with its key and number of parameters', () => {
  const { header, source } = run('-- name: BY_ID\n-- key: id\n-- what it is for\nselect *, \'$7 "x" \\\' from t\n where id = any($1::uuid[]) and a = $2;\n');
  assert.match(header, /extern const struct query BY_ID;/);
  assert.equal(text(source, 'by_id'), 'select *, \'$7 "x" \\\' from t\n where id = any($1::uuid[]) and a = $2');
  assert.match(source, /\.key = "id", \.n_params = 2}/);
  assert.match(source, /LIB_QUERIES\[\] = \{\n {4}&BY_ID,\n {4}NULL};/);
});

test('a page: marks, cursor columns, the count renumbered', () => {
  const { header, source } = run(`-- name: T
-- order: NAME lower(name) text
-- id: t.key integer
with x as (select 1) select t.* from t where a = $3 and /+page+/ /+order+/ limit /+limit+/
-- count: select count(*)
--   from t where a = $3
`);
  assert.match(header, /extern const struct page_query T;/);
  assert.equal(text(source, 't.NAME.asc'), 'with x as (select 1) select (lower(name))::text as page_key, (t.key)::text as page_id, t.* from t'
    + ' where a = $3 and ($1::text is null and $2::text is null) order by lower(name) asc, t.key asc limit $4::bigint');
  assert.match(text(source, 't.NAME.desc.after'), /\(lower\(name\), t\.key\) < \(\$1::text, \$2::integer\) order by lower\(name\) desc, t\.key desc/);
  assert.equal(text(source, 't#count'), 'select count(*)\n   from t where a = $1');
});

const page = 'select * from t where /+page+/ /+order+/ limit /+limit+/';
for (const [what, files, message] of [
  ['SQL before a name', ['select 1'], '0.sql:1: error: SQL before the first'],
  ['a lower-case name', ['\n-- name: x\nselect 1'], "0.sql:2: error: 'x' is no name"],
  ['a name twice, in two files', ['-- name: A\nselect 1', '\n-- name: A\nselect 2'], '1.sql:2: error: A is already at 0.sql:1'],
  ['an unknown header', ['-- name: A\n-- kye: id\nselect 1'], "0.sql:2: error: unknown header 'kye'"],
  ['no SQL', ['-- name: A\n-- name: B\nselect 1'], '0.sql:1: error: A has no SQL'],
  ['a key without its array', ['-- name: A\n-- key: id\nselect 1'], '0.sql:1: error: A has a key: $1'],
  ['an order without marks', ['-- name: A\n-- order: X x text\nselect 1'], '0.sql:1: error: A has an order and so needs the mark /+page+/'],
  ['marks without an order', [`-- name: A\n${page}`], '0.sql:1: error: A has the mark'],
  ['an order without a type', [`-- name: A\n-- order: X x\n${page}`], '0.sql:2: error: an order is written'],
  ['an order twice', [`-- name: A\n-- order: X x text\n-- order: X y text\n${page}`], '0.sql:3: error: order X is already on line 2'],
  ['an unknown mark', [`-- name: A\n-- order: X x text\n${page} /+what+/`], 'unknown mark /+what+/'],
  ['a count that wants the cursor', [`-- name: A\n-- order: X x text\n${page}\n-- count: select $1`], 'the count has no $1'],
  ['a count without an order', ['-- name: A\nselect 1\n-- count: select 1'], "A has '-- count:' but no '-- order:'"],
  ['a parameter too far', ['-- name: A\nselect $1000'], 'a parameter is $1 to $999'],
  ['a missing file', [], ''],
]) {
  test(`error: ${what}`, () => {
    const { status, error } = run(...files);
    assert.equal(status, files.length ? 1 : 2);
    assert.ok(error.includes(message), error);
  });
}
