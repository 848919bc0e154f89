/** Who creates, updates and deletes a runtime. The properties and the attributes of the resource are the same for both. */
export enum Provisioning {
  /**
   * The function that this library adds to the stack, once per stack.
   *
   * It makes no new version unless the configuration really differs, and tells why the service refused something.
   *
   * The attributes of a custom resource are texts: `attrWorkloadIdentityDetails` of the L1 runtime, which is a structure,
   * cannot be used; its `getAtt('WorkloadIdentityDetails.WorkloadIdentityArn')` can.
   */
  CUSTOM_RESOURCE = 'CUSTOM_RESOURCE',

  /**
   * CloudFormation itself.
   *
   * @see https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-bedrockagentcore-runtime.html
   */
  CLOUDFORMATION = 'CLOUDFORMATION',
}
