import { ObjectAccess } from './execution';

/** The objects that a local AgentCore keeps. */
export class LocalObjects implements ObjectAccess {
  constructor(private readonly endpoint: string) {}

  public async read(bucket: string, key: string): Promise<Buffer> {
    return this.call('GET', bucket, key);
  }

  public async write(bucket: string, key: string, content: string): Promise<void> {
    await this.call('PUT', bucket, key, content);
  }

  private async call(method: string, bucket: string, key: string, body?: string): Promise<Buffer> {
    const path = [bucket, ...key.split('/')].map(encodeURIComponent).join('/');
    const response = await fetch(`${this.endpoint}/_local/objects/${path}`, { method, body });
    const content = Buffer.from(await response.arrayBuffer());
    if (!response.ok) throw new Error(`s3://${bucket}/${key}: ${content.toString('utf8')}`);
    return content;
  }
}
