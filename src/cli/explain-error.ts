import { AgentCoreError, CommandOutcomeUnknownError } from '../client/api/errors';
import { errorOf } from '../client/error-of';
import { describeError } from '../client/errors';

/** Why nobody could be found out to sign as, or AWS does not take the signature, and what to do; the first that fits. */
const CREDENTIALS: readonly (readonly [RegExp, string])[] = [
  [/ExpiredToken|Token is expired|token included in the request is expired|TokenRefreshRequired|session has expired|RequestExpired/i,
    'the AWS credentials have expired; sign in again, as with `aws sso login`, or get new ones from where these came from'],
  [/CredentialsProviderError|Could not load credentials|MissingAuthenticationToken/i,
    'there are no AWS credentials; set AWS_PROFILE, sign in with `aws sso login`, or give --endpoint for a local AgentCore'],
  [/UnrecognizedClient|InvalidClientTokenId|InvalidSignature|SignatureDoesNotMatch|InvalidAccessKeyId/i,
    'AWS does not know these credentials; look at AWS_PROFILE, AWS_ACCESS_KEY_ID and the clock of this machine'],
];

const NO_REGION = 'no region is known; name one with --region, AWS_REGION or in the profile';

/** What went wrong and what to do about it, in one line. */
export function explainError(error: unknown): string {
  const texts = chainOf(error).map(describeError);
  const [, credentials] = CREDENTIALS.find(([pattern]) => texts.some((text) => pattern.test(text))) ?? [];
  if (credentials !== undefined) return oneLine(`${credentials} (${texts[texts.length - 1]})`);
  if (texts.some((text) => /Region is missing/.test(text))) return NO_REGION;
  const known = errorOf(error, 'the call failed');
  if (known instanceof CommandOutcomeUnknownError) {
    return oneLine(`${known.message}; look in the session what the command has done before you run it again; with \`run --detach\` it outlasts lost connections`);
  }
  if (known instanceof AgentCoreError) return oneLine(`${known.message}${'faults' in known ? '' : `; ${nextStepOf(known)}`}${known.requestId ? ` (request ${known.requestId})` : ''}`);
  return oneLine(error instanceof Error ? error.message : String(error));
}

/** An error and what it was caused by, the first cause last. */
function chainOf(error: unknown): unknown[] {
  const chain: unknown[] = [];
  for (let link = error; link instanceof Error && chain.length < 8; link = link.cause) chain.push(link);
  return chain.length > 0 ? chain : [error];
}

function nextStepOf({ nextStep }: AgentCoreError): string {
  return nextStep.replace(/^[A-Z](?=[a-z ])/, (letter) => letter.toLowerCase()).replace(/\.$/, '');
}

function oneLine(text: string): string {
  return text.replace(/\s*\n\s*/g, ' ').trim();
}
