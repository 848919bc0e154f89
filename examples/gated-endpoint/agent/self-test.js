// What a version of the shop has to pass before customers meet it: it runs in a session of that version, with its configuration.
'use strict';
const { writeFileSync, rmSync } = require('node:fs');
const { total } = require('./basket');

function must(holds, fault) {
  if (holds) return;
  console.error(fault);
  process.exit(1);
}

const discount = Number(process.env.DISCOUNT_PERCENT);
const price = total([{ name: 'book', cents: 2000 }, { name: 'pen', cents: 150 }], discount);
must(price > 0, `with a discount of ${discount} % we pay our customers ${-price} cents for a book and a pen`);
must(price <= 2150, `with a discount of ${discount} % a book and a pen cost ${price} cents, more than without`);

writeFileSync('/mnt/workspace/self-test', 'baskets can be kept');
rmSync('/mnt/workspace/self-test');
console.log(`a book and a pen cost ${price} cents`);
