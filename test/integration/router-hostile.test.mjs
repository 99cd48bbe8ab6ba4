// Subgraphs that are broken or mean harm. Every reply here is bytes; what the client gets is data, and what is wrong is said with the subgraph's name.
// How leaves are written is compared with graphql-js.
import assert from 'node:assert/strict';
import { createServer } from 'node:net';
import { after, before, describe, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { buildSchema, execute, parse } from 'graphql';
import { Router, compose, subgraph } from './lib/router.mjs';

const SDL = `type Query { bad: Thing list: [Thing!] deep: [[Int]] leaf: Leaf pets: [Pet] }
  type Thing { n: Int! s: String any: JSON list: [Int!] more: Thing }
  type Leaf { int: Int float: Float string: String boolean: Boolean id: ID e: E any: JSON }
  interface Pet { name: String } type Cat implements Pet { name: String lives: Int friend: Thing } type Dog implements Pet { name: String tricks: [String] friend: Thing }
  enum E { A B } scalar JSON`;
const sanitized = /asan/.test(process.env.PAINTBOX_PROGRAM ?? '') || /detect_leaks/.test(process.env.ASAN_OPTIONS ?? '');
let good, raw, router, answer;

/** A server that says whatever it is told to, once the request is there. */
function rawServer() {
  const server = createServer((socket) => {
    let text = '';
    socket.on('error', () => {}).on('data', (chunk) => {
      text += chunk.toString('latin1');
      const end = text.indexOf('\r\n\r\n');
      const length = /content-length: (\d+)/i.exec(text);
      if (end < 0 || text.length < end + 4 + Number(length[1])) return;
      text = '';
      answer(socket);
    });
  });
  return new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve({
    url: `http://127.0.0.1:${server.address().port}/graphql`, close: () => new Promise((done) => server.close(done)),
  })));
}

before(async () => {
  good = await subgraph('good', 'type Query { good: String }', { Query: { good: () => 'yes' } });
  raw = await rawServer();
  router = await Router.start(compose([good, { name: 'bad', sdl: SDL, url: raw.url }]), {
    config: 'router:\n  traffic_shaping:\n    all:\n      timeout: 2s\n',
  });
});
after(async () => {
  await good?.close();
  const code = await router?.stop();
  await raw?.close();
  assert.equal(code, 0, router?.log.join('\n'));
});

const head = (n, more = '') => `HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: ${n}\r\n${more}\r\n`;
/** A reply with this body, text or bytes. */
const body = (content, more) => (socket) => {
  const bytes = Buffer.from(content);
  socket.write(head(bytes.length, more));
  socket.write(bytes);
};
const bytes = (content, close = true) => (socket) => (close ? socket.end(content) : socket.write(content));
const data = (inner) => body(`{"data":${inner}}`);
const bad = (inner) => data(`{"bad":${inner}}`);

