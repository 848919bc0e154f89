import { readMountPoints } from '../../../../src/local/sessions/drivers/host-view';
import { HostEntry, HostView, planRoot } from '../../../../src/local/sessions/drivers/root-plan';

/** A host of the given directories; names that end in @ are links, in ! large files, in / directories, others files. */
function host(directories: Record<string, string[]>, view: Partial<HostView> = {}): HostView {
  const kindOf = (name: string): HostEntry['kind'] => ({ '@': 'link', '!': 'large-file', '/': 'directory' } as const)[name.at(-1)!] ?? 'file';
  return {
    mountPoints: ['/', '/proc'],
    list: (path) => (path === '/closed' ? undefined : (directories[path] ?? []).map((name) => ({ name: name.replace(/[@!/]$/, ''), kind: kindOf(name) }))),
    overlaysRoot: false,
    isDirectory: (path) => (path in directories ? true : undefined),
    isForeign: () => false,
    keepFiles: ['/etc/resolv.conf'],
    node: '/usr/bin/node',
    ...view,
  };
}

const ROOT = ['usr/', 'etc/', 'bin@', 'notes', 'swap!', 'proc/', 'tmp/', 'run/', 'mnt/', 'dev/', 'sys/', 'closed/'];

test('takes the root apart and lays one overlay over each directory', () => {
  expect(planRoot(host({ '/': ROOT }))).toEqual([
    { kind: 'copy', path: '/', names: ['bin', 'notes'] },
    { kind: 'bind', path: '/swap' },
    { kind: 'overlay', path: '/usr', foreign: false },
    { kind: 'overlay', path: '/etc', foreign: false },
    { kind: 'directory', path: '/closed' },
  ]);
});

test('takes a directory apart if another file system is mounted below, down to where it is', () => {
  const plan = planRoot(host(
    { '/': ['usr/', 'users/'], '/usr': ['local/', 'lib/', 'lib64@'], '/usr/local': ['node/', 'share/'] },
    { mountPoints: ['/', '/usr/local/node'], node: '/usr/local/node/bin/node' },
  ));
  expect(plan).toEqual([
    { kind: 'directory', path: '/usr' },
    { kind: 'copy', path: '/usr', names: ['lib64'] },
    { kind: 'directory', path: '/usr/local' },
    { kind: 'overlay', path: '/usr/local/node', foreign: false },
    { kind: 'overlay', path: '/usr/local/share', foreign: false },
    { kind: 'overlay', path: '/usr/lib', foreign: false },
    { kind: 'overlay', path: '/users', foreign: false },
  ]);
});

test('copies a file that is mounted on its own, as container engines do with resolv.conf', () => {
  expect(planRoot(host({ '/': ['etc/'], '/etc': ['resolv.conf', 'ssl/'] }, { mountPoints: ['/', '/etc/resolv.conf'] }))).toEqual([
    { kind: 'directory', path: '/etc' },
    { kind: 'copy', path: '/etc', names: ['resolv.conf'] },
    { kind: 'overlay', path: '/etc/ssl', foreign: false },
  ]);
});

test('leaves the stores of container engines empty', () => {
  const directories = { '/': ['var/'], '/var': ['lib/'], '/var/lib': ['docker/', 'git/'] };
  expect(planRoot(host(directories, { mountPoints: ['/', '/var/lib/docker/overlay2/x/merged'] }))).toContainEqual({ kind: 'directory', path: '/var/lib/docker' });
});

test('shows Node and the name servers also where they live in a directory that starts out fresh', () => {
  const plan = (view: Partial<HostView>) => planRoot(host({ '/': [] }, view));
  expect(plan({ node: '/mnt/tools/node-20/bin/node', keepFiles: ['/run/resolve/stub.conf'] })).toEqual([
    { kind: 'bind', path: '/run/resolve/stub.conf' }, { kind: 'bind', path: '/mnt/tools/node-20' },
  ]);
  expect(plan({ node: '/tmp/bin/node' })).toEqual([{ kind: 'bind', path: '/tmp/bin' }]);
});

test('marks directories of users who do not exist inside', () => {
  expect(planRoot(host({ '/': ['usr/', 'home/'] }, { isForeign: (path) => path === '/usr' }))).toEqual([
    { kind: 'overlay', path: '/usr', foreign: true }, { kind: 'overlay', path: '/home', foreign: false },
  ]);
});

test('where the root can be overlaid as it is, lays one over it and over each file system below', () => {
  const mountPoints = ['/', '/proc', '/mnt/disk', '/home', '/home', '/etc/resolv.conf', '/gone', '/var/lib/docker/overlay2/x/merged', '/home/user/disk'];
  const isDirectory = (path: string) => (path === '/gone' ? undefined : !path.endsWith('.conf'));
  expect(planRoot(host({ '/': ROOT }, { overlaysRoot: true, mountPoints, isDirectory }))).toEqual([
    { kind: 'overlay', path: '/', foreign: false },
    { kind: 'copy', path: '/etc', names: ['resolv.conf'] },
    { kind: 'overlay', path: '/home', foreign: false },
    { kind: 'overlay', path: '/home/user/disk', foreign: false },
  ]);
});

test('reads mount points with their escapes', () => {
  const line = (point: string) => `36 35 98:0 /mnt1 ${point} rw,noatime master:1 - ext3 /dev/root rw`;
  expect(readMountPoints(`${line('/')}\n${line('/media/my\\040disk')}\n`)).toEqual(['/', '/media/my disk']);
});
