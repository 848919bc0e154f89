import { Agent, request } from 'node:http';
import { Operation, Shapes } from '../../../../src/service/model/model';

export interface Answer {
  readonly status: number;
  readonly errorType?: string;
  /** Parsed where it is JSON. */
  readonly body: any;
}

/** Sends inputs as the model says, over connections that stay. */
export class Sender {
  private readonly agent = new Agent({ keepAlive: true, maxSockets: 8 });

  constructor(private readonly port: number) {}

  public async send({ http, input: { shape } }: Operation, shapes: Shapes, input: Readonly<Record<string, unknown>>): Promise<Answer> {
    const { members = {}, payload } = shapes[shape];
    const query = new URLSearchParams();
    const headers: Record<string, string> = {};
    const inBody: Record<string, unknown> = {};
    let path = http.requestUri;
    for (const [name, value] of Object.entries(input)) {
      const { location, locationName = name } = members[name] ?? {};
      if (location === 'uri') path = path.replace(`{${locationName}}`, () => encodeURIComponent(String(value)));
      else if (location === 'querystring') [value].flat().forEach((item) => query.append(locationName, String(item)));
      else if (location === 'header') headers[locationName] = String(value);
      else inBody[name] = value;
    }
    return this.exchange(http.method, query.size > 0 ? `${path}?${query}` : path, headers, bodyOf(inBody, payload));
  }

  public end(): void {
    this.agent.destroy();
  }

  private async exchange(method: string, path: string, headers: Record<string, string>, body: Buffer | string | undefined): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const sent = request({ host: '127.0.0.1', port: this.port, agent: this.agent, method, path, headers }, (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', reject);
        response.on('end', () => {
          const text = Buffer.concat(chunks).toString('utf8');
          const isJson = /json/.test(response.headers['content-type'] ?? '') && text !== '';
          resolve({ status: response.statusCode!, errorType: response.headers['x-amzn-errortype'] as string | undefined, body: isJson ? JSON.parse(text) : text });
        });
      });
      sent.on('error', reject);
      sent.end(body);
    });
  }
}

function bodyOf(inBody: Readonly<Record<string, unknown>>, payload: string | undefined): Buffer | string | undefined {
  if (payload === undefined) return Object.keys(inBody).length > 0 ? JSON.stringify(inBody) : undefined;
  const whole = inBody[payload];
  return Buffer.isBuffer(whole) || whole === undefined ? whole : JSON.stringify(whole);
}
