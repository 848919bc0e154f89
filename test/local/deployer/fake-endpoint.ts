import { createServer, Server } from 'node:http';
import { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';

/** What the deployer needs of a local AgentCore besides its planes: health, objects, and log groups. */
export class FakeEndpoint {
  public static async start(): Promise<FakeEndpoint> {
    const fake = new FakeEndpoint();
    await new Promise<void>((resolve) => fake.server.listen(0, '127.0.0.1', resolve));
    return fake;
  }

  /** What tells its state from that of others. */
  public id?: string;
  public readonly objects = new Map<string, Buffer>();
  public readonly logGroups = new Set<string>();
  private readonly server: Server = createServer(async (request, response) => {
    const body = await buffer(request);
    const operation = String(request.headers['x-amz-target'] ?? '').split('.')[1];
    if (request.url === '/_local/health') {
      response.end(JSON.stringify({ id: this.id }));
    } else if (request.method === 'PUT' && request.url!.startsWith('/_local/objects/')) {
      this.objects.set(request.url!.slice('/_local/objects/'.length), body);
      response.end('{}');
    } else if (operation === 'CreateLogGroup' || operation === 'DeleteLogGroup') {
      const { logGroupName } = JSON.parse(body.toString('utf8'));
      if (operation === 'CreateLogGroup') this.logGroups.add(logGroupName);
      else this.logGroups.delete(logGroupName);
      response.setHeader('content-type', 'application/x-amz-json-1.1').end('{}');
    } else {
      response.writeHead(404).end('{}');
    }
  });

  public get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  public async stop(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.server.close(() => resolve());
      this.server.closeAllConnections();
    });
  }
}
