import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { Token } from 'aws-cdk-lib';
import { byRule } from '../runtime/rule-id';
import { composeScriptCall, validateScript } from '../service/script';

/**
 * What to run in a session; a value that never changes.
 *
 * The service writes the text of commands to the runtime's log group: never put secrets into it.
 *
 * @see https://docs.aws.amazon.com/bedrock-agentcore/latest/devguide/runtime-execute-command.html
 *
 * @example
 * Command.shell('npm ci && npm test');
 * Command.argv('git', 'commit', '-m', 'no shell looks into "this"');
 */
export class Command {
  /**
   * Text for `/bin/sh`, with all that a shell knows: `&&`, pipes, variables, several lines.
   *
   * Text with single quotes, backslashes or line ends reaches the shell by way of `base64`, which the image then has to have.
   *
   * @param text as one would type it; at most 65536 characters once it is wrapped for the service
   */
  public static shell(text: string): Command {
    return new Command(text);
  }

  /**
   * One program and its arguments; each reaches the program exactly as it is written here, no shell looks into it.
   *
   * Words other than plain ones of letters, digits and `_@%+=:,./-` take `base64` in the image.
   *
   * @param program looked up in the session's `PATH`, or an absolute path
   * @param args at most 65536 characters in all, once they are wrapped for the service
   */
  public static argv(program: string, ...args: string[]): Command {
    return new Command([program, ...args]);
  }

  /**
   * A script, run by the program that its `#!` line names, or by `/bin/sh` where it has none.
   *
   * In the session it becomes a file for the time of the run, which takes `base64`, `mktemp`, `chmod` and `rm` in the
   * image, besides the program itself.
   *
   * @param text about 48000 bytes at most, less with many single quotes: 65536 characters once it is wrapped for the service
   * @param args reach the script exactly as they are written here
   * @throws an error where the text is empty, too long, or no text
   */
  public static script(text: string, ...args: string[]): Command {
    return Command.ofScript('script', text, args);
  }

  /**
   * The same as `script`, with the text of a file, which is read at synth and becomes part of the template.
   *
   * A script that is too long belongs into the image, or the code, of the agent: run it there by `argv`. It is not sent by
   * way of S3, which would take the AWS CLI and permissions in each session.
   *
   * @param path of a file in UTF-8; relative paths count from the directory in which the app is synthesized
   * @param args reach the script exactly as they are written here
   * @throws an error where the file cannot be read, is empty, too long, or no text
   */
  public static fromFile(path: string, ...args: string[]): Command {
    return Command.ofScript(`script ${basename(path)}`, readText(path), args);
  }

  private static ofScript(name: string, text: string, args: readonly string[]): Command {
    // how long a token is cannot be told; the provider checks it again
    const faults = [text, ...args].some((part) => Token.isUnresolved(part)) ? [] : validateScript(name, text, args);
    if (faults.length > 0) throw new Error(byRule('commandScript', faults).join('; '));
    return new Command(composeScriptCall(text, args));
  }

  /**
   * Shell text, or the words of one program's call.
   *
   * @internal
   */
  public readonly _command: string | readonly string[];

  private constructor(command: string | readonly string[]) {
    this._command = command;
  }
}

function readText(path: string): string {
  let bytes: Buffer;
  try {
    bytes = readFileSync(path);
  } catch (error) {
    throw new Error(`script ${path} cannot be read (${(error as Error).message}); give a path to a file, relative to ${process.cwd()} or absolute`, { cause: error });
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (error) {
    throw new Error(`script ${path} is not text in UTF-8; put programs into the image of the agent and run them by Command.argv`, { cause: error });
  }
}
