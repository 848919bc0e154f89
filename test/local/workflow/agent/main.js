// Does what its task says: writes down each observation that it gets, and misbehaves where it is told to.
'use strict';
const { appendFileSync } = require('node:fs');
const { createServer } = require('node:http');

createServer(async (request, response) => {
  if (request.method === 'GET') return response.writeHead(200, { 'content-type': 'application/json' }).end('{"status":"Healthy"}');
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  const { task, iteration, observation } = JSON.parse(Buffer.concat(chunks).toString());
  const json = (text) => response.writeHead(200, { 'content-type': 'application/json' }).end(text);
  switch (task.agent) {
    case 'never answers': return undefined;
    case 'answers garbage': return json('{"usage": ');
    case 'counts garbage': return json('{"usage": {"totalTokens": "many"}}');
    case 'answers too much': return json(JSON.stringify('x'.repeat(200_000)));
    case 'dies': return process.exit(1);
    case 'dies in the middle':
      response.writeHead(200, { 'content-type': 'application/json' });
      return response.write('{"usage": ', () => process.exit(1));
    case 'fails': return response.writeHead(500, { 'content-type': 'application/json' }).end('{"message":"no idea"}');
    default:
      appendFileSync(`${process.env.HOME}/rounds`, `round ${iteration}\n`);
      return json(JSON.stringify({ heard: observation, usage: { totalTokens: 100 } }));
  }
}).listen(8080, '0.0.0.0');
