import { Thing, Trial } from './deployment-fixture';
import { ManualClock } from '../deployer/manual-clock';

let trial: Trial;
beforeEach(async () => { trial = await Trial.begin(); });
afterEach(() => trial.end());

const INVENTED = /^Demo-Thing-[A-Z0-9]{12}$/;
const WORKS_UNTIL_DELETED: Thing = { OnCreate: ['log working', 'wait deleted', 'answer', 'log late'], OnDelete: ['answer', 'open deleted'] };
const first = () => trial.injector.applied[0];
const answers = () => trial.injector.answers.map(({ request, counted, response: { status } }) => `${request} ${status}${counted ? '' : ' ignored'}`);

describe('an early Delete', () => {
  test.each([
    ['at once', 'immediately'],
    ['after a log line', { afterLogLine: 'worki' }],
  ])('%s reaches the function while its Create runs, with an invented id; the late answer is ignored', async (_, at) => {
    const result = await trial.deploy({ Thing: WORKS_UNTIL_DELETED }, [{ kind: 'cancel', logicalId: 'Thi*', at }]);
    expect(result).toMatchObject({ status: 'ROLLBACK_COMPLETE', failure: { logicalId: 'Thing', reason: 'Resource creation cancelled' } });
    expect([...trial.calls].sort()).toEqual(['Create Thing -', expect.stringMatching(/^Delete Thing Demo-Thing-[A-Z0-9]{12}$/)]);
    // the Create could end only after its Delete had been answered
    expect(answers()).toEqual(['Delete SUCCESS', 'Create SUCCESS ignored']);
    expect(trial.lines.at(-1)).toBe('late');
    expect(first()).toEqual({
      index: 0, kind: 'cancel', applied: 1, observations: ['Thing Create: CloudFormation waits no longer', 'Thing Create: answer, too late to count: SUCCESS real-Thing'],
    });
    expect(trial.notices[0]).toBe('fault plan: deployment[0] cancel: Thing Create: CloudFormation waits no longer');
    expect(trial.events.find(({ status }) => status === 'DELETE_IN_PROGRESS')!.physicalId).toMatch(INVENTED);
  });

  test('after some time', async () => {
    const clock = new ManualClock();
    const deployed = trial.deploy({ Thing: WORKS_UNTIL_DELETED }, [{ kind: 'cancel', at: { afterMillis: 500 } }], { clock });
    await trial.gates.reached('deleted');
    clock.advance(500);
    expect(await deployed).toMatchObject({ status: 'ROLLBACK_COMPLETE', failure: { reason: 'Resource creation cancelled' } });
    expect(first().applied).toBe(1);
  });

  test('once a sibling has failed', async () => {
    const bad = { OnCreate: ['wait working', 'answer'] };
    const result = await trial.deploy(
      { Thing: { OnCreate: ['open working', 'wait deleted', 'answer'], OnDelete: ['answer', 'open deleted'] }, Bad: bad },
      [{ kind: 'cancel', logicalId: 'Thing', at: 'siblingFailure' }, { kind: 'fail', logicalId: 'Bad', reason: 'no luck' }],
    );
    expect(result).toMatchObject({ status: 'ROLLBACK_COMPLETE', failure: { logicalId: 'Bad', reason: 'no luck' } });
    expect(trial.calls).toEqual(expect.arrayContaining(['Delete Bad real-Bad', expect.stringMatching(/^Delete Thing Demo-Thing-/)]));
    expect(trial.injector.applied.map(({ applied }) => applied)).toEqual([1, 1]);
  });

  test('does not come for a Create that ends before its moment', async () => {
    expect(await trial.deploy({ Thing: {} }, [{ kind: 'cancel', at: { afterLogLine: 'never written' } }])).toMatchObject({ status: 'CREATE_COMPLETE' });
    expect(first()).toMatchObject({ applied: 0, observations: expect.arrayContaining(['Thing Create: it had ended before the moment came']) });
    expect(trial.injector.unapplied).toEqual([expect.stringContaining('deployment[0] cancel: was not applied; check its logicalId')]);
  });

  test('an Update is cancelled so too: the swapped Update comes while it runs', async () => {
    await trial.deploy({ Thing: { V: 1, OnUpdate: ['event', 'answer', 'open back'] } });
    trial.lines = [];
    const result = await trial.deploy(
      { Thing: { V: 2, OnUpdate: ['log working', 'wait back', 'answer'] } },
      [{ kind: 'cancel', request: 'Update', at: { afterLogLine: 'working' } }],
    );
    expect(result).toMatchObject({ status: 'UPDATE_ROLLBACK_COMPLETE', failure: { reason: 'Resource update cancelled' } });
    expect(trial.calls).toEqual(['Update Thing real-Thing', 'Update Thing real-Thing']);
    const [now, old] = JSON.parse(trial.lines.find((line) => line.startsWith('['))!);
    expect([now.V, old.V]).toEqual(['1', '2']);
    expect(answers()).toEqual(['Update SUCCESS', 'Update SUCCESS ignored']);
  });
});

