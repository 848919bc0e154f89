'use strict';
// Given to a function's process by NODE_OPTIONS: its time passes quickly, so that it need not be waited for until it takes a denial
// for one that lasts.
const promises = require('node:timers/promises');

const SPEED = 20;
const begun = Date.now();
const now = Date.now;
const { setTimeout: timeout } = globalThis;
const { setTimeout: sleep } = promises;
Date.now = () => begun + (now() - begun) * SPEED;
globalThis.setTimeout = Object.assign((call, millis = 0, ...more) => timeout(call, millis / SPEED, ...more), timeout);
promises.setTimeout = (millis = 0, ...more) => sleep(millis / SPEED, ...more);
