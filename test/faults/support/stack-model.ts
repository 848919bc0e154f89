import { randomUUID } from 'node:crypto';
import { CANCELLED, EventFaults, Lane, SILENCE } from './lane';
import { commandProperties, Properties, runtimeProperties, SERVICE_TOKEN } from './properties';
import { UnsentEvent } from '../../../src/local/deployer/protocol/event';
import { CheckedResponse } from '../../../src/local/deployer/protocol/response';
import { COMMAND_RESOURCE_TYPE, RUNTIME_RESOURCE_TYPE } from '../../../src/provider/contract';

/** What a user wants a stack to be. */
export interface Wanted {
  readonly name: string;
  readonly mood: string;
  /** What the sessions make of a command; see `InstantSessions`. */
  readonly code: number;
  readonly millis: number;
  /** Tells commands apart that do the same. */
  readonly variant: number;
  /** In seconds; from 841 on the command goes on detached. */
  readonly timeout: string;
  readonly idempotent: boolean;
  /** The time-out of what runs on deletion, in seconds. */
  readonly onDelete?: string;
}

interface Deployed { readonly physicalId: string; readonly properties: Properties; readonly data: Readonly<Record<string, unknown>> }

const NONE: EventFaults = { service: [], copies: 'none', failingPuts: 0, failingCalls: 0, shortCalls: false };

/** What CloudFormation does with a stack of one runtime and one command on it. */
export class StackModel {
  /** What the last operation that succeeded has made of the stack; undefined where there is none. */
  public last?: Wanted;
  /** Events that may never fail, and did, and results that are not those of the run that they should tell of. */
  public readonly broken: string[] = [];
  private readonly stackId = `arn:aws:cloudformation:us-east-1:000000000000:stack/S/${randomUUID()}`;
  private agent?: Deployed;
  private check?: Deployed;

  constructor(private readonly lane: Lane) {}

  public async deploy(wanted: Wanted, agentFaults: EventFaults, checkFaults: EventFaults): Promise<void> {
    await (this.last ? this.update(wanted, agentFaults, checkFaults) : this.create(wanted, agentFaults, checkFaults));
  }

  public async destroy(faults: EventFaults): Promise<void> {
    if (!this.last) return;
    await this.remove('Check', this.check!, NONE);
    await this.remove('Agent', this.agent!, faults);
    this.last = undefined;
  }

  private async create(wanted: Wanted, agentFaults: EventFaults, checkFaults: EventFaults): Promise<void> {
    const properties = agentProperties(wanted);
    const agent = await this.send('Create', 'Agent', properties, undefined, undefined, agentFaults);
    if (agent.status === 'FAILED') return this.remove('Agent', { physicalId: agent.physicalId ?? invented('Agent'), properties, data: {} }, NONE);
    this.agent = { physicalId: agent.physicalId, properties, data: agent.data };
    const checked = checkProperties(wanted, this.agent);
    const check = await this.send('Create', 'Check', checked, undefined, undefined, checkFaults);
    if (check.status === 'FAILED') {
      await this.remove('Check', { physicalId: check.physicalId ?? invented('Check'), properties: checked, data: {} }, NONE);
      return this.remove('Agent', this.agent, NONE);
    }
    this.check = { physicalId: check.physicalId, properties: checked, data: check.data };
    this.mustHaveRun(this.check);
    this.last = wanted;
  }

  private async update(wanted: Wanted, agentFaults: EventFaults, checkFaults: EventFaults): Promise<void> {
    const [oldAgent, oldCheck, old] = [this.agent!, this.check!, this.last!];
    const properties = agentProperties(wanted);
    let isTouched = false;
    if (JSON.stringify(properties) !== JSON.stringify(oldAgent.properties)) {
      isTouched = true;
      const updated = await this.send('Update', 'Agent', properties, oldAgent.properties, oldAgent.physicalId, agentFaults);
      if (updated.status === 'FAILED') return this.goBack(oldAgent, { ...oldAgent, properties }, old);
      this.agent = { physicalId: updated.physicalId, properties, data: updated.data };
    }
    const checked = checkProperties(wanted, this.agent!);
    if (JSON.stringify(checked) !== JSON.stringify(oldCheck.properties)) {
      const updated = await this.send('Update', 'Check', checked, oldCheck.properties, oldCheck.physicalId, checkFaults);
      if (updated.status === 'FAILED') {
        if (isTouched) await this.goBack(oldAgent, this.agent!, old);
        return this.goBackFromCheck(checkProperties(old, this.agent!), checked, oldCheck, updated.reason);
      }
      this.check = { physicalId: updated.physicalId, properties: checked, data: updated.data };
      const aboutRun = (all: Properties) => JSON.stringify({ ...all, OnDelete: undefined });
      if (aboutRun(checked) !== aboutRun(oldCheck.properties)) this.mustHaveRun(this.check, oldCheck);
    }
    this.last = wanted;
    if (this.check!.physicalId !== oldCheck.physicalId) await this.remove('Check', oldCheck, NONE);
    if (this.agent!.physicalId !== oldAgent.physicalId) await this.remove('Agent', oldAgent, NONE);
  }

