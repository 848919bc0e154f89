import { Stack, Stage } from 'aws-cdk-lib';
import { IConstruct } from 'constructs';
import { throwFaults } from './faults';
import { functionFaults } from './function-faults';
import { AgentCoreFunctionProps } from './function-props';
import { byRule } from './rule-id';

/** How the functions of one kind are made, by stack, stage or app; the nearest counts. */
export class FunctionConfigurations<Props extends AgentCoreFunctionProps> {
  private readonly byScope = new WeakMap<IConstruct, Props>();

  /**
   * @param functionId the id of the function's construct in its stack
   * @param call what configures it, for messages
   */
  constructor(private readonly functionId: string, private readonly call: string) {}

  public of(stack: Stack): Props | undefined {
    const scope = this.scopeFor(stack);
    return scope && this.byScope.get(scope);
  }

  /** @throws an error for wrong props, for a second call with the same scope, and for a call after a function of the scope was made */
  public set(scope: IConstruct, props: Props): void {
    throwFaults(scope, byRule('functionConfiguration', [...this.scopeFaults(scope), ...functionFaults(props)]));
    this.byScope.set(scope, props);
  }

  private scopeFor(stack: IConstruct): IConstruct | undefined {
    return [...stack.node.scopes].reverse().find((scope) => this.byScope.has(scope));
  }

  private scopeFaults(scope: IConstruct): string[] {
    if (!Stack.isStack(scope) && !Stage.isStage(scope)) return [`${this.call} is called with a construct that is no stack, stage or app; configure its stack`];
    if (this.byScope.has(scope)) return [`${this.call} was called with this construct before; give all properties in one call`];
    const made = scope.node.findAll().filter((stack) => Stack.isStack(stack) && stack.node.tryFindChild(this.functionId));
    // what is configured below the scope stays as it is
    const late = made.filter((stack) => !this.scopeFor(stack)?.node.scopes.includes(scope));
    return late.map(({ node }) => `${this.call} is called after ${node.path} got its function, by the first construct that takes it; call it before that`);
  }
}
