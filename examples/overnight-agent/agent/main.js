// An agent without a model, which works while nobody is there: it clones a repository, writes what its tests ask for, reads what the
// gates have said and mends that. Replace `repair` by a call to your model; the rest is what an agent of a loop needs.
'use strict';
const { execFileSync } = require('node:child_process');
const { existsSync, readFileSync, writeFileSync } = require('node:fs');
const { createServer } = require('node:http');
const { join } = require('node:path');

const PROJECT = process.env.PROJECT ?? '/mnt/workspace/project';
const SOURCE = join(PROJECT, 'median.js');

const FIRST_DRAFT = `'use strict';

exports.median = function median(numbers) {
  return numbers[Math.floor(numbers.length / 2)];
};
`;

/** What to change, and in which place, when a test complains. */
const REPAIRS = [
  {
    complaint: /not ok \d+ - numbers in any order/,
    place: 'return numbers[Math.floor(numbers.length / 2)];',
    change: 'const sorted = [...numbers].sort((a, b) => a - b);\n  return sorted[Math.floor(sorted.length / 2)];',
  },
  {
    complaint: /not ok \d+ - an even count of numbers/,
    place: 'return sorted[Math.floor(sorted.length / 2)];',
    change: 'const [low, high] = [sorted[Math.ceil(sorted.length / 2) - 1], sorted[Math.floor(sorted.length / 2)]];\n  return (low + high) / 2;',
  },
];

function git(...args) {
  const { GIT_AUTHOR_NAME = 'overnight agent', GIT_AUTHOR_EMAIL = 'agent@example.com' } = process.env;
  return execFileSync('git', args, {
    cwd: existsSync(PROJECT) ? PROJECT : '/',
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, GIT_AUTHOR_NAME, GIT_AUTHOR_EMAIL, GIT_COMMITTER_NAME: GIT_AUTHOR_NAME, GIT_COMMITTER_EMAIL: GIT_AUTHOR_EMAIL },
  });
}

function commit(message) {
  git('add', '--all');
  git('commit', '--quiet', '--message', message);
  return message;
}

function start() {
  if (!existsSync(join(PROJECT, '.git'))) git('clone', '--quiet', process.env.REMOTE, PROJECT);
  writeFileSync(SOURCE, FIRST_DRAFT);
  return commit('Add median');
}

function repair(observation) {
  const source = readFileSync(SOURCE, 'utf8');
  const known = REPAIRS.find(({ complaint, place }) => complaint.test(observation) && source.includes(place));
  if (!known) return 'have no idea what to change';
  writeFileSync(SOURCE, source.replace(known.place, known.change));
  return commit(`Mend median for ${/ - (.*)/.exec(known.complaint.source)[1]}`);
}

const server = createServer(async (request, response) => {
  const answer = (status, body) => response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  try {
    if (request.method === 'GET' && request.url === '/ping') return answer(200, { status: 'Healthy' });
    if (request.method !== 'POST' || request.url !== '/invocations') return answer(404, { message: 'use POST /invocations' });
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    const text = Buffer.concat(chunks).toString();
    const { observation } = JSON.parse(text);
    const message = observation === null ? start() : repair(observation);
    // a model would tell how much it has read and written; about four characters are a token
    return answer(200, { message, usage: { inputTokens: Math.ceil(text.length / 4), outputTokens: Math.ceil(message.length / 4) } });
  } catch (error) {
    return answer(500, { message: error.message });
  }
});

server.listen(8080, '0.0.0.0');
