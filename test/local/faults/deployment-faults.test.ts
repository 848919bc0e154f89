import * as fc from 'fast-check';
import { parseDeploymentFaults } from '../../../src/local/faults/deployment-faults';

const ALL = ['Create', 'Update', 'Delete'];
const match = { logicalId: undefined, resourceType: undefined, stack: undefined, request: ALL, skip: 0, times: 1 };

test.each([
  [{ kind: 'cancel' }, { ...match, request: ['Create'], at: 'immediately' }],
  [{ kind: 'serviceTimeout', at: { afterMillis: 5 } }, { ...match, at: { afterMillis: 5 } }],
  [{ kind: 'duplicate', at: 'answer', copies: 3, request: 'Create' }, { ...match, request: ['Create'], at: 'answer', copies: 3 }],
  [{ kind: 'duplicate', at: { afterStatus: 'DELETE_COMPLETE', of: 'X' } }, { ...match, copies: 1, at: { afterStatus: 'DELETE_COMPLETE', of: 'X' } }],
  [{ kind: 'fail', logicalId: 'A*', resourceType: 'Custom::B', stack: 'S', skip: 2, times: 'always' },
    { logicalId: 'A*', resourceType: 'Custom::B', stack: 'S', request: ['Create', 'Update'], skip: 2, times: Infinity, reason: 'failed by the fault plan' }],
  [{ kind: 'repeatDelete' }, { ...match, request: ['Delete'], deletes: 2, concurrent: false }],
  [{ kind: 'response', behaviour: 'slow', requests: 'always' }, { ...match, behaviour: 'slow', status: 503, delayMillis: 1_000, requests: Infinity, taken: true }],
  [{ kind: 'response', behaviour: 'status', status: 500 }, { ...match, behaviour: 'status', status: 500, delayMillis: 1_000, requests: 1, taken: false }],
  [{ kind: 'timeout', seconds: 1.5, request: ['Update', 'Delete'] }, { ...match, request: ['Update', 'Delete'], seconds: 1.5 }],
  [{ kind: 'crash', at: { afterLogLine: 'x' } }, { ...match, at: { afterLogLine: 'x' } }],
  [{ kind: 'mangle', drop: ['a'], add: { b: null } },
    { ...match, in: ['ResourceProperties', 'OldResourceProperties'], drop: ['a'], rename: {}, add: { b: null }, stringify: [], physicalId: undefined }],
  [{ kind: 'modulesAbsent' }, { ...match, times: Infinity, modules: ['@aws-sdk/'] }],
])('%j gets its defaults', (entry, fault) => {
  expect(parseDeploymentFaults([entry])).toEqual({ errors: [], faults: [{ kind: entry.kind, ...fault }] });
});

test.each([
  [{}, 'deployment: got {}; use a list of faults'],
  [[3], 'deployment[0]: got 3; use an object with a "kind"'],
  [[{ kind: 'explode' }], 'deployment[0].kind: got "explode"; use one of cancel, serviceTimeout, duplicate, fail,'],
  [[{ kind: 'toString' }], 'deployment[0].kind: got "toString"; use one of'],
  [[{ kind: 'fail' }, { kind: 'fail', resaon: 'x' }], 'deployment[1].resaon: not a key of kind fail; its keys are kind, logicalId, resourceType, stack, request, skip, times, reason'],
  [[{ kind: 'fail', reason: '' }], 'deployment[0].reason: got ""; use a text that is not empty'],
  [[{ kind: 'fail', request: 'Read' }], 'deployment[0].request: got "Read"; use one of Create, Update, Delete'],
  [[{ kind: 'cancel', request: ['Delete'] }], 'deployment[0].request: got ["Delete"]; use a list out of Create, Update'],
  [[{ kind: 'cancel', at: 'answer' }], 'deployment[0].at: got "answer"; use "immediately", "siblingFailure",'],
  [[{ kind: 'cancel', at: { afterMillis: 1, afterLogLine: 'x' } }], 'deployment[0].at: got {"afterMillis":1,"afterLogLine":"x"}; use'],
  [[{ kind: 'cancel', at: { afterStatus: 'DONE' } }], 'deployment[0].at: got {"afterStatus":"DONE"}; use'],
  [[{ kind: 'duplicate', copies: 0 }], 'deployment[0].copies: got 0; use a whole number from 1 to 20'],
  [[{ kind: 'timeout' }], 'deployment[0].seconds: got nothing; use a number from 0.1 to 900'],
  [[{ kind: 'fail', skip: -1 }], 'deployment[0].skip: got -1; use a whole number'],
  [[{ kind: 'fail', times: 1.5 }], 'deployment[0].times: got 1.5; use a whole number from 1 or "always"'],
  [[{ kind: 'response' }], 'deployment[0].behaviour: got nothing; use one of status, reset, slow, never'],
  [[{ kind: 'repeatDelete', concurrent: 'yes' }], 'deployment[0].concurrent: got "yes"; use true or false'],
  [[{ kind: 'mangle', in: ['Properties'] }], 'deployment[0].in: got ["Properties"]; use a list out of ResourceProperties, OldResourceProperties'],
  [[{ kind: 'mangle', rename: { a: 3 } }], 'deployment[0].rename: got {"a":3}; use an object of paths'],
  [[{ kind: 'mangle', drop: 'a' }], 'deployment[0].drop: got "a"; use a list of texts'],
])('%j is refused', (plan, message) => {
  const { faults, errors } = parseDeploymentFaults(plan);
  expect(faults).toEqual([]);
  expect(errors).toEqual([expect.stringContaining(message)]);
});

test('no part at all is no fault, and all that is wrong is told at once', () => {
  expect(parseDeploymentFaults(undefined)).toEqual({ faults: [], errors: [] });
  expect(parseDeploymentFaults([{ kind: 'timeout', times: 0 }, { kind: 'fail' }, null]).errors).toHaveLength(3);
});

test('whatever stands there, it is read or refused', () => {
  const kinds = ['cancel', 'duplicate', 'response', 'mangle', 'timeout', 'crash', 'fail'];
  const keys = ['at', 'request', 'times', 'copies', 'behaviour', 'add', 'rename', 'in', 'seconds', 'logicalId'];
  const entry = fc.tuple(fc.constantFrom(...kinds), fc.dictionary(fc.constantFrom(...keys), fc.jsonValue()));
  fc.assert(fc.property(entry, ([kind, rest]) => {
    const { faults, errors } = parseDeploymentFaults([{ kind, ...rest }]);
    expect(faults.length).toBe(errors.length === 0 ? 1 : 0);
    errors.forEach((error) => expect(error).toMatch(/^deployment\[0\]\S*: (got .*; use|not a key of kind) /));
  }));
});
