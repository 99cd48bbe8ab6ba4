// Random operations on the kit's test service, answered by graphql-js too, from the same rows: same data, same order of fields, same
// errors. SEED and RUNS repeat or prolong a run.
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join, dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildASTSchema, execute, getNamedType, isAbstractType, isCompositeType, parse, validate } from 'graphql';
import { authorId, bookId, sql, start, tool } from './library.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const schema = buildASTSchema(parse(readFileSync(join(here, '../../src/subgraph/test/schema.graphql'), 'utf8')), { assumeValid: true, assumeValidSDL: true });
const seed = Number(process.env.SEED ?? 1), runs = Number(process.env.RUNS ?? 150);

// mulberry32
function random(state) {
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

// ---- the same graph in JavaScript ----

const rows = (query) => JSON.parse(sql(`select coalesce(json_agg(x), '[]') from (${query}) x`));
const time = (text) => text && new Date(text.replace(/(\.\d{3})\d*/, '$1')).toISOString();
const camel = (o) => Object.fromEntries(Object.entries(o).map(([k, v]) => [k.replace(/_(.)/g, (_, c) => c.toUpperCase()), v]));
const json = (v) => (Array.isArray(v) ? v.map(json) : v && typeof v === 'object' ? camel(Object.fromEntries(Object.entries(v).map(([k, x]) => [k, json(x)]))) : v);

function graph() {
  const authors = new Map(), books = new Map(), publishers = new Map();
  for (const p of rows('select * from publishers')) publishers.set(p.id, { __typename: 'Publisher', ...p });
  for (const a of rows('select * from authors')) {
    authors.set(a.id, {
      __typename: 'Author', ...camel(a), address: json(a.address), previousAddresses: json(a.previous_addresses),
      createdAt: time(a.created_at), lastSeen: time(a.last_seen), list: [],
      hasBooks() { return this.list.length > 0; },
      pageSum() {
        const pages = this.list.map((b) => b.pages).filter((n) => n != null);
        return pages.length || !this.list.length ? pages.reduce((sum, n) => sum + n, 0) : null;
      },
      books() { return this.list; }, bookCount() { return this.list.length; }, latestBook() { return this.list.at(-1) ?? null; },
      totalSold() { throw new Error('the representation lacks "sales"'); },
    });
  }
  for (const b of rows('select * from books order by position')) {
    const review = () => { if (b.title === 'Book 2') throw new Error('Book 2 cannot be reviewed'); return 'good'; };
    const book = { __typename: 'Book', ...b, author: () => authors.get(b.author_id), publisher: () => publishers.get(b.publisher_id) ?? null, review, mustReview: review };
    books.set(b.id, book);
    authors.get(b.author_id).list.push(book);
  }
  const some = () => [...books.values()].filter((b) => b.position <= 3 || b.position === 50);
  return {
    author: ({ id }) => authors.get(id) ?? null, book: ({ id }) => books.get(id) ?? null, books: some, booksOrNothing: some,
    things: [authors.get(authorId(1)), books.get(bookId(1)), authors.get(authorId(2)), books.get(bookId(2))],
    named: [authors.get(authorId(1)), [...publishers.values()].find((p) => p.name === 'Publisher 1')],
  };
}

// ---- operations ----

const roots = ['author', 'book', 'books', 'booksOrNothing', 'things', 'named', '__typename'];
const hidden = new Set(['booksPage', 'sales']);

function operation(next) {
  const pick = (list) => list[Math.floor(next() * list.length)];
  const chance = (p) => next() < p;
  const fragments = [];
  const directive = () => (chance(0.12) ? pick([' @skip(if: $yes)', ' @skip(if: $no)', ' @include(if: $yes)', ' @include(if: $no)']) : '');
  const args = (name) => (name === 'author' ? `(id: "${authorId(pick([1, 2, 3, 5, 120, 9999]))}")`
    : name === 'book' ? `(id: "${bookId(pick([1, 2, 3, 50, 99999]))}")` : '');
  function field(parent, name, depth) {
    if (name === '__typename') return `${chance(0.3) ? `t${Math.floor(next() * 3)}: ` : ''}__typename${directive()}`;
    const type = getNamedType(parent.getFields()[name].type);
    // An alias that says the field keeps merging legal.
    const alias = parent === schema.getQueryType() ? `r${Math.floor(next() * 1e6)}: ` : chance(0.15) ? `${name}_${Math.floor(next() * 2)}: ` : '';
    const selection = isCompositeType(type) ? ` ${set(type, depth - 1)}` : '';
    return `${alias}${name}${parent === schema.getQueryType() ? args(name) : ''}${directive()}${selection}`;
  }
  function set(type, depth) {
    const items = [], n = 1 + Math.floor(next() * 5);
    const names = type.getFields ? Object.keys(type.getFields()).filter((f) => !hidden.has(f)) : [];
    const leaves = names.filter((f) => !isCompositeType(getNamedType(type.getFields()[f].type)));
    const from = type === schema.getQueryType() ? roots : ['__typename', ...(depth > 0 ? names : leaves)];
    for (let i = 0; i < n; i++) {
      if (chance(0.25) && type !== schema.getQueryType()) {
        const on = isAbstractType(type) ? pick([type, ...schema.getPossibleTypes(type)]) : type;
        if (chance(0.3)) {
          const name = `F${fragments.length}`;
          fragments.push(null);
          fragments[fragments.indexOf(null)] = `fragment ${name} on ${on.name} ${set(on, depth - 1)}`;
          items.push(`...${name}${directive()}`);
        } else {
          items.push(`... ${isAbstractType(type) || chance(0.5) ? `on ${on.name} ` : ''}${directive()} ${set(on, depth - 1)}`);
        }
      } else {
        items.push(field(type, pick(from), depth));
      }
    }
    return `{ ${items.join(' ')} }`;
  }
  const body = set(schema.getQueryType(), 4);
  return `query($yes: Boolean = true, $no: Boolean = false) ${body} ${fragments.join(' ')}`;
}

// ---- comparing ----

let library, root;
before(async () => {
  tool('up');
  library = await start();
  root = graph();
});
after(async () => assert.equal(await library?.stop(), 0, library?.log.join('\n')));

test(`${runs} operations from seed ${seed}`, async () => {
  const next = random(seed);
  let compared = 0, withErrors = 0;
  while (compared < runs) {
    const query = operation(next);
    if (validate(schema, parse(query)).some((e) => !/Variable|unused/.test(e.message))) continue;
    const used = query.replace(/^query\([^)]*\)/, (head) => (['yes', 'no'].every((v) => query.split(`$${v}`).length > 2) ? head
      : `query${['yes', 'no'].filter((v) => query.split(`$${v}`).length > 2).map((v) => `$${v}: Boolean = ${v === 'yes'}`).join(', ').replace(/^.+$/, '($&)')}`));
    if (validate(schema, parse(used)).length) continue;
    const expected = JSON.parse(JSON.stringify(execute({ schema, document: parse(used), rootValue: root })));
    const answer = await library.ask(used);
    const plain = (e) => ({ message: e.message, locations: e.locations, path: e.path });
    assert.equal(JSON.stringify(answer.data), JSON.stringify(expected.data), used);
    assert.deepEqual((answer.errors ?? []).map(plain), (expected.errors ?? []).slice(0, 100).map(plain), used);
    compared++;
    withErrors += answer.errors ? 1 : 0;
  }
  assert.ok(withErrors > runs / 20, `${withErrors} of ${runs} had errors: the operations are too tame`);
});
