import { execFile, spawnSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { clientEnvironment } from './support/client-environment';
import { zipOf } from './support/zip';
import { RunningLocal, startLocal } from '../../../src/local';
import { testWith } from '../../util/needs';

const SUPPORT = join(__dirname, 'support');
const AGENT = `
import { createServer } from 'node:http';
createServer((request, response) => {
  if (request.url === '/ping') return response.end('{"status":"Healthy"}');
  const chunks = [];
  request.on('data', (chunk) => chunks.push(chunk));
  request.on('end', () => {
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ greeting: process.env.GREETING, got: JSON.parse(Buffer.concat(chunks)) }));
  });
}).listen(8080, '0.0.0.0');
`;

/** What a script sees that does the same in any language. */
const SEEN = {
  arn: expect.stringMatching(/^arn:aws:bedrock-agentcore:eu-west-1:000000000000:runtime\/agent-[a-zA-Z0-9]{10}$/),
  created: 'CREATING',
  status: 'READY',
  version: '1',
  filesystems: [{ sessionStorage: { mountPath: '/mnt/workspace' } }],
  names: ['agent'],
  duplicate: 'ConflictException',
  invalid: ['ValidationException', 'FieldValidationFailed', ['agentRuntimeName']],
  updated: '2',
  pinned: '1',
  versions: [['2'], ['1']],
  tags: { stage: 'test' },
  policy: true,
  no_policy: 'ResourceNotFoundException',
  run: { first: 'contentStart', stdout: 'grün\n', stderr: 'oops\n', exitCode: 3, status: 'COMPLETED' },
  timed_out: { first: 'contentStart', stdout: 'begun\n', stderr: '', exitCode: -1, status: 'TIMED_OUT' },
  invoked: [true, { greeting: 'grün', got: { ask: 'ü' } }],
  stopped: 200,
  second_stop: 'ResourceNotFoundException',
  resumed: 'grün\n',
  on_other_endpoint: '',
  in_other_session: '',
  stream_error: 'ThrottlingException',
  log_error: 'ResourceAlreadyExistsException',
  log_messages: ['from a client'],
  in_use: 'ConflictException',
  deleted: 'DELETING',
  gone: 'ResourceNotFoundException',
};

let stateDir: string;
let local: RunningLocal;

beforeEach(async () => {
  stateDir = await mkdtemp(join(tmpdir(), 'agentcore-clients-'));
  local = await startLocal({ port: 0, stateDir, log: () => undefined });
  const upload = await fetch(`${local.endpoint}/_local/objects/code/agent.zip`, {
    method: 'PUT', body: await zipOf([{ name: 'main.mjs', content: AGENT }]) as any,
  });
  expect(upload.status).toBe(200);
});
afterEach(async () => {
  await local.close();
  await rm(stateDir, { recursive: true });
});

async function seenBy(program: string, script: string): Promise<object> {
  const args = [join(SUPPORT, script), 'agent', 'code', 'agent.zip'];
  const { stdout } = await promisify(execFile)(program, args, { env: clientEnvironment(local.endpoint, stateDir) });
  return JSON.parse(stdout);
}

const BOTO3 = {
  lack: 'python3 has no boto3 that knows AgentCore',
  isMet: spawnSync('python3', ['-c', 'import boto3; assert "bedrock-agentcore" in boto3.session.Session().get_available_services()']).status === 0,
};

testWith(['python3', BOTO3], 'an unmodified boto3 does all of it: runtimes, commands, storage', async () => {
  expect(await seenBy('python3', 'end-to-end.py')).toEqual(SEEN);
}, 300_000);

test('an unmodified AWS SDK for JavaScript does the same', async () => {
  expect(await seenBy(process.execPath, 'end-to-end.mjs')).toEqual(SEEN);
}, 300_000);
