// A coding agent without a model, which reads what its tests have said: each repair that it knows is for one complaint. Replace
// `repair` by a call to your model; the rest is what an agent on AgentCore needs.
'use strict';
const { mkdirSync, readFileSync, writeFileSync } = require('node:fs');
const { createServer } = require('node:http');
const { join } = require('node:path');

const PROJECT = join(process.env.WORKSPACE ?? '/mnt/workspace', 'project');
const SOURCE = join(PROJECT, 'median.js');

const FIRST_DRAFT = `'use strict';

exports.median = function median(numbers) {
  return numbers[Math.floor(numbers.length / 2)];
};
`;

const TESTS = `'use strict';
const assert = require('node:assert/strict');
const { test } = require('node:test');
const { median } = require('./median');

test('numbers in any order', () => assert.equal(median([5, 1, 3]), 3));
test('an even count of numbers', () => assert.equal(median([4, 1, 2, 3]), 2.5));
test('no numbers at all', () => assert.throws(() => median([]), RangeError));
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
  {
    complaint: /not ok \d+ - no numbers at all/,
    place: 'const sorted =',
    change: "if (numbers.length === 0) throw new RangeError('there is no median of no numbers');\n  const sorted =",
  },
];

function start() {
  mkdirSync(PROJECT, { recursive: true });
  writeFileSync(SOURCE, FIRST_DRAFT);
  writeFileSync(join(PROJECT, 'median.test.js'), TESTS);
  return 'wrote a first draft and its tests';
}

function repair(observation) {
  const source = readFileSync(SOURCE, 'utf8');
  const known = REPAIRS.find(({ complaint, place }) => complaint.test(observation) && source.includes(place));
  if (!known) return 'have no idea what to change';
  writeFileSync(SOURCE, source.replace(known.place, known.change));
  return `repaired: ${/ - (.*)/.exec(known.complaint.source)[1]}`;
}

const server = createServer(async (request, response) => {
  const answer = (status, body) => response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  try {
    if (request.method === 'GET' && request.url === '/ping') return answer(200, { status: 'Healthy' });
    if (request.method !== 'POST' || request.url !== '/invocations') return answer(404, { message: 'use POST /invocations' });
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    const { observation } = JSON.parse(Buffer.concat(chunks).toString());
    return answer(200, { message: observation === undefined ? start() : repair(observation) });
  } catch (error) {
    return answer(500, { message: error.message });
  }
});

server.listen(8080, '0.0.0.0');
