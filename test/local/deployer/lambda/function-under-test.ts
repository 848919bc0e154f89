import { LocalFunction } from '../../../../src/local/deployer/lambda/function';
import { scratchDirectory, writeFiles } from '../scratch';

/** A function whose code is the given text. */
export function functionOf(source: string, more: Partial<LocalFunction> = {}, file = 'index.js'): LocalFunction {
  return {
    name: 'fn',
    arn: 'arn:aws:lambda:us-east-1:000000000000:function:fn',
    handler: 'index.handler',
    runtime: 'nodejs22.x',
    timeoutSeconds: 30,
    memoryMegabytes: 256,
    environment: {},
    logGroupName: '/aws/lambda/fn',
    codeDirectory: writeFiles(scratchDirectory(), { [file]: source }),
    region: 'eu-west-1',
    account: '000000000000',
    retryAttempts: 0,
    ...more,
  };
}
