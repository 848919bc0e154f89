import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { removeScratch, scratchDirectory } from './support';
import { tokenize, TOKENIZER_MODES } from '../../../src/local/sessions/tokenizer';
import { CommandLine, composeCommandLine } from '../../../src/service/command-line';

afterEach(removeScratch);

const plainWord = fc.stringMatching(/^[A-Za-z0-9_;|&$<>*()=/.é-]+$/);
const anyText = fc.string({ unit: fc.constantFrom(...'ab \t\n\'"\\$`;|é'), maxLength: 30 });

describe('strict', () => {
  test.each<[string, string[]]>([
    ['git status', ['git', 'status']],
    ['  echo\ta\n b  ', ['echo', 'a', 'b']],
    ['echo $HOME; ls | wc && x > y', ['echo', '$HOME;', 'ls', '|', 'wc', '&&', 'x', '>', 'y']],
    ["sh -c 'a \"b\" \\c'", ['sh', '-c', 'a "b" \\c']],
    ['sh -c "a \\"b\\" \\\\ \\n $x"', ['sh', '-c', 'a "b" \\ \\n $x']],
    ["echo ''", ['echo', '']],
    ["echo 'it'\"'\"'s'", ['echo', 'it', "'", 's']],
    ["--format='%H %s'", ["--format='%H", "%s'"]],
    ['a\\ b', ['a\\', 'b']],
  ])('%j is %j', (text, words) => {
    expect(tokenize(text, 'strict')).toEqual(words);
  });

  test('words in single quotes come back as they were', () => {
    const word = fc.string().filter((text) => !text.includes("'"));
    fc.assert(fc.property(fc.array(word, { minLength: 1 }), (words) => {
      expect(tokenize(words.map((text) => `'${text}'`).join(' '), 'strict')).toEqual(words);
    }));
  });

  test('words in double quotes, with quotes and backslashes escaped, come back as they were', () => {
    fc.assert(fc.property(fc.array(anyText, { minLength: 1 }), (words) => {
      expect(tokenize(words.map((text) => `"${text.replace(/["\\]/g, '\\$&')}"`).join(' '), 'strict')).toEqual(words);
    }));
  });
});

describe('posix', () => {
  test.each<[string, string[]]>([
    ["echo 'it'\"'\"'s'", ['echo', "it's"]],
    ["echo 'it'\\''s'", ['echo', "it's"]],
    ['a\\ b c\\\nd', ['a b', 'cd']],
    ['"a\\$b\\`c\\nd"', ['a$b`c\\nd']],
    ["--format='%H %s'", ['--format=%H %s']],
    ['echo "" \'\'', ['echo', '', '']],
    ['echo $HOME', ['echo', '$HOME']],
  ])('%j is %j', (text, words) => {
    expect(tokenize(text, 'posix')).toEqual(words);
  });

  test('agrees with a shell on text that it would not expand', () => {
    const text = fc.string({ unit: fc.constantFrom(...'ab \'"\\é'), minLength: 1, maxLength: 12 });
    fc.assert(fc.property(text, (words) => {
      const read = () => tokenize(`x ${words}`, 'posix').slice(1);
      const byShell = spawnSync('sh', ['-c', `printf '%s\\0' x ${words}`], { encoding: 'utf8' });
      // a backslash at the very end is continued by the end of the text: shells differ
      fc.pre(!words.endsWith('\\'));
      if (byShell.status !== 0) expect(read).toThrow(/never closed/);
      else expect(read()).toEqual(byShell.stdout.split('\0').slice(1, -1));
    }), { numRuns: 150 });
  });
});

test.each(['strict', 'posix'] as const)('%s splits text without quotes and backslashes at white space', (mode) => {
  fc.assert(fc.property(fc.array(plainWord, { minLength: 1 }), fc.constantFrom(' ', '\n', ' \t '), (words, space) => {
    expect(tokenize(words.join(space), mode)).toEqual(words);
  }));
});

test.each(['strict', 'posix'] as const)('%s reads any text or says what is wrong with it', (mode) => {
  fc.assert(fc.property(anyText, (text) => {
    try {
      expect(tokenize(text, mode).length).toBeGreaterThan(0);
    } catch (error) {
      expect(error).toMatchObject({ name: 'ValidationException', detail: { reason: 'CannotParse' } });
    }
  }));
});

test.each(['', ' \n', "echo 'a", 'echo "a\\"'])('%j is refused', (text) => {
  for (const mode of ['strict', 'posix'] as const) expect(() => tokenize(text, mode)).toThrow(/^command has/);
});

test('shell hands the text to a shell', () => {
  expect(tokenize('a | b', 'shell', '/bin/sh')).toEqual(['/bin/sh', '-c', 'a | b']);
});

describe('what the session client composes runs alike in all modes', () => {
  const commands: [string, CommandLine, RegExp][] = [
    ['plain', { command: 'echo hello' }, /^hello$/m],
    ['variables', { command: 'x=5; echo "$x $((x + 1)) $$" | sed "s/[0-9]*$/pid/"' }, /^5 6 pid$/m],
    ['quotes of both kinds', { command: 'echo \'it\'"\'"\'s\' "a \\"b\\""' }, /^it's a "b"$/m],
    ['backslashes', { command: "printf '%s\\n' 'a\\b' \"c\\\\d\"" }, /^a\\b\nc\\d$/m],
    ['newlines', { command: 'echo one\necho two' }, /^one\ntwo$/m],
    ['unicode', { command: "printf '%s' 'größe 𝄞 日本'" }, /größe 𝄞 日本/],
    ['heredoc', { command: "cat <<'END'\n$x `y` \\z 'q'\nEND" }, /^\$x `y` \\z 'q'$/m],
    ['argv', { command: ['printf', '[%s]', "a'b", '$x', '', 'c\nd', '*'] }, /^\[a'b\]\[\$x\]\[\]\[c\nd\]\[\*\]$/],
    ['exit code and error output', { command: 'echo oops >&2; exit 7' }, /^$/],
    ['closed input', { command: 'cat; echo end' }, /^end$/m],
    ['variables and directory', { command: 'echo "$GREETING"; pwd', environment: { GREETING: "a 'b' $c" }, workingDirectory: '' }, /^a 'b' \$c\n.*it's here$/m],
  ];

  test.each(commands)('%s', (name, line, expected) => {
    const directory = join(scratchDirectory(), "it's here");
    mkdirSync(directory);
    const text = composeCommandLine({ ...line, workingDirectory: line.workingDirectory === undefined ? undefined : directory });
    const runs = TOKENIZER_MODES.map((mode) => {
      const [program, ...args] = tokenize(text, mode, existsSync('/bin/bash') ? '/bin/bash' : '/bin/sh');
      const { status, stdout, stderr } = spawnSync(program, args, { encoding: 'utf8', timeout: 10_000 });
      return { status, stdout, stderr };
    });
    expect(runs[0].stdout).toMatch(expected);
    expect(runs[0].status).toBe(name.startsWith('exit code') ? 7 : 0);
    expect(runs[1]).toEqual(runs[0]);
    expect(runs[2]).toEqual(runs[0]);
  });
});
