import { spawnSync } from 'node:child_process';
import * as fc from 'fast-check';
import { composeCommandLine, decodeScript, encodeScript, validateEnvironment, validateWorkingDirectory } from '../../src/service/command-line';

/** As a service that hands the text to a shell would do. */
function runByShell(text: string) {
  const { status, stdout, stderr } = spawnSync('/bin/sh', ['-c', text], { encoding: 'utf8', input: 'from stdin' });
  return { status, stdout, stderr };
}

test('a plain command is readable', () => {
  expect(composeCommandLine({ command: 'npm test' })).toBe("/bin/sh -c 'exec </dev/null; npm test'");
});

test('one that holds quotes is encoded, and keeps its meaning', () => {
  const text = composeCommandLine({ command: "echo 'it'\\''s' \"$HOME\" | tr a-z A-Z; exit 3", environment: { HOME: "/ro'ot" } });
  expect(text).toMatch(/^\/bin\/sh -c 'script="\$\(echo [A-Za-z0-9+/=]+ \| base64 -d\)" && eval "\$script"'$/);
  expect(runByShell(text)).toMatchObject({ status: 3, stdout: "IT'S /RO'OT\n" });
});

test('fails where the image has no base64, instead of running nothing', () => {
  const { status } = spawnSync('/bin/sh', ['-c', composeCommandLine({ command: "echo 'x'" })], { encoding: 'utf8', env: { PATH: '/does/not/exist' } });
  expect(status).toBe(127);
});

test('an encoded script is found again', () => {
  fc.assert(fc.property(fc.string({ unit: 'grapheme', minLength: 1 }), (script) => {
    expect(decodeScript(encodeScript(script))).toBe(script);
  }));
  expect(decodeScript('npm test')).toBeUndefined();
});

test('standard input is at its end', () => {
  expect(runByShell(composeCommandLine({ command: 'cat; echo done' })).stdout).toBe('done\n');
});

test('a directory that is missing fails and does not run the command elsewhere', () => {
  expect(runByShell(composeCommandLine({ command: 'echo ran', workingDirectory: '/does/not exist' }))).toMatchObject({ status: 1, stdout: '' });
});

test('words arrive as they are, whatever they hold', () => {
  const word = fc.string({ unit: 'grapheme', maxLength: 30 }).filter((text) => !text.includes('\0'));
  fc.assert(fc.property(fc.array(word, { maxLength: 5 }), (words) => {
    const text = composeCommandLine({ command: ['printf', '%s\\0', 'end', ...words] });
    expect(runByShell(text).stdout).toBe(['end', ...words].map((item) => `${item}\0`).join(''));
  }), { numRuns: 60 });
});

test('values of variables arrive as they are', () => {
  fc.assert(fc.property(fc.string({ unit: 'grapheme', maxLength: 60 }).filter((text) => !text.includes('\0')), (value) => {
    expect(runByShell(composeCommandLine({ command: 'printf %s "$VALUE"', environment: { VALUE: value } })).stdout).toBe(value);
  }), { numRuns: 60 });
});

test('never more than one quoted word, so that every reading of the text agrees', () => {
  fc.assert(fc.property(fc.string({ unit: 'binary' }), (command) => {
    expect(composeCommandLine({ command })).toMatch(/^\/bin\/sh -c '[^']*'$/);
  }));
});

test('directories are absolute, names of variables are names', () => {
  expect(validateWorkingDirectory('/mnt/workspace')).toEqual([]);
  expect(validateWorkingDirectory('workspace')).toHaveLength(1);
  expect(validateEnvironment({ A_1: '', _x: 'y' })).toEqual([]);
  expect(validateEnvironment({ '1A': '', 'A-B': '', 'A': '\0' })).toHaveLength(3);
});
