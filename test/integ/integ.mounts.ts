import { RemovalPolicy } from 'aws-cdk-lib';
import { Runtime, RuntimeNetworkConfiguration } from 'aws-cdk-lib/aws-bedrockagentcore';
import { SecurityGroup, Vpc } from 'aws-cdk-lib/aws-ec2';
import { FileSystem } from 'aws-cdk-lib/aws-efs';
import { agentCode, integration } from './support/integration';
import { AgentRuntime, Mount, RuntimeMounts, SessionStorage } from '../../src';

integration('MountsIntegration', (stack) => {
  const vpc = new Vpc(stack, 'Vpc', { maxAzs: 2, natGateways: 1, restrictDefaultSecurityGroup: false });
  const fileSystem = new FileSystem(stack, 'Files', { vpc, removalPolicy: RemovalPolicy.DESTROY });
  const accessPoint = fileSystem.addAccessPoint('Shared', { path: '/shared', createAcl: { ownerUid: '0', ownerGid: '0', permissions: '755' } });
  const mounts = [Mount.efsAccessPoint(accessPoint, '/mnt/shared')];
  const sessionStorage = new SessionStorage(stack, 'Workspace');
  const securityGroups = [new SecurityGroup(stack, 'Sessions', { vpc })];
  const network = RuntimeNetworkConfiguration.usingVpc(stack, { vpc, securityGroups });

  new AgentRuntime(stack, 'Agent', { runtimeName: 'integration_mounts', agentRuntimeArtifact: agentCode(), networkConfiguration: network, sessionStorage, mounts });
  new Runtime(stack, 'Native', { runtimeName: 'integration_native_mounts', agentRuntimeArtifact: agentCode(), networkConfiguration: network })
    .with(new RuntimeMounts({ sessionStorage, mounts }));
});
