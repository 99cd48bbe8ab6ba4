// The subgraph kit over HTTP, on a real PostgreSQL: default columns, batches, errors, pages, writes, migrations.
import { after, before, describe, test } from 'node:test';
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join, dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildASTSchema, execute, parse } from 'graphql';
import { serverAudits } from 'graphql-http';
import { TOKEN, authorId, bookId, sql, start, tool } from './library.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const SDL = readFileSync(join(here, '../../src/subgraph/test/schema.graphql'), 'utf8');
let library;

before(async () => {
  tool('up');
  library = await start();
});
after(async () => assert.equal(await library?.stop(), 0, library?.log.join('\n')));

const ok = async (query, variables, headers) => {
  const answer = await library.ask(query, variables, headers);
  assert.deepEqual(answer.errors, undefined, JSON.stringify(answer.errors));
  return answer.data;
};
// Ends the service's sessions.
const end = `select count(pg_terminate_backend(pid)) from pg_stat_activity where application_name = 'paintbox'`;
const statements = async (query, variables) => (await library.ask(query, variables)).extensions.paintbox.statements;

describe('fields from columns', () => {
  test('every type of column', async () => {
    const { author } = await ok(`{ author(id: "${authorId(1)}") {
      __typename id name kind born active rating balance tags scores meta createdAt lastSeen version
      address { line1 postalCode city location { lat } } previousAddresses { city } } }`);
    assert.deepEqual(author, {
      __typename: 'Author', id: authorId(1), name: 'Author 001', kind: 'NOVELIST', born: '1900-01-02', active: true, rating: 0.5,
      balance: 10000000000, tags: ['a "quoted" one', 'comma, and \\ slash', 'NULL', 'é'], scores: null,
      meta: { deep: { list: [1, 2.5, null] }, text: 'x' }, createdAt: '2026-01-01T00:01:00.123Z',
      lastSeen: '2026-05-05T05:05:05.000Z', version: 1,
      address: { line1: '1 Main St', postalCode: '8021', city: 'Denver', location: null },
      previousAddresses: [{ city: 'Austin' }, { city: 'Boise' }],
    });
  });
  test('single values keep the type of their column', async () => {
    const { author } = await ok(`{ author(id: "${authorId(1)}") { pageSum hasBooks bookCount } }`);
    assert.deepEqual(author, { pageSum: Number(sql(`select sum(pages) from books where author_id = '${authorId(1)}'`)), hasBooks: true, bookCount: 4 });
  });
  test('nulls, arrays with null, nested json', async () => {
    const data = await ok(`{ a: author(id: "${authorId(2)}") { scores address { location { lat lng } } lastSeen }
      b: author(id: "${authorId(3)}") { rating meta } c: author(id: "${authorId(5)}") { address { city } } }`);
    assert.deepEqual(data, {
      a: { scores: [1, null, 3], address: { location: { lat: 39.5, lng: -104.25 } }, lastSeen: null },
      b: { rating: null, meta: null }, c: { address: null },
    });
  });
  test('an unknown id, and a text that is no id', async () => {
    assert.deepEqual(await ok(`{ a: author(id: "${authorId(9999)}") { name } b: author(id: "nonsense'") { name } }`), { a: null, b: null });
  });
  test('ids in upper case are the same ids', async () => {
    assert.deepEqual(await ok(`{ author(id: "${authorId(10).toUpperCase()}") { name } }`), { author: { name: 'Author 010' } });
  });
});

describe('batches', () => {
  const page = (n) => `{ authors(first: ${n}) { nodes { name bookCount latestBook { title publisher { name } author { name } }
    books { title author { name latestBook { title } } publisher { name } review } } } }`;
  // Nine fields ask the database; what one has loaded, another need not load, so it can be fewer.
  test('a bounded number of statements, for 100 parents as for 2', async () => {
    for (const n of [2, 100]) {
      const many = await statements(page(n));
      assert.ok(many <= 9, `${many} statements for ${n} parents`);
    }
  });
  test('one statement for one entity in several places', async () => {
    assert.equal(await statements(`{ a: author(id: "${authorId(1)}") { name } b: author(id: "${authorId(1)}") { kind } }`), 1);
  });
  test('values are those of the database', async () => {
    const { authors } = await ok(`{ authors(first: 100) { nodes { name bookCount books { title } latestBook { title } } } }`);
    const rows = sql(`select a.name, count(b.id), coalesce((array_agg(b.title order by b.position desc))[1], '') from authors a
      left join books b on b.author_id = a.id group by a.id order by lower(a.name), a.id limit 100`).split('\n');
    assert.deepEqual(authors.nodes.map((a) => `${a.name}|${a.bookCount}|${a.latestBook?.title ?? ''}`), rows);
    assert.ok(authors.nodes.every((a) => a.books.length === a.bookCount));
  });
});

