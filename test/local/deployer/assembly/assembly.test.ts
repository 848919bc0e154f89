import { join } from 'node:path';
import { readAssembly, selectStacks, withDependencies } from '../../../../src/local/deployer/assembly/assembly';
import { scratchDirectory, writeFiles } from '../scratch';

const stack = (name: string, more = {}) => ({ type: 'aws:cloudformation:stack', environment: 'aws://unknown-account/unknown-region', properties: { templateFile: `${name}.json` }, ...more });

function sample(): string {
  return writeFiles(scratchDirectory(), {
    'manifest.json': JSON.stringify({
      version: '99.1.0',
      artifacts: {
        'B': stack('B', { dependencies: ['A', 'B.assets'], environment: 'aws://123456789012/eu-west-1' }),
        'A': stack('A', { properties: { templateFile: 'A.json', stackName: 'real-a', parameters: { P: 'v' } } }),
        'B.assets': { type: 'cdk:asset-manifest', properties: { file: 'B.assets.json' } },
        'assembly-Prod': { type: 'cdk:cloud-assembly', properties: { directoryName: 'assembly-Prod' } },
        'Tree': { type: 'cdk:tree', properties: { file: 'tree.json' } },
      },
    }),
    'A.json': '{"Resources":{}}',
    'B.json': '{"Resources":{}}',
    'B.assets.json': JSON.stringify({
      files: {
        abc: { source: { path: 'asset.abc', packaging: 'zip' }, destinations: { here: { bucketName: 'b-${AWS::AccountId}', objectKey: 'abc.zip' } } },
        made: { source: { executable: ['make'] }, destinations: {} },
      },
      dockerImages: { img: { displayName: 'Image' }, other: {} },
    }),
    'assembly-Prod/manifest.json': JSON.stringify({ artifacts: { ProdIn: stack('ProdIn', { displayName: 'Prod/In' }) } }),
    'assembly-Prod/ProdIn.json': '{"Resources":{}}',
  });
}

test('stacks of all assemblies, dependencies first, with their assets', () => {
  const directory = sample();
  const stacks = readAssembly(directory);
  expect(stacks.map(({ id, stackName, displayName, region }) => ({ id, stackName, displayName, region }))).toEqual([
    { id: 'A', stackName: 'real-a', displayName: 'A', region: undefined },
    { id: 'B', stackName: 'B', displayName: 'B', region: 'eu-west-1' },
    { id: 'ProdIn', stackName: 'ProdIn', displayName: 'Prod/In', region: undefined },
  ]);
  expect(stacks[0].parameters).toEqual({ P: 'v' });
  expect(stacks[1].assets).toEqual({
    files: [{ id: 'abc', displayName: 'abc', path: join(directory, 'asset.abc'), packaging: 'zip', destinations: [{ bucket: 'b-${AWS::AccountId}', key: 'abc.zip' }] }],
    images: ['Image', 'other'],
  });
});

test('stacks are chosen by any of their names, with what they depend on', () => {
  const stacks = readAssembly(sample());
  const chosen = (...names: string[]) => withDependencies(stacks, selectStacks(stacks, names)).map(({ id }) => id);
  expect(chosen('B')).toEqual(['A', 'B']);
  expect(chosen('real-a')).toEqual(['A']);
  expect(chosen('Prod/In')).toEqual(['ProdIn']);
  expect(chosen()).toEqual(['A', 'B', 'ProdIn']);
  expect(() => chosen('C', 'D')).toThrow('no stack called C, D; it has A, B, Prod/In');
});

test.each<[string, Record<string, string>, string]>([
  ['no manifest', {}, 'is not a cloud assembly; run `cdk synth`'],
  ['a broken manifest', { 'manifest.json': '{' }, 'is not valid JSON'],
  ['no template', { 'manifest.json': JSON.stringify({ artifacts: { A: stack('A') } }) }, 'the template of stack A is missing'],
  ['stacks in a circle', {
    'manifest.json': JSON.stringify({ artifacts: { A: stack('A', { dependencies: ['B'] }), B: stack('A', { dependencies: ['A'] }) } }), 'A.json': '{}',
  }, 'in a circle: A -> B -> A'],
])('%s is told in one line', (_, files, message) => {
  const directory = writeFiles(scratchDirectory(), files);
  expect(() => readAssembly(directory)).toThrow(expect.objectContaining({ name: 'DeployerError', message: expect.stringMatching(/^[^\n]*$/) }));
  expect(() => readAssembly(directory)).toThrow(message);
});
