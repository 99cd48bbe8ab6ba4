// `up`, `status`, `down`: clear words, and never a half-running system.
import assert from 'node:assert/strict';
import { createServer } from 'node:net';
import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { it } from 'node:test';
import { System, freePortBase, paintbox, temporaryFolder } from './lib/system.mjs';

it('starts, tells its state, stops, and finds its data again', async () => {
  const system = await System.start({ args: ['--no-seed'] });
  assert.match(system.summary, /Paintbox is up/);
  const status = await system.status();
  assert.equal(status.code, 0, status.stdout);
  assert.match(status.stdout, /router .* healthy/);

  const created = await system.graphql(`mutation { createCustomer(input: { firstName: "Ada", lastName: "Byron", email: "ADA@example.com" }) {
    ... on CustomerSuccess { customer { id email } } ... on UserError { message } } }`);
  assert.equal(created.data.createCustomer.customer.email, 'ada@example.com');

  assert.equal((await system.down()).code, 0);
  assert.equal((await system.status()).code, 3);
  assert.equal((await system.up(['--no-seed'])).code, 0);
  const { data } = await system.graphql('query ($id: ID!) { customer(id: $id) { displayName } }', created.data.createCustomer.customer);
  assert.equal(data.customer.displayName, 'Ada Byron');
  await system.stop();
});

it('refuses a second system in the same folder, allows one beside it', async () => {
  const first = await System.start({ args: ['--no-seed'] });
  const again = await paintbox(['up', '--detach', '--no-seed', '--data', first.dir, '--port-base', String(await freePortBase())]);
  assert.equal(again.code, 1);
  assert.match(again.stderr, /is in use by process \d+/);
  const second = await System.start({ args: ['--no-seed'] });
  assert.equal((await second.status()).code, 0);
  await second.stop();
  assert.equal((await first.status()).code, 0);
  await first.stop();
});

it('names a taken port and leaves nothing running', async () => {
  const base = await freePortBase(), dir = temporaryFolder();
  const holder = createServer();
  await new Promise((resolve) => holder.listen(base + 4, '127.0.0.1', resolve));
  const up = await paintbox(['up', '--detach', '--no-seed', '--data', dir, '--port-base', String(base)]);
  assert.equal(up.code, 1);
  assert.match(up.stderr, new RegExp(`port ${base + 4}, which the projects needs`));
  assert.equal(existsSync(join(dir, 'state.json')), false);
  assert.equal((await paintbox(['status', '--data', dir])).code, 3);
  await new Promise((resolve) => holder.close(resolve));
  rmSync(dir, { recursive: true });
});

it('takes no notice of a lock that nobody holds', async () => {
  const dir = temporaryFolder();
  writeFileSync(join(dir, 'lock'), '999999\n');
  const system = await System.start({ dir, args: ['--no-seed'] });
  assert.equal((await system.status()).code, 0);
  await system.stop();
});

it('explains wrong words', async () => {
  for (const [args, code, words] of [
    [['up', '--prot-base', '1'], 2, /unknown option --prot-base .*--port-base/],
    [['up', '--port-base', 'x'], 2, /--port-base has to be a whole number/],
    [['frobnicate'], 2, /unknown command "frobnicate"/],
    [['token', '--role', 'KING'], 2, /"KING" is no role/],
    [['router'], 2, /--supergraph FILE is missing/],
    [['router', '--supergraph', '/nowhere'], 1, /the supergraph: cannot read \/nowhere/],
  ]) {
    const result = await paintbox(args);
    assert.equal(result.code, code, args.join(' '));
    assert.match(result.stderr, words);
  }
});