describe('federation', () => {
  const entities = (selection, representations) =>
    library.ask(`query($r: [_Any!]!) { _entities(representations: $r) { ${selection} } }`, { r: representations });
  test('_service gives the SDL as it is', async () => {
    assert.equal((await ok('{ _service { sdl } }'))._service.sdl, SDL);
  });
  test('keeps the order, gives null for what is missing, asks once', async () => {
    const answer = await entities('__typename ... on Author { name } ... on Book { title author { name } }', [
      { __typename: 'Book', id: bookId(3) }, { __typename: 'Author', id: authorId(2) }, { __typename: 'Author', id: authorId(9998) },
      { __typename: 'Author', id: authorId(1) }, { __typename: 'Author', id: authorId(2) }, { __typename: 'Book', id: 'x' },
    ]);
    assert.deepEqual(answer.data._entities, [
      { __typename: 'Book', title: 'Book 3', author: { name: 'Author 004' } }, { __typename: 'Author', name: 'Author 002' }, null,
      { __typename: 'Author', name: 'Author 001' }, { __typename: 'Author', name: 'Author 002' }, null,
    ]);
    assert.equal(answer.extensions.paintbox.statements, 3);
  });
  test('what @requires brings needs no row', async () => {
    const answer = await entities('... on Author { id totalSold }', [
      { __typename: 'Author', id: authorId(1), sales: [{ copies: 3 }, { copies: 4 }] },
      { __typename: 'Author', id: authorId(2), sales: [] }]);
    assert.deepEqual(answer.data._entities, [{ id: authorId(1), totalSold: 7 }, { id: authorId(2), totalSold: 0 }]);
    assert.equal(answer.extensions.paintbox.statements, 0);
  });
  test('a key that is a field of the key only', async () => {
    const answer = await entities('... on Author { books { title } }', [{ __typename: 'Author', id: authorId(2) }]);
    assert.equal(answer.data._entities[0].books.length, 4);
    assert.equal(answer.extensions.paintbox.statements, 1);
  });
  test('a row rule hides what the caller may not see', async () => {
    const query = `{ a: book(id: "${bookId(9)}") { title } b: book(id: "${bookId(11)}") { title } }`;
    const painter = { 'paintbox-caller': '{"sub":"u","role":"PAINTER","scopes":[]}' };
    assert.deepEqual(await ok(query, {}, painter), { a: { title: 'Book 9' }, b: null });
    assert.deepEqual(await ok(query), { a: { title: 'Book 9' }, b: { title: 'Book 11' } });
  });
  test('wrong representations have clear errors', async () => {
    for (const [representation, message] of [
      [{ __typename: 'Unicorn', id: '1' }, /representations\[0\]: "Unicorn" is no entity of the subgraph library/],
      [{ __typename: 'Address', id: '1' }, /"Address" is no entity/],
      [{ id: '1' }, /"__typename"/], ['text', /"__typename"/], [{ __typename: 'Author' }, /lacks its key "id"/]]) {
      const answer = await entities('__typename', [representation]);
      assert.match(answer.errors[0].message, message);
      assert.deepEqual(answer.errors[0].path, ['_entities']);
      assert.equal(answer.data, null);
    }
  });
});

describe('types at run time', () => {
  test('unions and interfaces', async () => {
    const data = await ok(`{ things { __typename ... on Author { name } ... on Book { title } ...B }
      named { __typename name ... on Author { kind } } } fragment B on Book { pages }`);
    assert.deepEqual(data, {
      things: [{ __typename: 'Author', name: 'Author 001' }, { __typename: 'Book', title: 'Book 1', pages: 101 },
        { __typename: 'Author', name: 'Author 002' }, { __typename: 'Book', title: 'Book 2', pages: 102 }],
      named: [{ __typename: 'Author', name: 'Author 001', kind: 'NOVELIST' }, { __typename: 'Publisher', name: 'Publisher 1' }],
    });
  });
  test('introspection', async () => {
    const data = await ok('{ __schema { queryType { name } } t: __type(name: "Author") { fields { name } } __typename }');
    assert.equal(data.__schema.queryType.name, 'Query');
    assert.ok(data.t.fields.some((f) => f.name === 'totalSold'));
    assert.equal(data.__typename, 'Query');
  });
});

