import * as fc from 'fast-check';
import { FILESYSTEM_LIMITS, FilesystemSketch, validateFilesystems } from '../../src/service/filesystems';
import { createAgentRuntimeViolations } from '../../src/service/model/agent-runtime';
import { runtimeInputViolations } from '../../src/service/runtime-input';

const MICRO_VM = { vpc: true, capacityProvider: false };
const INSTANCES = { vpc: false, capacityProvider: true };

const efs = (mountPath?: string): FilesystemSketch => ({ efsAccessPoint: { mountPath } });
const s3 = (mountPath?: string): FilesystemSketch => ({ s3FilesAccessPoint: { mountPath } });
const managed = (mountPath?: string): FilesystemSketch => ({ sessionStorage: { mountPath } });
const volume = (volumeName?: string, mountPath?: string): FilesystemSketch => ({ capacityProviderVolume: { volumeName, mountPath } });

test.each<[string, FilesystemSketch[], object, string[]]>([
  ['nothing', [], MICRO_VM, []],
  ['all that a microVM takes', [managed('/mnt/a'), efs('/mnt/b'), efs('/mnt/c'), s3('/mnt/d'), s3('/mnt/e')], MICRO_VM, []],
  ['one too many', [managed('/mnt/a'), efs('/mnt/b'), efs('/mnt/c'), efs('/mnt/d'), s3('/mnt/e'), s3('/mnt/f')], MICRO_VM,
    ['6 filesystems, a runtime takes 5 at most', '3 filesystems of kind efsAccessPoint, a runtime takes 2 at most']],
  ['two session storages', [managed('/mnt/a'), managed('/mnt/b')], MICRO_VM, ['2 filesystems of kind sessionStorage, a runtime takes 1 at most']],
  ['session storage without a VPC', [managed('/mnt/a')], { vpc: false, capacityProvider: false }, []],
  ['an access point without a VPC', [efs('/mnt/a')], { vpc: false, capacityProvider: false }, ['EFS and S3 Files access points need network mode VPC, got PUBLIC']],
  ['a volume on a microVM', [volume('a', '/mnt/a')], MICRO_VM, ['filesystems of kind capacityProviderVolume need a capacity provider']],
  ['five volumes', [1, 2, 3, 4, 5].map((n) => volume(`v${n}`, `/mnt/${n}a`)), INSTANCES, []],
  ['session storage on instances', [managed('/mnt/a')], INSTANCES, ['a runtime on a capacity provider takes filesystems of kind capacityProviderVolume only']],
  // once: that there is no VPC is not what is wrong
  ['an access point on instances', [efs('/mnt/a')], INSTANCES, ['a runtime on a capacity provider takes filesystems of kind capacityProviderVolume only']],
  ['a volume that is defined', [volume('a', '/mnt/a')], { ...INSTANCES, volumes: ['a', 'b'] }, []],
  ['a volume that is not', [volume('c', '/mnt/a')], { ...INSTANCES, volumes: ['a', 'b'] }, ['volume "c" is not among those that the capacity provider defines: a, b']],
  ['the same directory', [managed('/mnt/a'), efs('/mnt/a/')], MICRO_VM, ['mount path /mnt/a is used twice, each filesystem needs its own']],
  ['paths and names that are not known', [efs(), efs()], MICRO_VM, []],
  ['a volume whose name is not known', [volume()], { ...INSTANCES, volumes: ['a'] }, []],
])('%s', (_title, filesystems, context, faults) => {
  expect(validateFilesystems(filesystems, context as typeof MICRO_VM)).toEqual(faults);
});

test('whatever the rules let pass, the model lets pass too, and the counts hold', () => {
  const path = fc.oneof(fc.constantFrom('/mnt/a', '/mnt/b', '/mnt/c', '/mnt/d/', '/mnt/e', '/mnt/..', '/data'), fc.string());
  const filesystem = fc.oneof(
    fc.record({ sessionStorage: fc.record({ mountPath: path }) }),
    fc.record({ efsAccessPoint: fc.record({ mountPath: path, accessPointArn: fc.constant('arn:aws:elasticfilesystem:us-west-2:123456789012:access-point/fsap-01234567') }) }),
    fc.record({ capacityProviderVolume: fc.record({ mountPath: path, volumeName: fc.constantFrom('a', 'b') }) }),
  );
  fc.assert(fc.property(fc.array(filesystem, { maxLength: 7 }), fc.boolean(), fc.boolean(), (filesystems, vpc, onInstances) => {
    const input = {
      agentRuntimeName: 'agent',
      roleArn: 'arn:aws:iam::123456789012:role/agent',
      agentRuntimeArtifact: { containerConfiguration: { containerUri: '123456789012.dkr.ecr.us-west-2.amazonaws.com/agent:1' } },
      networkConfiguration: vpc ? { networkMode: 'VPC', networkModeConfig: { subnets: ['subnet-01234567'], securityGroups: ['sg-01234567'] } } : { networkMode: 'PUBLIC' },
      ...(onInstances ? { capacityProviderConfiguration: { capacityProviderArn: 'arn:aws:bedrock-agentcore:us-west-2:123456789012:capacity-provider/pool-0123456789' } } : {}),
      filesystemConfigurations: filesystems,
    };
    const faults = validateFilesystems(filesystems, { vpc, capacityProvider: onInstances });
    if (faults.length === 0) {
      expect(createAgentRuntimeViolations(input)).toEqual([]);
      expect(filesystems.length).toBeLessThanOrEqual(FILESYSTEM_LIMITS.total);
    }
    // the local control plane judges alike
    expect(runtimeInputViolations(input).length === 0).toBe(faults.length === 0);
  }));
});
