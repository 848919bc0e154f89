'use strict';

/** What a program can be put together from: a name, the code, and the code as a function. */
const STEPS = Object.entries({
  trim: 'text.trim()',
  lowerCase: 'text.toLowerCase()',
  upperCase: 'text.toUpperCase()',
  withoutAccents: "text.normalize('NFD').replace(/\\p{M}/gu, '')",
  wordsOnly: "text.replace(/[^\\p{L}\\p{N}\\s]/gu, '')",
  hyphens: "text.replace(/\\s+/g, '-')",
  underscores: "text.replace(/\\s+/g, '_')",
  oneSpace: "text.replace(/\\s+/g, ' ')",
  titleCase: 'text.replace(/\\b\\p{L}/gu, (letter) => letter.toUpperCase())',
  reversed: "[...text].reverse().join('')",
}).map(([name, code]) => ({ name, code, run: new Function('text', `return ${code};`) }));

const LONGEST_PROGRAM = 5;

/**
 * The shortest sequence of steps that turns the first text of each example into the second, or undefined.
 *
 * Programs that do the same to all examples so far are tried once only, which keeps the search small.
 */
exports.solve = function solve(examples) {
  const wanted = JSON.stringify(examples.map(([, text]) => text));
  let programs = [{ steps: [], texts: examples.map(([text]) => text) }];
  const seen = new Set();
  for (let length = 0; length <= LONGEST_PROGRAM; length++) {
    const found = programs.find(({ texts }) => JSON.stringify(texts) === wanted);
    if (found) return found.steps;
    programs = programs.flatMap(({ steps, texts }) => STEPS.map((step) => ({ steps: [...steps, step], texts: texts.map(step.run) })))
      .filter(({ texts }) => {
        const key = JSON.stringify(texts);
        return !seen.has(key) && seen.add(key);
      });
  }
  return undefined;
};
