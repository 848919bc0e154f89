import { withoutModules } from './deployment-absent-modules';
import { subjectOf, TakeStrikes } from './deployment-book';
import { RequestType } from './deployment-faults';
import { Moments } from './deployment-moments';
import { Invoker } from '../deployer/lambda/asynchronous';
import { LocalFunction } from '../deployer/lambda/function';
import { InvocationOutcome } from '../deployer/lambda/function-process';

/** One run of a function for an event of a custom resource. */
export interface Invocation {
  readonly logicalId: string;
  readonly request: RequestType;
  readonly requestId: string;
  readonly outcome: InvocationOutcome;
}

/** Runs functions with the faults of kinds `timeout`, `crash` and `modulesAbsent`; each run counts for itself. */
export function faultyInvoker(runner: Invoker, take: TakeStrikes, moments: Moments, onInvocation: (invocation: Invocation) => void): Invoker {
  return {
    async invoke(target, event, requestId, kill) {
      const subject = subjectOf(event);
      if (!subject) return runner.invoke(target, event, requestId, kill);
      let changed: LocalFunction = target;
      const timeouts = take('timeout', subject, requestId);
      for (const strike of timeouts) {
        changed = { ...changed, timeoutSeconds: strike.fault.seconds };
        strike.apply(`Timeout is ${strike.fault.seconds} s in place of ${target.timeoutSeconds} s`);
      }
      for (const strike of take('modulesAbsent', subject, requestId)) {
        changed = withoutModules(changed, strike.fault.modules);
        strike.apply(`no module ${strike.fault.modules.join(', ')}* can be loaded`);
      }
      const over = new AbortController();
      const crash = new AbortController();
      const crashes = take('crash', subject, requestId).map(async (strike) => {
        if (!await moments.comes(strike.fault.at, { ...subject, requestId }, over.signal)) return strike.observe('it had ended before the moment came');
        strike.apply('killed');
        crash.abort();
      });
      const outcome = await runner.invoke(changed, event, requestId, kill ? AbortSignal.any([kill, crash.signal]) : crash.signal);
      over.abort();
      await Promise.all(crashes);
      onInvocation({ logicalId: subject.logicalId, request: subject.request, requestId, outcome });
      timeouts.forEach((strike) => strike.observe('error' in outcome ? outcome.error : 'it ended in time'));
      return outcome;
    },
  };
}
