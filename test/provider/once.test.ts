import { Clock } from '../../src/client/clock';
import { digest } from '../../src/provider/digest';
import { MemoryLedger } from '../../src/provider/ledger';
import { LifecycleRequest, LifecycleResult } from '../../src/provider/lifecycle';
import { once, settledOf, Work } from '../../src/provider/once';
import { FakeClock } from '../util/fake-clock';

const RESULT: LifecycleResult = { physicalId: 'made', attributes: { Colour: 'red' } };
const KEY = `request/${digest('stack', 'Check', 'request-1')}`;

let clock: FakeClock;
let ledger: MemoryLedger;
let calls: string[];
let fails: string | undefined;

beforeEach(() => {
  clock = new FakeClock(1_000_000);
  ledger = new MemoryLedger(clock);
  calls = [];
  fails = undefined;
});

const failing = async () => Promise.reject(new Error('broken'));

function request(more: Partial<LifecycleRequest> = {}): LifecycleRequest {
  return {
    owner: { stackId: 'stack', logicalId: 'Check' },
    requestId: 'request-1',
    properties: {},
    oldProperties: {},
    signal: new AbortController().signal,
    deadline: clock.now() + 880_000,
    ...more,
  };
}

async function deliver(work: Partial<Work> = {}, more: Partial<LifecycleRequest> = {}, time: Clock = clock) {
  const asked = request(more);
  return once(asked, {
    clock: time,
    ledger,
    log: () => {},
    callAgain: async (continuation) => {
      calls.push(`call again ${JSON.stringify(continuation)}`);
      if (fails !== undefined) throw new Error(fails);
    },
  }, {
    run: async (continuation) => {
      calls.push(`run ${JSON.stringify(continuation)}`);
      return RESULT;
    },
    resume: () => undefined,
    giveUp: async (why) => {
      calls.push('give up');
      throw new Error(why);
    },
    end: async () => {
      calls.push((await notes()).some((note) => 'result' in note || 'failure' in note) ? 'end' : 'end before the outcome is noted');
    },
    ...work,
  });
}

const notes = async () => (await ledger.recent(KEY, 100)).map(({ text }) => JSON.parse(text));
/** A call that has begun and never came back. */
const dieAfterBeginning = async () => {
  await ledger.claim(KEY);
  await ledger.note(KEY, JSON.stringify({ begun: clock.now(), until: clock.now() + 880_000 }));
};

test('does the work of a request, and tells later deliveries what it came to', async () => {
  expect(await deliver()).toEqual(RESULT);
  expect(await deliver()).toEqual(RESULT);
  expect(calls).toEqual(['run undefined', 'end']);
});

test('tells of a failure again', async () => {
  await expect(deliver({ run: failing })).rejects.toThrow('broken');
  await expect(deliver()).rejects.toThrow('broken');
  expect(calls).toEqual(['end']);
});

test('begins nothing where it cannot note that it has', async () => {
  jest.spyOn(ledger, 'note').mockRejectedValueOnce(new Error('throttled'));
  await expect(deliver()).rejects.toThrow(/so nothing was started \(throttled\)/);
  await expect(deliver()).rejects.toThrow(/so nothing was started/);
  expect(calls).toEqual([]);
});

test('a claim whose answer is lost fails the request for each delivery', async () => {
  jest.spyOn(ledger, 'claim').mockImplementationOnce(async (key) => {
    await MemoryLedger.prototype.claim.call(ledger, key);
    throw new Error('connection lost');
  });
  await expect(deliver()).rejects.toThrow('connection lost');
  await expect(deliver()).rejects.toThrow('connection lost');
  expect(calls).toEqual([]);
});

describe('a first delivery that has died', () => {
  it('is waited for until its time is over, which leaves time for an answer', async () => {
    await dieAfterBeginning();
    const begun = clock.now();
    await clock.sleep(160_000);
    await expect(deliver()).rejects.toThrow(/delivered twice.*has not told its outcome/);
    expect(calls).toEqual(['give up', 'end']);
    expect(clock.now() - begun).toBeGreaterThanOrEqual(880_000);
    // CloudFormation waits 960 s, and to stop a session takes up to 30 s
    expect(clock.now() - begun).toBeLessThanOrEqual(910_000);
  });

  it('is not waited for when that is long ago', async () => {
    await dieAfterBeginning();
    await clock.sleep(10_000_000);
    const before = clock.now();
    await expect(deliver()).rejects.toThrow(/delivered twice/);
    expect(clock.now()).toBe(before);
  });

  it('that had not even begun is not waited for as long', async () => {
    await ledger.claim(KEY);
    const before = clock.now();
    await expect(deliver()).rejects.toThrow(/delivered twice/);
    expect(clock.now() - before).toBeLessThan(90_000);
  });

  it('fails for each later delivery the same, and is ended once', async () => {
    await dieAfterBeginning();
    const reason = await deliver().catch((error: Error) => error.message);
    expect(await deliver().catch((error: Error) => error.message)).toBe(reason);
    expect(calls).toEqual(['give up', 'end']);
  });

  it('is ended when the time of the next one is up', async () => {
    await dieAfterBeginning();
    await expect(deliver({}, { signal: AbortSignal.abort(new Error('time is up')) })).rejects.toThrow(/delivered twice.*time is up/);
    expect(calls).toEqual(['give up', 'end']);
  });

  it('is waited for although the ledger cannot be reached for a while', async () => {
    await dieAfterBeginning();
    jest.spyOn(ledger, 'recent').mockRejectedValueOnce(new Error('throttled')).mockRejectedValueOnce(new Error('throttled'));
    const waiting = deliver();
    await ledger.note(KEY, JSON.stringify({ result: RESULT }));
    expect(await waiting).toEqual(RESULT);
  });

  it('is gone on with where that can be', async () => {
    await dieAfterBeginning();
    const begunAt = clock.now();
    expect(await deliver({ resume: (begun) => ({ begun }) })).toEqual(RESULT);
    expect(calls).toEqual([`run {"begun":${begunAt}}`, 'end']);
  });

  it('may still tell its outcome while it is waited for', async () => {
    await dieAfterBeginning();
    const waiting = deliver();
    await ledger.note(KEY, JSON.stringify({ result: RESULT }));
    expect(await waiting).toEqual(RESULT);
    expect(calls).toEqual([]);
  });
});

