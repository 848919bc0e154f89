import { partitionOf } from '../../../service/partition';
import { PERMISSIONS } from '../../../service/permissions';
import { Circumstance } from '../../../service/permissions/permission';
import { ResourceNames } from '../../../service/permissions/resources';
import { LOCAL_ACCOUNT } from '../../identity';
import { BODY_LIMIT, parseJson, readBody } from '../body';
import { HttpError } from '../http-error';
import { Exchange, sendJson } from '../http-server';
import { RoleInput } from './account';
import { Authorizer, Principal } from './authorizer';
import { requestsOf } from './call';

type Body = Readonly<Record<string, unknown>>;

/**
 * Answers what stands for the part of IAM that the deployer needs: `GET /_local/iam`; `PUT` and `DELETE` of `roles/NAME`, its `policies/NAME`,
 * `attachments/ARN` and `boundary`, of `policies/ARN` and of `buckets/NAME`; `POST` of `credentials` and `authorize`.
 *
 * @param path what follows `/_local/iam/`, each segment decoded
 */
export async function serveIam(exchange: Exchange, authorizer: Authorizer, path: readonly string[], defaultRegion: string): Promise<void> {
  const { request, response } = exchange;
  const method = request.method === 'HEAD' ? 'GET' : request.method;
  const body = objectOf(parseJson(await readBody(request, BODY_LIMIT.json)) ?? {});
  const answer = await answerOf(method!, path, body, authorizer, defaultRegion);
  if (method === 'PUT') authorizer.learn();
  if (answer === undefined) throw new HttpError(404, 'UnknownOperationException', `${method} of /_local/iam/${path.join('/')} is not served here`);
  sendJson(response, 200, answer);
}

async function answerOf(method: string, path: readonly string[], body: Body, authorizer: Authorizer, region: string): Promise<object | undefined> {
  const { account } = authorizer;
  const [area, name, part, item] = path;
  switch (`${method} ${area ?? ''} ${part ?? ''}`.trim()) {
    case 'GET': return path.length === 0 ? authorizer.report() : undefined;
    case 'PUT roles': return done(account.putRole(name, roleOf(body)));
    case 'DELETE roles': return done(account.deleteRole(name));
    case 'PUT roles policies': return done(account.putRolePolicy(name, item, body));
    case 'DELETE roles policies': return done(account.deleteRolePolicy(name, item));
    case 'PUT roles attachments': return done(account.attach(name, item));
    case 'DELETE roles attachments': return done(account.detach(name, item));
    case 'PUT roles boundary': return done(account.setBoundary(name, textOf(body, 'policyArn')));
    case 'DELETE roles boundary': return done(account.setBoundary(name, undefined));
    case 'PUT policies': return done(account.putPolicy(name, body));
    case 'DELETE policies': return done(account.deletePolicy(name));
    case 'PUT buckets': return done(account.setBucketKey(name, textOf(body, 'keyArn')));
    case 'DELETE buckets': return done(account.setBucketKey(name, undefined));
    case 'POST credentials': return credentials(body, authorizer);
    case 'POST authorize': return authorize(body, authorizer, region);
    default: return undefined;
  }
}

function roleOf(body: Body): RoleInput {
  return { arn: textOf(body, 'arn'), id: textOf(body, 'id'), tags: objectOf(body.tags ?? {}) as RoleInput['tags'] };
}

async function done(work: Promise<void>): Promise<object> {
  await work;
  return {};
}

/** A key for a session of a role; without one if the role is not known here. */
async function credentials(body: Body, authorizer: Authorizer): Promise<object> {
  const [roleArn, sessionName] = [textOf(body, 'roleArn'), textOf(body, 'sessionName')];
  const accessKeyId = await authorizer.account.accessKey(roleArn, sessionName);
  const principal = authorizer.principalOf(roleArn, sessionName);
  return { accessKeyId, unknownPolicies: principal ? authorizer.unknownPolicies(principal.role) : [] };
}

/** Whether somebody may call an operation, or do one action on one resource. */
function authorize(body: Body, authorizer: Authorizer, defaultRegion: string): object {
  const principal = principalOf(body, authorizer);
  if (!principal) return { judged: false, allowed: true };
  const region = body.region === undefined ? defaultRegion : textOf(body, 'region');
  const operation = textOf(body, body.operation === undefined ? 'action' : 'operation');
  const message = authorizer.denialOf(principal, operation, requestsIn(body, operation, region, authorizer), region);
  const unknownPolicies = authorizer.unknownPolicies(principal.role);
  return message === undefined ? { judged: true, allowed: true, unknownPolicies } : { judged: true, allowed: false, message, unknownPolicies };
}

function requestsIn(body: Body, operation: string, region: string, { bucketKeys }: Authorizer) {
  if (body.operation === undefined) return [{ action: operation, resource: textOf(body, 'resource'), context: objectOf(body.context ?? {}) as Readonly<Record<string, string>> }];
  if (!Object.hasOwn(PERMISSIONS, operation)) throw invalid(`operation ${operation} is not known`);
  const given = objectOf(body.names ?? {}) as Partial<ResourceNames>;
  const keyArn = given.bucketName !== undefined && Object.hasOwn(bucketKeys, given.bucketName) ? bucketKeys[given.bucketName] : undefined;
  const names: ResourceNames = { partition: partitionOf(region), region, account: LOCAL_ACCOUNT, keyArn, ...given };
  return requestsOf({ operation, names, circumstances: new Set<Circumstance>(keyArn === undefined ? [] : ['encrypted']) });
}

function principalOf(body: Body, authorizer: Authorizer): Principal | undefined {
  if (body.accessKeyId !== undefined) return authorizer.identify(textOf(body, 'accessKeyId'));
  return authorizer.principalOf(textOf(body, 'roleArn'), textOf(body, 'sessionName'));
}

function objectOf(value: unknown): Body {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw invalid('the body is not a JSON object');
  return value as Body;
}

function textOf(body: Body, name: string): string {
  const value = body[name];
  if (typeof value === 'string' && value !== '') return value;
  throw invalid(`${name} of ${JSON.stringify(value) ?? 'nothing'} is not a text`);
}

function invalid(message: string): HttpError {
  return new HttpError(400, 'ValidationException', message);
}