describe('duplicates', () => {
  const requestIds = () => new Set(trial.injector.invocations.filter(({ request }) => request === 'Create').map(({ requestId }) => requestId));

  test('at once, all with the same RequestId', async () => {
    const result = await trial.deploy({ Thing: { OnCreate: ['answer'] } }, [{ kind: 'duplicate', copies: 2, request: 'Create' }]);
    expect(result.status).toBe('CREATE_COMPLETE');
    expect(trial.calls).toEqual(Array(3).fill('Create Thing -'));
    expect(requestIds().size).toBe(1);
    expect(answers()).toEqual(['Create SUCCESS', 'Create SUCCESS ignored', 'Create SUCCESS ignored']);
    expect(first()).toMatchObject({ applied: 2 });
  });

  test('after the answer, while the first still runs', async () => {
    const steps = ['answer', 'wait second', 'log end'];
    const deployed = trial.deploy({ Thing: { OnCreate: steps } }, [{ kind: 'duplicate', at: 'answer' }]);
    await trial.gates.reached('second');
    trial.gates.open('second');
    expect(await deployed).toMatchObject({ status: 'CREATE_COMPLETE' });
    expect(trial.calls).toHaveLength(2);
    expect(trial.lines.filter((line) => line === 'PUT 200')).toHaveLength(2);
  });

  test('after the first has ended, also where that gave no answer', async () => {
    const result = await trial.deploy({ Thing: { OnCreate: ['log started', 'answer'] } }, [
      { kind: 'duplicate', at: 'end' }, { kind: 'crash', at: { afterLogLine: 'Create Thing' } },
    ]);
    expect(result.status).toBe('CREATE_COMPLETE');
    expect(trial.injector.invocations.map(({ outcome }) => outcome)).toEqual([
      { error: 'Runtime exited with error: signal SIGKILL', name: 'Runtime.ExitError' }, { result: null },
    ]);
  });

  test('after the resource is gone', async () => {
    const result = await trial.deploy({ Thing: WORKS_UNTIL_DELETED }, [
      { kind: 'cancel' }, { kind: 'duplicate', request: 'Create', at: { afterStatus: 'DELETE_COMPLETE' } },
    ]);
    expect(result.status).toBe('ROLLBACK_COMPLETE');
    expect(trial.calls.filter((call) => call.startsWith('Create'))).toHaveLength(2);
    expect(trial.calls.at(-1)).toBe('Create Thing -');
    expect(answers().filter((answer) => answer === 'Create SUCCESS ignored')).toHaveLength(2);
  });

  test('whose moment cannot come are told of, and hold nothing up', async () => {
    const result = await trial.deploy({ Thing: { OnCreate: ['log no answer'] }, Other: {} }, [
      { kind: 'duplicate', logicalId: 'Thing', request: 'Create', at: { afterStatus: 'DELETE_FAILED' } },
      { kind: 'duplicate', logicalId: 'Other', request: 'Create', at: 'siblingFailure' },
      { kind: 'duplicate', logicalId: 'Other', request: 'Create', at: { afterStatus: 'UPDATE_COMPLETE' } },
    ]);
    expect(result.status).toBe('ROLLBACK_COMPLETE');
    expect(first().observations).toContain('Thing Create: copy 1 was not delivered: its moment did not come');
    expect(trial.injector.applied[1].applied).toBe(1);
    expect(trial.injector.applied[2].observations).toContain('Other Create: copy 1 was not delivered: its moment did not come');
  });
});

