import { Template, TemplateResource } from './template';

/** How bad it is: an error does not deploy or does harm, a warning may be meant, an info is good to know. */
export type Severity = 'error' | 'warning' | 'info';

/** What is wrong with a resource by one rule; each finding names the value. */
export type Check = (resource: TemplateResource, template: Template) => string[];

/** A rule over the resources of a template. */
export interface Rule {
  /** In camelCase; the second half of the rule's id. */
  readonly name: string;
  readonly severity: Severity;
  /** Where the value stands, below the properties of the resource. */
  readonly property?: string;
  /** What to do about it. */
  readonly fix: string;
  readonly check: Check;
  /** Whether it looks at other resources too, and so says nothing about one resource alone. */
  readonly acrossResources?: boolean;
}
