import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Observation, OBSERVATIONS_VARIABLE } from './support/row';

// Runs the tests of this folder and prints what each row of the list of faults came to; further arguments go to jest.

const ROWS = 27;
const SCHEDULES = '1000';

interface Assertion {
  readonly title: string;
  readonly status: 'passed' | 'failed' | 'pending' | 'skipped' | 'todo';
  readonly failureMessages: readonly string[];
}

interface JestResults {
  readonly testResults: readonly { readonly name: string; readonly message: string; readonly assertionResults: readonly Assertion[] }[];
}

interface Line {
  readonly row: number;
  readonly injected: string;
  readonly observed: string;
  readonly passed: boolean;
}

function main(words: readonly string[]): number {
  const directory = mkdtempSync(join(tmpdir(), 'fault-table-'));
  try {
    const [results, observations] = [join(directory, 'results.json'), join(directory, 'observations')];
    const jest = require.resolve('jest/bin/jest');
    spawnSync(process.execPath, [jest, __dirname, '--json', `--outputFile=${results}`, '--testPathIgnorePatterns', '/node_modules/', ...words], {
      stdio: ['ignore', 'ignore', 'inherit'],
      env: { FAULT_SCHEDULES: SCHEDULES, ...process.env, [OBSERVATIONS_VARIABLE]: observations },
    });
    if (!existsSync(results)) throw new Error('jest gave no results; its own output says why');
    return print(JSON.parse(readFileSync(results, 'utf8')), observationsOf(observations));
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

function observationsOf(file: string): readonly Observation[] {
  if (!existsSync(file)) return [];
  return readFileSync(file, 'utf8').split('\n').filter((line) => line !== '').map((line) => JSON.parse(line));
}

function print({ testResults }: JestResults, observations: readonly Observation[]): number {
  const assertions = testResults.flatMap(({ assertionResults }) => assertionResults);
  const rows = assertions.filter(({ title }) => /^row \d+: /.test(title));
  const lines = rows.map((assertion) => lineOf(assertion, observations)).sort((a, b) => a.row - b.row);
  for (const { row, injected, observed, passed } of lines) {
    process.stdout.write(`${String(row).padStart(2)}  ${passed ? 'passed' : 'FAILED'}  ${injected}\n            ${observed}\n`);
  }
  const broken = testResults.filter(({ assertionResults, message }) => assertionResults.length === 0 && message);
  for (const { name, message } of broken) process.stdout.write(`--  FAILED  ${name}\n            ${firstLine(message)}\n`);
  const others = assertions.filter((assertion) => !rows.includes(assertion));
  for (const { title, status, failureMessages } of others) {
    process.stdout.write(`    ${status === 'passed' ? 'passed' : 'FAILED'}  ${title}\n${status === 'passed' ? '' : `            ${firstLine(failureMessages.join('\n'))}\n`}`);
  }

  const numbers = Array.from({ length: ROWS }, (_, i) => i + 1);
  const isPassed = (number: number) => {
    const own = lines.filter(({ row }) => row === number);
    return own.length > 0 && own.every(({ passed }) => passed);
  };
  const missing = numbers.filter((number) => !lines.some(({ row }) => row === number));
  if (missing.length > 0) process.stdout.write(`    FAILED  without any test: row ${missing.join(', ')}\n`);
  const passed = numbers.filter(isPassed).length;
  process.stdout.write(`${passed} passed, ${ROWS - passed} failed\n`);
  return passed === ROWS && broken.length === 0 && others.every(({ status }) => status === 'passed') ? 0 : 1;
}

function lineOf({ title, status, failureMessages }: Assertion, observations: readonly Observation[]): Line {
  const [, row, injected] = /^row (\d+): (.*)$/s.exec(title)!;
  const observed = observations.filter((observation) => observation.title === title).flatMap((observation) => observation.observed);
  const passed = status === 'passed';
  if (!passed) observed.push(firstLine(failureMessages.join('\n')) || `the test was ${status}`);
  return { row: Number(row), injected, observed: observed.join('; ') || 'nothing', passed };
}

/** What a failure begins with, without colours. */
function firstLine(message: string): string {
  // eslint-disable-next-line no-control-regex
  return message.replace(/\u001b\[\d*m/g, '').split('\n').filter((line) => line.trim() !== '').slice(0, 4).join(' ').slice(0, 300);
}

process.exitCode = main(process.argv.slice(2));
