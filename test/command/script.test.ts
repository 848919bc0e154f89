import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CfnParameter } from 'aws-cdk-lib';
import * as fc from 'fast-check';
import { Command } from '../../src';
import { composeCommandLine } from '../../src/service/command-line';
import { composeScriptCall } from '../../src/service/script';
import { testStack } from '../util/stacks';

let directory: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'script-'));
});
afterEach(() => rmSync(directory, { recursive: true }));

/** As the service runs it; what it leaves behind in the directory for temporary files is a failure. */
function run(command: string | readonly string[]) {
  const { stdout, stderr, status } = spawnSync('/bin/sh', ['-c', composeCommandLine({ command })], {
    encoding: 'utf8', env: { PATH: process.env.PATH, TMPDIR: directory },
  });
  expect(readdirSync(directory)).toEqual([]);
  return { stdout, stderr, status };
}

describe('a script', () => {
  it('is run by the program of its first line, and leaves nothing behind', () => {
    const script = '#!/usr/bin/env node\nconsole.log(process.argv.slice(2).join("|"), \'it\\\'s\');\nprocess.exit(3);\n';
    expect(run(Command.script(script, 'a b', '$HOME', '')._command)).toEqual({ stdout: 'a b|$HOME| it\'s\n', stderr: '', status: 3 });
  });

  it('is run by sh without such a line', () => {
    expect(run(Command.script('echo "$#: $1"; cat; false', '"x"')._command)).toEqual({ stdout: '1: "x"\n', stderr: '', status: 1 });
  });

  it('is a file of its own, and tells what is wrong with it', () => {
    const { stdout, status } = run(Command.script('#!/no/such/program\n')._command);
    expect(stdout).toBe('');
    expect(status).toBeGreaterThan(125);
  });

  it('takes arguments that are not known yet', () => {
    const text = new CfnParameter(testStack(), 'Text').valueAsString;
    expect(Command.script(`echo ${text}`, text)._command.slice(-2)).toEqual([`echo ${text}`, text]);
  });

  it.each<[string, string, RegExp]>([
    ['nothing', '', /script is empty/],
    ['blanks', ' \n', /script is empty/],
    ['a null character', 'echo \0', /script or one of its arguments holds a null character/],
    ['a first line of another system', '#!/bin/sh\r\necho\r\n', /ends its #! line with a carriage return/],
  ])('is refused with %s', (_what, text, message) => {
    expect(() => Command.script(text)).toThrow(message);
  });

  it('is refused where it does not fit', () => {
    const length = (bytes: number) => composeCommandLine({ command: composeScriptCall('#'.repeat(bytes), []) }).length;
    const comment = (bytes: number) => Command.script('#'.repeat(bytes));
    // base64 goes by threes
    const most = Math.floor((65_536 - length(0)) / 4) * 3;
    expect(length(most)).toBeLessThanOrEqual(65_536);
    expect(() => comment(most)).not.toThrow();
    expect(() => comment(most + 4)).toThrow(new RegExp(`script has ${most + 4} bytes, which are 655\\d\\d characters .*allowed are 65536; put it into the image or the code of the agent`));
  });

  it('arrives as it was written, whatever that is', () => {
    const piece = fc.oneof(
      fc.string({ unit: 'grapheme' }),
      fc.constantFrom('\n', '\'', '"', '\\', '$HOME', '`id`', '!', '#!', '%s', '\u0081', '\t', '<<EOF', '$(', '\r'),
    );
    const text = fc.array(piece, { maxLength: 12 }).map((pieces) => pieces.join('').replaceAll('\0', ''));
    fc.assert(fc.property(text, fc.array(text, { maxLength: 3 }), (body, args) => {
      const script = `#!/bin/cat\n${body}`;
      expect(run(composeScriptCall(script, [])).stdout).toBe(script);
      expect(run(composeScriptCall('printf "<%s>" "$@"', ['-', ...args])).stdout).toBe(`<->${args.map((arg) => `<${arg}>`).join('')}`);
    }), { numRuns: 25 });
  });
});

describe('a script from a file', () => {
  const file = (content: string | Buffer) => {
    const path = join(directory, 'check.sh');
    writeFileSync(path, content);
    return path;
  };

  it('is the same as its text, wherever the file is', () => {
    const text = '#!/bin/sh\necho ü\n';
    expect(Command.fromFile(file(text), 'x')._command).toEqual(Command.script(text, 'x')._command);
    expect(Command.fromFile(file(`\ufeff${text}`))._command).toEqual(Command.script(text)._command);
  });

  it('is refused with its name', () => {
    expect(() => Command.fromFile(join(directory, 'none.sh'))).toThrow(/none\.sh cannot be read \(ENOENT.*give a path to a file/);
    expect(() => Command.fromFile(directory)).toThrow(/cannot be read \(EISDIR/);
    expect(() => Command.fromFile(file(''))).toThrow(/script check\.sh is empty/);
    expect(() => Command.fromFile(file(Buffer.from([0x7f, 0x45, 0xff, 0xfe])))).toThrow(/check\.sh is not text in UTF-8/);
    expect(() => Command.fromFile(file('x'.repeat(70_000)))).toThrow(/script check\.sh has 70000 bytes/);
  });
});
