// what `cdk-agentcore-runtime/client` gives, bundled with all that it needs; its types are those of `api`
export * from './api';
