import { BODY_LIMIT, parseJson, readBody } from './body';
import { VirtualClock } from './clock';
import { HttpError } from './http-error';
import { Exchange, sendJson } from './http-server';
import { SerialQueue } from './serial-queue';
import { Sessions } from '../sessions/contract';

/** The clock as requests see it: moved on for the whole local AgentCore, sessions and storage too. */
export class ClockApi {
  private readonly queue = new SerialQueue();

  constructor(private readonly clock: VirtualClock, private readonly sessions: Pick<Sessions, 'review'>) {}

  /** Answers GET and POST of `/_local/clock`; after a POST, everything whose time has come has ended. */
  public async serve({ request, response }: Exchange): Promise<void> {
    if (request.method === 'POST') await this.moveOn(parseJson(await readBody(request, BODY_LIMIT.json)));
    sendJson(response, 200, { now: new Date(this.clock.now()).toISOString(), advancedSeconds: this.clock.advancedSeconds });
  }

  private async moveOn(body: unknown): Promise<void> {
    const { advanceSeconds, ...others } = typeof body === 'object' && body !== null ? body as Record<string, unknown> : {};
    await this.queue.run(async () => {
      const faults = [
        ...Object.keys(others).map((name) => `${name} is not known here; use {"advanceSeconds": 60}`),
        ...this.clock.faultsOf(advanceSeconds),
      ];
      if (faults.length > 0) throw new HttpError(400, 'ValidationException', faults.join('; '));
      // who is busy up to now, has been so up to now
      await this.sessions.review();
      await this.clock.moveOn(advanceSeconds as number);
      await this.sessions.review();
    });
  }
}
