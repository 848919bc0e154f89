import { Aws, Fn } from 'aws-cdk-lib';

/** The UUID at the end of the id of the stack in which it is written: no other stack has it, in whichever region or account. */
export function stackUuid(): string {
  return Fn.select(2, Fn.split('/', Aws.STACK_ID));
}