const MALFORMED = 'SUBREQUEST_MALFORMED_RESPONSE', FAILED = 'SUBREQUEST_FAILED', INVALID = 'SUBREQUEST_INVALID_VALUE', LARGE = 'SUBREQUEST_TOO_LARGE', TIMEOUT = 'SUBREQUEST_TIMEOUT';
const Q = '{ good bad { n s } }';
const cases = [
  // HTTP
  ['too short for its Content-Length', bytes(`${head(500)}{"data":`), Q, { bad: null }, FAILED, /clos|end|reset/i],
  ['longer than its Content-Length', bytes(`${head(25)}{"data":{"bad":{"n":1}}} and more`), Q, { bad: { n: 1, s: null } }, INVALID, /nothing for Thing.s where a String belongs/],
  ['two Content-Lengths', bytes(`HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}`), Q, { bad: null }, FAILED, /Content-Length/i],
  ['a negative Content-Length', bytes('HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\n{}'), Q, { bad: null }, FAILED, /Content-Length/i],
  ['Content-Length beside chunks', bytes('HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n'), Q, { bad: null }, FAILED, /Content-Length|Transfer-Encoding/i],
  ['chunks of garbage', bytes('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n'), Q, { bad: null }, FAILED, /chunk/i],
  ['a chunk of 2^64 bytes', bytes('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\n{}'), Q, { bad: null }, FAILED, /chunk/i],
  ['chunks that do not end', bytes('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n'), Q, { bad: null }, FAILED, /end|clos/i],
  ['headers without end', (socket) => {
    socket.write('HTTP/1.1 200 OK\r\n');
    const more = () => socket.writable && !socket.destroyed && socket.write(`X-${Math.random()}: ${'y'.repeat(900)}\r\n`, () => setImmediate(more));
    more();
  }, Q, { bad: null }, FAILED, /header|head/i],
  ['a header without end', bytes(`HTTP/1.1 200 OK\r\nX: ${'y'.repeat(100000)}`, false), Q, { bad: null }, FAILED, /head/i],
  ['interim responses without end', (socket) => {
    const more = () => socket.writable && !socket.destroyed && socket.write('HTTP/1.1 100 Continue\r\n\r\n'.repeat(10), () => setImmediate(more));
    more();
  }, Q, { bad: null }, FAILED, /interim/],
  ['another protocol', bytes('HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n'), Q, { bad: null }, FAILED, /protocol/],
  ['one byte in 100 ms', (socket) => {
    const text = head(1000) + '{"data":'.padEnd(1000);
    let i = 0;
    const timer = setInterval(() => (socket.destroyed ? clearInterval(timer) : socket.write(text[i++])), 100);
    socket.on('close', () => clearInterval(timer));
  }, Q, { bad: null }, TIMEOUT, /deadline|time/],
  ['gzip that nobody asked for', body(gzipSync('{"data":{"bad":{"n":1,"s":"x"}}}'), 'Content-Encoding: gzip\r\n'), Q, { bad: null }, MALFORMED, /Content-Encoding gzip, which was not asked for/],
  ['identity', body('{"data":{"bad":{"n":1,"s":"x"}}}', 'Content-Encoding: identity\r\n'), Q, { bad: { n: 1, s: 'x' } }],
  ['17 MB', body(`{"data":{"bad":{"n":1,"s":"${'x'.repeat(17 << 20)}"}}}`), Q, { bad: null }, LARGE, /too large/],
  ['one text of 8 MB', bad(`{"n":1,"s":"${'x'.repeat(8 << 20)}"}`), Q, { bad: { n: 1, s: 'x'.repeat(8 << 20) } }],
  // JSON
  ['a byte order mark', body('\ufeff{"data":{"bad":null}}'), Q, { bad: null }, MALFORMED, /byte order mark/],
  ['bytes that are no UTF-8', body(Buffer.from('{"data":{"bad":{"n":1,"s":"\xff"}}}', 'latin1')), Q, { bad: { n: 1, s: null } }, MALFORMED, /UTF-8/],
  ['an overlong slash', body(Buffer.from('{"data":{"bad":{"n":1,"s":"\xc0\xaf"}}}', 'latin1')), Q, { bad: { n: 1, s: null } }, MALFORMED, /UTF-8/],
  ['a surrogate in UTF-8', body(Buffer.from('{"data":{"bad":{"n":1,"s":"\xed\xa0\x80"}}}', 'latin1')), Q, { bad: { n: 1, s: null } }, MALFORMED, /UTF-8/],
  ['a lone high surrogate', bad('{"n":1,"s":"\\ud83d"}'), Q, { bad: { n: 1, s: null } }, MALFORMED, /surrogate/],
  ['a lone low surrogate', bad('{"n":1,"s":"\\ude00"}'), Q, { bad: { n: 1, s: null } }, MALFORMED, /surrogate/],
  ['surrogates the wrong way round', bad('{"n":1,"s":"\\ude00\\ud83d"}'), Q, { bad: { n: 1, s: null } }, MALFORMED, /surrogate/],
  ['a control character', bad('{"n":1,"s":"a\u0001"}'), Q, { bad: { n: 1, s: null } }, MALFORMED, /control character/],
  ['NaN', bad('{"n":NaN,"s":"x"}'), Q, { bad: null }, MALFORMED, /value was expected/],
  ['a leading zero', bad('{"n":01,"s":"x"}'), Q, { bad: null }, MALFORMED, /leading zero|comma/],
  ['a comment', bad('{"n":1/**/,"s":"x"}'), Q, { bad: { n: 1, s: null } }, MALFORMED, /comma/],
  ['a trailing comma', bad('{"n":1,"s":"x",}'), Q, { bad: { n: 1, s: 'x' } }, MALFORMED, /comma/],
  ['two values', body('{"data":{"bad":{"n":1,"s":"x"}}}{}'), Q, { bad: { n: 1, s: 'x' } }, MALFORMED, /nothing may follow/],
  ['arrays 100,000 deep where a scalar belongs', bad(`{"n":1,"any":${'['.repeat(100000)}`), '{ good bad { n any } }', { bad: { n: 1, any: null } }, MALFORMED, /nest at most/],
  ['objects 200 deep where a scalar belongs', bad(`{"n":1,"any":${'{"a":'.repeat(200)}1${'}'.repeat(200)}}`), '{ good bad { n any } }', { bad: { n: 1, any: null } }, MALFORMED, /nest at most/],
  ['100 deep is not too deep', bad(`{"n":1,"any":${'['.repeat(100)}1${']'.repeat(100)}}`), '{ good bad { n any } }', { bad: { n: 1, any: JSON.parse(`${'['.repeat(100)}1${']'.repeat(100)}`) } }],
  ['a list that breaks off behind an item', body('{"data":{"list":[{"n":1},{"n":2}'), '{ good list { n } }', { list: null }, MALFORMED, /comma or ]/],
  ['a list of lists that breaks off', body('{"data":{"deep":[[1,2],[3'), '{ good deep }', { deep: null }, MALFORMED, /comma or ]/],
  ['everything twice: the first leaf stays, objects are completed', data('{"bad":{"n":1,"n":2,"s":null,"s":"x","s":"y"},"bad":{"n":3,"more":{"n":4}}}'), '{ good bad { n s more { n } } }', { bad: { n: 1, s: 'x', more: { n: 4 } } }],
  ['data twice', body('{"data":{"bad":{"n":1}},"data":{"bad":{"n":2,"s":"x"}}}'), Q, { bad: { n: 1, s: 'x' } }],
  ['names with escapes', body('{"d\\u0061ta":{"b\\u0061d":{"\\u006e":1,"s":"x"}}}'), Q, { bad: null }, MALFORMED, /neither "data"/],
  ['__proto__ and constructor', bad('{"__proto__":{"n":9},"constructor":1,"n":1,"s":"x"}'), Q, { bad: { n: 1, s: 'x' } }],
  ['members without end', bad(`{"n":1,"s":"x"${',"n":"wrong"'.repeat(300000)}}`), Q, { bad: { n: 1, s: 'x' } }],
  // shapes
  ['an object where a list belongs', data('{"list":{"n":1}}'), '{ good list { n } }', { list: null }, INVALID, /an object for Query.list where a list/],
  ['a list where an object belongs', data('{"bad":[{"n":1}]}'), Q, { bad: null }, INVALID, /a list for Query.bad where an object/],
  ['lists too shallow', data('{"deep":[1,2]}'), '{ good deep }', { deep: [null, null] }, INVALID, /a number for Query.deep where a list/],
  ['lists too deep', data('{"deep":[[[1]]]}'), '{ good deep }', { deep: [[null]] }, INVALID, /a list for Query.deep where an Int/],
  ['200,000 wrong values', data(`{"deep":[[${'"x",'.repeat(199999)}"x"]]}`), '{ good deep }', { deep: [new Array(200000).fill(null)] }, INVALID, /a string for Query.deep where an Int/],
  ['five million objects without a member', data(`{"list":[${'{},'.repeat(4999999)}{}]}`), '{ good list { n } }', { list: null }, LARGE, /more values than one reply may have/],
  // what is not there
  ['data without anything', body('{"data":{}}'), Q, { bad: null }, INVALID, /nothing for Query.bad where an object belongs/],
  ['an object without anything', bad('{}'), Q, { bad: null }, INVALID, /nothing for Thing.n where an Int/],
  ['a member is missing', bad('{"n":1}'), Q, { bad: { n: 1, s: null } }, INVALID, /nothing for Thing.s where a String belongs/],
  ['a member is missing, with white space', bad('{ "n": 1 }'), Q, { bad: { n: 1, s: null } }, INVALID, /nothing for Thing.s where a String belongs/],
  ['a member has another name', bad('{"n":1,"S":"x"}'), Q, { bad: { n: 1, s: null } }, INVALID, /nothing for Thing.s/],
  ['a member is there twice, another one not at all', bad('{"n":1,"n":1}'), Q, { bad: { n: 1, s: null } }, INVALID, /nothing for Thing.s/],
  ['a list is missing, deep inside', bad('{"n":1,"more":{"n":2}}'), '{ good bad { n more { n list } } }', { bad: { n: 1, more: { n: 2, list: null } } }, INVALID, /nothing for Thing.list where a list belongs/],
  ['of the items of a list one lacks a member', data('{"list":[{"n":1,"s":"x"},{"s":"y","n":2},{"n":3}]}'), '{ good list { n s } }', { list: [{ n: 1, s: 'x' }, { n: 2, s: 'y' }, { n: 3, s: null }] }, INVALID, /nothing for Thing.s/],
  ['200,000 items lack a member', data(`{"list":[${'{"n":1},'.repeat(199999)}{"n":1}]}`), '{ good list { n s } }', { list: new Array(200000).fill({ n: 1, s: null }) }, INVALID, /nothing for Thing.s/],
  ['each type lacks only its own', data('{"pets":[{"__typename":"Cat","name":"Mia","lives":9},{"__typename":"Dog","name":"Rex"},{"tricks":[],"name":"Ben","__typename":"Dog"}]}'),
    '{ good pets { name ... on Cat { lives } ... on Dog { tricks } } }', { pets: [{ name: 'Mia', lives: 9 }, { name: 'Rex', tricks: null }, { name: 'Ben', tricks: [] }] }, INVALID, /nothing for Dog.tricks where a list belongs/],
  ['what is asked of an object depends on the type above it', data('{"pets":[{"__typename":"Cat","friend":{"n":1}},{"__typename":"Dog","friend_1":{"s":"x"}},{"__typename":"Dog","friend_1":{}}]}'),
    '{ good pets { ... on Cat { friend { n } } ... on Dog { friend { s } } } }', { pets: [{ friend: { n: 1 } }, { friend: { s: 'x' } }, { friend: { s: null } }] }, INVALID, /nothing for Thing.s where a String/],
  ['an object of an interface without its type', data('{"pets":[{"name":"Mia"},{"__typename":"Cat","name":"Tom"}]}'), '{ good pets { name } }', { pets: [null, { name: 'Tom' }] }, INVALID, /an object without a __typename for Query.pets/],
  ['a type that is none', data('{"pets":[{"__typename":"Cow","name":"Mia"},{"__typename":"Cat","name":"Tom"}]}'), '{ good pets { name } }', { pets: [null, { name: 'Tom' }] }, INVALID, /__typename "Cow" for Pet, which is no object type of the supergraph/],
  ['no data, and a list of no errors', body('{"data":null,"errors":[]}'), Q, { bad: null }, MALFORMED, /neither "data" nor "errors"/],
  // errors
  ['a million errors', body(`{"data":{"bad":null},"errors":[${'{"message":"x","path":["bad"]},'.repeat(300000)}{}]}`), Q, { bad: null }, 'DOWNSTREAM_SERVICE_ERROR', /^x$/],
  ['errors with five million values in extensions', body(`{"data":{"bad":null},"errors":[{"message":"x","path":["bad"],"extensions":{"a":[${'1,'.repeat(4999999)}1]}}]}`), Q, { bad: null }, 'DOWNSTREAM_SERVICE_ERROR', /^x$/],
  ['errors that are no objects', body('{"data":{"bad":null},"errors":[1,"x",null,[],{}]}'), Q, { bad: null }, 'DOWNSTREAM_SERVICE_ERROR', /without a message/],
  ['errors whose path is a joke', body('{"data":{"bad":null},"errors":[{"message":"x","path":["bad",{"a":1},-1,1.5,true]}]}'), Q, { bad: null }, 'DOWNSTREAM_SERVICE_ERROR', /^x$/, null],
  ['errors whose path leads nowhere', body('{"data":{"bad":null},"errors":[{"message":"x","path":["nowhere",7,"n"]}]}'), Q, { bad: null }, 'DOWNSTREAM_SERVICE_ERROR', /^x$/, null],
  ['errors before data', body('{"errors":[{"message":"x","path":["bad"],"extensions":{"code":"C","service":"me","d\\u0061ta":[1]}}],"data":{"bad":null}}'), Q, { bad: null }, 'C', /^x$/],
  ['an error of 8 MB', body(`{"data":{"bad":null},"errors":[{"message":"${'x'.repeat(8 << 20)}","path":["bad"]}]}`), Q, { bad: null }, 'DOWNSTREAM_SERVICE_ERROR', /^x+$/],
  ['errors: not a list', body('{"data":{"bad":{"n":1,"s":"x"}},"errors":"none"}'), Q, { bad: { n: 1, s: 'x' } }],
];

