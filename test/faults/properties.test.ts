import { useBench } from './support/bench';
import { commandProperties, runtimeProperties, runtimeResource } from './support/properties';
import { row } from './support/row';

// What CloudFormation makes of properties, what older versions have left in them, and what must not leave them.

const shared = useBench();

row(16, 'numbers and booleans arrive as strings, however deep; one property is not known', async (observe) => {
  const { bench } = shared;
  const properties = {
    LifecycleConfiguration: { IdleRuntimeSessionTimeout: 600, MaxLifetime: 3_600 }, EnvironmentVariables: { RETRIES: 3, VERBOSE: true },
  };
  const deployed = await bench.deploy({ Agent: runtimeResource('typed', properties) });
  expect(deployed.status).toBe('CREATE_COMPLETE');
  const [{ id }] = await bench.runtimes();
  expect(await bench.live(id)).toMatchObject({ lifecycleConfiguration: { idleRuntimeSessionTimeout: 600, maxLifetime: 3_600 }, environmentVariables: { RETRIES: '3', VERBOSE: 'true' } });

  const unknown = runtimeProperties('typed', { NotYetInvented: 'true', LifecycleConfiguration: { MaxLifetime: 'soon' } });
  const refused = await bench.answer(bench.event('Update', 'runtime', unknown, { PhysicalResourceId: id, OldResourceProperties: runtimeProperties('typed') }));
  expect(refused).toMatchObject({ Status: 'FAILED', PhysicalResourceId: id, Reason: expect.stringMatching(/NotYetInvented is not a property[^]*LifecycleConfiguration.MaxLifetime is a string where a whole number is needed/) });
  observe('the types of the model; an unknown or mistyped property is named in the reason');
});

row(17, 'properties of another age: other names, JSON in strings, none at all, in old properties and in Deletes', async (observe) => {
  const { bench } = shared;
  const properties = runtimeProperties('aged', { Tags: { team: 'a' } });
  const { id } = await bench.createRuntime(properties);
  const shapes: Record<string, unknown>[] = [
    {}, { Config: JSON.stringify({ version: '1', agentRuntimeName: 'aged' }) }, { AgentRuntimeName: ['aged'], Tags: 'team=a', ServiceToken: { Ref: 'X' } }, { Tags: null, Unknown: { Deep: ['1'] } },
  ];
  for (const old of shapes) {
    const updated = await bench.answer(bench.event('Update', 'runtime', properties, { PhysicalResourceId: id, OldResourceProperties: old }));
    expect(updated).toMatchObject({ Status: 'SUCCESS', PhysicalResourceId: id, Data: { AgentRuntimeVersion: '1' } });
    for (const physicalId of ['of-another-age', 'gone-abcdefghij']) {
      expect(await bench.answer(bench.event('Delete', 'runtime', old, { PhysicalResourceId: physicalId, ResourceProperties: old }))).toMatchObject({ Status: 'SUCCESS' });
    }
    expect(await bench.answer(bench.event('Delete', 'command', old, { PhysicalResourceId: 'of-another-age', ResourceProperties: old }))).toMatchObject({ Status: 'SUCCESS' });
  }
  expect(await bench.answer(bench.event('Delete', 'runtime', {}, { PhysicalResourceId: id, ResourceProperties: undefined }))).toMatchObject({ Status: 'SUCCESS' });
  expect(await bench.runtimes()).toEqual([]);
  observe(`${shapes.length} shapes: Update and Delete succeed, no new version`);
});

row(19, 'secrets in variables, a ResponseURL that fails, a command that fails', async (observe) => {
  const { bench } = shared;
  const secret = 'hunter2-hunter2';
  const properties = runtimeProperties('discreet', { EnvironmentVariables: { TOKEN: secret } });
  const { id, arn } = await bench.createRuntime(properties);
  await bench.answer(bench.event('Update', 'runtime', runtimeProperties('discreet', { EnvironmentVariables: { TOKEN: `${secret}!` } }), { PhysicalResourceId: id, OldResourceProperties: properties }));
  const command = commandProperties(arn, `true ${secret}; exit 3`, { Environment: { PASSWORD: secret } });
  const failed = await bench.call(bench.event('Create', 'command', command), { behaviour: (request) => (request < 2 ? 'reset' : 'accept') });
  expect(failed.answer).toMatchObject({ Status: 'FAILED' });
  expect(failed.answer!.Reason).not.toContain(secret);
  const invalid = await bench.answer(bench.event('Create', 'runtime', runtimeProperties('discreet', { EnvironmentVariables: { TOKEN: [secret] } })));
  expect(invalid.Status).toBe('FAILED');
  const never = await bench.call(bench.event('Delete', 'command', {}, { PhysicalResourceId: 'x' }), { behaviour: () => 'reset' });
  expect(never.outcome).toMatchObject({ error: expect.stringContaining('the answer could not be delivered') });
  const said = [...bench.lines, JSON.stringify(never.outcome)].join('\n');
  expect(said).not.toMatch(/ResponseURL|Signature|AWSAccessKeyId|127\.0\.0\.1/);
  expect(said).not.toContain(secret);
  expect(bench.lines.length).toBeGreaterThan(10);
  observe(`neither the secret nor the URL in ${bench.lines.length} log lines, reasons and errors`);
});
