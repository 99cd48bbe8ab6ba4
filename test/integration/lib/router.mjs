// A router process in front of subgraphs that live in the test: composed by Apollo's package, asked over HTTP.
import { composeServices } from '@apollo/composition';
import { buildSubgraphSchema } from '@apollo/subgraph';
import { execute, parse, validate } from 'graphql';
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

export const program = process.env.PAINTBOX_PROGRAM ?? new URL('../../../build/src/cli/paintbox', import.meta.url).pathname;

export const LINK = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@requires", "@provides",
  "@external", "@shareable", "@override", "@interfaceObject", "@inaccessible", "@tag", "@authenticated", "@requiresScopes", "@context", "@fromContext"])\n`;
const linked = (sdl) => (sdl.includes('@link(') ? sdl : LINK + sdl);

/** [{name, url, sdl}] → supergraph SDL; throws what composition says. */
export function compose(subgraphs) {
  const result = composeServices(subgraphs.map(({ name, url, sdl }) => ({ name, url, typeDefs: parse(linked(sdl)) })));
  if (result.errors?.length) throw new Error(result.errors.map((e) => e.message).join('\n'));
  return result.supergraphSdl;
}

/** Text of the body. */
export async function bodyOf(request) {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}

/** An HTTP server on a free port of 127.0.0.1: {url, requests, close()}. `handle(request, response, body)`. */
export async function serve(handle) {
  const seen = [];
  const server = createServer(async (request, response) => {
    const body = await bodyOf(request).catch(() => '');
    seen.push({ headers: request.headers, body });
    await handle(request, response, body);
  });
  server.keepAliveTimeout = 60000;
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address();
  return {
    port, server, requests: seen, url: `http://127.0.0.1:${port}/graphql`,
    close: () => new Promise((resolve) => (server.close(resolve), server.closeAllConnections())),
  };
}

/** A subgraph that answers with @apollo/subgraph and graphql-js: {name, sdl, url, close()}. */
export async function subgraph(name, sdl, resolvers = {}) {
  const schema = buildSubgraphSchema({ typeDefs: parse(linked(sdl)), resolvers });
  const server = await serve(async (request, response, body) => {
    const { query, variables, operationName } = JSON.parse(body);
    const document = parse(query);
    const invalid = validate(schema, document);
    const result = invalid.length ? { errors: invalid }
      : await execute({ schema, document, variableValues: variables, operationName, contextValue: { headers: request.headers } });
    response.writeHead(invalid.length ? 400 : 200, { 'content-type': 'application/graphql-response+json' }).end(JSON.stringify(result));
  });
  return { name, sdl, ...server };
}

async function freePort() {
  const server = createServer();
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}

export class Router {
  /** options: {args: [], config: yaml text, program, workers} */
  static async start(supergraph, { args = [], config, program: path = program, env = {}, workers = 1 } = {}) {
    const router = new Router();
    router.dir = mkdtempSync(join(tmpdir(), 'router-test-'));
    writeFileSync(join(router.dir, 'supergraph.graphql'), supergraph);
    const more = [...args];
    if (config) {
      writeFileSync(join(router.dir, 'paintbox.yaml'), config);
      more.push('--config', join(router.dir, 'paintbox.yaml'));
    }
    router.child = spawn(path, ['router', '--supergraph', join(router.dir, 'supergraph.graphql'), '--listen', `127.0.0.1:${workers > 1 ? await freePort() : 0}`,
      '--workers', String(workers), ...more], { stdio: ['ignore', 'ignore', 'pipe'], env: { ...process.env, ...env } });
    router.log = [];
    router.ended = new Promise((resolve) => router.child.once('exit', (code, signal) => resolve(signal ?? code)));
    router.address = await new Promise((resolve, reject) => {
      createInterface({ input: router.child.stderr }).on('line', (line) => {
        router.log.push(line);
        const found = /listening on (\S+)/.exec(line);
        if (found) resolve(found[1]);
      });
      router.ended.then((code) => reject(new Error(`the router ended with ${code}:\n${router.log.join('\n')}`)));
    });
    router.origin = `http://${router.address}`;
    router.url = `${router.origin}/graphql`;
    return router;
  }

  async post(body, headers = {}) {
    const response = await fetch(this.url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: typeof body === 'string' || body instanceof Uint8Array ? body : JSON.stringify(body),
    });
    const text = await response.text();
    let json;
    try {
      json = JSON.parse(text);
    } catch {
      // not JSON: the caller sees the text
    }
    return { status: response.status, headers: response.headers, text, json };
  }

  /** {data, errors} */
  async ask(query, variables, headers) {
    return (await this.post({ query, variables }, headers)).json;
  }

  /** Resident memory in KiB. */
  memory() {
    return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${this.child.pid}/status`, 'utf8'))[1]);
  }

  /** The most it ever was. */
  memoryPeak() {
    return Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${this.child.pid}/status`, 'utf8'))[1]);
  }

  /** Ends it; gives its exit status, which is 0 when it stopped cleanly and no sanitizer has complained. */
  async stop() {
    this.child.kill('SIGTERM');
    const code = await this.ended;
    rmSync(this.dir, { recursive: true, force: true });
    return code;
  }
}
