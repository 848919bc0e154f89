export * from './command/command';
export * from './command/command-runner';
export * from './runtime/agent-runtime';
export * from './runtime/provisioning';
export * from './runtime/version-change';
export * from './storage/session-storage';
