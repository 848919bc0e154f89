import * as fc from 'fast-check';
import { membersOf, textOf } from '../../../src/client/stacks/xml-text';

const escaped = (text: string) => text.replace(/[<>&"']/g, (char) => ({ '<': '&lt;', '>': '&gt;', '&': '&amp;', '"': '&quot;', "'": '&#39;' })[char]!);

test('any text comes back as it was written', () => {
  fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => {
    expect(textOf(`<a>x</a><b>${escaped(text)}</b>`, 'b')).toBe(text);
  }));
});

test('members of one list, each for itself', () => {
  const xml = '<Tags><member><Key>t</Key></member></Tags>\n<Outputs>\n<member>\n<Key>a</Key></member><member><Key>b</Key></member></Outputs>';
  expect(membersOf(xml, 'Outputs').map((member) => textOf(member, 'Key'))).toEqual(['a', 'b']);
  expect(membersOf(xml, 'None')).toEqual([]);
});

test('what is not there is undefined, what is no entity stays', () => {
  expect(textOf('<a/>', 'b')).toBeUndefined();
  expect(textOf('<a>&what; &#x2014; &#99999999; &#x110000;</a>', 'a')).toBe('&what; — &#99999999; &#x110000;');
});