// graphql-js is the oracle of null propagation: same data, same errors at the same places, in the same order.
describe('errors, as graphql-js has them', () => {
  const schema = buildASTSchema(parse(SDL), { assumeValid: true, assumeValidSDL: true });
  let books;
  const bookOf = (row) => ({
    ...row,
    review: () => { if (row.title === 'Book 2') throw new Error('Book 2 cannot be reviewed'); return 'good'; },
    mustReview: () => { if (row.title === 'Book 2') throw new Error('Book 2 cannot be reviewed'); return 'good'; },
  });
  before(() => {
    books = JSON.parse(sql(`select json_agg(json_build_object('__typename', 'Book', 'id', id, 'title', title, 'pages', pages, 'isbn', isbn,
      'publisher', null) order by position) from books where position <= 3 or position = 50`)).map(bookOf);
  });
  const root = {
    books: () => books, booksOrNothing: () => books, things: () => [books[0], books[1]],
    book: ({ id }) => books.find((b) => b.id === id) ?? null,
  };
  const cases = {
    'a failed field that may be null': '{ books { title review } }',
    'a failed field that may not': '{ books { title mustReview } }',
    'list items that may be null': '{ booksOrNothing { title mustReview } }',
    'null against its word': '{ booksOrNothing { title isbn } }',
    'null up to the root list': '{ books { isbn } other: booksOrNothing { title } }',
    'two errors in one object': '{ booksOrNothing { mustReview isbn } }',
    'errors before a null that propagates': '{ booksOrNothing { review isbn mustReview } }',
    'aliases and merged fields': '{ b: booksOrNothing { x: review title } b: booksOrNothing { y: mustReview title } }',
    'fragments': '{ booksOrNothing { ...F ... on Book { isbn } } } fragment F on Book { review }',
    'skip and include': 'query($no: Boolean = false, $yes: Boolean = true) { booksOrNothing { title @skip(if: $yes) review @include(if: $yes) isbn @include(if: $no) ... @skip(if: $yes) { mustReview } id @include(if: $yes) } }',
    'an object alone': `{ book(id: "${bookId(2)}") { title mustReview } again: book(id: "${bookId(50)}") { isbn } title: book(id: "${bookId(1)}") { title } }`,
    'typename everywhere': '{ __typename booksOrNothing { __typename t: __typename } }',
    'a non-null root list': '{ booksOrNothing { title } books { review mustReview } }',
  };
  for (const [name, query] of Object.entries(cases)) {
    test(name, async () => {
      const expected = JSON.parse(JSON.stringify(execute({ schema, document: parse(query), rootValue: root })));
      const answer = await library.ask(query);
      const plain = (e) => ({ message: e.message, locations: e.locations, path: e.path });
      assert.deepEqual(answer.data, expected.data);
      assert.deepEqual((answer.errors ?? []).map(plain), (expected.errors ?? []).map(plain));
      assert.equal(JSON.stringify(answer.data), JSON.stringify(expected.data), 'the order of the fields');
    });
  }
  test('codes of field errors', async () => {
    const answer = await library.ask('{ books { review } }');
    assert.equal(answer.errors[0].extensions.code, 'NO_REVIEW');
  });
});

describe('arguments', () => {
  test('defaults, null and variables', async () => {
    const data = await ok(`query($t: String, $l: [Int!] = [1, 2]) {
      a: echo b: echo(text: "x", list: 7, on: null) c: echo(text: $t, list: $l, on: false) }`, { t: 'hé "q"' });
    assert.deepEqual(data, { a: '//on', b: 'x/x/off', c: 'hé "q"/xx/off' });
  });
  test('an unknown document that comes many times at once', async () => {
    const fields = Array.from({ length: 400 }, (_, i) => `a${i}: echo(text: "${i}")`).join(' ');
    const answers = await Promise.all(Array.from({ length: 24 }, (_, i) => library.ask(i % 3 ? `{ ${fields} }` : `{ ${fields} nothing }`)));
    answers.forEach((answer, i) => (i % 3 ? assert.match(answer.data.a399, /^399/) : assert.match(answer.errors[0].message, /nothing/)));
  });
  test('the same document with other variables', async () => {
    const query = 'query($t: String!) { echo(text: $t) }';
    assert.equal((await ok(query, { t: 'one' })).echo, 'one//on');
    assert.equal((await ok(query, { t: 'two' })).echo, 'two//on');
  });
  test('a NUL in an argument is a clear error', async () => {
    const answer = await library.ask('query($n: String) { authors(filter: {name: $n}) { totalCount nodes { id } } }', { n: 'a\0b' });
    assert.match(answer.errors[0].message, /NUL/);
    assert.equal(answer.errors[0].extensions.code, 'BAD_USER_INPUT');
  });
});

