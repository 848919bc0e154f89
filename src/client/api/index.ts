export * from './agent-session';
export * from './command';
export * from './connection';
export * from './detached-command';
export * from './errors';
export * from './invocation';
export * from './observation';
export * from './shell';
