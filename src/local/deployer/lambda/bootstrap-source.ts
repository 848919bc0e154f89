/**
 * The program of the child process that runs a function: one invocation after the other, as an execution environment of Lambda.
 *
 * It is text, given to `node -e`, so that it comes along when the deployer is bundled into one file. Each line of its
 * standard input is an invocation; should that end, the deployer is gone and the child ends too. Outcomes go to file
 * descriptor 3, a line each, and after each of them the mark of the invocation to both streams, so that whoever reads them
 * knows which lines were written for it.
 */
export const BOOTSTRAP_SOURCE = `'use strict';
const fs = require('node:fs');
const path = require('node:path');
const { pathToFileURL } = require('node:url');

const writers = [process.stdout, process.stderr].map((stream) => stream.write.bind(stream));
let input = '';
let current;
// the time of the first invocation counts from the start of the process
let startedAt = performance.timeOrigin;
process.stdin.setEncoding('utf8');
process.stdin.on('data', (chunk) => {
  input += chunk;
  const end = input.indexOf('\\n');
  if (end < 0) return;
  const line = input.slice(0, end);
  input = input.slice(end + 1);
  // neither waiting for the next invocation nor anything else of ours may keep the function alive
  process.stdin.unref();
  run(JSON.parse(line));
});
process.stdin.on('end', () => process.exit(1));
// nothing is left to do, and the function has not returned: Lambda takes that for an empty result
process.on('beforeExit', () => current && finish(current, current.onEmpty));

function finish(invocation, outcome) {
  // what comes late belongs to no invocation
  if (invocation !== current) return;
  current = undefined;
  fs.writeSync(3, JSON.stringify(outcome) + '\\n');
  writers.forEach((write) => write(invocation.mark + '\\n'));
  if (outcome.last) process.exit(0);
  process.stdin.ref();
}

function failure(error) {
  const isError = error instanceof Error;
  return { error: { type: isError ? error.name : 'Error', message: isError ? error.message : String(error), stack: isError ? error.stack : undefined } };
}

function crash(error) {
  if (current) finish(current, { ...failure(error), last: true });
  process.exit(1);
}
process.on('uncaughtException', crash);
process.on('unhandledRejection', crash);

async function load(taskRoot, handler) {
  const base = path.basename(handler);
  const dot = base.indexOf('.');
  if (dot < 1) throw new Error('handler ' + JSON.stringify(handler) + ' is not of the form module.export');
  const file = path.join(taskRoot, path.dirname(handler), base.slice(0, dot));
  const found = ['.js', '.mjs', '.cjs'].map((extension) => file + extension).find((candidate) => fs.existsSync(candidate));
  if (!found) throw new Error('Cannot find module ' + JSON.stringify(path.relative(taskRoot, file)) + ' in the code of the function');
  const loaded = found.endsWith('.mjs') ? await import(pathToFileURL(found).href) : await loadCommonJs(found);
  const target = base.slice(dot + 1).split('.').reduce((object, name) => object && object[name], loaded);
  if (typeof target !== 'function') throw new Error(handler + ' is undefined or not exported');
  return target;
}

async function loadCommonJs(file) {
  try {
    return require(file);
  } catch (error) {
    if (error.code !== 'ERR_REQUIRE_ESM') throw error;
    return import(pathToFileURL(file).href);
  }
}

async function run({ mark, taskRoot, handler, event, context, timeoutMillis }) {
  const deadline = (startedAt ?? Date.now()) + timeoutMillis;
  startedAt = undefined;
  const invocation = { mark, onEmpty: { result: null } };
  current = invocation;
  const lambdaContext = { ...context, callbackWaitsForEmptyEventLoop: true, getRemainingTimeInMillis: () => Math.max(0, Math.round(deadline - Date.now())) };
  try {
    const target = await load(taskRoot, handler);
    const callback = (error, result) => {
      const outcome = error !== undefined && error !== null ? failure(error) : { result: result === undefined ? null : result };
      if (outcome.error || !lambdaContext.callbackWaitsForEmptyEventLoop) finish(invocation, outcome);
      else invocation.onEmpty = outcome;
    };
    const returned = target(event, lambdaContext, callback);
    if (returned && typeof returned.then === 'function') finish(invocation, { result: (await returned) ?? null });
  } catch (error) {
    finish(invocation, failure(error));
  }
}
`;
