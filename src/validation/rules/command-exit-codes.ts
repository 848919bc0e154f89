import { validateExitCodes } from '../../service/command';
import { knownPart } from '../intrinsics';
import { TemplateResource, isCommand } from '../template';

/** The exit codes that count as success: 0 to 255, and at least one. */
export function commandExitCodes(resource: TemplateResource): string[] {
  const codes = isCommand(resource) ? knownPart(resource.properties.ExpectedExitCodes) : undefined;
  if (!Array.isArray(codes) || codes.some((code) => typeof code === 'symbol')) return [];
  return validateExitCodes(codes.map(Number));
}
