// The build targets that the tests of some suites need: node targets.mjs BUILD-DIR --suite NAME …
import { execFileSync } from 'node:child_process';
import { relative } from 'node:path';

const [dir, ...args] = process.argv.slice(2);
const suites = args.filter((_, i) => args[i - 1] === '--suite');
const tests = JSON.parse(execFileSync('meson', ['introspect', '--tests', dir], { maxBuffer: 1 << 26 }));
const targets = JSON.parse(execFileSync('meson', ['introspect', '--targets', dir], { maxBuffer: 1 << 26 }));
const needed = new Set(tests.filter((t) => t.suite.some((s) => suites.includes(s.split(':').pop()))).flatMap((t) => t.depends));
console.log(targets.filter((t) => needed.has(t.id)).flatMap((t) => t.filename.map((f) => relative(dir, f))).join(' '));
