import { commandsOf, CompletionNode, CompletionWord, quoted, valuesOf } from './tree';

/** A script for bash 3.2 and later that completes the command lines of a program. */
export function bashCompletion(program: string, nodes: readonly CompletionNode[]): string {
  const name = `_${program.replace(/\W/g, '_')}`;
  return `# completion of ${program} for bash; to use it: source <(${program} completion bash)
${name}() {
  local word path='' commands options i skip=''
  COMPREPLY=()
  for ((i = 1; i < COMP_CWORD; i++)); do
    word="\${COMP_WORDS[i]}"
    # what comes after it is a command of the session
    [ "$word" = -- ] && return
    if [ -n "$skip" ]; then skip=''; continue; fi
    case "$path $word" in
${casesOf(commandsOf(nodes).map(({ at, path }) => [at, `path=${quoted(path)}`]))}
${casesOf(valuesOf(nodes).map(({ at }) => [at, 'skip=1']))}
    esac
  done
  word="\${COMP_WORDS[COMP_CWORD]}"
  case "$path \${COMP_WORDS[COMP_CWORD - 1]}" in
${casesOf(valuesOf(nodes).map(({ at, choices }) => [at, `${choices.length > 0 ? `COMPREPLY=($(compgen -W ${quoted(choices.join(' '))} -- "$word")); ` : ''}return`]))}
  esac
  case "$path" in
${casesOf(nodes.map(({ path, commands, options }) => [path, `commands=${quoted(wordsOf(commands))} options=${quoted(wordsOf(options))}`]))}
  esac
  case "$word" in
    -*) COMPREPLY=($(compgen -W "$options" -- "$word")) ;;
    *) COMPREPLY=($(compgen -W "$commands" -- "$word")) ;;
  esac
}
# where there is nothing to say, names of files
complete -o default -F ${name} ${program}
`;
}

function wordsOf(words: readonly CompletionWord[]): string {
  return words.map(({ word }) => word).join(' ');
}

/** The branches of a `case`, each a pattern and what is done there. */
function casesOf(branches: readonly (readonly [string, string])[]): string {
  return branches.map(([pattern, commands]) => `      ${quoted(pattern)}) ${commands} ;;`).join('\n');
}
