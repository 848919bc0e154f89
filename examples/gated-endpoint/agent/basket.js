'use strict';

/** What a basket costs after the discount, in cents. */
exports.total = function total(items, discountPercent) {
  const sum = items.reduce((cents, item) => cents + item.cents, 0);
  return Math.round(sum * (1 - discountPercent / 100));
};
