/** A finding of awslint that is left as it is. */
export interface Exclusion {
  /** The rule and what it finds fault with, as awslint prints both; a `*` at the end stands for any end. */
  readonly finding: string;
  readonly because: string;
}

const NEEDS_L2 = 'it is used for more than its ARN or its id, which is all that the reference tells';
const NO_L1 = 'aws-cdk-lib has no L1 of capacity providers at the floor, and so no reference interface';

export const EXCLUSIONS: readonly Exclusion[] = [
  { finding: 'prefer-ref-interface:aws-cdk-lib.*', because: 'that API is not ours' },
  { finding: 'prefer-ref-interface:cdk-agentcore-runtime.AgentRuntimeProps.executionRole', because: 'inherited from the official props' },
  { finding: 'prefer-ref-interface:cdk-agentcore-runtime.AgentRuntimeProps.capacityProvider', because: NO_L1 },
  { finding: 'prefer-ref-interface:cdk-agentcore-runtime.SessionStorageProps.capacityProvider', because: NO_L1 },
  { finding: 'prefer-ref-interface:cdk-agentcore-runtime.AgentRuntimeDashboard.addRuntime.runtime', because: `${NEEDS_L2}: its metrics` },
  { finding: 'prefer-ref-interface:cdk-agentcore-runtime.AgentRuntimeDashboardProps.runtimes', because: `${NEEDS_L2}: its metrics` },
  { finding: 'prefer-ref-interface:cdk-agentcore-runtime.CapacityProviderVolumeOptions.encryptionKey', because: `${NEEDS_L2}: its grants` },
  { finding: 'prefer-ref-interface:cdk-agentcore-runtime.CapacityProviderProps.vpc', because: `${NEEDS_L2}: its subnets` },
  { finding: 'prefer-ref-interface:cdk-agentcore-runtime.CapacityProviderProps.instanceProfile', because: `${NEEDS_L2}: its role` },
  { finding: 'prefer-ref-interface:cdk-agentcore-runtime.CapacityProviderProps.operatorRole', because: `${NEEDS_L2}: it is granted permissions` },
  { finding: 'prefer-ref-interface:cdk-agentcore-runtime.CapacityProviderProps.securityGroups', because: `${NEEDS_L2}: its connections` },
  { finding: 'prefer-ref-interface:cdk-agentcore-runtime.AgentCoreRunCommand*', because: `${NEEDS_L2}: its key is used for the output` },
  { finding: 'prefer-ref-interface:cdk-agentcore-runtime.ScheduledCommandProps.outputBucket', because: `${NEEDS_L2}: its key is used for the output` },
  { finding: 'prefer-ref-interface:cdk-agentcore-runtime.CommandFleetProps.resultsBucket', because: `${NEEDS_L2}: its key is used for the results` },
  { finding: 'prefer-ref-interface:cdk-agentcore-runtime.FleetScheduleOptions.deadLetterQueue', because: 'the official target of schedules takes the L2' },
  { finding: 'prefer-ref-interface:cdk-agentcore-runtime.ScheduledCommandProps.deadLetterQueue', because: 'the official target of schedules takes the L2' },
  { finding: 'prefer-ref-interface:cdk-agentcore-runtime.LoopScheduleOptions.deadLetterQueue', because: 'the official target of schedules takes the L2' },
  { finding: 'prefer-ref-interface:cdk-agentcore-runtime.AgentLoopProps.eventBus', because: 'the official task takes the L2' },
  { finding: 'interface-extends-ref:cdk-agentcore-runtime.ICapacityProvider', because: NO_L1 },
  { finding: 'props-physical-name:cdk-agentcore-runtime.GatedEndpointProps', because: 'the official RuntimeEndpoint calls it endpointName too' },
  { finding: 'resource-interface:cdk-agentcore-runtime.GatedEndpoint', because: 'it is an IRuntimeEndpoint, and nothing takes a gated one only' },
  { finding: 'from-attributes-struct:cdk-agentcore-runtime.AgentRuntimeAttributes', because: 'the struct is the official one, which imports a runtime all the same' },
  { finding: 'mixin-namespace:cdk-agentcore-runtime.RuntimeMounts', because: 'one mixin is no namespace; the package has a single one' },
  { finding: 'duration-prop-type:cdk-agentcore-runtime.CommandRunner.durationMillis', because: 'an attribute that is known after the deployment is a token, not a Duration' },
  { finding: 'duration-prop-name:cdk-agentcore-runtime.CommandRunner.durationMillis', because: 'an attribute that is known after the deployment is a token, not a Duration' },
];
