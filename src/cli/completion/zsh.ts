import { commandsOf, CompletionNode, CompletionWord, quoted, valuesOf } from './tree';

/** A script for zsh that completes the command lines of a program, with descriptions. */
export function zshCompletion(program: string, nodes: readonly CompletionNode[]): string {
  const name = `_${program.replace(/\W/g, '_')}`;
  return `#compdef ${program}
# completion of ${program} for zsh; to use it: source <(${program} completion zsh), or save it as ${name} in a directory of $fpath
${name}() {
  local word place='' skip='' previous
  local -a commands options values
  local -i i
  for ((i = 2; i < CURRENT; i++)); do
    word="\${words[i]}"
    # what comes after it is a command of the session
    if [[ "$word" == -- ]]; then _files; return; fi
    if [[ -n "$skip" ]]; then skip=''; continue; fi
    case "$place $word" in
${casesOf(commandsOf(nodes).map(({ at, path }) => [at, `place=${quoted(path)}`]))}
${casesOf(valuesOf(nodes).map(({ at }) => [at, 'skip=1']))}
    esac
  done
  previous="\${words[CURRENT - 1]}"
  case "$place $previous" in
${casesOf(valuesOf(nodes).map(({ at, choices }) => [at, `${choices.length > 0 ? `values=(${choices.map(quoted).join(' ')}); compadd -a values` : '_files'}; return`]))}
  esac
  case "$place" in
${casesOf(nodes.map(({ path, commands, options }) => [path, `commands=(${listOf(commands)}) options=(${listOf(options)})`]))}
  esac
  if [[ "\${words[CURRENT]}" == -* ]]; then _describe option options; return; fi
  if (( \${#commands} )); then _describe command commands; else _files; fi
}
if [[ "$funcstack[1]" == ${name} ]]; then ${name} "$@"; else compdef ${name} ${program}; fi
`;
}

/** In \`_describe\`, a colon ends the word. */
function described(text: string): string {
  return text.replace(/\s+/g, ' ').replace(/:/g, '\\:');
}

function listOf(words: readonly CompletionWord[]): string {
  return words.map(({ word, description }) => quoted(`${word}:${described(description)}`)).join(' ');
}

/** The branches of a `case`, each a pattern and what is done there. */
function casesOf(branches: readonly (readonly [string, string])[]): string {
  return branches.map(([pattern, commands]) => `      (${quoted(pattern)}) ${commands} ;;`).join('\n');
}
