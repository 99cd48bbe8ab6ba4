// What goes wrong around the router: bad clients, bad requests, bad subgraphs. Each has its status and its message, and afterwards the
// process answers as before.
import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { after, afterEach, before, describe, test } from 'node:test';
import { Router, compose, serve, subgraph } from './lib/router.mjs';

const GOOD = 'type Query { good: String list: [Int] } type Mutation { set(n: Int!): Int } type Subscription { ticks: Int }';
const BAD = 'type Query { bad: Thing other: Int! @shareable } type Thing { n: Int! s: String list: [Int!] e: E } enum E { A B }';

let router, good, bad;
let misbehave = (request, response) => response.end('{"data":{"bad":null}}');

before(async () => {
  good = await subgraph('good', GOOD, { Query: { good: () => 'yes', list: () => [1, 2] }, Mutation: { set: (_, { n }) => n } });
  bad = await serve((request, response, body) => misbehave(request, response, body));
  router = await Router.start(compose([good, { name: 'bad', sdl: BAD, url: bad.url }]), {
    config: 'router:\n  traffic_shaping:\n    all:\n      timeout: 900ms\n    router:\n      timeout: 3s\n  limits:\n    http_max_request_bytes: 64kib\n',
  });
});
after(async () => {
  await bad?.close();
  await good?.close();
  assert.equal(await router?.stop(), 0, router?.log.join('\n'));
});
afterEach(async () => assert.deepEqual((await router.ask('{ good }')).data, { good: 'yes' }));

const json = { 'content-type': 'application/json' };
const code = (answer) => answer.errors?.[0].extensions?.code;

