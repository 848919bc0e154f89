import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { LocalCli } from './support/local-cli';
import { describeWith, testWith } from '../util/needs';

let cli: LocalCli;
let script: string;
beforeAll(() => {
  cli = new LocalCli();
  script = join(cli.home, 'completion');
  writeFileSync(script, cli.run(['completion', 'bash']).stdout);
});
afterAll(async () => cli.end());

/** What bash would offer for the last of some words. */
function offered(...words: string[]): string[] {
  const source = 'source "$1"; shift; COMP_WORDS=(cdk-agentcore "$@"); COMP_CWORD=$#; _cdk_agentcore; printf "%s\\n" "${COMPREPLY[@]}"';
  const { stdout, stderr } = spawnSync('bash', ['--norc', '-c', source, 'bash', script, ...words], { encoding: 'utf8' });
  expect(stderr).toBe('');
  return stdout.split('\n').filter(Boolean);
}

describeWith(['bash'], 'bash', () => {
  test.each<[string[], string[]]>([
    [['lo'], ['logs', 'local']],
    [['local', ''], ['start', 'deploy', 'destroy', 'execute']],
    [['local', 'start', '--driver', ''], ['namespace-root', 'namespace-user', 'bubblewrap', 'process']],
    [['completion', ''], ['bash', 'zsh']],
    [['run', '--js'], ['--json']],
    [['--debug', 'run', '--session', 'doctor', '--det'], ['--detach']],
    [['run', '--session', ''], []],
    [['run', '--', '--js'], []],
    [['logs', '-f', '--fo'], ['--follow']],
  ])('after %j it offers %j', (words, expected) => {
    expect(offered(...words)).toEqual(expected);
  });

  test('every command that --help tells of', () => {
    const told = [...cli.run(['--help']).stdout.matchAll(/^ {2}([a-z]+) /gm)].map(([, name]) => name);
    expect(told).toContain('doctor');
    expect(offered('')).toEqual(told.filter((name) => name !== 'help'));
  });
});

testWith(['zsh'], 'zsh reads its script', () => {
  const file = join(cli.home, '_cdk-agentcore');
  writeFileSync(file, cli.run(['completion', 'zsh']).stdout);
  expect(spawnSync('zsh', ['-n', file], { encoding: 'utf8' })).toMatchObject({ status: 0, stderr: '' });
});

test('a shell that is not known', () => {
  expect(cli.run(['completion', 'fish'])).toMatchObject({ status: 125, stderr: expect.stringContaining('Allowed choices are bash, zsh') });
});

test('every command has help with examples', () => {
  const commands = [...cli.run(['--help']).stdout.matchAll(/^ {2}([a-z]+) /gm)].map(([, name]) => name).filter((name) => !['help', 'local'].includes(name)).map((name) => [name]);
  for (const words of [...commands, ['local', 'start'], ['local', 'deploy'], ['local', 'destroy']]) {
    expect([words, cli.run([...words, '--help']).stdout]).toEqual([words, expect.stringContaining('Examples:\n  $ ')]);
  }
});
