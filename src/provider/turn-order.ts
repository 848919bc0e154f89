/** What a resource is before it is made and after it is deleted. */
export const NOTHING = 'nothing';

/** From which state of the resource a request goes to which, as fingerprints of its properties. */
export interface Step {
  /** Left out where it says nothing of the request before it. */
  readonly before?: string;
  readonly after: string;
}

/** A request, as it was noted when it began. */
export interface Turned extends Step {
  readonly requestId: string;
  /** Milliseconds since the epoch. */
  readonly time: number;
}

/** How long Lambda keeps an event that it could not hand over yet, in milliseconds. */
const LATEST_MILLIS = 6 * 3_600_000;

/**
 * Requests in the order in which CloudFormation has sent them, out of that in which they began.
 *
 * What CloudFormation cancels at once may begin after the request that takes it back. That one tells: it goes from a state
 * to which no request before it has led, and the late one is what leads there and back.
 */
export function inOrder(begun: readonly Turned[]): Turned[] {
  const order: Turned[] = [];
  for (const late of begun) {
    // two deliveries at the same moment may both have noted that they began
    if (order.some(({ requestId }) => requestId === late.requestId)) continue;
    const gap = order.findIndex((one, i) => takesBack(one, late) && isUnheardOf(one, order[i - 1]) && late.time - one.time < LATEST_MILLIS);
    order.splice(gap < 0 ? order.length : gap, 0, late);
  }
  return order;
}

function takesBack(one: Step, other: Step): boolean {
  return one.before === other.after && one.after === other.before;
}

/** Whether nothing has led to the state that a request goes from. */
function isUnheardOf({ before, after }: Step, previous: Step | undefined): boolean {
  if (before === undefined) return false;
  // notes are not kept for ever: without one, only the end of what has never been made is sure to come too early
  return previous ? previous.after !== before : after === NOTHING;
}
