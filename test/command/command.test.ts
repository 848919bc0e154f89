import { Command } from '../../src';

it('keeps its words, whatever happens to the array that they came from', () => {
  const words = ['a', 'b'];
  const command = Command.argv('echo', ...words);
  words.push('c');
  expect(command._command).toEqual(['echo', 'a', 'b']);
});

it('keeps shell text as it is', () => {
  expect(Command.shell(' a && b\n')._command).toBe(' a && b\n');
});
