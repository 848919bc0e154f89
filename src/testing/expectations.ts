import { Duration } from 'aws-cdk-lib';
import { IRuntimeRef } from 'aws-cdk-lib/aws-bedrockagentcore';
import { Command } from '../command/command';
import { Provisioning } from '../runtime/provisioning';

/** What a runtime in a template is expected to be; what is left out may be anything. */
export interface RuntimeExpectation {
  /**
   * Its name.
   *
   * @default - any
   */
  readonly runtimeName?: string;

  /**
   * Who provisions it.
   *
   * @default - any
   */
  readonly provisioning?: Provisioning;

  /**
   * Where its sessions have their storage.
   *
   * @default - any, or none
   */
  readonly sessionStoragePath?: string;

  /**
   * Variables of its environment; it may have others.
   *
   * @default - any
   */
  readonly environmentVariables?: { [name: string]: string };

  /**
   * Properties as CloudFormation names them, the same for both kinds of provisioning; values may be matchers of
   * `aws-cdk-lib/assertions`, and objects may have more members than these.
   *
   * @default - any
   */
  readonly properties?: { [name: string]: any };
}

/** What a command in a template is expected to be; what is left out may be anything. */
export interface CommandExpectation {
  /**
   * What is run.
   *
   * @default - any
   */
  readonly command?: Command;

  /**
   * The runtime in which it is run.
   *
   * @default - any
   */
  readonly runtime?: IRuntimeRef;

  /**
   * The name of the endpoint on which it is run.
   *
   * @default - any
   */
  readonly endpointName?: string;

  /**
   * The directory in which it is run.
   *
   * @default - any
   */
  readonly workingDirectory?: string;

  /**
   * Variables that it is given; it may be given others.
   *
   * @default - any
   */
  readonly environment?: { [name: string]: string };

  /**
   * How long it may take.
   *
   * @default - any
   */
  readonly timeout?: Duration;

  /**
   * Properties as the template has them; values may be matchers of `aws-cdk-lib/assertions`, and objects may have more
   * members than these.
   *
   * @default - any
   */
  readonly properties?: { [name: string]: any };
}
