import { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import { ILogGroup } from 'aws-cdk-lib/aws-logs';
import { CUSTOM_RESOURCE_RUNTIME_FAMILY, CUSTOM_RESOURCE_SINGLETON, CUSTOM_RESOURCE_SINGLETON_LOG_GROUP } from 'aws-cdk-lib/custom-resources';

/**
 * Lets `CustomResourceConfig.of()` find a function and its log group, as it finds those of the CDK's own custom resources.
 *
 * @param logGroup undefined where it is the user's
 */
export function markAsCustomResourceHandler(handler: LambdaFunction, logGroup: ILogGroup | undefined): void {
  handler.node.addMetadata(CUSTOM_RESOURCE_SINGLETON, true);
  handler.node.addMetadata(CUSTOM_RESOURCE_RUNTIME_FAMILY, handler.runtime.family);
  logGroup?.node.addMetadata(CUSTOM_RESOURCE_SINGLETON_LOG_GROUP, true);
}
