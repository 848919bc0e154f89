import { AGENT_RUNTIME_SHAPES } from './agent-runtime';
import model from './control-plane.json';
import { Operations, Shapes } from './model';

/** Every shape of the control plane's runtime operations. */
export const CONTROL_PLANE_SHAPES: Shapes = { ...AGENT_RUNTIME_SHAPES, ...(model.shapes as unknown as Shapes) };

/** The control plane's runtime operations. */
export const CONTROL_PLANE_OPERATIONS = model.operations as unknown as Operations;
