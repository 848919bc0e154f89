import * as fc from 'fast-check';
import { readCommand } from '../../../src/local/page/command-text';
import { composeCommandLine } from '../../../src/service/command-line';

test('what this library sends is read as it was written', () => {
  expect(readCommand(composeCommandLine({ command: 'npm test' }))).toEqual({ text: 'npm test' });
  expect(readCommand(composeCommandLine({ command: 'echo "it\'s" \\\n  && ls', workingDirectory: '/mnt/work space' })))
    .toEqual({ text: 'echo "it\'s" \\\n  && ls', workingDirectory: '/mnt/work space' });
  expect(readCommand(composeCommandLine({ command: ['git', 'log', '-n', '1'], workingDirectory: '/mnt/workspace' })))
    .toEqual({ text: 'exec git log -n 1', workingDirectory: '/mnt/workspace' });
});

test('values of variables are not told', () => {
  expect(readCommand(composeCommandLine({ command: 'env', environment: { TOKEN: 'hunter2', QUOTED: "it's; a 'secret'" } })))
    .toEqual({ text: 'export TOKEN=…; export QUOTED=…; env' });
});

test.each(['ls', "sh -c 'ls'", "/bin/sh -c 'ls'", 'exec </dev/nul; ls', ''])('%p stays as it is', (sent) => {
  expect(readCommand(sent)).toEqual({ text: sent });
});

test('any script, directory and variables', () => {
  const word = fc.string({ unit: 'grapheme' }).filter((text) => !text.includes('\0'));
  fc.assert(fc.property(word, word, fc.dictionary(fc.constantFrom('A', 'B_1', '_c'), word), (command, path, environment) => {
    const variables = Object.keys(environment).map((name) => `export ${name}=…; `).join('');
    // a command that sets variables itself first is read like one with variables
    fc.pre(!command.startsWith('export '));
    expect(readCommand(composeCommandLine({ command, workingDirectory: `/${path}`, environment })))
      .toEqual({ text: variables + command, workingDirectory: `/${path}` });
  }));
});
