import { createHash } from 'node:crypto';
import { PolicyDocument, readPolicyDocument } from '../../iam/policy';
import { ServerClock } from '../clock';
import { HttpError } from '../http-error';
import { requireAttachments, requireInlineSize, requireManagedSize } from './quotas';
import { IamState, RoleRecord } from './records';
import { IamStore } from './store';
import { changed, isOver, Timed } from './timed';

/** How an access key of a role begins: no other key does. */
export const ROLE_KEY_PREFIX = 'ASIALOCAL';

export interface RoleInput {
  readonly arn: string;
  readonly id: string;
  readonly tags?: Readonly<Record<string, string>>;
}

/** The roles and policies of the account: what they are, and from when on that counts. */
export class IamAccount {
  /** @param delayMillis how long a change takes until it counts */
  constructor(private readonly store: IamStore, private readonly clock: ServerClock, private readonly delayMillis: number) {}

  /** Creates a role; of one that is there, changes the tags. */
  public async putRole(name: string, { arn, id, tags = {} }: RoleInput): Promise<void> {
    await this.store.change((draft) => {
      const role = draft.roles.find((candidate) => candidate.name === name);
      if (role?.arn === arn) role.tags = tags;
      else draft.roles = [...draft.roles.filter((other) => other !== role), { name, arn, id, tags, inline: {}, attached: {} }];
    });
  }

  /** Removes a role with its policies and its keys, at once. */
  public async deleteRole(name: string): Promise<void> {
    await this.store.change((draft) => {
      const { arn } = requireRole(draft, name);
      draft.roles = draft.roles.filter((role) => role.name !== name);
      draft.credentials = draft.credentials.filter(({ roleArn }) => roleArn !== arn);
    });
  }

  public async putRolePolicy(name: string, policyName: string, document: unknown): Promise<void> {
    const policy = readDocument(document, policyName);
    await this.changeRole(name, (role) => {
      role.inline = this.with(role.inline, policyName, policy);
      requireInlineSize(role);
    });
  }

  public async deleteRolePolicy(name: string, policyName: string): Promise<void> {
    await this.changeRole(name, (role) => { role.inline = this.with(role.inline, policyName, undefined); });
  }

  public async attach(name: string, policyArn: string): Promise<void> {
    await this.changeRole(name, (role) => {
      role.attached = this.with(role.attached, policyArn, true as const);
      requireAttachments(role);
    });
  }

  public async detach(name: string, policyArn: string): Promise<void> {
    await this.changeRole(name, (role) => { role.attached = this.with(role.attached, policyArn, undefined); });
  }

  /** @param policyArn undefined for none */
  public async setBoundary(name: string, policyArn: string | undefined): Promise<void> {
    await this.changeRole(name, (role) => { role.boundary = this.next(role.boundary, policyArn); });
  }

  public async putPolicy(arn: string, document: unknown): Promise<void> {
    const policy = readDocument(document, arn);
    requireManagedSize(policy);
    await this.store.change((draft) => {
      const record = draft.policies.find((candidate) => candidate.arn === arn);
      const timed = this.next(record?.document, policy)!;
      if (record) record.document = timed;
      else draft.policies.push({ arn, document: timed });
    });
  }

  /** Removes a managed policy, also from the roles to which it is attached. */
  public async deletePolicy(arn: string): Promise<void> {
    await this.store.change((draft) => {
      const record = draft.policies.find((candidate) => candidate.arn === arn);
      if (!record) throw noSuchEntity(`Policy ${arn} does not exist or is not attachable.`);
      // a removal that does not count yet leaves it in force
      record.document = this.next(record.document, undefined) ?? [];
      draft.policies = draft.policies.filter(({ document }) => !isOver(document, this.clock.now()));
      for (const role of draft.roles) {
        if (Object.hasOwn(role.attached, arn)) role.attached = this.with(role.attached, arn, undefined);
      }
    });
  }

  /** The key that stands for a session of a role, always the same one; undefined if the role is not known here. */
  public async accessKey(roleArn: string, sessionName: string): Promise<string | undefined> {
    if (!this.store.state.roles.some(({ arn }) => arn === roleArn)) return undefined;
    const digest = createHash('sha256').update(`${roleArn} ${sessionName}`).digest('hex').toUpperCase();
    const accessKeyId = ROLE_KEY_PREFIX + digest.slice(0, 20 - ROLE_KEY_PREFIX.length);
    if (!this.store.state.credentials.some((known) => known.accessKeyId === accessKeyId)) {
      await this.store.change((draft) => {
        if (!draft.credentials.some((known) => known.accessKeyId === accessKeyId)) draft.credentials.push({ accessKeyId, roleArn, sessionName });
      });
    }
    return accessKeyId;
  }

  /** Notes the key of KMS under which a bucket is; undefined for none of the account's own. */
  public async setBucketKey(bucket: string, keyArn: string | undefined): Promise<void> {
    await this.store.change((draft) => {
      const { [bucket]: _, ...others } = draft.bucketKeys;
      draft.bucketKeys = keyArn === undefined ? others : { ...others, [bucket]: keyArn };
    });
  }

  private async changeRole(name: string, work: (role: RoleRecord) => void): Promise<void> {
    await this.store.change((draft) => work(requireRole(draft, name)));
  }

  private with<T>(map: Readonly<Record<string, Timed<T>>>, name: string, value: T | undefined): Record<string, Timed<T>> {
    const { [name]: earlier, ...others } = map;
    const timed = this.next(earlier, value);
    const kept = Object.entries(others).filter(([, other]) => !isOver(other, this.clock.now()));
    return Object.fromEntries([...kept, ...(timed ? [[name, timed] as const] : [])]);
  }

  private next<T>(timed: Timed<T> | undefined, value: T | undefined): Timed<T> | undefined {
    const now = this.clock.now();
    return changed(timed, now, { from: now + this.delayMillis, ...(value === undefined ? {} : { value }) });
  }
}

function requireRole({ roles }: IamState, name: string): RoleRecord {
  const role = roles.find((candidate) => candidate.name === name);
  if (!role) throw noSuchEntity(`The role with name ${name} cannot be found.`);
  return role;
}

function readDocument(value: unknown, name: string): PolicyDocument {
  try {
    return readPolicyDocument(value, name);
  } catch (error) {
    throw new HttpError(400, 'MalformedPolicyDocument', (error as Error).message);
  }
}

function noSuchEntity(message: string): HttpError {
  return new HttpError(404, 'NoSuchEntity', message);
}
