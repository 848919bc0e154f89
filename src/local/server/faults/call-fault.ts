import { StreamFault } from './stream-fault';
import { DueFault } from '../../faults/service-fault-book';
import { ErrorFault, GoneFault, LinkedRoleFault, PropagationFault, StreamServiceFault, TransitionFault } from '../../faults/service-faults';
import { ServiceError } from '../../service-error';
import { Ending } from '../control/context';
import { RuntimeConfiguration } from '../control/records';

/** The error that a fault answers a call with before anything is done; undefined for faults of other kinds. */
export function errorOf({ fault }: DueFault, input: object): ServiceError | undefined {
  switch (fault.kind) {
    case 'error':
      return new ServiceError(fault.error, messageOf(fault));
    case 'roleNotPropagated':
    case 'imageAccessNotPropagated':
      return notPropagated(fault, input);
    case 'serviceLinkedRoleNotCreated':
      return linkedRoleNotCreated(fault);
    default:
      return undefined;
  }
}

/** The error in place of ResourceNotFoundException. */
export function deniedWhenGone({ operation }: GoneFault, what: string): ServiceError {
  return new ServiceError('AccessDeniedException', `User is not authorized to perform: bedrock-agentcore:${operation} on resource: ${what}`);
}

/** How a fault lets the transition end that its call begins. */
export function endingOf(due: DueFault | undefined): Ending | undefined {
  if (!due || !isTransition(due.fault)) return undefined;
  return { held: due.fault.reads !== undefined, failureReason: due.fault.failureReason };
}

export function isTransition(fault: DueFault['fault']): fault is TransitionFault {
  return fault.kind === 'slowTransition' || fault.kind === 'failedTransition';
}

/** What a fault does to a command's stream. */
export function streamFaultOf(due: DueFault | undefined): StreamFault | undefined {
  const fault = due?.fault;
  switch (fault?.kind) {
    case 'cutStream':
    case 'endStream':
    case 'streamException':
    case 'halfFrame':
    case 'damagedFrame':
    case 'timedOut':
      return new StreamFault(fault, messageOf(fault));
    default:
      return undefined;
  }
}

function messageOf({ error, message }: ErrorFault | StreamServiceFault): string {
  return message ?? `${error}, as the fault plan says`;
}

/** In the service's words, by which clients recognise it. */
function notPropagated({ kind }: PropagationFault, input: object): ServiceError {
  const { roleArn, agentRuntimeArtifact } = input as Partial<RuntimeConfiguration>;
  if (kind === 'roleNotPropagated') {
    return new ServiceError('ValidationException', `Role validation failed for '${roleArn}'. Please verify that the role exists and its trust policy allows assumption by this service`);
  }
  const image = agentRuntimeArtifact?.containerConfiguration?.containerUri;
  return new ServiceError('ValidationException', `Access denied while validating ECR URI '${image}'. The execution role requires permissions for ecr:GetAuthorizationToken, ecr:BatchGetImage, and ecr:GetDownloadUrlForLayer operations.`);
}

/** In the words that were seen of the service: with 400 when the caller lacks the permission, with 402 when IAM throttles. */
function linkedRoleNotCreated({ error = 'ValidationException' }: LinkedRoleFault): ServiceError {
  return new ServiceError(error, `Failed creating service linked role. ${error === 'ServiceQuotaExceededException'
    ? 'Rate limit exceeded from IAM'
    : 'Please verify that the calling role has sufficient permissions to create a service linked role.'}`);
}