describe('pages', () => {
  const all = async (args, back) => {
    const names = [];
    let cursor = '', info;
    do {
      const at = cursor && `, ${back ? 'before' : 'after'}: "${cursor}"`;
      const { authors } = await ok(`{ authors(${back ? 'last' : 'first'}: 50${args}${at}) {
        edges { cursor node { name } } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }`);
      const page = authors.edges.map((e) => e.node.name);
      if (back) names.unshift(...page); else names.push(...page);
      info = authors.pageInfo;
      assert.equal(info.startCursor, authors.edges[0]?.cursor ?? null);
      assert.equal(back ? info.hasNextPage : info.hasPreviousPage, cursor !== '');
      cursor = back ? info.startCursor : info.endCursor;
    } while (back ? info.hasPreviousPage : info.hasNextPage);
    return names;
  };
  const names = Array.from({ length: 120 }, (_, i) => `Author ${String(i + 1).padStart(3, '0')}`);
  test('forward and backward, up and down, by both orders', async () => {
    for (const order of ['NAME', 'CREATED_AT']) {
      for (const back of [false, true]) {
        assert.deepEqual(await all(`, orderBy: ${order}`, back), names);
        assert.deepEqual(await all(`, orderBy: ${order}, descending: true`, back), [...names].reverse());
      }
    }
  });
  test('filters, counts and edges of one\'s own', async () => {
    const { authors } = await ok('{ authors(first: 2, filter: {kinds: [POET], name: "Author 1"}) { totalCount edges { rank node { name kind } } } }');
    assert.deepEqual(authors, { totalCount: 11, edges: [
      { rank: 1, node: { name: 'Author 100', kind: 'POET' } }, { rank: 2, node: { name: 'Author 102', kind: 'POET' } }] });
  });
  test('the count is asked only when it is selected', async () => {
    assert.equal(await statements('{ authors { nodes { id } } }'), 1);
    assert.equal(await statements('{ authors { totalCount nodes { id } } }'), 2);
  });
  test('a page for each parent', async () => {
    const { authors } = await ok('{ authors(first: 3) { nodes { booksPage { totalCount nodes { title } pageInfo { hasNextPage endCursor } } } } }');
    assert.deepEqual(authors.nodes.map((a) => a.booksPage.nodes.map((b) => b.title)),
      [['Book 100', 'Book 200'], ['Book 1', 'Book 101'], ['Book 2', 'Book 102']]);
    assert.deepEqual(authors.nodes.map((a) => a.booksPage.totalCount), [4, 4, 4]);
    const cursor = authors.nodes[0].booksPage.pageInfo.endCursor;
    const next = await ok(`{ author(id: "${authorId(1)}") { booksPage(after: "${cursor}") { nodes { title } pageInfo { hasNextPage hasPreviousPage } } } }`);
    assert.deepEqual(next.author.booksPage, { nodes: [{ title: 'Book 300' }, { title: 'Book 400' }], pageInfo: { hasNextPage: false, hasPreviousPage: true } });
    assert.equal(await statements('{ authors(first: 50) { nodes { booksPage { totalCount nodes { title } } } } }'), 3);
  });
  test('parents by references: ids in upper case, ids that are none', async () => {
    const ids = [authorId(1), authorId(2).toUpperCase(), 'nonsense', authorId(9999)];
    const { data, errors } = await library.ask('query ($r: [_Any!]!) { _entities(representations: $r) { ... on Author { booksPage(first: 1) { totalCount nodes { title } } } } }',
      { r: ids.map((id) => ({ __typename: 'Author', id })) });
    assert.equal(errors, undefined);
    assert.deepEqual(data._entities.map((a) => [a.booksPage.totalCount, a.booksPage.nodes.length]), [[4, 1], [4, 1], [0, 0], [0, 0]]);
  });
  test('an author without books, and nothing wanted', async () => {
    const data = await ok(`{ author(id: "${authorId(120)}") { booksPage { totalCount nodes { id } edges { cursor } pageInfo { hasNextPage startCursor } } }
      authors(first: 0) { nodes { id } pageInfo { hasNextPage } } }`);
    assert.deepEqual(data.author.booksPage, { totalCount: 0, nodes: [], edges: [], pageInfo: { hasNextPage: false, startCursor: null } });
    assert.deepEqual(data.authors, { nodes: [], pageInfo: { hasNextPage: true } });
  });
  test('wrong arguments say which', async () => {
    const { authors } = await ok('{ authors(first: 1) { pageInfo { endCursor } } }');
    const cursor = authors.pageInfo.endCursor;
    for (const [args, message] of [
      ['first: -1', /"first" is -1: it must be from 0 to 100/], ['first: 101', /"first" is 101/], ['last: 101', /"last" is 101/],
      ['after: "x"', /"after" is no cursor/], [`after: "${cursor}", orderBy: CREATED_AT`, /"after" is no cursor/],
      [`after: "${cursor}", descending: true`, /"after" is no cursor/], [`last: 1, after: "${cursor}"`, /"after" goes with "first"/],
      [`before: "${cursor}"`, /"before" goes with "last"/],
      [`orderBy: CREATED_AT, after: "${Buffer.from('AUTHORS|CREATED_AT+|x|y').toString('base64url')}"`, /invalid input syntax/]]) {
      const answer = await library.ask(`{ authors(${args}) { nodes { id } } }`);
      assert.match(answer.errors[0].message, message);
      assert.equal(answer.errors[0].extensions.code, 'BAD_USER_INPUT');
    }
  });
});

