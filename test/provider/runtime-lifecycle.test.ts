import { LedgerGoneError, MemoryLedger } from '../../src/provider/ledger';
import { LifecycleRequest } from '../../src/provider/lifecycle';
import { RuntimeLifecycle } from '../../src/provider/runtime-lifecycle';
import { LINKED_ROLES } from '../../src/service/permissions/resources';
import { FakeClock } from '../util/fake-clock';
import { FakeControlPlane, serviceError } from '../util/fake-control-plane';

const OWNER = { stackId: 'arn:aws:cloudformation:us-east-1:111122223333:stack/demo/1', logicalId: 'Agent' };
const PROPERTIES = {
  AgentRuntimeName: 'coder',
  RoleArn: 'arn:aws:iam::111122223333:role/agent',
  AgentRuntimeArtifact: { ContainerConfiguration: { ContainerUri: '111122223333.dkr.ecr.us-east-1.amazonaws.com/coder:1' } },
  LifecycleConfiguration: {},
  Tags: { Team: 'agents' },
};

let plane: FakeControlPlane;
let clock: FakeClock;
let ledger: MemoryLedger;
let lifecycle: RuntimeLifecycle;
let requests = 0;

beforeEach(() => {
  plane = new FakeControlPlane();
  clock = new FakeClock();
  ledger = new MemoryLedger(clock);
  lifecycle = new RuntimeLifecycle(plane, { clock, ledger, log: () => {} });
});

function request(change: Partial<LifecycleRequest> = {}): LifecycleRequest & { physicalId: string } {
  return {
    owner: OWNER,
    requestId: `request-${requests++}`,
    properties: PROPERTIES,
    oldProperties: {},
    signal: new AbortController().signal,
    deadline: 880_000,
    ...change,
    physicalId: change.physicalId!,
  };
}

const countOf = (operation: string) => plane.calls.filter((call) => call === operation).length;

