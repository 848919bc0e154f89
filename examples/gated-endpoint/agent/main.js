// A shop whose sessions are its customers: each has a basket, in the session's storage.
'use strict';
const { existsSync, readFileSync, writeFileSync } = require('node:fs');
const { createServer } = require('node:http');
const { total } = require('./basket');

const BASKET = '/mnt/workspace/basket.json';
const DISCOUNT_PERCENT = Number(process.env.DISCOUNT_PERCENT);

/** @param {{ add?: { name: string, cents: number } }} order */
function serve(order) {
  const items = existsSync(BASKET) ? JSON.parse(readFileSync(BASKET, 'utf8')) : [];
  if (order.add) {
    items.push(order.add);
    writeFileSync(BASKET, JSON.stringify(items));
  }
  return { basket: items.map((item) => item.name), cents: total(items, DISCOUNT_PERCENT), discountPercent: DISCOUNT_PERCENT };
}

const server = createServer(async (request, response) => {
  const answer = (status, body) => response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  try {
    if (request.method === 'GET' && request.url === '/ping') return answer(200, { status: 'Healthy' });
    if (request.method !== 'POST' || request.url !== '/invocations') return answer(404, { message: 'use POST /invocations' });
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    return answer(200, serve(JSON.parse(Buffer.concat(chunks).toString())));
  } catch (error) {
    return answer(500, { message: error.message });
  }
});

server.listen(8080, '0.0.0.0');
