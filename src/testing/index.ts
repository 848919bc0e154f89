export * from './snapshot-mask';
export * from './snapshot-options';
export * from './snapshot-serializer';
