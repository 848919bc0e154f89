/** What the ids of all rules begin with. */
const NAMESPACE = 'cdk-agentcore-runtime';

/** The stable id of a rule, by which its warnings are acknowledged. */
export function ruleId(name: string): string {
  return `${NAMESPACE}:${name}`;
}

/** Whether a message tells the rule that it comes from. */
export function namesRule(message: string): boolean {
  return message.includes(` [rule: ${NAMESPACE}:`);
}

/** Messages that end with the rule that they come from. */
export function byRule(name: string, messages: readonly string[]): string[] {
  return messages.map((message) => `${message} [rule: ${ruleId(name)}]`);
}
