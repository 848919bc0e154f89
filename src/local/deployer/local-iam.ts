import { ReachableAgentCore } from './endpoint';
import { DeployerError, networkReason } from './errors';
import { isObject, JsonObject } from './json';
import { LocalFunction } from './lambda/function';
import { ResourceNames } from '../../service/permissions/resources';

/** The access key of the account's administrator, whose calls are not judged. */
export const ADMINISTRATOR_KEY = 'local';

/** Who calls: a session of a role, or the key of one. */
export type Caller = { readonly roleArn: string; readonly sessionName: string } | { readonly accessKeyId: string };

/** A call that is to be judged: the operation as the table of permissions has it, and what it is about. */
export interface JudgedCall {
  readonly operation: string;
  readonly names: Partial<ResourceNames>;
  readonly region: string;
}

/** An error of IAM. */
export class IamError extends Error {
  constructor(public readonly type: string, message: string, status: number) {
    super(`${message} (Service: Iam, Status Code: ${status}, Error Code: ${type})`);
  }
}

export interface LocalIamOptions {
  /** False if functions and state machines are to run as the account's administrator. */
  readonly isOn: boolean;
  readonly onNotice?: (notice: string) => void;
}

/** The roles and policies that the local AgentCore knows, and what it says about calls. */
export class LocalIam {
  private readonly noticed = new Set<string>();

  constructor(private readonly agentCore: ReachableAgentCore, private readonly options: LocalIamOptions) {}

  /** Whether calls of roles are judged, by this deployer and by the local AgentCore. */
  private get judges(): boolean {
    return this.options.isOn && this.agentCore.judges;
  }

  /** What a function signs its calls with: a key of its role, or the administrator's if nothing is known of the role. */
  public async accessKeyOf({ name, roleArn }: Pick<LocalFunction, 'name' | 'roleArn'>): Promise<string> {
    if (!this.judges || roleArn === undefined) return ADMINISTRATOR_KEY;
    const { accessKeyId, unknownPolicies } = await this.call('POST', ['credentials'], { roleArn, sessionName: name });
    if (typeof accessKeyId !== 'string') {
      this.noticeUnknownRole(roleArn);
      return ADMINISTRATOR_KEY;
    }
    this.noticeUnknownPolicies(roleArn, unknownPolicies);
    return accessKeyId;
  }

  /** Why a call is denied, in AWS's words; undefined if it is allowed, or not judged. */
  public async denialOf(caller: Caller, { operation, names, region }: JudgedCall): Promise<string | undefined> {
    if (!this.judges) return undefined;
    const { judged, message, unknownPolicies } = await this.call('POST', ['authorize'], { ...caller, operation, names, region }).catch((error: unknown) => {
      // the key of a role that is gone
      if (error instanceof IamError && error.type === 'UnrecognizedClientException') return { message: error.message } as JsonObject;
      throw error;
    });
    if ('roleArn' in caller && judged === false) this.noticeUnknownRole(caller.roleArn);
    if ('roleArn' in caller) this.noticeUnknownPolicies(caller.roleArn, unknownPolicies);
    return message === undefined ? undefined : String(message);
  }

  /**
   * Creates or changes something of IAM.
   *
   * @throws IamError for what IAM refuses
   */
  public async put(path: readonly string[], body: object = {}): Promise<void> {
    if (this.agentCore.hasIam) await this.call('PUT', path, body);
  }

  /** Deletes something of IAM; what is gone already is no error. */
  public async delete(path: readonly string[]): Promise<void> {
    if (!this.agentCore.hasIam) return;
    await this.call('DELETE', path).catch((error: unknown) => {
      if (!(error instanceof IamError) || error.type !== 'NoSuchEntity') throw error;
    });
  }

  /** Changes something of a role that may not be one of the stacks that are deployed here. */
  public async putOnRole(roleName: string, path: readonly string[], body: object = {}): Promise<void> {
    await this.put(['roles', roleName, ...path], body).catch((error: unknown) => {
      if (!(error instanceof IamError) || error.type !== 'NoSuchEntity') throw error;
      this.noticeUnknownRole(roleName);
    });
  }

  public notice(text: string): void {
    if (this.noticed.has(text)) return;
    this.noticed.add(text);
    this.options.onNotice?.(text);
  }

  private noticeUnknownRole(role: string): void {
    this.notice(`role ${role} is not deployed here; what uses it is not judged`);
  }

  private noticeUnknownPolicies(roleArn: string, unknown: unknown): void {
    const names = Array.isArray(unknown) ? unknown.map(String) : [];
    for (const name of names) this.notice(`managed policy ${name} of role ${roleArn} is not known here; it is taken to allow everything`);
  }

  private async call(method: string, path: readonly string[], body?: object): Promise<JsonObject> {
    let response: Response;
    try {
      response = await fetch(`${this.agentCore.address}/_local/iam/${path.map(encodeURIComponent).join('/')}`, {
        method, ...(body ? { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } } : {}),
      });
    } catch (error) {
      throw new DeployerError(`the local AgentCore at ${this.agentCore.address} does not answer about IAM (${networkReason(error)})`);
    }
    const answer: unknown = await response.json();
    const { message, ...rest } = isObject(answer) ? answer : { message: 'no answer' };
    if (response.ok) return message === undefined ? rest : { ...rest, message };
    throw new IamError(response.headers.get('x-amzn-errortype') ?? 'ServiceFailure', String(message), response.status);
  }
}