describe('writes', () => {
  const rename = (input) => library.ask(`mutation($i: RenameAuthorInput!) { renameAuthor(input: $i) { __typename
    ... on AuthorSuccess { author { id name version kind createdAt bookCount } } ... on UserError { code message }
    ... on ValidationError { fields { path message } } ... on ConflictError { expectedVersion currentVersion } ... on NotFoundError { id } } }`,
  { i: input }, { 'paintbox-caller': JSON.stringify({ sub: authorId(777), role: 'OWNER', scopes: [] }), 'x-request-id': 'request-1' });
  const count = (table, where = 'true') => Number(sql(`select count(*) from ${table} where ${where}`));

  test('the change, its audit row and its event', async () => {
    const { data } = await rename({ id: authorId(20), name: 'Renamed', expectedVersion: 1 });
    assert.deepEqual(data.renameAuthor, { __typename: 'AuthorSuccess', author: { id: authorId(20), name: 'Renamed', version: 2, kind: 'POET',
      createdAt: '2026-01-01T00:20:00.123Z', bookCount: 4 } });
    assert.equal(sql(`select kind, entity_type, version, actor, actor_kind, request_id, summary from outbox where entity_id = '${authorId(20)}'`),
      `author.renamed|Author|2|${authorId(777)}|USER|request-1|renamed`);
    assert.equal(sql(`select action, after->>'name', length(hash) from audit_log where entity_id = '${authorId(20)}'`), 'author.renamed|new|64');
  });
  test('expected failures are data, and write nothing', async () => {
    const audit = count('audit_log');
    const type = async (input) => (await rename(input)).data.renameAuthor;
    assert.deepEqual(await type({ id: authorId(20), name: 'x', expectedVersion: 1 }), { __typename: 'ConflictError', code: 'VERSION_CONFLICT',
      message: 'it has changed since version 1 and is now at version 2: read it again', expectedVersion: 1, currentVersion: 2 });
    assert.equal((await type({ id: authorId(9999), name: 'x', expectedVersion: 1 })).__typename, 'NotFoundError');
    assert.deepEqual((await type({ id: authorId(20), name: '', expectedVersion: 1 })).fields, [{ path: ['input', 'name'], message: 'is empty' }]);
    assert.equal(count('audit_log'), audit);
  });
  test('a statement that fails leaves nothing', async () => {
    const before = sql(`select * from authors where id = '${authorId(21)}'`), audit = count('audit_log'), outbox = count('outbox');
    const answer = await library.ask(`mutation { breakAuthor(id: "${authorId(21)}") { __typename } }`);
    assert.equal(answer.data, null);
    assert.equal(answer.errors[0].extensions.code, 'BAD_USER_INPUT');
    assert.equal(sql(`select * from authors where id = '${authorId(21)}'`), before);
    assert.deepEqual([count('audit_log'), count('outbox')], [audit, outbox]);
  });
  test('an idempotency key does it once, however often it is asked', async () => {
    const input = { id: authorId(30), name: 'Once', expectedVersion: 1, idempotencyKey: 'key-1' };
    const answers = await Promise.all(Array.from({ length: 8 }, () => rename(input)));
    for (const a of answers) assert.deepEqual(a.data, answers[0].data);
    assert.equal(answers[0].data.renameAuthor.author.version, 2);
    assert.equal(count('outbox', `entity_id = '${authorId(30)}'`), 1);
    const other = await rename({ ...input, name: 'Other' });
    assert.equal(other.data.renameAuthor.__typename, 'ValidationError');
    assert.deepEqual(other.data.renameAuthor.fields[0].path, ['input', 'idempotencyKey']);
  });
  test('a refused statement can be said as data', async () => {
    const add = () => library.ask(`mutation { addBookOrSay(authorId: "${authorId(109)}", title: "Same") { __typename
      ... on BookSuccess { book { title } } ... on ValidationError { fields { path message } } } }`);
    assert.deepEqual((await add()).data.addBookOrSay, { __typename: 'BookSuccess', book: { title: 'Same' } });
    assert.deepEqual((await add()).data.addBookOrSay, { __typename: 'ValidationError', fields: [{ path: ['title'], message: 'is taken' }] });
    const plain = await library.ask(`mutation { addBook(authorId: "${authorId(109)}", title: "Same") { id } }`);
    assert.match(plain.errors[0].message, /^the statement book_add has failed \(SQLSTATE 23505\)$/);
    assert.equal(count('books', `title = 'Same'`), 1);
  });
  test('what follows a write in the same request sees it', async () => {
    const { data } = await library.ask(`mutation { a: addBook(authorId: "${authorId(110)}", title: "New") { title author { name books { title } } }
      b: addBook(authorId: "${authorId(110)}", title: "Newer") { title author { books { title } } } }`);
    assert.deepEqual(data.a.author.books.map((b) => b.title), ['New']);
    assert.deepEqual(data.b.author.books.map((b) => b.title).sort(), ['New', 'Newer']);
  });
  test('concurrent writers: all succeed, the chain holds', async () => {
    const answers = await Promise.all(Array.from({ length: 40 }, (_, i) =>
      library.ask(`mutation { addBook(authorId: "${authorId(112 + (i % 3))}", title: "C${i}") { id } }`)));
    assert.ok(answers.every((a) => a.data.addBook.id), JSON.stringify(answers.find((a) => a.errors)));
    assert.equal(count('audit_log', `action = 'book.added' and after is null and entity_id in (select id::text from books where title ~ '^(C|New)')`), 42);
    assert.equal(sql('select count(*) from audit_log_broken()'), '0');
  });
  test('tampering shows, and the log is append-only', async () => {
    assert.throws(() => sql(`delete from audit_log`), /append-only/);
    sql(`alter table audit_log disable trigger audit_log_append_only;
      do $$ declare p text; begin for p in select inhrelid::regclass::text from pg_inherits where inhparent = 'audit_log'::regclass loop
        execute format('alter table %s disable trigger audit_log_append_only', p); end loop; end $$;
      update audit_log set action = 'nothing' where entity_id = '${authorId(20)}'`);
    assert.equal(sql('select count(*) from audit_log_broken()'), '1');
    sql(`update audit_log set action = 'author.renamed' where entity_id = '${authorId(20)}'`);
    assert.equal(sql('select count(*) from audit_log_broken()'), '0');
  });
});

