/**
 * What to run in a session; a value that never changes.
 *
 * The service writes the text of commands to the runtime's log group: never put secrets into it.
 *
 * @see https://docs.aws.amazon.com/bedrock-agentcore/latest/devguide/runtime-execute-command.html
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
   * Shell text, or the words of one program's call.
   *
   * @internal
   */
  public readonly _command: string | readonly string[];

  private constructor(command: string | readonly string[]) {
    this._command = command;
  }
}
