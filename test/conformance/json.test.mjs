// Our JSON against Node's: what is accepted, which values come out, how numbers and strings are written.
// JSON_PROBE names the program built from src/json/test-probe.c; `meson test json/conformance` sets it.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';

const DEPTH_MAX = 128;
const probe = process.env.JSON_PROBE;
const skip = probe ? false : 'JSON_PROBE is not set';
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

// Small, repeatable randomness (mulberry32).
function randomness(seed) {
  const next = () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
  const below = (n) => Math.floor(next() * n);
  const pick = (list) => list[below(list.length)];
  return { next, below, pick };
}

function ask(mode, texts) {
  const chunks = [];
  for (const text of texts) {
    const bytes = Buffer.from(text);
    const head = Buffer.alloc(4);
    head.writeUInt32LE(bytes.length);
    chunks.push(head, bytes);
  }
  const run = spawnSync(probe, [mode], { input: Buffer.concat(chunks), maxBuffer: 1 << 30 });
  assert.equal(run.status, 0, run.stderr?.toString());
  const lines = run.stdout.toString().split('\n');
  assert.equal(lines.pop(), '');
  assert.equal(lines.length, texts.length);
  return lines;
}

function depthOf(value) {
  if (value === null || typeof value !== 'object') return 0;
  return 1 + Math.max(0, ...Object.values(value).map(depthOf));
}

// Also in members that a later one of the same name replaces.
function hasLoneSurrogate(text) {
  return text.match(/"(?:[^"\\]|\\.)*"/gs)?.some((string) => /\p{Surrogate}/u.test(JSON.parse(string)));
}

// What Node says, with our two stricter rules: escapes never make a lone surrogate, and nesting is limited.
function expected(bytes) {
  try {
    const text = utf8.decode(bytes);
    const value = JSON.parse(text);
    return hasLoneSurrogate(text) || depthOf(value) > DEPTH_MAX ? undefined : { value };
  } catch {
    return undefined;
  }
}

function canonical(value) {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  const names = Object.keys(value).sort();
  return `{${names.map((n) => `${JSON.stringify(n)}:${canonical(value[n])}`).join(',')}}`;
}

function generate(r, depth = 0) {
  const space = () => r.pick(['', '', '', ' ', '\n', '\t  ', '          ']);
  const string = () => {
    let s = '';
    for (let n = r.below(r.pick([3, 8, 40])); n > 0; n--) {
      s += r.pick(['a', 'Z', '0', ' ', '/', 'é', '€', '🎨', '\u2028', '\x7f', '\\n', '\\"', '\\\\', '\\/', '\\u00e9', '\\u0000',
        '\\ud83c\\udfa8', '\\uFFFF', '\ufeff']);
    }
    return `"${s}"`;
  };
  const number = () => r.pick(['0', '-0', '1', '-17', '3.25', '1e3', '1E-2', '0.000001', '12345678901234567890', '1.50', '5e-324',
    String(r.next()), String(r.next() * 1e9), String(r.below(1e6))]);
  const kind = r.below(depth > 5 ? 5 : 8);
  if (kind === 0) return r.pick(['null', 'true', 'false']);
  if (kind < 3) return number();
  if (kind < 5) return string();
  const items = Array.from({ length: r.below(6) }, () => space() + generate(r, depth + 1) + space());
  if (kind === 5) return `[${items.join(',') || space()}]`;
  return `{${items.map((i) => `${space()}${r.below(4) ? string() : '"id"'}${space()}:${i}`).join(',') || space()}}`;
}

// A few bytes changed, dropped or doubled, most of them to what matters in JSON.
function mutate(r, bytes) {
  const list = [...bytes];
  for (let n = 1 + r.below(3); n > 0; n--) {
    const at = r.below(list.length + 1);
    const byte = r.pick([...Buffer.from('"\\{}[]:,0123456789-+.eEutfn \n\t\0'), 0x1f, 0x80, 0xbf, 0xc0, 0xc3, 0xe2, 0xed, 0xf0, 0xf4, 0xff,
      r.below(256)]);
    const action = r.below(4);
    if (action === 0) list.splice(at, 1);
    else if (action === 1) list.splice(at, 0, byte);
    else if (action === 2 && at < list.length) list[at] = byte;
    else list.splice(at, 0, ...list.slice(at, at + 1 + r.below(4)));
  }
  return Buffer.from(list);
}

const plainZero = (_, v) => (Object.is(v, -0) ? 0 : v);

function compareTrees(inputs) {
  const answers = ask('tree', inputs);
  let accepted = 0;
  inputs.forEach((bytes, i) => {
    const want = expected(bytes);
    const shown = JSON.stringify(bytes.toString('latin1').slice(0, 300));
    if (!want) {
      assert.equal(answers[i][0], '!', `accepted ${shown}`);
      assert.match(answers[i], /^!line \d+, column \d+ \(byte \d+\): ./);
      return;
    }
    accepted++;
    assert.notEqual(answers[i][0], '!', `refused ${shown}: ${answers[i]}`);
    const [compact, canon] = answers[i].split('\t');
    assert.deepEqual(JSON.parse(compact), want.value, shown);
    // The canonical form writes -0 as 0, and keeps all digits of numbers that a double cannot hold.
    assert.deepEqual(JSON.parse(canon, plainZero), JSON.parse(bytes, plainZero), shown);
    const rounded = /[\d.]{16}|[eE][+-]?\d{3}/.test(bytes.toString('latin1'));
    if (!rounded) assert.equal(canon, canonical(want.value), shown);
  });
  return accepted;
}

