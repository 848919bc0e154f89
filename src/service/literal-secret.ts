/** A form that secrets have and little else has. */
interface SecretForm {
  /** What it is, as a message names it; never with the value. */
  readonly kind: string;
  readonly form: RegExp;
}

/** Secrets that are known by themselves, wherever they stand. */
const FORMS: readonly SecretForm[] = [
  { kind: 'an AWS access key id', form: /(?<![A-Za-z0-9])(?:AKIA|ASIA)[A-Z2-7]{16}(?![A-Za-z0-9])/ },
  { kind: 'a GitHub token', form: /(?<![A-Za-z0-9])(?:gh[pousr]_[A-Za-z0-9]{36,}|github_pat_[A-Za-z0-9_]{22,})/ },
  { kind: 'a GitLab token', form: /(?<![A-Za-z0-9])glpat-[A-Za-z0-9_-]{20,}/ },
  { kind: 'a Slack token', form: /(?<![A-Za-z0-9])xox[abeoprs]-[A-Za-z0-9-]{10,}/ },
  // with a digit: names such as `sk-some-component` are many
  { kind: 'a secret API key', form: /(?<![A-Za-z0-9-])sk-(?:(?:proj|svcacct|admin|ant)-(?=[A-Za-z_-]*\d)[A-Za-z0-9_-]{20,}|(?=[A-Za-z]*\d)[A-Za-z0-9]{20,})/ },
  { kind: 'a Stripe key', form: /(?<![A-Za-z0-9])[rs]k_(?:live|test)_[A-Za-z0-9]{16,}/ },
  { kind: 'a Google API key', form: /(?<![A-Za-z0-9])AIza[A-Za-z0-9_-]{35}(?![A-Za-z0-9_-])/ },
  { kind: 'an npm token', form: /(?<![A-Za-z0-9])npm_[A-Za-z0-9]{36}(?![A-Za-z0-9])/ },
  { kind: 'a private key', form: /-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY(?: BLOCK)?-----/ },
  { kind: 'a JSON web token', form: /(?<![A-Za-z0-9])eyJ[A-Za-z0-9_-]{10,2000}\.eyJ[A-Za-z0-9_-]{10,4000}\.[A-Za-z0-9_-]{10,}/ },
  { kind: 'a bearer token', form: /(?<![A-Za-z0-9])Bearer +(?=[^\s\d]*\d)[A-Za-z0-9._~+/-]{20,}/i },
  { kind: 'a URL with a password', form: /(?<![A-Za-z0-9])[a-z][a-z0-9+.-]{0,20}:\/\/[^\s/:@$<{]{0,100}:(?![$<{%*])[^\s/:@]{3,200}@/i },
];

/** The end of a name that something secret is assigned to; what has the secret's place for its value ends otherwise. */
const SECRET_NOUN = /(password|passwd|passphrase)$|(?:^|_)(pwd|secret|token|api_?key|access_?key|private_?key)$/;

/** `name=value`, `name: value`, `"name": "value"`, `--name=value`. */
const ASSIGNMENT = /(?<![\w.-])-*([A-Za-z][\w.-]*)["']?\s{0,2}[=:]\s{0,2}(?:"([^"\n]*)"|'([^'\n]*)'|([^\s"';&|)}\],]+))/g;

/** Words that stand in the place of a secret. */
const PLACEHOLDER = /^(?:x+|\*+|\.+|none|null|nil|undefined|true|false|yes|no|string|redacted|placeholder|secret|password|token|dummy|example|todo|tbd|(?:change|replace|fill)[-_]?(?:me|in|it)|(?:your|my|the|a|some|fake|test|example|dummy)[-_ ].*|.*example.*)$/i;

/**
 * What a text seems to hold that should be no literal: kinds of secrets, each once, never their values.
 *
 * It knows tokens by their published forms, and assignments of literals to names that end like `PASSWORD`. References to
 * variables, files and other places are no findings, nor are placeholders.
 */
export function literalSecretsIn(text: string): string[] {
  const found = FORMS.filter(({ form }) => matchesBeyondExamples(form, text)).map(({ kind }) => kind);
  if (found.length > 0) return found;
  for (const [, name, ...values] of text.matchAll(ASSIGNMENT)) {
    const value = values.find((candidate) => candidate !== undefined) ?? '';
    const kind = kindByName(name, value);
    if (kind) return [kind];
  }
  return [];
}

/** The same for a variable, whose name tells what its value is. */
export function literalSecretsInVariable(name: string, value: string): string[] {
  const found = literalSecretsIn(value);
  const kind = kindByName(name, value);
  return found.length === 0 && kind ? [kind] : found;
}

/** AWS's documentation, among others, marks its keys as examples. */
function matchesBeyondExamples(form: RegExp, text: string): boolean {
  return form.test(text) && [...text.matchAll(new RegExp(form, `${form.flags}g`))].some(([match]) => !/EXAMPLE$/.test(match));
}

/** What a value is by the name that it is assigned to; undefined where it is no literal secret. */
function kindByName(name: string, value: string): string | undefined {
  const words = name.replace(/([a-z0-9])([A-Z])/g, '$1_$2').replace(/[^A-Za-z0-9]+/g, '_').toLowerCase();
  const [, pass, other] = SECRET_NOUN.exec(words) ?? [];
  const noun = pass ?? other;
  return noun !== undefined && isLiteral(value, pass !== undefined || noun === 'pwd') ? `a literal ${noun.replace('_', ' ')}` : undefined;
}

function isLiteral(value: string, password: boolean): boolean {
  if (value.length < 6 || PLACEHOLDER.test(value)) return false;
  // a variable, a substitution, a flag, a file, a template
  if (/^[$<{%(`~@/.?+=\\-]/.test(value) || /\$\{?[A-Za-z(]|\{\{|process\.env|os\.environ/.test(value)) return false;
  // a place: an ARN, a URL, a path
  if (/^(?:arn:|[a-z][a-z0-9+.-]*:\/\/)/i.test(value) || /^[a-z0-9_.-]+(?:\/[a-z0-9_.-]+)+$/.test(value)) return false;
  if (password) return !/\s/.test(value);
  // else a word may be the name of the secret, and a number a count of tokens; what is secret is long and mixed
  return /\d/.test(value) && /[A-Za-z]/.test(value) && !/\s/.test(value) && value.length >= 8;
}
