import fc from 'fast-check';
import { CommandEnd } from '../../src/provider/command-end';
import { COMMAND_ATTRIBUTES } from '../../src/provider/contract';
import { commandMetrics } from '../../src/provider/metrics';

const OWNER = { stackId: 'arn:aws:cloudformation:eu-west-1:111122223333:stack/Agents-prod/0a1b2c3d', logicalId: 'Check1A2B3C4D' };

function end(told: Partial<CommandEnd['attributes']>, failure?: string): CommandEnd {
  const none = Object.fromEntries(COMMAND_ATTRIBUTES.map((name) => [name, ''])) as CommandEnd['attributes'];
  return { attributes: { ...none, ...told }, failure };
}

test('the end of a command is three metrics under its name', () => {
  expect(commandMetrics(OWNER, end({ Status: 'COMPLETED', DurationMillis: '1234' }, 'exit code 1'), 1_700_000_000_000)).toEqual({
    _aws: {
      Timestamp: 1_700_000_000_000,
      CloudWatchMetrics: [{
        Namespace: 'CdkAgentCoreRuntime',
        Dimensions: [['CommandName']],
        Metrics: [
          { Name: 'Failures', Unit: 'Count' },
          { Name: 'Timeouts', Unit: 'Count' },
          { Name: 'Duration', Unit: 'Milliseconds' },
        ],
      }],
    },
    CommandName: 'Agents-prod/Check1A2B3C4D',
    Duration: 1_234,
    Failures: 1,
    Timeouts: 0,
  });
});

test.each<[string, CommandEnd, object]>([
  ['a success', end({ Status: 'COMPLETED', DurationMillis: '0' }), { Failures: 0, Timeouts: 0, Duration: 0 }],
  ['a time-out, which is a failure too', end({ Status: 'TIMED_OUT', DurationMillis: '60000' }, 'timed out'), { Failures: 1, Timeouts: 1, Duration: 60_000 }],
  ['a result that was lost, which tells no duration', end({ Status: 'UNKNOWN' }, 'lost'), { Failures: 1, Timeouts: 0, Duration: undefined }],
  ['a command that was refused', end({ Status: 'NOT_STARTED' }, 'refused'), { Failures: 1, Timeouts: 0, Duration: undefined }],
])('%s counts', (_title, how, values) => {
  const { Failures, Timeouts, Duration } = commandMetrics(OWNER, how, 1);
  expect({ Failures, Timeouts, Duration }).toEqual(values);
});

test('is a document as the specification of the format wants it, without the output, whatever the end', () => {
  const name = fc.stringMatching(/^[A-Za-z][A-Za-z0-9-]{0,127}$/);
  const logicalId = fc.stringMatching(/^[A-Za-z0-9]{1,255}$/);
  const attributes = fc.record({
    Status: fc.constantFrom('COMPLETED', 'TIMED_OUT', 'UNKNOWN', 'NOT_STARTED'),
    DurationMillis: fc.oneof(fc.constant(''), fc.nat().map(String)),
    Stdout: fc.constant('secret-plan'),
  });
  fc.assert(fc.property(name, logicalId, attributes, fc.option(fc.string(), { nil: undefined }), (stack, id, told, failure) => {
    const owner = { stackId: `arn:aws:cloudformation:eu-west-1:111122223333:stack/${stack}/0a1b2c3d`, logicalId: id };
    const document: any = commandMetrics(owner, end(told, failure && `secret-plan ${failure}`), 1);
    const [{ Dimensions, Metrics }] = document._aws.CloudWatchMetrics;
    for (const key of Dimensions.flat()) expect(document[key]).toMatch(/^[\x21-\x7e][\x20-\x7e]{0,1023}$/);
    for (const { Name } of Metrics) expect(Number.isFinite(document[Name])).toBe(true);
    expect(document.CommandName).toBe(`${stack}/${id}`);
    expect(JSON.stringify(document)).not.toContain('secret-plan');
  }));
});
