/** The name of the container of a compute. */
export function containerName(computeId: string): string {
  return `agentcore-${computeId}`;
}
