// The routers: how each is started as one process for one core, with a supergraph (or the subgraphs' SDL) and a port.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { sdl, SUBGRAPHS, supergraph } from './graph.mjs';
import { ROUTER_CORE, start } from './machine.mjs';

const bench = new URL('..', import.meta.url).pathname;
const cargo = `${bench}peers/.cargo/bin`;
const production = { NODE_ENV: 'production' };
const FIRST_PORT = 4500;

function paintbox(sharing) {
    return ({ dir, name, port, file }) => {
        const settings = `${dir}/${name}.yaml`;
        writeFileSync(settings, `router:\n  sharing: { subgraph: ${sharing}, inbound: ${sharing} }\n`);
        return start(ROUTER_CORE, process.env.PAINTBOX_PROGRAM, ['router', '--supergraph', file, '--listen', `127.0.0.1:${port}`,
            '--workers', '1', '--config', settings], { log: `${dir}/${name}.log` });
    };
}

// Forwards the client's request as it is, to a recording that has the whole answer: what no router can do with less.
function nginx({ dir, name, port, subgraphsPort }) {
    const home = `${dir}/${name}`;
    mkdirSync(home, { recursive: true });
    const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((kind) => `${kind}_temp_path ${home}/${kind};`).join(' ');
    writeFileSync(`${home}/nginx.conf`, `
        daemon off; master_process off; worker_processes 1; pid ${home}/nginx.pid; error_log stderr warn;
        events { worker_connections 1024; }
        http {
            access_log off; ${temporary} keepalive_requests 1000000000; tcp_nodelay on;
            proxy_buffer_size 128k; proxy_buffers 8 128k; proxy_busy_buffers_size 256k; proxy_max_temp_file_size 0;
            upstream recording { server 127.0.0.1:${subgraphsPort}; keepalive 256; keepalive_requests 1000000000; }
            server {
                listen 127.0.0.1:${port};
                location / { proxy_pass http://recording; proxy_http_version 1.1; proxy_set_header Connection ""; }
            }
        }`);
    return start(ROUTER_CORE, 'nginx', ['-p', home, '-c', `${home}/nginx.conf`], { log: `${dir}/${name}.log` });
}

function hiveGateway(...options) {
    return ({ dir, name, port, file }) => start(ROUTER_CORE, 'node', [`${bench}node_modules/@graphql-hive/gateway/dist/bin.js`, 'supergraph', file,
        '--host', '127.0.0.1', '--port', `${port}`, '--fork', '1', '--polling', '1h', '--disable-websockets', ...options],
    { log: `${dir}/${name}.log`, env: { ...production, LOG_LEVEL: 'warn' } });
}

function hiveRouter(dedupe) {
    return ({ dir, name, port, file }) => {
        const settings = `${dir}/${name}.yaml`;
        writeFileSync(settings, `
supergraph: { source: file, path: ${file} }
http: { host: 127.0.0.1, port: ${port}, workers: 1 }
log: { level: warn }
traffic_shaping:
  all: { dedupe_enabled: ${dedupe} }
  http_client_mode: per_worker
`);
        return start(ROUTER_CORE, `${cargo}/hive_router`, [], { log: `${dir}/${name}.log`, env: { ROUTER_CONFIG_FILE_PATH: settings } });
    };
}

function apolloRouter(dedupe) {
    return ({ dir, name, port, file }) => {
        const settings = `${dir}/${name}.yaml`;
        writeFileSync(settings, `
supergraph: { listen: 127.0.0.1:${port}, path: /graphql }
health_check: { enabled: false }
traffic_shaping: { all: { deduplicate_query: ${dedupe} } }
`);
        return start(ROUTER_CORE, `${cargo}/router`, ['--config', settings, '--supergraph', file, '--log', 'warn', '--anonymous-telemetry-disabled'],
            { log: `${dir}/${name}.log`, env: { APOLLO_TELEMETRY_DISABLED: 'true', APOLLO_ROUTER_IO_THREADS: '1', APOLLO_ROUTER_COMPUTE_THREADS: '1' } });
    };
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

const installed = (command) => () => {
    try {
        execFileSync('sh', ['-c', `command -v ${command}`], { stdio: 'ignore' });
        return null;
    } catch {
        return `${command} is not installed (Debian: apt-get install ${command})`;
    }
};
const built = (program) => () => (existsSync(`${cargo}/${program}`) ? null : '`bench/run peers` has not built it');
const always = () => null;

// `missing` says why a peer cannot take part here, or null.
const peers = {
    paintbox: { title: 'Paintbox router, sharing off', begin: paintbox(false), missing: always },
    'paintbox-sharing': { title: 'Paintbox router as it comes, sharing', begin: paintbox(true), missing: always },
    nginx: { title: 'nginx, which only forwards', begin: nginx, missing: installed('nginx'), forwards: true },
    'hive-router': { title: 'Hive Router 0.3.10', begin: hiveRouter(false), missing: built('hive_router') },
    'hive-router-dedupe': { title: 'Hive Router 0.3.10, sharing', begin: hiveRouter(true), missing: built('hive_router') },
    'apollo-router': { title: 'Apollo Router 2.17.0', begin: apolloRouter(false), missing: built('router') },
    'apollo-router-dedupe': { title: 'Apollo Router 2.17.0, sharing', begin: apolloRouter(true), missing: built('router') },
    grafbase: { title: 'Grafbase 0.103.0 (`grafbase dev`), sharing', begin: grafbase, missing: always },
    apollo: {
        title: '@apollo/gateway 2.14.4', missing: always,
        begin: ({ dir, name, port, file }) => start(ROUTER_CORE, 'node', [`${bench}peers/apollo.mjs`, file, `${port}`],
            { log: `${dir}/${name}.log`, env: production }),
    },
    hive: { title: 'Hive Gateway 2.15.1, sharing', begin: hiveGateway(), missing: always },
    'hive-rust': { title: 'the same, with its Rust planner', begin: hiveGateway('--hive-router-runtime'), missing: always },
};

export const PEERS = Object.keys(peers);

// Where a router and its subgraphs live.
export function place(dir, name) {
    const port = FIRST_PORT + 10 * PEERS.indexOf(name);
    const url = (subgraph) => `http://127.0.0.1:${port + 1}/${subgraph}`;
    return { ...peers[name], dir, name, port, subgraphsPort: port + 1, url, endpoint: `http://127.0.0.1:${port}/graphql`, file: `${dir}/${name}.supergraph.graphql` };
}

export function startPeer(at) {
    writeFileSync(at.file, supergraph(at.url));
    return at.begin(at);
}
