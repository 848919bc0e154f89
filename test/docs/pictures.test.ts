import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './pages';
import { draw } from '../../docs/pictures/picture';

const PICTURES = join(ROOT, 'docs/pictures');
const NAMES = readdirSync(PICTURES).filter((name) => name.endsWith('.txt')).map((name) => name.slice(0, -'.txt'.length));

test('there is a text for each picture', () => {
  expect(readdirSync(PICTURES).filter((name) => name.endsWith('.svg'))).toEqual(NAMES.map((name) => `${name}.svg`));
});

test.each(NAMES)('%s.svg is what its text gives; if not, draw it again by docs/pictures/draw.ts', (name) => {
  expect(readFileSync(join(PICTURES, `${name}.svg`), 'utf8')).toBe(draw(readFileSync(join(PICTURES, `${name}.txt`), 'utf8')));
});

test.each(NAMES)('%s can be read without being seen', (name) => {
  const text = readFileSync(join(PICTURES, `${name}.txt`), 'utf8');
  expect(text).toMatch(/^title \S/m);
  expect(text).toMatch(/^alt \S/m);
});

describe('a text that cannot be read', () => {
  test.each<[string, string]>([
    ['plain a 0,0', 'line 1 "plain a 0,0": the place is not X,Y WxH'],
    ['circle a 0,0 1x1', 'line 1 "circle a 0,0 1x1": circle is none of title, alt, cell, arrow, plain, strong'],
    ['plain a 0,0 1x1\narrow a b', 'line 2 "arrow a b": nothing above it is named b'],
    ['plain a 0,0 1x1\nplain a 1,0 1x1', 'line 2 "plain a 1,0 1x1": a is there already'],
  ])('%j is refused', (text, message) => {
    expect(() => draw(text)).toThrow(message);
  });
});

test('text is escaped', () => {
  expect(draw('plain a 0,0 1x1 | <b> & "c"')).toContain('&lt;b&gt; &amp; "c"</text>');
});