  /** The swapped Update, and the Delete of what the other one has made. */
  private async goBack(to: Deployed, from: Deployed, old: Wanted): Promise<void> {
    const back = await this.mustSucceed('Update', 'Agent', to.properties, from.properties, from.physicalId);
    if (back?.status !== 'SUCCESS') return;
    this.agent = { physicalId: back.physicalId, properties: to.properties, data: back.data };
    if (back.physicalId !== from.physicalId) await this.remove('Agent', from, NONE);
    this.last = old;
  }

  /** What the provider has failed itself runs nothing on the way back; what was cancelled, or not heard of, may have succeeded. */
  private async goBackFromCheck(properties: Properties, tried: Properties, to: Deployed, reason: string): Promise<void> {
    const back = await this.mustSucceed('Update', 'Check', properties, tried, to.physicalId);
    if (back.status !== 'SUCCESS') return;
    this.check = { physicalId: back.physicalId, properties, data: back.data };
    // an update that was cancelled at once may begin after the one that takes it back, as if it were a new one
    if (reason === CANCELLED) this.check = { ...this.check, data: { ...back.data, SessionId: undefined } };
    if (reason === CANCELLED || reason === SILENCE || reason.includes('gave up') || to.data.SessionId === undefined) return;
    if (back.data.SessionId !== to.data.SessionId) this.broken.push(`the way back from ${reason} has run ${back.data.SessionId}`);
  }

  /** A command that was deployed has run for it, and not for what was deployed before. */
  private mustHaveRun({ data }: Deployed, before?: Deployed): void {
    const session = String(data.SessionId);
    if (!this.lane.sessions.starts.has(session) || session === before?.data.SessionId) this.broken.push(`the command of ${session} has not run`);
  }

  private async remove(logicalId: string, { physicalId, properties }: Deployed, faults: EventFaults): Promise<void> {
    const response = await this.send('Delete', logicalId, properties, undefined, physicalId, faults);
    // a user who deletes the stack again
    if (response.status === 'FAILED') await this.mustSucceed('Delete', logicalId, properties, undefined, physicalId);
  }

  private async mustSucceed(type: UnsentEvent['RequestType'], logicalId: string, properties: Properties, old?: Properties, physicalId?: string) {
    const response = await this.send(type, logicalId, properties, old, physicalId, NONE);
    if (response.status === 'FAILED') this.broken.push(`${type} ${logicalId}: ${response.reason}`);
    return response;
  }

  private async send(
    type: UnsentEvent['RequestType'], logicalId: string, properties: Properties, old: Properties | undefined, physicalId: string | undefined, faults: EventFaults,
  ): Promise<CheckedResponse> {
    return this.lane.send({
      RequestType: type,
      StackId: this.stackId,
      RequestId: randomUUID(),
      ResourceType: logicalId === 'Agent' ? RUNTIME_RESOURCE_TYPE : COMMAND_RESOURCE_TYPE,
      LogicalResourceId: logicalId,
      ...(physicalId === undefined ? {} : { PhysicalResourceId: physicalId }),
      ResourceProperties: properties,
      ...(old ? { OldResourceProperties: old } : {}),
    }, faults);
  }
}

function agentProperties({ name, mood }: Wanted): Properties {
  return { ServiceToken: SERVICE_TOKEN, ...runtimeProperties(name, { EnvironmentVariables: { MOOD: mood } }) };
}

function checkProperties({ code, millis, variant, timeout, idempotent, onDelete }: Wanted, { data }: Deployed): Properties {
  const command = `: variant=${variant} ${idempotent ? 'idempotent ' : ''}ms=${millis} code=${code}; exit ${code}`;
  return {
    ServiceToken: SERVICE_TOKEN,
    ...commandProperties(data.AgentRuntimeArn, command, { Timeout: timeout }),
    AgentRuntimeVersion: data.AgentRuntimeVersion,
    ...(idempotent ? { Idempotent: 'true' } : {}),
    ...(onDelete ? { OnDelete: { Command: ': ms=5 code=0', Timeout: onDelete } } : {}),
  };
}

function invented(logicalId: string): string {
  return `S-${logicalId}-${randomUUID().replaceAll('-', '').slice(0, 12).toUpperCase()}`;
}
