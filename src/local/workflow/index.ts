export { execute, type ExecuteOptions, type ExecutionResult } from './execute';
export type { ExecutionEvent } from './execution';
export type { SentEvent } from './tasks';
