// How the router's answer may differ from the monolith's: not at all in data, and only in the wording of its errors.

const SHOWN = 1000;

/** Where `path` ends in `data`: at the first null, or at its end. */
function nullAt(path, data) {
  let at = data;
  for (let i = 0; i < path.length; i++) {
    if (at === null || at === undefined) return path.slice(0, i);
    at = at[path[i]];
  }
  return path;
}

const places = (answer) => [...new Set((answer.errors ?? []).map((e) => JSON.stringify(e.path ? nullAt(e.path, answer.data) : 'nowhere')))].sort();
const isNull = (path, data) => path.reduce((at, step) => at?.[step], data) === null;

/** The first place where two JSON values part: "at …: got …, want …". */
function difference(got, want, path = []) {
  const text = (v) => (JSON.stringify(v) ?? 'nothing').slice(0, SHOWN);
  const [a, b] = [got, want].map((v) => (v && typeof v === 'object' ? Object.keys(v) : undefined));
  if (!a || !b || Array.isArray(got) !== Array.isArray(want) || a.join() !== b.join()) return `at ${path.join('.')}\n  got  ${text(got)}\n  want ${text(want)}`;
  const key = a.find((k) => JSON.stringify(got[k]) !== JSON.stringify(want[k]));
  return difference(got[key], want[key], [...path, key]);
}

/** '' or what is wrong with the text of our answer, when it should be like `want` (JSON text of data and errors). */
export function compareAnswers(text, want) {
  if (text === want) return '';
  let got;
  try {
    got = JSON.parse(text);
  } catch {
    return `no JSON: ${text.slice(0, 1000)}`;
  }
  const wanted = JSON.parse(want);
  if (JSON.stringify(got.data) !== JSON.stringify(wanted.data)) return `data differ ${difference(got.data, wanted.data)}\n  errors ${(JSON.stringify(got.errors) ?? 'none').slice(0, SHOWN)}`;
  const many = /errors were left out$/.test(got.errors?.at(-1)?.message ?? '');
  if (many) got.errors.pop();
  for (const e of got.errors ?? []) {
    if (!e.path) return `an error without a path: ${JSON.stringify(e)}`;
    if (!isNull(nullAt(e.path, got.data), got.data)) return `an error where nothing is null: ${JSON.stringify(e)}`;
    if (!/^trouble|^Cannot return null/.test(e.message)) return `a strange error: ${JSON.stringify(e)}`;
  }
  const [a, b] = [places(got), places(wanted)];
  // After a thousand errors the rest is only counted.
  if (many ? a.every((place) => b.includes(place)) : a.join() === b.join()) return '';
  return `errors at other places\n  got  ${a}\n  want ${b}\n  errors ${JSON.stringify(got.errors)}\n  wanted ${JSON.stringify(wanted.errors)}`;
}
