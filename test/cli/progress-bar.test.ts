import { progressLine, ProgressBar } from '../../src/cli/progress-bar';
import { formatBytes, formatSeconds } from '../../src/local/sizes';

test.each([[0, '0 B'], [999, '999 B'], [1_000, '1.0 kB'], [99_949, '99.9 kB'], [999_499, '999 kB'], [999_500, '1.0 MB'], [200_000_000, '200 MB'], [1.5e15, '1500 TB']])('%d bytes are %s', (bytes, text) => {
  expect(formatBytes(bytes)).toBe(text);
});

test.each([[0, '0:00'], [59.6, '1:00'], [3_661, '1:01:01']])('%d seconds are %s', (seconds, text) => {
  expect(formatSeconds(seconds)).toBe(text);
});

test('bar, bytes, rate and the time that is left; what came earlier is not part of the rate', () => {
  expect(progressLine({ phase: 'copying', bytes: 75_000_000, totalBytes: 100_000_000, resumedBytes: 50_000_000 }, 5))
    .toBe(`${'█'.repeat(18)}${'░'.repeat(6)}   75 %  75.0 MB of 100 MB  5.0 MB/s  0:05 left`.replace('░   75', '░   75'));
  expect(progressLine({ phase: 'placing', bytes: 0, totalBytes: 0, resumedBytes: 0 }, 0)).toContain('100 %');
});

function terminal(isTTY: boolean) {
  const written: string[] = [];
  return { written, stream: { isTTY, write: (text: string) => written.push(text) } as unknown as NodeJS.WriteStream };
}

const HALF = { phase: 'copying', bytes: 1, totalBytes: 2, resumedBytes: 0 } as const;

test('is shown on a terminal only, not more often than can be read, and taken away at the end', () => {
  const { written, stream } = terminal(true);
  let now = 0;
  const bar = new ProgressBar(stream, () => now);
  bar.show(HALF);
  now = 50;
  bar.show(HALF);
  now = 150;
  bar.show(HALF);
  bar.clear();
  bar.clear();
  expect(written).toHaveLength(3);
  expect(written.at(-1)).toBe('\r\u001b[K');
  const none = terminal(false);
  const silent = new ProgressBar(none.stream, () => now);
  silent.show(HALF);
  silent.clear();
  expect(none.written).toEqual([]);
});

test('has colours unless NO_COLOR asks for none', () => {
  const colored = (noColor: string | undefined) => {
    const { written, stream } = terminal(true);
    const before = process.env.NO_COLOR;
    if (noColor === undefined) delete process.env.NO_COLOR;
    else process.env.NO_COLOR = noColor;
    try {
      new ProgressBar(stream, () => 0).show(HALF);
    } finally {
      if (before === undefined) delete process.env.NO_COLOR;
      else process.env.NO_COLOR = before;
    }
    return written.join('').includes('\u001b[36m');
  };
  expect([colored(undefined), colored('1')]).toEqual([true, false]);
});