describe('GraphQL over HTTP', () => {
  const status = async (body, headers) => (await library.post(body, headers)).status;
  test('only the router is answered', async () => {
    const response = await library.post({ query: '{ __typename }' }, { 'paintbox-service-token': 'wrong' });
    assert.equal(response.status, 401);
    assert.match((await response.json()).errors[0].message, /paintbox-service-token is wrong/);
  });
  test('the caller is known', async () => {
    assert.equal((await ok('{ whoAmI }')).whoAmI, null);
    assert.equal((await ok('{ whoAmI }', {}, { 'paintbox-caller': '{"sub":"u","role":"OFFICE","scopes":[]}' })).whoAmI, 'OFFICE');
    assert.equal(await status({ query: '{ whoAmI }' }, { 'paintbox-caller': '{' }), 400);
  });
  test('statuses by media type', async () => {
    const graphql = { accept: 'application/graphql-response+json' };
    for (const [body, plain, modern] of [
      [{ query: '{ __typename }' }, 200, 200], [{ query: '{ nothing }' }, 200, 400], [{ query: '{' }, 200, 400],
      [{ query: 'query($i: Int!) { __typename }' }, 200, 400], [{ query: 'query A { a: __typename } query B { b: __typename }' }, 200, 400],
      [{}, 400, 400], ['{', 400, 400], [[], 400, 400], [{ query: 1 }, 400, 400], [{ query: '{ __typename }', variables: [] }, 400, 400],
      [{ query: '{ __typename }', operationName: 1 }, 400, 400]]) {
      assert.equal(await status(body), plain, JSON.stringify(body));
      assert.equal(await status(body, graphql), modern, JSON.stringify(body));
    }
    assert.equal(await status({ query: '{ __typename }' }, { accept: 'text/html' }), 406);
    assert.equal(await status('query', { 'content-type': 'text/plain' }), 415);
    assert.match((await library.post({ query: '{ __typename }' }, graphql)).headers.get('content-type'), /^application\/graphql-response\+json/);
  });
  test('GET, but not for mutations', async () => {
    const get = (query) => fetch(`${library.url}?query=${encodeURIComponent(query)}`, { headers: { 'paintbox-service-token': 'secret' } });
    assert.deepEqual((await (await get('{ __typename }')).json()).data, { __typename: 'Query' });
    assert.equal((await get('mutation { addBook(authorId: "1", title: "") { id } }')).status, 405);
    assert.equal((await fetch(library.url, { method: 'DELETE' })).status, 405);
  });
  test('the audit of graphql-http', async () => {
    const fetchFn = (url, init = {}) => fetch(url, { ...init, headers: { 'paintbox-service-token': TOKEN, ...init.headers } });
    const failed = [];
    for (const audit of serverAudits({ url: library.url, fetchFn })) {
      const result = await audit.fn();
      if (result.status !== 'ok') failed.push(`${audit.id} ${audit.name}: ${result.reason}`);
    }
    assert.deepEqual(failed, []);
  });
  test('too deep, too much', async () => {
    const deep = '{ books ' + '{ author { latestBook '.repeat(60) + '{ id }' + ' } }'.repeat(60) + ' }';
    const wide = '{ books ' + '{ author { books '.repeat(20) + '{ id }' + ' } }'.repeat(20) + ' }';
    assert.match((await library.ask(deep)).errors[0].message, /deeper than 60 levels/);
    assert.equal((await library.ask(wide)).errors[0].extensions.code, 'RESPONSE_TOO_LARGE');
    assert.equal(await status({ query: `{ __typename ${' '.repeat(3 << 20)} }` }), 413);
  });
  test('health and metrics', async () => {
    const at = (path) => fetch(library.url.replace('/graphql', path));
    assert.equal((await at('/health')).status, 200);
    assert.match(await (await at('/metrics')).text(), /paintbox_subgraph_requests_total\{service="library"\} \d+/);
    assert.equal((await at('/nothing')).status, 404);
  });
});

