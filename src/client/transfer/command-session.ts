import { BedrockAgentCoreClient } from '@aws-sdk/client-bedrock-agentcore';
import { TransferRunOptions, TransferRunResult, TransferSession } from './session';
import { composeCommandLine } from '../../service/command-line';
import { runCommand, RunCommandRequest } from '../run-command';

/** A session for transfers, by the bare command API. */
export function commandSession(client: BedrockAgentCoreClient, target: Omit<RunCommandRequest, 'command' | 'timeoutSeconds'>): TransferSession {
  return {
    async run(command: string, { timeoutSeconds, maxBufferBytes, ...options }: TransferRunOptions = {}): Promise<TransferRunResult> {
      const request = { ...target, command: composeCommandLine({ command }), timeoutSeconds };
      return runCommand(client, request, { ...options, keepCharacters: maxBufferBytes });
    },
  };
}
