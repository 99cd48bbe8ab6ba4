// A strict reader of the XML that programs write: elements, attributes, text, the five entities and numeric ones. Throws on
// anything that is not well-formed.

const ENTITIES = { amp: '&', lt: '<', gt: '>', quot: '"', apos: '\'' };
const NAME = /[A-Za-z_][\w.-]*/y;

export function parseXml(text) {
  let at = 0;
  const fail = (why) => { throw new Error(`XML, at ${at} (${JSON.stringify(text.slice(at, at + 30))}): ${why}`); };
  const take = (pattern, why) => { pattern.lastIndex = at; const m = pattern.exec(text); if (!m) fail(why); at += m[0].length; return m[0]; };
  const decode = (s) => {
    // eslint-disable-next-line no-control-regex
    if (/[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]|[<]/.test(s)) fail('a character that must not stand here');
    if (/&(?!#\d+;|#x[\da-f]+;|\w+;)/i.test(s)) fail('a lone &');
    return s.replace(/&(#\d+|\w+);/g, (_, e) => (e[0] === '#' ? String.fromCodePoint(Number(e.slice(1))) : ENTITIES[e] ?? fail(`entity ${e}`)));
  };
  const element = () => {
    take(/</y, 'an element');
    const node = { name: take(NAME, 'a name'), attributes: {}, children: [], text: '' };
    while (/\s/.test(text[at])) {
      take(/\s+/y);
      if (/[/>]/.test(text[at])) break;
      const name = take(NAME, 'an attribute');
      if (name in node.attributes) fail(`attribute ${name} twice`);
      node.attributes[name] = decode(take(/="[^"]*"/y, 'a value').slice(2, -1));
    }
    if (text.startsWith('/>', at)) { at += 2; return node; }
    take(/>/y, 'the end of a tag');
    while (!text.startsWith('</', at)) {
      if (text[at] === '<') node.children.push(element());
      else node.text += decode(take(/[^<]+/y, 'text'));
    }
    at += 2;
    if (take(NAME, 'a name') !== node.name) fail(`the end of ${node.name}`);
    take(/>/y, 'the end of a tag');
    return node;
  };
  take(/<\?xml version="1\.0" encoding="UTF-8"\?>\s*/y, 'the declaration');
  const root = element();
  take(/\s*$/y, 'the end');
  return root;
}