describe('replies', () => {
  for (const [name, how, query, expected, code, message, path] of cases)
    test(name, async () => {
      answer = how;
      const reply = await router.post({ query });
      assert.equal(reply.status, 200, reply.text.slice(0, 500));
      assert.deepEqual(reply.json.data, { good: 'yes', ...expected }, reply.text.slice(0, 500));
      const { errors } = reply.json;
      if (!code) return assert.equal(errors, undefined);
      assert.equal(errors[0].extensions.code, code, reply.text.slice(0, 500));
      assert.match(errors[0].message, message);
      assert.ok(/"bad"/.test(errors[0].message) || errors[0].extensions.service, 'names the subgraph');
      if (path === null) assert.equal(errors[0].path, undefined, JSON.stringify(errors[0].path));
      assert.ok(errors.length <= 1001, `${errors.length} errors`);
    });

  test('and none of them is remembered: memory', { skip: sanitized }, async (t) => {
    t.diagnostic(`${router.memory()} KiB, at most ${router.memoryPeak()} KiB`);
    assert.ok(router.memoryPeak() < 400 * 1024, `${router.memoryPeak()} KiB at the worst`);
  });
});

describe('answers beyond a limit', () => {
  test('a leaf under so many names that the response is too large: 500, and what to do', async () => {
    const n = 20, long = 'x'.repeat(15 << 20);
    answer = bad(`{"n":1,"s":"${long}"}`);
    const reply = await router.post({ query: `{ bad { ${Array.from({ length: n }, (_, i) => `s${i}: s`).join(' ')} } }` });
    assert.equal(reply.status, 500);
    assert.deepEqual(reply.json, { errors: [{ message: 'The answer is larger than this router allows: ask for fewer items with `first`', extensions: { code: 'RESPONSE_TOO_LARGE' } }] });
    answer = bad('{"s":"y"}');
    assert.deepEqual(await router.ask('{ bad { s } }'), { data: { bad: { s: 'y' } } }, 'and the next one is answered');
  });

  const friends = (n, name = '') => data(`{"pets":[${Array(n).fill(`{"__typename":"Cat","name":"${name}","friend":{"n":null}}`).join()}]}`);
  const Q = '{ pets { __typename name ... on Cat { friend { n } } } }';
  test('more errors than are told: the rest is counted', async () => {
    for (const [n, rest] of [[1000, 0], [1001, 1], [1500, 500]]) {
      answer = friends(n);
      const { data: got, errors } = await router.ask(Q);
      assert.ok(got.pets.length === n && got.pets.every((p) => p.friend === null));
      assert.equal(errors.length, rest ? 1001 : 1000);
      assert.deepEqual(errors.at(rest ? -2 : -1).path, ['pets', 999, 'friend', 'n']);
      if (rest) assert.deepEqual(errors.at(-1), { message: `${rest} more errors were left out`, extensions: { code: 'TOO_MANY_ERRORS' } });
    }
  });

  test('errors of more bytes than are told: the rest is counted', async () => {
    const errors = JSON.stringify(Array.from({ length: 9 }, (_, i) => ({ message: `${i}${'m'.repeat(1 << 20)}`, path: ['list', i, 's'] })));
    answer = body(`{"data":{"list":[${Array(9).fill('{"s":null}').join()}]},"errors":${errors}}`);
    const reply = await router.ask('{ list { s } }');
    assert.deepEqual(reply.errors.map((e) => e.message[0]), ['0', '1', '2', '3', '5']);
    assert.equal(reply.errors.at(-1).message, '5 more errors were left out');
  });
});

