import { isLoopback } from '../../src/service/loopback';

test.each(['localhost', 'LOCALHOST', '127.0.0.1', '127.8.0.255', '[::1]', '::1'])('%s is this machine', (host) => {
  expect(isLoopback(host)).toBe(true);
});

test.each(['localhost.example.com', '127.0.0.1.example.com', '128.0.0.1', 'x127.0.0.1', '[::2]', '', '169.254.169.254'])('%j is not', (host) => {
  expect(isLoopback(host)).toBe(false);
});
