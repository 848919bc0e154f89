/**
 * The program of the child process that runs one invocation.
 *
 * It is text, given to `node -e`, so that it comes along when the deployer is bundled into one file. The invocation is
 * the first line of its standard input; should that end, the deployer is gone and the child ends too. The outcome goes
 * to file descriptor 3.
 */
export const BOOTSTRAP_SOURCE = `'use strict';
const fs = require('node:fs');
const path = require('node:path');
const { pathToFileURL } = require('node:url');

let input = '';
const onData = (chunk) => {
  input += chunk;
  const end = input.indexOf('\\n');
  if (end < 0) return;
  process.stdin.off('data', onData);
  process.stdin.resume();
  // neither waiting for the deployer's end nor anything else of ours may keep the function alive
  process.stdin.unref();
  run(JSON.parse(input.slice(0, end)));
};
process.stdin.setEncoding('utf8');
process.stdin.on('data', onData);
process.stdin.on('end', () => process.exit(1));

function finish(outcome) {
  fs.writeSync(3, JSON.stringify(outcome) + '\\n');
  process.exit(0);
}

function fail(error) {
  const isError = error instanceof Error;
  finish({ error: { type: isError ? error.name : 'Error', message: isError ? error.message : String(error), stack: isError ? error.stack : undefined } });
}
process.on('uncaughtException', fail);
process.on('unhandledRejection', fail);

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

async function run({ taskRoot, handler, event, context, timeoutMillis }) {
  const deadline = performance.timeOrigin + timeoutMillis;
  const lambdaContext = { ...context, callbackWaitsForEmptyEventLoop: true, getRemainingTimeInMillis: () => Math.max(0, Math.round(deadline - Date.now())) };
  try {
    const target = await load(taskRoot, handler);
    const callback = (error, result) => {
      if (error !== undefined && error !== null) fail(error);
      else if (lambdaContext.callbackWaitsForEmptyEventLoop) process.on('beforeExit', () => finish({ result: result === undefined ? null : result }));
      else finish({ result: result === undefined ? null : result });
    };
    const returned = target(event, lambdaContext, callback);
    if (returned && typeof returned.then === 'function') finish({ result: (await returned) ?? null });
  } catch (error) {
    fail(error);
  }
}
`;