describe('requests that cannot run', () => {
  const deep = `{ ${'...{ '.repeat(5000)}good${' }'.repeat(5000)} }`;
  const response = { accept: 'application/graphql-response+json' };
  const cases = [
    ['broken JSON', '{"query": "{ good }"', {}, 400, 'BAD_REQUEST', /not JSON/],
    ['an empty body', '', {}, 400, 'BAD_REQUEST', /JSON/],
    ['a list', '[{"query":"{ good }"}]', {}, 400, 'BAD_REQUEST', /Batches/],
    ['a number', '7', {}, 400, 'BAD_REQUEST', /object/],
    ['no query', '{}', {}, 400, 'BAD_REQUEST', /"query" is missing/],
    ['a query that is no text', '{"query":1}', {}, 400, 'BAD_REQUEST', /"query" has to be a string/],
    ['variables that are no object', '{"query":"{ good }","variables":[]}', {}, 400, 'BAD_REQUEST', /"variables" has to be an object/],
    ['bytes that are no UTF-8', Buffer.from('{"query":"{ good \xff }"}', 'latin1'), {}, 400, 'BAD_REQUEST', /UTF-8/i],
    ['another content type', '{"query":"{ good }"}', { 'content-type': 'text/plain' }, 415, 'UNSUPPORTED_MEDIA_TYPE', /application\/json/],
    ['an answer that cannot be', '{"query":"{ good }"}', { accept: 'text/html' }, 406, 'NOT_ACCEPTABLE', /accept/],
    ['a body that is too large', JSON.stringify({ query: `{ good } # ${'x'.repeat(70000)}` }), {}, 413, undefined, /large|64/],
    ['a token without keys', '{"query":"{ good }"}', { authorization: 'Bearer x.y.z' }, 401, 'UNAUTHENTICATED', /no keys/],
    ['another scheme', '{"query":"{ good }"}', { authorization: 'Basic eDp5' }, 401, 'UNAUTHENTICATED', /Bearer/],
    ['a syntax error', { query: '{ good' }, response, 400, undefined, /Syntax Error: Expected Name, found <EOF>/],
    ['an unknown field', { query: '{ goood }' }, response, 400, undefined, /Cannot query field "goood" on type "Query". Did you mean "good"\?/],
    ['a syntax error, told to application/json', { query: '{ good' }, { accept: 'application/json' }, 200, undefined, /Syntax Error/],
    ['a bad variable', { query: 'mutation($n: Int!) { set(n: $n) }', variables: { n: 'x' } }, response, 400, undefined, /Variable "\$n" has invalid value: Int cannot represent non-integer value: "x"/],
    ['a missing variable', { query: 'mutation($n: Int!) { set(n: $n) }' }, response, 400, undefined, /"\$n"/],
    ['no such operation', { query: 'query A { good }', operationName: 'B' }, response, 400, undefined, /Unknown operation named "B"/],
    ['two operations without a name', { query: 'query A { good } query B { good }' }, response, 400, undefined, /operation name/],
    ['a subscription', { query: 'subscription { ticks }' }, response, 400, 'SUBSCRIPTIONS_NOT_SUPPORTED', /plain HTTP answers queries and mutations/],
    ['a stream', { query: '{ list @stream }' }, response, 400, undefined, /Unknown directive "@stream"/],
    ['a label twice', { query: '{ ... @defer(label: "a") { good } ... @defer(label: "a") { list } }' }, response, 400, undefined, /must be unique/],
    ['a deferred mutation', { query: 'mutation { ... @defer { set(n: 1) } }' }, response, 400, undefined, /cannot be used on root mutation type/],
    ['deep nesting', { query: deep }, response, 400, undefined, /deep|nest|limit|level/i],
    ['one field 12,000 times', { query: `{ ${'good '.repeat(12000)} }` }, response, 400, undefined, /too complex/],
  ];
  for (const [name, body, headers, status, wanted, message] of cases)
    test(name, async () => {
      const reply = await router.post(body, headers);
      assert.equal(reply.status, status, reply.text);
      assert.match(reply.json.errors[0].message, message);
      if (wanted) assert.equal(code(reply.json), wanted);
      assert.ok(!('data' in reply.json));
    });

  test('a hundred variables are no error', async () => {
    const names = Array.from({ length: 100 }, (_, i) => `v${i}`);
    const query = `mutation(${names.map((n) => `$${n}: Int!`)}) { ${names.map((n) => `${n}: set(n: $${n})`).join(' ')} }`;
    const { data } = await router.ask(query, Object.fromEntries(names.map((n, i) => [n, i])));
    assert.deepEqual(Object.values(data), names.map((_, i) => i));
  });

  test('what is deferred comes in the one response', async () => {
    const query = 'query($d: Boolean!) { list ... @defer(if: $d, label: "later") { good } }';
    for (const d of [true, false])
      assert.deepEqual(await router.ask(query, { d }), { data: { list: [1, 2], good: 'yes' } });
  });

  test('other places and methods', async () => {
    assert.equal((await fetch(`${router.origin}/nowhere`)).status, 404);
    assert.equal((await fetch(router.url, { method: 'PUT', body: '{}' })).status, 405);
    assert.equal((await fetch(`${router.origin}/health`)).status, 200);
    const get = await fetch(`${router.url}?query=${encodeURIComponent('mutation { set(n: 1) }')}`);
    assert.equal(get.status, 405);
    assert.match((await get.json()).errors[0].message, /POST/);
  });
});

