import model from './data-plane.json';
import { Operations, Shapes } from './model';

/** Every shape of the data plane's runtime operations. */
export const DATA_PLANE_SHAPES = model.shapes as unknown as Shapes;

/** The data plane's runtime operations. */
export const DATA_PLANE_OPERATIONS = model.operations as unknown as Operations;
