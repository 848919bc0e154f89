import { ERROR_STATUS } from '../../service/errors';
import { CONTROL_PLANE_OPERATIONS } from '../../service/model/control-plane';
import { DATA_PLANE_OPERATIONS, DATA_PLANE_SHAPES } from '../../service/model/data-plane';
import { MemberRef, Shape, Shapes } from '../../service/model/model';
import { SHELL_OPERATION } from '../../service/shell';
import { LOGS_OPERATIONS } from '../server/logs/logs-model';

const STREAM = { afterDeltas: { shape: 'Count' }, command: { shape: 'CommandFate' } };

/** How the entries of a fault plan look; `times`, a number or a word, is checked apart, for no shape is either. */
export const SERVICE_FAULT_SHAPES: Shapes = {
  error: kind('AnyOperation', { error: { shape: 'ErrorName' }, message: { shape: 'Text' } }, ['error']),
  roleNotPropagated: kind('MakingOperation'),
  imageAccessNotPropagated: kind('MakingOperation'),
  serviceLinkedRoleNotCreated: kind('MakingOperation', { error: { shape: 'LinkedRoleErrorName' } }),
  accessDeniedWhenGone: kind('AgentCoreOperation'),
  loseRequest: kind('AnyOperation'),
  loseAnswer: kind('AnyOperation'),
  cutStream: kind('StreamOperation', STREAM),
  endStream: kind('StreamOperation', STREAM),
  streamException: kind('StreamOperation', { ...STREAM, error: { shape: 'StreamErrorName' }, message: { shape: 'Text' } }, ['error']),
  halfFrame: kind('StreamOperation', STREAM),
  damagedFrame: kind('StreamOperation', STREAM),
  timedOut: kind('StreamOperation', { afterDeltas: { shape: 'Count' } }),
  status: kind('ReadingOperation', { statuses: { shape: 'Statuses' }, failureReason: { shape: 'Text' } }, ['statuses']),
  slowTransition: kind('ChangingOperation', { reads: { shape: 'Reads' } }, ['reads']),
  failedTransition: kind('ChangingOperation', { reads: { shape: 'Reads' }, failureReason: { shape: 'Text' } }, ['failureReason']),

  Kind: { type: 'string' },
  Text: { type: 'string', min: 1 },
  RuntimeName: { type: 'string', pattern: '[a-zA-Z][a-zA-Z0-9_]{0,47}' },
  Count: { type: 'integer', min: 0 },
  Reads: { type: 'integer', min: 1 },
  CommandFate: { type: 'string', enum: ['continues', 'ends'] },
  Status: { type: 'string', enum: ['CREATING', 'CREATE_FAILED', 'UPDATING', 'UPDATE_FAILED', 'READY', 'DELETING', 'DELETE_FAILED'] },
  Statuses: { type: 'list', member: { shape: 'Status' }, min: 1 },
  ErrorName: { type: 'string', enum: Object.keys(ERROR_STATUS) },
  LinkedRoleErrorName: { type: 'string', enum: ['ValidationException', 'ServiceQuotaExceededException'] },
  StreamErrorName: { type: 'string', enum: streamErrors() },
  AgentCoreOperation: { type: 'string', enum: agentCoreOperations() },
  AnyOperation: { type: 'string', enum: [...agentCoreOperations(), ...LOGS_OPERATIONS] },
  MakingOperation: { type: 'string', enum: ['CreateAgentRuntime', 'UpdateAgentRuntime'] },
  ChangingOperation: {
    type: 'string',
    enum: ['Create', 'Update', 'Delete'].flatMap((verb) => [`${verb}AgentRuntime`, `${verb}AgentRuntimeEndpoint`, `${verb}CapacityProvider`]),
  },
  ReadingOperation: { type: 'string', enum: ['GetAgentRuntime', 'GetAgentRuntimeEndpoint', 'GetCapacityProvider'] },
  StreamOperation: { type: 'string', enum: ['InvokeAgentRuntimeCommand'] },
};

/** The shape of each kind of fault. */
export const KIND_SHAPES: ReadonlyMap<string, string> = new Map(
  Object.entries(SERVICE_FAULT_SHAPES).filter(([, { type }]) => type === 'structure').map(([name]) => [name, name]),
);

function kind(operation: string, members: Readonly<Record<string, MemberRef>> = {}, required: readonly string[] = []): Shape {
  return {
    type: 'structure',
    required: ['operation', ...required],
    members: { kind: { shape: 'Kind' }, operation: { shape: operation }, runtime: { shape: 'RuntimeName' }, skip: { shape: 'Count' }, times: { shape: 'Count' }, ...members },
  };
}

function agentCoreOperations(): string[] {
  return [...Object.keys(CONTROL_PLANE_OPERATIONS), ...Object.keys(DATA_PLANE_OPERATIONS), SHELL_OPERATION];
}

/** The errors that a command's stream may end with. */
function streamErrors(): string[] {
  const members = Object.keys(DATA_PLANE_SHAPES.InvokeAgentRuntimeCommandStreamOutput.members!);
  return members.filter((name) => name !== 'chunk').map((name) => name[0].toUpperCase() + name.slice(1));
}