describe('create', () => {
  test('answers with the id and the attributes once the runtime is READY', async () => {
    const { physicalId, attributes } = await lifecycle.create(request());
    expect(physicalId).toBe('coder-0000000000');
    expect(attributes).toEqual({
      'AgentRuntimeArn': 'arn:aws:bedrock-agentcore:us-east-1:111122223333:runtime/coder-0000000000',
      'AgentRuntimeId': 'coder-0000000000',
      'AgentRuntimeVersion': '1',
      'Status': 'READY',
      'CreatedAt': '1970-01-01T00:00:00.000Z',
      'LastUpdatedAt': '1970-01-01T00:00:00.001Z',
      'FailureReason': '',
      'WorkloadIdentityDetails.WorkloadIdentityArn': '',
      'ChangedProperties': '',
    });
  });

  test('marks the runtime with its stack and logical id, beside the tags of the user', async () => {
    await lifecycle.create(request());
    expect(plane.runtimes.get('coder-0000000000')!.tags).toEqual({
      'Team': 'agents',
      'cdk-agentcore-runtime:stack-id': OWNER.stackId,
      'cdk-agentcore-runtime:logical-id': OWNER.logicalId,
    });
  });

  test('waits until READY is seen twice in a row', async () => {
    plane.statusesAfterCreate = ['READY', 'CREATING', 'READY', 'READY'];
    await lifecycle.create(request());
    expect(countOf('get')).toBe(4);
  });

  test('hears of READY within a second while the runtime is young, and asks seldom when it takes long', async () => {
    plane.statusesAfterCreate = [...Array(60).fill('CREATING'), 'READY'];
    await lifecycle.create(request());
    expect(Math.max(...clock.slept.slice(0, 10))).toBeLessThanOrEqual(1_000);
    expect(Math.max(...clock.slept)).toBeLessThanOrEqual(10_000);
    expect(clock.now()).toBeGreaterThan(120_000);
  });

  test('a runtime that fails to come up is removed, and the reason is the service\'s', async () => {
    plane.statusesAfterCreate = ['CREATING', 'CREATE_FAILED'];
    plane.failureReason = 'Architecture incompatible';
    await expect(lifecycle.create(request())).rejects.toMatchObject({
      message: 'runtime coder-0000000000 is CREATE_FAILED: Architecture incompatible', physicalId: 'coder-0000000000',
    });
    expect(plane.runtimes.size).toBe(0);
  });

  test('the same request delivered twice makes one runtime', async () => {
    const twice = request();
    const [first, second] = await Promise.all([lifecycle.create(twice), lifecycle.create(twice)]);
    expect(second.physicalId).toBe(first.physicalId);
    expect(plane.runtimes.size).toBe(1);
  });

  test('waits for a fresh role to become visible', async () => {
    plane.errors.create = [
      serviceError('ValidationException', 'Role validation failed for arn:aws:iam::111122223333:role/agent'),
      serviceError('ValidationException', 'Access denied while validating ECR URI 111122223333.dkr.ecr.us-east-1.amazonaws.com/coder:1'),
    ];
    await expect(lifecycle.create(request())).resolves.toMatchObject({ physicalId: 'coder-0000000000' });
    expect(countOf('create')).toBe(3);
  });

  test('a denial may only mean that our own policy does not count everywhere yet', async () => {
    plane.errors.create = [serviceError('AccessDeniedException', 'not authorized')];
    plane.errors.get = [serviceError('AccessDeniedException', 'not authorized')];
    await expect(lifecycle.create(request())).resolves.toMatchObject({ physicalId: 'coder-0000000000' });
    plane.errors.create = Array(40).fill(serviceError('AccessDeniedException', 'not authorized'));
    await expect(lifecycle.create(request())).rejects.toThrow('not authorized');
  });

  describe('a service-linked role that cannot be created', () => {
    const RATE = 'Failed creating service linked role. Rate limit exceeded from IAM';

    test.each([
      ['ValidationException', 'Failed creating service linked role. Please verify that the calling role has sufficient permissions'],
      ['ServiceQuotaExceededException', RATE],
      ['AccessDeniedException', 'Error creating Service-Linked Role'],
      ['SomethingElse', RATE],
    ])('is waited for in the form of %s', async (name, message) => {
      // longer than a denial is waited for
      plane.errors.create = Array(12).fill(serviceError(name, message));
      await expect(lifecycle.create(request())).resolves.toMatchObject({ physicalId: 'coder-0000000000' });
      expect(countOf('create')).toBe(13);
    });

    test('fails after 20 attempts with the message of the service and what to do', async () => {
      plane.errors.create = Array(40).fill(serviceError('ServiceQuotaExceededException', RATE));
      await expect(lifecycle.create(request())).rejects.toMatchObject({
        name: 'ServiceQuotaExceededException',
        message: expect.stringMatching(/^Failed creating service linked role\. Rate limit exceeded from IAM; deploy again .*create-service-linked-role --aws-service-name runtime-identity\./),
      });
      expect(countOf('create')).toBe(20);
    });

    test('names each role that the provider may create', async () => {
      plane.errors.create = Array(40).fill(serviceError('ValidationException', RATE));
      const error: Error = await lifecycle.create(request()).catch((reason) => reason);
      for (const { service } of Object.values(LINKED_ROLES)) expect(error.message).toContain(service);
    });

    test('other quotas are no matter of time', async () => {
      plane.errors.create = [serviceError('ServiceQuotaExceededException', 'the limit of runtimes is reached')];
      await expect(lifecycle.create(request())).rejects.toThrow(/^the limit of runtimes is reached$/);
      expect(countOf('create')).toBe(1);
    });
  });

  test('any other refusal is final', async () => {
    plane.errors.create = [serviceError('ValidationException', 'no')];
    await expect(lifecycle.create(request())).rejects.toThrow('no');
    expect(countOf('create')).toBe(1);
  });

  test('a name that somebody else has is left alone', async () => {
    await plane.create({ agentRuntimeName: 'coder', roleArn: 'r', agentRuntimeArtifact: {}, tags: { Team: 'others' } }, 'other-token');
    await expect(lifecycle.create(request())).rejects.toThrow(/a runtime named coder exists already and is left as it is/);
    expect([...plane.runtimes.values()].map((kept) => kept.tags)).toEqual([{ Team: 'others' }]);
  });

  test('takes over what an interrupted create of the same resource has left behind', async () => {
    const { physicalId } = await lifecycle.create(request());
    const properties = { ...PROPERTIES, EnvironmentVariables: { MODE: 'fast' } };
    const again = await lifecycle.create(request({ properties }));
    expect(again).toMatchObject({ physicalId, attributes: { AgentRuntimeVersion: '2' } });
  });

  test('undoes itself when the resource is deleted before the runtime is there', async () => {
    const create = plane.create.bind(plane);
    jest.spyOn(plane, 'create').mockImplementation(async (configuration, token) => {
      // CloudFormation gives up waiting and deletes under an id of its own; there is nothing to delete yet
      await lifecycle.remove(request({ physicalId: 'demo-Agent-1A2B3C4D' }));
      return create(configuration, token);
    });
    await expect(lifecycle.create(request())).rejects.toThrow('CloudFormation has gone on without this request');
    expect(plane.runtimes.size).toBe(0);
  });

  test('makes nothing where the deletion came before it could begin', async () => {
    await lifecycle.remove(request({ physicalId: 'demo-Agent-1A2B3C4D' }));
    await expect(lifecycle.create(request())).rejects.toThrow('CloudFormation has gone on without this request');
    expect(plane.calls).not.toContain('create');
  });

  test('an earlier deletion does not count', async () => {
    plane.errors.create = [serviceError('ServiceQuotaExceededException', 'no more runtimes')];
    await expect(lifecycle.create(request())).rejects.toThrow('no more runtimes');
    await lifecycle.remove(request({ physicalId: 'no-runtime/Agent' }));
    await expect(lifecycle.create(request())).resolves.toMatchObject({ physicalId: 'coder-0000000000' });
  });

  test('a second delivery after the deletion makes nothing', async () => {
    const first = request();
    const { physicalId } = await lifecycle.create(first);
    await lifecycle.remove(request({ physicalId }));
    plane.calls.length = 0;
    await expect(lifecycle.create(first)).rejects.toThrow('CloudFormation has gone on without this request');
    expect(plane.calls).not.toContain('create');
  });

  test('goes on where the ledger cannot be read', async () => {
    jest.spyOn(ledger, 'recent').mockRejectedValue(new Error('no logs'));
    await expect(lifecycle.create(request())).resolves.toMatchObject({ physicalId: 'coder-0000000000' });
  });

  test('once the ledger is gone with the stack, nothing is made any more', async () => {
    jest.spyOn(ledger, 'recent').mockRejectedValue(new LedgerGoneError('the log group is gone'));
    await expect(lifecycle.create(request())).rejects.toThrow('CloudFormation has gone on without this request');
    expect(plane.runtimes.size).toBe(0);
  });

  test('a runtime that cannot be read yet is there all the same', async () => {
    const get = plane.get.bind(plane);
    jest.spyOn(plane, 'get').mockResolvedValueOnce(undefined).mockResolvedValueOnce(undefined).mockImplementation(get);
    await expect(lifecycle.create(request())).resolves.toMatchObject({ physicalId: 'coder-0000000000' });
  });

  test('one that stays unreadable is not', async () => {
    jest.spyOn(plane, 'get').mockResolvedValue(undefined);
    await expect(lifecycle.create(request())).rejects.toThrow('was deleted while waiting');
    expect(clock.now()).toBeLessThan(60_000);
  });

  test('gives up when its time runs out', async () => {
    plane.statusesAfterCreate = ['CREATING'];
    const deadline = new AbortController();
    const sleep = clock.sleep.bind(clock);
    jest.spyOn(clock, 'sleep').mockImplementation(async (millis, signal) => {
      if (clock.now() > 60_000) deadline.abort(new Error('time is up'));
      await sleep(millis, signal);
    });
    await expect(lifecycle.create(request({ signal: deadline.signal }))).rejects.toThrow('time is up');
  });
});