describe('a sibling that fails', () => {
  test('after it was created is deleted by its own id', async () => {
    expect(await trial.deploy({ Thing: {} }, [{ kind: 'fail', logicalId: 'Thing', reason: 'no luck' }]))
      .toMatchObject({ status: 'ROLLBACK_COMPLETE', failure: { logicalId: 'Thing', reason: 'no luck' } });
    expect(trial.calls).toEqual(['Create Thing -', 'Delete Thing real-Thing']);
    expect(trial.events.map(({ logicalId, status }) => `${logicalId} ${status}`)).toContain('Thing CREATE_FAILED');
  });

  test('after it was updated brings the swapped Update', async () => {
    await trial.deploy({ Thing: { V: 1, OnUpdate: ['event', 'answer'] } });
    trial.lines = [];
    const result = await trial.deploy({ Thing: { V: 2, OnUpdate: ['event', 'answer'] } }, [{ kind: 'fail', resourceType: 'Custom::*', request: 'Update' }]);
    expect(result.status).toBe('UPDATE_ROLLBACK_COMPLETE');
    const sent = trial.lines.filter((line) => line.startsWith('[')).map((line) => JSON.parse(line)).map(([now, old]) => [now.V, old.V]);
    expect(sent).toEqual([['2', '1'], ['1', '2']]);
  });

  test('after it has replaced itself is told to go back from the new id, which is then deleted', async () => {
    await trial.deploy({ Thing: { OnUpdate: ['answer {"PhysicalResourceId":"real-Thing"}'] } });
    trial.lines = [];
    const result = await trial.deploy({ Thing: { OnUpdate: ['answer {"PhysicalResourceId":"new"}'] } }, [{ kind: 'fail' }]);
    expect(result.status).toBe('UPDATE_ROLLBACK_COMPLETE');
    expect(trial.calls).toEqual(['Update Thing real-Thing', 'Update Thing new', 'Delete Thing new']);
  });

  test('of any type, and on the way back too where the plan says so', async () => {
    expect(await trial.deploy({ Thing: { after: 'Other' }, Other: {} }, [{ kind: 'fail', logicalId: 'Retries' }])).toMatchObject({ status: 'ROLLBACK_COMPLETE' });
    expect(trial.calls).toEqual([]);
    await trial.deploy({ Thing: { V: 1 } });
    expect(await trial.deploy({ Thing: { V: 2 } }, [{ kind: 'fail', times: 2 }])).toMatchObject({ status: 'UPDATE_ROLLBACK_FAILED' });
  });

  test('after it was deleted is deleted again by the next attempt', async () => {
    await trial.deploy({ Thing: {} });
    expect(await trial.destroy([{ kind: 'fail', request: 'Delete', logicalId: 'Thing' }])).toMatchObject({ status: 'DELETE_FAILED' });
    expect(await trial.destroy()).toMatchObject({ status: 'DELETE_COMPLETE' });
    expect(trial.calls).toEqual(['Create Thing -', 'Delete Thing real-Thing', 'Delete Thing real-Thing']);
  });
});

describe('repeated Deletes', () => {
  test.each([[2, false], [3, true]])('%i, at once: %p', async (deletes, concurrent) => {
    await trial.deploy({ Thing: {} });
    expect(await trial.destroy([{ kind: 'repeatDelete', logicalId: 'Thing', deletes, concurrent }])).toMatchObject({ status: 'DELETE_COMPLETE' });
    expect(trial.calls).toEqual(['Create Thing -', ...Array(deletes).fill('Delete Thing real-Thing')]);
    expect(new Set(trial.injector.invocations.map(({ requestId }) => requestId)).size).toBe(deletes);
    expect(first().observations.filter((line) => line.endsWith('succeeded'))).toHaveLength(deletes);
  });

  test('that fail make the deletion fail', async () => {
    await trial.deploy({ Thing: { OnDelete: ['answer {"Status":"FAILED","Reason":"gone already"}'] } });
    expect(await trial.destroy([{ kind: 'repeatDelete', concurrent: true, logicalId: 'Thing' }]))
      .toMatchObject({ status: 'DELETE_FAILED', failure: { reason: expect.stringContaining('gone already') } });
  });
});