describe('work that another call goes on with', () => {
  const handOver = (step: number): Partial<Work> => ({ run: async () => ({ continuation: { step } }) });

  it('is answered by that one, whatever else is delivered', async () => {
    expect(await deliver(handOver(1))).toEqual({ answeredElsewhere: true });
    expect(await deliver()).toEqual({ answeredElsewhere: true });
    expect(await deliver({}, { continuation: { step: 1 } })).toEqual(RESULT);
    expect(await deliver()).toEqual(RESULT);
    expect(calls).toEqual(['call again {"step":1}', 'run {"step":1}', 'end']);
  });

  it('is not done again by a continuation that comes twice', async () => {
    await deliver(handOver(1));
    await deliver({}, { continuation: { step: 1 } });
    expect(await deliver({ run: failing }, { continuation: { step: 1 } })).toEqual(RESULT);
    expect((await notes()).filter((note) => 'failure' in note)).toEqual([]);
  });

  it('fails as it has failed, for a continuation that comes twice', async () => {
    await deliver(handOver(1));
    await expect(deliver({ run: failing }, { continuation: { step: 1 } })).rejects.toThrow('broken');
    await expect(deliver({}, { continuation: { step: 1 } })).rejects.toThrow('broken');
  });

  it('that has gone further is left to the call that goes on with it', async () => {
    await deliver(handOver(1));
    await deliver(handOver(2), { continuation: { step: 1 } });
    expect(await deliver({}, { continuation: { step: 1 } })).toEqual({ answeredElsewhere: true });
    expect(await deliver({}, { continuation: { step: 2 } })).toEqual(RESULT);
  });

  it('goes on although what was noted lately cannot be seen yet', async () => {
    await deliver(handOver(1));
    expect(await deliver({}, { continuation: { step: 2 } })).toEqual(RESULT);
  });

  it('goes on although nothing that was noted can be seen', async () => {
    await deliver(handOver(1));
    jest.spyOn(ledger, 'recent').mockRejectedValueOnce(new Error('throttled'));
    expect(await deliver({}, { continuation: { step: 1 } })).toEqual(RESULT);
  });

  it('is handed over again where the call that did so has died on the way', async () => {
    await dieAfterBeginning();
    await ledger.note(KEY, JSON.stringify({ handingOver: { step: 1 }, until: clock.now() + 100 }));
    expect(await deliver()).toEqual({ answeredElsewhere: true });
    expect(calls).toEqual(['call again {"step":1}']);
  });

  it('is not ended by a delivery whose own time is up while it is handed over', async () => {
    await dieAfterBeginning();
    await ledger.note(KEY, JSON.stringify({ handingOver: { step: 1 }, until: clock.now() + 100 }));
    expect(await deliver({}, { signal: AbortSignal.abort(new Error('time is up')) })).toEqual({ answeredElsewhere: true });
    expect(calls).toEqual([]);
  });

  it('is ended where nobody can be called', async () => {
    fails = 'no permission';
    await expect(deliver(handOver(1))).rejects.toThrow(/could not call itself again.*no permission/);
    expect(calls).toEqual(['call again {"step":1}', 'give up', 'end']);
    await expect(deliver()).rejects.toThrow(/no permission/);
  });

  it('may be done by two: what one has come to counts where the other one fails', async () => {
    await deliver(handOver(1));
    const slower = async () => {
      await ledger.note(KEY, JSON.stringify({ result: RESULT }));
      throw new Error('its session is gone');
    };
    expect(await deliver({ run: slower }, { continuation: { step: 1 } })).toEqual(RESULT);
  });
});

test('what a request came to can be asked for', async () => {
  expect(await settledOf(request(), 'request-1', ledger)).toBeUndefined();
  await deliver();
  expect(await settledOf(request(), 'request-1', ledger)).toEqual({ result: RESULT });
});