describe('leaves', () => {
  const schema = buildSchema(SDL);
  const kinds = { int: ['number'], float: ['number'], string: ['string'], boolean: ['boolean'], id: ['number', 'string'], e: ['string'] };
  const values = ['0', '-0', '0.0', '-0.0', '-0e0', '1', '1.0', '1.5', '-1', '1e0', '1E3', '1e+3', '1e-3', '100e-2', '2147483647', '2147483648', '-2147483648', '-2147483649',
    '2147483647.0', '2147483648.0', '1e10', '9007199254740991', '1e308', '1e309', '-1e309', '1e999', '-1e999', '1E400', '1e-400', '1e00000000000000000999', '5e-324', '0.1', '123456.789e3',
    '1.0000000000000000000001', `1${'0'.repeat(400)}`, `1.${'0'.repeat(400)}`, `0.${'0'.repeat(400)}1`, `1${'0'.repeat(200)}e-200`, `1e${'9'.repeat(5000)}`,
    '""', '"a"', '"1"', '"1.5"', '"true"', '"A"', '"B"', '"C"', '"\\u0041"', '"é"', '"\\u00e9\\n\\/"', '"\\ud83d\\ude00"', '"\\u0000"', `"${'x'.repeat(70000)}"`,
    'true', 'false', 'null', '[]', '{}', '[1]', '{"a":[1,{"b":null}]}'];

  // With and without white space, since the shortest form has a way of its own through the router.
  for (const [value, comma] of values.flatMap((v) => [[v, ','], [v, ', ']]))
    test(value.length > 60 ? `${value.slice(0, 40)}… (${value.length} characters)` : value + comma, async () => {
      const native = JSON.parse(value);
      const fields = [...Object.keys(kinds), 'any'];
      answer = data(`{"leaf":{${fields.map((f) => `"${f}":${value}`).join(comma)}}}`);
      const reply = await router.ask(`{ leaf { ${fields.join(' ')} } }`);
      const oracle = JSON.parse(JSON.stringify(await execute({ schema, document: parse(`{ leaf { ${fields.join(' ')} } }`), rootValue: { leaf: Object.fromEntries(fields.map((f) => [f, native])) } })));
      for (const field of fields) {
        const error = reply.errors?.find((e) => e.path[1] === field);
        const refused = oracle.errors?.find((e) => e.path[1] === field);
        // graphql-js also turns texts into numbers, numbers into texts and so on; what comes from a subgraph has been through that already.
        if (native !== null && kinds[field] && !kinds[field].includes(typeof native)) assert.ok(error, `${field}: ${JSON.stringify(reply.data.leaf[field])}`);
        else if (field === 'id' && Math.abs(native) > 2 ** 53) continue; // never rounded here: see below
        else if (refused) assert.ok(error, `${field}: graphql-js says ${refused.message}`);
        else if (field === 'any') assert.deepEqual(reply.data.leaf.any, native);
        else {
          assert.equal(error, undefined, error?.message);
          assert.deepEqual(reply.data.leaf[field] + 0, oracle.data.leaf[field] + 0, field);
          if (field === 'int') assert.ok(!Object.is(reply.data.leaf.int, -0));
        }
        if (error) {
          assert.equal(reply.data.leaf[field], null);
          assert.equal(error.extensions.code, INVALID);
          assert.match(error.message, /^Subgraph "bad" answered an? [\w ]+ for Leaf\.\w+ where /);
        }
      }
    });

  test('an ID keeps all its digits, or is none', async () => {
    answer = data('{"leaf":{"id":1.5e300}}');
    assert.match((await router.ask('{ leaf { id } }')).errors[0].message, /a number for Leaf.id where an ID belongs/);
    for (const [given, written] of [['12345678901234567890', '12345678901234567890'], ['12.0', '12'], ['1e3', '1000'], ['-7', '-7'], [`1${'0'.repeat(60)}`, `1${'0'.repeat(60)}`]]) {
      answer = data(`{"leaf":{"id":${given}}}`);
      assert.deepEqual(await router.ask('{ leaf { id } }'), { data: { leaf: { id: written } } });
    }
  });
});