describe('the server behind ResponseURL', () => {
  const puts = () => trial.lines.filter((line) => line.startsWith('PUT '));
  const threeTries = { OnCreate: ['answer', 'answer', 'answer'] };

  test('answers with a status, and resets, before it takes the answer', async () => {
    const faults = [{ kind: 'response', behaviour: 'status', status: 500 }, { kind: 'response', behaviour: 'reset' }];
    expect(await trial.deploy({ Thing: threeTries }, faults)).toMatchObject({ status: 'CREATE_COMPLETE' });
    expect(puts()).toEqual(['PUT 500', 'PUT ECONNRESET', 'PUT 200']);
    expect(answers()).toEqual(['Create SUCCESS']);
    expect(first().observations).toEqual(['Thing Create: PUT 1: 500', 'Thing Create: answer: SUCCESS real-Thing']);
  });

  test('takes the answer, though its sender hears of a failure', async () => {
    expect(await trial.deploy({ Thing: threeTries }, [{ kind: 'response', behaviour: 'status', requests: 2, taken: true }])).toMatchObject({ status: 'CREATE_COMPLETE' });
    expect(puts()).toEqual(['PUT 503', 'PUT 503', 'PUT 200']);
    expect(answers()).toEqual(['Create SUCCESS', 'Create SUCCESS ignored', 'Create SUCCESS ignored']);
  });

  test('never takes it', async () => {
    expect(await trial.deploy({ Thing: { OnCreate: ['answer'] } }, [{ kind: 'response', behaviour: 'status', requests: 'always', request: 'Create' }]))
      .toMatchObject({ status: 'ROLLBACK_COMPLETE', failure: { reason: expect.stringContaining('sent no response') } });
  });

  test('never answers: whoever has patience ends with it', async () => {
    expect(await trial.deploy({ Thing: { Patience: 50, OnCreate: ['answer', 'answer'] } }, [{ kind: 'response', behaviour: 'never' }])).toMatchObject({ status: 'CREATE_COMPLETE' });
    expect(puts()).toEqual(['PUT GIVEN UP', 'PUT 200']);
  });

  test('is slow: the answer counts at once, its sender hears of it later', async () => {
    const clock = new ManualClock();
    const deployed = trial.deploy(
      { Thing: { OnCreate: ['answer'] }, Next: { after: 'Thing', OnCreate: ['answer', 'wait end'] } },
      [{ kind: 'response', behaviour: 'slow', delayMillis: 5_000, logicalId: 'Thing' }], { clock },
    );
    // the next resource is begun although the first still waits
    await trial.gates.reached('end');
    expect(puts()).toEqual(['PUT 200']);
    clock.advance(5_000);
    trial.gates.open('end');
    expect(await deployed).toMatchObject({ status: 'CREATE_COMPLETE' });
    expect(puts()).toEqual(['PUT 200', 'PUT 200']);
  });

  test('is slow, and forgets an answer whose sender has gone', async () => {
    const faults = [{ kind: 'response', behaviour: 'slow', delayMillis: 3_600_000, taken: false, request: 'Create' }];
    expect(await trial.deploy({ Thing: { Patience: 50, OnCreate: ['answer'] } }, faults)).toMatchObject({ status: 'ROLLBACK_COMPLETE' });
    expect(puts()[0]).toBe('PUT GIVEN UP');
  });
});

