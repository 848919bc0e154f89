import { Annotations, CfnParameter, Lazy, Stack, Validations } from 'aws-cdk-lib';
import { Annotations as Assertions, Match } from 'aws-cdk-lib/assertions';
import { AgentRuntime, SessionStorage, SessionStorageProps } from '../../src';
import { image, resourceOf, templateOf, testStack } from '../util/stacks';

const WARNING = 'cdk-agentcore-runtime:sessionStorageSizeHasNoEffect';

function storage(props?: SessionStorageProps, stack: Stack = testStack()): SessionStorage {
  return new SessionStorage(stack, 'Storage', props);
}

function warnings(stack: Stack): unknown[] {
  return Assertions.fromStack(stack).findWarning('*', Match.stringLikeRegexp(WARNING));
}

describe('mountPath', () => {
  it('is /mnt/workspace unless told otherwise', () => {
    expect(storage().mountPath).toBe('/mnt/workspace');
  });

  it('loses a trailing slash', () => {
    expect(storage({ mountPath: '/mnt/data/' }).mountPath).toBe('/mnt/data');
  });

  it.each(['/mnt/a', `/mnt/${'a'.repeat(195)}`, '/mnt/...', '/mnt/A.b_c-9'])('may be %s', (mountPath) => {
    expect(storage({ mountPath }).mountPath).toBe(mountPath);
  });

  it.each(['', '/mnt/', '/mnt', '/mnt/.', '/mnt/..', '/mnt/a/b', 'mnt/data', '/data/x', '/mnt/a b', '/mnt/a\n', `/mnt/${'a'.repeat(196)}`])(
    'cannot be %j', (mountPath) => {
      expect(() => storage({ mountPath })).toThrow(/^Stack\/Storage: /);
      expect(() => storage({ mountPath })).toThrow(JSON.stringify(mountPath).slice(0, 20));
    });

  it('passes as a token, to the runtime', () => {
    const stack = testStack();
    const path = new CfnParameter(stack, 'Path');
    new AgentRuntime(stack, 'Agent', { agentRuntimeArtifact: image(), sessionStorage: storage({ mountPath: path.valueAsString }, stack) });
    expect(resourceOf(templateOf(stack), 'Custom::AgentCoreRuntime').Properties.FilesystemConfigurations)
      .toEqual([{ SessionStorage: { MountPath: { Ref: 'Path' } } }]);
  });
});

describe('sizeInGiB', () => {
  it('is 1 unless told otherwise, without a warning', () => {
    const stack = testStack();
    expect(storage({}, stack).sizeInGiB).toBe(1);
    expect(warnings(stack)).toEqual([]);
  });

  it.each([1, 2, 100])('may be %d', (sizeInGiB) => {
    expect(storage({ sizeInGiB }).sizeInGiB).toBe(sizeInGiB);
  });

  it.each([0, 101, -1, 1.5, NaN, Infinity])('cannot be %d', (sizeInGiB) => {
    expect(() => storage({ sizeInGiB })).toThrow(`Stack/Storage: size of ${sizeInGiB} GiB is not a whole number from 1 to 100`);
  });

  it('passes as a token, without a warning', () => {
    const stack = testStack();
    storage({ sizeInGiB: Lazy.number({ produce: () => 50 }) }, stack);
    expect(warnings(stack)).toEqual([]);
  });

  it('above 1 is said to have no effect', () => {
    const stack = testStack();
    storage({ sizeInGiB: 2 }, stack);
    Assertions.fromStack(stack).hasWarning('/Stack/Storage', Match.stringLikeRegexp('sizeInGiB is 2, .* holds 1 GB per session'));
  });

  it.each([
    ['Annotations, afterwards', (stack: Stack) => Annotations.of(stack).acknowledgeWarning(WARNING), 'after'],
    ['Annotations, before', (stack: Stack) => Annotations.of(stack).acknowledgeWarning(WARNING), 'before'],
    ['Validations, afterwards', (stack: Stack) => Validations.of(stack).acknowledge({ id: WARNING, reason: 'known' }), 'after'],
    ['Validations, before', (stack: Stack) => Validations.of(stack).acknowledge({ id: WARNING, reason: 'known' }), 'before'],
  ])('the warning is acknowledged by %s', (_title, acknowledge, when) => {
    const stack = testStack();
    if (when === 'before') acknowledge(stack);
    storage({ sizeInGiB: 2 }, stack);
    if (when === 'after') acknowledge(stack);
    expect(warnings(stack)).toEqual([]);
  });

  it('keeps its warning when another one is acknowledged', () => {
    const stack = testStack();
    storage({ sizeInGiB: 2 }, stack);
    Validations.of(stack).acknowledge({ id: 'cdk-agentcore-runtime:other', reason: 'known' });
    expect(warnings(stack)).toHaveLength(1);
  });
});

it('tells all faults at once, with the path of the construct', () => {
  const attempt = () => storage({ mountPath: '/data', sizeInGiB: 200 });
  expect(attempt).toThrow(expect.objectContaining({ name: 'ValidationError' }));
  expect(attempt).toThrow(/^Stack\/Storage: 3 faults in its properties\n {2}- mount path "\/data" has 5 .*\n {2}- mount path "\/data" .*\n {2}- size of 200 GiB .*$/);
});
