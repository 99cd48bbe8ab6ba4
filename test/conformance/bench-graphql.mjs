// Parsing and printing, ours beside graphql-js: node bench-graphql.mjs FILE...   (BUILD_DIR as for the tests)
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse, print } from 'graphql-js';

const files = process.argv.slice(2);
const bench = join(process.env.BUILD_DIR ?? 'build', 'src/graphql/bench-graphql');
const ours = execFileSync(bench, files, { encoding: 'utf8' }).trim().split('\n').map((line) => line.split(' '));

/** µs of one call, the best of many rounds */
function measure(run) {
  let best = Infinity;
  for (let round = 0; round < 60; round++) {
    const start = process.hrtime.bigint();
    let n = 0;
    let now = start;
    for (; now - start < 20_000_000n; now = process.hrtime.bigint(), n++) run();
    best = Math.min(best, Number(now - start) / 1000 / n);
  }
  return best;
}

for (const [file, bytes, parseUs, printUs, memory] of ours) {
  const text = readFileSync(file, 'utf8');
  const document = parse(text, { noLocation: true });
  const js = { parse: measure(() => parse(text)), print: measure(() => print(document)) };
  console.log(`${file}: ${bytes} bytes, parse ${parseUs} µs (${(bytes / parseUs).toFixed(0)} MB/s), graphql-js ${js.parse.toFixed(1)} µs, ` +
    `ratio ${(js.parse / parseUs).toFixed(1)}; print ${printUs} µs, graphql-js ${js.print.toFixed(1)} µs, ratio ` +
    `${(js.print / printUs).toFixed(1)}; arena ${(memory / bytes).toFixed(1)} bytes per byte`);
}
