/** Something that the user has to put right; its message is one line that says how. */
export class DeployerError extends Error {
  public readonly name: string = 'DeployerError';
}

/** The message of whatever was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Why `fetch` failed: it hides the reason in the cause of its error. */
export function networkReason(error: unknown): string {
  const cause = (error as { readonly cause?: { readonly code?: unknown; readonly message?: unknown } } | undefined)?.cause;
  return String(cause?.code ?? cause?.message ?? messageOf(error));
}
