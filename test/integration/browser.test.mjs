// The documentation explorer in a real browser: what a newcomer does first, and nothing of it leaves this machine.
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { after, before, describe, it } from 'node:test';
import { chromium } from 'playwright-core';
import { makeCustomer } from './lib/rows.mjs';
import { System } from './lib/system.mjs';

const BROWSER = '/usr/bin/chromium';
const FLAGS = ['--headless=new', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
  '--disable-background-networking', '--disable-component-update', '--disable-sync'];
const skip = existsSync(BROWSER) ? false : `no ${BROWSER}: install the package chromium`;

describe('the explorer in a browser', { skip }, () => {
  let system, browser, page;
  const elsewhere = [], broken = [];

  before(async () => {
    system = await System.start({ args: ['--no-seed'] });
    for (let n = 0; n < 2; n++) await makeCustomer(system, n);
    browser = await chromium.launch({ executablePath: BROWSER, args: FLAGS });
    const context = await browser.newContext({ viewport: { width: 1400, height: 900 } });
    await context.route((url) => url.hostname !== '127.0.0.1' && !['data:', 'blob:'].includes(url.protocol), (route) => {
      elsewhere.push(route.request().url());
      return route.abort();
    });
    page = await context.newPage();
    page.setDefaultTimeout(60000);
    page.on('pageerror', (e) => broken.push(e.message));
  });
  after(async () => {
    await browser?.close();
    await system?.stop();
  });

  it('loads the schema without a token', async () => {
    const introspection = page.waitForResponse((r) => r.url().endsWith('/graphql') && r.request().method() === 'POST');
    await page.goto(`http://127.0.0.1:${system.base}/`);
    const { data, errors } = await (await introspection).json();
    assert.equal(errors, undefined);
    assert.ok(data.__schema.types.some((t) => t.name === 'Customer'));
    await page.getByRole('button', { name: /documentation explorer/i }).first().click();
    await page.locator('.graphiql-doc-explorer').getByText('Mutation', { exact: true }).waitFor();
  });

  it('runs the first example with a token pasted into Headers', async () => {
    await page.locator('.graphiql-editor-tool .monaco-editor, .graphiql-editor-tool .CodeMirror').last().click();
    await page.keyboard.press('Control+A');
    await page.keyboard.insertText(JSON.stringify({ authorization: `Bearer ${await system.token()}` }));
    const answer = page.waitForResponse((r) => r.url().endsWith('/graphql') && (r.request().postData() ?? '').includes('CustomerList'));
    await page.getByRole('button', { name: /execute query/i }).click();
    const { data, errors } = await (await answer).json();
    assert.equal(errors, undefined, JSON.stringify(errors));
    assert.deepEqual(data.customers.nodes.map((c) => c.displayName).sort(), ['Row Number 0', 'Row Number 1']);
    await page.locator('.result-window').getByText('Row Number 1').first().waitFor();
    if (process.env.SCREENSHOT) await page.screenshot({ path: process.env.SCREENSHOT });
  });

  it('asks nobody but this machine, and throws nothing', () => {
    assert.deepEqual(elsewhere, []);
    assert.deepEqual(broken, []);
  });
});
