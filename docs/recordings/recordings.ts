/** What is shown of the program: the lines that a person types, and when the picture is taken. */
export interface Recording {
  readonly name: string;
  readonly title: string;
  readonly lines: readonly string[];
  /** Taken as soon as this is seen, instead of at the end. */
  readonly when?: RegExp;
}

export const RECORDINGS: readonly Recording[] = [
  { name: 'doctor', title: 'cdk-agentcore doctor: one line for each check, with a tick', lines: ['cdk-agentcore doctor'] },
  {
    name: 'run',
    title: 'cdk-agentcore run: output and errors of a command as they come, its exit code, and the same as JSON',
    lines: [
      'cdk-agentcore run -- sh -c \'echo out; echo err >&2; exit 7\'; echo "exit code $?"',
      "cdk-agentcore run -- sh -c 'echo out; echo err >&2; exit 7' 2>/dev/null",
      "cdk-agentcore run --json -- 'uname -s' | jq '{exitCode, status, stdout}'",
      'cdk-agentcore run --timeout 1 -- sleep 60; echo "exit code $?"',
    ],
  },
  {
    name: 'cp-progress',
    title: 'cdk-agentcore cp on its way: a bar, bytes, rate, and the time that is left',
    lines: ['cdk-agentcore cp model.bin :/mnt/workspace'],
    when: /[4-9]\d %/,
  },
  {
    name: 'cp',
    title: 'cdk-agentcore cp: a folder into a session and out of it, and what lies there',
    lines: [
      'cdk-agentcore cp src :/mnt/workspace',
      'cdk-agentcore ls /mnt/workspace/src',
      'cdk-agentcore cp :/mnt/workspace/src/. copy && diff -r src copy && echo the same',
    ],
  },
];
