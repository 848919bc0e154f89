export { deploy } from './deploy';
export { destroy } from './destroy';
export type { StackResult } from './engine/engine';
export { isOfWholeStack, type ResourceStatus, type StackEvent, type StackStatus } from './engine/events';
export { DeployerError } from './errors';
export type { FunctionLogLine } from './lambda/function';
export { DEFAULT_STATE_DIRECTORY, type DeployOptions, type DeployResult, type DestroyOptions } from './options';
export type { AllowStubs } from './resources/registry';
export type { DeployerParts } from './workshop';
