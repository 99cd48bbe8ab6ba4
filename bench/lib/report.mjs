// Tables for people: median (least–most) over the rounds.
const sorted = (values) => [...values].sort((a, b) => a - b);
const median = (values) => sorted(values)[Math.floor(values.length / 2)];

const spread = (values, digits) => {
    const v = sorted(values);
    return `${median(v).toFixed(digits)} (${v[0].toFixed(digits)}–${v.at(-1).toFixed(digits)})`;
};

const COLUMNS = [
    ['requests/s', (r) => spread(r.map((x) => x.perSecond), 0)],
    ['CPU µs/request', (r) => spread(r.map((x) => x.cpu), 0)],
    ['p50 ms', (r) => median(r.map((x) => x.p50)).toFixed(1)],
    ['p99 ms', (r) => median(r.map((x) => x.p99)).toFixed(1)],
    ['resident MB (peak)', (r) => `${median(r.map((x) => x.rss)).toFixed(0)} (${Math.max(...r.map((x) => x.peak)).toFixed(0)})`],
    ['host took %, both cores', (r) => [0, 1].map((core) => median(r.map((x) => x.stolen[core])).toFixed(0)).join(', ')],
    ['subgraph requests', (r) => median(r.map((x) => x.fetches)).toFixed(1)],
];

export function table(rows) {
    const cells = [['', ...COLUMNS.map(([title]) => title)], ...rows.map((row) => [row.title, ...COLUMNS.map(([, cell]) => cell(row.rounds))])];
    const widths = cells[0].map((_, i) => Math.max(...cells.map((row) => row[i].length)));
    const line = (row) => `| ${row.map((c, i) => (i ? c.padStart(widths[i]) : c.padEnd(widths[i]))).join(' | ')} |`;
    console.log(line(cells[0]));
    console.log(`| ${widths.map((w, i) => (i ? `${'-'.repeat(w - 1)}:` : '-'.repeat(w))).join(' | ')} |`);
    cells.slice(1).forEach((row) => console.log(line(row)));
    console.log();
}

// Ours against a peer, round by round, so that what disturbs a round disturbs both.
export function ratioOf(title, ours, theirs) {
    const ratio = (value) => spread(ours.map((mine, i) => value(mine, theirs[i])), 2);
    console.log(`Paintbox / ${title}: requests per second ×${ratio((a, b) => a.perSecond / b.perSecond)}; ` +
        `CPU per request ÷${ratio((a, b) => b.cpu / a.cpu)}; memory ÷${ratio((a, b) => b.rss / a.rss)}`);
}

// Ours against who only forwards the bytes.
export function floorOf(title, ours, theirs) {
    const ratio = (value) => spread(ours.map((mine, i) => value(mine) / value(theirs[i])), 2);
    console.log(`Paintbox / ${title}: requests per second ×${ratio((r) => r.perSecond)}; CPU per request ×${ratio((r) => r.cpu)}; ` +
        `memory ×${ratio((r) => r.rss)}`);
}
