import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { FaultPlanError, loadFaultPlan, parseFaultPlan } from '../../../src/local/faults/plan';
import { KIND_SHAPES } from '../../../src/local/faults/service-fault-shapes';
import { parseServiceFaults } from '../../../src/local/faults/service-faults';

let directory: string;
beforeAll(() => { directory = mkdtempSync(join(tmpdir(), 'fault-plan-')); });
afterAll(() => rmSync(directory, { recursive: true }));

function load(text: string) {
  const path = join(directory, 'plan.json');
  writeFileSync(path, text);
  return loadFaultPlan(path);
}

function errorsOf(service: unknown): string[] {
  try {
    parseFaultPlan({ version: 1, service });
  } catch (error) {
    return [...(error as FaultPlanError).errors];
  }
  return [];
}

test('loads a plan, with the defaults filled in', () => {
  expect(load('{"version":1,"service":[{"kind":"error","operation":"PutLogEvents","error":"ThrottlingException"}]}')).toEqual({
    service: [{ kind: 'error', operation: 'PutLogEvents', error: 'ThrottlingException', skip: 0, times: 1 }],
    deployment: [],
  });
});

test('always is often', () => {
  const [fault] = parseServiceFaults([{ kind: 'loseAnswer', operation: 'DeleteAgentRuntime', runtime: 'coder', skip: 2, times: 'always' }]).faults;
  expect(fault).toEqual({ kind: 'loseAnswer', operation: 'DeleteAgentRuntime', runtime: 'coder', skip: 2, times: Infinity });
});

test.each([
  ['no JSON', '{"version":', /^fault plan .*plan\.json: is not JSON: /],
  ['no object', '[]', /\[\] is not an object; use \{"version": 1/],
  ['no version', '{}', /version: is missing; use 1$/],
  ['another version', '{"version":2}', /version: 2 is not known; use 1$/],
  ['an unknown part', '{"version":1,"services":[]}', /services: is not known here; known are version, service, deployment$/],
  ['several faults of its own', '{"version":1,"service":[1,2,3]}', /service\[0\]: 1 is not an object with a "kind" \(and 2 more\)$/],
  ['what is wrong in the other part', '{"version":1,"deployment":[1]}', /deployment\[0\]/],
])('refuses a file with %s, in one line', (_, text, message) => {
  expect(() => load(text)).toThrow(message);
  expect(() => load(text)).toThrow(/^[^\n]*$/);
});

test('refuses a file that is not there', () => {
  expect(() => loadFaultPlan(join(directory, 'absent.json'))).toThrow(/absent\.json: cannot be read: ENOENT/);
});

test.each([
  ['no list', { kind: 'error' }, ['service: {"kind":"error"} is not a list of faults']],
  ['an unknown kind', [{ kind: 'explode' }], [`service[0].kind: "explode" is not one of ${[...KIND_SHAPES.keys()].join(', ')}`]],
  ['a kind that objects inherit', [{ kind: 'constructor' }], [expect.stringContaining('is not one of error,')]],
  ['the name of a shape that is no kind', [{ kind: 'Text' }], [expect.stringContaining('is not one of error,')]],
  ['no operation', [{ kind: 'loseAnswer' }], ['service[0].operation: is required and was not given']],
  ['an unknown operation', [{ kind: 'loseAnswer', operation: 'GetRuntime' }], [expect.stringMatching(/^service\[0\]\.operation: "GetRuntime" is not one of CreateAgentRuntime, /)]],
  ['an operation without a stream', [{ kind: 'cutStream', operation: 'InvokeAgentRuntime' }], ['service[0].operation: "InvokeAgentRuntime" is not one of InvokeAgentRuntimeCommand']],
  ['an unknown member', [{ kind: 'loseAnswer', operation: 'TagResource', message: 'x' }], ['service[0].message: is not known here; known are kind, operation, runtime, skip, times']],
  ['times that are no number', [{ kind: 'loseAnswer', operation: 'TagResource', times: 'never' }], ['service[0].times: "never" is neither a whole number from 1 nor "always"']],
  ['times that are none', [{ kind: 'loseAnswer', operation: 'TagResource', times: 0 }], ['service[0].times: 0 is neither a whole number from 1 nor "always"']],
  ['a skip below 0', [{ kind: 'loseAnswer', operation: 'TagResource', skip: -1 }], ['service[0].skip: -1 where 0 or more are allowed']],
  ['an error that is none', [{ kind: 'error', operation: 'TagResource', error: 'Throttling' }], [expect.stringMatching(/^service\[0\]\.error: "Throttling" is not one of .*ThrottlingException/)]],
  ['an error that streams do not have', [{ kind: 'streamException', operation: 'InvokeAgentRuntimeCommand', error: 'ConflictException' }],
    ['service[0].error: "ConflictException" is not one of AccessDeniedException, InternalServerException, ResourceNotFoundException, ServiceQuotaExceededException, ThrottlingException, ValidationException, RuntimeClientError']],
  ['a runtime for a log', [{ kind: 'loseAnswer', operation: 'PutLogEvents', runtime: 'coder' }], [expect.stringMatching(/^service\[0\]\.runtime: "coder" cannot be matched/)]],
  ['a state that is none', [{ kind: 'status', operation: 'GetAgentRuntime', statuses: ['ready'] }], [expect.stringMatching(/^service\[0\]\.statuses\[0\]: "ready" is not one of CREATING/)]],
  ['no reads', [{ kind: 'slowTransition', operation: 'CreateAgentRuntime', reads: 0 }], ['service[0].reads: 0 where 1 or more are allowed']],
])('refuses %s', (_, service, errors) => {
  expect(errorsOf(service)).toEqual(errors);
});

test('any JSON is a list of faults or has errors, each of one line', () => {
  const kind = fc.constantFrom(...KIND_SHAPES.keys());
  const entry = fc.record({ kind, operation: fc.constantFrom('CreateAgentRuntime', 'InvokeAgentRuntimeCommand', 'x'), times: fc.jsonValue(), skip: fc.jsonValue() }, { requiredKeys: [] });
  fc.assert(fc.property(fc.oneof(fc.jsonValue(), fc.array(fc.oneof(fc.jsonValue(), entry))), (value) => {
    const { faults, errors } = parseServiceFaults(value);
    expect(errors.every((error) => /^service[^\n]*: [^\n]+$/.test(error))).toBe(true);
    if (errors.length > 0) expect(faults).toEqual([]);
    else expect(faults).toHaveLength((value as unknown[]).length);
  }));
});

test('the example in the documentation is a plan, and every kind is documented', () => {
  const page = readFileSync(join(__dirname, '../../../docs/faults.md'), 'utf8');
  expect(parseFaultPlan(JSON.parse(/```json\n(.*?)```/s.exec(page)![1])).service).toHaveLength(6);
  const documented = [...page.matchAll(/^\| `(\w+)` \|/gm)].map(([, name]) => name);
  expect(documented).toEqual(expect.arrayContaining([...KIND_SHAPES.keys()]));
});
