import { Stack } from 'aws-cdk-lib';

/** One deployment of a scenario, or what follows one. */
export interface Step {
  readonly title: string;
  /** Declares the stack anew; undefined if the step deploys nothing. */
  readonly declare?: (stack: Stack, made: Made) => void;
  /** The folder of an example that is deployed in place of such a stack. */
  readonly example?: string;
  /** The deployment is to fail for such a reason, and to be rolled back. */
  readonly fails?: RegExp;
  /** What goes wrong in the deployment. */
  readonly deploymentFaults?: readonly object[];
  /** Executions of state machines by their logical ids, with their inputs. */
  readonly execute?: readonly Execution[];
}

export interface Execution {
  readonly stateMachine: string;
  readonly input: object;
  /** Objects that have to be there, by key, in the bucket of the output `Bucket`. */
  readonly objects?: Readonly<Record<string, string>>;
  readonly name?: string;
  /** How many events it is to send to EventBridge. */
  readonly events?: number;
  /** Each function is called twice with the same event, as Lambda may do. */
  readonly callsTwice?: boolean;
}

/** What there is outside of the stack. */
export interface Made {
  /** A runtime that was made before, by hand. */
  readonly runtime: { readonly id: string; readonly arn: string; readonly name: string };
}

/** A small app and what is done with it; at its end it is destroyed. */
export interface Scenario {
  readonly name: string;
  readonly steps: readonly Step[];
  /** The time of functions passes as ours does, also while a statement is taken out. */
  readonly inRealTime?: boolean;
}