describe('update', () => {
  const created = async () => (await lifecycle.create(request())).physicalId;

  test('makes no version when nothing differs', async () => {
    const physicalId = await created();
    const { attributes } = await lifecycle.update(request({ physicalId, oldProperties: PROPERTIES }));
    expect(attributes.AgentRuntimeVersion).toBe('1');
    expect(countOf('update')).toBe(0);
  });

  test('a changed environment makes one', async () => {
    const physicalId = await created();
    const properties = { ...PROPERTIES, EnvironmentVariables: { MODE: 'fast' } };
    const { attributes } = await lifecycle.update(request({ physicalId, properties, oldProperties: PROPERTIES }));
    expect(attributes).toMatchObject({ AgentRuntimeVersion: '2', ChangedProperties: 'environmentVariables' });
  });

  test('where a new version is not wanted, names what would make one and changes nothing', async () => {
    const physicalId = await created();
    const oldProperties = { ...PROPERTIES, OnVersionChange: 'FAIL' };
    const properties = { ...oldProperties, EnvironmentVariables: { MODE: 'fast' }, Description: 'new' };
    await expect(lifecycle.update(request({ physicalId, properties, oldProperties }))).rejects.toThrow(/would make a new version .* differs in description, environmentVariables;/);
    expect(countOf('update')).toBe(0);
    // the way back from a deployment that had allowed a version makes one too
    await lifecycle.update(request({ physicalId, properties, oldProperties: PROPERTIES }));
    expect(countOf('update')).toBe(1);
  });

  test('an update that failed before is tried again, though nothing differs', async () => {
    const physicalId = await created();
    plane.runtimes.get(physicalId)!.statuses = ['UPDATE_FAILED'];
    const { attributes } = await lifecycle.update(request({ physicalId, oldProperties: PROPERTIES }));
    expect(attributes).toMatchObject({ Status: 'READY', AgentRuntimeVersion: '2' });
  });

  test('tags change in place, and only those that were the template\'s are taken off', async () => {
    const physicalId = await created();
    plane.runtimes.get(physicalId)!.tags.Cost = 'set by somebody else';
    const properties = { ...PROPERTIES, Tags: { Stage: 'prod' } };
    const { attributes } = await lifecycle.update(request({ physicalId, properties, oldProperties: PROPERTIES }));
    expect(attributes.AgentRuntimeVersion).toBe('1');
    expect(plane.runtimes.get(physicalId)!.tags).toEqual({
      'Stage': 'prod',
      'Cost': 'set by somebody else',
      'cdk-agentcore-runtime:stack-id': OWNER.stackId,
      'cdk-agentcore-runtime:logical-id': OWNER.logicalId,
    });
  });

  test('waits for the new version, though reads may still tell the old one to be READY', async () => {
    const physicalId = await created();
    const update = plane.update.bind(plane);
    jest.spyOn(plane, 'update').mockImplementationOnce(async (id, configuration) => {
      const before = await plane.get(id);
      const version = await update(id, configuration);
      const get = plane.get.bind(plane);
      jest.spyOn(plane, 'get').mockResolvedValueOnce(before).mockResolvedValueOnce(before).mockResolvedValueOnce(before).mockImplementation(get);
      return version;
    });
    const properties = { ...PROPERTIES, EnvironmentVariables: { MODE: 'fast' } };
    expect(await lifecycle.update(request({ physicalId, properties, oldProperties: PROPERTIES }))).toMatchObject({ attributes: { AgentRuntimeVersion: '2' } });
  });

  test('tries again where something else is under way meanwhile', async () => {
    const physicalId = await created();
    plane.errors.update = [serviceError('ConflictException', 'the runtime is being updated')];
    const properties = { ...PROPERTIES, EnvironmentVariables: { MODE: 'fast' } };
    expect(await lifecycle.update(request({ physicalId, properties, oldProperties: PROPERTIES }))).toMatchObject({ attributes: { AgentRuntimeVersion: '2' } });
  });

  test('a second delivery does not take tags back', async () => {
    const physicalId = await created();
    const [a, b] = ['a', 'b'].map((Team) => ({ ...PROPERTIES, Tags: { Team } }));
    const first = request({ physicalId, properties: a, oldProperties: PROPERTIES });
    await lifecycle.update(first);
    await lifecycle.update(request({ physicalId, properties: b, oldProperties: a }));
    await expect(lifecycle.update(first)).rejects.toThrow('gone on without');
    expect(plane.runtimes.get(physicalId)!.tags.Team).toBe('b');
  });

  test('another name is another runtime; the old one is left to the Delete that follows', async () => {
    const physicalId = await created();
    const properties = { ...PROPERTIES, AgentRuntimeName: 'painter' };
    const result = await lifecycle.update(request({ physicalId, properties, oldProperties: PROPERTIES }));
    expect(result.physicalId).toMatch(/^painter-/);
    expect([...plane.runtimes.keys()]).toEqual([physicalId, result.physicalId]);
  });

  test('taking back a replacement returns to the first runtime', async () => {
    const physicalId = await created();
    const properties = { ...PROPERTIES, AgentRuntimeName: 'painter' };
    const replaced = await lifecycle.update(request({ physicalId, properties, oldProperties: PROPERTIES }));
    const back = await lifecycle.update(request({ physicalId: replaced.physicalId, properties: PROPERTIES, oldProperties: properties }));
    expect(back).toMatchObject({ physicalId, attributes: { AgentRuntimeVersion: '1' } });
  });

  describe('cancelled, with the one that takes it back already under way', () => {
    const painter = { ...PROPERTIES, AgentRuntimeName: 'painter' };
    const eager = { ...PROPERTIES, EnvironmentVariables: { MOOD: 'eager' } };
    const back = (physicalId: string, from: object) => lifecycle.update(request({ physicalId, properties: PROPERTIES, oldProperties: from as any }));

    test('a replacement that it has made before is removed by the other', async () => {
      const physicalId = await created();
      await lifecycle.update(request({ physicalId, properties: painter, oldProperties: PROPERTIES }));
      expect(await back(physicalId, painter)).toMatchObject({ physicalId });
      expect([...plane.runtimes.keys()]).toEqual([physicalId]);
    });

    test('a replacement that it makes afterwards is removed by itself', async () => {
      const physicalId = await created();
      const create = plane.create.bind(plane);
      jest.spyOn(plane, 'create').mockImplementationOnce(async (configuration, token) => {
        await back(physicalId, painter);
        return create(configuration, token);
      });
      await expect(lifecycle.update(request({ physicalId, properties: painter, oldProperties: PROPERTIES }))).rejects.toThrow('gone on without');
      expect([...plane.runtimes.keys()]).toEqual([physicalId]);
    });

    test('a runtime that both make again, as it was gone, stays', async () => {
      const gone = await created();
      plane.runtimes.delete(gone);
      const create = plane.create.bind(plane);
      let other: unknown;
      jest.spyOn(plane, 'create').mockImplementationOnce(async (configuration, token) => {
        const id = await create(configuration, token);
        other = await back(gone, PROPERTIES);
        return id;
      });
      await expect(lifecycle.update(request({ physicalId: gone, oldProperties: PROPERTIES }))).rejects.toThrow('gone on without');
      expect([...plane.runtimes.keys()]).toEqual([(other as { physicalId: string }).physicalId]);
    });

    test('it changes nothing any more', async () => {
      const physicalId = await created();
      const late = request({ physicalId, properties: eager, oldProperties: PROPERTIES });
      await lifecycle.update(late);
      await back(physicalId, eager);
      await expect(lifecycle.update(late)).rejects.toThrow('gone on without');
      expect(plane.runtimes.get(physicalId)!.configuration.environmentVariables).toBeUndefined();
    });

    test('one that begins after it changes nothing, and the other counts', async () => {
      const physicalId = await created();
      const late = request({ physicalId, properties: eager, oldProperties: PROPERTIES });
      const whenSettled = plane.get.bind(plane);
      let failed: unknown;
      // the late one begins while the other looks at the runtime
      jest.spyOn(plane, 'get').mockImplementationOnce(async (id) => {
        failed = await lifecycle.update(late).catch((error) => error);
        return whenSettled(id);
      });
      expect(await back(physicalId, eager)).toMatchObject({ physicalId, attributes: { AgentRuntimeVersion: '1' } });
      expect(failed).toMatchObject({ message: expect.stringContaining('gone on without') });
      expect(countOf('update')).toBe(0);
    });

    test('it takes back what it changes too late', async () => {
      const physicalId = await created();
      const update = plane.update.bind(plane);
      jest.spyOn(plane, 'update').mockImplementationOnce(async (id, configuration) => {
        await back(physicalId, eager);
        return update(id, configuration);
      });
      await expect(lifecycle.update(request({ physicalId, properties: eager, oldProperties: PROPERTIES }))).rejects.toThrow('was taken back');
      expect(plane.runtimes.get(physicalId)!.configuration.environmentVariables).toBeUndefined();
    });

    test('a second delivery of one that has made a replacement leaves it alone, whatever becomes of the first runtime', async () => {
      const physicalId = await created();
      const replacing = request({ physicalId, properties: painter, oldProperties: PROPERTIES });
      const { physicalId: painterId } = await lifecycle.update(replacing);
      await lifecycle.remove(request({ physicalId }));
      expect(await lifecycle.update(replacing)).toMatchObject({ physicalId: painterId });
      expect([...plane.runtimes.keys()]).toEqual([painterId]);
    });
  });

  test('a runtime that somebody deleted is made again', async () => {
    const physicalId = await created();
    plane.runtimes.delete(physicalId);
    const result = await lifecycle.update(request({ physicalId, oldProperties: PROPERTIES }));
    expect(result.physicalId).not.toBe(physicalId);
    expect(plane.runtimes.size).toBe(1);
  });
});

