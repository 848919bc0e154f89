import { AgentSession } from '../../../src/client/api/agent-session';
import { TransferSession } from '../../../src/client/transfer';

test('a session of the client is one that files can be copied to', () => {
  const session: TransferSession = AgentSession.of({ runtimeArn: 'arn:aws:bedrock-agentcore:us-east-1:111122223333:runtime/coder-0123456789' });
  expect(typeof session.run).toBe('function');
});
