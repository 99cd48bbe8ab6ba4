// Adds up results: Meson's testlog.json files, whose tests say how many cases they ran (cmocka, node --test), and TAP files.
// Prints "N passed, N failed" as the last line; the exit status is 1 when anything failed or nothing ran.
import { existsSync, readFileSync } from 'node:fs';

let [passed, failed] = [0, Number(process.argv[2])];

const sum = (text, pattern) => [...text.matchAll(pattern)].reduce((n, m) => n + Number(m[1]), 0);

function countOutput(text) {
  const good = sum(text, /\[ {2}PASSED {2}\] (\d+) test/g) + sum(text, /^(?:#|ℹ) pass (\d+)$/gm);
  const bad = sum(text, /\[ {2}FAILED {2}\] (\d+) test/g) + sum(text, /^(?:#|ℹ) fail (\d+)$/gm);
  return [good, bad];
}

for (const file of process.argv.slice(3).filter(existsSync)) {
  const text = readFileSync(file, 'utf8');
  if (file.endsWith('.tap')) {
    const [good, bad] = countOutput(text);
    passed += good;
    failed += bad || (good ? 0 : 1);
    continue;
  }
  for (const line of text.split('\n').filter(Boolean)) {
    const test = JSON.parse(line);
    const [good, bad] = countOutput(`${test.stdout ?? ''}\n${test.stderr ?? ''}`);
    const ok = test.result === 'OK' || test.result === 'EXPECTEDFAIL' || test.result === 'SKIP';
    passed += good || (ok ? 1 : 0);
    failed += ok ? 0 : bad || 1;
    if (!ok) console.log(`FAILED ${test.name}`);
  }
}

console.log(`${passed} passed, ${failed} failed`);
process.exit(failed || !passed ? 1 : 0);
