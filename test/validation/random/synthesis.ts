import { App, Stack } from 'aws-cdk-lib';
import { RefusedByCdk, RefusedByValue, build } from './build';
import { Configuration } from './configuration';
import { TemplateJson } from '../../util/stacks';

/** What became of some configurations, by their index. */
export interface Synthesis {
  readonly synthesized: Map<number, { readonly template: TemplateJson; readonly templatePath: string }>;
  /** What constructs of ours said. */
  readonly refused: Map<number, { readonly messages: readonly string[]; readonly byValue: boolean }>;
  /** What the CDK itself refused before one of our constructs saw it. */
  readonly refusedByCdk: number[];
}

/** Synthesizes each configuration in a stack of its own, all in one app. */
export function synthesize(configurations: readonly Configuration[], outdir: string): Synthesis {
  const app = new App({ outdir, analyticsReporting: false, treeMetadata: false });
  const outcome: Synthesis = { synthesized: new Map(), refused: new Map(), refusedByCdk: [] };
  for (const [i, configuration] of configurations.entries()) {
    try {
      build(new Stack(app, `S${i}`), configuration);
    } catch (error) {
      app.node.tryRemoveChild(`S${i}`);
      if (error instanceof RefusedByCdk) outcome.refusedByCdk.push(i);
      else outcome.refused.set(i, { messages: [(error as Error).message], byValue: error instanceof RefusedByValue });
    }
  }
  // each round takes at least one stack away
  for (let round = 0; round <= configurations.length; round++) {
    try {
      for (const { id, template, templateFullPath } of app.synth().stacks) {
        outcome.synthesized.set(Number(id.slice(1)), { template, templatePath: templateFullPath });
      }
      return outcome;
    } catch (error) {
      const told = messagesByStack((error as Error).message);
      if (told.size === 0) throw error;
      for (const [i, messages] of told) {
        app.node.tryRemoveChild(`S${i}`);
        outcome.refused.set(i, { messages, byValue: false });
      }
    }
  }
  throw new Error('more rounds than stacks');
}

/** The lines of an error of the synthesis, by the stack that they name. */
function messagesByStack(message: string): Map<number, string[]> {
  const told = new Map<number, string[]>();
  for (const line of message.split(/\n {2}(?=\[)/).filter((part) => /\bS\d+\//.test(part))) {
    const i = Number(/\bS(\d+)\//.exec(line)![1]);
    told.set(i, [...told.get(i) ?? [], line]);
  }
  return told;
}
