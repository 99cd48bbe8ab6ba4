// The routers: how each is started as one process for one core, with a supergraph (or the subgraphs' SDL) and a port.
import { mkdirSync, writeFileSync } from 'node:fs';
import { sdl, SUBGRAPHS, supergraph } from './graph.mjs';
import { ROUTER_CORE, start } from './machine.mjs';

const bench = new URL('..', import.meta.url).pathname;
const production = { NODE_ENV: 'production' };

function hive(extra) {
    return ({ dir, name, port, file }) => start(ROUTER_CORE, 'node', [`${bench}node_modules/@graphql-hive/gateway/dist/bin.js`, 'supergraph', file,
        '--host', '127.0.0.1', '--port', `${port}`, '--fork', '1', '--polling', '1h', '--disable-websockets', ...extra],
    { log: `${dir}/${name}.log`, env: { ...production, LOG_LEVEL: 'warn' } });
}

// Grafbase's npm package holds its command line tool, whose `dev` runs the gateway; it composes the subgraphs by itself.
function grafbase({ dir, name, port, url }) {
    const home = `${dir}/${name}`;
    mkdirSync(home, { recursive: true });
    const settings = ['[telemetry.exporters.stdout]', 'enabled = false'];
    for (const subgraph of SUBGRAPHS) {
        writeFileSync(`${home}/${subgraph}.graphql`, sdl[subgraph]);
        settings.push(`[subgraphs.${subgraph}]`, `url = "${url(subgraph)}"`, `schema_path = "${subgraph}.graphql"`);
    }
    writeFileSync(`${home}/grafbase.toml`, `${settings.join('\n')}\n`);
    return start(ROUTER_CORE, `${bench}node_modules/@grafbase/cli-x86_64-unknown-linux-musl/grafbase`,
        ['--home', home, 'dev', '-c', 'grafbase.toml', '--listen-address', `127.0.0.1:${port}`],
        { log: `${dir}/${name}.log`, cwd: home, env: { HOME: home, GRAFBASE_TELEMETRY_DISABLED: '1' } });
}

const starters = {
    paintbox: ({ dir, name, port, file }) => start(ROUTER_CORE, process.env.PAINTBOX_PROGRAM,
        ['router', '--supergraph', file, '--listen', `127.0.0.1:${port}`, '--workers', '1'], { log: `${dir}/${name}.log` }),
    apollo: ({ dir, name, port, file }) => start(ROUTER_CORE, 'node', [`${bench}peers/apollo.mjs`, file, `${port}`],
        { log: `${dir}/${name}.log`, env: production }),
    hive: hive([]),
    'hive-rust': hive(['--hive-router-runtime']),
    grafbase,
};

export const TITLES = {
    paintbox: 'Paintbox router',
    apollo: '@apollo/gateway 2.14.4',
    hive: 'Hive Gateway 2.15.1',
    'hive-rust': 'the same, with its Rust planner',
    grafbase: 'Grafbase 0.103.0 (`grafbase dev`)',
};

export const PEERS = Object.keys(starters);

// Where a router and its subgraphs live.
export function place(dir, name) {
    const port = 4300 + 10 * PEERS.indexOf(name);
    const url = (subgraph) => `http://127.0.0.1:${port + 1}/${subgraph}`;
    return { dir, name, port, subgraphsPort: port + 1, url, endpoint: `http://127.0.0.1:${port}/graphql`, file: `${dir}/${name}.supergraph.graphql` };
}

export function startPeer(at) {
    writeFileSync(at.file, supergraph(at.url));
    return starters[at.name](at);
}
