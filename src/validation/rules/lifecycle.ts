import { validateLifecycle, validateMicroVmLifecycle } from '../../service/lifecycle';
import { runtimeView } from '../runtime-view';
import { TemplateResource, isRuntime } from '../template';

/** The life times of sessions, each by itself and against each other. */
export function lifecycle(resource: TemplateResource): string[] {
  if (!isRuntime(resource)) return [];
  const { lifecycle: lifeTimes, lifecycleUnknown, capacityProvider, violations } = runtimeView(resource);
  const byModel = violations.filter(({ path }) => path.startsWith('lifecycleConfiguration')).map(({ path, message }) => `${path}: ${message}`);
  if (byModel.length > 0) return byModel;
  return [
    ...(capacityProvider === false ? validateMicroVmLifecycle(lifeTimes) : []),
    ...(lifecycleUnknown ? [] : validateLifecycle(lifeTimes)),
  ];
}