describe('subgraphs that misbehave', () => {
  const end = (body, status = 200, type = 'application/json') => (_, r) => r.writeHead(status, { 'content-type': type }).end(body);
  const cases = [
    ['says nothing in time', () => {}, 'SUBREQUEST_TIMEOUT', /deadline|time/i],
    ['drips', (_, r) => {
      r.writeHead(200, { 'content-type': 'application/json' });
      const timer = setInterval(() => r.write(' '), 50);
      r.on('close', () => clearInterval(timer));
    }, 'SUBREQUEST_TIMEOUT', /deadline|time/i],
    ['closes the connection', (q) => q.socket.destroy(), 'SUBREQUEST_FAILED', /clos|reset/i],
    ['closes it in the middle', (q, r) => (r.writeHead(200, { 'content-length': 1000 }), r.write('{"data":{"bad":'), setTimeout(() => q.socket.destroy(), 30)), 'SUBREQUEST_FAILED', /clos|reset|end/i],
    ['speaks no HTTP', (q) => q.socket.end('SSH-2.0-OpenSSH_9.2\r\n'), 'SUBREQUEST_FAILED', /HTTP|response/i],
    ['answers 500', end('oops', 500, 'text/plain'), 'SUBREQUEST_HTTP_ERROR', /500/],
    ['answers 401', end('{"message":"who?"}', 401), 'SUBREQUEST_HTTP_ERROR', /401/],
    ['answers HTML', end('<!doctype html><p>hello', 200, 'text/html'), 'SUBREQUEST_MALFORMED_RESPONSE', /GraphQL response/],
    ['answers half', end('{"data":{"bad":{"s":"x'), 'SUBREQUEST_MALFORMED_RESPONSE', /GraphQL response/],
    ['answers no object', end('[1,2]'), 'SUBREQUEST_MALFORMED_RESPONSE', /neither "data" nor "errors"/],
    ['answers neither', end('{"hello":1}'), 'SUBREQUEST_MALFORMED_RESPONSE', /neither/],
    ['answers nothing', end(''), 'SUBREQUEST_MALFORMED_RESPONSE', /GraphQL response/],
    ['answers data that is text', end('{"data":"x"}'), 'SUBREQUEST_MALFORMED_RESPONSE', /neither|data/],
    ['nests without end', end('{"data":{"bad":{"s":' + '['.repeat(100000)), 'SUBREQUEST_MALFORMED_RESPONSE', /deep|nest/i],
    ['puts a text where an object belongs', end('{"data":{"bad":"x"}}'), 'SUBREQUEST_INVALID_VALUE', /a string for Query.bad where an object/],
    ['puts a text where an Int belongs', end('{"data":{"bad":{"n":"1","s":"x","list":[],"e":"A"}}}'), 'SUBREQUEST_INVALID_VALUE', /Thing.n where an Int/],
    ['forgets a field', end('{"data":{"bad":{"s":"x","list":[],"e":"A"}}}'), 'SUBREQUEST_INVALID_VALUE', /answered nothing for Thing.n where an Int/],
    ['answers errors only', end('{"errors":[{"message":"no way"}]}'), 'DOWNSTREAM_SERVICE_ERROR', /no way/],
    ['answers strange errors', end('{"data":null,"errors":[1,null,{"message":7,"path":"x","extensions":[]}]}'), 'DOWNSTREAM_SERVICE_ERROR', /error/i],
    ['answers 4 MB of surplus', end(`{"data":{"bad":null,"surplus":"${'y'.repeat(4 << 20)}"},"errors":[{"message":"big","path":["bad"]}]}`), 'DOWNSTREAM_SERVICE_ERROR', /big/],
  ];
  for (const [name, how, wanted, message] of cases)
    test(name, async () => {
      misbehave = how;
      const reply = await router.post({ query: '{ bad { n s list e } good }' });
      assert.equal(reply.status, 200, reply.text);
      assert.deepEqual(reply.json.data, { bad: null, good: 'yes' }, reply.text);
      assert.match(reply.json.errors[0].message, message);
      assert.equal(reply.json.errors[0].path?.[0], 'bad', reply.text);
      if (wanted) assert.equal(code(reply.json), wanted);
    });

  test('wrong values spoil only themselves', async () => {
    misbehave = end('{"data":{"bad":{"n":5,"s":7,"list":[1,2.5],"e":"C"}}}');
    const { data, errors } = await router.ask('{ bad { n s list e } }');
    assert.deepEqual(data, { bad: { n: 5, s: null, list: null, e: null } });
    assert.deepEqual(errors.map((e) => e.path), [['bad', 's'], ['bad', 'list', 1], ['bad', 'e']]);
  });

  test('the request as a whole takes too long', async () => {
    const other = await Router.start(compose([good, { name: 'bad', sdl: BAD, url: bad.url }]), {
      config: 'router:\n  traffic_shaping:\n    router:\n      timeout: 400ms\n',
    });
    misbehave = () => {};
    const started = Date.now();
    const { data, errors } = await other.ask('{ good bad { n } }');
    assert.deepEqual(data, { good: 'yes', bad: null });
    assert.equal(errors[0].extensions.code, 'SUBREQUEST_TIMEOUT');
    assert.ok(Date.now() - started < 2500, `${Date.now() - started} ms`);
    assert.deepEqual((await other.ask('{ good }')).data, { good: 'yes' });
    assert.equal(await other.stop(), 0, other.log.join('\n'));
  });

  test('more than 16 MB', async () => {
    misbehave = (_, r) => {
      r.writeHead(200, { 'content-type': 'application/json' });
      const chunk = ' '.repeat(1 << 20);
      let n = 0;
      const more = () => (n++ < 20 ? r.write(chunk, more) : r.end('{}'));
      r.on('error', () => {});
      more();
    };
    const { data, errors } = await router.ask('{ bad { n } good }');
    assert.deepEqual(data, { bad: null, good: 'yes' });
    assert.match(errors[0].message, /body is too large/);
  });

  test('a dead subgraph', async () => {
    const gone = await serve(() => {});
    await gone.close();
    const other = await Router.start(compose([good, { name: 'bad', sdl: BAD, url: gone.url }]));
    const { data, errors } = await other.ask('{ bad { n } good }');
    assert.deepEqual(data, { bad: null, good: 'yes' });
    assert.match(errors[0].message, /"bad" could not be asked: .*refused/);
    assert.equal((await other.ask('{ good other }')).data, null);
    assert.equal(await other.stop(), 0, other.log.join('\n'));
  });
});