describe('remove', () => {
  test('waits until the runtime is gone', async () => {
    const { physicalId } = await lifecycle.create(request());
    await lifecycle.remove(request({ physicalId }));
    expect(plane.runtimes.size).toBe(0);
    await lifecycle.remove(request({ physicalId }));
  });

  test('waits until the service is done with what it does', async () => {
    const { physicalId } = await lifecycle.create(request());
    plane.runtimes.get(physicalId)!.statuses = ['UPDATING', 'UPDATING', 'READY'];
    await lifecycle.remove(request({ physicalId }));
    expect(plane.runtimes.size).toBe(0);
  });

  test('tries again where something else is under way meanwhile', async () => {
    const { physicalId } = await lifecycle.create(request());
    plane.errors.remove = [serviceError('ConflictException', 'the runtime is being updated')];
    await lifecycle.remove(request({ physicalId }));
    expect(plane.runtimes.size).toBe(0);
  });

  test('denied access to what has just gone is the end that was waited for', async () => {
    const { physicalId } = await lifecycle.create(request());
    jest.spyOn(plane, 'remove').mockImplementationOnce(async (id) => {
      plane.runtimes.delete(id);
      plane.errors.get = [serviceError('AccessDeniedException', 'not authorized')];
      return true;
    });
    await lifecycle.remove(request({ physicalId }));
    expect(plane.errors.get).toEqual([]);
  });

  test('finds what an interrupted create has left behind, when the id is CloudFormation\'s own', async () => {
    await lifecycle.create(request());
    await lifecycle.remove(request({ physicalId: 'demo-Agent-1A2B3C4D' }));
    expect(plane.runtimes.size).toBe(0);
  });

  test('goes on without a ledger', async () => {
    await lifecycle.create(request());
    jest.spyOn(ledger, 'note').mockRejectedValue(new Error('no logs'));
    await lifecycle.remove(request({ physicalId: 'demo-Agent-1A2B3C4D' }));
    expect(plane.runtimes.size).toBe(0);
  });

  test('does not touch a runtime of that name that is another resource\'s', async () => {
    await lifecycle.create(request());
    await lifecycle.remove(request({ physicalId: 'demo-Agent-1A2B3C4D', owner: { ...OWNER, logicalId: 'Other' } }));
    expect(plane.runtimes.size).toBe(1);
  });

  test('denied access to what is gone is success; to what is there, a failure', async () => {
    const { physicalId } = await lifecycle.create(request());
    plane.errors.remove = [serviceError('AccessDeniedException', 'not authorized'), serviceError('AccessDeniedException', 'not authorized')];
    await expect(lifecycle.remove(request({ physicalId }))).rejects.toThrow('not authorized');
    jest.spyOn(plane, 'exists').mockResolvedValue(false);
    await lifecycle.remove(request({ physicalId }));
  });
});

