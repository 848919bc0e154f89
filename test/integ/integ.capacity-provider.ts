import { RemovalPolicy, Size } from 'aws-cdk-lib';
import { InstanceType, Vpc } from 'aws-cdk-lib/aws-ec2';
import { Key } from 'aws-cdk-lib/aws-kms';
import { agentCode, integration } from './support/integration';
import { AgentRuntime, CapacityProvider, Mount, SessionStorage } from '../../src';

integration('CapacityProviderIntegration', (stack) => {
  const vpc = new Vpc(stack, 'Vpc', { maxAzs: 2, natGateways: 1, restrictDefaultSecurityGroup: false });
  const pool = new CapacityProvider(stack, 'Pool', { vpc, instanceTypes: [new InstanceType('m7g.large')] });
  pool.addVolume('cache', { size: Size.gibibytes(20), encryptionKey: new Key(stack, 'Key', { removalPolicy: RemovalPolicy.DESTROY }) });
  new AgentRuntime(stack, 'Agent', {
    agentRuntimeArtifact: agentCode(),
    sessionStorage: new SessionStorage(stack, 'Workspace', { capacityProvider: pool, sizeInGiB: 50 }),
    mounts: [Mount.capacityProviderVolume('cache', '/mnt/cache')],
  });
});