describe('faults', () => {
  test('sessions that the server ends are no fault of a read', async () => {
    const slow = library.ask('{ slow(seconds: 0.6) }');
    await new Promise((done) => setTimeout(done, 300));
    sql(end);
    assert.equal((await slow).data.slow, true);
    sql(end);
    assert.equal((await ok(`{ author(id: "${authorId(1)}") { name } }`)).author.name, 'Author 001');
  });
  test('a write whose session ends leaves nothing, and says so', async () => {
    sql(`create function wait_a_little() returns trigger language plpgsql as $$ begin perform pg_sleep(20); return new; end $$;
      create trigger wait_a_little before insert on books for each row when (new.title = 'slow') execute function wait_a_little()`);
    const write = library.ask(`mutation { addBook(authorId: "${authorId(1)}", title: "slow") { id } }`);
    await new Promise((done) => setTimeout(done, 300));
    sql(end);
    assert.equal((await write).errors[0].extensions.code, 'SERVICE_UNAVAILABLE');
    sql(`drop trigger wait_a_little on books; drop function wait_a_little()`);
    assert.equal(sql(`select count(*) from books where title = 'slow'`), '0');
    assert.equal(sql(`select count(*) from outbox where request_id is null`), '0');
  });
  test('a client that goes away stops its statement', async () => {
    const abort = new AbortController();
    const request = fetch(library.url, { method: 'POST', signal: abort.signal,
      headers: { 'content-type': 'application/json', 'paintbox-service-token': 'secret' }, body: '{"query":"{ slow(seconds: 20) }"}' });
    request.catch(() => {});
    await new Promise((done) => setTimeout(done, 300));
    const running = () => Number(sql(`select count(*) from pg_stat_activity where query ~ 'pg_sleep' and state = 'active' and pid <> pg_backend_pid()`));
    assert.equal(running(), 1);
    abort.abort();
    for (let i = 0; i < 50 && running(); i++) await new Promise((done) => setTimeout(done, 50));
    assert.equal(running(), 0);
    assert.equal((await ok('{ __typename }')).__typename, 'Query');
  });
});