describe('adoption', () => {
  const ID = 'coder-0000000000';
  const adopting = { ...PROPERTIES, AdoptedAgentRuntimeId: ID };
  const tagsNow = () => plane.runtimes.get(ID)!.tags;
  const made = async (tags: Record<string, string> = {}) => plane.create({
    agentRuntimeName: 'coder',
    roleArn: PROPERTIES.RoleArn,
    agentRuntimeArtifact: { containerConfiguration: { containerUri: PROPERTIES.AgentRuntimeArtifact.ContainerConfiguration.ContainerUri } },
    tags,
  }, 'made by somebody');

  test.each([
    ['nothing that is known', {}],
    ['CloudFormation, for the same stack', { 'aws:cloudformation:stack-id': OWNER.stackId }],
    ['another resource of the same stack', { 'cdk-agentcore-runtime:stack-id': OWNER.stackId, 'cdk-agentcore-runtime:logical-id': 'Before' }],
  ])('a runtime that was made by %s keeps its id and version', async (_, tags) => {
    await made(tags);
    const created = await lifecycle.create(request({ properties: adopting }));
    expect(created).toMatchObject({ physicalId: ID, attributes: { AgentRuntimeVersion: '1', ChangedProperties: '' } });
    expect(tagsNow()).toMatchObject({ 'Team': 'agents', 'cdk-agentcore-runtime:logical-id': 'Agent' });
    expect(countOf('create')).toBe(1);
    expect(countOf('update')).toBe(0);
  });

  test.each([
    ['of another stack\'s resource', { 'cdk-agentcore-runtime:stack-id': 'other', 'cdk-agentcore-runtime:logical-id': 'Agent' }],
    ['that CloudFormation made for another stack', { 'aws:cloudformation:stack-id': 'other' }],
  ])('a runtime %s is left alone', async (_, tags) => {
    await made(tags);
    await expect(lifecycle.create(request({ properties: adopting }))).rejects.toThrow('runtime coder-0000000000 belongs to stack other and is left as it is');
    expect(tagsNow()).toEqual(tags);
  });

  test('what differs is brought in line, unless no version is wanted', async () => {
    await made();
    const changed = { ...adopting, EnvironmentVariables: { MOOD: 'eager' } };
    await expect(lifecycle.create(request({ properties: { ...changed, OnVersionChange: 'FAIL' } }))).rejects.toThrow('it differs in environmentVariables');
    expect(plane.runtimes.has(ID)).toBe(true);
    expect(await lifecycle.create(request({ properties: changed }))).toMatchObject({ attributes: { AgentRuntimeVersion: '2' } });
  });

  test('one that is not there, or has another name, cannot be adopted', async () => {
    await expect(lifecycle.create(request({ properties: adopting }))).rejects.toThrow('there is no runtime coder-0000000000 that could be adopted');
    await made();
    await expect(lifecycle.create(request({ properties: { ...adopting, AgentRuntimeName: 'painter' } }))).rejects.toThrow('set runtimeName to coder');
  });

  test('a resource that has a runtime adopts no other', async () => {
    const properties = { ...adopting, AdoptedAgentRuntimeId: 'coder-9999999999' };
    await made();
    await expect(lifecycle.update(request({ physicalId: ID, properties, oldProperties: PROPERTIES }))).rejects.toThrow('this one has runtime coder-0000000000 already');
  });

  test('deleting it, as a roll-back does, leaves the runtime, free for its former owner', async () => {
    await made({ Keep: 'this' });
    await lifecycle.create(request({ properties: adopting }));
    await lifecycle.remove(request({ physicalId: ID, properties: adopting }));
    expect(tagsNow()).toEqual({ Keep: 'this', Team: 'agents' });
  });

  test('once the template no longer says so, it is a runtime as any other', async () => {
    await made();
    await lifecycle.create(request({ properties: adopting }));
    expect(await lifecycle.update(request({ physicalId: ID, oldProperties: adopting }))).toMatchObject({ attributes: { AgentRuntimeVersion: '1' } });
    await lifecycle.remove(request({ physicalId: ID }));
    expect(plane.runtimes.size).toBe(0);
  });

  test('the former owner\'s deletion leaves what has been adopted', async () => {
    await lifecycle.create(request());
    await lifecycle.create(request({ owner: { ...OWNER, logicalId: 'After' }, properties: adopting }));
    await lifecycle.remove(request({ physicalId: ID }));
    expect(tagsNow()).toMatchObject({ 'cdk-agentcore-runtime:logical-id': 'After' });
  });
});
