/** `=== subgraph NAME`, `=== operations`, `=== variables`, `=== end` */
export function readFixture(text) {
  const out = { subgraphs: {}, operations: '', variables: {} };
  for (const part of text.split(/^=== /m).slice(1)) {
    const [, word, name, body] = part.match(/^(\w+)(?: (\w+))?\n([^]*)$/);
    if (word === 'subgraph') out.subgraphs[name] = body;
    if (word === 'operations') out.operations = body;
    if (word === 'variables') out.variables = JSON.parse(body);
  }
  return out;
}
