import { findProgram, searchPath } from '../../../../src/local/sessions/drivers/search-path';

const STANDARD = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

test('puts the running Node first where the host would not find it', () => {
  expect(searchPath('/opt/tools:/usr/bin', '/opt/node/bin/node')).toBe('/opt/node/bin:/opt/tools:/usr/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/sbin:/bin');
});

test("keeps the host's order where it has Node, without relative directories and a project's own tools", () => {
  expect(searchPath('/a/node_modules/.bin:.:/opt/tools:/opt/node/bin', '/opt/node/bin/node')).toBe(`/opt/tools:/opt/node/bin:${STANDARD}`);
});

test('programs are found by their absolute path, or missed by name', () => {
  expect(findProgram('sh', '/nowhere:/bin')).toBe('/bin/sh');
  expect(() => findProgram('no-such-program', '/nowhere:/bin')).toThrow('no-such-program is not found on the PATH');
});
