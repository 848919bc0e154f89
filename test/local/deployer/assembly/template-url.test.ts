import { objectOf, templateAt } from '../../../../src/local/deployer/assembly/template-url';
import { scratchDirectory, writeFiles } from '../scratch';

test.each([
  ['https://s3.us-east-1.amazonaws.com/assets/dir/one.json', { bucket: 'assets', key: 'dir/one.json' }],
  ['https://s3.cn-north-1.amazonaws.com.cn/assets/one%20two.json', { bucket: 'assets', key: 'one two.json' }],
  ['https://s3-eu-west-1.amazonaws.com/assets/one.json', { bucket: 'assets', key: 'one.json' }],
  ['https://my.assets.s3.us-east-1.amazonaws.com/dir/one.json', { bucket: 'my.assets', key: 'dir/one.json' }],
  ['https://s3.us-east-1.amazonaws.com/assets', undefined],
  ['https://example.com/assets/one.json', undefined],
  ['one.json', undefined],
])('%s', (url, location) => {
  expect(objectOf(url)).toEqual(location);
});

test('the template of an asset is read; one that is missing is told of', () => {
  const directory = writeFiles(scratchDirectory(), { 'one.json': '{"Resources":{}}' });
  const asset = (name: string) => ({ id: name, displayName: 'One Template', path: `${directory}/${name}`, packaging: 'file' as const, destinations: [] });
  expect(templateAt('https://s3.us-east-1.amazonaws.com/b/one.json', ({ bucket, key }) => (bucket === 'b' ? asset(key) : undefined)))
    .toEqual({ path: `${directory}/one.json`, template: { Resources: {} } });
  expect(templateAt('https://s3.us-east-1.amazonaws.com/other/one.json', () => undefined)).toBeUndefined();
  expect(() => templateAt('https://s3.us-east-1.amazonaws.com/b/gone.json', ({ key }) => asset(key))).toThrow('the template One Template is missing; run `cdk synth` again');
});
