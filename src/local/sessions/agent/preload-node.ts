/**
 * Loaded into an agent's Node before its own code: sessions share the host's network, so a server that asks for the
 * contract's port gets the one that is the session's own, and nothing listens beyond the loopback interface.
 */
export const NODE_PRELOAD = `'use strict';
const net = require('node:net');

// a child of the agent may have been given another environment
const [contractPort, ownPort] = (process.env.AGENTCORE_LOCAL_LISTEN || '-1:-1').split(':').map(Number);
const mapPort = (port) => (Number(port) === contractPort ? ownPort : port);
const mapHost = (host) => (!host || host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host);
const isPort = (value) => typeof value === 'number' || (typeof value === 'string' && /^[0-9]+$/.test(value));

const listen = net.Server.prototype.listen;
net.Server.prototype.listen = function (...args) {
  const [first, ...rest] = args;
  if (isPort(first)) {
    const host = rest.find((value) => typeof value === 'string');
    const backlog = rest.find((value) => typeof value === 'number');
    const callback = rest.filter((value) => typeof value === 'function');
    return listen.call(this, { port: mapPort(first), host: mapHost(host), backlog }, ...callback);
  }
  if (first !== null && typeof first === 'object' && isPort(first.port)) {
    return listen.call(this, { ...first, port: mapPort(first.port), host: mapHost(first.host) }, ...rest);
  }
  return listen.apply(this, args);
};
`;
