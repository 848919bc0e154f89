import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { agentProgram } from '../../../../src/local/sessions/agent/entry-point';
import { removeScratch, scratchDirectory } from '../support';

afterEach(removeScratch);

const program = (entryPoint: string[], runtime = 'PYTHON_3_12', directory = scratchDirectory(), path = '') => agentProgram({ directory, runtime, entryPoint }, path);

function withProgram(directory: string, name: string): string {
  mkdirSync(directory, { recursive: true });
  writeFileSync(join(directory, name), '#!/bin/sh\n');
  chmodSync(join(directory, name), 0o755);
  return directory;
}

test.each([
  [['main.py'], ['python3', 'main.py']],
  [['src/main.js'], ['node', 'src/main.js']],
  [['main.mjs'], ['node', 'main.mjs']],
  [['./server'], ['./server']],
  [['node', 'main.js'], ['node', 'main.js']],
  [['python3.12', 'main.py'], ['python3.12', 'main.py']],
])('%j runs as %j', (entryPoint, argv) => {
  expect(program(entryPoint)).toEqual({ argv });
});

test('runs a wrapper that comes with the code through the interpreter of this machine', () => {
  const code = scratchDirectory();
  withProgram(join(code, 'bin'), 'opentelemetry-instrument');
  expect(program(['opentelemetry-instrument', 'main.py'], undefined, code)).toEqual({
    argv: ['python3', '/var/task/bin/opentelemetry-instrument', 'python3', 'main.py'],
  });
});

test('runs a wrapper that the machine has', () => {
  const tools = withProgram(scratchDirectory(), 'opentelemetry-instrument');
  expect(program(['opentelemetry-instrument', 'main.py'], undefined, undefined, `/nowhere:${tools}`).argv).toEqual(['opentelemetry-instrument', 'python3', 'main.py']);
});

test('leaves out a wrapper that is nowhere, and says so', () => {
  expect(program(['opentelemetry-instrument', 'main.py'])).toEqual({
    argv: ['python3', 'main.py'],
    notice: expect.stringContaining("opentelemetry-instrument is neither in the code's bin directory nor on the PATH"),
  });
});
