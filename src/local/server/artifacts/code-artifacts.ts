import { existsSync } from 'node:fs';
import { mkdir, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { ObjectName, ObjectStore } from './object-store';
import { withLifecycleDefaults } from '../../../service/lifecycle';
import { normalizeMountPath } from '../../../service/mount-path';
import { CODE_BYTES } from '../../../service/quotas';
import { VersionSpec } from '../../sessions/contract';
import { unzip } from '../../unzip';
import { Log } from '../clock';
import { RuntimeConfiguration } from '../control/records';

/** The agents' code, unpacked: one directory for each version, below `versions/` in the state directory. */
export class CodeArtifacts {
  private readonly root: string;
  private readonly unpacking = new Map<string, Promise<void>>();

  constructor(stateDir: string, private readonly objects: ObjectStore, private readonly log: Log, private readonly endpoint: () => string) {
    this.root = join(stateDir, 'versions');
  }

  /**
   * Unpacks a version's code if its object is here and that was not done before.
   *
   * @throws Error where the object cannot be unpacked
   */
  public async prepare(runtimeId: string, version: string, configuration: RuntimeConfiguration): Promise<void> {
    const directory = this.directoryOf(runtimeId, version);
    const object = objectOf(configuration);
    if (!object || existsSync(directory)) return;
    const zipPath = this.objects.find(object);
    if (zipPath === undefined) return;
    const running = this.unpacking.get(directory) ?? this.unpack(zipPath, directory).finally(() => this.unpacking.delete(directory));
    this.unpacking.set(directory, running);
    await running;
  }

  /** What a session needs to know of a version; says why no agent runs where none can. */
  public specOf(runtimeId: string, version: string, configuration: RuntimeConfiguration, unpackError?: string): VersionSpec {
    const { agentRuntimeArtifact: { codeConfiguration, containerConfiguration } } = configuration;
    const directory = this.directoryOf(runtimeId, version);
    const agent = codeConfiguration && existsSync(directory)
      ? { code: { directory, runtime: codeConfiguration.runtime, entryPoint: codeConfiguration.entryPoint } }
      : { noAgentReason: this.noAgentReason(configuration, unpackError) };
    return {
      runtimeId,
      version,
      protocol: configuration.protocolConfiguration?.serverProtocol ?? 'HTTP',
      environment: configuration.environmentVariables ?? {},
      lifecycle: withLifecycleDefaults(configuration.lifecycleConfiguration),
      storageMounts: (configuration.filesystemConfigurations ?? [])
        .flatMap(({ sessionStorage }) => sessionStorage ? [normalizeMountPath(sessionStorage.mountPath)] : []),
      ...agent,
      ...(containerConfiguration && { image: containerConfiguration.containerUri }),
    };
  }

  /** Logs what a new version cannot do here. */
  public announce(runtimeId: string, version: string, configuration: RuntimeConfiguration): void {
    const { noAgentReason, image } = this.specOf(runtimeId, version, configuration);
    if (image) this.log(`runtime ${runtimeId} version ${version}: its agent runs in sessions that start when a Docker engine has the container image ${image}`);
    else if (noAgentReason) this.log(`runtime ${runtimeId} version ${version}: ${noAgentReason}`);
    const others = (configuration.filesystemConfigurations ?? []).filter(({ sessionStorage }) => !sessionStorage).length;
    if (others > 0) this.log(`runtime ${runtimeId} version ${version}: ${others} of its filesystems are not session storage; the local AgentCore does not mount them`);
  }

  /** Removes the code of one version, or of all versions of a runtime. */
  public async remove(runtimeId: string, version?: string): Promise<void> {
    await rm(version === undefined ? join(this.root, runtimeId) : join(this.root, runtimeId, version), { recursive: true, force: true });
  }

  /** Removes code that belongs to no version, as an interrupted deletion or creation leaves it. */
  public async removeOrphans(isKnown: (runtimeId: string, version: string) => boolean): Promise<void> {
    await mkdir(this.root, { recursive: true });
    for (const runtimeId of await readdir(this.root)) {
      const versions = await readdir(join(this.root, runtimeId));
      const orphans = versions.filter((version) => !isKnown(runtimeId, version));
      for (const version of orphans) await this.remove(runtimeId, version);
      if (orphans.length === versions.length) await this.remove(runtimeId);
    }
  }

  private async unpack(zipPath: string, directory: string): Promise<void> {
    const partial = `${directory}.partial`;
    await rm(partial, { recursive: true, force: true });
    await mkdir(partial, { recursive: true });
    try {
      await unzip(zipPath, partial, CODE_BYTES.unpacked);
      await rename(partial, directory);
    } catch (error) {
      await rm(partial, { recursive: true, force: true });
      throw error;
    }
  }

  private directoryOf(runtimeId: string, version: string): string {
    return join(this.root, runtimeId, version, 'code');
  }

  private noAgentReason(configuration: RuntimeConfiguration, unpackError?: string): string {
    const { containerConfiguration } = configuration.agentRuntimeArtifact;
    const object = objectOf(configuration);
    if (!object) {
      const uri = containerConfiguration?.containerUri;
      return `no agent runs, because container images run only where a Docker engine has them, and none here has ${uri}; commands work, with the `
        + 'programs of this machine; build, pull or tag the image and start another session, or make the artifact code (codeConfiguration)';
    }
    const { bucket, key } = object;
    if (unpackError !== undefined) return `no agent runs, because its code s3://${bucket}/${key} cannot be unpacked: ${unpackError}`;
    const url = `${this.endpoint()}/_local/objects/${bucket}/${encodeURIComponent(key)}`;
    return `no agent runs, because its code s3://${bucket}/${key} is not here; commands work; upload the zip file with PUT ${url}, sessions that start after that have the agent`;
  }
}

function objectOf({ agentRuntimeArtifact: { codeConfiguration } }: RuntimeConfiguration): ObjectName | undefined {
  return codeConfiguration && { bucket: codeConfiguration.code.s3.bucket, key: codeConfiguration.code.s3.prefix };
}