test('generated documents give the same values', { skip }, () => {
  const r = randomness(1);
  const inputs = Array.from({ length: 4000 }, () => Buffer.from(generate(r)));
  assert.ok(compareTrees(inputs) > 3900);
});

test('mutated documents are accepted and refused alike', { skip }, () => {
  const r = randomness(2);
  const inputs = Array.from({ length: 30000 }, () => mutate(r, Buffer.from(generate(r, 3))));
  const accepted = compareTrees(inputs);
  assert.ok(accepted > 3000 && accepted < 27000, `${accepted} accepted`);
});

test('every pair of bytes inside and outside a string', { skip }, () => {
  const inputs = [];
  for (let a = 0; a < 256; a++) {
    for (let b = 0; b < 256; b++) inputs.push(Buffer.from([0x22, a, b, 0x22]), Buffer.from([a, b]));
  }
  compareTrees(inputs);
});

test('edge cases', { skip }, () => {
  const texts = ['', ' ', '\ufeff{}', '[]]', '{}{}', '[1,]', '[,1]', '{"a":1,}', '{,}', "{'a':1}", '{a:1}', '// x\n1', 'NaN', 'Infinity',
    '-', '+1', '.5', '5.', '1e', '1e+', '00', '-00', '0x10', '1_000', 'tru', 'nulll', 'True', '"\\x41"', '"\\u12"', '"\\u00e"',
    '"\\ud800"', '"\\ud800x"', '"\\ud800\\n"', '"\\ud800\\ud800"', '"\\udc00"', '"\\ud83c\\udfa8"', '"\t"', '"\u007f"', '\v1', '\f1',
    '\u00a01', '1\0', '{"__proto__":1}', '{"a":1,"a":2,"b":3,"a":4}', '{"":{"":{"":[]}}}', '1e400', '-1e400', '1e-400',
    '['.repeat(128) + ']'.repeat(128), '['.repeat(129) + ']'.repeat(129), '['.repeat(100000), '{"a":'.repeat(100000),
    `${'{"a":'.repeat(128)}1${'}'.repeat(128)}`, `"${'x'.repeat(100000)}"`, '9'.repeat(5000), `0.${'0'.repeat(5000)}1`];
  const finite = texts.filter((t) => !/1e400|9{400}/.test(t)); // JSON.stringify writes Infinity as null
  compareTrees(finite.map((t) => Buffer.from(t)));
});

test('numbers become the same doubles', { skip }, () => {
  const r = randomness(3);
  const digits = (n) => Array.from({ length: n }, () => r.below(10)).join('');
  const texts = ['1e400', '-1e400', '9'.repeat(400), `0.${'0'.repeat(400)}1`, '2.2250738585072011e-308', '9007199254740993'];
  for (let i = 0; i < 30000; i++) {
    const whole = String(Number(digits(1 + r.below(6)))) + (r.below(3) ? '' : digits(r.below(20)));
    const int = whole.replace(/^0+(?=\d)/, '');
    texts.push(`${r.pick(['', '-'])}${int}${r.below(2) ? `.${digits(1 + r.below(20))}` : ''}${r.below(2) ? `e${r.below(640) - 320}` : ''}`);
  }
  const answers = ask('number', texts);
  texts.forEach((text, i) => {
    const value = JSON.parse(text);
    assert.equal(answers[i], Number.isFinite(value) ? JSON.stringify(value) : '!', text);
  });
});

test('doubles are written as JSON.stringify writes them', { skip }, () => {
  const r = randomness(4);
  const values = [0, -0, 5e-324, Number.MAX_VALUE, Number.MIN_VALUE, 2 ** -1022, 1e21, 1e20, 123456789012345680000, 0.1 + 0.2, NaN, Infinity];
  for (let e = -1074; e < 1024; e++) values.push(2 ** e, -(2 ** e), 2 ** e * (1 + Number.EPSILON), 2 ** e * (1 - Number.EPSILON / 2));
  for (let e = -323; e < 309; e++) for (let d = 1; d < 10; d++) values.push(Number(`${d}e${e}`));
  for (let i = 0; i < 40000; i++) {
    const bits = Buffer.alloc(8);
    bits.writeUInt32LE(r.below(2 ** 32), 0);
    bits.writeUInt32LE(r.below(2 ** 32), 4);
    values.push(bits.readDoubleLE());
    values.push(r.below(1e9) / 10 ** r.below(10), Number((r.next() * 10 ** r.below(22)).toPrecision(1 + r.below(17))));
  }
  const texts = values.map((v) => {
    const bits = Buffer.alloc(8);
    bits.writeDoubleLE(v);
    return bits;
  });
  ask('double', texts).forEach((answer, i) => assert.equal(answer, JSON.stringify(values[i])));
});

test('strings are written as JSON.stringify writes what a decoder makes of them', { skip }, () => {
  const r = randomness(5);
  const texts = [];
  for (let i = 0; i < 20000; i++) {
    const bytes = Array.from({ length: r.below(24) }, () =>
      r.pick([0x22, 0x5c, 0x0a, 0x00, 0x7f, 0x41, 0x80, 0xbf, 0xc2, 0xc3, 0xa9, 0xe0, 0xa0, 0xe2, 0x82, 0xac, 0xed, 0xf0, 0x9f, 0xf4, 0x8f, 0xff, r.below(256)]));
    texts.push(Buffer.from(bytes));
  }
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  ask('string', texts).forEach((answer, i) => assert.equal(answer, JSON.stringify(decoder.decode(texts[i])), texts[i].toString('hex')));
});