describe('clients that misbehave', () => {
  const port = () => Number(router.address.split(':')[1]);
  const open = () => new Promise((resolve, reject) => {
    const socket = connect(port(), '127.0.0.1', () => resolve(socket)).on('error', reject);
  });
  const request = (query) => {
    const body = JSON.stringify({ query });
    return `POST /graphql HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
  };
  const read = (socket, until) => new Promise((resolve) => {
    let text = '';
    socket.on('data', (chunk) => ((text += chunk), until(text) && resolve(text))).on('close', () => resolve(text)).on('error', () => {});
  });

  test('leaves while the subgraph works', async () => {
    misbehave = () => {};
    for (let i = 0; i < 20; i++) {
      const socket = await open();
      socket.write(request('{ bad { n } good }'));
      await new Promise((resolve) => setTimeout(resolve, 10));
      socket.destroy();
    }
  });

  test('sends half a request and leaves', async () => {
    for (const part of [10, 60, 110]) {
      const socket = await open();
      socket.write(request('{ good }').slice(0, part));
      await new Promise((resolve) => setTimeout(resolve, 10));
      socket.destroy();
    }
  });

  test('pipelines: answers come in order', async () => {
    const socket = await open();
    socket.write(Array.from({ length: 50 }, (_, i) => request(`{ a${i}: good }`)).join(''));
    const text = await read(socket, (t) => t.includes('"a49"'));
    socket.destroy();
    assert.deepEqual([...text.matchAll(/"a(\d+)"/g)].map((m) => Number(m[1])), Array.from({ length: 50 }, (_, i) => i));
  });

  test('speaks no HTTP', async () => {
    const socket = await open();
    socket.write('HELO there\r\n\r\n');
    assert.match(await read(socket, () => false), /^HTTP\/1.1 400 .*"errors"/s);
  });

  test('1,000 connections at rest', async () => {
    const sockets = await Promise.all(Array.from({ length: 1000 }, open));
    assert.deepEqual((await router.ask('{ good list }')).data, { good: 'yes', list: [1, 2] });
    sockets.forEach((s) => s.destroy());
  });
});
