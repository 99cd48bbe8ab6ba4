// The subgraphs of one router: first alive, while every request and its reply are written down, then as a recording.
import { createServer } from 'node:http';
import { execute, parse } from 'graphql';
import { writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { schemas } from './graph.mjs';
import { LOAD_CORE, start, until } from './machine.mjs';

const SLOWEST_MS = 3;

// Serves all four at http://127.0.0.1:PORT/NAME. lines() is the recording, of {path, body, reply}; it throws when something could not be
// answered. known() is how many there are.
export async function live(port) {
    const executable = schemas();
    const seen = new Map();
    let failure;
    const server = createServer(async (request, response) => {
        const chunks = [];
        for await (const c of request) chunks.push(c);
        const body = Buffer.concat(chunks).toString();
        const key = `${request.url}\n${body}`;
        try {
            if (!seen.has(key)) seen.set(key, await answer(executable[request.url.slice(1)], body));
        } catch (e) {
            failure ??= e;
            response.writeHead(500).end();
            return;
        }
        await sleep(Math.random() * SLOWEST_MS);
        response.writeHead(200, { 'content-type': 'application/json' }).end(seen.get(key));
    });
    await new Promise((done) => server.listen(port, '127.0.0.1', done));
    return {
        async close() {
            server.closeAllConnections();
            await new Promise((done) => server.close(done));
        },
        known: () => seen.size,
        lines() {
            if (failure) throw failure;
            return [...seen].map(([key, reply]) => {
                const cut = key.indexOf('\n');
                return JSON.stringify({ path: key.slice(0, cut), body: key.slice(cut + 1), reply });
            });
        },
    };
}

async function answer(schema, body) {
    const { query, variables, operationName } = JSON.parse(body);
    const result = await execute({ schema, document: parse(query), variableValues: variables, operationName });
    if (result.errors) throw new Error(`a subgraph failed: ${result.errors[0].message}\n${body}`);
    return JSON.stringify(result);
}

export async function replay(port, lines, dir, name) {
    const file = `${dir}/${name}.recording`;
    writeFileSync(file, `${lines.join('\n')}\n`);
    const p = start(LOAD_CORE, `${process.env.BENCH_BUILD}/bench/bench-replay`, [`127.0.0.1:${port}`, file],
        { log: `${dir}/${name}.replay.log` });
    p.stats = async () => (await fetch(`http://127.0.0.1:${port}/stats`)).json();
    await until(`the recorded subgraphs of ${name}`, p, async () => (await p.stats()).answered >= 0);
    return p;
}
