import { LocalFunction } from '../deployer/lambda/function';

/** Takes modules away from a function, by the beginnings of their names, wherever they lie: nothing that it loads finds them. */
export function withoutModules(target: LocalFunction, modules: readonly string[]): LocalFunction {
  // NODE_OPTIONS is split at spaces: base64 has none
  const preload = `--import=data:text/javascript;base64,${Buffer.from(preloadSource(modules)).toString('base64')}`;
  const options = [target.environment.NODE_OPTIONS, preload].filter((option) => option).join(' ');
  return { ...target, environment: { ...target.environment, NODE_OPTIONS: options } };
}

function preloadSource(modules: readonly string[]): string {
  return `
    import module from 'node:module';
    const check = (name) => {
      if (${JSON.stringify(modules)}.some((start) => String(name).startsWith(start))) {
        throw Object.assign(new Error("Cannot find module '" + name + "': taken away by the fault plan"), { code: 'MODULE_NOT_FOUND' });
      }
    };
    const original = module._resolveFilename;
    module._resolveFilename = function (name, ...rest) {
      check(name);
      return original.call(this, name, ...rest);
    };
    if (module.registerHooks) {
      module.registerHooks({ resolve(name, context, next) { check(name); return next(name, context); } });
    } else {
      module.register('data:text/javascript;base64,' + Buffer.from(
        'const check = ' + check + '; export async function resolve(name, context, next) { check(name); return next(name, context); }',
      ).toString('base64'));
    }
  `;
}
