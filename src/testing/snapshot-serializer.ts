import { maskSnapshot } from './snapshot-mask';
import { SnapshotOptions } from './snapshot-options';

// `any`: the types of jest and of vitest differ, and this knows neither of them

/** Prints a value the way that the test runner prints any other. */
export type SnapshotPrinter = (value: any, config: any, indentation: string, depth: number, refs: any) => string;

/** A serializer as `expect.addSnapshotSerializer` of jest and of vitest takes it. */
export interface SnapshotSerializer {
  /** Whether there is anything in a value to cover. */
  test(value: any): boolean;
  /** The value as the snapshot shows it. */
  serialize(value: any, config: any, indentation: string, depth: number, refs: any, printer: SnapshotPrinter): string;
}

/**
 * Keeps snapshots of templates the same when only the version of this library changes.
 *
 * ```ts
 * expect.addSnapshotSerializer(snapshotSerializer());
 * expect(Template.fromStack(stack).toJSON()).toMatchSnapshot();
 * ```
 */
export function snapshotSerializer(options: SnapshotOptions = {}): SnapshotSerializer {
  const masked = (value: unknown) => maskSnapshot(value, options);
  return {
    // what is covered already has nothing more to cover, so that printing it ends here
    test: (value) => !Object.is(masked(value), value),
    serialize: (value, config, indentation, depth, refs, printer) => printer(masked(value), config, indentation, depth, refs),
  };
}
