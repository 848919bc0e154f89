import { execFile, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Harness } from './support/harness';

const SCRIPT = join(__dirname, 'support', 'client.py');
const hasBoto3 = spawnSync('python3', ['-c', 'import boto3']).status === 0;
const testWithBoto3 = hasBoto3 ? test : test.skip;

testWithBoto3('an unmodified boto3 manages runtimes and runs commands (skipped where python3 has no boto3)', async () => {
  const harness = await Harness.start();
  try {
    const env = {
      ...process.env,
      AWS_ENDPOINT_URL_BEDROCK_AGENTCORE: harness.endpoint,
      AWS_ENDPOINT_URL_BEDROCK_AGENTCORE_CONTROL: harness.endpoint,
      AWS_ENDPOINT_URL_CLOUDWATCH_LOGS: harness.endpoint,
      AWS_REGION: 'eu-west-1',
      AWS_DEFAULT_REGION: 'eu-west-1',
      AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE',
      AWS_SECRET_ACCESS_KEY: 'secret',
      AWS_CONFIG_FILE: join(harness.stateDir, 'no-config'),
      AWS_SHARED_CREDENTIALS_FILE: join(harness.stateDir, 'no-credentials'),
    };
    const { stdout } = await promisify(execFile)('python3', [SCRIPT], { env });
    expect(JSON.parse(stdout)).toEqual({
      arn: expect.stringMatching(/^arn:aws:bedrock-agentcore:eu-west-1:000000000000:runtime\/py-[a-zA-Z0-9]{10}$/),
      created: 'CREATING',
      status: 'READY',
      version: '1',
      filesystems: [{ sessionStorage: { mountPath: '/mnt/workspace' } }],
      names: ['py'],
      events: ['contentStart', 'contentDelta', 'contentStop'],
      stdout: 'grün\n',
      stop: { exitCode: 3, status: 'COMPLETED' },
      stopped: 200,
      second_stop: 'ResourceNotFoundException',
      stream_error: 'EventStreamError',
      invoke_error: 'RuntimeClientError',
      duplicate: 'ConflictException',
      log_messages: ['from python'],
      log_error: 'ResourceAlreadyExistsException',
      deleted: 'DELETING',
      gone: 'ResourceNotFoundException',
    });
  } finally {
    await harness.end();
  }
});
