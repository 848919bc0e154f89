import { IResource } from 'aws-cdk-lib';

/** A capacity provider: EC2 instances in an account of your own on which runtimes run their sessions. */
export interface ICapacityProvider extends IResource {
  /**
   * The ARN of the capacity provider.
   *
   * @attribute
   */
  readonly capacityProviderArn: string;

  /**
   * The id of the capacity provider: its name, a hyphen and ten characters that the service chooses.
   *
   * @attribute
   */
  readonly capacityProviderId: string;
}
