import { Duration } from 'aws-cdk-lib';
import { JitterType, RetryProps } from 'aws-cdk-lib/aws-stepfunctions';
import { WORKFLOW_ERRORS } from '../workflow-handler/contract';

/** A command that goes on is looked after again; the function itself tells when that is enough. */
export const POLLING: RetryProps = {
  errors: [WORKFLOW_ERRORS.running],
  interval: Duration.seconds(5),
  backoffRate: 1.5,
  maxDelay: Duration.seconds(60),
  maxAttempts: 1_000,
};

/** What was refused before anything has started: by AgentCore, or by Lambda before the function was called. */
export const REFUSALS: RetryProps = {
  errors: [WORKFLOW_ERRORS.sessionBusy, WORKFLOW_ERRORS.throttled, 'Lambda.TooManyRequestsException'],
  interval: Duration.seconds(5),
  backoffRate: 2,
  maxDelay: Duration.seconds(60),
  maxAttempts: 8,
  jitterStrategy: JitterType.FULL,
};

/** What may have been done, for tasks that may be asked for twice: the function may have been called, and have died. */
export const SAFE_CALLS: RetryProps = {
  errors: [
    'Lambda.ClientExecutionTimeoutException', 'Lambda.ServiceException', 'Lambda.AWSLambdaException', 'Lambda.SdkClientException',
    'Lambda.Unknown', 'Runtime.ExitError', 'Sandbox.Timedout',
  ],
  interval: Duration.seconds(2),
  backoffRate: 2,
  maxDelay: Duration.seconds(30),
  maxAttempts: 6,
};
