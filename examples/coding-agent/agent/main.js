// A coding agent without a model: it searches for a program that satisfies the examples in its task, writes it down with
// a test, and commits both. Replace `solve` by a call to your model; the rest is what an agent on AgentCore needs.
'use strict';
const { execFileSync } = require('node:child_process');
const { existsSync, mkdirSync, writeFileSync } = require('node:fs');
const { createServer } = require('node:http');
const { join } = require('node:path');
const { solve } = require('./solve');

const WORKSPACE = process.env.WORKSPACE ?? '/mnt/workspace';
const PROJECT = join(WORKSPACE, 'project');

/** @param {{ name: string, examples: [string, string][] }} task */
function work(task) {
  const steps = solve(task.examples);
  if (!steps) return { done: false, message: `no program found for ${task.examples.length} examples` };

  // session storage is there once the first request of a session arrives, not while the agent starts
  if (!existsSync(join(PROJECT, '.git'))) {
    mkdirSync(PROJECT, { recursive: true });
    git('init', '--quiet', '--initial-branch=main');
  }
  writeFileSync(join(PROJECT, `${task.name}.js`), programText(task.name, steps));
  writeFileSync(join(PROJECT, `${task.name}.test.js`), testText(task));
  git('add', '--all');
  git('commit', '--quiet', '--message', `Add ${task.name}`);
  return { done: true, steps: steps.map((step) => step.name), commit: git('rev-parse', '--short', 'HEAD').trim() };
}

function programText(name, steps) {
  const calls = steps.map((step) => `  text = ${step.code};`);
  return ["'use strict';", '', `exports.${name} = function ${name}(text) {`, ...calls, '  return text;', '};', ''].join('\n');
}

function testText({ name, examples }) {
  const cases = examples.map(([given, wanted]) => `test(${JSON.stringify(given)}, () => assert.equal(${name}(${JSON.stringify(given)}), ${JSON.stringify(wanted)}));`);
  return [
    "'use strict';", "const assert = require('node:assert/strict');", "const { test } = require('node:test');",
    `const { ${name} } = require('./${name}');`, '', ...cases, '',
  ].join('\n');
}

function git(...args) {
  return execFileSync('git', ['-c', 'user.name=Coding Agent', '-c', 'user.email=agent@example.com', ...args], { cwd: PROJECT, encoding: 'utf8' });
}

const server = createServer(async (request, response) => {
  const answer = (status, body) => response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  try {
    if (request.method === 'GET' && request.url === '/ping') return answer(200, { status: 'Healthy' });
    if (request.method !== 'POST' || request.url !== '/invocations') return answer(404, { message: 'use POST /invocations' });
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    return answer(200, work(JSON.parse(Buffer.concat(chunks).toString())));
  } catch (error) {
    return answer(500, { message: error.message });
  }
});

server.listen(8080, '0.0.0.0');