describe('a function', () => {
  test('runs out of time: it knows how much it has, and is ended', async () => {
    const clock = new ManualClock();
    const deployed = trial.deploy({ Thing: { OnCreate: ['remaining 1000', 'wait nobody'] } }, [{ kind: 'timeout', seconds: 1, request: 'Create' }], { clock });
    await trial.gates.reached('nobody');
    clock.advance(1_000);
    expect(await deployed).toMatchObject({ status: 'ROLLBACK_COMPLETE', failure: { reason: expect.stringContaining('Task timed out after 1.00 seconds') } });
    expect(trial.lines).toContain('remaining true');
    expect(first().observations).toEqual(['Thing Create: Timeout is 1 s in place of 30 s', 'Thing Create: Task timed out after 1.00 seconds']);
  });

  test('is killed at a log line, and called again by Lambda with the same event', async () => {
    const result = await trial.deploy({ Thing: { OnCreate: ['log half', 'wait nobody', 'answer'] } }, [{ kind: 'crash', times: 2, at: { afterLogLine: 'half' } }], { retries: 1 });
    expect(result).toMatchObject({ status: 'ROLLBACK_COMPLETE', failure: { reason: expect.stringContaining('signal SIGKILL') } });
    expect(trial.calls.slice(0, 2)).toEqual(['Create Thing -', 'Create Thing -']);
    expect(new Set(trial.injector.invocations.slice(0, 2).map(({ requestId }) => requestId)).size).toBe(1);
  });

  test('is killed after its answer, which counts', async () => {
    expect(await trial.deploy({ Thing: { OnCreate: ['answer', 'hang'] } }, [{ kind: 'crash', at: 'answer' }])).toMatchObject({ status: 'CREATE_COMPLETE' });
    expect(first().applied).toBe(1);
  });

  test('finds no module of the SDK, not even its own, but all others', async () => {
    const steps = ['require @aws-sdk/some', 'import @aws-sdk/some', 'require other', 'import other', 'answer'];
    expect(await trial.deploy({ Thing: { OnCreate: steps } }, [{ kind: 'modulesAbsent' }])).toMatchObject({ status: 'CREATE_COMPLETE' });
    expect(trial.lines.slice(1, -1)).toEqual(['MODULE_NOT_FOUND', 'MODULE_NOT_FOUND', 'found other', 'found other']);
    trial.lines = [];
    await trial.destroy();
    await trial.deploy({ Thing: { OnCreate: steps } });
    expect(trial.lines).toContain('found some');
  });
});

test('properties get another shape, the same for each delivery', async () => {
  await trial.deploy({ Thing: { A: { B: 1, C: [true] }, D: 'x' } });
  trial.lines = [];
  await trial.deploy({ Thing: { A: { B: 2, C: [false] }, D: 'y', OnUpdate: ['event', 'answer'] } }, [
    { kind: 'mangle', in: ['ResourceProperties'], stringify: ['A.C', 'D'], rename: { 'A.B': 'Old', 'Nothing': 'X' }, drop: ['A.C.0', 'Missing.Path'], add: { 'New.Deep': 7 } },
    { kind: 'mangle', in: ['OldResourceProperties'], drop: ['A', 'Gates'], physicalId: 'of-old-times' },
    { kind: 'duplicate' },
  ]);
  const events = trial.lines.filter((line) => line.startsWith('[')).map((line) => JSON.parse(line));
  const { OnUpdate, ...shape } = events[0][0];
  expect(shape).toEqual({ A: { Old: '2', C: '["false"]' }, D: 'y', New: { Deep: 7 } });
  expect(events[0].slice(1)).toEqual([{ D: 'x', ServiceToken: expect.any(String) }, 'of-old-times']);
  expect(events[1]).toEqual(events[0]);
  expect(first().observations[0]).toBe('Thing Update: stringified A.C in ResourceProperties, stringified D in ResourceProperties, renamed to Old: A.B in ResourceProperties, added New.Deep in ResourceProperties');
});

test('ServiceTimeout is over while the function works: then comes the Delete', async () => {
  const result = await trial.deploy({ Thing: { ...WORKS_UNTIL_DELETED, ServiceTimeout: 600 } }, [{ kind: 'serviceTimeout', at: { afterLogLine: 'working' } }]);
  expect(result).toMatchObject({ status: 'ROLLBACK_COMPLETE', failure: { reason: expect.stringContaining('within 600 s (its ServiceTimeout)') } });
  expect(trial.calls[1]).toMatch(/^Delete Thing Demo-Thing-/);
});

test('late answers are checked as those that count', async () => {
  await trial.deploy({ Thing: { OnCreate: ['answer', `answer {"Data":{"A":"${'x'.repeat(5_000)}"}}`] } });
  expect(trial.injector.answers.map(({ response }) => response)).toEqual([
    expect.objectContaining({ status: 'SUCCESS' }), expect.objectContaining({ status: 'FAILED', reason: expect.stringContaining('Response object is too long.') }),
  ]);
});

test('skip and times count the events that match', async () => {
  const things = Object.fromEntries(['A', 'B', 'C', 'D'].map((id, i, ids) => [id, { after: ids[i - 1] }]));
  await trial.deploy(things, [{ kind: 'duplicate', request: 'Create', skip: 1, times: 2 }]);
  expect(trial.calls).toEqual(['Create A -', 'Create B -', 'Create B -', 'Create C -', 'Create C -', 'Create D -']);
  expect(first().applied).toBe(2);
});