describe('processes', () => {
  test('two workers share a port', async () => {
    const two = await start(2);
    const answers = await Promise.all(Array.from({ length: 40 }, (_, i) => two.ask(`{ author(id: "${authorId(i + 40)}") { name } }`)));
    assert.deepEqual(answers.map((a) => a.data.author.name), Array.from({ length: 40 }, (_, i) => `Author ${String(i + 40).padStart(3, '0')}`));
    assert.equal(await two.stop(), 0, two.log.join('\n'));
  });
  test('a taken port is a clear error', async () => {
    for (const workers of [1, 2])
      await assert.rejects(start(workers, {}, new URL(library.url).host), new RegExp(`ended with 1:[^]*${new URL(library.url).host}`));
  });
  test('without its database it says so, and works when there is one', async () => {
    sql(end);
    sql('alter database paintbox_library rename to elsewhere', 'postgres');
    const alone = await start();
    const health = () => fetch(alone.url.replace('/graphql', '/health'));
    try {
      assert.equal((await health()).status, 503);
      assert.equal((await alone.ask('{ books { title } }')).errors[0].extensions.code, 'SERVICE_UNAVAILABLE');
      assert.equal((await alone.ask('{ __typename }')).data.__typename, 'Query');
    } finally {
      sql('alter database elsewhere rename to paintbox_library', 'postgres');
    }
    for (let i = 0; i < 50 && (await health()).status !== 200; i++) await new Promise((done) => setTimeout(done, 100));
    assert.equal((await alone.ask('{ books { title } }')).data.books.length, 4);
    assert.equal(await alone.stop(), 0, alone.log.join('\n'));
  });
});

describe('the check', () => {
  test('a service that fits, and all that is wrong with one that does not', () => {
    assert.equal(tool('check'), '');
    sql('alter table publishers rename name to label; alter table books rename position to place');
    assert.throws(() => tool('check'), (e) => /^SERVICE_INVALID: books_by_id: column "position"[^]*\nPublisher\.name has no resolver, and publishers_by_id has no column name/m.test(e.stderr));
    sql('alter table publishers rename label to name; alter table books rename place to position');
  });
});

describe('migrations', () => {
  test('down one by one, and up again', async () => {
    const state = () => tool('status').split('\n').map((l) => l.split(' ')[1]);
    assert.deepEqual(state(), ['applied', 'applied', 'applied']);
    for (let left = 2; left >= 0; left--) {
      assert.equal(tool('down', '1'), '1');
      assert.equal(state().filter((s) => s === 'applied').length, left);
    }
    assert.equal(sql(`select count(*) from pg_class where relnamespace = 'public'::regnamespace and relname !~ 'schema_migrations'`), '0');
    assert.equal(sql(`select count(*) from pg_proc where pronamespace = 'public'::regnamespace`), '0');
    assert.equal(tool('up'), '3');
    assert.equal(tool('up'), '0');
  });
  test('a changed migration is an error', () => {
    sql(`update schema_migrations set hash = 'x' where name = '0001_library'`);
    assert.throws(() => tool('up'), (e) => /0001_library was changed after it ran/.test(e.stderr));
    assert.match(tool('status'), /0001_library applied changed/);
  });
});
