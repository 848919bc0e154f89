import { ObjectStore } from './artifacts/object-store';
import { BODY_LIMIT, readBody } from './body';
import { ClockApi } from './clock-routes';
import { ControlPlaneContext } from './control/context';
import { signedRegion } from './control/ids';
import { isControlPlaneOperation, runControlPlaneOperation } from './control/operations';
import { DataPlaneContext, deleteCapacityProviderSession, invokeAgentRuntime, invokeAgentRuntimeCommand, stopRuntimeSession } from './data/operations';
import { invokeAgentRuntimeCommandShell, shellCallOf } from './data/shell';
import { endingOf, streamFaultOf } from './faults/call-fault';
import { FaultedCall, FaultLayer } from './faults/fault-layer';
import { HttpError } from './http-error';
import { Exchange, sendJson } from './http-server';
import { accessKeyOf } from './iam/access-key';
import { Authorizer, Principal } from './iam/authorizer';
import { controlPlaneCall } from './iam/control-plane-call';
import { dataPlaneCall } from './iam/data-plane-call';
import { gatherInput, hasBlobPayload } from './input';
import { isLocalRequest, serveLocalPath } from './local-routes';
import { LogsApi } from './logs/logs-api';
import { isLogsRequest, serveLogsRequest } from './logs/logs-routes';
import { findRoute, routesOf } from './router';
import { CONTROL_PLANE_OPERATIONS, CONTROL_PLANE_SHAPES } from '../../service/model/control-plane';
import { DATA_PLANE_OPERATIONS, DATA_PLANE_SHAPES } from '../../service/model/data-plane';
import { AWS_SERVICE_HEADER } from '../identity';
import { PageServices } from '../page/page-routes';

/** Everything that is served on the one port. */
export interface Services extends PageServices {
  readonly controlPlane: ControlPlaneContext;
  readonly dataPlane: DataPlaneContext;
  readonly logs: LogsApi;
  readonly objects: ObjectStore;
  readonly faults: FaultLayer;
  readonly clock: ClockApi;
  readonly iam: Authorizer;
  /** The sessions that run. */
  readonly sessions: () => object;
  /** Of requests that are not signed. */
  readonly region: string;
}

const ROUTES = [...routesOf(CONTROL_PLANE_OPERATIONS, CONTROL_PLANE_SHAPES), ...routesOf(DATA_PLANE_OPERATIONS, DATA_PLANE_SHAPES)];

/** Answers one request, or throws what its answer is to tell. */
export async function serve(services: Services, exchange: Exchange): Promise<void> {
  const { request, response, rawPath, query } = exchange;
  const region = signedRegion(request.headers.authorization) ?? services.region;
  if (isLocalRequest(exchange)) return serveLocalPath(exchange, services, region);
  if (isLogsRequest(exchange)) return serveLogsRequest(exchange, services, region);
  const principal = services.iam.identify(accessKeyOf(request.headers, query));
  const shellCall = shellCallOf(exchange);
  if (shellCall) {
    authorize(services, principal, shellCall, region);
    return services.faults.around(shellCall, exchange, async () => invokeAgentRuntimeCommandShell(services.dataPlane, shellCall.input, exchange));
  }
  // the rest is spoken by HTTP alone
  if (exchange.upgradeHead) throw new HttpError(404, 'UnknownOperationException', `nothing is served by WebSocket at ${rawPath.slice(0, 200)}; shells are at /runtimes/{agentRuntimeArn}/ws/shells`);

  const match = findRoute(ROUTES, request.method ?? '', rawPath);
  const body = await readBody(request, hasBlobPayload(match) ? BODY_LIMIT.payload : BODY_LIMIT.json);
  const input = gatherInput(match, { query, headers: request.headers, body });
  const { operation, responseCode } = match.route;
  const call = { operation, input };
  authorize(services, principal, call, region);
  const isAws = request.headers[AWS_SERVICE_HEADER] !== undefined;
  await services.faults.around(call, exchange, async (due) => {
    const dataPlane = { ...services.dataPlane, streamFault: streamFaultOf(due) };
    if (!isControlPlaneOperation(operation)) return serveDataPlane(dataPlane, operation, input, exchange);
    const output = await runControlPlaneOperation(operation, { ...services.controlPlane, ending: endingOf(due) }, input, { region, isAws });
    const answer = await services.faults.answer(call, due, output);
    sendJson(response, responseCode, responseCode === 204 ? undefined : answer);
  });
}

/** Lets a call of a role go on that its policies allow; what a fault plan says comes after that. */
function authorize(services: Services, principal: Principal | undefined, { operation, input }: FaultedCall, region: string): void {
  if (!principal) return;
  const { iam, controlPlane: { store, clock } } = services;
  const view = { state: store.state, now: clock.now(), region, bucketKeys: iam.bucketKeys };
  iam.require(principal, isControlPlaneOperation(operation) ? controlPlaneCall(operation, input, view) : dataPlaneCall(operation, input, view));
}

async function serveDataPlane(context: DataPlaneContext, operation: string, input: object, exchange: Exchange): Promise<void> {
  // the model has checked the input
  switch (operation) {
    case 'InvokeAgentRuntime': return invokeAgentRuntime(context, input as Parameters<typeof invokeAgentRuntime>[1], exchange);
    case 'InvokeAgentRuntimeCommand': return invokeAgentRuntimeCommand(context, input as Parameters<typeof invokeAgentRuntimeCommand>[1], exchange);
    case 'StopRuntimeSession': return stopRuntimeSession(context, input as Parameters<typeof stopRuntimeSession>[1], exchange);
    case 'DeleteCapacityProviderSession': return deleteCapacityProviderSession(context, input as Parameters<typeof deleteCapacityProviderSession>[1]);
    default: throw new Error(`operation ${operation} is in the model, and nothing serves it`);
  }
}
