import fc from 'fast-check';
import { rewritePaths } from '../../../../src/local/sessions/drivers/path-rewrite';
import { composeCommandLine } from '../../../../src/service/command-line';

const MAPPINGS = [{ inside: '/mnt/workspace', outside: '/state/files' }, { inside: '/mnt/my.data', outside: '/state/data' }];
const rewrite = (word: string) => rewritePaths(word, MAPPINGS);

test.each([
  ['/mnt/workspace', '/state/files'],
  ['/mnt/workspace/a b', '/state/files/a b'],
  ['cd /mnt/workspace && git -C/mnt/workspace log', 'cd /state/files && git -C/state/files log'],
  ['--dir=/mnt/my.data "/mnt/workspace/x":/mnt/workspace', '--dir=/state/data "/state/files/x":/state/files'],
  ['>/mnt/workspace/out; (cat /mnt/workspace/out)', '>/state/files/out; (cat /state/files/out)'],
  ['file:///mnt/workspace/repo', 'file:///state/files/repo'],
])('%j becomes %j', (word, expected) => {
  expect(rewrite(word)).toBe(expected);
});

test.each(['/mnt/workspace2', '/mnt/workspace-old', '/mnt/workspace.bak', '/home/mnt/workspace', 'old/mnt/workspace', '~/mnt/workspace', '/mnt/myXdata', '/mnt'])(
  '%j is another path', (word) => {
    expect(rewrite(word)).toBe(word);
  });

test('looks into scripts that the session client has encoded', () => {
  const line = composeCommandLine({ command: ['printf', '%s', "it's in /mnt/workspace"], workingDirectory: '/mnt/workspace' });
  const script = /-c '(.*)'$/.exec(line)![1];
  expect(script).toContain('base64');
  const encoded = /echo (\S+) /.exec(rewrite(script))![1];
  expect(Buffer.from(encoded, 'base64').toString('utf8')).toBe("exec </dev/null; cd /state/files || exit 1; exec printf %s 'it'\\''s in /state/files'");
});

test('leaves text without a mount path alone', () => {
  fc.assert(fc.property(fc.string().filter((text) => !text.includes('/mnt/')), (text) => {
    expect(rewrite(text)).toBe(text);
  }));
});
