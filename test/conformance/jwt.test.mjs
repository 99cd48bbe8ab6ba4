// JSON Web Tokens against npm's jose, both ways, for every algorithm and key set.
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { createHmac, generateKeyPairSync, randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { SignJWT, importJWK, jwtVerify } from 'jose';

const driver = join(process.env.BUILD_DIR ?? 'build', 'src/security/security-test-driver');
const dir = mkdtempSync(join(tmpdir(), 'jwt-'));
after(() => rmSync(dir, { recursive: true }));

const pair = (type, options) => {
  const { publicKey, privateKey } = generateKeyPairSync(type, options);
  return { open: publicKey.export({ format: 'jwk' }), closed: privateKey.export({ format: 'jwk' }) };
};
const secret = { kty: 'oct', k: randomBytes(32).toString('base64url') };
const KEYS = {
  HS256: { open: secret, closed: secret },
  RS256: pair('rsa', { modulusLength: 2048 }),
  ES256: pair('ec', { namedCurve: 'P-256' }),
};
const named = (alg, key) => ({ ...key, alg, use: 'sig', kid: `key-${alg}` });
const file = (name, keys) => {
  writeFileSync(join(dir, name), JSON.stringify({ keys }));
  return join(dir, name);
};
const run = (...args) => execFileSync(driver, args, { encoding: 'utf8' }).trim().split('\n');
const all = file('all.json', Object.entries(KEYS).map(([alg, k]) => named(alg, k.open)));
const claims = { sub: 'u-9', iss: 'us', aud: ['x', 'paintbox'], scope: 'a b  c', exp: Math.floor(Date.now() / 1000) + 600 };

for (const [alg, key] of Object.entries(KEYS)) {
  test(`${alg}: jose accepts what we sign`, async () => {
    const [token] = run(file(`${alg}.json`, [named(alg, key.closed)]), 'sign');
    const { payload, protectedHeader } = await jwtVerify(token, await importJWK(key.open, alg), { issuer: 'us', audience: 'paintbox', algorithms: [alg] });
    assert.deepEqual([payload.sub, payload.role, payload.scopes], ['u-1', 'PAINTER', ['a', 'b']]);
    assert.deepEqual([protectedHeader.alg, protectedHeader.kid, payload.exp - payload.iat], [alg, `key-${alg}`, 600]);
    assert.match(run(all, 'verify', token)[0], /"sub":"u-1"/);
  });

  test(`${alg}: we accept what jose signs, and nothing that was changed`, async () => {
    const good = await new SignJWT(claims).setProtectedHeader({ alg, kid: `key-${alg}`, typ: 'at+jwt' }).sign(await importJWK(key.closed, alg));
    const changed = [];
    for (let i = 0; i < 40; i++) {
      const at = (i * 7919) % good.length;
      const other = good[at] === 'A' ? 'g' : 'A';
      if (good[at] !== '.') changed.push(good.slice(0, at) + other + good.slice(at + 1));
    }
    const opened = Object.fromEntries(await Promise.all(Object.entries(KEYS).map(async ([a, k]) => [a, await importJWK(k.open, a)])));
    const known = ({ alg: a, kid }) => (kid === undefined || kid === `key-${a}` ? opened[a] : undefined);
    const answers = run(all, 'verify', good, ...changed);
    assert.deepEqual(JSON.parse(answers[0]), { sub: 'u-9', scopes: ['a', 'b', 'c'] });
    for (const [i, token] of changed.entries()) {
      const theirs = await jwtVerify(token, known, { issuer: 'us', audience: 'paintbox', algorithms: Object.keys(KEYS) }).then(() => true, () => false);
      assert.equal(answers[i + 1].startsWith('{'), theirs, `${token}\n${answers[i + 1]}`);
    }
  });
}

test('a public key is no HMAC secret', () => {
  const part = (v) => Buffer.from(JSON.stringify(v)).toString('base64url');
  const tokens = ['RS256', 'ES256'].flatMap((alg) => {
    const text = `${part({ alg: 'HS256', kid: `key-${alg}` })}.${part(claims)}`;
    return [JSON.stringify(KEYS[alg].open), KEYS[alg].open.n ?? KEYS[alg].open.x].map((k) => `${text}.${createHmac('sha256', k).update(text).digest('base64url')}`);
  });
  for (const answer of run(all, 'verify', ...tokens)) assert.match(answer, /not known here/);
});

test('key sets that cannot be used', () => {
  const said = (keys) => spawnSync(driver, [file('odd.json', keys), 'sign'], { encoding: 'utf8' }).stdout;
  assert.match(said([]), /no key for HS256, RS256 or ES256/);
  assert.match(said([{ kty: 'OKP', crv: 'Ed25519', x: 'AAAA' }, { ...secret, use: 'enc' }, { ...secret, alg: 'HS512' }, 7, { kty: 'oct' }]), /no key for/);
  assert.match(said([named('RS256', KEYS.RS256.open)]), /public keys only/);
  assert.match(spawnSync(driver, ['/nowhere.json', 'sign'], { encoding: 'utf8' }).stdout, /the key set: cannot read/);
});
